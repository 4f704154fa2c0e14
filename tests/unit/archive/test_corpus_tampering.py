"""Corpora that were changed, by accident or with intent, and those of strangers: all are told, and none is opened."""

from __future__ import annotations

import gzip
import json
import os
import random
import shutil
import tracemalloc
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from archive import Archive
from archive.corpus import layout
from archive.corpus.check import verify_corpus
from archive.corpus.layout import CorpusDamaged
from archive.corpus.make import make_corpus
from archive.corpus.reopen import open_corpus
from archive.errors import ArchiveError
from archive.export import Choice, json_line
from archive.likeness import hashes
from archive.members import packed
from tests.unit.archive.corpora import fill
from tests.unit.archive.helpers import NOW

RAW = "raw/corpus-00000.warc.gz"
FILES = (layout.README, layout.SOURCES, layout.ARTICLES, layout.STORIES, layout.CAPTURES, layout.INDEX, RAW, layout.MANIFEST, layout.SUMS)
Edit = Callable[[Path], None]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tampering")
    fill(folder / "archive")
    with Archive(folder / "archive") as archive:
        make_corpus(archive, Choice(), folder / "corpus", now=NOW)
    return folder / "corpus"


@pytest.fixture
def corpus(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "corpus")


def reseal(folder: Path) -> None:
    """What someone would do who changed a file and knows the format: every checksum is right again."""
    said = json.loads((folder / layout.MANIFEST).read_bytes())
    for name in said["files"]:
        data = (folder / name).read_bytes()
        said["files"][name] = {"bytes": len(data), "sha256": sha256(data).hexdigest()}
    lines = [f"{one['sha256']}  {name}\n" for name, one in sorted(said["files"].items())]
    said["digest"] = "sha256:" + sha256("".join(lines).encode()).hexdigest()
    manifest = (json.dumps(said, ensure_ascii=False, indent=2) + "\n").encode()
    (folder / layout.MANIFEST).write_bytes(manifest)
    lines.append(f"{sha256(manifest).hexdigest()}  {layout.MANIFEST}\n")
    (folder / layout.SUMS).write_text("".join(sorted(lines, key=lambda line: line.split("  ")[1])))


def rewrite(folder: Path, name: str, change: Callable[[list[Any]], Any]) -> None:
    """Change the lines of a file as objects."""
    rows = [json.loads(line) for line in (folder / name).read_bytes().splitlines()]
    change(rows)
    (folder / name).write_bytes("".join(json_line(row) for row in rows).encode())


def line(folder: Path, name: str, number: int, data: bytes) -> None:
    """Put other bytes in the place of a line."""
    lines = (folder / name).read_bytes().split(b"\n")
    lines[number] = data
    (folder / name).write_bytes(b"\n".join(lines))


def said(folder: Path, change: Callable[[dict[str, Any]], Any]) -> None:
    """Change the manifest as an object."""
    manifest = json.loads((folder / layout.MANIFEST).read_bytes())
    change(manifest)
    (folder / layout.MANIFEST).write_text(json.dumps(manifest))


def refused(folder: Path, why: str) -> None:
    """It is told what is wrong, nothing is opened, and nothing is left behind."""
    verdict = verify_corpus(folder)
    assert not verdict.ok
    assert any(why in trouble for trouble in verdict.troubles), verdict.troubles
    assert all(trouble.isprintable() for trouble in verdict.troubles)
    target = folder.parent / "opened"
    with pytest.raises(ArchiveError, match="is not opened"):
        open_corpus(folder, target)
    assert not [path for path in folder.parent.iterdir() if "opened" in path.name]


def test_as_it_was_made_it_is_sound_also_after_resealing(corpus: Path) -> None:
    assert verify_corpus(corpus).troubles == []
    before = (corpus / layout.SUMS).read_bytes()
    reseal(corpus)
    assert (corpus / layout.SUMS).read_bytes() == before
    assert verify_corpus(corpus).troubles == []


