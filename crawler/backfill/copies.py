"""Back in time through an archive: its index piece by piece, and its copies of pages, filed as what they are."""

from __future__ import annotations

import asyncio
import logging
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from archive.addresses import is_front_page
from archive.backfill import PREFIX, Backfill, Candidate, Place
from archive.errors import RecordDamaged
from archive.rows import Offer, Outcome
from crawler import traps
from crawler.backfill.budget import Budget
from crawler.backfill.dates import Days
from crawler.backfill.listings import Part, is_stale
from crawler.backfill.remote import AsksForRest, Piece, Refused, RemoteError, Scope, scopes_of
from crawler.importer import Importer
from crawler.intake import BORE, BORE_NOTHING
from crawler.runtime import Runtime
from crawler.source import Source
from crawler.warcfiles import Record

T = TypeVar("T")
log = logging.getLogger(__name__)
AT_ONCE = 4  # copies in work: while one is asked for, others are extracted and wait for the next commit


class Library(Protocol):
    """An archive of the web."""

    via: str

    async def parts(self, days: Days, scopes: Sequence[Scope]) -> list[Piece]:
        """The pieces of its index."""

    async def page(self, place: Place) -> tuple[list[Candidate], str]:
        """One page of a piece, and the position behind it."""

    async def fetch(self, one: Candidate) -> Record:
        """The record of a capture."""


