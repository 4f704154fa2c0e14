from __future__ import annotations

import unicodedata

import pytest

from crawler.extraction.charset import canonical_name, clean, decode, utf8

TEXTS = {
    "fr": "L'été dernier, le maire a décidé de rénover la façade du théâtre où jouaient déjà ses aïeux. Ça coûtera très cher.",
    "de": "Die Bürgermeisterin erklärte, daß die Straßenbahn künftig häufiger über die Brücke führe. Das größte Ärgernis bleibt.",
    "es": "El año pasado la señora Muñoz pidió más árboles para el camión de la compañía. ¿Qué pasará después?",
    "ru": "Вчера в городском совете обсуждали новый мост через реку. Строительство начнётся в следующем году.",
    "uk": "Учора міська рада обговорила новий міст через річку. Її будівництво розпочнеться наступного року, кажуть інженери.",
    "pl": "Wczoraj rada miasta omawiała nowy most przez rzekę. Budowa rozpocznie się w przyszłym roku, mówią inżynierowie źródła.",
    "cs": "Včera městská rada projednala nový most přes řeku. Stavba začne příští rok, říkají inženýři a dělníci.",
    "tr": "Dün belediye meclisi ırmağın üzerindeki yeni köprüyü görüştü. İnşaat gelecek yıl başlayacak, dediler çoğu kişi.",
    "el": "Χθες το δημοτικό συμβούλιο συζήτησε τη νέα γέφυρα. Η κατασκευή θα αρχίσει του χρόνου, λένε οι μηχανικοί.",
    "he": "אתמול דנה מועצת העיר בגשר החדש מעל הנהר. הבנייה תתחיל בשנה הבאה, אומרים המהנדסים.",
    "ar": "ناقش مجلس المدينة أمس الجسر الجديد فوق النهر. وسيبدأ البناء في العام المقبل كما يقول المهندسون.",
    "zh": "昨天市议会讨论了横跨河流的新桥。工程师们说，建设将于明年开始，预计需要两年时间。",
    "zh-TW": "昨天市議會討論了橫跨河流的新橋。工程師們說，建設將於明年開始，預計需要兩年時間。",
    "ja": "きのう市議会は川にかかる新しい橋について話し合った。工事は来年から始まる予定だという。カタカナも少し。",
    "ko": "어제 시의회는 강을 가로지르는 새 다리를 논의했다. 공사는 내년에 시작될 예정이라고 기술자들은 말한다.",
    "th": "เมื่อวานนี้สภาเมืองได้หารือเรื่องสะพานใหม่ข้ามแม่น้ำ การก่อสร้างจะเริ่มในปีหน้า",
}
ENCODINGS = [
    ("fr", "iso-8859-1"), ("fr", "iso-8859-15"), ("fr", "windows-1252"), ("de", "iso-8859-1"), ("es", "windows-1252"),
    ("ru", "windows-1251"), ("ru", "koi8-r"), ("ru", "iso-8859-5"), ("uk", "windows-1251"), ("uk", "koi8-u"),
    ("pl", "iso-8859-2"), ("pl", "windows-1250"), ("cs", "windows-1250"), ("cs", "iso-8859-2"), ("tr", "windows-1254"),
    ("el", "windows-1253"), ("he", "windows-1255"), ("ar", "windows-1256"), ("zh", "gb2312"), ("zh", "gbk"),
    ("zh", "gb18030"), ("zh-TW", "big5"), ("ja", "shift_jis"), ("ja", "euc-jp"), ("ja", "iso-2022-jp"), ("ko", "euc-kr"),
    ("th", "windows-874"),
]  # fmt: skip


def page(text: str, head: str = "", lang: str = "") -> str:
    attribute = f' lang="{lang}"' if lang else ""
    return f"<html{attribute}><head>{head}<title>x</title></head><body>" + f"<p>{text}</p>" * 3 + "</body></html>"


def encoded(text: str, encoding: str) -> bytes:
    return text.encode({"windows-874": "cp874"}.get(encoding, encoding), "strict")


@pytest.mark.parametrize(("language", "encoding"), ENCODINGS, ids=lambda value: str(value))
class TestMatrix:
    def test_named_by_header(self, language: str, encoding: str) -> None:
        raw = encoded(page(TEXTS[language]), encoding)
        assert TEXTS[language] in decode(raw, f"text/html; charset={encoding}")[0]

    def test_named_by_meta(self, language: str, encoding: str) -> None:
        raw = encoded(
            page(TEXTS[language], f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}">'), encoding
        )
        assert TEXTS[language] in decode(raw, "text/html")[0]

    def test_header_lies_utf8(self, language: str, encoding: str) -> None:
        raw = encoded(page(TEXTS[language], f'<meta charset="{encoding}">'), encoding)
        assert TEXTS[language] in decode(raw, "text/html; charset=utf-8")[0]

    def test_meta_lies(self, language: str, encoding: str) -> None:
        lie = "iso-8859-1" if language not in ("fr", "de", "es") else "utf-8"
        raw = encoded(page(TEXTS[language], f'<meta charset="{lie}">', lang=language[:2]), encoding)
        assert TEXTS[language] in decode(raw, f"text/html; charset={encoding}")[0]

    def test_known_by_language_alone(self, language: str, encoding: str) -> None:
        if encoding in ("iso-8859-15", "iso-8859-2", "koi8-u"):
            pytest.skip("differs from its neighbours in letters that only a declaration can tell")
        raw = encoded(page(TEXTS[language], lang=language[:2]), encoding)
        if encoding == "iso-2022-jp":
            pytest.skip("pure ASCII bytes: only a declaration can tell")
        assert TEXTS[language] in decode(raw, "text/html", language[:2])[0]