# -- accidents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_a_changed_byte_anywhere(corpus: Path, name: str) -> None:
    path = corpus / name
    data = path.read_bytes()
    chance = random.Random(name)
    for at in [0, len(data) - 1, *(chance.randrange(len(data)) for _ in range(10))]:
        changed = bytearray(data)
        changed[at] ^= chance.randrange(1, 256)
        path.write_bytes(bytes(changed))
        assert not verify_corpus(corpus).ok, at
    path.write_bytes(data)
    assert verify_corpus(corpus).ok


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("how", ["gone", "empty", "cut", "longer"])
def test_files_that_are_not_whole(corpus: Path, name: str, how: str) -> None:
    path, data = corpus / name, (corpus / name).read_bytes()
    if how == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut": data[:-7], "longer": data + b"x"}[how])
    refused(corpus, name)


@pytest.mark.parametrize("seed", range(40))
def test_whatever_was_changed_nothing_crashes(corpus: Path, seed: int) -> None:
    """Bytes put, cut and doubled at random, the checksums made to fit: it is sound and opened, or told and refused."""
    chance = random.Random(seed)
    path = corpus / chance.choice(FILES[:-1])
    data = bytearray(path.read_bytes())
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(len(data))
        chosen = chance.choice(b'0123456789"{}[],:ntf\\\0\xff')
        data[at : at + chance.choice((0, 1, 30))] = chance.choice((b"", bytes([chosen]), data[at : at + 50] * 2))
    path.write_bytes(bytes(data))
    if path.name != layout.MANIFEST:
        reseal(corpus)
    if verify_corpus(corpus).ok:
        assert open_corpus(corpus, corpus.parent / "opened").articles == 11
    else:
        refused(corpus, "")


# -- forgeries: every checksum is right ------------------------------------------------------------------------------


def _text(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows[0].update(text=rows[0]["text"] + " never"))


def _title_of_a_version(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows[0]["versions"][1].update(title="Ferries never"))


def _text_with_its_hashes(folder: Path) -> None:
    def change(rows: list[Any]) -> None:
        both, alone = hashes(rows[0]["title"], "Nothing of the kind was said.")
        rows[0].update(text="Nothing of the kind was said.", content_hash=both, text_hash=alone)

    rewrite(folder, layout.ARTICLES, change)


def _no_versions(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows[2].update(versions=[]))


def _no_address(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows[2].update(addresses=[]))


def _an_article_taken_out(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows.pop(4))


def _an_article_twice(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows.insert(1, rows[0]))


def _another_order(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows.reverse())


def _an_address_of_two(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows[1]["addresses"].append(rows[0]["addresses"][0]))


def _another_source(folder: Path) -> None:
    rewrite(folder, layout.ARTICLES, lambda rows: rows[1].update(source="herald_of_nothing"))


def _a_capture_taken_out(folder: Path) -> None:
    rewrite(folder, layout.CAPTURES, lambda rows: rows.pop(1))


def _a_capture_of_another_time(folder: Path) -> None:
    rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(fetched_at="2025-03-05T12:00:00Z"))


def _a_capture_of_another_page(folder: Path) -> None:
    rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(url="https://elsewhere.example/"))


def _a_capture_with_another_digest(folder: Path) -> None:
    rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(digest="sha1:" + "A" * 32))


def _a_capture_elsewhere(folder: Path) -> None:
    rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(warc_offset=rows[0]["warc_offset"] + 1))


def _a_capture_called_missing(folder: Path) -> None:
    gone = {"warc_file": None, "warc_offset": None, "warc_length": None, "missing": "lost"}
    rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(gone))


def _a_page_that_is_not_there(folder: Path) -> None:
    rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(page_id=4711))


def _a_stranger_in_a_story(folder: Path) -> None:
    rewrite(folder, layout.STORIES, lambda rows: rows[-1]["articles"][0].update(article_id=1))


def _no_stories(folder: Path) -> None:
    (folder / layout.STORIES).write_bytes(b"")


def _counts(folder: Path) -> None:
    said(folder, lambda manifest: manifest["counts"].update(versions=99))


def _another_index(folder: Path) -> None:
    data = (folder / layout.INDEX).read_bytes()
    (folder / layout.INDEX).write_bytes(b"".join(data.splitlines(keepends=True)[1:]))


