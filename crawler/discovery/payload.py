"""Payloads: the bytes of a feed, a sitemap or a section page, unpacked within bounds and decoded once.

Declarations lie often enough that valid UTF-8 beats them: text in another encoding that happens to be valid UTF-8 and
is not ASCII does not occur in practice, while UTF-8 declared as latin-1 does every day.
"""

from __future__ import annotations

import codecs
import html.entities
import re
import zlib

from charset_normalizer import from_bytes

_GZIP_MAGIC = b"\x1f\x8b"
_SAMPLE = 50_000  # bytes that the guess looks at: more do not make it better, only slower
_BROKEN_SHARE = 0.02  # of the bytes above ASCII: a feed cut within a character, or one bad item, is still UTF-8

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_WESTERN = frozenset("àáâãäåæçèéêëíîïñóôöøùúûüßœÀÁÂÄÅÆÇÈÉÊËÍÎÑÓÔÖØÚÜŒ’‘“”„«»…–—°€\xa0·")
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:\-]+)", re.IGNORECASE)
_INNER_CHARSET = re.compile(
    rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:\-]+)|<meta[^>]{0,300}?charset\s*=\s*[\"']?([\w.:\-]+)", re.I
)
# What browsers take these labels for (encoding living standard): the larger sets that they are used for.
_LARGER = {
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "latin-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "tis-620": "cp874",
}
# XML 1.0, section 2.2, forbids these; a parser stops at the first.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_OF_XML = frozenset({"amp", "lt", "gt", "quot", "apos"})
_REFERENCE = re.compile(r"&#(?:([0-9]{1,7})|[xX]([0-9A-Fa-f]{1,6}));")
_BARE_AMPERSAND = re.compile(r"&(?!#\d{1,7};|#[xX][0-9A-Fa-f]{1,6};|(?:amp|lt|gt|quot|apos);)")
_XML_DECLARATION = re.compile(r"<\?xml\b[^>]{0,300}\?>")


def unpack(data: bytes, limit: int) -> tuple[bytes, bool]:
    """Undo gzip by its magic number, whatever the header said; give at most `limit` bytes and whether that cut it.

    A damaged or truncated archive gives what could be read.
    """
    if not data.startswith(_GZIP_MAGIC):
        return data[:limit], len(data) > limit
    out = bytearray()
    while data.startswith(_GZIP_MAGIC):
        inflater = zlib.decompressobj(wbits=31)
        try:
            out += inflater.decompress(data, limit + 1 - len(out))
        except zlib.error:
            break
        if len(out) > limit or not inflater.eof:
            break
        data = inflater.unused_data  # a gzip file may have several members
    return bytes(out[:limit]), len(out) > limit


def decode(data: bytes, content_type: str = "") -> str:
    """Decode by byte order mark, validity as UTF-8, HTTP header, inner declaration and, last, by a guess."""
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if data[:200].count(0) > 20:
        return data.decode("utf-16-le" if data[1:2] == b"\0" else "utf-16-be", "replace")
    declared = _declared(data, content_type)
    if not data.isascii():
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    for encoding in declared:
        if encoding != "utf-8":
            try:
                return data.decode(encoding)
            except UnicodeDecodeError:
                continue
    return _guess(data)


def xml_text(text: str) -> str:
    """Repair text that should be XML: leading junk, document type, HTML entities, bare ampersands, control characters.

    Without its document type a feed can define no entities, so none can be expanded into something large.
    """
    text = _FORBIDDEN.sub("", text)
    start = text.find("<")
    text = _without_doctype(text[start:] if start > 0 else text)
    text = _XML_DECLARATION.sub("", text, count=1).lstrip()
    if "&" not in text:
        return text
    pieces: list[str] = []
    position = 0
    while position < len(text):
        opened = text.find("<![CDATA[", position)
        closed = text.find("]]>", opened) if opened >= 0 else -1
        if closed < 0:
            opened = closed = len(text)
        markup = _REFERENCE.sub(_allowed, _ENTITY.sub(_character, text[position:opened]))
        pieces.append(_BARE_AMPERSAND.sub("&amp;", markup))
        pieces.append(text[opened : closed + 3])
        position = closed + 3
    return "".join(pieces)


def looks_like(data: bytes, content_type: str = "") -> str:
    """Say in words what these bytes are, for the message that they are not what was hoped for."""
    head = data[:2_000].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not head:
        return "empty"
    if head.startswith((b"<!doctype html", b"<html")) or b"<html" in head or b"<body" in head:
        return "an HTML page"
    if b"<urlset" in head or b"<sitemapindex" in head:
        return "a sitemap"
    if head.startswith((b"<rss", b"<feed", b"<rdf")) or b"<rss" in head or b"<rdf:rdf" in head:
        return "a feed"
    if head.startswith(b"<"):
        return "an XML document of another kind"
    if head.startswith((b"{", b"[")):
        return "JSON of another kind"
    for magic, name in (
        (b"%pdf", "a PDF file"),
        (b"\x89png", "an image"),
        (b"\xff\xd8", "an image"),
        (b"gif8", "an image"),
    ):
        if head.startswith(magic):
            return name
    return "text" if b"\0" not in head else f"binary data ({content_type or 'no content type'})"


def _declared(data: bytes, content_type: str) -> list[str]:
    labels = [found[1] for found in [_HEADER_CHARSET.search(content_type)] if found]
    labels += [(found[1] or found[2]).decode("ascii") for found in [_INNER_CHARSET.search(data[:4_096])] if found]
    names = []
    for label in labels:
        try:
            name = codecs.lookup(label).name
            "".encode(name)  # refuses codecs that are no text encodings, such as "hex"
        except LookupError:
            continue
        names.append(_LARGER.get(name, name))
    return names


def _guess(data: bytes) -> str:
    lenient = data.decode("utf-8", "replace")
    high = len(data) - len(data.translate(None, bytes(range(0x80, 0x100))))
    if lenient.count("\ufffd") <= high * _BROKEN_SHARE + 1 < high:
        return lenient
    # tags and ASCII names only dilute what tells the encodings apart
    sample = re.sub(rb"<[^<>]*>", b" ", data)[:_SAMPLE]
    # charset_normalizer takes French for Polish or Czech ("à" becomes "ŕ"), so the commonest case is settled before
    accents = [char for char in sample.decode("cp1252", "replace") if char > "\x7f"]
    letters = sum(chr(byte).isalpha() for byte in sample if byte < 0x80)
    if len(accents) < letters / 4 and sum(char in _WESTERN for char in accents) >= 0.85 * len(accents):
        return data.decode("cp1252", "replace")
    best = from_bytes(sample).best()
    return data.decode(best.encoding if best else "cp1252", "replace")


def _without_doctype(text: str) -> str:
    start = text[:4_096].find("<!DOCTYPE")
    if start < 0:
        return text
    inner, end = text.find("[", start), text.find(">", start)
    if 0 <= inner < end:
        end = text.find("]", inner)
        end = text.find(">", end) if end >= 0 else -1
    return text[:start] + text[end + 1 :] if end >= 0 else text


def _allowed(match: re.Match[str]) -> str:
    """A reference to a character as it stands; nothing for one that XML forbids, over which parsers fall."""
    number = int(match[1]) if match[1] else int(match[2], 16)
    return "" if number > 0x10FFFF or _FORBIDDEN.match(chr(number)) else match[0]


def _character(match: re.Match[str]) -> str:
    name = match[1]
    return match[0] if name in _OF_XML else html.entities.html5.get(name + ";", match[0])