@dataclass
class Copies:
    """Goes through one archive for one source. State is in the archive's tables, so that a killed run is gone on with.

    Of each address the first capture of the newest month (of Common Crawl: of the newest crawl) is taken, unless the
    archive has an article of that address. With `versions` every capture with a payload of its own is: an older one
    becomes an earlier version and does not change what the article shows.
    """

    library: Library
    runtime: Runtime
    source: Source
    source_id: int
    days: Days
    budget: Budget
    pattern: str = ""
    versions: bool = False
    places: int = 0
    found: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    troubles: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)  # that this way leads nowhere
    rest: str = ""  # why the archive is left alone for now

    @property
    def way(self) -> str:
        """What its places and candidates are kept under: what was read for one capture of each address is read anew for
        all of them."""
        return f"{self.library.via}+versions" if self.versions else self.library.via

    def __post_init__(self) -> None:
        settings = self.runtime.settings
        self._back = Backfill(self.runtime.archive.db)
        self._importer = Importer(
            self.runtime.archive, self.runtime.catalog, self.runtime.pool, self.runtime.writer,
            via=PREFIX + self.library.via,
        )  # fmt: skip
        self._harvest = traps.Harvest(settings.getint("FORM_TRIAL"), settings.getint("PAGES_PER_FORM"))
        self._failed: set[int] = set()  # places, in this run

    async def run(self) -> None:
        """Go as far as the budget allows. Raises ArchiveError."""
        try:
            await self._open()
            while not self.budget.exhausted:
                place = self._next_place()
                if (
                    place is None or not place.position
                ):  # a piece that is half read comes first: it is sorted by address
                    await self._fetch_all()
                    if place is None or self.budget.exhausted:
                        break
                await self._list(place)
        except AsksForRest as error:
            self.rest = str(error)
        except RemoteError as error:
            self.troubles.append(f"{self.library.via}: {error}")
        finally:
            await self._importer.finish()
            await self._write(lambda: None)

    def _next_place(self) -> Place | None:
        since, until = self.days.texts
        return self._back.next_place(self.source_id, self.way, since, until, self._failed)

    async def _open(self) -> None:
        """Make the pieces of the index known."""
        scopes = scopes_of(self.source)
        if not scopes:
            self.notes.append(f"{self.library.via}: the source has no host that an archive could know")
            return
        pieces, now = await self.library.parts(self.days, scopes), self.runtime.now()

        def job() -> None:
            for piece in pieces:
                before = self._back.place(self.source_id, self.way, piece.name)
                place = self._back.open_place(
                    self.source_id, self.way, piece.name, oldest=piece.oldest, newest=piece.newest
                )
                part = Part(piece.name, piece.oldest, piece.newest, "")
                if before is not None and before.done and is_stale(before, part, now):
                    self._back.again(place.id)

        await self.runtime.writer.write(job)

    async def _list(self, place: Place) -> None:
        """Read one page of a piece of the index."""
        now = self.runtime.now()
        try:
            listed, position = await self.library.page(place)
        except AsksForRest:
            raise
        except RemoteError as error:
            self.troubles.append(f"{self.library.via}: {place.url}: {error}")
            self._failed.add(place.id)
            detail = str(error)
            await self._write(lambda: self._back.failed(place.id, detail))
            return
        wanted = [one for one in listed if self._is_wanted(one)]

        def job() -> int:
            new = self._back.add(self.source_id, self.way, wanted, versions=self.versions)
            self._back.read(place.id, now, done=not position, position=position)
            return new

        self.places += 1
        self.found += await self._write(job)

    def _is_wanted(self, one: Candidate) -> bool:
        if not self.source.owns(one.url) or is_front_page(one.url) or traps.refusal(one.url):
            return False
        return not self.pattern or re.search(self.pattern, one.url) is not None

    # -- copies ------------------------------------------------------------------------------------------------------

    async def _fetch_all(self) -> None:
        """Fetch what waits, the newest first."""
        tasks: dict[asyncio.Task[None], int] = {}
        try:
            while True:
                room = min(AT_ONCE - len(tasks), self.budget.pages_left())
                found = self._waiting(room, set(tasks.values())) if room > 0 else []
                for one in found:
                    tasks[asyncio.ensure_future(self._fetch(one))] = one.id
                if not tasks:
                    return
                if found and len(tasks) < AT_ONCE and self.budget.pages_left() > 0:
                    await asyncio.sleep(0)  # to count the page
                    continue
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    del tasks[task]
                    task.result()
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _waiting(self, limit: int, without: set[int]) -> list[Candidate]:
        since, until = self.days.texts
        return self._back.newest(
            self.source_id, self.way, since, until, limit, self.runtime.now(), without
        )  # fmt: skip

    async def _fetch(self, one: Candidate) -> None:
        if self._back.has(one, self.versions):
            await self._write(lambda: self._back.drop(one.id))
            return
        form = traps.form_of(one.url)
        if barren := self._harvest.barren(form):
            await self._end(one, Outcome.TRAP, barren)
            return
        self.budget.add(pages=1)
        try:
            record = await self.library.fetch(one)
            outcome = await self._importer.take(record)
        except AsksForRest:
            raise
        except (Refused, RecordDamaged) as error:
            await self._end(one, Outcome.NOT_FOUND, f"{self.library.via}: {error}")
            return
        except RemoteError as error:
            await self._put_off(one, error)
            return
        self.outcomes[outcome.value if outcome else "known"] += 1
        if outcome in BORE | BORE_NOTHING:
            self._harvest.note(form, article=outcome in BORE)
        await self._write(lambda: self._back.drop(one.id))

    async def _end(self, one: Candidate, outcome: Outcome, detail: str) -> None:
        """Note that nothing came of a candidate; a page that is known keeps its own outcome."""
        offer = Offer(one.url, {}, one.moment, outcome, detail, PREFIX + self.library.via)
        now = self.runtime.now()

        def job() -> None:
            self.runtime.archive.ledger.offer(self.source_id, None, [offer], now)
            self._back.drop(one.id)

        await self._write(job)
        self.outcomes[outcome.value] += 1

    async def _put_off(self, one: Candidate, error: RemoteError) -> None:
        later = self.runtime.retries.later(one.attempts, self.runtime.now())
        if later is None:
            await self._end(one, Outcome.UNREACHABLE, f"{self.library.via}: {error}")
            return
        log.warning("%s: %s: %s", self.library.via, one.url, error)
        await self._write(lambda: self._back.put_off(one.id, later, tried=True))
        self.outcomes["pending"] += 1

    async def _write(self, job: Callable[[], T]) -> T:
        """Run a write job, and write down with it what was spent."""
        now = self.runtime.now()

        def with_costs() -> T:
            result = job()
            self._back.spend(self.source_id, now, self.budget.unsaved())
            return result

        return await self.runtime.writer.write(with_costs)
