"""Room for bodies: who waits, who goes on, who gives way."""

from __future__ import annotations

import asyncio

from crawler.fetch.room import Room


def test_new_requests_wait_and_those_that_hold_something_go_on() -> None:
    async def work() -> None:
        room = Room(100)
        await room.wait("a")
        room.take("a", 100)
        await asyncio.wait_for(room.wait("a"), 5)
        waiting = [asyncio.ensure_future(room.wait("b")) for _ in range(3)]
        await asyncio.sleep(0)
        room.free("nobody")
        await asyncio.sleep(0.01)
        assert not any(task.done() for task in waiting)
        room.free("a")
        await asyncio.wait_for(asyncio.gather(*waiting), 5)

    asyncio.run(work())


def test_what_is_large_gives_way_at_twice_the_bound() -> None:
    room = Room(100)
    room.take("a", 199)
    assert not room.overfull
    room.take("b", 1)
    assert room.overfull
    room.free("a")
    assert not room.overfull
