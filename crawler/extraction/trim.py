"""From the lines that may be text to the article: what stands at its edges and between its paragraphs goes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import islice

from lxml.html import HtmlElement

from . import furniture, inlays, inserts, paywall, tables
from .creditlines import byline_of, is_editors_line, without_editors
from .datelines import find_dates
from .headline import fold
from .lines import MAX_LINKED, PROSE, Line, size_of
from .moments import UTC_ZONE
from .names import EMAIL
from .noise import SENTENCE_END, Kind, has_digit, kind_of
from .remembered import Remembered

LEAD = 40  # characters that make a line between headline and text a lead
MAX_LEAD_LINES = 12  # lines between headline and text among which it may stand
DATE_REST = 25  # characters beside the date in a line that holds nothing else
CLOCK_LINE = 20  # characters of a line that says the hour and hardly more: "Today, 12:37"
CLOCK = re.compile(r"(?<!\d)(?:[01]?\d|2[0-3])[:.h][0-5]\d(?!\d)")
TAIL_SHARE = 0.2  # of the prose: what stands below a comment form or the editors' line is less than this, or is text
HEADINGS = frozenset(["h2", "h3", "h4"])
SHORT_TITLE = 20
LONGER = 1.6  # times the headline that a line may be to repeat it
REPEATED = 3  # times a short line must occur to be furniture
LINKED = 0.8  # of a sub-heading that is a link ...
LABELLED = 0.55  # ... and of a line that names a link: "Read also: ..." in any language
CAPTION = Remembered(re.compile(r"caption|legende|bildunterschrift|photo-credit|image-credit", re.I))
FIGURES = frozenset(["figure", "figcaption", "caption", "picture"])
IN_FIGURE = 8  # levels, its own included, among which a figure is looked for ...
CAPTIONED = 3  # ... and a class that calls it a caption
BYLINE = 110
MIN_LINES = 3  # of a text, before its last lines can be notes
NOTE = 400
NAME = r"[^\W\d_a-z][\w.'’-]*"
BIO = re.compile(
    rf"^\W*{NAME}(?: {NAME}){{1,3}} (?:is|was|ist|est|es|è|covers|writes|works|reports|arbeitet|schreibt|berichtet|joined)\b"
)
ROLE = re.compile(
    r"\b(?:reporter|journalist|correspondent|korrespondent|editor|redakteur|writer|columnist|professor|lecturer|researcher|"
    r"fellow|author|autor|director|analyst|periodista|journaliste|covers|newsletter|twitter)",
    re.IGNORECASE,
)


def find_title(lines: Sequence[Line], titles: Collection[str], first: int) -> int:
    """Return the index of the line of the headline above the text; without one, of the last heading; else -1."""
    wanted = {folded for title in titles if (folded := fold(title))}
    found = -1
    for at, line in enumerate(lines[: first + 2]):
        if (line.tag == "h1" or len(line.text) > 12) and fold(line.text) in wanted:
            found = at
            if line.tag == "h1":
                break
    if found < 0:
        above = range(max(0, first - MAX_LEAD_LINES), min(first, len(lines)))
        found = max((at for at in above if lines[at].tag in ("h1", "h2")), default=-1)
    return found


def trim(
    lines: Sequence[Line],
    places: Sequence[int],
    title: int,
    titles: Collection[str],
    summaries: Sequence[str],
    marked: Collection[int] = (),
) -> list[int]:
    """Return the indices of the article's lines, in order; `marked` are lines in furniture."""
    wanted = {folded for one in titles if (folded := fold(one))}
    counts = Counter(lines[at].text for at in places)
    kept = [at for at in places if at > title and not _is_furniture(lines[at], wanted, counts)]
    kept = inserts.without_captions(lines, kept)
    if kept and any(_repeats(lines[kept[0]].text, one) for one in titles):
        kept = kept[1:]
    kept = inserts.without_labels(lines, inserts.without_teasers(lines, inserts.without_appendix(lines, kept)))
    kept = inserts.without_afterword(lines, _without_notes(lines, _cut_tail(lines, kept)))
    if lead := find_lead(lines, kept, title, summaries, wanted, marked):
        kept = [*lead, *kept]
    return _first_of_each(lines, kept)


def texts(lines: Sequence[Line], places: Sequence[int]) -> list[str]:
    """Return the text of the lines, the editors' bracket cut from the end of the last ones."""
    out = [lines[at].text for at in places]
    for back in range(1, min(3, len(out) + 1)):
        out[-back] = without_editors(out[-back])
    return [text for text in out if text]


