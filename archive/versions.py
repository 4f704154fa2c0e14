"""Versions of articles in the database: which one a page shows, when each was seen, and what changed between them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import sqlite_utils

from archive.changes import Sighting, Telling, classed, is_teaser, lead_changed, returns, same_version
from archive.filing import Filing, with_text
from archive.jobs import Jobs
from archive.records import Draft
from archive.titles import titled_of

BACKFILL = "changes"  # the job that an upgraded archive is left with; see migration 0011
TEASED = "only the beginning is shown now, before a paywall; the text stays"
BATCH = 100  # articles in one transaction of it


@dataclass(frozen=True, slots=True)
class Noted:
    """Which version a page shows, and whether it was written down for the first time."""

    version: int
    new: bool
    shown: Filing  # with the text that the version has: what differs in counters only is not stored twice
    detail: str = ""


class Versions:
    """Reads and writes versions and what follows from them. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def add(self, article_id: int, version: int, filing: Filing) -> None:
        """Write a version down."""
        row = {"article_id": article_id, "version": version, "captured_at": filing.captured_at, **_columns(filing)}
        self._db.execute(
            f"INSERT INTO article_versions ({', '.join(row)}) VALUES ({', '.join(f':{name}' for name in row)})",  # noqa: S608
            row,
        )

    def note(self, article_id: int, filing: Filing, shown: int | None = None) -> Noted:
        """Note that an article was seen with a text: as a new version, or as one that is known (`shown`: as that one).

        A version is known again by its hash, or when it differs in nothing but what changes by itself. Of several such
        captures the version has the text of the earliest, so that the order of filing does not matter.
        """
        number = shown or self.known(article_id, filing)
        new = number is None
        if number is None:
            latest = "SELECT max(version) FROM article_versions WHERE article_id = ?"
            number = int(self._db.execute(latest, [article_id]).fetchone()[0] or 0) + 1
            self.add(article_id, number, filing)
            stale, cut = {number}, False
        else:
            stale = self._see(article_id, number, filing)
            page, filing = filing, self._as_stored(article_id, number, filing)
            cut = is_teaser(_telling(filing.draft), _telling(page.draft), page.draft.paywalled)
        self.refresh(article_id, stale)
        return Noted(number, new, filing, TEASED if cut else "")

    def rewrite(self, article_id: int, version: int, filing: Filing) -> None:
        """Replace the text of a version."""
        row = _columns(filing)
        self._db.execute(
            f"""UPDATE article_versions SET {", ".join(f"{name} = :{name}" for name in row)}
                WHERE article_id = :article_id AND version = :version""",  # noqa: S608
            {**row, "article_id": article_id, "version": version},
        )
        self.refresh(article_id, {version})

    def refresh(self, article_id: int, stale: Collection[int] = ()) -> None:
        """Work out what changed from version to version in the order of time, as far as it is not known or `stale`."""
        order = self._db.execute(
            "SELECT version, captured_at FROM article_versions WHERE article_id = ? ORDER BY captured_at, version",
            [article_id],
        ).fetchall()
        if len(order) < 2:
            return
        steps = {after["version"]: (before["version"], after["captured_at"]) for before, after in pairwise(order)}
        known = {
            row["to_version"]: (row["from_version"], row["changed_at"])
            for row in self._db.execute(
                "SELECT to_version, from_version, changed_at FROM changes WHERE article_id = ?", [article_id]
            )
        }
        for version in known.keys() - steps.keys():
            self._db.execute("DELETE FROM changes WHERE article_id = ? AND to_version = ?", [article_id, version])
        for version, (before, moment) in steps.items():
            if known.get(version) != (before, moment) or version in stale or before in stale:
                self._write_change(article_id, before, version, moment)
        self._write_returns(article_id)

    def renew(self, article_id: int) -> None:
        """Work out everything anew that follows from the versions of an article."""
        for table in ("changes", "returns"):
            self._db.execute(f"DELETE FROM {table} WHERE article_id = ?", [article_id])  # noqa: S608  names of ours
        self.refresh(article_id)

    def pending(self) -> bool:
        """Is there an older archive's work to be done: changes that were never worked out?"""
        return Jobs(self._db).pending(BACKFILL)

    def catch_up(self, transaction: Callable[[], Any]) -> int:
        """Work out the changes of an archive that was made before there were any; gives the number of articles. An
        interrupted call goes on where it was."""
        changed = "(SELECT article_id AS id FROM article_versions WHERE version > 1)"
        return Jobs(self._db).work_off(BACKFILL, self.refresh, transaction, BATCH, changed)

    # -- which one it is ---------------------------------------------------------------------------------------------

    def known(self, article_id: int, filing: Filing) -> int | None:
        """Which version a page shows; None when it is a new one."""
        fresh, fresh_hash = _telling(filing.draft), _hash(filing)
        alike = self._db.execute(
            f"{_SELECT} WHERE article_id = ? AND content_hash = ? ORDER BY version", [article_id, fresh_hash]
        ).fetchall()
        for row in alike:
            if not lead_changed(telling_of(row), fresh):
                return int(row["version"])
        rows = self._db.execute(f"{_SELECT} WHERE article_id = ? ORDER BY captured_at DESC", [article_id]).fetchall()
        tellings = [(int(row["version"]), telling_of(row)) for row in rows]
        same = {row["version"] for row in alike}
        titled = titled_of(self._db, filing.source_id)
        number = same_version(tellings, fresh, filing.recurs, titled, same.__contains__)
        return self._teased(rows, filing) if number is None else number

    def _teased(self, rows: Sequence[Any], filing: Filing) -> int | None:
        """The version, of `rows` with the latest first, that a page shows no more than the beginning of."""
        row = next((row for row in rows if row["captured_at"] <= filing.captured_at), None)
        teaser = row is not None and is_teaser(telling_of(row), _telling(filing.draft), filing.draft.paywalled)
        return int(row["version"]) if row is not None and teaser else None

    def _see(self, article_id: int, version: int, filing: Filing) -> set[int]:
        """Note when a known version was seen; gives those whose text or time is another now."""
        row = self._db.execute(
            "SELECT captured_at, content_hash FROM article_versions WHERE article_id = ? AND version = ?",
            [article_id, version],
        ).fetchone()
        first, moment = row["captured_at"], filing.captured_at
        if moment != first:
            self._db.execute(
                """INSERT INTO sightings (article_id, seen_at, version) VALUES (?, ?, ?)
                   ON CONFLICT (article_id, seen_at) DO UPDATE SET version = excluded.version""",
                [article_id, max(first, moment), version],
            )
        if moment >= first:
            return set()
        self._db.execute(
            "UPDATE article_versions SET captured_at = ? WHERE article_id = ? AND version = ?",
            [moment, article_id, version],
        )
        if row["content_hash"] != _hash(filing):
            self.rewrite(article_id, version, filing)
        return {version}

    def _as_stored(self, article_id: int, version: int, filing: Filing) -> Filing:
        """The filing with the text that is stored for its version."""
        row = self._db.execute(
            "SELECT title, text, summary, content_hash FROM article_versions WHERE article_id = ? AND version = ?",
            [article_id, version],
        ).fetchone()
        if row["content_hash"] == _hash(filing):
            return filing
        return with_text(filing, row["title"], row["text"], row["summary"])

    # -- what follows ------------------------------------------------------------------------------------------------

    def _write_change(self, article_id: int, before: int, after: int, moment: str) -> None:
        one, other = (
            telling_of(
                self._db.execute(f"{_SELECT} WHERE article_id = ? AND version = ?", [article_id, version]).fetchone()
            )
            for version in (before, after)
        )
        source = self._db.execute("SELECT source_id FROM articles WHERE id = ?", [article_id]).fetchone()
        change = classed(one, other, titled_of(self._db, source["source_id"]))
        row = {
            "article_id": article_id,
            "from_version": before,
            "to_version": after,
            "changed_at": moment,
            "kind": change.kind.value,
            "words_added": change.sizes.words_added,
            "words_removed": change.sizes.words_removed,
            "paragraphs_added": change.sizes.paragraphs_added,
            "paragraphs_removed": change.sizes.paragraphs_removed,
            "title_changed": int(change.title),
            "lead_changed": int(change.lead),
            "silent": int(change.silent),
            "notice": change.notice,
        }
        self._db.execute(
            f"""INSERT OR REPLACE INTO changes (source_id, {", ".join(row)})
                SELECT source_id, {", ".join(f":{name}" for name in row)} FROM articles WHERE id = :article_id""",  # noqa: S608
            row,
        )

    def _write_returns(self, article_id: int) -> None:
        sightings = [Sighting(row["seen_at"], row["version"]) for row in self._db.execute(_SIGHTINGS, [article_id] * 2)]
        fresh = [(one.returned_at, one.version, one.instead_of) for one in returns(sightings)]
        known = self._db.execute(
            "SELECT returned_at, version, instead_of FROM returns WHERE article_id = ? ORDER BY returned_at",
            [article_id],
        )
        if [tuple(row) for row in known] == fresh:
            return
        self._db.execute("DELETE FROM returns WHERE article_id = ?", [article_id])
        for one in fresh:
            self._db.execute(
                "INSERT INTO returns (article_id, returned_at, version, instead_of) VALUES (?, ?, ?, ?)",
                [article_id, *one],
            )


_SELECT = """SELECT version, captured_at, title, text, summary, summary_by, modified_at, content_hash
             FROM article_versions"""
_SIGHTINGS = """SELECT captured_at AS seen_at, version FROM article_versions WHERE article_id = ?
                UNION SELECT seen_at, version FROM sightings WHERE article_id = ? ORDER BY 1, 2"""


def telling_of(row: Any) -> Telling:
    """What a row of `article_versions` says."""
    return Telling(row["title"], row["text"], row["summary"], row["summary_by"], row["modified_at"] or "")


def _telling(draft: Draft) -> Telling:
    return Telling(draft.title, draft.text, draft.summary, draft.provenance.get("summary", ""), draft.modified_at)


def _hash(filing: Filing) -> str:
    if filing.sheet is None:
        raise TypeError(f"{filing.final}: a filing without its sheet")
    return str(filing.sheet.columns["content_hash"])


def _columns(filing: Filing) -> Mapping[str, Any]:
    draft = filing.draft
    return {
        "title": draft.title,
        "text": draft.text,
        "summary": draft.summary,
        "summary_by": draft.provenance.get("summary", ""),
        "modified_at": draft.modified_at or None,
        "content_hash": _hash(filing),
    }
