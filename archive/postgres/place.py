"""Where an archive on PostgreSQL is: the server, and the folder of its raw pages."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from archive.errors import ArchiveError

RAW = "KIOSQUE_ARCHIVE_RAW"  # environment; the same folder on every machine, or one that all of them see
# a Path makes one slash of two
# libpq's; a server that vanished is noticed within some ten seconds, not within two hours
KEPT_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
_URL = re.compile(r"postgres(?:ql)?:/{1,2}(?P<rest>.*)", re.DOTALL)

Where = str | Path  # of an archive: a folder, or the URL of a PostgreSQL database


@dataclass(frozen=True, slots=True)
class Place:
    """An archive on PostgreSQL. `conninfo` may hold a password, `shown` never does; `folder` holds raw/."""

    conninfo: str
    shown: str
    folder: Path | None

    def dialled(self, **more: int | str) -> dict[str, Any]:
        """Parameters of a connection: what the URL says, and `more` and KEPT_ALIVE where it says nothing."""
        from psycopg.conninfo import (
            conninfo_to_dict,
        )  # late: this module is loaded by those who need no PostgreSQL, too

        return {**KEPT_ALIVE, **more, **conninfo_to_dict(self.conninfo)}

    def needed_folder(self) -> Path:
        """The folder of raw pages. Raises ArchiveError when none was named."""
        if self.folder is None:
            raise ArchiveError(
                f"{self.shown}: raw pages need a folder: set {RAW}=DIR (seen by every machine that writes or reads them),"
                " or add ?folder=DIR to the URL"
            )
        return self.folder

    def make_folder(self) -> None:
        """Make the folder of raw pages if it is not there. Raises ArchiveError."""
        try:
            (self.needed_folder() / "raw").mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ArchiveError(f"{self.shown}: no raw pages can be kept in {self.folder}: {error}") from error


def place_of(where: str | Path) -> Place | None:
    """Read `postgresql://user@host/database?folder=/srv/kiosque`; None for what is a folder. Every other parameter of the URL is
    libpq's (PostgreSQL's documentation, "Connection URIs")."""
    found = _URL.fullmatch(str(where))
    if found is None:
        return None
    parts = urlsplit(f"postgresql://{found['rest']}")
    given = parse_qsl(parts.query, keep_blank_values=True)
    folder = next((value for name, value in given if name == "folder"), "") or os.environ.get(RAW, "")
    query = urlencode([(name, value) for name, value in given if name != "folder"])
    user, at, host = parts.netloc.rpartition("@")
    shown = urlunsplit(("postgresql", f"{user.split(':')[0]}{at}{host}", parts.path, "", ""))
    conninfo = urlunsplit(("postgresql", parts.netloc, parts.path, query, ""))
    return Place(conninfo, shown, Path(folder).expanduser() if folder else None)


def address(url: str, raw: str) -> str:
    """A URL with the folder of raw pages, unless it names one itself; "" for none."""
    if not url or not raw or "folder=" in url:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode({'folder': raw})}"


def folder_at(where: Where, what: str) -> Path:
    """The folder of an archive in an SQLite file. Raises ArchiveError for one on PostgreSQL, with `what` it cannot do."""
    if (place := place_of(where)) is not None:
        raise ArchiveError(f"{place.shown}: {what}")
    return Path(where)
