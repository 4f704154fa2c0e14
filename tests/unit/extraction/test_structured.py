from __future__ import annotations

import json

import pytest

from crawler.extraction.document import parse
from crawler.extraction.jsonld import loads
from crawler.extraction.structured import Facts, read

from .pages import PARAGRAPHS, URL, article, html


def facts(head: str, body: str = "") -> Facts:
    return read(parse(html(body, head).encode(), URL))


def ld(text: str) -> str:
    return f'<script type="application/ld+json">{text}</script>'


BROKEN = [
    ("trailing-comma", '{"@type":"NewsArticle","headline":"A bridge",}'),
    ("comma-in-list", '{"@type":"NewsArticle","headline":"A bridge","keywords":["a","b",]}'),
    ("line-comment", '{\n// the article\n"@type":"NewsArticle","headline":"A bridge"}'),
    ("block-comment", '/* <![CDATA[ */{"@type":"NewsArticle","headline":"A bridge"}/* ]]> */'),
    ("cdata", '<![CDATA[{"@type":"NewsArticle","headline":"A bridge"}]]>'),
    ("html-comment", '<!--{"@type":"NewsArticle","headline":"A bridge"}-->'),
    ("semicolon", '{"@type":"NewsArticle","headline":"A bridge"};'),
    ("raw-newline", '{"@type":"NewsArticle","description":"two\nlines","headline":"A bridge"}'),
    ("raw-tab", '{"@type":"NewsArticle","description":"a\tb","headline":"A bridge"}'),
    ("bad-escape", '{"@type":"NewsArticle","description":"it\\\'s","headline":"A bridge"}'),
    ("entities", "{&quot;@type&quot;:&quot;NewsArticle&quot;,&quot;headline&quot;:&quot;A bridge&quot;}"),
    ("missing-comma", '{"@type":"NewsArticle"\n"headline":"A bridge"}'),
    ("rest-behind", '{"@type":"NewsArticle","headline":"A bridge"} trailing words'),
    ("byte-order-mark", '\ufeff{"@type":"NewsArticle","headline":"A bridge"}'),
]


@pytest.mark.parametrize("text", [case[1] for case in BROKEN], ids=[case[0] for case in BROKEN])
def test_broken_json(text: str) -> None:
    assert [said.value for said in facts(ld(text)).headlines][:1] == ["A bridge"]


@pytest.mark.parametrize(
    "text", ["", "{", "[" * 100_000, "null", '"text"', "{]}"], ids=["empty", "cut", "deep", "null", "string", "mixed"]
)
def test_hopeless_json(text: str) -> None:
    assert facts(ld(text)).headlines == []


SHAPES = [
    ("graph", '{"@graph":[{"@type":"WebSite","name":"x"},{"@type":"NewsArticle","headline":"A bridge"}]}'),
    ("array", '[{"@type":"BreadcrumbList"},{"@type":"NewsArticle","headline":"A bridge"}]'),
    ("type-list", '{"@type":["Article","NewsArticle"],"headline":"A bridge"}'),
    ("type-url", '{"@type":"http://schema.org/NewsArticle","headline":"A bridge"}'),
    ("main-entity", '{"@type":"WebPage","mainEntity":{"@type":"NewsArticle","headline":"A bridge"}}'),
    ("live-blog", '{"@type":"LiveBlogPosting","headline":"A bridge"}'),
    ("value-object", '{"@type":"NewsArticle","headline":{"@value":"A bridge","@language":"en"}}'),
    ("headline-list", '{"@type":"NewsArticle","headline":["A bridge"]}'),
    ("entities-inside", '{"@type":"NewsArticle","headline":"A&nbsp;bridge"}'),
    ("tags-inside", '{"@type":"NewsArticle","headline":"A <b>bridge</b>"}'),
]


@pytest.mark.parametrize("text", [case[1] for case in SHAPES], ids=[case[0] for case in SHAPES])
def test_shapes(text: str) -> None:
    assert [said.value for said in facts(ld(text)).headlines][:1] == ["A bridge"]


AUTHORS = [
    ("string", '"Anna Muster"', ["Anna Muster"], []),
    ("person", '{"@type":"Person","name":"Anna Muster"}', ["Anna Muster"], []),
    (
        "list",
        '[{"@type":"Person","name":"Anna Muster"},{"@type":"Person","name":"Ben Sample"}]',
        ["Anna Muster", "Ben Sample"],
        [],
    ),
    ("name-list", '{"@type":"Person","name":["Anna Muster","Ben Sample"]}', ["Anna Muster", "Ben Sample"], []),
    ("parts", '{"@type":"Person","givenName":"Anna","familyName":"Muster"}', ["Anna Muster"], []),
    ("house", '{"@type":"Organization","name":"The Example"}', [], ["The Example"]),
    ("empty", "[]", [], []),
]


