"""Articles over several pages: where the next page of the same article is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode, urlsplit

from .document import Document, absolute

# How sites number the pages of an article; the group is the number. At most two digits: more are an id or a year.
IN_PATH = (
    re.compile(r"/(?:page|seite|pagina|página|pag|strana|sivu|sida|side|p)[-/_]?(\d{1,2})/?$", re.I),
    re.compile(r"/(\d{1,2})/?$"),
    re.compile(r"[-_,](?:page|seite|p|pg)?[-_]?(\d{1,2})(?=\.s?html?$)", re.I),
    re.compile(r"[-_](?:page|seite)[-_]?(\d{1,2})/?$", re.I),
)
IN_QUERY = frozenset(["page", "p", "pg", "seite", "pagina", "pageno", "pagenum", "page_no", "paged", "part"])
COMMENTS = re.compile(r"comment|kommentar|reply", re.I)
MOST_LINKS = 3000  # of a page that are looked at


def next_part(document: Document, url: str) -> str:
    """Return the absolute URL of the next page of this article; "" when there is none.

    `rel=next` and the links of a pager are believed only if they lead to the same address with the next number: the
    next article, which many pages link with `rel=next` too, is another article. Call it before the tree is pruned.
    """
    here = list(_readings(url))
    for href in _links(document):
        there = absolute(url, href)
        if there and not COMMENTS.search(there):
            for base, number in _readings(there):
                if any(base == own and number == at + 1 for own, at in here):
                    return there.split("#")[0]
    return ""


def _links(document: Document) -> Iterator[str]:
    """Yield the targets of links, those that are marked as the next page first."""
    marked = [n for n in document.tree.iter("link", "a") if "next" in (n.get("rel") or "").lower().split()]
    for node in marked:
        yield node.get("href") or ""
    for count, node in enumerate(document.tree.iter("a")):
        if count >= MOST_LINKS:
            return
        yield node.get("href") or ""


def _readings(url: str) -> Iterator[tuple[tuple[str, str, str], int]]:
    """Yield what a URL may mean: the address of an article, and a page of it; the first page has no number."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    host, path = (parts.hostname or "").removeprefix("www."), parts.path
    fields = parse_qsl(parts.query, keep_blank_values=True)
    rest = [(name, value) for name, value in fields if name.lower() not in IN_QUERY]
    numbers = [value for name, value in fields if name.lower() in IN_QUERY and re.fullmatch(r"\d{1,2}", value)]
    query = urlencode(rest)
    if numbers:
        yield (host, path.rstrip("/"), query), int(numbers[0])
        return
    yield (host, path.rstrip("/"), urlencode(fields)), 1
    for pattern in IN_PATH:
        if match := pattern.search(path):
            yield (host, (path[: match.start()] + path[match.end() :]).rstrip("/"), query), int(match[1])
