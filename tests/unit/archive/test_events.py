"""Streams of events and stories: their order, their pages, and what they cost."""

from __future__ import annotations

import pytest

from archive import Archive
from archive.copies import headings, lineup
from archive.errors import QueryError
from archive.events import KINDS, NEWEST, events
from archive.related import related
from tests.unit.archive.helpers import OTHER, TEXT, add_source, check, file, filing, stamp

COUNT = 9


@pytest.fixture
def busy(archive: Archive) -> Archive:
    """Articles of two sources that were changed and withdrawn, several at the same moment, and their stories."""
    one, two = add_source(archive, "one"), add_source(archive, "two")
    for number in range(COUNT):
        source = (one, two)[number % 2]
        url = f"https://x.example/{number}"
        text = f"{OTHER} {number} {'word ' * number}"
        filed = file(archive, filing(source, url, f"Headline {number}", text, hours=0))
        file(archive, filing(source, url, f"Another headline {number}", text, hours=1 + number // 3))
        if number % 3 == 0:
            with archive.transaction():
                archive.store.withdraw(filed.article_id, stamp(1 + number // 3))
    check(archive)
    return archive


@pytest.mark.parametrize("kind", ["", "titles", "headline", "withdrawn", "trivial"])
@pytest.mark.parametrize("source", ["", "one"])
@pytest.mark.parametrize("size", [1, 2, 5])
def test_pages_of_events_are_the_whole_stream(busy: Archive, kind: str, source: str, size: int) -> None:
    whole = events(busy.db.conn, kind=kind, source=source, most=1000)
    assert [event.place for event in whole] == sorted((event.place for event in whole), reverse=True)
    assert {event.source for event in whole} <= {source or "one", source or "two"}
    paged, before = [], NEWEST
    for _ in range(50):
        page = events(busy.db.conn, kind=kind, source=source, before=before, most=size)
        if not page:
            break
        paged += page
        before = page[-1].place
    assert paged == whole


def test_events_are_changes_and_withdrawals(busy: Archive) -> None:
    found = events(busy.db.conn, most=1000)
    assert sum(event.kind == "headline" for event in found) == COUNT
    assert sum(event.kind == "withdrawn" for event in found) == 3
    assert all(event.version == 0 and not event.silent for event in found if event.kind == "withdrawn")
    assert events(busy.db.conn, kind="trivial", most=10) == []
    assert not [event for event in events(busy.db.conn, silent=True, most=1000) if event.kind == "withdrawn"]
    assert events(busy.db.conn, source="nobody", most=10) == []


def test_there_are_no_events_of_another_kind(busy: Archive) -> None:
    with pytest.raises(QueryError, match="There is no kind “x”"):
        events(busy.db.conn, kind="x", most=10)


@pytest.mark.sqlite
def test_no_page_of_events_or_stories_looks_at_every_article(busy: Archive) -> None:
    seen: list[str] = []
    busy.db.conn.set_trace_callback(seen.append)
    for kind in ("", *KINDS):
        for source in ("", "one"):
            for silent in (False, True):
                events(busy.db.conn, kind=kind, source=source, silent=silent, most=10)
    headings(busy.db.conn, source="one", since="2026-01-01", until="2026-12-31", outlets=2, most=10)
    headings(busy.db.conn, most=10)
    lineup(busy.db.conn, 1, 10)
    article = busy.article(1)
    assert article is not None
    related(busy.db.conn, article)
    busy.db.conn.set_trace_callback(None)
    plans = [
        (row["detail"], statement)
        for statement in seen
        if statement.lstrip().startswith("SELECT")
        for row in busy.db.conn.execute(f"EXPLAIN QUERY PLAN {statement}")
    ]
    assert len(plans) > 50
    # the virtual table is asked for a word within a range of numbers
    whole = [
        (plan, statement)
        for plan, statement in plans
        if plan.startswith("SCAN") and "VIRTUAL TABLE" not in plan and plan not in ALLOWED_SCANS
    ]
    assert whole == []


ALLOWED_SCANS = ("SCAN t USING INDEX stories_first",)


@pytest.mark.parametrize("size", [1, 2])
def test_pages_of_stories_are_all_of_them(archive: Archive, size: int) -> None:
    sources = [add_source(archive, name) for name in ("one", "two", "three")]
    for number in range(5):
        text = "\n".join(f"{TEXT} Sentence {number} {part} of this very report." * 2 for part in range(6))
        for place, source in enumerate(sources[: 2 + number % 2]):
            url = f"https://{place}.example/{number}"
            file(archive, filing(source, url, f"Story {number}", text.replace("ferry", f"ferry{number}"), hours=place))
    whole = headings(archive.db.conn, most=100)
    assert whole
    assert [(one.first_at, one.id) for one in whole] == sorted(((one.first_at, one.id) for one in whole), reverse=True)
    paged, before = [], ("~", 0)
    for _ in range(20):
        page = headings(archive.db.conn, before=before, most=size)
        if not page:
            break
        paged += page
        before = (page[-1].first_at, page[-1].id)
    assert paged == whole
    with_three = headings(archive.db.conn, source="three", most=100)
    assert {one.id for one in with_three} < {one.id for one in whole} or len(whole) == 1
    for one in whole:
        assert len(lineup(archive.db.conn, one.id, 100)) == one.members
