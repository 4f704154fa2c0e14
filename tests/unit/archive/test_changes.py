"""Changes: which kind they are, whether anything said so, and that they follow from the versions in any order."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest

from archive import Archive
from archive.changes import Kind, Return, Sighting, Telling, classed, is_new, is_teaser, lead_changed, returns
from archive.notices import is_notice, notice_in
from archive.rows import Outcome
from tests.unit.archive.helpers import OTHER, TEXT, add_source, check, file, filing, rows, stamp

A = "https://island-post.example/a"
STORY = Telling(
    "Bridge closed all winter",
    "The mayor said on Monday that the old bridge will stay closed all winter.\n"
    "Nobody was hurt when a lorry hit one of the pillars, the police said. At least 12 people saw it.\n"
    "The council will vote on a new bridge in spring, if there is money left.",
    "A lorry hit a pillar.",
    "opengraph",
    "2026-03-05T12:00:00Z",
)
NOTICE = "Correction: an earlier version of this article gave another number of witnesses."


def edited(old: str, new: str, **more: Any) -> Telling:
    assert old in STORY.text
    return replace(STORY, text=STORY.text.replace(old, new), **more)


KINDS: dict[str, tuple[Telling, Kind]] = {
    "another headline": (replace(STORY, title="Lorry hits bridge"), Kind.HEADLINE),
    "a headline and a comma": (edited("spring, if", "spring if", title="Lorry hits bridge"), Kind.HEADLINE),
    "a notice": (replace(STORY, text=f"{STORY.text}\n{NOTICE}".replace("12", "14")), Kind.CORRECTION),
    "a paragraph more": (replace(STORY, text=f"{STORY.text}\nFerries sail meanwhile."), Kind.ADDITION),
    "a paragraph and a headline": (
        replace(STORY, text=f"{STORY.text}\nFerries sail meanwhile.", title="Lorry hits bridge"),
        Kind.ADDITION,
    ),
    "a paragraph less": (edited("\nThe council will vote on a new bridge in spring, if there is money left.", ""), Kind.DELETION),
    "a clause less": (edited(", if there is money left", ""), Kind.DELETION),
    "other figures": (edited("12", "14"), Kind.REWRITE),
    "another word": (edited("hurt", "killed"), Kind.REWRITE),
    "other words": (edited("Nobody was hurt", "Two men were hurt"), Kind.REWRITE),
    "a comma": (edited("spring, if", "spring if"), Kind.TRIVIAL),
    "a spelling": (edited("pillars", "pilars"), Kind.TRIVIAL),
    "another lead": (replace(STORY, summary="The bridge will stay closed all winter long."), Kind.REWRITE),
    "a longer lead": (replace(STORY, summary="Early on Friday morning: a lorry hit a pillar."), Kind.ADDITION),
}  # fmt: skip


@pytest.mark.parametrize(("after", "kind"), KINDS.values(), ids=KINDS)
def test_kinds(after: Telling, kind: Kind) -> None:
    assert is_new(STORY, after)
    assert classed(STORY, after).kind == kind


def test_other_signs_in_the_headline_are_trivial() -> None:
    before, after = (
        replace(STORY, title=title) for title in ('"Bridge" closed - all winter', "“Bridge” closed – all winter")
    )
    assert is_new(before, after)
    assert (classed(before, after).kind, classed(before, after).title) == (Kind.TRIVIAL, True)


FIRST, *REST = STORY.text.split("\n")
TEASERS = {
    "the first paragraph, walled": (FIRST, True, True),
    "the first paragraph and an offer, walled": (f"{FIRST}\nSubscribe to read on.", True, True),
    "the first paragraph, open": (FIRST, False, False),
    "a short beginning with an ellipsis": (f"{FIRST[:50]}…", False, True),
    "the same with brackets": (f"{FIRST[:50]} [...]", False, True),
    "another beginning with an ellipsis": ("The lorry was Swiss…", False, False),
    "another text, walled": ("The lorry was Swiss.", True, False),
    "most of it, walled": (f"{FIRST}\n{REST[0]}", True, False),
    "nothing but an offer": ("Subscribe to read on.", True, False),
}


@pytest.mark.parametrize(("text", "walled", "expected"), TEASERS.values(), ids=TEASERS)
def test_teasers(text: str, walled: bool, expected: bool) -> None:
    assert is_teaser(STORY, replace(STORY, text=text), walled) is expected


SILENT = {
    "nothing says so": (edited("12", "14"), True),
    "a new time": (edited("12", "14", modified_at="2026-03-05T13:00:00Z"), False),
    "an older time": (edited("12", "14", modified_at="2026-03-05T11:00:00Z"), True),
    "a notice": (replace(STORY, text=f"{STORY.text}\n{NOTICE}"), False),
    "no time any more": (edited("12", "14", modified_at=""), True),
}


@pytest.mark.parametrize(("after", "silent"), SILENT.values(), ids=SILENT)
def test_silent(after: Telling, silent: bool) -> None:
    assert classed(STORY, after).silent is silent


def test_a_notice_counts_once() -> None:
    corrected = replace(STORY, text=f"{STORY.text}\n{NOTICE}")
    assert classed(STORY, corrected).notice == NOTICE
    longer = replace(corrected, text=f"{corrected.text}\nFerries sail meanwhile.")
    assert (classed(corrected, longer).kind, classed(corrected, longer).notice) == (Kind.ADDITION, "")
    assert classed(corrected, STORY).kind == Kind.DELETION


NOTICES = (
    "Correction: the ferry sails at nine.|CORRECTION (5 March): nine.|Editor’s note: nine.|This article was amended on 5 March.|"
    "An earlier version of this story said ten.|Korrektur: neun.|Berichtigung|In einer früheren Version dieses Artikels hieß es zehn.|"
    "Rectificatif : neuf.|Une version précédente de cet article disait dix.|Fe de errores: nueve.|Erramos: nove.|Errata corrige: nove.|"
    "Rättelse: nio.|Rettelse: ni.|Oikaisu: yhdeksän.|Correctie: negen.|Sprostowanie: dziewięć.|Исправление: девять.|"
    "В предыдущей версии статьи говорилось о десяти.|Виправлення: дев’ять.|Διόρθωση: εννέα.|Düzeltme: dokuz.|تصحيح: تسعة.|اصلاحیه: نه|"
    "תיקון: תשע.|更正：九人。|【訂正】九人でした。|[정정] 아홉 명|सुधार: नौ|แก้ไข: เก้า|Đính chính: chín.|Ralat: sembilan.|"
    "We originally reported that 12 people saw it. The number is 14. We regret the error.|แก้ไขข่าว: เก้า|Clarification|"
    "Hinweis der Redaktion: Wir haben die Zahl der Zeugen korrigiert.|Klarstellung: Im Artikel stand zehn."
).split("|")  # fmt: skip
NO_NOTICES = (
    "Correction of the course came too late, the captain said.|Corrections are rare on this market.|The minister who fell ill showed the press "
    "an earlier version of this bill.|Korrekturen am Gesetz bleiben aus.|Oprava silnice začne v dubnu.|更正は難しい|Update: the ferry sails.|"
    "Klarstellung: So nannte der Minister seinen Brief an die Fraktion.|Clarification: the word that the mayor did not say"
).split("|")  # fmt: skip


@pytest.mark.parametrize("line", NOTICES)
def test_notices(line: str) -> None:
    assert is_notice(line)


@pytest.mark.parametrize("line", NO_NOTICES)
def test_no_notices(line: str) -> None:
    assert not is_notice(line)


def test_a_label_on_a_line_of_its_own_brings_the_next() -> None:
    assert notice_in("One.\nCorrection\nNine and not ten.\nTwo.") == "Correction Nine and not ten."


LEADS = {
    "another": ({"summary": "The bridge stays closed."}, True),
    "cut short": ({"summary": "A lorry hit…"}, False),
    "none any more": ({"summary": ""}, False),
    "from another place": ({"summary": "The bridge stays closed.", "summary_by": "feed"}, False),
    "from an unknown place": ({"summary": "The bridge stays closed.", "summary_by": ""}, False),
}


@pytest.mark.parametrize(("fields", "changed"), LEADS.values(), ids=LEADS)
def test_leads(fields: dict[str, str], changed: bool) -> None:
    assert lead_changed(STORY, replace(STORY, **fields)) is changed


def test_returns() -> None:
    seen = [Sighting(f"{at}", version) for at, version in enumerate([1, 1, 2, 1, 1, 2, 3])]
    assert returns(seen) == [Return(1, "3", 2), Return(2, "5", 1)]


# -- in the archive --------------------------------------------------------------------------------------------------


@pytest.fixture
def source(archive: Archive) -> int:
    return add_source(archive)


def changes(archive: Archive) -> list[tuple[Any, ...]]:
    return rows(archive, "SELECT from_version, to_version, changed_at, kind, silent FROM changes ORDER BY changed_at")


def test_a_change_is_written_with_its_version(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    assert changes(archive) == []
    file(archive, filing(source, A, text=f"{TEXT}\nMore ferries will come.", article_id=1, hours=1))
    file(archive, filing(source, A, "Sails", f"{TEXT}\nMore ferries will come.", article_id=1, hours=2))
    assert changes(archive) == [(1, 2, stamp(1), "addition", 1), (2, 3, stamp(2), "headline", 1)]


def test_a_headline_that_goes_back_and_forth_has_two_versions(archive: Archive, source: int) -> None:
    for hours, title in enumerate(["One", "Two", "One", "Two", "Two"]):
        filed = file(archive, filing(source, A, title, article_id=1 if hours else None, hours=hours))
    assert filed.outcome == Outcome.UNCHANGED
    assert [version.title for version in archive.versions(1)] == ["One", "Two"]
    assert changes(archive) == [(1, 2, stamp(1), "headline", 1)]
    assert rows(archive, "SELECT version, returned_at, instead_of FROM returns ORDER BY returned_at") == [
        (1, stamp(2), 2),
        (2, stamp(3), 1),
    ]


def test_counters_make_no_version(archive: Archive, source: int) -> None:
    file(archive, filing(source, A, text=f"{TEXT}\nRead 7 times"))
    filed = file(archive, filing(source, A, text=f"{TEXT}\nRead 1,234 times", article_id=1, hours=1))
    assert (filed.outcome, filed.version) == (Outcome.UNCHANGED, 1)
    assert rows(archive, "SELECT text FROM articles") == [(f"{TEXT}\nRead 7 times",)]
    assert rows(archive, "SELECT seen_at, version FROM sightings") == [(stamp(1), 1)]
    back = file(archive, filing(source, A, text=TEXT.replace("twice", "thrice"), article_id=1, hours=2))
    assert back.outcome == Outcome.UPDATED
    returned = file(archive, filing(source, A, text=f"{TEXT}\nRead 2,000 times", article_id=1, hours=3))
    assert (returned.outcome, returned.version, returned.detail) == (Outcome.UPDATED, 1, "back to version 1")
    assert rows(archive, "SELECT text, version FROM articles") == [(f"{TEXT}\nRead 7 times", 1)]


def test_a_teaser_makes_no_version(archive: Archive, source: int) -> None:
    long = f"{TEXT}\n{OTHER}"
    file(archive, filing(source, A, text=long))
    filed = file(archive, filing(source, A, text=f"{TEXT[:90]}…", article_id=1, hours=1))
    assert (filed.outcome, filed.version) == (Outcome.UNCHANGED, 1)
    assert "paywall" in filed.detail
    assert rows(archive, "SELECT text FROM articles") == [(long,)]
    assert rows(archive, "SELECT seen_at, version FROM sightings") == [(stamp(1), 1)]
    again = file(archive, filing(source, A, text=long, article_id=1, hours=2))
    assert (again.outcome, again.version, again.detail) == (Outcome.UNCHANGED, 1, "")
    assert changes(archive) == []
    # a text that grew from a beginning did change
    earlier = file(archive, filing(source, A, text=f"{TEXT[:90]}…", article_id=1, hours=-1))
    assert (earlier.outcome, earlier.version) == (Outcome.UPDATED, 2)


def test_a_box_of_headlines_of_the_source_makes_no_version(archive: Archive, source: int) -> None:
    heads = [
        "Storm closes the northern harbour",
        "Baker finds a coin in his flour",
        "Fog stops all ferries",
        "Museum opens at night",
    ]
    for at, head in enumerate(heads):
        file(archive, filing(source, f"{A}-{at}", head, OTHER.replace("Bakers", f"Bakers {at}")))
    first = file(archive, filing(source, A, text="\n".join([TEXT, "More", *heads[:2]])))
    filed = file(
        archive, filing(source, A, text="\n".join([TEXT, "More", *heads[2:]]), article_id=first.article_id, hours=1)
    )
    assert (filed.outcome, filed.version) == (Outcome.UNCHANGED, 1)


def test_another_lead_is_a_version(archive: Archive, source: int) -> None:
    by = {"provenance": {"summary": "opengraph"}}
    file(archive, filing(source, A, summary="Ferries sail twice.", **by))
    filed = file(archive, filing(source, A, summary="The islands will be nearer.", article_id=1, hours=1, **by))
    assert (filed.outcome, filed.version) == (Outcome.UPDATED, 2)
    again = file(archive, filing(source, A, summary="Ferries sail twice.", article_id=1, hours=2, **by))
    assert (again.outcome, again.version) == (Outcome.UPDATED, 1)
    other = file(archive, filing(source, A, summary="News.", article_id=1, hours=3, provenance={"summary": "feed"}))
    assert other.outcome == Outcome.UNCHANGED
    assert rows(archive, "SELECT lead_changed, title_changed, words_added FROM changes") == [(1, 0, 0)]


CAPTURES = [
    (1, "Ferries", f"{TEXT}\nRead 7 times"),
    (2, "Ferries", f"{TEXT}\nRead 12 times"),
    (3, "Ferries", f"{TEXT}\nMore ferries will come.\nRead 20 times"),
    (4, "Ferries", f"{TEXT}\nRead 22 times"),
    (5, "Sails", f"{TEXT}\nRead 25 times"),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(5)))[::7], ids=str)
def test_captures_in_any_order_give_the_same_changes(archive: Archive, source: int, order: tuple[int, ...]) -> None:
    article = None
    for index in order:
        hours, title, text = CAPTURES[index]
        with archive.transaction():
            page = filing(source, A, title, text, article_id=article, hours=hours)
            article = archive.store.file(page).article_id
    check(archive)
    assert [(version.captured_at, version.title, version.text) for version in archive.versions(1)] == [
        (stamp(1), "Ferries", f"{TEXT}\nRead 7 times"),
        (stamp(3), "Ferries", f"{TEXT}\nMore ferries will come.\nRead 20 times"),
        (stamp(5), "Sails", f"{TEXT}\nRead 25 times"),
    ]
    found = rows(archive, "SELECT changed_at, kind, words_added, words_removed FROM changes ORDER BY changed_at")
    assert found == [(stamp(3), "addition", 4, 0), (stamp(5), "deletion", 0, 4)]
    shown = """SELECT v.captured_at, r.returned_at FROM returns r JOIN article_versions v USING (article_id, version)"""
    assert rows(archive, shown) == [(stamp(1), stamp(4))]
    current = "SELECT a.text = v.text, a.content_hash = v.content_hash, v.title FROM articles a JOIN article_versions v USING (version)"
    assert rows(archive, current) == [(1, 1, "Sails")]


def test_a_corrected_extraction_corrects_the_change(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    file(archive, filing(source, A, text=f"{TEXT}\nMore ferries will come.\nShare this", article_id=1, hours=1))
    assert rows(archive, "SELECT words_added FROM changes") == [(6,)]
    with archive.transaction():
        archive.store.correct(1, filing(source, A, text=f"{TEXT}\nMore ferries will come."))
    assert rows(archive, "SELECT words_added FROM changes") == [(4,)]


def test_an_older_archive_gets_its_changes_when_it_is_opened(archive: Archive, source: int) -> None:
    file(archive, filing(source, A))
    file(archive, filing(source, A, text=f"{TEXT}\nMore ferries will come.", article_id=1, hours=1))
    before = changes(archive)
    with archive.transaction():
        archive.db.execute("DELETE FROM changes")
        archive.db.execute("INSERT INTO jobs (name, started_at, position) VALUES ('changes', ?, 0)", [stamp(0)])
    archive.close()
    with Archive(archive.address, write=True) as again:
        assert changes(again) == before != []
        assert rows(again, "SELECT name FROM jobs") == []
