"""Jobs for worker processes: good, slow and deadly ones. A module of its own, since workers import it."""

from __future__ import annotations

import os
import re
import sys
import time

from crawler import workshop
from crawler.extraction.article import Page
from crawler.workshop import Worked


class Odd(Exception):
    """An exception that pickle cannot bring back."""

    def __init__(self, one: int, two: int) -> None:
        super().__init__(f"{one} and {two}")


def add(one: int, two: int) -> int:
    """What is asked for."""
    return one + two


def worker() -> int:
    """The process that does the work."""
    return os.getpid()


def fail(message: str) -> None:
    """An error that travels."""
    raise KeyError(message)


def odd() -> None:
    """An error that does not."""
    raise Odd(1, 2)


class Poison:
    """A result that pickle writes and cannot read."""

    def __reduce__(self) -> tuple[object, tuple[int]]:
        return Odd, (1,)


def poison() -> Poison:
    """A result that breaks whoever takes it."""
    return Poison()


def leave() -> None:
    """An exit that only looks like one."""
    sys.exit(3)


def die() -> None:
    """An exit that nothing can stop."""
    os._exit(7)


def sleep(seconds: float) -> None:
    """A wait that Python can interrupt."""
    time.sleep(seconds)


def spin() -> bool:
    """A regular expression that runs for ever and lets no signal handler of Python's in."""
    return re.match(r"(a+)+$", "a" * 60 + "b") is not None


def slow_or_extracted(page: Page, data: bytes, packed: bool) -> Worked:
    """The work of an import, but for one page for ever."""
    if page.url.endswith("/slow.html"):
        spin()
    return workshop.work(page, data, packed)


def hog() -> int:
    """More memory than there is."""
    kept = []
    while True:
        kept.append(bytearray(64 << 20))
