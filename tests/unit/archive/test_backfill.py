"""The way back in the archive: places, candidates, costs, and what is not counted as live. On both backends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from archive import Archive
from archive.backfill import Backfill, Candidate, Spent
from archive.rows import Offer, Outcome
from tests.unit.archive.helpers import add_source, filing, rows

NOW = datetime(2026, 3, 5, 12, 0, tzinfo=UTC)
TEXT = "The ferry between the islands stays in the harbour until the storm is over, the company said on Wednesday."


def test_places_come_newest_first_and_those_that_say_nothing_last(archive: Archive) -> None:
    back = Backfill(archive.db)
    with archive.transaction():
        source = add_source(archive)
        old = back.open_place(source, "sitemaps", "old", oldest="2024-01-01", newest="2024-01-31")
        new = back.open_place(source, "sitemaps", "new", oldest="2024-03-01", newest="2024-03-31")
        some = back.open_place(source, "sitemaps", "some")
        back.open_place(source, "feeds", "other", newest="2024-12-31")
    seen: list[int] = []
    while (place := back.next_place(source, "sitemaps", "2023-01-01", "2026-01-01", seen)) is not None:
        seen.append(place.id)
    assert seen == [new.id, old.id, some.id]
    assert back.next_place(source, "sitemaps", "2024-02-01", "2024-02-28", [some.id]) is None
    with archive.transaction():
        back.read(new.id, NOW, done=False, position="7")
        back.failed(old.id, "HTTP 500")
    place = back.place(source, "sitemaps", "new")
    assert place is not None and (place.position, place.done, place.read_at) == ("7", False, "2026-03-05T12:00:00Z")
    with archive.transaction():
        back.read(new.id, NOW)
    assert back.next_place(source, "sitemaps", "2024-03-01", "2024-03-31", [some.id]) is None
    with archive.transaction():
        back.again(new.id)
    again = back.next_place(source, "sitemaps", "2024-03-01", "2024-03-31", [some.id])
    assert again is not None and again.id == new.id and again.position == ""


def test_candidates_wait_once_and_what_is_there_is_left(archive: Archive) -> None:
    back = Backfill(archive.db)
    with archive.transaction():
        source = add_source(archive)
        archive.store.file(filing(source, "https://a.example/known", text=TEXT))
        nothing = Offer("https://a.example/tag", refused=Outcome.NOT_ARTICLE)
        archive.ledger.offer(source, None, [nothing, Offer("https://a.example/old", refused=Outcome.SKIPPED_OLD)], NOW)
        found = [
            Candidate("https://a.example/known", "2024-01-01T00:00:00Z"),
            Candidate("https://a.example/tag", "2024-01-01T00:00:00Z"),
            Candidate("https://a.example/old", "2024-01-01T00:00:00Z"),
            Candidate("https://a.example/1", "2024-01-03T00:00:00Z", {"digest": "A"}),
            Candidate("https://a.example/1", "2024-01-02T00:00:00Z", {"digest": "B"}),
            Candidate("https://a.example/2"),
        ]
        assert back.add(source, "wayback", found) == 3 and back.add(source, "wayback", found) == 0
        assert back.add(source, "wayback+versions", found[3:5], versions=True) == 1  # the other payload of that address
    waiting = back.newest(source, "wayback", "1990-01-01", "2026-01-01", 9, NOW)
    assert [one.url[-1] for one in waiting] == ["1", "d", "2"]
    assert [one.url[-1] for one in back.newest(source, "wayback", "2024-01-01", "2024-01-01", 9, NOW)] == ["d", "2"]
    with archive.transaction():
        back.put_off(waiting[0].id, NOW + timedelta(hours=1), tried=True)
        back.drop(waiting[1].id)
    assert [one.url[-1] for one in back.newest(source, "wayback", "1990-01-01", "2026-01-01", 9, NOW)] == ["2"]
    assert back.waiting(source, "wayback", "1990-01-01", "2026-01-01") == 2
    (late,) = back.newest(source, "wayback", "1990-01-01", "2026-01-01", 9, NOW + timedelta(hours=2), {waiting[2].id})
    assert late.attempts == 1 and late.hint == {"digest": "A"}


def test_costs_of_a_day(archive: Archive) -> None:
    back = Backfill(archive.db)
    with archive.transaction():
        source = add_source(archive)
        back.spend(source, NOW, Spent(1, 2, 300))
        back.spend(source, NOW, Spent(2, 2, 1))
    assert back.spent(source, NOW) == Spent(3, 4, 301) and back.spent(source, NOW + timedelta(days=1)) == Spent()


def test_what_a_listing_offers_before_it_was_fetched_is_news(archive: Archive) -> None:
    with archive.transaction():
        source = add_source(archive)
        url = "https://a.example/1"
        archive.ledger.offer(source, None, [Offer(url, via="backfill:sitemaps")], NOW)
        page = archive.ledger.page(url)
        assert page is not None and page.via == "backfill:sitemaps"
        archive.ledger.offer(source, None, [Offer(url, newest="2026-03-05T11:00:00Z")], NOW)
        page = archive.ledger.page(url)
        assert page is not None and page.via == ""


def test_days_count_what_was_found_so_apart(archive: Archive) -> None:
    with archive.transaction():
        source = add_source(archive)
        live = filing(source, "https://a.example/1", text=TEXT, published_at="2026-03-04")
        archive.store.file(live)
        copy = filing(source, "https://a.example/2", title="Old", text=f"{TEXT} Bread.", published_at="2026-03-04")
        found = archive.store.file(
            type(copy)(**{**{name: getattr(copy, name) for name in copy.__slots__}, "via": "backfill:wayback"})
        )
    counted = "SELECT sum(articles), sum(stored), sum(backfilled) FROM source_days"
    assert [tuple(map(int, row)) for row in rows(archive, counted)] == [(1, 1, 1)]
    with archive.transaction():
        archive.db.execute("UPDATE articles SET published_at = '2026-03-01' WHERE id = ?", [found.article_id])
    assert rows(archive, "SELECT day FROM source_days WHERE backfilled > 0") == [("2026-03-01",)]
