"""Notifications: channels, the outbox and its deliveries, against real servers on loopback."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.outbox import Message, Outbox
from archive.records import parse_utc, utc_text
from crawler.errors import SettingError
from crawler.notifying import Notifier, channels_of, joined, send, without_secrets
from crawler.writer import Writer
from tests.unit.archive.helpers import NOW, at, rows
from tests.unit.crawler.hooks import Hook, hooking, mailing

HOOK = "json://127.0.0.1:9/a"


@dataclass
class Desk:
    """What a notifier needs of a runtime, with a clock that the test sets."""

    archive: Archive
    writer: Writer
    hours: float = 0.0

    def now(self) -> Any:
        return at(self.hours)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with Archive(tmp_path / "data", write=True) as archive:
        yield Desk(archive, Writer(archive, 0.0, 50))


def write(desk: Desk, subject: str, notifier: Notifier) -> None:
    with desk.archive.transaction():
        notifier.outbox.write("incidents", subject, f"Of {subject}.", notifier.keys, desk.now())


def notifier_of(desk: Desk, *hooks: Hook, deadline: float = 10.0) -> Notifier:
    return Notifier(desk, channels_of(" ".join(hook.url for hook in hooks)), deadline)  # type: ignore[arg-type]


# -- channels ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        (" ,\n", 0),
        (HOOK, 1),
        (f"{HOOK}, json://127.0.0.1:9/b", 2),
        (f"{HOOK} json://127.0.0.1:9/b\n,json://127.0.0.1:9/c,", 3),
        (f"{HOOK} {HOOK}", 1),
        ("mailto://u:p@example.org?to=a@example.org,b@example.org", 1),  # its comma is its own
    ],
)
def test_channels(text: str, number: int) -> None:
    assert len(channels_of(text)) == number


def test_a_channel_that_nobody_knows_is_refused_without_its_secret() -> None:
    with pytest.raises(SettingError) as caught:
        channels_of(f"{HOOK} nosuch://user:sesame@example.org")
    assert "address 2 of 2" in str(caught.value)
    assert "sesame" not in str(caught.value)


def test_channels_do_not_show_their_secrets() -> None:
    (channel,) = channels_of("json://user:sesame@127.0.0.1:9/a")
    assert "sesame" not in repr(channel)
    assert without_secrets("POST to user:sesame@127.0.0.1 failed", channel.url) == "POST to …:…@… failed"


def test_several_messages_become_one() -> None:
    messages = [message("A"), message("B")]
    assert joined(messages[:1]) == ("A", "Of A.")
    subject, body = joined(messages)
    assert subject == "Kiosque: 2 messages"
    assert body.index("Of A.") < body.index("Of B.")


def message(subject: str) -> Message:
    """A message as the outbox gives it."""
    return Message(1, "incidents", "", subject, f"Of {subject}.", utc_text(NOW))


# -- delivery ------------------------------------------------------------------------------------------------------------


def test_a_message_arrives_once_on_each_channel(desk: Desk) -> None:
    with hooking("one") as one, hooking("two") as two:
        notifier = notifier_of(desk, one, two)
        write(desk, "Silent: Paper", notifier)
        for _ in range(3):
            asyncio.run(notifier.deliver())
        assert one.got == two.got == [("Silent: Paper", "Of Silent: Paper.")]
    assert rows(desk.archive, "SELECT count(*) FROM deliveries WHERE sent_at IS NOT NULL AND next_try_at IS NULL") == [
        (2,)
    ]


def test_mail_arrives_with_its_letters(desk: Desk) -> None:
    with mailing() as box:
        (channel,) = channels_of(box.url)
        assert send(channel, "Kiosque: Северный берег", "港湾晨报: nothing new") == ""
        ((subject, text),) = box.got
        assert subject == "Kiosque: Северный берег"
        assert "港湾晨报: nothing new" in text


def test_what_was_refused_is_sent_again_later_and_only_where_it_was(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with hooking("one") as one, hooking("two") as two:
        notifier = notifier_of(desk, one, two)
        two.status = 503
        write(desk, "A", notifier)
        asyncio.run(notifier.deliver())
        assert (len(one.got), len(two.got)) == (1, 0)
        asyncio.run(notifier.deliver())
        assert rows(desk.archive, "SELECT max(attempts) FROM deliveries") == [(1,)], "not at once"
        desk.hours = 0.1
        write(desk, "B", notifier)
        two.status = 200
        asyncio.run(notifier.deliver())
        assert [subject for subject, _ in one.got] == ["A", "B"]
        assert [subject for subject, _ in two.got] == ["Kiosque: 2 messages"]
    assert "503" in rows(desk.archive, "SELECT group_concat(error) FROM deliveries")[0][0] + caplog.text
    assert "sesame" not in caplog.text


def test_waits_grow_and_end(desk: Desk) -> None:
    with hooking() as hook:
        hook.status = 500
        notifier = notifier_of(desk, hook)
        write(desk, "A", notifier)
        waits, asked = [], 0
        for _ in range(100):
            asyncio.run(notifier.deliver())
            ((due, attempts),) = rows(desk.archive, "SELECT next_try_at, attempts FROM deliveries")
            assert attempts == (asked := asked + 1)
            if due is None:
                break
            waits.append(due)
            desk.hours = hours_of(due)
        hours = [hours_of(due) for due in waits]
        gaps = [later - earlier for earlier, later in zip([0.0, *hours], hours, strict=False)]
        assert gaps[0] == pytest.approx(1 / 60) and gaps[1] == pytest.approx(2 / 60)
        assert max(gaps) == pytest.approx(1.0)
        assert 48 <= desk.hours < 50
        assert hook.got == []


def hours_of(text: str) -> float:

    return (parse_utc(text) - NOW) / timedelta(hours=1)


def test_a_server_that_does_not_answer_costs_its_deadline_and_no_more(desk: Desk) -> None:
    with hooking("slow") as slow, hooking("quick") as quick:
        slow.delay = 3.0
        notifier = notifier_of(desk, slow, quick, deadline=0.3)
        write(desk, "A", notifier)
        ticks = 0

        async def beside() -> None:
            nonlocal ticks
            while True:
                await asyncio.sleep(0.01)
                ticks += 1

        async def both() -> None:
            task = asyncio.ensure_future(beside())
            await notifier.deliver()
            task.cancel()

        asyncio.run(both())
        assert ticks >= 5, "the event loop went on"
        assert len(quick.got) == 1
        (found,) = rows(desk.archive, "SELECT error FROM deliveries WHERE error != ''")
        assert found == ("no end within 0.3 s",)


def test_what_a_kill_left_half_sent_is_not_sent_again(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """At most once: the process was killed between the note that it is being sent and the note that it was."""
    with hooking() as hook:
        notifier = notifier_of(desk, hook)
        write(desk, "A", notifier)
        with desk.archive.transaction():
            assert [one.subject for one in notifier.outbox.begin(notifier.keys[0], desk.now())] == ["A"]
        write(desk, "B", notifier)  # written, and nothing more
        again = notifier_of(desk, hook)
        asyncio.run(again.recover())
        asyncio.run(again.deliver())
        assert [subject for subject, _ in hook.got] == ["B"]
    assert "1 messages were being sent" in caplog.text


def test_a_channel_that_was_taken_out_is_sent_nothing_more(desk: Desk) -> None:
    with hooking("one") as one, hooking("two") as two:
        one.status = 500
        first = notifier_of(desk, one)
        write(desk, "A", first)
        asyncio.run(first.deliver())
        second = notifier_of(desk, two)
        asyncio.run(second.recover())
        desk.hours, one.status = 5, 200
        asyncio.run(second.deliver())
        asyncio.run(first.deliver())
        assert one.got == two.got == []


def test_old_messages_are_forgotten(desk: Desk) -> None:
    outbox = Outbox(desk.archive.db)
    with desk.archive.transaction():
        outbox.write("digest", "old", "", ["x"], at(-24 * 100))
        outbox.write("digest", "new", "", ["x"], NOW)
        outbox.recover(["x"], NOW)
    assert rows(desk.archive, "SELECT subject FROM messages") == [("new",)]
    assert outbox.last("digest") == utc_text(NOW)
