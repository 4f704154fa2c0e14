"""Locks that last as long as a session that is heard of: who has them, for how long they are trusted, and what a gate makes of
that."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest

from archive.postgres import Place, lease, place_of
from archive.postgres.lease import Lease, LeaseLost
from crawler.errors import HostsLost
from crawler.fetch.politeness import HostGate
from crawler.source import Source
from crawler.workers.groups import groups_of, locks_of, queue_of
from tests.postgresql import Server

DELAY = 0.2


def run(work: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine; one that hangs fails the test."""
    return asyncio.run(asyncio.wait_for(work, 30))


def place(url: str) -> Place:
    found = place_of(url)
    assert found is not None
    return found


@asynccontextmanager
async def leases(url: str, number: int) -> AsyncIterator[list[Lease]]:
    """Some leases, none of which is confirmed by itself."""
    opened = [await Lease.open(place(url), f"test {number}") for number in range(number)]
    try:
        yield opened
    finally:
        for one in opened:
            one.close()


# -- the lease ---------------------------------------------------------------------------------------------------------------


def test_locks_are_taken_all_or_none_and_given_back(url: str) -> None:
    async def body() -> None:
        async with leases(url, 2) as (one, other):
            assert await one.take(["b"])
            assert not await other.take(["a", "b", "c"])
            assert await one.take(["a", "c"]), "none of them was kept by who did not get all"
            await one.give_back(["a", "b", "c"])
            assert await other.take(["a", "b", "c"])

    run(body())


def test_a_lock_that_was_taken_twice_is_held_until_it_was_given_back_twice(url: str) -> None:
    async def body() -> None:
        async with leases(url, 2) as (one, other):
            assert await one.take(["a"]) and await one.take(["a"])
            await one.give_back(["a"])
            assert one.held_once("a") and not await other.take(["a"])
            await one.give_back(["a"])
            assert not one.holds("a") and await other.take(["a"])

    run(body())


def test_trust_ends_before_another_can_have_the_lock(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "SILENT_S", 2)
    monkeypatch.setattr(lease, "TRUSTED_S", 1.0)

    async def body() -> None:
        async with leases(url, 2) as (silent, other):
            assert await silent.take(["a"]) and silent.trusted
            distrusted = False
            while not await other.take(["a"]):  # which confirms the other's own session
                distrusted = distrusted or not silent.trusted
                await asyncio.sleep(0.05)
            assert distrusted, "it was trusted until somebody else had the lock"
            with pytest.raises(LeaseLost):
                await silent.confirm()
            assert silent.lost and not silent.holds("a")
            with pytest.raises(LeaseLost):
                await silent.until_trusted()

    run(body())


def test_a_lease_that_is_confirmed_is_kept(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "SILENT_S", 1)

    async def body() -> None:
        async with leases(url, 2) as (kept, other):
            assert await kept.take(["a"])
            for _ in range(8):
                await kept.confirm()
                assert kept.trusted and not await other.take(["a"])
                await asyncio.sleep(0.3)

    run(body())


def test_a_restart_of_the_server_loses_it(postgresql: Server, url: str) -> None:
    async def body() -> None:
        async with leases(url, 1) as (one,):
            await one.take(["a"])
            keeping = asyncio.ensure_future(one.keep())
            await asyncio.to_thread(postgresql.restart)
            with pytest.raises(LeaseLost):
                await keeping
            assert one.lost and not one.trusted

    run(body())


# -- the gate ----------------------------------------------------------------------------------------------------------------


class Tenancy:
    """A tenancy whose state a test sets."""

    def __init__(self) -> None:
        self.trusted, self.lost = True, False
        self.again = asyncio.Event()

    @asynccontextmanager
    async def of(self, host: str) -> AsyncIterator[None]:
        if self.lost:
            raise HostsLost(host)
        yield

    async def until_trusted(self) -> None:
        await self.again.wait()
        if self.lost:
            raise HostsLost("lost meanwhile")


def test_nothing_leaves_while_the_tenancy_is_not_trusted() -> None:
    async def body() -> None:
        gate = HostGate(0.0)
        gate.tenancy = tenancy = Tenancy()
        tenancy.trusted = False

        async def ask() -> None:
            async with gate.turn("a", 0.0):
                gate.sent("a")

        asking = asyncio.ensure_future(ask())
        await asyncio.sleep(0.05)
        assert not asking.done()
        tenancy.trusted = True
        tenancy.again.set()
        await asking

    run(body())


@pytest.mark.parametrize("lost", [False, True])
def test_a_request_that_has_its_turn_is_refused_on_its_way_to_the_wire(lost: bool) -> None:
    async def body() -> None:
        gate = HostGate(0.0)
        gate.tenancy = tenancy = Tenancy()
        async with gate.turn("a", 0.0) as going:  # as a process that is stopped while it connects
            tenancy.trusted, tenancy.lost = False, lost
            with pytest.raises(HostsLost):
                gate.sent("a")
        assert going.refused is not lost, "it is tried again unless the host is another's"
        if lost:
            with pytest.raises(HostsLost):
                async with gate.turn("a", 0.0):
                    pass

    run(body())


def test_who_takes_a_host_over_rests_first() -> None:
    async def body() -> None:
        gate = HostGate(0.0)
        gate.arrive(["a"])
        arrived = time.monotonic()
        async with gate.turn("a", DELAY):
            assert time.monotonic() - arrived >= DELAY
        gate.report("a", None)

    run(body())


# -- groups ------------------------------------------------------------------------------------------------------------------


def source(slug: str, home: str, *feeds: str) -> Source:
    return Source.model_validate(
        {
            "slug": slug, "name": slug, "home": home, "country": "gb", "language": "en", "timezone": "UTC",
            "feeds": tuple({"url": url} for url in feeds),
        }
    )  # fmt: skip


def test_sources_are_grouped_by_the_hosts_that_they_share_by_whatever_way() -> None:
    sources = [
        source("d", "https://d.example/", "https://d.example:443/feed"),
        source("c", "https://c.example/", "https://feeds.example/c", "https://b.example/c"),
        source("a", "https://a.example/", "https://FEEDS.example/a"),
        source("b", "https://b.example/", "https://b.example/feed"),
    ]
    groups = groups_of(sources)
    assert [group.slugs for group in groups] == [("a", "b", "c"), ("d",)]
    assert groups[1].hosts == {"d.example"}
    assert {"source b", "host feeds.example"} <= set(locks_of(groups[0]))
    assert groups_of(sources[::-1]) == groups
    assert queue_of(groups) == queue_of(groups_of(sources[::-1])) != queue_of(groups[:1])
