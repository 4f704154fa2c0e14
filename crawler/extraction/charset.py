"""Bytes of a page to text: what the page declares is a witness, what the bytes can be is the proof.

The order is that of the WHATWG encoding standard (byte order mark, header, meta), with one difference: a declaration is
believed only if the bytes decode under it into plausible text. Servers put `charset=iso-8859-1` on UTF-8 pages and
`charset=utf-8` on GBK pages every day.
"""

from __future__ import annotations

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from .language import detect

SNIFFED_BYTES = 4096  # WHATWG looks for <meta charset> in the first 1,024; old sites put scripts before it
LATIN_SHARE = 0.2  # of bytes above 127 in a text: more is another script
DETECTED_BYTES = 40_000  # detection costs time in proportion, and says the same with more

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
HEADER_CHARSET = re.compile(r"""charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
META_CHARSET = re.compile(rb"""<meta\b[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.:-]+)""", re.IGNORECASE)
META_LANG = re.compile(rb"""<html\b[^>]{0,300}?\blang\s*=\s*["']?([a-zA-Z]{2,3})""", re.IGNORECASE)

# Browsers read the older label as the newer superset (WHATWG encoding standard, section 4.2).
SUPERSETS = {
    "ascii": "windows-1252", "us-ascii": "windows-1252", "iso-8859-1": "windows-1252", "iso8859-1": "windows-1252",
    "latin1": "windows-1252", "latin-1": "windows-1252", "l1": "windows-1252", "iso-8859-9": "windows-1254",
    "gb2312": "gb18030", "gb_2312-80": "gb18030", "x-gbk": "gb18030", "gbk": "gb18030", "gb18030": "gb18030",
    "shift_jis": "cp932", "shift-jis": "cp932", "sjis": "cp932", "x-sjis": "cp932", "windows-31j": "cp932",
    "euc-kr": "cp949", "ks_c_5601-1987": "cp949", "ksc5601": "cp949", "korean": "cp949", "big5": "big5hkscs",
    "tis-620": "cp874", "windows-874": "cp874", "iso-8859-11": "cp874", "unicode": "utf-16", "utf8": "utf-8",
    "utf-8": "utf-8", "x-euc-jp": "euc_jp", "euc-jp": "euc_jp", "koi8-u": "koi8-u", "iso-8859-8-i": "iso-8859-8",
}  # fmt: skip

# What a language was written in before UTF-8, most likely first. Languages that are not listed were western.
BY_LANGUAGE = {
    "zh": ("gb18030", "big5hkscs"), "ja": ("cp932", "euc_jp", "iso2022_jp"), "ko": ("cp949",),
    "ru": ("windows-1251", "koi8-r", "iso-8859-5", "cp866"), "uk": ("windows-1251", "koi8-u"), "be": ("windows-1251",),
    "bg": ("windows-1251",), "sr": ("windows-1251", "windows-1250"), "mk": ("windows-1251",), "kk": ("windows-1251",),
    "ar": ("windows-1256", "iso-8859-6"), "fa": ("windows-1256",), "ur": ("windows-1256",),
    "he": ("windows-1255", "iso-8859-8"), "el": ("windows-1253", "iso-8859-7"), "tr": ("windows-1254",),
    "az": ("windows-1254",), "th": ("cp874",), "vi": ("windows-1258",),
    "pl": ("windows-1250", "iso-8859-2"), "cs": ("windows-1250", "iso-8859-2"), "sk": ("windows-1250", "iso-8859-2"),
    "hu": ("windows-1250", "iso-8859-2"), "sl": ("windows-1250", "iso-8859-2"), "hr": ("windows-1250", "iso-8859-2"),
    "bs": ("windows-1250", "iso-8859-2"), "ro": ("windows-1250", "iso-8859-2"), "sq": ("windows-1250", "windows-1252"),
    "lt": ("windows-1257",), "lv": ("windows-1257",), "et": ("windows-1257", "windows-1252"),
}  # fmt: skip
WESTERN = ("windows-1252",)
NON_LATIN = re.compile(
    "[\u0370-\u03ff\u0400-\u052f\u0590-\u05ff\u0600-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]"
)

WITHIN_LATIN = re.compile(
    "[a-z](?=[\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3])"
    "|[\u0370-\u052f\u0590-\u06ff\u0e00-\u0e7f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3](?=[a-z])"
)
DECLARED = 0.08  # for the encoding that the page or its header names
MIXED = 0.1  # of the letters of other scripts may touch Latin ones: brands and units do
MIXED_IN = 100_000  # characters that are looked at for it

# Two Latin letters that only meet when UTF-8 was read as windows-1252: "Ã©", "â€™", "Ð°".
MOJIBAKE = re.compile("Ã[\x80-\xbf¡-¿ƒ„…†‡ˆ‰Š‹Œ‘’“”•–—˜™š›œ]|â€[\x80-\xbf™œ\x9d“”¦]|[ÐÑ][\x80-\xbf°-¿]{1}[ÐÑ]")
CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
SURROGATES = re.compile("[\ud800-\udfff]")


