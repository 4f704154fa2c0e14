"""The outbox: what is to be told, and to which channels it has gone.

A message is written in the transaction that notes what it tells, so that nothing is told twice and nothing is forgotten,
whenever the process is killed. A delivery is noted as begun, and committed so, before it is sent: one that a kill left like
that may have arrived, and is not sent again (at most once). One that failed, and was seen to fail, is sent again later; where
a server took it and gave no answer in time, it may come twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlite_utils

from archive.records import utc_text

FIRST_WAIT, LONGEST_WAIT = (
    timedelta(minutes=1),
    timedelta(hours=1),
)  # before a delivery is tried again, doubled each time
GIVEN_UP = timedelta(days=2)  # what could not be delivered for so long is no news
KEPT = timedelta(days=90)
TOGETHER = 20  # messages that are sent as one when several wait


@dataclass(frozen=True, slots=True)
class Message:
    """What is told, in plain text."""

    id: int
    kind: str  # incidents, digest, watch
    about: str  # kind watch: its name
    subject: str
    body: str
    written_at: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to a channel; next_try_at None: it is settled, one way or the other."""

    written_at: str
    subject: str
    channel: str
    attempts: int
    next_try_at: str | None
    sent_at: str | None
    error: str


class Outbox:
    """The outbox of an archive. Writing belongs in a transaction of the caller."""

    def __init__(self, db: sqlite_utils.Database) -> None:
        self._db = db

    def write(
        self, kind: str, subject: str, body: str, channels: Iterable[str], now: datetime, *, about: str = ""
    ) -> None:
        """Put in a message for some channels."""
        cursor = self._db.execute(
            "INSERT INTO messages (kind, about, subject, body, written_at) VALUES (?, ?, ?, ?, ?)",
            [kind, about, subject, body, utc_text(now)],
        )
        for channel in channels:
            self._db.execute(
                "INSERT INTO deliveries (message_id, channel, next_try_at) VALUES (?, ?, ?)",
                [cursor.lastrowid, channel, utc_text(now)],
            )

    def last(self, kind: str, about: str = "") -> str | None:
        """When the last message of a kind was written."""
        sql = "SELECT max(written_at) FROM messages WHERE kind = ? AND about = ?"
        written: str | None = self._db.execute(sql, [kind, about]).fetchone()[0]
        return written

    def recover(self, channels: Iterable[str], now: datetime) -> int:
        """At a start: settle what a kill left half sent, and what is for channels that are no more; gives how many of the
        former there are. Old messages are forgotten."""
        broken = self._db.execute(
            """UPDATE deliveries SET next_try_at = NULL, error = 'broken off while it was sent: it may not have arrived'
               WHERE begun_at IS NOT NULL AND next_try_at IS NOT NULL"""
        ).rowcount
        self._db.execute(
            """UPDATE deliveries SET next_try_at = NULL, error = 'its channel was taken out of NOTIFY'
               WHERE next_try_at IS NOT NULL AND channel NOT IN (SELECT value FROM json_each(?))""",
            [json.dumps(list(channels))],
        )
        old = [utc_text(now - KEPT)]
        self._db.execute(
            "DELETE FROM deliveries WHERE message_id IN (SELECT id FROM messages WHERE written_at < ?)", old
        )
        self._db.execute("DELETE FROM messages WHERE written_at < ?", old)
        return int(broken)

    def begin(self, channel: str, now: datetime) -> list[Message]:
        """Take what is due for a channel, the oldest first, and note that it is being sent."""
        rows = self._db.execute(
            """SELECT m.id, m.kind, m.about, m.subject, m.body, m.written_at FROM deliveries d
               JOIN messages m ON m.id = d.message_id
               WHERE d.channel = ? AND d.next_try_at <= ? AND d.begun_at IS NULL ORDER BY m.id LIMIT ?""",
            [channel, utc_text(now), TOGETHER],
        ).fetchall()
        messages = [Message(**dict(row)) for row in rows]
        self._settle(channel, messages, "begun_at = :now", now)
        return messages

    def sent(self, channel: str, messages: Sequence[Message], now: datetime) -> None:
        """Note that they arrived."""
        self._settle(channel, messages, "sent_at = :now, next_try_at = NULL, error = ''", now)

    def failed(self, channel: str, messages: Sequence[Message], now: datetime, error: str) -> None:
        """Note that they did not, and when it is tried again; never, if they are too old."""
        for message in messages:
            tries = self._db.execute(
                "SELECT attempts FROM deliveries WHERE message_id = ? AND channel = ?", [message.id, channel]
            ).fetchone()["attempts"]
            later = utc_text(now + min(FIRST_WAIT * 2 ** min(tries, 10), LONGEST_WAIT))
            again = later if message.written_at >= utc_text(now - GIVEN_UP) else None
            self._db.execute(
                """UPDATE deliveries SET begun_at = NULL, attempts = attempts + 1, next_try_at = ?, error = ?
                   WHERE message_id = ? AND channel = ?""",
                [again, error, message.id, channel],
            )

    def states(self, count: int) -> list[Delivery]:
        """The latest deliveries, the latest message first."""
        rows = self._db.execute(
            """SELECT m.written_at, m.subject, d.channel, d.attempts, d.next_try_at, d.sent_at, d.error FROM deliveries d
               JOIN messages m ON m.id = d.message_id ORDER BY m.id DESC, d.channel LIMIT ?""",
            [count],
        )
        return [Delivery(**dict(row)) for row in rows]

    def _settle(self, channel: str, messages: Sequence[Message], change: str, now: datetime) -> None:
        self._db.execute(
            f"""UPDATE deliveries SET {change} WHERE channel = :channel
                AND message_id IN (SELECT value FROM json_each(:ids))""",  # noqa: S608 (changes of ours)
            {"now": utc_text(now), "channel": channel, "ids": json.dumps([one.id for one in messages])},
        )
