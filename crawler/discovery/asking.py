"""Asking: the requests of a survey, each address once, within a bound, and not on when the site does not answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar

from crawler.urls import canonical

LOST = 3  # requests in a row without an answer, after which the site is left alone
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a request."""

    url: str  # that answered
    status: int = 0
    body: bytes = b""
    content_type: str = ""
    problem: str = ""  # why there is no answer, or none to use
    sent: bool = True  # False: it was not even asked for, as robots.txt or the net guard forbid it

    @property
    def ok(self) -> bool:
        """Tell whether there is something to read."""
        return self.status == 200 and not self.problem and bool(self.body)


class Scout(Protocol):
    """Asks and reads for a survey."""

    async def get(self, url: str) -> Answer:
        """Ask for a URL, following redirects; politely, and never raising."""

    async def read(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function on what may be hostile. Raises what it raises, and ExtractionError."""

    def robots(self, url: str) -> str:
        """The text of the robots.txt for a URL, as far as it is known."""

    def now(self) -> datetime:
        """The time."""


class Asker:
    """Asks through a scout, `most` times at most."""

    def __init__(self, scout: Scout, most: int) -> None:
        self._scout = scout
        self._most = most
        self._known: set[str] = set()
        self._lost = 0
        self.requests = 0
        self.trouble = ""  # why nothing more is asked

    def knows(self, url: str) -> bool:
        """Tell whether a URL was asked for, or answered for another."""
        return canonical(url) in self._known

    async def ask(self, url: str) -> Answer | None:
        """The answer to a URL that was not asked for yet; None for one that was, and when no request is left."""
        if self.knows(url) or self.trouble or self.requests >= self._most:
            return None
        answer = await self._scout.get(url)
        self._known |= {canonical(url), canonical(answer.url)}
        if not answer.sent:
            return answer
        self.requests += 1
        self._lost = 0 if answer.status else self._lost + 1
        if self._lost >= LOST:
            self.trouble = f"after {LOST} requests without an answer the site was left alone: {answer.problem}"
        return answer
