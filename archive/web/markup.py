"""The text of an article as HTML: our Markdown, of which nothing can run and no link leads but to the web.

markdown-it-py is CommonMark 0.31 with the tables of GFM. Only what `reading` is made of is switched on: no HTML, no
images, no code, so that what stands in a text by chance stays text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from archive.scripts import Direction, direction

LONGEST_MARKED = 100_000  # characters of mark-up, fifteen thousand words; what is longer is shown as paragraphs
MOST_LINES = 4_000  # of mark-up; each list item costs as much as a paragraph
LONGEST_SHOWN = 2_000_000  # characters of a text on a page; the JSON has all of it
_UNUSED = (
    "code",
    "fence",
    "lheading",
    "reference",
    "html_block",
    "html_inline",
    "image",
    "autolink",
    "backticks",
    "entity",
)
_BLOCKS = frozenset(("paragraph_open", "heading_open", "th_open", "td_open"))


def _allowed(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


_PARSER = MarkdownIt("commonmark", {"html": False}).enable("table").disable(list(_UNUSED))
_PARSER.validateLink = _allowed  # type: ignore[method-assign]


def body(reading: str, text: str, way: Direction) -> Markup:
    """The body of an article whose text runs that way: of its mark-up, or where there is none of its plain text."""
    if not reading or len(reading) > LONGEST_MARKED or reading.count("\n") > MOST_LINES:
        return paragraphs(text, way)
    tokens = _PARSER.parse(reading)
    _rank(tokens)
    for place, token in enumerate(tokens):
        token.attrs.pop("style", None)  # of cells with an alignment, which the policy of our pages forbids
        if token.type in _BLOCKS:
            _turn(token, tokens[place + 1], way)
        elif token.type == "list_item_open":  # its paragraph has no element of its own
            _turn(token, next((part for part in tokens[place : place + 3] if part.type == "inline"), None), way)
        if token.type == "th_open":
            token.attrSet("scope", "col")
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("rel", "noopener noreferrer nofollow")
    return Markup(_PARSER.renderer.render(list(_framed(tokens)), _PARSER.options, {}))  # escaped by its renderer


def paragraphs(text: str, way: Direction) -> Markup:
    """Plain text, a block a line."""
    shown = Markup("\n").join(
        Markup("<p{}>{}</p>").format(_dir(line, way), line) for line in text[:LONGEST_SHOWN].split("\n") if line.strip()
    )
    if len(text) > LONGEST_SHOWN:
        shown += Markup('\n<p class="cut" lang="en" dir="ltr">The text goes on; it is too long for a page.</p>')
    return shown


def _dir(text: str, way: Direction) -> Markup:
    turned = direction(text, "ar" if way == "rtl" else "")
    return Markup("") if turned == way else Markup(' dir="{}"').format(turned)


def _turn(token: Token, inline: Token | None, way: Direction) -> None:
    """Give an element the direction of the text in it, in which the addresses of links do not count."""
    text = "".join(child.content for child in (inline and inline.children) or () if child.type == "text")
    turned = direction(text, "ar" if way == "rtl" else "")
    if turned != way:
        token.attrSet("dir", turned)


def _rank(tokens: Sequence[Token]) -> None:
    """Bring the sub-headings to levels without gaps below the headline, which is the first."""
    levels = sorted({token.tag for token in tokens if token.type == "heading_open"})
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(levels.index(token.tag) + 2, 6)}"


def _framed(tokens: Sequence[Token]) -> Iterator[Token]:
    """Put each table into a frame that scrolls and can be reached with the keyboard."""
    for token in tokens:
        if token.type == "table_open":
            frame = Token("frame_open", "div", 1, block=True)
            frame.attrs = {"class": "scroll", "tabindex": "0", "role": "region", "aria-label": "Table of the article"}
            yield frame
        yield token
        if token.type == "table_close":
            yield Token("frame_close", "div", -1, block=True)
