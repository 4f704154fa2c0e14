"""Encodings of stored bodies: as labelled, mislabelled, cut off and far too large."""

from __future__ import annotations

import gzip
import zlib
from random import Random

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from archive.exchanges import dechunk
from crawler.encodings import TooLarge, decode

BODY = "<html><p>Été à Ankara</p></html>".encode() * 200
LONGEST = 100_000


def raw_deflate(body: bytes) -> bytes:
    """What servers send that take "deflate" at its word."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(body) + packer.flush()


def streamed_zstd(body: bytes) -> bytes:
    """A frame that does not say how large it is."""
    packer = zstandard.ZstdCompressor().compressobj()
    return packer.compress(body) + packer.flush()


PACKED = {
    "gzip": gzip.compress(BODY),
    "x-gzip": gzip.compress(BODY),
    " GZIP ": gzip.compress(BODY),
    "gzip, gzip": gzip.compress(gzip.compress(BODY)),
    "identity, gzip": gzip.compress(BODY),
    "deflate": zlib.compress(BODY),
    "br": brotli.compress(BODY),
    "zstd": zstandard.compress(BODY),
    "br,gzip": gzip.compress(brotli.compress(BODY)),
    "": BODY,
    "identity": BODY,
    "unheard-of": BODY,
}


@pytest.mark.parametrize("encoding", PACKED)
def test_each_encoding(encoding: str) -> None:
    assert decode(PACKED[encoding], encoding, LONGEST) == BODY


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("deflate", raw_deflate(BODY)), ("zstd", streamed_zstd(BODY)), ("gzip", gzip.compress(BODY) + b"\0" * 8),
     ("gzip", gzip.compress(BODY) + b"trailing"), ("gzip", gzip.compress(BODY[:100]) + gzip.compress(BODY[100:]))],
    ids=["deflate without header", "zstd without size", "padded", "with rubbish", "two members"],
)  # fmt: skip
def test_forms_that_occur(encoding: str, body: bytes) -> None:
    assert decode(body, encoding, LONGEST) == BODY


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, br"])
def test_a_body_that_is_unpacked_already_stays(encoding: str) -> None:
    assert decode(BODY, encoding, LONGEST) == BODY
    assert decode(b"", encoding, LONGEST) == b""


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_of_a_body_that_is_cut_off_the_beginning_is_read(encoding: str) -> None:
    body = Random(1).randbytes(40_000).hex().encode()
    packed = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}[encoding](body)
    found = decode(packed[: len(packed) // 2], encoding, LONGEST)
    assert found and body.startswith(found)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
def test_a_bomb_stops_at_the_bound(encoding: str) -> None:
    pack = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress, "zstd": zstandard.compress}[
        encoding
    ]
    with pytest.raises(TooLarge):
        decode(pack(bytes(LONGEST + 1)), encoding, LONGEST)
    assert len(decode(pack(bytes(LONGEST)), encoding, LONGEST)) == LONGEST


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "br", "zstd", "gzip, deflate"]))
def test_anything_is_survived(body: bytes, encoding: str) -> None:
    assert isinstance(decode(body, encoding, LONGEST), bytes)
    assert isinstance(dechunk(body), bytes | None)


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        (b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n", b"hello world"),
        (b"5;name=value\r\nhello\r\n0\r\nTrailer: x\r\n\r\n", b"hello"),
        (b"A\r\n0123456789\r\n0\r\n\r\n", b"0123456789"),
        (b"5\nhello\n0\n\n", b"hello"),
        (b"0\r\n\r\n", b""),
        (b"5\r\nhello\r\n20\r\ncut", b"hellocut"),
        (b"5\r\nhello\r\n", b"hello"),
        (b"<html>", None),
        (b"5\r\nhello and more\r\n", None),
        (b"", None),
    ],
)
def test_chunks(body: bytes, plain: bytes | None) -> None:
    assert dechunk(body) == plain
