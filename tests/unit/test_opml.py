"""OPML: what is recovered from broken files, what is dropped, and the way out and back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from crawler.catalog import SHIPPED, Catalog, CatalogError, Source, parse_source
from crawler.opml import OpmlFeed, OpmlResult, export_opml, import_opml, sources_from_opml

FEED = '<outline type="rss" text="One" xmlUrl="https://one.example/rss" htmlUrl="https://one.example/"/>'
TWO = '<outline type="rss" text="Two" xmlUrl="https://two.example/rss"/>'


def opml(body: str, prolog: str = '<?xml version="1.0" encoding="UTF-8"?>') -> bytes:
    return f'{prolog}<opml version="2.0"><head><title>T</title></head><body>{body}</body></opml>'.encode()


def titles(data: bytes) -> list[str]:
    return [feed.title for feed in import_opml(data).feeds]


def test_a_well_formed_file_needs_no_repair() -> None:
    body = f'<outline text="World"><outline text="Asia">{FEED}</outline>{TWO}</outline>'
    result = import_opml(opml("<!-- <outline xmlUrl='https://no.example/'/> -->" + body))
    assert result == OpmlResult(
        (
            OpmlFeed("One", "https://one.example/rss", "https://one.example/", ("World", "Asia")),
            OpmlFeed("Two", "https://two.example/rss", "", ("World",)),
        ),
        title="T",
    )


BROKEN = {
    "unescaped ampersand": (
        '<outline text="A & B" xmlUrl="https://a.example/?x=1&copy=2&amp;y=3"/>',
        [("A & B", "https://a.example/?x=1&copy=2&y=3")],
        "& that was not escaped (2)",
    ),
    "entity of HTML": (
        '<outline text="Caf&eacute;&nbsp;A" xmlUrl="https://a.example/"/>',
        [("Café A", "https://a.example/")],
        "entities of HTML (2)",
    ),
    "entity that nothing declares": (
        '<outline text="A &foo; B" xmlUrl="https://a.example/"/>',
        [("A &foo; B", "https://a.example/")],
        "entities that nothing declares, kept as text (1)",
    ),
    "unescaped less-than": (
        '<outline text="A < B > C" xmlUrl="https://a.example/"/>',
        [("A < B > C", "https://a.example/")],
        "< that was not escaped (1)",
    ),
    "tag in a title": (
        '<outline text="<outline A" xmlUrl="https://a.example/"/>',
        [("<outline A", "https://a.example/")],
        "< that was not escaped (1)",
    ),
    "quotes in a title": (
        '<outline text="The "A" paper" xmlUrl="https://a.example/"/>',
        [("The", "https://a.example/")],
        "quotes that were not escaped (1)",
    ),
    "quote not closed": (
        '<outline text="A xmlUrl="https://a.example/" type="rss"/>' + TWO,
        [("A", "https://a.example/"), ("Two", "https://two.example/rss")],
        "quotes that were not closed (1)",
    ),
    "no quotes": (
        "<outline text=A xmlUrl=https://a.example/rss type=rss >",
        [("A", "https://a.example/rss")],
        "attributes without quotes (3)",
    ),
    "attribute twice": (
        '<outline text="A" text="B" xmlUrl="https://a.example/"/>',
        [("A", "https://a.example/")],
        "attributes given twice: the first one taken (1)",
    ),
    "feed: scheme": (
        '<outline text="A" xmlUrl="feed://a.example/rss"/><outline text="B" xmlUrl="feed:https://b.example/rss"/>',
        [("A", "http://a.example/rss"), ("B", "https://b.example/rss")],
        "feed://a.example/rss read as http://a.example/rss",
    ),
    "no scheme": (
        '<outline text="A" xmlUrl="www.a.example/rss"/>',
        [("A", "http://www.a.example/rss")],
        "www.a.example/rss read as http://www.a.example/rss",
    ),
    "escaped twice": (
        '<outline text="A" xmlUrl="https://a.example/?x=1&amp;amp;y=2"/>',
        [("A", "https://a.example/?x=1&y=2")],
        "https://a.example/?x=1&amp;y=2 read as https://a.example/?x=1&y=2",
    ),
    "too many closing tags": (
        f"</outline>{FEED}</outline></outline>{TWO}",
        [("One", "https://one.example/rss"), ("Two", "https://two.example/rss")],
        "closing tags that close nothing (3)",
    ),
    "control characters": (
        FEED.replace("One", "O\x00n\x08e"),
        [("One", "https://one.example/rss")],
        "control characters taken out",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_markup_is_mended_and_reported(name: str) -> None:
    body, feeds, note = BROKEN[name]
    result = import_opml(opml(body))
    assert [(feed.title, feed.url) for feed in result.feeds] == feeds
    assert note in result.repaired
    assert result.dropped == ()


@pytest.mark.parametrize("spelling", ["xmlurl", "XMLURL", "xmlURL"])
def test_the_address_is_found_in_any_case(spelling: str) -> None:
    assert titles(opml(FEED.replace("xmlUrl", spelling).replace("outline", "OUTLINE"))) == ["One"]


ONE = OpmlFeed("One", "https://one.example/rss", "https://one.example/", ("News",))
OPEN_ONE = FEED.replace("/>", ">")
OPEN_TWO = TWO.replace("/>", ">")


@pytest.mark.parametrize(
    ("body", "categories"),
    [
        (f'<outline text="News">{FEED}</outline>{TWO}', [("News",), ()]),
        (f'<outline text="News">{OPEN_ONE}</outline></outline>{OPEN_TWO}</outline>', [("News",), ()]),
        (f'<outline text="News">\n{OPEN_ONE}\n</outline>\n{OPEN_TWO}', [("News",), ()]),
        (f'<outline text="A">{FEED}<outline text="B">{TWO}', [("A",), ("A", "B")]),
        (f'<outline text="A">{FEED}<outline text="B"></outline>{TWO}</outline>', [("A",), ("A",)]),
        (f'<outline text="A"><outline>{FEED}</outline></outline>{TWO}', [("A",), ()]),
    ],
    ids=["self-closing", "closed", "feeds not closed", "folders not closed", "empty folder", "folder without name"],
)
def test_folders_become_categories(body: str, categories: list[tuple[str, ...]]) -> None:
    assert [feed.category for feed in import_opml(opml(body)).feeds] == categories


DROPPED = {
    "empty address": ('<outline text="A" type="rss" xmlUrl=""/>', "A: the feed's address is empty"),
    "listed twice": (FEED + FEED.replace("https://", "http://www."), "One: http://www.one.example/rss is listed twice"),
    "script": ('<outline text="A" xmlUrl="javascript:alert(1)"/>', "A: 'javascript:alert(1)' does not begin with http"),
    "file": ('<outline text="A" xmlUrl="file:///etc/hostname"/>', "A: 'file:///etc/hostname' does not begin with http"),
    "link": ('<outline text="A" type="link" url="https://a.example/"/>', "A: a link without a feed"),
    "include": ('<outline text="A" type="include" url="https://a.example/x.opml"/>', "A: another list, which is not"),
    "empty folder": ('<outline text="A"></outline>', "A: an empty folder"),
    "no title": ('<outline xmlUrl="http://:80/"/>', "an outline without a title: 'http://:80/' has no host"),
}


@pytest.mark.parametrize("name", DROPPED)
def test_what_is_dropped_has_a_reason(name: str) -> None:
    body, reason = DROPPED[name]
    result = import_opml(opml(body + TWO))
    assert [dropped.startswith(reason) for dropped in result.dropped] == [True]
    assert result.feeds[-1].title == "Two"


WORD = "Žluťoučký"
ENCODINGS = {
    "utf-8 with mark": (("\ufeff" + opml(FEED.replace("One", WORD)).decode()).encode(), WORD, False),
    "utf-16": (opml(FEED.replace("One", WORD)).decode().encode("utf-16"), WORD, False),
    "utf-16 without mark": (opml(FEED.replace("One", WORD)).decode().encode("utf-16-be"), WORD, False),
    "declared latin-2": (
        opml(FEED.replace("One", WORD), '<?xml version="1.0" encoding="iso-8859-2"?>').decode().encode("iso-8859-2"),
        WORD,
        False,
    ),
    "declared iso-2022-jp": (
        opml(FEED.replace("One", "新聞"), '<?xml version="1.0" encoding="iso-2022-jp"?>')
        .decode()
        .encode("iso-2022-jp"),
        "新聞",
        False,
    ),
    "declared latin-1 and is utf-8": (
        opml(FEED.replace("One", WORD), '<?xml version="1.0" encoding="iso-8859-1"?>'),
        WORD,
        True,
    ),
    "declared utf-8 and is latin-1": (opml(FEED.replace("One", "Élysée")).decode().encode("latin-1"), "Élysée", True),
    "declared latin-1 and is windows-1252": (
        opml(FEED.replace("One", "l’Élysée"), '<?xml version="1.0" encoding="iso-8859-1"?>').decode().encode("cp1252"),
        "l’Élysée",
        False,
    ),
    "declared as nonsense": (opml(FEED.replace("One", WORD), '<?xml version="1.0" encoding="x-no"?>'), WORD, True),
    "not declared": (opml(FEED.replace("One", WORD), ""), WORD, False),
}


@pytest.mark.parametrize("name", ENCODINGS)
def test_encodings(name: str) -> None:
    data, title, repaired = ENCODINGS[name]
    result = import_opml(data)
    assert [feed.title for feed in result.feeds] == [title]
    assert bool(result.repaired) is repaired


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "not an OPML file"),
        (b"hello", "not an OPML file"),
        (b"\x00\xff\xfe\x89PNG", "not an OPML file"),
        (b'{"feeds": []}', "not an OPML file"),
        (b"<html><body><p>no</p></body></html>", "not an OPML file"),
        (b'<rss version="2.0"><channel/></rss>', "looks like a feed"),
    ],
    ids=["nothing", "text", "binary", "json", "html", "a feed"],
)
def test_what_is_no_opml_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(CatalogError, match=message):
        import_opml(data)


def test_an_empty_list_is_opml() -> None:
    assert import_opml(b'<opml version="2.0"><body/></opml>') == OpmlResult()


def test_entities_are_never_expanded_and_nothing_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret")
    bomb = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(30))
    doctype = (
        f'<!DOCTYPE opml [<!ENTITY l0 "ha">{bomb}<!ENTITY file SYSTEM "{secret.as_uri()}">'
        "<!ENTITY hidden \"<outline xmlUrl='https://hidden.example/'/>\">]>"
    )
    body = FEED.replace('"One"', '"&l30; &file;"') + "&hidden;"
    result = import_opml(opml(body, doctype))
    assert [(feed.title, feed.url) for feed in result.feeds] == [("&l30; &file;", "https://one.example/rss")]


@pytest.mark.parametrize("piece", ["<outline ", '<outline a="', "<!DOCTYPE [", "<!--", "<outline text='" + "&" * 999])
def test_hostile_repetitions_end(piece: str) -> None:
    data = opml(FEED) + piece.encode() * 30_000
    assert import_opml(data[:1_000_000]).feeds[0].title == "One"


def test_deep_folders_do_not_overflow() -> None:
    data = opml('<outline text="a">' * 20_000 + FEED)
    (feed,) = import_opml(data).feeds
    assert len(feed.category) == 100


@given(st.binary(max_size=300) | st.text(max_size=300).map(lambda text: opml(text.replace("\ud800", ""))))
def test_any_bytes_give_a_result_or_a_catalog_error(data: bytes) -> None:
    try:
        import_opml(data)
    except CatalogError as error:
        assert "OPML" in str(error)


# --- into source files -----------------------------------------------------------------------------------------------


def loaded(files: list[tuple[str, str]]) -> dict[str, Source]:
    sources = {slug: parse_source(text, slug) for slug, text in files}
    assert len(sources) == len(files)
    return sources


def test_feeds_are_grouped_by_site_and_language() -> None:
    feeds = (
        OpmlFeed("Example: World", "https://feeds.example.org/world", "https://www.example.org/", (), "en-GB"),
        OpmlFeed("Example: Sport", "https://feeds.example.org/sport", "https://www.example.org/", (), "en"),
        OpmlFeed("Exemple", "https://feeds.example.org/fr", "https://www.example.org/fr/", (), "fr"),
        OpmlFeed("Other", "https://www.other.org/rss"),
    )
    sources = loaded(sources_from_opml(OpmlResult(feeds), country="gb", timezone="Europe/London", language="cy"))
    assert {slug: (s.name, s.home, s.language, len(s.feeds)) for slug, s in sources.items()} == {
        "example": ("Example", "https://www.example.org/", "en", 2),
        "example_fr": ("Exemple", "https://www.example.org/fr/", "fr", 1),
        "other": ("Other", "https://www.other.org/", "cy", 1),
    }
    assert {(s.country, s.timezone) for s in sources.values()} == {("gb", "Europe/London")}


def test_country_and_language_may_be_unknown() -> None:
    (source,) = loaded(sources_from_opml(import_opml(opml(FEED)))).values()
    assert (source.country, source.language, source.timezone) == ("zz", "und", "UTC")


def test_slugs_do_not_clash() -> None:
    sites = [f"https://news.example.{suffix}" for suffix in ("org", "net", "com")] + ["http://127.0.0.1:8001"]
    result = OpmlResult(tuple(OpmlFeed(f"T{n}", f"{site}/rss") for n, site in enumerate(sites)))
    slugs = [slug for slug, _ in sources_from_opml(result, taken={"example_und", "127_0_0_1_8001"})]
    assert slugs == ["example", "example_net", "example_com", "127_0_0_1_8001_und"]


def test_feeds_of_a_feed_service_are_sources_of_their_own() -> None:
    result = OpmlResult(
        (
            OpmlFeed("A B", "https://feeds.feedburner.com/ab"),
            OpmlFeed("C", "https://feeds.feedburner.com/c"),
            OpmlFeed("D", "https://feeds.feedburner.com/d", "https://d.example/"),
        )
    )
    files = sources_from_opml(result)
    assert [slug for slug, _ in files] == ["a_b", "c", "d"]
    assert ["# The site is not known" in text for _, text in files] == [True, True, False]
    assert loaded(files)["d"].sites == {"d.example"}


@pytest.mark.parametrize(("key", "value"), [("country", "uk"), ("timezone", "Nowhere"), ("language", "xx")])
def test_wrong_arguments_are_refused(key: str, value: str) -> None:
    with pytest.raises(CatalogError, match=f"^{key}: '{value}' is not"):
        sources_from_opml(import_opml(opml(FEED)), **{key: value})


@given(title=st.text(max_size=300), path=st.text(alphabet="abc/?&='\"\\%é", max_size=50))
def test_any_title_and_address_gives_a_file_that_loads(title: str, path: str) -> None:
    clean = " ".join(title.encode("utf-8", "ignore").decode().split())
    document = etree.Element("opml")
    try:
        etree.SubElement(document, "outline", text=clean, xmlUrl=f"https://a.example/{path}")
    except ValueError:  # not a character of XML
        return
    result = import_opml(etree.tostring(document, encoding="utf-8"))
    assert [feed.url for feed in result.feeds] == [f"https://a.example/{path}"]
    (source,) = loaded(sources_from_opml(result)).values()
    assert source.feeds[0].url == f"https://a.example/{path}"


# --- out and back ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def shipped() -> Catalog:
    return Catalog.load([SHIPPED])


def test_export_is_opml_2(shipped: Catalog) -> None:
    root = etree.fromstring(export_opml(shipped.sources.values(), "A & B"))
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "A & B")
    folders = {folder.get("text"): folder for folder in root.find("body")}
    assert {"France", "United States", "China"} <= set(folders)
    assert all(child.get("type") == "rss" and child.get("text") for folder in folders.values() for child in folder)
    france = {feed.get("xmlUrl") for feed in folders["France"]}
    assert france == {feed.url for source in shipped.select("country:fr") for feed in source.feeds}


def test_what_is_exported_comes_back(shipped: Catalog) -> None:
    result = import_opml(export_opml(shipped.sources.values()))
    assert (result.dropped, result.repaired) == ((), ())
    sent = {(f.url, s.home, s.language) for s in shipped.sources.values() for f in s.feeds}
    assert {(feed.url, feed.site, feed.language) for feed in result.feeds} == sent
    sources = loaded(sources_from_opml(result, taken=shipped.sources))
    assert not sources.keys() & shipped.sources.keys()
    assert {(f.url, s.language) for s in sources.values() for f in s.feeds} == {(url, lang) for url, _, lang in sent}
