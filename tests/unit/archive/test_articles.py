"""Articles: one row an article, every version of it, every address; and when two pages are one article."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from archive import Archive
from archive.captures import Captures
from archive.filing import Filed, Filing
from archive.likeness import hashes, normalise, same, shared
from archive.raw import Earlier
from archive.records import Draft
from archive.rows import Outcome
from tests.newsstand import bulk
from tests.unit.archive.helpers import OTHER, SENTENCE, TEXT, add_source, at, check, exchange, file, filing, rows, stamp

SITE = "https://island-post.example"
A, B, C = (f"{SITE}/{name}" for name in "abc")
EDITED = TEXT.replace("twice a day", "three times a day")


@pytest.fixture
def source(archive: Archive) -> int:
    return add_source(archive)


def texts(archive: Archive, article: int = 1) -> list[tuple[int, str]]:
    return [(version.version, version.text) for version in archive.versions(article)]


def count(archive: Archive) -> int:
    return int(rows(archive, "SELECT count(*) FROM articles")[0][0])


def found(archive: Archive, word: str) -> list[int]:
    return [hit.id for hit in archive.search(word)]


# -- versions --------------------------------------------------------------------------------------------------------


def test_a_new_article(archive: Archive, source: int) -> None:
    filed = file(archive, filing(source, A, authors=("Ann Lee",), provenance={"title": "jsonld"}, published_at=""))
    assert filed == Filed(Outcome.STORED, 1, 1)
    article = archive.article(1)
    assert article is not None
    assert (article.url, article.canonical_url, article.source) == (A, A, "island_post")
    assert (article.title, article.text, article.authors) == ("Ferries twice a day", TEXT, ("Ann Lee",))
    assert (article.first_seen_at, article.last_seen_at, article.version) == (stamp(0), stamp(0), 1)
    assert (article.published_at, article.provenance, article.word_count) == (None, {"title": "jsonld"}, 37)
    assert texts(archive) == [(1, TEXT)]
    assert found(archive, "ferry") == [1]


def test_the_same_text_again(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    again = file(archive, filing(source, A, text=f"  {TEXT.upper()}\n", article_id=1, hours=5))
    assert again == Filed(Outcome.UNCHANGED, 1, 1)
    assert rows(archive, "SELECT first_seen_at, last_seen_at FROM articles") == [(stamp(0), stamp(5))]
    assert texts(archive) == [(1, TEXT)]


def test_changed_text_is_a_new_version_and_the_old_one_is_kept(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    filed = file(archive, filing(source, A, text=EDITED, article_id=1, hours=5))
    assert (filed.outcome, filed.article_id, filed.version) == (Outcome.UPDATED, 1, 2)
    assert texts(archive) == [(1, TEXT), (2, EDITED)]
    assert [version.captured_at for version in archive.versions(1)] == [stamp(0), stamp(5)]
    assert (found(archive, "three"), found(archive, "twice")) == ([1], [1])  # the title still says twice
    file(archive, filing(source, A, "Ferries", EDITED, article_id=1, hours=6))
    assert (found(archive, "three"), found(archive, "twice")) == ([1], [])


def test_there_and_back_again(archive: Archive, source: int) -> None:
    for hours, text in enumerate([TEXT, EDITED, TEXT, EDITED, OTHER]):
        filed = file(archive, filing(source, A, text=text, article_id=1 if hours else None, hours=hours))
    assert (filed.outcome, filed.version) == (Outcome.UPDATED, 3)
    assert texts(archive) == [(1, TEXT), (2, EDITED), (3, OTHER)]
    back = file(archive, filing(source, A, article_id=1, hours=9))
    assert (back.outcome, back.version, back.detail) == (Outcome.UPDATED, 1, "back to version 1")
    assert rows(archive, "SELECT text, version FROM articles") == [(TEXT, 1)]
    assert found(archive, "bakers") == []


CAPTURES = [(1, TEXT), (2, EDITED), (3, TEXT), (4, OTHER)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=str)
def test_captures_in_any_order_give_the_same_article(archive: Archive, source: int, order: tuple[int, ...]) -> None:
    article = None
    for index in order:
        hours, text = CAPTURES[index]
        with archive.transaction():
            article = archive.store.file(filing(source, A, text=text, article_id=article, hours=hours)).article_id
    check(archive)
    assert rows(archive, "SELECT text, first_seen_at, last_seen_at FROM articles") == [(OTHER, stamp(1), stamp(4))]
    assert [(version.captured_at, version.text) for version in archive.versions(1)] == [
        (stamp(1), TEXT),
        (stamp(2), EDITED),
        (stamp(4), OTHER),
    ]
    current = rows(archive, "SELECT v.text FROM articles a JOIN article_versions v USING (version) WHERE a.id = 1")
    assert current == [(OTHER,)]


def test_an_older_capture_does_not_overwrite_the_newer_text(archive: Archive, source: int) -> None:
    file(archive, filing(source, A, text=EDITED))
    filed = file(archive, filing(source, A, text=TEXT, article_id=1, hours=-48))
    assert (filed.outcome, filed.version) == (Outcome.UPDATED, 2)
    assert rows(archive, "SELECT text, version, first_seen_at, last_seen_at FROM articles") == [
        (EDITED, 1, stamp(-48), stamp(0))
    ]
    assert found(archive, "three") == [1]


def test_a_version_names_its_capture(archive: Archive, source: int) -> None:
    with archive.transaction():
        placed = archive.raw.append(exchange(A))
        capture = archive.captures.add(exchange(A), placed)
        filed = archive.store.file(filing(source, A))
        archive.store.set_capture(filed.article_id, filed.version, stamp(0), capture)
        archive.store.set_capture(filed.article_id, filed.version, stamp(7), None)  # not the one it was made from
    assert rows(archive, "SELECT version, capture_id FROM article_versions") == [(1, capture)]


def test_withdrawn_and_back(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    withdrawn = "SELECT withdrawn_at, text FROM articles"
    archive.store.withdraw(1, stamp(2))
    archive.store.withdraw(1, stamp(3))
    assert rows(archive, withdrawn) == [(stamp(2), TEXT)]
    file(archive, filing(source, A, article_id=1, hours=1))  # an older capture does not bring it back
    assert rows(archive, withdrawn) == [(stamp(2), TEXT)]
    file(archive, filing(source, A, article_id=1, hours=4))
    assert rows(archive, withdrawn) == [(None, TEXT)]


# -- one article at several addresses ----------------------------------------------------------------------------------


DUPLICATES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a redirect to it": ({}, {"url": A, "requested": (B, A)}),
    "a redirect from it": ({}, {"url": B, "requested": (A, B)}),
    "canonical": ({}, {"url": B, "canonical_url": A}),
    "canonical that was named before": ({"canonical_url": B}, {"url": B}),
    "the same canonical": ({"canonical_url": C}, {"url": B, "canonical_url": C}),
    "the AMP page that it names": ({"amp_url": B}, {"url": B}),
    "an AMP page that names it": ({}, {"url": B, "canonical_url": A, "text": TEXT[:220]}),
    "guid": ({"guid": "n-1"}, {"url": B, "guid": "n-1", "text": TEXT + " Updated."}),
    "guid that is a URL": ({"guid": f"{SITE}/?p=1"}, {"url": f"{SITE}/?p=1", "text": TEXT + " Updated."}),
    "identical text": ({}, {"url": B, "title": "Another title", "text": TEXT.replace(" ", "\u00a0 ")}),
    "the mobile page without a canonical": (
        {"url": f"{SITE}/x"},
        {"url": "https://m.island-post.example/x", "text": TEXT[:230]},
    ),
    "the AMP page without a canonical": ({"url": f"{SITE}/x"}, {"url": f"{SITE}/amp/x", "text": TEXT[:230]}),
    "without TLS": ({"url": f"{SITE}/x"}, {"url": f"{SITE}/x".replace("https", "http"), "text": TEXT + " Fog."}),
    "another slug before the number": (
        {"url": f"{SITE}/ferry-sails-1234567"},
        {"url": f"{SITE}/no-more-bread-1234567"},
    ),
    "another slug after the number": ({"url": f"{SITE}/1234567/ferry-sails"}, {"url": f"{SITE}/1234567/no-more-bread"}),
    "a short text with the same title": ({"text": "Soon.", "guid": "n"}, {"url": B, "text": "Later.", "guid": "n"}),
}


@pytest.mark.parametrize(("first", "second"), DUPLICATES.values(), ids=DUPLICATES)
def test_one_article(archive: Archive, source: int, first: dict[str, Any], second: dict[str, Any]) -> None:
    file(archive, filing(source, **({"url": A} | first)))
    filed = file(archive, filing(source, **({"hours": 2} | second)))
    assert (filed.outcome, filed.article_id, filed.version) == (Outcome.DUPLICATE, 1, 1)
    assert filed.detail
    assert count(archive) == 1
    assert {archive.article(url).id for url in (first.get("url", A), second["url"])} == {1}  # type: ignore[union-attr]
    assert len(texts(archive)) == 1


DIFFERENT: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "canonical of another text": ({}, {"url": B, "text": OTHER, "canonical_url": A}),
    "guid of another text": ({"guid": "n-1"}, {"url": B, "text": OTHER, "guid": "n-1"}),
    "guid and title of another text": ({"guid": "n-1"}, {"url": B, "text": OTHER, "title": "Ferries twice a day", "guid": "n-1"}),
    "a page on the way": ({"requested": (C, A)}, {"url": B, "text": OTHER, "requested": (C, B)}),
    "the number of another text": ({"url": f"{SITE}/ferry-sails-1234567"}, {"url": f"{SITE}/no-more-bread-1234567", "text": OTHER}),
    "the mobile page of another text": ({"url": f"{SITE}/x"}, {"url": "https://m.island-post.example/x", "text": OTHER}),
    "short texts alike": ({"text": "Subscribers only."}, {"url": B, "text": "Subscribers only."}),
    "short texts alike under one guid": (
        {"text": "Subscribers only.", "guid": "n"},
        {"url": B, "title": "Bread", "text": "Subscribers only.", "guid": "n"},
    ),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second"), DIFFERENT.values(), ids=DIFFERENT)
def test_two_articles(archive: Archive, source: int, first: dict[str, Any], second: dict[str, Any]) -> None:
    file(archive, filing(source, **({"url": A} | first)))
    filed = file(archive, filing(source, **({"title": "No bread"} | second)))
    assert filed.outcome == Outcome.STORED
    assert [archive.article(url).id for url in (first.get("url", A), second["url"])] == [1, 2]  # type: ignore[union-attr]


@pytest.mark.parametrize("more", [{}, {"guid": "n"}, {"canonical_url": A}], ids=["text", "guid", "canonical"])
def test_copies_between_sources_are_articles_of_their_own(archive: Archive, source: int, more: dict[str, Any]) -> None:
    other = add_source(archive, "harbour_news")
    file(archive, filing(source, A, **({} if "canonical_url" in more else more)))
    assert file(archive, filing(other, "https://harbour-news.example/x", **more)).outcome == Outcome.STORED
    assert archive.article(A).source == "island_post"  # type: ignore[union-attr]
    assert archive.article("https://harbour-news.example/x").source == "harbour_news"  # type: ignore[union-attr]


def test_a_copy_that_names_its_original_before_that_is_fetched(archive: Archive, source: int) -> None:
    other = add_source(archive, "harbour_news")
    copy = "https://harbour-news.example/x"
    file(archive, filing(other, copy, canonical_url=A))
    assert archive.article(A).id == 1  # type: ignore[union-attr]
    filed = file(archive, filing(source, A))
    assert (filed.outcome, filed.article_id) == (Outcome.STORED, 2)
    assert archive.article(A).source == "island_post"  # type: ignore[union-attr]
    article = archive.article(copy)
    assert article is not None
    assert (article.canonical_url, article.provenance["canonical_url"]) == (copy, f"ignored: {A} is article 2")


def test_a_page_takes_its_address_back_from_who_claimed_it_falsely(archive: Archive, source: int) -> None:
    file(archive, filing(source, B, "No bread", OTHER, canonical_url=A))
    filed = file(archive, filing(source, A))
    assert (filed.outcome, filed.article_id) == (Outcome.STORED, 2)
    assert [archive.article(url).id for url in (A, B)] == [2, 1]  # type: ignore[union-attr]
    assert dict(archive.addresses(2)) == {A: "final"}
    assert archive.article(1).canonical_url == B  # type: ignore[union-attr]


def test_the_front_page_is_no_address_of_an_article(archive: Archive, source: int) -> None:
    for number, text in enumerate([TEXT, OTHER]):
        filed = file(archive, filing(source, f"{SITE}/{number}", f"Title {number}", text, canonical_url=f"{SITE}/"))
        assert filed.outcome == Outcome.STORED
        article = archive.article(filed.article_id)
        assert article is not None
        assert article.canonical_url == article.url
        assert article.provenance["canonical_url"] == f"ignored: {SITE}/ is a front page"
    assert archive.article(f"{SITE}/") is None


def test_a_section_is_no_address_of_an_article(archive: Archive, source: int) -> None:
    page = f"{SITE}/world/ferry-sails-at-nine"
    file(archive, filing(source, page, canonical_url=f"{SITE}/world/"))
    article = archive.article(page)
    assert article is not None
    assert (article.canonical_url, article.provenance["canonical_url"]) == (
        page,
        f"ignored: {SITE}/world/ is a section",
    )
    assert archive.article(f"{SITE}/world/") is None


def test_one_address_for_all_articles_is_none(archive: Archive, source: int) -> None:
    """A site that names one page, which nobody has seen, as the canonical one of whatever it publishes."""
    every = f"{SITE}/every-story"
    for number, text in enumerate([TEXT, OTHER, "Fog stopped all ships in the strait, the pilots said. " * 6]):
        filed = file(archive, filing(source, f"{SITE}/{number}", f"Title {number}", text, canonical_url=every))
        assert (filed.outcome, filed.article_id) == (Outcome.STORED, number + 1)
    assert archive.article(every) is None
    said = f"ignored: different articles call {every} their own"
    for article in archive.articles():
        assert (article.canonical_url, article.provenance["canonical_url"]) == (article.url, said)
    filed = file(archive, filing(source, every, "Title 0", TEXT))  # it was the first one's after all
    assert (filed.outcome, filed.article_id) == (Outcome.DUPLICATE, 1)


def test_a_slug_that_changes_with_the_text_is_a_version(archive: Archive, source: int) -> None:
    first, later, last = (f"{SITE}/{slug}-1234567" for slug in ("ferry-sails", "ferry-sails-more", "no-ferry-today"))
    file(archive, filing(source, first))
    filed = file(archive, filing(source, later, "Ferries thrice a day", f"{TEXT} {SENTENCE.upper()}More.", hours=1))
    assert (filed.outcome, filed.article_id, filed.version) == (Outcome.UPDATED, 1, 2)
    again = file(archive, filing(source, last, "Ferries thrice a day", f"{TEXT} None.", hours=2))
    assert (again.outcome, again.article_id, again.version) == (Outcome.UPDATED, 1, 3)
    assert dict(archive.addresses(1)) == {first: "final", later: "final", last: "final"}
    same_page = file(archive, filing(source, later, "Ferries thrice a day", f"{TEXT} None.", article_id=1, hours=3))
    assert same_page.outcome == Outcome.UNCHANGED


def test_an_older_archive_gets_its_keys_when_it_is_opened(archive: Archive, source: int) -> None:
    file(archive, filing(source, f"{SITE}/ferry-sails-1234567"))
    keys = rows(archive, "SELECT * FROM article_keys")
    assert len(keys) == 2
    with archive.transaction():
        archive.db.execute("DELETE FROM article_keys")
        archive.db.execute("INSERT INTO jobs (name, started_at, position) VALUES ('addresses', ?, 0)", [stamp(0)])
    archive.close()
    with Archive(archive.address, write=True) as again:
        assert rows(again, "SELECT * FROM article_keys") == keys
        assert rows(again, "SELECT name FROM jobs") == []


def test_every_address_is_kept(archive: Archive, source: int) -> None:
    final, guid = f"{SITE}/final", f"{SITE}/?p=1"
    one = filing(source, final, requested=(A, B, final), canonical_url=C, amp_url=f"{C}/amp", guid=guid)
    file(archive, one)
    assert dict(archive.addresses(1)) == {
        A: "requested",
        B: "requested",
        final: "final",
        C: "canonical",
        f"{C}/amp": "amp",
        guid: "guid",
        f"guid:{source}:{guid}": "guid",
    }
    file(archive, filing(source, f"{SITE}/other", requested=(f"{SITE}/other",), canonical_url=final))
    assert archive.article(f"{SITE}/other").id == 1  # type: ignore[union-attr]


def test_the_page_of_an_article_that_moved(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    filed = file(archive, filing(source, B, text=OTHER, requested=(A, B), article_id=1, hours=1))
    assert (filed.outcome, filed.article_id, filed.version) == (Outcome.UPDATED, 1, 2)
    again = file(archive, filing(source, B, text=TEXT, hours=2))
    assert (again.outcome, again.article_id) == (Outcome.UPDATED, 1)


def test_the_page_of_an_article_that_leads_to_another_now(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    file(archive, filing(source, B, "No bread", OTHER))
    filed = file(archive, filing(source, B, "No bread", OTHER, requested=(A, B), article_id=1, hours=1))
    assert (filed.outcome, filed.article_id) == (Outcome.DUPLICATE, 2)
    away = file(archive, filing(source, C, "Fog", "Fog. " * 60, requested=(A, C), article_id=1, hours=2))
    assert (away.outcome, away.article_id) == (Outcome.STORED, 3)
    assert texts(archive) == [(1, TEXT)]


def test_a_variant_that_is_looked_at_again_makes_no_version(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    file(archive, filing(source, B, text=TEXT + " Advertisement.", canonical_url=A, hours=1))
    filed = file(archive, filing(source, B, text=TEXT + " Share.", canonical_url=A, article_id=1, hours=2))
    assert filed.outcome == Outcome.DUPLICATE
    assert texts(archive) == [(1, TEXT)]


# -- hostile text ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("bad", ["\0", "\ud800", "a\0b\udfff", "\ud83d\ude00"], ids=ascii)
def test_no_nul_and_no_lone_surrogate_is_stored(archive: Archive, source: int, bad: str) -> None:
    one = filing(
        source, A, f"T{bad}", f"{TEXT}{bad}", authors=(bad,), tags=(f"t{bad}",), section=bad, canonical_url=f"{A}?{bad}",
        provenance={"title": bad, bad: "x"}, guid=bad, requested=(A, f"{A}#{bad}"), published_raw=bad,
    )  # fmt: skip
    assert file(archive, one).outcome == Outcome.STORED
    assert file(archive, Filing(**{n: getattr(one, n) for n in one.__slots__})).outcome == Outcome.DUPLICATE
    for table in ("articles", "article_versions", "article_urls", "articles_folded"):
        for row in archive.db.query(f"SELECT * FROM {table}"):  # noqa: S608 (names of ours)
            assert not any("\0" in value or "\\u0000" in value for value in row.values() if isinstance(value, str))
    article = archive.article(1)
    assert article is not None
    assert (len(article.text),) == rows(archive, "SELECT length(text) FROM articles")[0]
    if bad == "\ud83d\ude00":
        assert article.title == "T😀"  # two halves of one character


def test_five_megabytes_of_text(archive: Archive, source: int) -> None:
    huge = "".join(f"word{number} " for number in range(450_000))
    assert file(archive, filing(source, A, text=huge, guid="n")).outcome == Outcome.STORED
    assert file(archive, filing(source, B, text=huge + "more", guid="n")).outcome == Outcome.DUPLICATE
    assert found(archive, "word449999") == [1]


# -- pure decisions ----------------------------------------------------------------------------------------------------


ALIKE = {
    "white space": ("one two\nthree", " one\u00a0two  three\n"),
    "case": ("Straße", "STRASSE"),
    "composition": ("caf\u00e9", "cafe\u0301"),
    "width": ("ＡＢＣ１２", "abc12"),
    "soft hyphens": ("harbour", "har\u00adbour"),
    "break opportunities": ("harbour", "har\u200bbour\ufeff"),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_what_does_not_count_as_a_change(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)
    assert hashes("t", one)[0] == hashes("T", other)[0]


UNLIKE = {
    "a word": ("one two", "one three"),
    "punctuation": ("it is. so", "it is, so"),
    "an accent": ("cote", "côte"),
    "Persian joiners": ("می\u200cرود", "میرود"),
    "a number": ("1,000 ships", "1,001 ships"),
}


@pytest.mark.parametrize(("one", "other"), UNLIKE.values(), ids=UNLIKE)
def test_what_counts_as_a_change(one: str, other: str) -> None:
    assert hashes("t", one)[0] != hashes("t", other)[0]


def test_title_and_text_do_not_run_together() -> None:
    assert hashes("a b", "c")[0] != hashes("a", "b c")[0]


def test_share_of_texts() -> None:
    assert shared(TEXT, TEXT) == 1
    assert shared(TEXT, "") == shared("abcd", "abcd") == 0  # too short for a shingle
    assert shared(TEXT + OTHER, OTHER) == 1
    assert shared(TEXT, OTHER) < 0.2
    assert not same("t", TEXT, Draft("t", OTHER))
    assert same("t", "short", Draft("T", TEXT))


# -- captures ----------------------------------------------------------------------------------------------------------


def test_earlier_captures(archive: Archive) -> None:
    captures = Captures(archive.db)
    assert captures.earlier(A) is None
    one, two = exchange(A, b"one"), exchange(A, b"two", fetched_at=at(1))
    gone = exchange(A, b"gone", status=404, fetched_at=at(2))
    with archive.transaction():
        for each in (one, two, gone):
            captures.add(each, archive.raw.append(each))
        captures.add(exchange(A, b"two", fetched_at=at(3)), archive.raw.append(two, captures.earlier(A, two.digest)))
    assert captures.earlier(A) == captures.earlier(A, two.digest) == Earlier(A, stamp(1), two.digest)
    assert captures.earlier(A, one.digest) == Earlier(A, stamp(0), one.digest)
    assert captures.earlier(A, gone.digest) is None
    assert captures.earlier(B, one.digest) is None


def test_captures_lead_to_the_bytes(archive: Archive) -> None:
    bodies = {f"{SITE}/{number}": bytes([number]) * number for number in range(20)}
    with archive.transaction():
        for url, body in bodies.items():
            one = exchange(url, body)
            archive.captures.add(one, archive.raw.append(one))
    for url, name, offset, digest in rows(archive, "SELECT url, warc_file, warc_offset, digest FROM captures"):
        read = archive.raw.read(name, offset)
        assert (read.url, read.body, read.digest) == (url, bodies[url], digest)


@pytest.mark.parametrize("claim", [{"guid": "0"}, {"canonical_url": f"{SITE}/latest"}], ids=["guid", "canonical"])
def test_articles_of_one_paper_are_not_copies_of_each_other(
    archive: Archive, source: int, claim: dict[str, str]
) -> None:
    """Long texts of one language share many short runs of letters; a claim that all of a site's pages make is none."""
    for number, story in enumerate(bulk.spec(12).stories):
        one = filing(source, f"{SITE}/{number}", title=story.title, text="\n".join(story.paragraphs), **claim)
        assert file(archive, one).outcome == Outcome.STORED