def find_lead(
    lines: Sequence[Line],
    kept: Sequence[int],
    title: int,
    summaries: Sequence[str],
    wanted: Collection[str],
    marked: Collection[int],
) -> list[int]:
    """Return the standfirst between headline and text, if the text does not hold it already."""
    if not kept or kept[0] - title > MAX_LEAD_LINES * 4:
        return []
    said = {folded for summary in summaries if (folded := fold(summary))}
    long = [one for one in said if size_of(one) > LEAD]
    known = {fold(lines[at].text) for at in kept}
    confirmed, likely = [], []
    for at in range(max(title + 1, 0), kept[0]):
        line, folded = lines[at], fold(lines[at].text)
        short = size_of(line.text) < LEAD and folded not in said
        if short or folded in known or folded in wanted or line.tag == tables.ROW or line.link_share > MAX_LINKED:
            continue
        if (
            kind_of(line.text) is not Kind.TEXT
            or is_credit(line.text)
            or is_date_line(line.text)
            or in_figure(line.node)
        ):
            continue
        if folded in said or any(one.startswith(folded[:80]) or folded.startswith(one[:80]) for one in long):
            confirmed.append(at)
        elif (
            at not in marked
            and title >= 0
            and SENTENCE_END.search(line.text)
            and line.tag != "li"
            and at - title <= MAX_LEAD_LINES
        ):
            likely.append(at)
    return confirmed[:1] or likely[:1]


def is_credit(line: str) -> bool:
    """Tell a line that only says who made the article."""
    if len(line) > BYLINE:
        return False
    return is_editors_line(line) or (not SENTENCE_END.search(line) and byline_of(line) is not None)


def is_date_line(line: str) -> bool:
    """Tell a line that holds a date and hardly anything else."""
    if len(line) > BYLINE or not has_digit(line):
        return False
    if len(line) <= CLOCK_LINE and CLOCK.search(line) and not SENTENCE_END.search(line):
        return True
    rest = len(line)
    for found in find_dates(line, UTC_ZONE):
        rest -= found.end - found.start
    return rest < len(line) and rest <= DATE_REST


def in_figure(node: HtmlElement) -> bool:
    """Tell whether a block stands in a figure or is a caption by its class."""
    if node.tag in FIGURES or CAPTION.is_in(node.get("class")):
        return True
    figure = next(node.iterancestors(*FIGURES), None)
    if figure is not None and figure in islice(node.iterancestors(), IN_FIGURE - 1):
        return True
    return any(CAPTION.is_in(above.get("class")) for above in islice(node.iterancestors(), CAPTIONED - 1))


def _is_furniture(line: Line, wanted: Collection[str], counts: Counter[str]) -> bool:
    text = line.text
    if line.tag == tables.ROW:
        return False
    if line.tag == "h1" or (len(text) < 300 and fold(text) in wanted):
        return True
    if line.tag in HEADINGS and any(fold(text).endswith(" " + title) for title in wanted if len(title) > SHORT_TITLE):
        return True
    if kind_of(text) is not Kind.TEXT or is_credit(text) or is_date_line(text) or in_figure(line.node):
        return True
    if line.link_share > (LINKED if line.tag in HEADINGS else LABELLED) and not SENTENCE_END.search(text):
        if line.tag in HEADINGS:
            return furniture.leads_elsewhere(line.node)
        return not inlays.stands_in_prose(line)
    if inserts.is_consent(text):
        return True
    return counts[text] >= REPEATED and len(text) < PROSE


def _repeats(text: str, title: str) -> bool:
    """Tell the headline with the site's name behind it, or without its topic, which stands in a line of its own then."""
    if len(text) > SHORT_TITLE and title.endswith(f": {text}"):
        return True
    return (
        len(title) > SHORT_TITLE
        and text.startswith(title)
        and len(text) < LONGER * len(title)
        and not SENTENCE_END.search(text)
    )


def _cut_tail(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """End the text at the editors' line or the comment form, if hardly any prose follows."""
    if not kept:
        return kept
    total = sum(lines[at].weight for at in kept) or 1
    after = 0
    for at in range(kept[-1], kept[0], -1):
        text = lines[at].text
        if at in kept and lines[at].weight:
            after += lines[at].weight
        if after > TAIL_SHARE * total:
            break
        if is_editors_line(text) or kind_of(text) is Kind.COMMENT:
            kept = [one for one in kept if one < at]
            after = 0
            if not kept:
                break
    return kept


def _without_notes(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """Drop what the house adds below the text: who the author is, where to write to, and who may read on."""
    while len(kept) > MIN_LINES and lines[kept[-1]].tag != tables.ROW and _is_note(lines[kept[-1]].text):
        kept = kept[:-1]
    return kept


def _is_note(text: str) -> bool:
    return paywall.is_wall(text) or (
        len(text) < NOTE
        and (EMAIL.search(text) is not None or (BIO.match(text) is not None and ROLE.search(text) is not None))
    )


def _first_of_each(lines: Sequence[Line], kept: Sequence[int]) -> list[int]:
    seen: set[str] = set()
    out = []
    for at in kept:
        text = lines[at].text
        if len(text) >= PROSE and text in seen:
            continue
        seen.add(text)
        out.append(at)
    return out
