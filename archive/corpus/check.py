"""Whether a corpus is what its manifest says: every file, every line, every text, every record and every reference.

A corpus may come from a stranger. Nothing outside its folder is opened, no link is followed, and nothing is held that grows
with it.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from archive.corpus.check_lines import Progress, check_lines
from archive.corpus.layout import LARGEST_MANIFEST, MANIFEST, RAW, SUMS, CorpusDamaged, open_plain
from archive.corpus.manifest import Manifest, read_manifest
from archive.corpus.verdict import TOLD, Verdict
from archive.corpus.writing import Seal, digest_of, sums_of

CHUNK = 1 << 16


def verify_corpus(folder: Path, progress: Progress = lambda what, number: None) -> Verdict:
    """Verify a corpus; what is wrong with it is told in the verdict and never raised."""
    verdict = Verdict()
    try:
        verdict.manifest = read_manifest(folder)
    except CorpusDamaged as error:
        verdict.add(str(error))
        return verdict
    readable = _check_files(folder, verdict.manifest, verdict, progress)
    check_lines(folder, verdict.manifest, readable, verdict, progress)
    return verdict


# -- files -----------------------------------------------------------------------------------------------------------


def _check_files(folder: Path, manifest: Manifest, verdict: Verdict, progress: Progress) -> set[str]:
    """Compare the files with their seals; gives the names of those that can be read."""
    known = {*manifest.seals, MANIFEST, SUMS}
    for name in _strangers(folder, known):
        verdict.add(f"{name!r} is no part of the corpus")
    found: dict[str, Seal] = {}
    for number, name in enumerate(sorted(known), 1):
        said = manifest.seals.get(name)
        try:
            found[name] = _seal_of(folder, name, LARGEST_MANIFEST if said is None else said.bytes)
        except CorpusDamaged as error:
            verdict.add(str(error))
            continue
        if said is not None and found[name] != said:
            what = "is cut off" if found[name].bytes < said.bytes else "was changed"
            verdict.add(f"{name} {what}: {found[name].bytes} bytes, SHA-256 {found[name].sha256}")
        progress("files", number)
    if f"sha256:{digest_of(manifest.seals)}" != manifest.digest:
        verdict.add(f"{MANIFEST}: its digest is not that of the files that it names")
    if MANIFEST in found:
        sums = sums_of({**manifest.seals, MANIFEST: found[MANIFEST]})
        if found.get(SUMS) not in (None, Seal(len(sums), sha256(sums).hexdigest())):
            verdict.add(f"{SUMS} is not that of the files: it or {MANIFEST} was changed")
    return set(found)


def _strangers(folder: Path, known: set[str]) -> Iterator[str]:
    """What stands in a folder that a corpus does not name, the first TOLD."""
    told = 0
    for parent in (folder, folder / RAW):
        if not parent.is_dir() or parent.is_symlink():
            continue
        with os.scandir(parent) as entries:
            for entry in entries:
                name = entry.name if parent == folder else f"{RAW}/{entry.name}"
                plain_folder = name == RAW and stat.S_ISDIR(entry.stat(follow_symlinks=False).st_mode)
                if name not in known and not plain_folder:
                    yield name
                    told += 1
                    if told >= TOLD:
                        return


def _seal_of(folder: Path, name: str, most: int) -> Seal:
    """Size and hash of a file, which is read no further than it should be long."""
    sealed = sha256()
    size = 0
    with open_plain(folder, name) as file:
        try:
            while data := file.read(CHUNK):
                sealed.update(data)
                size += len(data)
                if size > most:
                    raise CorpusDamaged(f"{name} is longer than it should be")
        except OSError as error:
            raise CorpusDamaged(f"{name} cannot be read: {error}") from error
    return Seal(size, sealed.hexdigest())
