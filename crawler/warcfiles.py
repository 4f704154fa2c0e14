"""WARC files of any maker (ISO 28500): their HTML responses, one after another, and what was passed over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator, WarcRecord, WarcRecordType

from archive.raw import Exchange, Headers, sound_length
from crawler.encodings import TooLarge, dechunk, decode
from crawler.urls import host_key

LARGEST = 16 * 1024 * 1024  # bytes of a body, packed or not, as for a crawl; larger ones are not articles
HTML = ("text/html", "application/xhtml+xml", "")
MAGIC = {b"WARC": "plain", b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd", b"\x50\x2a\x4d\x18": "zstd"}
RECORD_END = b"\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Record:
    """One response record, with the place in its file for progress (bytes)."""

    exchange: Exchange
    content_type: str
    position: int


class WarcFile:
    """One pass over a file: iterate it, then see what was `passed_over` and what `trouble` there was, in words."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.passed_over: Counter[str] = Counter()
        self.trouble = ""

    def __iter__(self) -> Iterator[Record]:
        """The HTML responses with status 200. A file that is damaged ends early, with `trouble` set; never raises."""
        try:
            with self.path.open("rb") as stream:
                kind = next((kind for magic, kind in MAGIC.items() if stream.peek(4).startswith(magic)), "")
                if not kind:
                    self.trouble = f"{self.path}: not a WARC file"
                    return
                for record in ArchiveIterator(stream, parse_http=False):
                    if (found := self._read(record)) is not None:
                        yield Record(*found, stream.tell())
            self._check_end(kind)
        except OSError as error:  # fastwarc's errors among them
            self.trouble = f"{self.path}: {error.strerror or error}"

    def _read(self, record: WarcRecord) -> tuple[Exchange, str] | None:
        if record.record_type != WarcRecordType.response:
            if record.record_type != WarcRecordType.warcinfo:
                self.passed_over[f"{record.headers.get('WARC-Type') or 'unknown'} records"] += 1
            return None
        if record.content_length > LARGEST:
            self.passed_over["too large"] += 1
            return None
        try:
            url = record.headers["WARC-Target-URI"].strip("<> ")
            moment = _moment(record.headers["WARC-Date"])
        except (KeyError, ValueError):
            url = ""
        if not host_key(url):
            self.passed_over["without a usable URL or date"] += 1
            return None
        try:
            record.parse_http()
        except OSError:  # headers without end; a file that is damaged here is noticed by whoever reads on
            self.passed_over["without HTTP headers"] += 1
            return None
        http = record.http_headers
        if http is None or http.status_code != 200:
            self.passed_over["without HTTP headers" if http is None else f"HTTP {http.status_code}"] += 1
            return None
        headers: Headers = tuple((name, value) for name, value in http)
        content_type = next((value for name, value in headers if name.lower() == "content-type"), "")
        if content_type.partition(";")[0].strip().lower() not in HTML:
            self.passed_over["not HTML"] += 1
            return None
        body = record.reader.read()
        if len(body) < record.content_length:
            self.passed_over["cut off"] += 1
            self.trouble = f"{self.path}: the record of {url} is cut off"
            return None
        exchange = Exchange(
            url=url,
            fetched_at=moment,
            status=200,
            reason=http.reason_phrase or "OK",
            headers=headers,
            body=body,
            ip=record.headers.get("WARC-IP-Address") or "",
        )
        return without_chunks(exchange), content_type

    def _check_end(self, kind: str) -> None:
        """fastwarc says nothing about a file that ends in the middle of a record."""
        size = self.path.stat().st_size
        if kind == "gzip":
            whole = sound_length(self.path) == size
        elif kind == "plain":
            with self.path.open("rb") as file:
                file.seek(max(0, size - len(RECORD_END)))
                whole = file.read() == RECORD_END
        else:
            whole = True
        if not whole and not self.trouble:
            self.trouble = f"{self.path}: ends in the middle of a record"


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def without_chunks(exchange: Exchange) -> Exchange:
    """The exchange without a transfer encoding, in header and body."""
    said = [value.lower() for name, value in exchange.headers if name.lower() == "transfer-encoding"]
    if not said:
        return exchange
    plain = dechunk(exchange.body) if any("chunked" in value for value in said) else None
    headers = tuple((name, value) for name, value in exchange.headers if name.lower() != "transfer-encoding")
    return replace(exchange, headers=headers, body=exchange.body if plain is None else plain)


def decoded(exchange: Exchange) -> bytes:
    """The body without its content encoding; as it is where it was stored unpacked under the old header.

    Raises TooLarge.
    """
    said = ",".join(value for name, value in exchange.headers if name.lower() == "content-encoding")
    return decode(exchange.body, said, LARGEST)


__all__ = ["LARGEST", "Record", "TooLarge", "WarcFile", "decoded", "without_chunks"]