@pytest.mark.parametrize(
    ("value", "people", "houses"), [case[1:] for case in AUTHORS], ids=[case[0] for case in AUTHORS]
)
def test_authors(value: str, people: list[str], houses: list[str]) -> None:
    found = facts(ld(f'{{"@type":"NewsArticle","author":{value}}}'))
    assert [said.value for said in found.people] == people
    assert [said.value for said in found.organisations] == houses


def test_author_by_reference() -> None:
    found = facts(
        ld(
            '{"@graph":[{"@type":"NewsArticle","author":{"@id":"#p"}},{"@type":"Person","@id":"#p","name":"Anna Muster"}]}'
        )
    )
    assert [said.value for said in found.people] == ["Anna Muster"]


def test_loads_plain() -> None:
    assert loads('{"a": [1, 2]}') == {"a": [1, 2]}


def test_microdata() -> None:
    body = (
        '<div itemscope itemtype="https://schema.org/NewsArticle"><meta itemprop="datePublished" content="2024-05-02T10:00:00Z">'
        '<span itemprop="author" itemscope itemtype="https://schema.org/Person"><span itemprop="name">Anna Muster</span></span></div>'
    )
    draft = article(html(body))
    assert draft.authors == ("Anna Muster",)
    assert draft.published_at == "2024-05-02T10:00:00Z"
    assert draft.provenance["authors"] == "microdata"


def test_metas_of_every_kind() -> None:
    head = (
        '<meta property="og:description" content="In short."><meta property="article:section" content="World">'
        '<meta name="keywords" content="bridge, harbour; ferry"><meta property="og:image" content="/pic.jpg">'
        '<meta name="DC.date.issued" content="2024-05-02"><meta name="parsely-author" content="Anna Muster">'
    )
    draft = article(html("", head))
    assert draft.summary == "In short."
    assert draft.section == "World"
    assert draft.tags == ("bridge", "harbour", "ferry")
    assert draft.image_url == "https://news.example.org/pic.jpg"
    assert draft.published_at == "2024-05-02"
    assert draft.authors == ("Anna Muster",)
    assert {draft.provenance[name] for name in ("section", "summary", "image_url")} == {"opengraph"}


def test_paywall_flag() -> None:
    assert article(html("", ld('{"@type":"NewsArticle","isAccessibleForFree":"False"}'))).paywalled
    assert not article(html("", ld('{"@type":"NewsArticle","isAccessibleForFree":true}'))).paywalled


def test_article_body_when_the_page_shows_hardly_anything() -> None:
    body = "\\n".join(PARAGRAPHS) + "\\n<p>And more.</p>"
    draft = article(html("", ld('{"@type":"NewsArticle","articleBody":"' + body + '"}'), paragraphs=PARAGRAPHS[:1]))
    assert draft.text.split("\n") == [*PARAGRAPHS, "And more."]
    assert draft.provenance["text"] == "jsonld"


def test_article_body_that_is_no_longer_than_the_page() -> None:
    draft = article(html("", ld('{"@type":"NewsArticle","articleBody":"' + " ".join(PARAGRAPHS) + '"}')))
    assert draft.text.split("\n") == list(PARAGRAPHS)


HOSTILE = {
    "newlines": '{"a":1' + "\n" * 190_000 + "x",
    "arrow-and-spaces": "{-->" + " " * 190_000 + "x",
    "letters-and-newlines": "{" + ("e" + "\n" * 100) * 1900,
    "comments": "{" + "/* * " * 38_000,
    "commas": "{" + ", " * 90_000,
    "escapes": '{"a":"' + "\\x" * 90_000,
}


@pytest.mark.timeout(60)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_mending_is_linear(text: str) -> None:
    assert loads(text) is None


def story(**fields: object) -> str:
    return ld(json.dumps({"@type": "NewsArticle", **fields}, ensure_ascii=False))


ANOTHER = {"headline": "Another story", "author": "Ben Sample", "datePublished": "2024-04-01T10:00:00Z"}
ELSEWHERE = "https://news.example.org/world/another-story"


