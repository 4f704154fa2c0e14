"""Watches: what came since the last look, once, in every script; versions that newly match; copies of one story."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from archive import Archive
from archive.cli import cli
from archive.errors import ArchiveError, QueryError
from archive.records import utc_text
from archive.saved import Searches
from archive.watches import LISTED, Found, forget, look, looked, note
from tests.unit.archive.helpers import OTHER, TEXT, add_source, at, file, filing, rows


def found(archive: Archive, query: str, hours: float = 0, name: str = "w") -> Found:
    """A look that is remembered."""
    one = look(archive.db.conn, name, query, at(hours))
    with archive.transaction():
        note(archive.db, one)
    return one.found


def titles(archive: Archive, query: str, hours: float = 0) -> list[str]:
    return [one.title for one in found(archive, query, hours).matches]


def add(archive: Archive, number: int, title: str, text: str = OTHER, **more: object) -> None:
    file(
        archive,
        filing(more.pop("source", 1), f"https://a.example/{number}", title=title, text=f"{text} {number}.", **more),
    )  # type: ignore[arg-type]


@pytest.fixture
def source(archive: Archive) -> int:
    return add_source(archive)


def test_a_watch_tells_what_came_since_its_last_look_and_nothing_twice(archive: Archive, source: int) -> None:
    add(archive, 1, "Ferries sail again")
    assert titles(archive, "ferries") == [], "what was there before is no news"
    add(archive, 2, "Ferries are late")
    add(archive, 3, "Bakers close")
    assert titles(archive, "ferries", 1) == ["Ferries are late"]
    assert titles(archive, "ferries", 2) == []
    add(archive, 4, "More ferries")
    assert titles(archive, "ferries", 3) == ["More ferries"]


def test_what_came_between_setting_up_a_watch_and_its_first_look_is_told(archive: Archive, source: int) -> None:
    """As where `--once` crawls first and looks for matches then."""
    add(archive, 1, "Ferries sail again", hours=0)
    add(archive, 2, "Ferries are late", hours=2)
    add(archive, 3, "Old ferries", hours=-99)  # as an import brings
    one = look(archive.db.conn, "w", "ferries", at(3), utc_text(at(1)))
    assert [(match.title, match.copies) for match in one.found.matches] == [("Ferries are late", 1)], "and the import"
    with archive.transaction():
        note(archive.db, one)
    assert look(archive.db.conn, "w", "ferries", at(4), utc_text(at(1))).found.number == 0
    assert look(archive.db.conn, "v", "ferries", at(4), utc_text(at(4))).found.number == 0
    other = look(archive.db.conn, "w", "ferries OR bakers", at(5), utc_text(at(4)))
    assert other.found.number == 0, "another query begins anew"


def test_a_look_that_is_not_noted_is_made_again(archive: Archive, source: int) -> None:
    """As after a kill between the look and the transaction that writes its message."""
    found(archive, "ferries")
    add(archive, 1, "Ferries are late")
    assert look(archive.db.conn, "w", "ferries", at(1)).found.number == 1
    assert found(archive, "ferries", 1).number == 1


def test_another_query_begins_anew(archive: Archive, source: int) -> None:
    found(archive, "ferries")
    add(archive, 1, "Ferries are late")
    assert titles(archive, "bakers OR ferries", 1) == []
    add(archive, 2, "Bakers close")
    assert titles(archive, "bakers OR ferries", 2) == ["Bakers close"]


@pytest.mark.parametrize(
    ("query", "title", "other"),
    [
        ("渡轮", "港口渡轮停航九个月后恢复", "港口的新桥"),
        ("العبارة", "العبّارة تعود إلى الجزر", "خبر آخر"),
        ("паром*", "Паромы снова ходят", "Пекари закрыты"),
        ("title:bread", "Bread is dear", "Ferries"),
        ('"no bread"', "There is no bread", "Bread, no?"),
        ("bread -dear", "Bread is here", "Bread is dear"),
        ("bread lang:fr", "bread", ""),
        ("lang:fr -bread", "Le bac", ""),
    ],
)
def test_queries_are_those_of_search(archive: Archive, source: int, query: str, title: str, other: str) -> None:
    found(archive, query)
    add(archive, 1, title, "x", language="fr")
    if other:
        add(archive, 2, other, "y", language="fr")
    add(archive, 3, title if "lang:" in query else "z", "z", language="de")
    assert titles(archive, query, 1) == [title]


def test_a_version_that_newly_matches_is_told_once(archive: Archive, source: int) -> None:
    add(archive, 1, "Harbour news", TEXT)
    add(archive, 2, "Ferries: an old match", OTHER)
    found(archive, "strike")
    found(archive, "ferries", name="old")
    changed = TEXT.replace("sail twice a day", "not sail, as the crews are on strike")
    add(archive, 1, "Harbour news", changed, hours=2)
    add(archive, 2, "Ferries: an old match, changed", f"{OTHER} The crews say no.", hours=2)
    one = found(archive, "strike", 2.1)
    assert [(match.title, match.changed) for match in one.matches] == [("Harbour news", True)]
    assert found(archive, "strike", 2.15) == Found((), 0)
    assert found(archive, "strike", 9) == Found((), 0)
    assert look(archive.db.conn, "old", "ferries", at(2.1)).found.number == 0, "it matched before it changed"


def test_copies_of_one_story_are_one_line(archive: Archive, source: int) -> None:
    other = add_source(archive, "mainland")
    found(archive, "ferry")
    text = f"{TEXT} {OTHER}"
    add(archive, 1, "Ferries twice a day", text)
    add(archive, 2, "Twice a day to the islands", text, source=other, hours=1)
    add(archive, 3, "A ferry of another kind", "The ferry of souls is a book of poems about rivers and coins.")
    assert len(set(rows(archive, "SELECT story_id FROM articles WHERE story_id IS NOT NULL"))) == 1
    one = found(archive, "ferry", 2)
    assert [(match.title, match.copies) for match in one.matches] == [
        ("Ferries twice a day", 1),
        ("A ferry of another kind", 0),
    ]
    assert one.number == 2


def test_of_many_only_the_first_are_listed(archive: Archive, source: int) -> None:
    found(archive, "word")
    archive.db.conn.executemany(
        """INSERT INTO articles (url, canonical_url, source_id, title, text, first_seen_at, last_seen_at, content_hash, text_hash)
           VALUES (?1, ?1, 1, 'word', 'x', '', '', '', '')""",
        [(f"https://a.example/{number}",) for number in range(LISTED + 5)],
    )
    one = found(archive, "word", 1)
    assert (len(one.matches), one.number) == (LISTED, LISTED + 5)


def test_watches_that_are_no_more_are_forgotten(archive: Archive) -> None:
    found(archive, "a", name="one")
    found(archive, "b", name="two")
    with archive.transaction():
        forget(archive.db, ["two"])
    assert set(looked(archive.db.conn)) == {"two"}


def test_searches_can_be_watched(tmp_path: Path) -> None:
    searches = Searches(tmp_path)
    searches.keep("plain", "ferry", "best", "2026-03-05T12:00:00Z")
    assert searches.set_watch("plain", True)
    assert not searches.set_watch("none", True)
    assert [(one.name, one.watch) for one in searches.all()] == [("plain", True)]
    assert searches.set_watch("plain", True, "2026-03-06T12:00:00Z")
    assert searches.keep("kept", "ferry", "best", "2026-03-07T12:00:00Z", watch=True).watched_since[:10] == "2026-03-07"
    assert [one.watched_since[:10] for one in searches.all()] == ["2026-03-07", "2026-03-06"]
    searches.remove("kept")
    with pytest.raises(QueryError):
        searches.keep("all", "?!", "best", "", watch=True)
    searches.keep("all", "?!", "best", "")
    with pytest.raises(QueryError):
        searches.set_watch("all", True)


def test_a_file_from_before_there_were_watches_is_read(tmp_path: Path) -> None:
    (tmp_path / "searches.json").write_text('[{"name": "a", "query": "b", "order": "best", "saved_at": "2026"}]')
    assert [one.watch for one in Searches(tmp_path).all()] == [False]
    (tmp_path / "searches.json").write_text('[{"name": "a"}]')
    with pytest.raises(ArchiveError):
        Searches(tmp_path).all()


def test_the_command_adds_lists_and_removes(archive: Archive) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, ["watch", *arguments, "--archive", str(archive.address)])
        return done.exit_code, done.output

    assert run("list") == (1, "")
    assert run("add", "ferries", "ferry", "lang:en")[0] == 0
    assert run("list") == (0, "ferries\tferry lang:en\n")
    assert run("add", "ferries", "ferry", "lang:en")[1].endswith("is told from now on\n")
    assert run("add", "ferries", "渡轮")[1].endswith("is told from now on, and no longer what matches ferry lang:en\n")
    assert run("add", "all", "-")[0] == 2
    assert run("remove", "nosuch")[0] == 1
    assert run("remove", "ferries")[0] == 0
    assert run("list") == (1, "")
    assert Searches(archive.folder).get("ferries") is not None, "the search stays"
