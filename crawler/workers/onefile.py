"""One file of bulk work, done by one worker: imported, or what stands in it extracted again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from archive.errors import ArchiveError
from archive.postgres.files import File, Progress, advance
from crawler.bulk import Bench
from crawler.filelists import NotFetched, at_hand
from crawler.importer import Importer
from crawler.reextract import Reextractor
from crawler.writer import Writer

IMPORT, REEXTRACT = "import", "reextract"
MOST_TOLD = 5  # troubles of a file that are written down


class Superseded(ArchiveError):
    """Another worker goes on with the file: this one was not heard of for too long."""


class OneFile:
    """A file that was taken. Every commit notes how far it has come, and is undone if another worker has it by now."""

    def __init__(self, taken: File, worker: str, tools: Bench, user_agent: str) -> None:
        self._taken, self._worker, self._tools, self._user_agent = taken, worker, tools, user_agent
        self._stop: Callable[[], None] = lambda: None
        self.stopped = False

    def stop(self) -> None:
        """Have what is in work end, and the rest left to others."""
        self.stopped = True
        self._stop()

    async def done(self) -> str:
        """Do the file; gives what was wrong with it, in words. Raises Superseded, NotFetched, and what else went wrong."""
        return await (self._extract() if self._taken.kind == REEXTRACT else self._import())

    async def _import(self) -> str:
        tools, taken, writer = self._tools, self._taken, self._tools.writer()
        importer = Importer(tools.archive, tools.catalog, tools.pool, writer)
        # what cannot be gone on with is read from its beginning, and counted anew
        before = taken.outcomes if taken.position else Counter[str]()

        def noted() -> Callable[[], None]:
            reached, settled = importer.settled()
            progress = Progress(reached, importer.gone, before + (settled if reached else importer.outcomes))
            return lambda: self._advance(progress)

        writer.with_each = noted
        self._stopping(lambda: setattr(importer, "stopping", True))
        with at_hand(taken.name, self._user_agent, lambda: self.stopped) as path:
            await importer.run([path], lambda file, position: None, taken.position)
        await self._note(writer, Progress(importer.reached, importer.gone, before + importer.outcomes))
        if importer.troubles and not before + importer.outcomes:
            raise NotFetched(importer.troubles[0])
        return "; ".join(importer.troubles[:MOST_TOLD])

    async def _extract(self) -> str:
        tools, taken, writer = self._tools, self._taken, self._tools.writer()
        again = Reextractor(tools.archive, tools.catalog, tools.pool, writer, dry_run=False)
        mark = _Mark(taken, again, self._advance)
        self._stopping(lambda: setattr(again, "stopping", True))
        choice = taken.choice
        await again.run(choice["source"], choice["since"], lambda done: None, taken.name, mark)
        return "; ".join(
            f"{count} left as they are: {why}" for why, count in again.report.failures.most_common(MOST_TOLD)
        )

    def _stopping(self, stop: Callable[[], None]) -> None:
        self._stop = stop
        if self.stopped:
            stop()

    async def _note(self, writer: Writer, progress: Progress) -> None:
        writer.with_each = None
        await writer.write(lambda: self._advance(progress))

    def _advance(self, progress: Progress) -> None:
        if not advance(self._tools.archive.db, self._taken.id, self._worker, progress):
            raise Superseded(f"{self._taken.name} is another worker's by now")


class _Mark:
    """The bookmark of a Reextractor: the last article, in the table of files."""

    def __init__(self, taken: File, again: Reextractor, note: Callable[[Progress], None]) -> None:
        self._taken, self._again, self._note = taken, again, note

    def position(self) -> int:
        """See crawler.reextract.Bookmark, as the others."""
        return self._taken.position

    def advance(self, position: int) -> None:
        """See Bookmark."""
        report = self._again.report
        same = report.articles - report.changed - report.left
        outcomes = self._taken.outcomes + Counter(changed=report.changed, left=report.left, same=same)
        self._note(Progress(position, outcomes.total(), outcomes))

    def finish(self) -> None:
        """See Bookmark."""
