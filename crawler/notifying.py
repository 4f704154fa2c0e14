"""Notifications: the channels of NOTIFY, and how what is in the outbox gets there.

A channel is an address as apprise writes it: mail, chat, webhook. Apprise is loaded when there is one, and works in a thread of
its own with a deadline: a server that takes no notice of us costs a thread, and neither crawl nor event loop waits for it.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from archive.outbox import Message, Outbox
from crawler.errors import SettingError

if TYPE_CHECKING:
    from crawler.runtime import Runtime

log = logging.getLogger(__name__)
DEADLINE = 30.0  # seconds; a mail server with greylisting or TLS takes some
ERROR_KEPT = 300  # characters
# an address may hold commas and spaces are none of it: what follows a separator begins with a scheme
_BETWEEN = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")


@dataclass(frozen=True, slots=True)
class Channel:
    """Where messages go. The key stands for it in the database, and the label in words, without its secrets."""

    key: str
    label: str
    url: str = field(repr=False)


def channels_of(text: str) -> tuple[Channel, ...]:
    """The channels that NOTIFY names. Raises SettingError, without an address in the message."""
    urls = list(dict.fromkeys(url for part in _BETWEEN.split(text) if (url := part.strip(" \t\r\n,"))))
    if not urls:
        return ()
    from apprise import Apprise  # a second, and 20 MiB, that nobody pays who has no channel

    found = []
    for number, url in enumerate(urls, 1):
        made = Apprise.instantiate(url, suppress_exceptions=True)
        if made is None:
            raise SettingError(f"NOTIFY: address {number} of {len(urls)} is none that apprise knows")
        key = sha256(url.encode()).hexdigest()[:16]
        found.append(Channel(key, f"{made.service_name} {key[:4]}", url))
    return tuple(found)


def send(channel: Channel, subject: str, body: str) -> str:
    """Send in this thread; gives what went wrong, or ""."""
    from apprise import Apprise, LogCapture, NotifyFormat

    made = Apprise()
    made.add(channel.url)
    with LogCapture(level=logging.WARNING, fmt="%(message)s") as said:  # type: ignore[no-untyped-call]
        done = made.notify(title=subject, body=body, body_format=NotifyFormat.TEXT)
        why = " ".join(said.getvalue().split())
    if done:
        return ""
    return without_secrets(why, channel.url)[:ERROR_KEPT] or "it was not taken"


def without_secrets(text: str, url: str) -> str:
    """A text in which nothing stands that may be a password of an address."""
    for part in sorted({one for one in re.split(r"[:/?&=@,]+", url)[1:] if len(one) > 3}, key=len, reverse=True):
        text = text.replace(part, "…")
    return text


def joined(messages: Sequence[Message]) -> tuple[str, str]:
    """Several messages as one: subject and body."""
    if len(messages) == 1:
        return messages[0].subject, messages[0].body
    subject = f"Kiosque: {len(messages)} messages"
    return subject, "\n\n".join(
        f"{one.subject} ({one.written_at[:16].replace('T', ' ')})\n\n{one.body}" for one in messages
    )


async def in_time(work: Any, *arguments: Any, deadline: float = DEADLINE) -> Any:
    """Run in a daemon thread and wait for it until the deadline. Raises TimeoutError; the thread is left to itself then."""
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Any] = loop.create_future()

    def settle(result: Any, error: BaseException | None) -> None:
        if not future.done():
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def run() -> None:
        result, error = None, None
        try:
            result = work(*arguments)
        except Exception as raised:  # noqa: BLE001  whatever a plug-in raises goes to who waits
            error = raised
        if not loop.is_closed():
            loop.call_soon_threadsafe(settle, result, error)

    threading.Thread(target=run, name="notify", daemon=True).start()
    return await asyncio.wait_for(future, deadline)


class Notifier:
    """Sends what is in the outbox of an archive."""

    def __init__(self, runtime: Runtime, channels: Sequence[Channel], deadline: float = DEADLINE) -> None:
        self._runtime = runtime
        self._deadline = deadline
        self.channels = tuple(channels)
        self.outbox = Outbox(runtime.archive.db)

    @property
    def keys(self) -> list[str]:
        """The channels as the outbox names them."""
        return [one.key for one in self.channels]

    async def recover(self) -> None:
        """At a start: settle what the last process left."""
        broken = await self._runtime.writer.write(lambda: self.outbox.recover(self.keys, self._runtime.now()))
        if broken:
            log.warning("%d messages were being sent when the process was killed: they may not have arrived", broken)

    async def deliver(self) -> None:
        """Send what is due, on each channel by itself."""
        await asyncio.gather(*(self._deliver(channel) for channel in self.channels))

    async def _deliver(self, channel: Channel) -> None:
        runtime = self._runtime
        messages = await runtime.writer.write(lambda: self.outbox.begin(channel.key, runtime.now()))
        if not messages:
            return
        try:
            error = await in_time(send, channel, *joined(messages), deadline=self._deadline)
        except TimeoutError:
            error = f"no end within {self._deadline:g} s"
        except Exception as raised:  # noqa: BLE001  apprise has a hundred plug-ins, and none may stop the crawler
            error = without_secrets(f"{type(raised).__name__}: {raised}", channel.url)[:ERROR_KEPT]
        if error:
            log.warning("%s: %s; it is tried again", channel.label, error)
            await runtime.writer.write(lambda: self.outbox.failed(channel.key, messages, runtime.now(), error))
        else:
            await runtime.writer.write(lambda: self.outbox.sent(channel.key, messages, runtime.now()))
