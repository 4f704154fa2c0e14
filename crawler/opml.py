"""Exchange of feeds with feed readers: OPML 2.0 (http://opml.org/spec2.opml) in and out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import ValidationError

from crawler.codes import check_language
from crawler.errors import CatalogError
from crawler.opml_markup import CONTROL, Outline, read_markup
from crawler.sites import host_of, is_shared, registered_domain, site_of
from crawler.source import Feed, Source, check_url
from crawler.source_file import write_source

LARGEST_FILE = 16 * 1024 * 1024  # bytes; a list of 10,000 feeds has 2 MB
DEEPEST = 100  # folders within folders; beyond this nobody made them by hand
MOST_FEEDS = 200  # of one site in one source; a source of thousands of feeds could not be crawled in one go


@dataclass(frozen=True, slots=True)
class OpmlFeed:
    """One feed of an OPML file."""

    title: str
    url: str
    site: str = ""  # the address of the site, as given; "" when it is missing or no http(s) URL
    category: tuple[str, ...] = ()  # the folders that it lies in, outermost first
    language: str = ""  # BCP 47; "" when the file does not say


@dataclass(frozen=True, slots=True)
class OpmlResult:
    """What an OPML file gave: its feeds, a reason for each outline that gave none, and what had to be mended."""

    feeds: tuple[OpmlFeed, ...] = ()
    dropped: tuple[str, ...] = ()
    repaired: tuple[str, ...] = ()
    title: str = ""


def import_opml(data: bytes) -> OpmlResult:
    """Read an OPML file, well-formed or not. Raises CatalogError when it is no OPML at all."""
    if len(data) > LARGEST_FILE:
        raise CatalogError(f"the OPML file is larger than {LARGEST_FILE // 1024 // 1024} MB")
    markup = read_markup(data)
    if not markup.roots & {"opml", "outline"}:
        feed = " (it looks like a feed: give its URL instead)" if markup.roots & {"rss", "feed"} else ""
        raise CatalogError(f"not an OPML file: there is no <opml> and no <outline> in it{feed}")
    feeds: dict[str, OpmlFeed] = {}
    dropped: list[str] = []
    repaired = list(markup.repaired)
    for outline, category in _walk(markup.outlines):
        title = outline.attributes.get("text") or outline.attributes.get("title") or ""
        address = _address(outline)
        try:
            if not address:
                raise ValueError(_why_no_feed(outline))
            url = check_url(mended := _mend(address))
            if _same(url) in feeds:
                raise ValueError(f"{url} is listed twice")
        except ValueError as error:
            dropped.append(f"{title or 'an outline without a title'}: {error}")
            continue
        if mended != address:
            repaired.append(f"{address} read as {mended}")
        site, language = _site(outline.attributes.get("htmlurl", "")), _language(outline.attributes.get("language", ""))
        feeds[_same(url)] = OpmlFeed(title, url, site, category, language)
    return OpmlResult(tuple(feeds.values()), tuple(dropped), tuple(repaired), markup.title)


def _walk(outlines: Iterable[Outline]) -> Iterator[tuple[Outline, tuple[str, ...]]]:
    """Give every outline that is not a folder, with the folders it lies in."""
    stack: list[tuple[Outline, tuple[str, ...]]] = [(outline, ()) for outline in reversed(list(outlines))]
    while stack:
        outline, category = stack.pop()
        if _address(outline) or not outline.children:
            yield outline, category
            inner = category
        else:
            name = outline.attributes.get("text") or outline.attributes.get("title") or ""
            inner = (*category, name) if name and len(category) < DEEPEST else category
        stack += [(child, inner) for child in reversed(outline.children)]


def _address(outline: Outline) -> str:
    given = outline.attributes
    return given.get("xmlurl") or (given.get("url", "") if given.get("type", "").lower() in ("rss", "atom") else "")


def _why_no_feed(outline: Outline) -> str:
    kind = outline.attributes.get("type", "").lower()
    if kind == "include":
        return "another list, which is not fetched"
    if kind == "link" or outline.attributes.get("url") or outline.attributes.get("htmlurl"):
        return "a link without a feed"
    return "the feed's address is empty" if "xmlurl" in outline.attributes else "an empty folder"


def _mend(address: str) -> str:
    """Give the http(s) form of what feed readers accept as an address."""
    url = re.sub(r"^feed:(?://)?(?=https?:)", "", address.strip(), flags=re.IGNORECASE)
    url = re.sub(r"^(?:feed|itpc|pcast)://", "http://", url, flags=re.IGNORECASE)
    url = re.sub(r"^//", "http://", url)
    if re.match(r"[\w-]+(\.[\w-]+)+(/|$)", url):
        url = "http://" + url
    return url.replace("&amp;", "&").replace(" ", "%20")


def _same(url: str) -> str:
    """Give what two addresses of the same feed have in common."""
    return re.sub(r"^https?://(www\.)?", "", url, flags=re.IGNORECASE).rstrip("/")


def _site(address: str) -> str:
    try:
        return check_url(_mend(address))
    except ValueError:
        return ""


def _language(tag: str) -> str:
    primary, _, rest = tag.strip().replace("_", "-").partition("-")
    for form in (f"{primary.lower()}-{rest.upper()}", primary.lower()):
        try:
            return check_language(form)
        except ValueError:
            continue
    return ""


def sources_from_opml(
    result: OpmlResult,
    *,
    country: str = "zz",
    timezone: str = "UTC",
    language: str = "und",
    taken: Iterable[str] = (),
) -> list[tuple[str, str]]:
    """Make source files of the feeds, one for each site and language: pairs of slug and TOML text.

    Country and time zone, and the language of feeds that do not say theirs, are the caller's: OPML has no place for
    them. "zz" and "und" stand for unknown. Slugs in `taken` are not used. Raises CatalogError for a wrong argument.
    """
    groups: dict[tuple[str, str, int], list[OpmlFeed]] = {}
    sizes: dict[tuple[str, str], int] = {}
    for feed in result.feeds:
        key = (_group(feed), (feed.language or language).partition("-")[0])
        sizes[key] = sizes.get(key, 0) + 1
        groups.setdefault((*key, (sizes[key] - 1) // MOST_FEEDS), []).append(feed)
    used = set(taken)
    files = []
    for (site, tongue, _), feeds in groups.items():
        slug = _slug(site, tongue, feeds, used)
        used.add(slug)
        home = next((feed.site for feed in feeds if feed.site), "")
        comment = "" if home or not is_shared(feeds[0].url) else "The site is not known: put its address into home."
        parts = urlsplit(feeds[0].url)
        try:
            source = Source(
                slug=slug,
                name=_name(feeds, site),
                home=home or (feeds[0].url if comment else f"{parts.scheme}://{parts.netloc}/"),
                country=country,
                language=tongue,
                timezone=timezone,
                feeds=tuple(Feed(url=feed.url, name=feed.title[:200]) for feed in feeds),
            )
        except ValidationError as error:
            problem = error.errors()[0]
            field, reason = problem["loc"][0], problem["msg"].removeprefix("Value error, ")
            raise CatalogError(f"{field}: {reason}") from error
        files.append((slug, write_source(source, comment)))
    return files


def _group(feed: OpmlFeed) -> str:
    if feed.site and not is_shared(feed.site):
        return site_of(feed.site)
    return feed.url if is_shared(feed.url) else site_of(feed.url)


def _slug(site: str, language: str, feeds: list[OpmlFeed], used: set[str]) -> str:
    host = site if "/" not in site else ""
    base = _slugged(host.partition(".")[0] if registered_domain(host) else host or feeds[0].title) or "source"
    candidates = [base, f"{base}_{language.lower()}", _slugged(host) or base]
    candidates += [f"{base}_{number}" for number in range(2, len(used) + 3)]
    return next(slug for slug in candidates if slug not in used)


def _slugged(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower())[:48].strip("_")


def _name(feeds: list[OpmlFeed], site: str) -> str:
    """Give the title of the one feed, or what the titles of several have in common at their beginning."""
    titles = [feed.title.split() for feed in feeds]
    common = titles[0]
    for words in titles[1:]:
        same = [a == b for a, b in zip(common, words, strict=False)]
        common = common[: same.index(False) if False in same else len(same)]
    name = re.sub(r"[\s|:>\-–—·]+$", "", " ".join(common))[:200].strip()
    return name if len(name) > 2 else (host_of(site) if "/" in site else site)


def export_opml(sources: Iterable[Source], title: str = "Kiosque") -> bytes:
    """Write the feeds of the sources as OPML 2.0, a folder for each country; sources without feeds are left out."""
    from babel import Locale  # late: its tables take a while to load, and only names of countries come from them
    from lxml import etree

    names = Locale("en").territories
    root = etree.Element("opml", version="2.0")
    etree.SubElement(etree.SubElement(root, "head"), "title").text = CONTROL.sub("", title)
    body = etree.SubElement(root, "body")
    folders: dict[str, etree._Element] = {}
    for source in sorted((source for source in sources if source.feeds), key=lambda s: (s.country, s.slug)):
        if source.country not in folders:
            name = names.get(source.country.upper(), source.country) if source.country != "zz" else "Unknown country"
            folders[source.country] = etree.SubElement(body, "outline", text=name)
        for feed in source.feeds:
            text = CONTROL.sub("", f"{source.name}: {feed.name}" if feed.name else source.name)
            etree.SubElement(
                folders[source.country],
                "outline",
                type="rss",
                text=text,
                title=text,
                xmlUrl=feed.url,
                htmlUrl=source.home,
                language=source.language,
            )
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written