class TestSeveralArticles:
    """A page that describes more articles than its own."""

    @pytest.mark.parametrize(
        "own", [{"url": URL}, {"mainEntityOfPage": URL + "/"}, {"mainEntityOfPage": {"@id": URL}}], ids=["url", "slash", "object"]
    )
    @pytest.mark.parametrize(
        "other", [{"url": ELSEWHERE}, {"mainEntityOfPage": {"@type": "WebPage", "@id": ELSEWHERE}}], ids=["url", "object"]
    )
    def test_only_the_one_with_the_address_of_the_page(self, own: dict[str, object], other: dict[str, object]) -> None:
        found = facts(story(**ANOTHER, **other) + story(headline="A bridge", author="Anna Muster", **own))
        assert [said.value for said in (*found.headlines, *found.people)] == ["A bridge", "Anna Muster"]

    def test_canonical_address_counts(self) -> None:
        link = '<link rel="canonical" href="https://news.example.org/bridge">'
        own = story(headline="A bridge", url="https://news.example.org/bridge")
        assert [said.value for said in facts(link + story(**ANOTHER, url=ELSEWHERE) + own).headlines] == ["A bridge"]

    def test_one_without_an_address_stays(self) -> None:
        found = facts(story(headline="A bridge") + story(headline="The bridge", url=URL) + story(**ANOTHER, url=ELSEWHERE))
        assert [said.value for said in found.headlines] == ["A bridge", "The bridge"]

    def test_all_stay_when_none_has_the_address_of_the_page(self) -> None:
        assert len(facts(story(headline="A bridge", url="https://old.example.org/1") + story(**ANOTHER, url=ELSEWHERE)).headlines) == 2


AUTHORS = {
    "text": "Anna Muster",
    "object": {"@type": "Person", "name": "Anna Muster"},
    "no type": {"name": "Anna Muster"},
    "list": [{"@type": ["Person"], "name": "Anna Muster"}],
    "list in a list": [[{"@type": "Person", "name": "Anna Muster"}]],
    "list of names": {"@type": "Person", "name": ["Anna Muster"]},
    "given and family name": {"@type": "Person", "givenName": "Anna", "familyName": "Muster"},
    "profile page": {"@type": "ProfilePage", "mainEntity": {"@type": "Person", "name": "Anna Muster"}},
    "reference": {"@id": "#anna"},
}


@pytest.mark.parametrize("author", AUTHORS.values(), ids=AUTHORS.keys())
def test_shapes_of_authors(author: object) -> None:
    person = ld('{"@type":"Person","@id":"#anna","name":"Anna Muster"}')  # in a script of its own
    assert [said.value for said in facts(story(author=author) + person).people] == ["Anna Muster"]


@pytest.mark.parametrize("empty", [None, [], "", {"@type": "Person", "name": ""}])
def test_creator_when_the_author_is_empty(empty: object) -> None:
    assert [said.value for said in facts(story(author=empty, creator="Anna Muster")).people] == ["Anna Muster"]


def test_page_that_stands_for_its_article() -> None:
    graph = (
        '{"@graph":[{"@type":"WebPage","name":"A bridge - The Example","datePublished":"2024-05-01T10:00:30Z",'
        '"author":{"@id":"#anna"}},{"@type":"Person","@id":"#anna","name":"Anna Muster"}]}'
    )
    found = facts(ld(graph))
    assert [said.value for said in (*found.published, *found.people)] == ["2024-05-01T10:00:30Z", "Anna Muster"]
    assert found.headlines == []


def test_label_that_says_what_a_meta_holds() -> None:
    head = '<meta name="twitter:label1" content="{}"><meta name="twitter:data1" content="Anna Muster">'
    assert [said.value for said in facts(head.format("Written by")).people] == ["Anna Muster"]
    assert [said.value for said in facts(head.format("Escrito por")).people] == ["Anna Muster"]
    assert facts(head.format("Price")).people == []


class TestScopes:
    """Microdata of the article, and of what else stands on its page."""

    ITEM = '<div itemscope itemtype="https://schema.org/{}"><span itemprop="author">{}</span></div>'

    @pytest.mark.parametrize("kind", ["Comment", "UserComments", "Review", "ImageObject"])
    def test_not_of_comments_and_pictures(self, kind: str) -> None:
        body = self.ITEM.format(kind, "Ben Sample") + self.ITEM.format("NewsArticle", "Anna Muster")
        assert [said.value for said in facts("", body).people] == ["Anna Muster"]

    def test_of_the_first_article_only(self) -> None:
        body = self.ITEM.format("NewsArticle", "Anna Muster") + self.ITEM.format("NewsArticle", "Ben Sample")
        assert [said.value for said in facts("", body).people] == ["Anna Muster"]


@pytest.mark.parametrize("number", ["1714557630", "1714557630000", "1714557630.5"])
def test_epoch_as_a_number(number: str) -> None:
    page = html("", ld(f'{{"@type":"NewsArticle","datePublished":{number}}}'))
    assert article(page).published_at == "2024-05-01T10:00:30Z"
