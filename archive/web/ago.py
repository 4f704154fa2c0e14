"""Times as a distance from now, for tables in which it matters how long ago something was."""

from __future__ import annotations

from datetime import datetime, timedelta

from markupsafe import Markup, escape

from archive.records import parse_utc
from archive.sources import moment_words


def distance_words(span: timedelta) -> str:
    """`40 s`, `12 min`, `3 h`, `5 days`: one unit is enough to see whether it is much."""
    seconds = int(abs(span).total_seconds())
    for size, least, unit in ((86_400, 172_800, " days"), (3600, 3600, " h"), (60, 60, " min")):
        if seconds >= least:
            return f"{seconds // size:,}{unit}"
    return f"{seconds} s"


def relative(text: str | None, now: datetime, never: str = "never") -> Markup:
    """A stored time as `3 h ago` or `in 12 min`, with the time itself for machines and as a tooltip."""
    if not text:
        return Markup(f'<span class="never">{escape(never)}</span>')
    try:
        span = now - parse_utc(text)
    except ValueError:
        return escape(text)
    words = f"{distance_words(span)} ago" if span >= timedelta() else f"in {distance_words(span)}"
    title = moment_words(text) + (" UTC" if len(text) > len("YYYY-MM-DD") else "")
    return Markup(f'<time datetime="{escape(text)}" title="{escape(title)}">{words}</time>')