def utf8(body: bytes, content_type: str = "", language: str = "") -> bytes:
    """Return the page in UTF-8, without NULs: as it came, where it is that already, as most pages are. Never fails."""
    marked = any(body.startswith(bom) for bom, _ in BOMS)
    if marked or _flaw(body) is not None or not _is_plain(body, _declared(body, content_type)):
        return decode(body, content_type, language)[0].encode("utf-8", "replace")
    body = body.replace(b"\r\n", b"\n") if b"\r" in body else body
    return body.replace(b"\x00", b"") if b"\x00" in body else body


def decode(body: bytes, content_type: str = "", language: str = "") -> tuple[str, str]:
    """Return the page as text, and the name of the encoding that it was in.

    Never fails: where nothing fits, bytes that cannot be read become U+FFFD.
    """
    for bom, name in BOMS:
        if body.startswith(bom):
            return _tidy(body[len(bom) :].decode(name, "replace")), name
    declared = _declared(body, content_type)
    error = _flaw(body)
    if _is_plain(body, declared) if error is None else _is_utf8_with_flaws(body, error):
        return _tidy(body.decode("utf-8", "replace")), "utf-8"
    if (wide := _utf16_without_mark(body)) is not None:
        return _tidy(body.decode(wide, "replace")), wide
    html_language = META_LANG.search(body[:SNIFFED_BYTES])
    source_language = _subtag(language)
    hint = _subtag(html_language.group(1).decode("ascii") if html_language else "") or source_language
    best, best_text, best_score = "windows-1252", "", -1.0
    candidates = _candidates(body, declared, hint, source_language)
    for rank, name in enumerate(candidates):
        text = body.decode(name, "replace")
        score = plausibility(text, hint, declared=name in declared) - 0.001 * rank
        if score > best_score:
            best, best_text, best_score = name, text, score
    return _tidy(best_text), best


def plausibility(text: str, language: str = "", *, declared: bool = False) -> float:
    """How much a decoded page looks like writing: 1.0 for clean text, less for each thing that is none.

    Letters of a script that the language is not written in count against a reading, but not against the one that the page
    declares, unless they stand within Latin words: a source may publish in other languages than its own.
    """
    sample = "".join(re.findall("[^\x00-\x7f]+", text[:400_000]))[:8000]
    if not sample:
        return 0.5 if "\x1b" in text else 1.0  # escapes of ISO 2022 that were not read
    bad = len(CONTROLS.findall(sample)) * 2 + sample.count("\ufffd") * 3
    bad += sum(2 for char in sample if unicodedata.category(char) in ("Co", "Cn"))
    bad += 2 * len(MOJIBAKE.findall(sample))
    rare = sum(1 for char in sample if _is_rare(char))
    mixed = len(re.findall("[a-z][A-ZÀ-Þ\u0410-\u042f]|[а-яё][А-ЯЁ]", _words(text)))
    score = 1.0 - (bad + 0.5 * rare + 0.7 * mixed) / len(sample)
    native = len(NON_LATIN.findall(sample)) / len(sample)
    expected = language in BY_LANGUAGE and BY_LANGUAGE[language][0] not in (
        "windows-1250",
        "windows-1254",
        "windows-1257",
    )
    if within := _within_latin(text):
        score -= 2 * within / len(sample)
    elif expected and language != "vi":
        score += 0.2 * native
    if language and not expected and (within or not declared):
        score -= 0.2 * native
    return score + (DECLARED if declared else 0.0)


def _within_latin(text: str) -> int:
    """How many letters of other scripts touch Latin ones, if more of them do than brands and units make."""
    start = text[:MIXED_IN]
    touching = len(WITHIN_LATIN.findall(start))
    return touching if touching > MIXED * len(NON_LATIN.findall(start)) else 0


def _subtag(language: str) -> str:
    """The language as two letters; "" for the tags that name none (RFC 5646)."""
    tag = language.strip().lower().replace("_", "-").partition("-")[0]
    return "" if tag in ("und", "mul", "mis", "zxx") else tag[:2]


def clean(text: str) -> str:
    """Return `text` in NFC without NULs, lone surrogates and control characters."""
    if text.isprintable():  # no surrogates, no controls: only the form is left to see to
        return text if text.isascii() else unicodedata.normalize("NFC", text)
    if "\n" in text:
        return "\n".join(map(clean, text.split("\n")))
    if not text.isascii():
        text = SURROGATES.sub("\ufffd", text)
        if not unicodedata.is_normalized("NFC", text):
            text = unicodedata.normalize("NFC", text)
    return CONTROLS.sub("", text)


