"""The timeline of a story as SVG: a mark for each copy, where it stands in time. All looks come from `reading.css`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from archive.copies import Member
from archive.records import parse_utc
from archive.web.moments import distance, spoken

WIDTH, HEIGHT, EDGE = 1000, 56, 12  # units of the drawing
LINE = 26  # height of the line of time
RADIUS, LARGEST = 6, 9  # of a copy, and of the first one
SPREAD = 13  # how far copies of nearly the same moment are moved apart


def timeline(members: Sequence[Member], base: str) -> Markup:
    """Draw the copies of a story in order of appearance; none for fewer than two moments. `base`: address of articles."""
    moments = [_moment(member) for member in members]
    known = [moment for moment in moments if moment is not None]
    if len(known) < 2 or max(known) == min(known):
        return Markup("")
    start, span = min(known), (max(known) - min(known)).total_seconds()
    marks, last, lane = [], -1000.0, 0
    for place, (member, moment) in enumerate(zip(members, moments, strict=True)):
        if moment is None:
            continue
        x = EDGE + (WIDTH - 2 * EDGE) * (moment - start).total_seconds() / span
        lane = (lane + 1) % 3 if x - last < SPREAD else 0
        last = x
        y = LINE + (0, -SPREAD, SPREAD)[lane]
        label = f"{member.name}, {spoken(member.published_at)}"
        marks.append(
            Markup('<a href="{}{}"><circle cx="{:.1f}" cy="{}" r="{}"{}><title>{}</title></circle></a>').format(
                base,
                member.article_id,
                x,
                y,
                RADIUS if place else LARGEST,
                Markup(' class="first"') if not place else "",
                label,
            )
        )
    end = members[moments.index(max(known))]
    return Markup(
        '<svg class="timeline" viewBox="0 0 {w} {h}" role="group" aria-label="The copies in time">'
        '<line x1="{edge}" x2="{right}" y1="{line}" y2="{line}"/>{marks}'
        '<text x="0" y="{h}">{first}</text><text x="{w}" y="{h}" class="end">{last}</text></svg>'
    ).format(
        w=WIDTH,
        h=HEIGHT,
        edge=EDGE,
        right=WIDTH - EDGE,
        line=LINE,
        marks=Markup("").join(marks),
        first=spoken(members[moments.index(start)].published_at),
        last=distance(members[0].published_at, end.published_at),
    )


def _moment(member: Member) -> datetime | None:
    try:
        return parse_utc(member.published_at)
    except (ValueError, OverflowError):
        return None
