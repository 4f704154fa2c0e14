"""Files of a corpus as they are written, hashed on the way."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from archive.corpus.layout import MANIFEST, SUMS
from archive.corpus.records import LARGEST_FILE, raw_name, warcinfo


@dataclass(frozen=True, slots=True)
class Seal:
    """Size and SHA-256 (hexadecimal) of a file."""

    bytes: int
    sha256: str


class Output:
    """A file that is written once, from its beginning to its end."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("xb")
        self._hash = sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        """Append."""
        self._file.write(data)
        self._hash.update(data)
        self.size += len(data)

    def close(self) -> Seal:
        """Bring it to the disk. Raises OSError."""
        with self._file:
            self._file.flush()
            os.fsync(self._file.fileno())
        return Seal(self.size, self._hash.hexdigest())

    def drop(self) -> None:
        """Close it without a word; harmless when it is closed."""
        self._file.close()


class Folder:
    """The files of a corpus in the making, each with its seal once it is closed."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.seals: dict[str, Seal] = {}

    @contextmanager
    def writing(self, name: str) -> Iterator[Output]:
        """A new file; it has a seal when the block ended well. Raises OSError."""
        output = Output(self.path / name)
        try:
            yield output
            self.seals[name] = output.close()
        finally:
            output.drop()

    def write(self, name: str, data: bytes) -> None:
        """A new file of these bytes. Raises OSError."""
        with self.writing(name) as output:
            output.write(data)


class RawFiles:
    """The WARC files of a corpus; a new one begins where the last would become too large."""

    def __init__(self, folder: Folder, largest: int = LARGEST_FILE) -> None:
        self._folder = folder
        self._largest = largest
        self._output: Output | None = None
        self.names: list[str] = []

    def add(self, records: bytes, moment: str) -> tuple[str, int]:
        """Append whole records that belong together; gives their file and offset. Raises OSError."""
        if self._output is None or self._output.size + len(records) > self._largest:
            self._end()
            name = raw_name(len(self.names))
            self._output = Output(self._folder.path / name)
            self.names.append(name)
            self._output.write(warcinfo(name, moment))
        offset = self._output.size
        self._output.write(records)
        return self.names[-1], offset

    def close(self) -> None:
        """Close the last file. Raises OSError."""
        self._end()

    def drop(self) -> None:
        """Close it without a word; harmless when it is closed."""
        if self._output is not None:
            self._output.drop()

    def _end(self) -> None:
        if self._output is not None:
            self._folder.seals[self.names[-1]] = self._output.close()
            self._output = None


def digest_of(seals: Mapping[str, Seal]) -> str:
    """The digest of a corpus: SHA-256 of the lines of SHA256SUMS without that of the manifest."""
    return sha256(
        "".join(f"{seals[name].sha256}  {name}\n" for name in sorted(seals) if name != MANIFEST).encode()
    ).hexdigest()


def sums_of(seals: Mapping[str, Seal]) -> bytes:
    """What SHA256SUMS says, for `sha256sum -c`."""
    return "".join(f"{seals[name].sha256}  {name}\n" for name in sorted(seals) if name != SUMS).encode()


def sealed(files: Mapping[str, Seal]) -> dict[str, Any]:
    """Seals as the manifest has them."""
    return {name: {"bytes": files[name].bytes, "sha256": files[name].sha256} for name in sorted(files)}


def sync_folder(path: Path) -> None:
    """Bring the names in a folder to the disk. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