def _declared(body: bytes, content_type: str) -> list[str]:
    head = body[:SNIFFED_BYTES]
    labels = [match.group(1) for match in (HEADER_CHARSET.search(content_type),) if match]
    labels += [
        match.group(1).decode("ascii", "ignore")
        for match in (META_CHARSET.search(head), XML_ENCODING.search(head))
        if match
    ]
    names = []
    for label in labels:
        if (name := canonical_name(label)) and name not in names:
            names.append(name)
    return names


def canonical_name(label: str) -> str:
    """Return Python's name for an encoding label as pages write it, widened as browsers do; "" for an unknown one."""
    label = label.strip().lower()
    name = SUPERSETS.get(label, label)
    try:
        info = codecs.lookup(name)
    except (LookupError, ValueError):
        return ""
    return name if getattr(info, "_is_text_encoding", True) else ""


def _candidates(body: bytes, declared: list[str], hint: str, source_language: str) -> list[str]:
    names = [name for name in declared if name not in ("utf-8", "utf-16")]
    for language in (hint, source_language):
        names += BY_LANGUAGE.get(language, WESTERN if language else ())
    if not hint and not source_language:
        sample = _letters(body)
        if sum(byte > 0x7F for byte in sample) < LATIN_SHARE * len(sample):
            # a Latin script: its ASCII letters tell the language, and the language its encoding
            names += BY_LANGUAGE.get(detect(sample.decode("latin-1"))[0], WESTERN)
        else:
            names += [match.encoding for match in from_bytes(sample, cp_isolation=list(DETECTABLE)) if match.encoding][
                :4
            ]
    names += WESTERN
    known = [canonical_name(name) for name in names]
    return list(dict.fromkeys(name for name in known if name and name != "utf-8"))


DETECTABLE = (
    "gb18030", "big5", "cp932", "euc_jp", "cp949", "cp1251", "koi8_r", "cp1256", "cp1255", "cp1253", "cp1254", "cp1250",
    "cp1252", "cp874",
)  # fmt: skip


def _letters(body: bytes) -> bytes:
    """Return the page's text without tags, so that detection sees writing and not ASCII markup."""
    text = re.sub(rb"<[^<>]{0,2000}>", b" ", _without_element(_without_element(body, b"script"), b"style"))
    return re.sub(rb"\s+", b" ", text)[:DETECTED_BYTES]


def _without_element(body: bytes, name: bytes) -> bytes:
    lowered, pieces, at = body.lower(), [], 0
    while (start := lowered.find(b"<" + name, at)) >= 0:
        pieces.append(body[at:start])
        end = lowered.find(b"</" + name, start)
        if end < 0:
            return b" ".join(pieces)
        at = end
    return b" ".join([*pieces, body[at:]])


def _words(text: str) -> str:
    return " ".join(re.findall(r"\b\w*[^\x00-\x7f]\w*\b", text[:400_000])[:1500])


def _is_rare(char: str) -> bool:
    code = ord(char)
    return (
        0x2500 <= code <= 0x259F  # box drawing: KOI8-R or cp866 read wrongly
        or 0x3400 <= code <= 0x4DBF
        or (code >= 0x20000 and code < 0x1F0000 and not 0x1F000 <= code <= 0x1FAFF)
        or 0xFF61 <= code <= 0xFF9F  # half-width katakana: euc-jp or gbk read as Shift_JIS
        or char in "¤¦¨ª¬¯¸¹º¾¼½ÐÞýþ¡¢£¥§©®±µ¶·×÷"
    )


def _utf16_without_mark(body: bytes) -> str | None:
    head = body[:SNIFFED_BYTES]
    if head.count(0) < len(head) // 4:
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _flaw(body: bytes) -> UnicodeDecodeError | None:
    """Return where a page is no UTF-8, if it is none."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error
    return None


def _is_plain(body: bytes, declared: list[str]) -> bool:
    """Valid UTF-8 with bytes above 127 is UTF-8, whatever the header says; pure ASCII may be an escape encoding."""
    escaped = body.isascii() and any(name.startswith(("iso2022", "iso-2022", "utf-16", "hz")) for name in declared)
    return not escaped and _utf16_without_mark(body) is None


def _is_utf8_with_flaws(body: bytes, error: UnicodeDecodeError) -> bool:
    """Tell UTF-8 that was cut or spliced (a few bad bytes among many good sequences) from another encoding."""
    text = body.decode("utf-8", "replace")
    flaws = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - flaws
    return good > 20 * flaws or (error.start > len(body) - 4 and good >= flaws)


def _tidy(text: str) -> str:
    # looking for one character first: most pages have neither, and to look for two takes longer than to decode
    text = text.replace("\r\n", "\n") if "\r" in text else text
    return text.replace("\x00", "") if "\x00" in text else text
