"""Where an archive on PostgreSQL is: the server, and the folder of its raw pages."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote, unquote

from archive.errors import ArchiveError

RAW = "KIOSQUE_ARCHIVE_RAW"  # environment; the same folder on every machine, or one that all of them see
# libpq's; a server that vanished is noticed within some ten seconds, not within two hours
KEPT_ALIVE = {"keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3, "tcp_user_timeout": 10_000}
# a Path makes one slash of two; schemes are read in any case (RFC 3986, section 3.1)
# and the login goes to the first @, if no / comes before it, as for libpq
_URL = re.compile(
    r"postgres(?:ql)?:/{0,2}(?P<login>[^@/]*@)?(?P<server>[^?]*)(?:\?(?P<query>.*))?", re.DOTALL | re.IGNORECASE
)
_OTHER_URL = re.compile(r"[a-z][a-z0-9+.-]+:/", re.IGNORECASE)
# of a message of libpq: up to what it quotes, unless that is a single character, or the name of a parameter at its end
_TELLABLE = re.compile(r'(?:[^"]|"[^"]"(?=\s))*(?:"[a-z_]+"$)?')
_ESCAPE = "in names and passwords, write @ as %40, / as %2F, ? as %3F, : as %3A and % as %25"
_FOLDER = "folder="

Where = str | Path  # of an archive: a folder, or the URL of a PostgreSQL database


@dataclass(frozen=True, slots=True)
class Place:
    """An archive on PostgreSQL. `conninfo` may hold a password, `shown` never does; `folder` holds raw/."""

    conninfo: str
    shown: str
    folder: Path | None

    def dialled(self, **more: int | str) -> dict[str, Any]:
        """Parameters of a connection: what the URL says, and `more` and KEPT_ALIVE where it says nothing. Texts are UTF-8, whatever
        the URL or PGCLIENTENCODING says."""
        from psycopg.conninfo import (
            conninfo_to_dict,
        )  # late: this module is loaded by those who need no PostgreSQL, too

        return {**KEPT_ALIVE, **more, **conninfo_to_dict(self.conninfo), "client_encoding": "utf8"}

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
    libpq's (PostgreSQL's documentation, "Connection URIs"). Raises ArchiveError for any other URL, which is no folder's name,
    and for one that libpq would not read, or not as it was meant."""
    found = _URL.fullmatch(str(where))
    if found is None:
        if (other := _OTHER_URL.match(str(where))) is not None:
            raise ArchiveError(f"{other[0]}...: an archive is a folder, or postgresql://user@host/database")
        return None
    login, server = found["login"] or "", found["server"]
    given = _parts(found)
    folder = next((unquote(part[len(_FOLDER) :]) for part in given if part.startswith(_FOLDER)), "")
    folder = folder or os.environ.get(RAW, "")
    theirs = "&".join(part for part in given if not part.startswith(_FOLDER))  # as it is: libpq knows no + for a space
    conninfo = f"postgresql://{login}{server}{'?' if theirs else ''}{theirs}"
    _refuse_misread(conninfo, server)
    user = f"{login[:-1].partition(':')[0]}@" if login else ""
    return Place(conninfo, f"postgresql://{user}{server}", Path(folder).expanduser() if folder else None)


def _parts(found: re.Match[str]) -> list[str]:
    return [part for part in (found["query"] or "").split("&") if part]


def _refuse_misread(conninfo: str, server: str) -> None:
    """Raise ArchiveError for a URL in which a character of the password, such as @, would end it. Nothing of the URL is told then:
    nobody knows which part is the password."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    why = ""
    try:
        port = str(conninfo_to_dict(conninfo).get("port", ""))
    except ProgrammingError as error:
        why = cast(re.Match[str], _TELLABLE.match(str(error).strip()))[0].rstrip(": ")
    else:
        if "@" in server:
            why = "it has an @ too many"
        elif port.replace(",", "").strip("0123456789"):
            why = "its port is no number"
    if why:
        raise ArchiveError(f"postgresql://...: this URL cannot be read ({why}); {_ESCAPE}")


def address(url: str, raw: str) -> str:
    """A URL with the folder of raw pages, unless it names one itself; "" for none."""
    found = _URL.fullmatch(url)
    if found is None or not raw or any(part.startswith(_FOLDER) for part in _parts(found)):
        return url
    return f"{url}{'?' if found['query'] is None else '&'}{_FOLDER}{quote(raw, safe='')}"


def shown(where: Where) -> str:
    """An archive's address as it may be told: without a password."""
    place = place_of(where)
    return str(where) if place is None else place.shown


def folder_at(where: Where, what: str) -> Path:
    """The folder of an archive in an SQLite file. Raises ArchiveError for one on PostgreSQL, with `what` it cannot do."""
    if (place := place_of(where)) is not None:
        raise ArchiveError(f"{place.shown}: {what}")
    return Path(where)
