"""Articles over several pages: which page of its article a page is, and where the next and the first one are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from urllib.parse import parse_qsl, urlencode, urlsplit

from .document import Document, absolute

# How sites number the pages of an article; the group is the number. At most two digits, the first not 0:
# others are an id or a day.
IN_PATH = (
    re.compile(r"/(?:page|seite|pagina|página|pag|strana|sivu|sida|side|p)[-/_]?([1-9]\d?)/?$", re.I),
    re.compile(r"/([1-9]\d?)/?$"),
    re.compile(r"[-_,](?:page|seite|p|pg)?[-_]?([1-9]\d?)(?=\.s?html?$)", re.I),
    re.compile(r"[-_](?:page|seite)[-_]?([1-9]\d?)/?$", re.I),
)
IN_QUERY = frozenset(["page", "p", "pg", "seite", "pagina", "pageno", "pagenum", "page_no", "paged", "part"])
COMMENTS = re.compile(r"comment|kommentar|reply", re.I)
EXTENSION = re.compile(r"\.\w{2,5}$")
SCHEMES = ("https://", "http://", "//")
MOST_LINKS = 3000  # of a page that are looked at
Address = tuple[str, str, str]  # host, path and query of an article, without the number of the page


@dataclass(frozen=True, slots=True)
class Pager:
    """What a page says of the pages of its article, as absolute URLs; "" where it names none."""

    number: int = 1  # which page it is
    next: str = ""
    first: str = ""  # of a further page: the first one, or the one nearest to it that is linked


ALONE = Pager()


def pager(document: Document, url: str) -> Pager:
    """Read the pager of a page. Call it before the tree is pruned.

    `rel=next` and other links are believed only if they lead to the same address with the next number: the next
    article, which many pages link with `rel=next` too, is another article. A number in the page's own address makes it
    a further page only if it links to the page before it: it may be an id.
    """
    own = sorted(_readings(url), key=lambda reading: -reading[1])
    wanted = {base for base, _ in own}
    found: dict[tuple[Address, int], str] = {}
    for href, marked in _links(document, wanted):
        there = absolute(url, href)
        if not there or COMMENTS.search(there):
            continue
        for base, number in _readings(there):
            if base in wanted and (marked or (base, number) not in found):
                found[base, number] = there.split("#")[0]
    for base, number in own:
        following = found.get((base, number + 1), "")
        if number > 1 and (base, number - 1) in found:
            return Pager(number, following, found[base, min(n for other, n in found if other == base)])
        if following:
            return Pager(number, following)
    return ALONE


def _links(document: Document, addresses: set[Address]) -> Iterator[tuple[str, bool]]:
    """Yield the targets of links that may lead to a page of the article, and whether they are marked as the next one.

    The others, nearly all, are told cheaply: an absolute or rooted link has the last step of the address in it, and an
    absolute one its host where a host stands.
    """
    steps = [EXTENSION.sub("", path.rpartition("/")[2]) for _, path, _ in addresses]
    own = tuple(f"{scheme}{www}{host}" for host, _, _ in addresses for scheme in SCHEMES for www in ("", "www."))
    seen = set()
    for node in islice(document.tree.iter("link", "a"), MOST_LINKS):
        href = node.get("href") or "#"
        if href in seen:
            continue
        seen.add(href)
        if href.startswith(SCHEMES) and not href.startswith(own):
            continue
        if href[0] not in "?.123456789":
            for step in steps:
                if step in href:
                    break
            else:
                continue
        yield href, "next" in (node.get("rel") or "").lower().split()


def _readings(url: str) -> Iterator[tuple[Address, int]]:
    """Yield what a URL may mean: the address of an article, and a page of it; the first page has no number."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return
    host, path = parts.netloc.lower().removeprefix("www."), parts.path
    fields = parse_qsl(parts.query, keep_blank_values=True)
    rest = [(name, value) for name, value in fields if name.lower() not in IN_QUERY]
    numbers = [value for name, value in fields if name.lower() in IN_QUERY and re.fullmatch(r"[1-9]\d?", value)]
    query = urlencode(rest)
    if numbers:
        yield (host, path.rstrip("/"), query), int(numbers[0])
        return
    yield (host, path.rstrip("/"), urlencode(fields)), 1
    for pattern in IN_PATH:
        if match := pattern.search(path):
            yield (host, (path[: match.start()] + path[match.end() :]).rstrip("/"), query), int(match[1])