def _a_payload(folder: Path) -> None:
    """The same length, so that everything else stays where it is."""
    data = (folder / RAW).read_bytes()
    first = json.loads((folder / layout.CAPTURES).read_bytes().splitlines()[0])
    begin, length = first["warc_offset"], first["warc_length"]
    record = gzip.decompress(data[begin : begin + length]).replace(b"twice", b"never")
    member = packed(record)
    assert len(member) <= length + 8
    shift = len(member) - length

    def change(rows: list[Any]) -> None:
        rows[0]["warc_length"] += shift
        for row in rows[1:]:
            row["warc_offset"] += shift

    rewrite(folder, layout.CAPTURES, change)
    (folder / RAW).write_bytes(data[:begin] + member + data[begin + length :])


def _a_record_more(folder: Path) -> None:
    data = (folder / RAW).read_bytes()
    first = json.loads((folder / layout.CAPTURES).read_bytes().splitlines()[0])
    (folder / RAW).write_bytes(data + data[first["warc_offset"] :][: first["warc_length"]])


FORGERIES: dict[Edit, str] = {
    _text: "article 1: its text is not that of its hash",
    _title_of_a_version: "article 1, version 2: its text is not that of its hash",
    _text_with_its_hashes: "article 1: the version that it shows is not among its versions",
    _no_versions: "the version that it shows is not among its versions",
    _no_address: "its URL is not among its addresses",
    _an_article_taken_out: "captures of an article that is not there",
    _an_article_twice: "UNIQUE",
    _another_order: "not in the order of the ids",
    _an_address_of_two: "UNIQUE",
    _another_source: "'herald_of_nothing' is not in sources.jsonl",
    _a_capture_taken_out: "a response record that no capture names",
    _a_capture_of_another_time: "the record of another fetch stands there",
    _a_capture_of_another_page: "the record of another address stands there",
    _a_capture_with_another_digest: "its payload does not have the digest",
    _a_capture_elsewhere: "there is no record where it says",
    _a_capture_called_missing: "a response record that no capture names",
    _a_page_that_is_not_there: "captures of a page that is not there",
    _a_stranger_in_a_story: "members of a story that are not its articles",
    _no_stories: "articles of a story that does not name them",
    _counts: "versions: 12 are there, and the manifest says 99",
    _another_index: "index.cdxj is not that of the captures",
    _a_payload: "its payload does not have the digest",
    _a_record_more: "a response record that no capture names",
}


def _name(edit: object) -> str:
    return getattr(edit, "__name__", str(edit)).strip("_")


@pytest.mark.parametrize("edit", FORGERIES, ids=_name)
def test_forgeries_with_checksums_that_fit(corpus: Path, edit: Edit) -> None:
    edit(corpus)
    reseal(corpus)
    refused(corpus, FORGERIES[edit])


# -- strangers -------------------------------------------------------------------------------------------------------


def _bytes_in_a_line(data: bytes) -> Edit:
    return lambda folder: line(folder, layout.ARTICLES, 1, data)


def _first_article(**fields: Any) -> Edit:
    return lambda folder: rewrite(folder, layout.ARTICLES, lambda rows: rows[1].update(fields))


def _raw(member: bytes) -> Edit:
    return lambda folder: (folder / RAW).write_bytes((folder / RAW).read_bytes() + member)


def _record(length: int, content: bytes) -> bytes:
    head = f"WARC/1.1\r\nWARC-Type: resource\r\nWARC-Target-URI: https://x.example/\r\nContent-Length: {length}\r\n\r\n"
    return gzip.compress(head.encode() + content)


