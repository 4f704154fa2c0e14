"""The polling policy at work: what listings showed goes in, the time of the next look comes out, the price is kept."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import log
from typing import Any

from archive import Archive
from archive.polls import Polls
from archive.records import parse_utc
from archive.rows import FeedRow, Offer, Outcome
from crawler.polling import DAY, LOOKS_PER_FEED, NOTHING_ASKED, SHORTEST_S, Asked, PollPolicy, State
from crawler.schedule import Schedule
from crawler.source import Source

TICK = timedelta(minutes=5)  # how often the price is moved and kept, at most


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at a listing showed: the times that its news give, how many entries it has (None: unchanged), whether
    some of them were known, and what the publisher asks for."""

    published: tuple[datetime | None, ...] = ()
    window: int | None = None
    overlap: bool = True
    asked: Asked = NOTHING_ASKED


class Lookout:
    """Plans the looks of all crawls of a process. `look`, `failed` and `credit` belong in a write job."""

    def __init__(self, archive: Archive, budget: float, feeds: int) -> None:
        """`budget`: looks a day, at all listings whose source file does not say when; `feeds`: how many these are."""
        self._polls = Polls(archive.db)
        self._shared = archive.shared
        self.policy = PollPolicy(budget, feeds)
        self._elsewhere = PollPolicy(budget)  # for listings that have no share in the budget and the price
        if kept := self._polls.kept():
            self.policy.restore(kept)
        else:
            for feed in self._polls.feeds():
                if state := state_of(feed.polling, feed.last_checked_at, feed.items):
                    self.policy.expect(state)
        self._looks = 0
        self._ticked: datetime | None = None

    def look(self, feed: FeedRow, schedule: Schedule, now: datetime, found: Found) -> tuple[datetime, State]:
        """When a listing is looked at again after this look, and its new state."""
        adaptive = schedule.kind == "adaptive"
        policy = self.policy if adaptive else self._elsewhere
        state = policy.observe(
            state_of(feed.polling, feed.last_checked_at, feed.items) or policy.new_state(),
            now=now,
            published=found.published,
            window=found.window,
            overlap=found.overlap,
            weight=schedule.weight,
            asked=found.asked,
        )
        if adaptive:
            self._count(now)
        return schedule.next_after(now) or policy.next_check(state, now), state

    def failed(self, schedule: Schedule, now: datetime) -> None:
        """Count a look that brought nothing."""
        if schedule.kind == "adaptive":
            self._count(now)

    def credit(self, index: FeedRow, schedule: Schedule, news: Sequence[datetime | None], now: datetime) -> None:
        """Count what a sitemap brought for the index that led to it. `index`: as it was before this look; what comes of
        its first one is no news."""
        before = state_of(index.polling, index.last_checked_at, index.items)
        if before is None or not news:
            return
        state = self.policy.credit(self._polls.state(index.id), news, before["at"])
        due = self.policy.next_check(state, now) if schedule.kind == "adaptive" else None
        self._polls.replan(index.id, state, due)

    def news(self, feed: FeedRow, offers: Iterable[Offer]) -> tuple[datetime | None, ...]:
        """The times that offers of a listing give which nobody offered before. Old ones count at the first look only: they
        tell how often something came out."""
        first = state_of(feed.polling, feed.last_checked_at, feed.items) is None
        wanted = (None, Outcome.SKIPPED_OLD) if first else (None,)
        offers = [offer for offer in offers if offer.refused in wanted]
        unknown = self._polls.unknown(offer.url for offer in offers)
        return tuple(_published(offer.hint) for offer in offers if offer.url in unknown)

    def _count(self, now: datetime) -> None:
        self._looks += 1
        if self._ticked is None or not timedelta(0) <= now - self._ticked < TICK:
            if self._shared and (kept := self._polls.kept()):
                self.policy.restore(kept)  # others move the price too, each by its own looks
            self.policy.tick(now, self._looks)
            self._polls.keep(self.policy.kept(), now)
            self._looks, self._ticked = 0, now


def state_of(polling: Mapping[str, Any], checked_at: str | None, items: int) -> State | None:
    """The policy's state of a feed; None when it was never looked at."""
    if "at" in polling:
        return dict(polling)
    if "interval" in polling and checked_at:
        return carried(polling, parse_utc(checked_at).timestamp(), items)
    return None


def expected_items(archive: Archive, now: datetime) -> dict[str, float]:
    """How many new items the next look at each source is expected to find, by slug; sources without a look are left out."""
    polls, policy = Polls(archive.db), PollPolicy(LOOKS_PER_FEED)
    if kept := polls.kept():
        policy.restore(kept)
    looks: dict[str, list[tuple[datetime, State]]] = {}
    for feed in polls.feeds():
        if state := state_of(feed.polling, feed.last_checked_at, feed.items):
            due = max(parse_utc(feed.next_check_at), now) if feed.next_check_at else now
            looks.setdefault(feed.slug, []).append((due, state))
    items = {}
    for slug, planned in looks.items():
        soonest = min(due for due, _ in planned)
        items[slug] = sum(policy.expected(state, soonest) for due, state in planned if due == soonest)
    return items


def adaptive_feeds(sources: Iterable[Source]) -> int:
    """How many listings of the sources are looked at when the policy says so."""
    return sum(len(source.places) for source in sources if source.schedule.kind == "adaptive")


def budget_of(setting: float, feeds: int) -> float:
    """Looks a day for so many listings, as POLLS_PER_DAY says; 0 leaves it to their number."""
    return setting or LOOKS_PER_FEED * max(feeds, 1)


def _published(hint: Mapping[str, Any]) -> datetime | None:
    text = hint.get("published") or hint.get("updated")
    return parse_utc(text) if text else None


def carried(polling: Mapping[str, Any], last: float, window: int) -> State:
    """A state made of one that an earlier release left, which knew only an interval in seconds.

    That interval was halved when a look found something and grew by half when not, and so came to rest where a look finds
    something in log 1.5 of log 3 cases. It counts as much as a day of watching.
    """
    state = PollPolicy(1.0).new_state()
    found = -log(1 - log(1.5) / log(3)) * DAY / max(float(polling["interval"]), SHORTEST_S)
    return {**state, "at": last, "items": found, "days": 1.0, "window": window}
