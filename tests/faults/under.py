"""A command of the project under a limit of the system, or under a clock that is wrong.

`python -m tests.faults.under fsize=400000 nofile=64 clock=FILE synced=FILE -- scheduler.py --once`. `clock`: a file that
holds by how many seconds the clock is wrong, read whenever somebody asks for the time. `tick`: seconds between two looks of the service at what is due. `workers=too`: the limits are those of the
workers as well. `synced`: a file to which each
fsync of a raw file writes name and length.
"""

from __future__ import annotations

import os
import resource
import sys
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from crawler.extraction.pool import prepare


class _Meta(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, datetime)


class Wrong(metaclass=_Meta):
    """A datetime whose `now` is wrong."""

    file: Path

    def __new__(cls, *args: int, **kwargs: int) -> datetime:  # type: ignore[misc]
        return datetime(*args, **kwargs)  # type: ignore[arg-type]  # noqa: DTZ001

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:
        """The time as this machine has it."""
        return datetime.now(tz) + timedelta(seconds=float(cls.file.read_text()))


for _name in ("fromisoformat", "combine", "fromtimestamp", "min", "max", "strptime", "utcfromtimestamp"):
    setattr(Wrong, _name, getattr(datetime, _name))


def set_clock(file: Path) -> None:
    """Give every module of ours and the scheduler's library the wrong clock."""
    Wrong.file = file
    for name, module in list(sys.modules.items()):
        ours = name.partition(".")[0] in ("archive", "crawler", "scheduler", "apscheduler")
        if ours and getattr(module, "datetime", None) is datetime:
            module.datetime = Wrong  # type: ignore[attr-defined]


def note_syncs(file: Path) -> None:
    """Have every fsync of a raw file written down, once it is done."""
    sync = os.fsync

    def noted(handle: int) -> None:
        sync(handle)
        name = os.readlink(f"/proc/self/fd/{handle}")
        if name.endswith(".warc.gz"):
            with file.open("a") as log:
                log.write(f"{os.fstat(handle).st_size} {name}\n")

    os.fsync = noted


def main(arguments: list[str]) -> None:
    """Set the limits and be the command."""
    at = arguments.index("--")
    limits = dict(argument.split("=", 1) for argument in arguments[:at])
    command, *rest = arguments[at + 1 :]
    sys.argv = [command, *rest]
    if "synced" in limits:
        note_syncs(Path(limits["synced"]))
    if "workers" not in limits:
        prepare()  # the limits are ours alone
    for name, number in (("fsize", resource.RLIMIT_FSIZE), ("nofile", resource.RLIMIT_NOFILE)):
        if name in limits:
            resource.setrlimit(number, (int(limits[name]), int(limits[name])))
    if command == "scheduler.py":
        import scheduler

        if "tick" in limits:
            scheduler.TICK = timedelta(seconds=float(limits["tick"]))
        if "clock" in limits:
            set_clock(Path(limits["clock"]))
        scheduler.main(rest)
    elif command == "scrapy":
        from scrapy.cmdline import execute

        execute()
    else:
        from archive.cli import cli

        cli(rest, prog_name=command)


if __name__ == "__main__":
    main(sys.argv[1:])