HOSTILE: dict[str, tuple[Edit, str]] = {
    "no JSON": (_bytes_in_a_line(b"{"), "no JSON"),
    "no object": (_bytes_in_a_line(b"[1]"), "not written as a line"),
    "no UTF-8": (_bytes_in_a_line(b'{"id": "\xff"}'), "no JSON"),
    "a number that is none": (_bytes_in_a_line(b'{"id": NaN}'), "no JSON"),
    "a name twice": (_bytes_in_a_line(b'{"id": 1, "id": 2}'), "not written as a line"),
    "nested": (_bytes_in_a_line(b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), "no JSON"),
    "brackets": (_bytes_in_a_line(b'{"a": [' + b"[]," * 1_200_000 + b"[]]}"), "more parts"),
    "a long line": (_bytes_in_a_line(b'{"id": "' + b"9" * layout.LONGEST_LINE + b'"}'), "too long"),
    "digits": (_bytes_in_a_line(b'{"id": ' + b"9" * 10_000 + b"}"), "no JSON"),
    "a lone surrogate": (_bytes_in_a_line(b'{"id": "\\ud83d"}'), "no JSON"),
    "a NUL": (_first_article(section="a\0b"), "section is no text"),
    "a large number": (_first_article(version=2**63), "version is no int"),
    "a negative id": (_first_article(id=-1), "id is no id"),
    "true for a number": (_first_article(version=True), "version is no int"),
    "a number for a text": (_first_article(title=5), "title is no text"),
    "nothing for a text": (_first_article(title=None), "title is no text"),
    "another field": (_first_article(sql="DROP TABLE articles"), "other fields"),
    "a script for a URL": (_first_article(url="javascript:alert(1)"), "url is no url"),
    "a day that is none": (_first_article(published_at="2026-02-31"), "published_at is no day"),
    "a time that is none": (_first_article(first_seen_at="now"), "first_seen_at is no time"),
    "tags that are none": (_first_article(tags=[["x"]]), "tags is no texts"),
    "provenance that is none": (_first_article(provenance={"title": {}}), "provenance is no map"),
    "versions that are none": (_first_article(versions={}), "versions is no list"),
    "letters for a terminal": (_first_article(source="\x1b]0;x\x07"), "its source"),
    "a file elsewhere in a capture": (lambda folder: rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(
        warc_file="raw/../../../etc/passwd")), "names a file that no corpus has"),
    "an absolute file in a capture": (lambda folder: rewrite(folder, layout.CAPTURES, lambda rows: rows[0].update(
        warc_file="/etc/passwd")), "names a file that no corpus has"),
    "a record that says it is huge": (_raw(_record(10**13, b"")), "a record of 10,000,000,000,000 bytes"),
    "a record that inflates for ever": (lambda folder: _raw(_record(0, bytes(200 << 20)))(folder), "more than a record"),
    "a head without end": (lambda folder: _raw(gzip.compress(b"WARC/1.1\r\n" + b"A" * (50 << 20)))(folder), "headers without end"),
    "no record": (_raw(gzip.compress(b"hello")), "no WARC record"),
    "no gzip": (_raw(b"hello"), "damaged"),
    "half a record": (lambda folder: (folder / RAW).write_bytes((folder / RAW).read_bytes()[:-30]), "cut off"),
}  # fmt: skip


@pytest.mark.parametrize("what", HOSTILE)
def test_what_strangers_write(corpus: Path, what: str) -> None:
    edit, why = HOSTILE[what]
    edit(corpus)
    reseal(corpus)
    tracemalloc.start()
    refused(corpus, why)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * layout.LONGEST_LINE


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda one: one["files"].update({"../../etc/passwd": one["files"]["README.txt"]}), "a file that no corpus has"),
        (lambda one: one["files"].update({"/etc/passwd": one["files"]["README.txt"]}), "a file that no corpus has"),
        (lambda one: one["files"].update({"raw/../x.warc.gz": one["files"]["README.txt"]}), "a file that no corpus has"),
        (lambda one: one["files"].update({"raw/corpus-00000.warc.gz\n": {"bytes": 1, "sha256": ""}}), "a file that no corpus has"),
        (lambda one: one["files"].pop("articles.jsonl"), "does not name articles.jsonl"),
        (lambda one: one["files"].update({"raw/corpus-00009.warc.gz": {"bytes": 1, "sha256": "x"}}), "raw/corpus-00009.warc.gz is missing"),
        (lambda one: one.update(format="another"), "something else than a corpus"),
        (lambda one: one.update(format_version=2), "format 2"),
        (lambda one: one.update(files=[]), "cannot be read"),
        (lambda one: one.update(counts={"articles": "many"}), "cannot be read"),
        (lambda one: one.update(digest="sha256:0"), "its digest is not that of the files"),
        (lambda one: one.pop("settings"), "cannot be read"),
    ],
    ids="above absolute within line-end unnamed missing format version files counts digest settings".split(),
)  # fmt: skip
def test_manifests_of_strangers(corpus: Path, change: Callable[[dict[str, Any]], Any], why: str) -> None:
    said(corpus, change)
    refused(corpus, why)


