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
from crawler.encodings import ALWAYS, MOST_MEMBERS, TooLarge, decode, head

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


@pytest.mark.parametrize(
    ("body", "encoding", "ratio", "layers", "says"),
    [
        (gzip.compress(bytes(3 * ALWAYS)), "gzip", 300, 3, "300 times"),
        (gzip.compress(gzip.compress(bytes(90 * ALWAYS))), "gzip, gzip", 300, 3, "300 times"),
        (gzip.compress(bytes(3 * ALWAYS)), "gzip", 2_000, 3, ""),
        (gzip.compress(bytes(ALWAYS)), "gzip", 1, 3, ""),
        (zstandard.compress(bytes(9 * ALWAYS)), "zstd", 10**9, 3, f"{8 * ALWAYS} bytes"),
        (BODY, "gzip, br, zstd, deflate", 300, 3, "packed 4 times"),
        (gzip.compress(gzip.compress(BODY)), "gzip, gzip", 300, 1, "packed 2 times"),
        (BODY, ", ".join(["identity"] * 1000), 300, 3, ""),
    ],
    ids=["ratio", "ratio of the whole", "higher ratio", "always", "size", "layers", "one layer", "no layers"],
)
def test_bounds(body: bytes, encoding: str, ratio: float, layers: int, says: str) -> None:
    if says:
        with pytest.raises(TooLarge, match=says):
            decode(body, encoding, 8 * ALWAYS, ratio, layers)
    else:
        assert decode(body, encoding, 8 * ALWAYS, ratio, layers)


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip"])
def test_the_head_of_a_body_of_any_size(encoding: str) -> None:
    body = b"User-agent: *\n" + bytes(20 * ALWAYS)
    for name in encoding.split(", "):
        pack = {"gzip": gzip.compress, "deflate": zlib.compress, "zstd": zstandard.compress}
        body = brotli.compress(body, quality=1) if name == "br" else pack[name](body)
    assert head(body, encoding, 1000) == b"User-agent: *\n" + bytes(986)


def test_members_without_end_are_given_up() -> None:
    assert decode(gzip.compress(b"x") * (MOST_MEMBERS + 9), "gzip", LONGEST) == b"x" * MOST_MEMBERS


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
