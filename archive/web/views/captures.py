"""One capture: what the server sent, word for word; shown as plain text or handed out as its record, never as a page."""

from __future__ import annotations

import asyncio
import io
import sqlite3
from pathlib import Path

from datasette import Response
from warcio.bufferedreaders import BufferedReader

from archive import captures
from archive.captures import Capture
from archive.errors import ArchiveError
from archive.exchanges import Exchange
from archive.members import unpacked
from archive.warc import read_exchange
from archive.web.site import NO_INDEX, Missing, Route, Site, view

LONGEST_SHOWN = 2_000_000  # bytes of a payload that are shown; the record has all
LARGEST_RECORD = 64 * 1024 * 1024  # bytes of a record; a page is at most 16 MiB
_ENCODINGS = {"gzip": "gzip", "x-gzip": "gzip", "deflate": "deflate", "br": "br"}
_TEXTS = ("text/", "application/xhtml", "application/xml", "application/json", "application/ld+json", "application/rss",
          "application/atom", "application/rdf", "application/javascript")  # fmt: skip


async def raw(site: Site) -> Response:
    """What was answered, as plain text: status, headers and payload."""
    one, whole = await _found(site)
    folder = _folder(site)
    body = await asyncio.to_thread(_told, folder, one, whole)
    return Response(body, headers=dict(NO_INDEX), content_type="text/plain; charset=utf-8")


async def record(site: Site) -> Response:
    """The WARC record, as it stands in its file (.warc.gz) or unpacked (.warc)."""
    one, _ = await _found(site)
    ending = site.request.url_vars["ending"]
    member = await asyncio.to_thread(_member, _folder(site), one, ending == "warc")
    headers = {**NO_INDEX, "content-disposition": f'attachment; filename="kiosque-capture-{one.id}.{ending}"'}
    return Response(
        member, headers=headers, content_type="application/gzip" if ending == "warc.gz" else "application/warc"
    )


async def _found(site: Site) -> tuple[Capture, Capture | None]:
    """The capture that is asked for, and the one that holds its payload."""
    number = int(site.request.url_vars["id"])

    def find(conn: sqlite3.Connection) -> tuple[Capture, Capture | None] | None:
        one = captures.capture(conn, number)
        return (one, captures.payload_of(conn, one)) if one else None

    found = await site.read(find)
    if found is None:
        raise Missing(f"There is no capture {number} in this archive.")
    return found


def _folder(site: Site) -> Path:
    return Path(site.datasette.get_database(site.name).path).resolve().parent


def _file(folder: Path, one: Capture) -> Path:
    path = (folder / one.warc_file).resolve()
    if not path.is_relative_to(folder / "raw"):
        raise Missing("The record of this capture is not among the raw files of this archive.")
    return path


def _exchange(folder: Path, one: Capture) -> Exchange:
    try:
        return read_exchange(_file(folder, one), one.warc_offset)
    except ArchiveError as error:
        raise Missing("The raw record of this capture is not there: its file was moved, or is damaged.") from error


def _member(folder: Path, one: Capture, plain: bool) -> bytes:
    _exchange(folder, one)  # that what is handed out is a sound record
    with _file(folder, one).open("rb") as file:
        file.seek(one.warc_offset)
        member = file.read(one.warc_length)
    return unpacked(member, LARGEST_RECORD) if plain else member


def _told(folder: Path, one: Capture, whole: Capture | None) -> str:
    exchange = _exchange(folder, one)
    said = [f"{name}: {value}" for name, value in exchange.headers]
    payload = exchange
    about = [f"Capture {one.id} of {one.url}", f"at {one.fetched_at}", f"{one.warc_file}, byte {one.warc_offset}"]
    if one.record == "revisit" and whole is not None:
        payload = _exchange(folder, whole)
        about.append(f"The payload had not changed; it is that of capture {whole.id}, {whole.fetched_at}")
    parts = ["\n".join(f"# {line}" for line in about), "\n".join([f"{exchange.status} {exchange.reason}", *said]),
             _payload(payload, one)]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _payload(exchange: Exchange, one: Capture) -> str:
    if not one.kept:
        return "# No copy of the payload is kept: the site asked for that."
    if not exchange.body:
        return "# There is no payload."
    content_type = exchange.header("content-type").lower()
    if content_type and not content_type.startswith(_TEXTS):
        return f"# The payload is no text ({len(exchange.body):,} bytes); download the record to have it."
    body, more = _decoded(exchange)
    charset = content_type.partition("charset=")[2].strip(" \"';") or "utf-8"
    try:
        text = body.decode(charset, "replace")
    except (LookupError, ValueError):
        text = body.decode("utf-8", "replace")
    text = text.replace("\0", "\ufffd")
    return text + (
        f"\n\n# The payload goes on behind {LONGEST_SHOWN:,} bytes; the record has all of it." if more else ""
    )


def _decoded(exchange: Exchange) -> tuple[bytes, bool]:
    """The payload without its content encoding, as far as it is shown, and whether there is more of it."""
    body = exchange.body
    for name in reversed(exchange.header("content-encoding").lower().split(",")):
        if kind := _ENCODINGS.get(name.strip()):
            body = BufferedReader(io.BytesIO(body), decomp_type=kind).read(LONGEST_SHOWN + 1)
    return body[:LONGEST_SHOWN], len(body) > LONGEST_SHOWN


ROUTES: list[Route] = [
    (r"/capture/(?P<id>[0-9]{1,18})$", view(raw, "captures")),
    (r"/capture/(?P<id>[0-9]{1,18})\.(?P<ending>warc|warc\.gz)$", view(record, "captures")),
]
