"""The timeline of a story as SVG: a mark for each copy, where it stands in time. All looks come from `reading.css`.

Places are shares of the width, so that marks and letters keep their size on a phone. Time runs from left to right in every
language; the list below the drawing says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from markupsafe import Markup

from archive.copies import Member
from archive.records import parse_utc
from archive.web.moments import distance, spoken

HEIGHT, LINE, BASE = 62, 26, 58  # pixels: of the drawing, to the line of time, to the foot of the letters
EDGE = 1.5  # per cent of the width that marks keep from either end
RADIUS, LARGEST = 5, 7  # pixels: of a copy, and of the first one
NEAR = 1.5  # per cent: marks that are nearer are put above and below the line
LANES = (0, -13, 13)  # pixels


def timeline(members: Sequence[Member], base: str) -> Markup:
    """Draw the copies of a story in order of appearance; nothing for fewer than two moments. `base`: where articles are."""
    placed = [(member, moment) for member in members if (moment := _moment(member)) is not None]
    if len({moment for _, moment in placed}) < 2:
        return Markup("")
    start, end = (pick(placed, key=lambda one: one[1]) for pick in (min, max))
    span = (end[1] - start[1]).total_seconds()
    marks, last, lane = [], -100.0, 0
    for member, moment in sorted(placed, key=lambda one: one[1]):
        share = EDGE + (100 - 2 * EDGE) * (moment - start[1]).total_seconds() / span
        lane = (lane + 1) % len(LANES) if share - last < NEAR else 0
        last = share
        first = member is members[0]
        marks.append(
            Markup('<a href="{}{}"><circle cx="{:.2f}%" cy="{}" r="{}"{}><title>{}</title></circle></a>').format(
                base,
                member.article_id,
                share,
                LINE + LANES[lane],
                LARGEST if first else RADIUS,
                Markup(' class="first"') if first else "",
                f"{member.name}, {spoken(member.published_at)}",
            )
        )
    return Markup(
        '<svg class="timeline" width="100%" height="{height}" role="group" aria-label="The copies in time">'
        '<line x1="0" x2="100%" y1="{line}" y2="{line}"/>{marks}'
        '<text x="0" y="{base}">{first}</text><text x="100%" y="{base}" class="end">{last}</text></svg>'
    ).format(
        height=HEIGHT,
        line=LINE,
        base=BASE,
        marks=Markup("").join(marks),
        first=spoken(start[0].published_at),
        last=distance(start[0].published_at, end[0].published_at),
    )


def _moment(member: Member) -> datetime | None:
    try:
        return parse_utc(member.published_at)
    except (ValueError, OverflowError):
        return None
