"""WARC files as they are named: files, folders of them, and lists of paths such as Common Crawl's `warc.paths.gz`."""

from __future__ import annotations

import gzip
import logging
import os
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from archive.errors import ArchiveError
from crawler.errors import SettingError

SUFFIXES = (".warc", ".warc.gz", ".warc.zst")
URL = ("https://", "http://")
TIMEOUT_S = 60.0  # without a byte
TRIES = 5  # at a download that gets no further
REST_S = 5.0  # before the second of them, twice as long before each further one
PIECE = 1 << 20  # bytes
log = logging.getLogger(__name__)


class NotFetched(Exception):
    """A file that is not there, or could not be downloaded."""


def names_of(paths: Sequence[Path], lists: Sequence[Path], root: str) -> list[str]:
    """All files, in their order and each once: `paths` are files, or folders that are looked through; `lists` hold one path
    or URL a line (packed by gzip or not), where a path that is not absolute is below `root`, a folder or URL.

    Raises SettingError for a list that cannot be read, or when there is no file.
    """
    found: list[str] = []
    for path in paths:
        if path.is_dir():
            inside = (file for file in path.rglob("*") if file.name.endswith(SUFFIXES) and file.is_file())
            found += sorted(str(file.resolve()) for file in inside)
        else:
            found.append(str(path.resolve()))
    for file in lists:
        found += (_below(line, root) for line in _lines(file))
    if not found:
        raise SettingError(f"there is no file that ends in {', '.join(SUFFIXES)}")
    return list(dict.fromkeys(found))


def size_of(name: str) -> int:
    """Bytes of a file; 0 for one that is not here."""
    try:
        return 0 if name.startswith(URL) else os.stat(name).st_size
    except OSError:
        return 0


@contextmanager
def at_hand(name: str, user_agent: str, stopped: Callable[[], bool] = lambda: False) -> Iterator[Path]:
    """The file itself, or for the time of the block a copy of what a URL names. Raises NotFetched, also once it is
    `stopped`."""
    if not name.startswith(URL):
        if not Path(name).is_file():
            raise NotFetched("there is no such file on this machine")
        yield Path(name)
        return
    with tempfile.TemporaryDirectory(prefix="kiosque-") as folder:
        target = Path(folder) / (name.rpartition("/")[2].partition("?")[0] or "file.warc.gz")
        with target.open("wb") as file:
            download(name, file, user_agent, stopped)
        yield target


def download(url: str, file: BinaryIO, user_agent: str, stopped: Callable[[], bool] = lambda: False) -> None:
    """Write what a URL names to a file; what breaks off goes on where it was (RFC 9110, section 14). Raises NotFetched; and
    ArchiveError when there is no room for it."""
    tries, why = 0, ""
    while tries < TRIES:
        if tries:
            time.sleep(REST_S * 2 ** (tries - 1))
        begun = file.tell()
        try:
            if _rest(url, file, user_agent, stopped):
                return
            why = "it broke off"
        except urllib.error.HTTPError as error:
            why = f"HTTP {error.code}"
            if error.code in (400, 401, 403, 404, 410, 451):
                break
        except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
            why = str(getattr(error, "reason", error))
        except OSError as error:
            raise ArchiveError(f"{url} cannot be kept for the import: {error}") from error
        log.info("%s: %s at byte %d", url, why, file.tell())
        tries = 1 if file.tell() > begun else tries + 1
    raise NotFetched(f"it could not be downloaded: {why}")


def _rest(url: str, file: BinaryIO, user_agent: str, stopped: Callable[[], bool]) -> bool:
    """Append what is left; is it all there then?"""
    headers = {"User-Agent": user_agent, "Accept-Encoding": "identity"}
    if begun := file.tell():
        headers["Range"] = f"bytes={begun}-"
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT_S) as answer:
        if begun and answer.status != 206:
            file.seek(0)
            file.truncate()
        length = answer.headers.get("Content-Length")
        left = int(length) if length and length.isdigit() else None
        while piece := answer.read(PIECE):
            if stopped():
                raise NotFetched("it was told to stop")
            file.write(piece)
            left = left - len(piece) if left is not None else None
    file.flush()
    return not left


def _lines(file: Path) -> list[str]:
    try:
        data = file.read_bytes()
        text = (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode()
    except (OSError, EOFError, ValueError) as error:
        raise SettingError(f"{file} cannot be read as a list of paths: {error}") from error
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#")]


def _below(line: str, root: str) -> str:
    if line.startswith(URL) or Path(line).is_absolute():
        return line
    if root.startswith(URL):
        return f"{root.rstrip('/')}/{line}"
    return str((Path(root) / line).resolve())
