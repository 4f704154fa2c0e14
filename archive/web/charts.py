"""Charts as SVG, drawn on the server: bars over time for a page, small ones for a table.

Without a script and without a style of its own, as the Content-Security-Policy asks: all looks come from `charts.css`.
Places are shares of the width, so that a chart is as wide as its place and its letters stay as they are. Time runs from
left to right in every language. What was not looked at is drawn as such, never as nothing. A chart that has links is a
group of them, each with a name; one without is a picture with a title and a description. Neither replaces a table of the
same numbers, which is the page's to give.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from zlib import crc32

from markupsafe import Markup, escape

ROOM_ABOVE, ROOM_BELOW = 16, 20  # pixels over the bars for the maximum, and under them for the dates
LEAST_BAR = 2  # pixels: one article among a thousand is still seen
MOST_TICKS = 6
EDGE = 7.0  # per cent of the width from either end within which a date is written inwards
NOT_LOOKED = "not looked"
SPARK_BAR, SPARK_HEIGHT = 3, 22  # pixels

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, slots=True)
class Bin:
    """One bar: a day, month or year as `YYYY-MM-DD`, `YYYY-MM` or `YYYY` (or any other label), and how many; None: it
    is not known how many, since nobody looked."""

    label: str
    count: int | None
    href: str | None = None
    detail: str = ""  # more words for the tooltip


def bars(
    bins: Sequence[Bin],
    *,
    title: str,
    height: int = 120,
    second: Sequence[int | None] | None = None,
    names: Sequence[str] = (),
    most: int | None = None,
    unit: str = "",
) -> Markup:
    """Draw bars, one a bin; with `second` two side by side, of which `names` tells what they count.

    `most` is what a bar of full height stands for, for charts that are compared; `unit` follows each number in words.
    """
    series = [[one.count for one in bins], *([list(second)] if second is not None else [])]
    top = max(most or 0, *(count or 0 for counts in series for count in counts), 1)
    hatch = f"hatch-{crc32(title.encode('utf-8', 'replace')):08x}"
    linked = any(one.href for one in bins)
    slot = 100 / max(len(bins), 1)
    said = [_said(one, [counts[at] for counts in series], names, unit) for at, one in enumerate(bins)]
    head = Markup("<title>{}</title><desc>{}</desc>").format(title, _summary(bins, series, names, unit))
    head += Markup(
        '<defs><pattern id="{}" class="hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><path d="M0 0V6"/></pattern></defs>'
    ).format(hatch)
    drawn = Markup().join(
        [
            *_gaps(series[0], slot, height, hatch),
            _axis(bins, slot, top, height),
            *(
                _bar(one, [counts[at] for counts in series], at * slot, slot, top, height, said[at])
                for at, one in enumerate(bins)
            ),
        ]
    )
    name = Markup('role="group" aria-label="{}"').format(title) if linked else Markup('role="img"')
    total = height + ROOM_ABOVE + ROOM_BELOW
    return Markup('<svg class="chart bars" dir="ltr" width="100%" height="{}" {}>{}{}</svg>').format(
        total, name, head, drawn
    )


def spark(counts: Sequence[int | None], *, title: str, most: int | None = None) -> Markup:
    """Draw a row of small bars for a cell of a table; what nobody looked at is a line below the ground. A table has
    hundreds of them: all bars are one shape."""
    top = max(most or 0, *(count or 0 for count in counts), 1)
    ground, width = SPARK_HEIGHT - 3, max(len(counts), 1) * SPARK_BAR
    heights = [max(round(ground * count / top), LEAST_BAR) if count else 0 for count in counts]
    shapes = {
        "bar": "".join(
            f"M{at * SPARK_BAR} {ground}v-{tall}h{SPARK_BAR - 1}v{tall}z" for at, tall in enumerate(heights) if tall
        ),
        "gap": "".join(
            f"M{at * SPARK_BAR} {ground + 1}h{SPARK_BAR}v2h-{SPARK_BAR}z"
            for at, count in enumerate(counts)
            if count is None
        ),
    }
    drawn = "".join(f'<path class="{name}" d="{shape}"/>' for name, shape in shapes.items() if shape)
    return Markup(
        f'<svg class="spark" dir="ltr" role="img" width="{width}" height="{SPARK_HEIGHT}" viewBox="0 0 {width} {SPARK_HEIGHT}">'
        f'<title>{escape(title)}</title><path class="ground" d="M0 {ground}.5H{width}"/>{drawn}</svg>'
    )


def day_words(label: str) -> str:
    """`2024-05-02` as `2 May 2024`, `2024-05` as `May 2024`; anything else as it is."""
    day = _day(label)
    if day is None:
        return label
    month = f"{_MONTHS[day.month - 1]} {day.year}"
    return month if len(label) == 7 else f"{day.day} {month}"


def ticks(labels: Sequence[str]) -> list[tuple[int, str]]:
    """Choose the places of a few dates under the bars, and what is written there: beginnings of months among days, of
    years among months, where there are some; otherwise evenly spread ones."""
    days = [_day(label) for label in labels]
    kinds: tuple[tuple[int, Callable[[date], bool], Callable[[date], str]], ...] = (
        (10, lambda day: day.day == 1, lambda day: _MONTHS[day.month - 1] + (f" {day.year}" if day.month == 1 else "")),
        (7, lambda day: day.month == 1, lambda day: str(day.year)),
    )
    for length, begins, written in kinds:
        if labels and all(len(label) == length for label in labels):
            found = [(at, written(day)) for at, day in enumerate(days) if day and begins(day)]
            if len(found) > 1:
                chosen = found[:: -(-len(found) // MOST_TICKS)]
                at = chosen[0][0]
                return [(at, day_words(labels[at][:7]) if length == 10 else labels[at][:4]), *chosen[1:]]
    few = min(len(labels), 5)
    places = sorted({round(at * (len(labels) - 1) / max(few - 1, 1)) for at in range(few)})
    shared = len({label[:4] for label in labels}) == 1
    return [(at, _short(labels[at], year=not shared or at == 0)) for at in places]


def _short(label: str, *, year: bool) -> str:
    words = day_words(label)
    return words if year or words == label else words.rpartition(" ")[0]


def _day(label: str) -> date | None:
    try:
        return date.fromisoformat(label if len(label) == 10 else f"{label}-01") if len(label) in (7, 10) else None
    except ValueError:
        return None


def _said(one: Bin, counts: Sequence[int | None], names: Sequence[str], unit: str) -> str:
    """What a bar says in words."""
    said = ", ".join(
        " ".join(part for part in (_number(count), unit if count is not None else "", name) if part)
        for count, name in zip(counts, [*names, *([""] * len(counts))], strict=False)
    )
    return f"{day_words(one.label)}: {said}" + (f" ({one.detail})" if one.detail else "")


def _summary(bins: Sequence[Bin], series: Sequence[Sequence[int | None]], names: Sequence[str], unit: str) -> str:
    """The chart in a sentence."""
    if not bins:
        return "Nothing to draw."
    parts = [f"{day_words(bins[0].label)} to {day_words(bins[-1].label)}"]
    for at, counts in enumerate(series):
        name = f"{names[at]}: " if at < len(names) else ""
        known = [count for count in counts if count is not None]
        parts.append(
            f"{name}{_number(sum(known))} {unit}".rstrip() + f", at most {_number(max(known, default=0))} at a time"
        )
    if gaps := sum(count is None for count in series[0]):
        parts.append(f"{gaps} of {len(bins)} {NOT_LOOKED} at")
    return "; ".join(parts) + "."


def _number(count: int | None) -> str:
    return NOT_LOOKED if count is None else f"{count:,}"


def _gaps(counts: Sequence[int | None], slot: float, height: int, hatch: str) -> Iterator[Markup]:
    """The areas of which nothing is known, each in one piece."""
    at = 0
    for unknown, group in groupby(counts, key=lambda count: count is None):
        length = len(list(group))
        if unknown:
            # A broad line: a rule for `rect` would take its hatching away.
            yield Markup(
                '<line class="gap" x1="{}%" x2="{}%" y1="{y}" y2="{y}" stroke="url(#{})" stroke-width="{}"/>'
            ).format(_share(at * slot), _share((at + length) * slot), hatch, height, y=_share(ROOM_ABOVE + height / 2))
        at += length


def _axis(bins: Sequence[Bin], slot: float, top: int, height: int) -> Markup:
    """The ground, the line of the maximum, and the dates."""
    ground = ROOM_ABOVE + height
    parts = [
        Markup('<line class="top" x1="0" x2="100%" y1="{0}.5" y2="{0}.5"/>').format(ROOM_ABOVE),
        Markup('<line class="ground" x1="0" x2="100%" y1="{0}.5" y2="{0}.5"/>').format(ground),
        Markup('<text x="0" y="{}">{}</text>').format(ROOM_ABOVE - 4, _number(top) if bins else ""),
    ]
    for at, written in ticks([one.label for one in bins]):
        x = (at + 0.5) * slot
        anchor = "start" if x < EDGE else "end" if x > 100 - EDGE else "middle"
        x = at * slot if anchor == "start" else (at + 1) * slot if anchor == "end" else x
        parts.append(
            Markup('<text x="{}%" y="{}" text-anchor="{}">{}</text>').format(_share(x), ground + 15, anchor, written)
        )
    return Markup('<g class="axis" aria-hidden="true">{}</g>').format(Markup().join(parts))


def _bar(one: Bin, counts: Sequence[int | None], x: float, slot: float, top: int, height: int, said: str) -> Markup:
    """One bin: its bars, and over the whole height the place that shows its words and takes a click. A page has a hundred
    of them: written at once, and of what is written only words and address come from elsewhere."""
    wide = slot * 0.82 / len(counts)
    words = escape(said)
    parts = [f"<title>{words}</title>"]
    for at, count in enumerate(counts):
        if count:
            tall = max(round(height * count / top, 1), LEAST_BAR)
            parts.append(
                f'<rect class="{"second" if at else "first"}" x="{_share(x + slot * 0.09 + at * wide)}%" '
                f'y="{_share(ROOM_ABOVE + height - tall)}" width="{_share(wide)}%" height="{_share(tall)}"/>'
            )
    # Transparent by an attribute that no rule for `rect` overrides: it is there to be pointed at.
    parts.append(
        f'<rect class="place" x="{_share(x)}%" y="{ROOM_ABOVE}" width="{_share(slot)}%" height="{height}" fill-opacity="0"/>'
    )
    inner = "".join(parts)
    if one.href is None:
        return Markup(f"<g>{inner}</g>")
    return Markup(f'<a href="{escape(one.href)}" aria-label="{words}">{inner}</a>')


def _share(number: float) -> str:
    """A number with as many places as are seen."""
    return f"{number:.3f}".rstrip("0").rstrip(".")
