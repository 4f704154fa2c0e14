"""Whose turn it is at the workers: the calls of each run of a source, and what became of those before them.

A page that hangs a worker costs half a minute of it. So that it costs its own source more than the others: sources take
turns; none has all workers while others run; until one page of a source went well, and after one has hung a worker or
killed it, one of its calls is under way at a time; and sources of the latter kind come after all others, on all workers
but one. A source of which too many pages have done so, for those that went well, is done with for this run.
"""

from __future__ import annotations

import asyncio
import logging
import pickle
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from crawler.extraction.errors import ExtractionError

log = logging.getLogger(__name__)
BATCH = (
    8  # calls that go to a worker together, so that the way there and back is paid once; no more than a hang may cost
)
BATCH_BYTES = 4 << 20  # of what they are called with
FORGIVEN = 10  # calls that went well make up for one that did not
AHEAD = 2  # batches for each worker: while it does one, the next is there


class WorkerFailed(ExtractionError):
    """The worker process hung or died over this input."""


class PutOff(Exception):
    """Not done in this run: too many inputs of its source hung or killed a worker. Nothing is known of this one."""


@dataclass(eq=False, slots=True)
class Call:
    """A call on its way: function and arguments, as they travel too once their turn has come, and who waits for it."""

    function: Callable[..., Any]
    args: tuple[Any, ...] = field(repr=False)
    result: asyncio.Future[Any]
    job: bytes = field(default=b"", repr=False)
    tries: int = 0  # that ended with the worker, or for want of memory
    guilty: bool = False  # it was alone when the worker hung or died

    def pack(self) -> bool:
        """Make the call ready to travel; False, and an error for who waits, when it cannot."""
        if self.job:
            return True
        try:
            self.job = pickle.dumps((self.function, self.args), pickle.HIGHEST_PROTOCOL)
        except Exception as error:  # noqa: BLE001  whatever the arguments do
            self.result.set_exception(error)
            return False
        self.args = ()
        return True

    def take(self, well: bool, outcome: bytes) -> None:
        """Give what came of the call to who waits for it; nothing when there was no memory for it."""
        if self.result.done():
            return
        try:
            value = pickle.loads(outcome)
        except Exception as error:  # noqa: BLE001  whatever the constructor of a result does
            self.result.set_exception(WorkerFailed(f"gave a result that cannot be read: {error}"))
            return
        if well:
            self.result.set_result(value)
        elif not isinstance(value, MemoryError):
            self.result.set_exception(value)


@dataclass(eq=False, slots=True)
class Lane:
    """The calls of one run of a source that wait for a worker."""

    name: str = ""
    watched: bool = True  # else its calls are those of many sources, and say nothing about each other
    waiting: deque[Call] = field(default_factory=deque)
    again: deque[Call] = field(default_factory=deque)  # for the second time, one by one, after all others
    under_way: int = 0  # batches
    well: int = 0  # calls that left their worker alive
    suspect: bool = False
    guilty: int = 0  # calls
    given_up: bool = False
    open: bool = True

    @property
    def doubtful(self) -> bool:
        """Tell whether its next call may well hang a worker."""
        return self.watched and (self.suspect or not self.well)

    def all_waiting(self) -> Iterator[Call]:
        """Every call that waits."""
        yield from self.waiting
        yield from self.again

    def cleared(self) -> bool:
        """Drop calls that nobody waits for any more; tells whether there are others."""
        for calls in (self.waiting, self.again):
            while calls and calls[0].result.done():
                calls.popleft()
        return bool(self.waiting or self.again)


class Lanes:
    """All lanes of a pool, in the order in which their turn comes."""

    def __init__(self, workers: int, most_guilty: int) -> None:
        """`most_guilty`: calls of a lane that hang or kill a worker until it is given up, if few others went well."""
        self._workers = workers
        self._most_guilty = most_guilty
        self.common = Lane(watched=False)
        self._order: deque[Lane] = deque([self.common])

    def open(self, name: str) -> Lane:
        """A lane for a run of a source."""
        lane = Lane(name)
        self._order.append(lane)
        return lane

    def close(self, lane: Lane) -> None:
        """Forget a lane whose run is over, once nothing waits in it."""
        lane.open = False

    def waiting(self) -> Iterator[Call]:
        """Every call that waits."""
        return (call for lane in self._order for call in lane.all_waiting())

    def next(self) -> tuple[Lane, list[Call]] | None:
        """The calls that go to a worker next, together, if any may."""
        waiting = [lane for lane in self._order if lane.cleared()]
        self._order = deque(lane for lane in self._order if lane.open or lane in waiting)
        trusted = [lane for lane in waiting if not lane.suspect]
        # whoever is not known to be well leaves a worker to the others
        doubtful = sum(lane.under_way for lane in self._order if lane.doubtful)
        suspects = waiting if not trusted and doubtful < max(self._workers - 1, 1) else []
        for lane in trusted or suspects:
            if lane.under_way < self._most(lane):
                self._order.remove(lane)
                self._order.append(lane)
                return lane, self._batch(lane)
        return None

    def _most(self, lane: Lane) -> int:
        """Batches of a lane that may be under way."""
        if lane.doubtful:
            return 1
        alone = not lane.watched or len(self._order) == 2
        return AHEAD * self._workers if alone else max(self._workers - 1, 1)

    def _batch(self, lane: Lane) -> list[Call]:
        calls = lane.waiting or lane.again
        # a share of what waits, so that no worker is idle at the end while another has a full batch
        single = lane.doubtful or calls is lane.again
        most = 1 if single else min(max(len(calls) // (AHEAD * self._workers), 1), BATCH)
        batch: list[Call] = []
        size = 0
        while calls and len(batch) < most and size < BATCH_BYTES:
            call = calls.popleft()
            if not call.result.done() and call.pack():
                batch.append(call)
                size += len(call.job)
        return batch

    def accuse(self, lane: Lane, batch: list[Call]) -> None:
        """Note that a worker hung or died over a batch. The last time of many gives the lane up: what was not found
        guilty itself is put off; the others have their second try, so that they come to an end."""
        if not lane.watched:
            return
        lane.suspect = True
        if len(batch) == 1 and not batch[0].guilty:
            batch[0].guilty = True
            lane.guilty += 1
        if lane.guilty < self._most_guilty + lane.well // FORGIVEN or lane.given_up:
            return
        lane.given_up = True
        log.warning("%s: the others are put off", self.put_off(lane))
        for call in lane.all_waiting():
            if not call.guilty and not call.result.done():
                call.result.set_exception(self.put_off(lane))

    def put_off(self, lane: Lane) -> PutOff:
        """Why a call of a lane that was given up is not made."""
        return PutOff(f"{lane.guilty} pages of {lane.name} hung or killed a worker in this run (HANGS_PER_RUN)")