@pytest.mark.parametrize(
    ("language", "encoding"),
    [
        ("zh", "gbk"), ("zh", "gb18030"), ("zh-TW", "big5"), ("ja", "shift_jis"), ("ja", "euc-jp"), ("ko", "euc-kr"),
        ("ru", "windows-1251"), ("ru", "koi8-r"), ("ar", "windows-1256"), ("fr", "iso-8859-1"), ("de", "windows-1252"),
        ("el", "windows-1253"), ("he", "windows-1255"),
    ],
)  # fmt: skip
class TestUndeclared:
    def test_nothing_said_at_all(self, language: str, encoding: str) -> None:
        raw = encoded(page(TEXTS[language] * 3), encoding)
        assert TEXTS[language] in decode(raw, "text/html")[0]

    def test_everything_lies(self, language: str, encoding: str) -> None:
        raw = encoded(page(TEXTS[language] * 3, '<meta charset="utf-8">', lang=language[:2]), encoding)
        assert TEXTS[language] in decode(raw, "text/html; charset=utf-8", language[:2])[0]


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "gbk", "windows-1251", "shift_jis", "nonsense"])
@pytest.mark.parametrize("language", ["fr", "ru", "zh", "ar"])
def test_utf8_wins_over_a_wrong_header(language: str, declared: str) -> None:
    text, name = decode(page(TEXTS[language]).encode(), f"text/html; charset={declared}")
    assert TEXTS[language] in text
    assert name == "utf-8"


@pytest.mark.parametrize("language", ["fr", "de", "es"])
def test_western_without_declaration_is_not_baltic(language: str) -> None:
    text, name = decode(page(TEXTS[language]).encode("iso-8859-1"))
    assert TEXTS[language] in text
    assert name != "cp1257"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_wide_and_marked(encoding: str) -> None:
    assert TEXTS["fr"] in decode(page(TEXTS["fr"]).encode(encoding))[0]


PAGE = page(TEXTS["fr"])
AS_BYTES = {
    "utf-8": PAGE.encode(),
    "marked": PAGE.encode("utf-8-sig"),
    "wide": PAGE.encode("utf-16"),
    "wide without a mark": PAGE.encode("utf-16-le"),
    "western": PAGE.encode("iso-8859-1"),
    "carriage returns": PAGE.replace(" ", "\r\n").encode(),
    "nul": PAGE.replace(" ", " \0").encode(),
    "cut off": PAGE.encode() + b"\xc3",
    "flaws": PAGE.encode().replace(b"<p>", b"<p>\xff"),
    "escapes": page(TEXTS["ja"]).encode("iso2022_jp"),
}


@pytest.mark.parametrize("name", AS_BYTES)
@pytest.mark.parametrize("header", ["text/html", "text/html; charset=iso-2022-jp"])
def test_utf8_is_what_is_decoded(name: str, header: str) -> None:
    found = utf8(AS_BYTES[name], header)
    assert found.decode() == decode(AS_BYTES[name], header)[0]
    assert "\0" not in found.decode() and "\r" not in found.decode()


def test_windows_1252_in_disguise() -> None:
    raw = page("The mayor\u2019s \u201cgreat\u201d bridge \u2013 at last").encode("windows-1252")
    assert "mayor\u2019s \u201cgreat\u201d bridge \u2013" in decode(raw, "text/html; charset=iso-8859-1")[0]


def test_cut_utf8_is_still_utf8() -> None:
    raw = page(TEXTS["fr"] * 5).encode()[:-1] + "é".encode()[:1]
    text, name = decode(raw)
    assert name == "utf-8"
    assert TEXTS["fr"] in text


def test_clean_gives_valid_nfc() -> None:
    assert clean("e\u0301t\u00e9\x00 \ud800x") == "été \ufffdx"
    assert unicodedata.is_normalized("NFC", clean("A\u030a"))


@pytest.mark.parametrize(
    ("label", "name"),
    [("GB2312", "gb18030"), ("latin1", "windows-1252"), ("x-sjis", "cp932"), ("bogus", ""), ("rot13", "")],
)
def test_labels(label: str, name: str) -> None:
    assert canonical_name(label) == name


@pytest.mark.parametrize("source", ["en", "fr", "de", "und", "ru", "zh"])
@pytest.mark.parametrize(("language", "encoding"), ENCODINGS, ids=lambda value: str(value))
def test_declared_in_a_source_of_another_language(language: str, encoding: str, source: str) -> None:
    """A source may publish in other languages than its own; `und` is no language at all."""
    named = f'<meta http-equiv="Content-Type" content="text/html; charset={encoding}">'
    raw = encoded(page(TEXTS[language], named), encoding)
    assert TEXTS[language] in decode(raw, f"text/html; charset={encoding}", source)[0]


@pytest.mark.parametrize(
    "declared", ["windows-1251", "koi8-r", "windows-1256", "gbk", "shift_jis", "euc-kr", "windows-1253"]
)
@pytest.mark.parametrize("language", ["fr", "de", "es"])
def test_a_declaration_that_puts_other_letters_into_latin_words_lies(language: str, declared: str) -> None:
    named = f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
    raw = encoded(page(TEXTS[language], named), "windows-1252")
    assert TEXTS[language] in decode(raw, f"text/html; charset={declared}", language)[0]
