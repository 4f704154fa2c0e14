"""The ways of finding copies that are measured: Kiosque's archive, exact hashes, SimHash, and MinHash with LSH."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryDirectory

from datasketch import MinHash, MinHashLSH

from archive import Archive
from archive.filing import Filing
from archive.likeness import normalise
from archive.records import Draft, utc_text
from archive.rows import SourceRow
from benchmarks.duplicates.edits import Document

SIMHASH_BITS, SIMHASH_DISTANCE = 64, 3  # as in Manku et al., "Detecting near-duplicates for web crawling", 2007
PERMUTATIONS, THRESHOLD = 128, 0.5  # datasketch's default number; of thresholds 0.3 to 0.9 none is better
SHINGLE = 3  # words, or characters where there are no spaces
START = datetime(2026, 3, 1, tzinfo=UTC)
BATCH = 50  # documents in a transaction, as in a crawl

Labels = list[int]
System = Callable[[Sequence[Document]], Labels]


def kiosque(documents: Sequence[Document]) -> Labels:
    """File the documents in an archive, one after another; the story of each, or itself."""
    with TemporaryDirectory(prefix="kiosque-") as folder, Archive(Path(folder), write=True) as archive:
        sources: dict[str, int] = {}
        ids = []
        for start in range(0, len(documents), BATCH):
            with archive.transaction():
                for number, document in enumerate(documents[start : start + BATCH], start):
                    if document.source not in sources:
                        row = SourceRow(document.source, document.source, f"http://{document.source}.example/")
                        sources[document.source] = archive.ledger.put_source(row, START)
                    moment = utc_text(START + timedelta(minutes=number))
                    filing = Filing(
                        source_id=sources[document.source],
                        draft=Draft(title=document.article.title, text=document.article.text, published_at=moment),
                        requested=(),
                        final=f"http://{document.source}.example/{number}",
                        captured_at=moment,
                    )
                    ids.append(archive.store.file(filing).article_id)
        rows = archive.db.execute("SELECT id, story_id FROM articles").fetchall()
        story = {row["id"]: row["story_id"] or -row["id"] for row in rows}
        return [story[article_id] for article_id in ids]


def exact(documents: Sequence[Document]) -> Labels:
    """Texts that are the same after normalisation."""
    seen: dict[str, int] = {}
    return [seen.setdefault(normalise(document.article.text), number) for number, document in enumerate(documents)]


def simhash(documents: Sequence[Document]) -> Labels:
    """Charikar's fingerprints of shingles, at most three bits apart; copies of copies are copies."""
    prints = [_fingerprint(shingles(document.article.text)) for document in documents]
    joined = Components(len(documents))
    for i, one in enumerate(prints):
        for j in range(i):
            if (one ^ prints[j]).bit_count() <= SIMHASH_DISTANCE:
                joined.join(i, j)
    return joined.labels()


def minhash(documents: Sequence[Document]) -> Labels:
    """datasketch's MinHash LSH as its manual has it; copies of copies are copies."""
    index = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    joined = Components(len(documents))
    for number, document in enumerate(documents):
        signature = MinHash(num_perm=PERMUTATIONS)
        signature.update_batch([one.encode() for one in shingles(document.article.text)])
        for other in index.query(signature):
            joined.join(number, int(other))
        index.insert(str(number), signature)
    return joined.labels()


SYSTEMS: dict[str, System] = {"kiosque": kiosque, "exact hash": exact, "SimHash": simhash, "MinHash LSH": minhash}


def shingles(text: str) -> set[str]:
    """The shingles of a text: of words, or of characters where there are hardly any spaces."""
    plain = normalise(text)
    parts = list(plain) if plain.count(" ") * 20 < len(plain) else plain.split()
    return {" ".join(parts[i : i + SHINGLE]) for i in range(max(1, len(parts) - SHINGLE + 1))}


def _fingerprint(features: set[str]) -> int:
    counts = [0] * SIMHASH_BITS
    for feature in features:
        value = int.from_bytes(blake2b(feature.encode(), digest_size=8).digest(), "little")
        for bit in range(SIMHASH_BITS):
            counts[bit] += 1 if value >> bit & 1 else -1
    return sum(1 << bit for bit, count in enumerate(counts) if count > 0)


class Components:
    """Which documents hang together."""

    def __init__(self, size: int) -> None:
        self._leader = list(range(size))

    def join(self, one: int, other: int) -> None:
        """Let two documents and all that hang on them hang together."""
        self._leader[self._root(one)] = self._root(other)

    def _root(self, one: int) -> int:
        while self._leader[one] != one:
            self._leader[one] = self._leader[self._leader[one]]
            one = self._leader[one]
        return one

    def labels(self) -> Labels:
        """A number for each document, the same for those that hang together."""
        return [self._root(one) for one in range(len(self._leader))]