def _link(name: str) -> Edit:
    def edit(folder: Path) -> None:
        (folder / name).rename(folder.parent / "elsewhere")
        (folder / name).symlink_to(folder.parent / "elsewhere")

    return edit


def _pipe(folder: Path) -> None:
    (folder / layout.STORIES).unlink()
    os.mkfifo(folder / layout.STORIES)


def _folder(folder: Path) -> None:
    (folder / layout.STORIES).unlink()
    (folder / layout.STORIES).mkdir()


def _sparse(name: str, size: int) -> Edit:
    def edit(folder: Path) -> None:
        with (folder / name).open("r+b") as file:
            file.truncate(size)

    return edit


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        (_link(layout.ARTICLES), "articles.jsonl is no plain file"),
        (_link(layout.MANIFEST), "manifest.json is no plain file"),
        (_link(layout.SUMS), "SHA256SUMS is no plain file"),
        (_link("raw"), "raw/corpus-00000.warc.gz is no plain file"),
        (_link(RAW), "raw/corpus-00000.warc.gz is no plain file"),
        (_pipe, "stories.jsonl is no plain file"),
        (_folder, "stories.jsonl is no plain file"),
        (_sparse(layout.ARTICLES, 1 << 40), "articles.jsonl is longer than it should be"),
        (_sparse(RAW, 1 << 40), "raw/corpus-00000.warc.gz is longer than it should be"),
        (_sparse(layout.SUMS, 1 << 40), "SHA256SUMS is longer than it should be"),
        (_sparse(layout.MANIFEST, 1 << 32), "larger than there are"),
        (lambda folder: (folder / "more.html").touch(), "'more.html' is no part"),
        (lambda folder: (folder / "raw" / "more\x1b[2J").touch(), "more"),
        (lambda folder: (folder / "more").mkdir(), "'more' is no part"),
        (lambda folder: (folder / "more").symlink_to("/etc/passwd"), "'more' is no part"),
    ],
    ids="linked-articles linked-manifest linked-sums linked-raw linked-record pipe folder endless-articles endless-record endless-sums endless-manifest "
    "another another-in-raw another-folder another-link".split(),
)  # fmt: skip
def test_folders_of_strangers(corpus: Path, edit: Edit, why: str) -> None:
    edit(corpus)
    tracemalloc.start()
    refused(corpus, why)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20


def test_thousands_of_strange_files_are_told_in_part(corpus: Path) -> None:
    for number in range(300):
        (corpus / f"more-{number}").touch()
    assert len(verify_corpus(corpus).troubles) == 100


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (layout.ARTICLES, lambda rows: rows[0]["changes"][0].update(kind="nonsense")),
        (layout.ARTICLES, lambda rows: rows[0]["addresses"][0].update(kind="nonsense")),
        (layout.ARTICLES, lambda rows: rows[0]["pages"][0].update(state="nonsense")),
        (layout.STORIES, lambda rows: rows[0].update(origin_from="nonsense")),
    ],
    ids="change address page story".split(),
)
def test_what_only_the_database_refuses(corpus: Path, name: str, change: Callable[[list[Any]], Any]) -> None:
    rewrite(corpus, name, change)
    reseal(corpus)
    with pytest.raises(ArchiveError, match=r"cannot make|is not opened"):
        open_corpus(corpus, corpus.parent / "opened")
    assert sorted(path.name for path in corpus.parent.iterdir()) == ["corpus"]


def test_a_file_that_changes_after_it_was_verified(corpus: Path) -> None:
    def progress(what: str, number: int) -> None:
        if what == "opening articles.jsonl":
            path = corpus / layout.CAPTURES
            path.write_bytes(path.read_bytes().replace(b"noarchive", b"nothing__"))

    with pytest.raises(CorpusDamaged, match=r"captures\.jsonl was changed while it was read"):
        open_corpus(corpus, corpus.parent / "opened", progress)
    assert sorted(path.name for path in corpus.parent.iterdir()) == ["corpus"]
