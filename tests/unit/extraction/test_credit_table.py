"""Credit lines as newspapers print them, with who is in them: people, editors, agencies."""

from __future__ import annotations

import pytest

from crawler.extraction.creditlines import byline_of, closing_of, dateline_of, editors_of

PEOPLE = {
    "By ANNA MUSTER in Lisbon": ("en", ("ANNA MUSTER",)),
    "Written by Anna Muster": ("en", ("Anna Muster",)),
    "Reported by Anna Muster, Ben Sample": ("en", ("Anna Muster", "Ben Sample")),
    "Story by Anna Muster": ("en", ("Anna Muster",)),
    "By Anna Muster • 12 March 2024": ("en", ("Anna Muster",)),
    "Author: Anna Muster": ("en", ("Anna Muster",)),
    "Von Anna Muster, dpa": ("de", ("Anna Muster",)),
    "Text: Anna Muster": ("de", ("Anna Muster",)),
    "Autor: Jörg Beispiel": ("de", ("Jörg Beispiel",)),
    "Eine Analyse von Anna Muster": ("de", ("Anna Muster",)),
    "Von Anna Muster | 24.04.2024": ("de", ("Anna Muster",)),
    "Propos recueillis par Jean Dupont": ("fr", ("Jean Dupont",)),
    "Par Jean Dupont, à Lyon": ("fr", ("Jean Dupont",)),
    "Par Jean-Marc Dupont avec AFP": ("fr", ("Jean-Marc Dupont",)),
    "Auteur : Marie Martin": ("fr", ("Marie Martin",)),
    "Por María de la Cruz": ("es", ("María de la Cruz",)),
    "Texto: Juan Pérez": ("es", ("Juan Pérez",)),
    "Escrito por Juan Pérez": ("es", ("Juan Pérez",)),
    "Por Ana Souza, em Lisboa": ("pt", ("Ana Souza",)),
    "Texto: João Silva": ("pt", ("João Silva",)),
    "A cura di Mario Rossi": ("it", ("Mario Rossi",)),
    "di Mario De Luca": ("it", ("Mario De Luca",)),
    "Door onze correspondent Jan de Vries": ("nl", ("Jan de Vries",)),
    "Tekst: Kari Nordmann": ("nb", ("Kari Nordmann",)),
    "Text: Eva Berg": ("sv", ("Eva Berg",)),
    "Af Mette Holm": ("da", ("Mette Holm",)),
    "Teksti: Matti Meikäläinen": ("fi", ("Matti Meikäläinen",)),
    "Autor: Jan Kowalski": ("pl", ("Jan Kowalski",)),
    "Autor: Jana Nováková": ("cs", ("Jana Nováková",)),
    "Autorka: Jana Nováková": ("cs", ("Jana Nováková",)),
    "Szerző: Nagy Anna": ("hu", ("Nagy Anna",)),
    "Autor: Ion Popescu": ("ro", ("Ion Popescu",)),
    "Piše: Ana Horvat": ("hr", ("Ana Horvat",)),
    "Autor: Ana Horvat": ("hr", ("Ana Horvat",)),
    "Аутор: Ана Петровић": ("sr", ("Ана Петровић",)),
    "Автор: Иван Петров": ("bg", ("Иван Петров",)),
    "Автор: Олена Шевченко": ("uk", ("Олена Шевченко",)),
    "Иван Петров, корреспондент": ("ru-none", ()),
    "Του Γιώργου Παππά": ("el", ("Γιώργου Παππά",)),
    "Haber: Ayşe Yılmaz": ("tr", ("Ayşe Yılmaz",)),
    "كتب: أحمد علي": ("ar", ("أحمد علي",)),
    "إعداد: سارة حسن": ("ar", ("سارة حسن",)),
    "تحریر: علی رضا": ("ur", ("علی رضا",)),
    "מאת: דנה כהן": ("he", ("דנה כהן",)),
    "लेखक: राम कुमार": ("hi", ("राम कुमार",)),
    "লেখক: রহিম আলী": ("bn", ("রহিম আলী",)),
    "作者：李小红": ("zh", ("李小红",)),
    "撰文：王小明": ("zh", ("王小明",)),
    "本网记者 李四": ("zh", ("李四",)),
    "記者 王大明": ("zh", ("王大明",)),
    "取材・山田太郎": ("ja", ("山田太郎",)),
    "글 홍길동": ("ko", ("홍길동",)),
    "Penulis: Siti Aminah": ("id", ("Siti Aminah",)),
    "Tác giả: Nguyễn Văn An": ("vi", ("Nguyễn Văn An",)),
    "โดย: สมชาย ใจดี": ("th", ("สมชาย ใจดี",)),
    "Mwandishi: Juma Ali": ("sw", ("Juma Ali",)),
    "Deur Anna van Wyk": ("af", ("Anna van Wyk",)),
    "Text: Jordi Puig": ("ca", ("Jordi Puig",)),
    "Raşad Əliyev, müxbir": ("az-none", ()),
}


@pytest.mark.parametrize("line", PEOPLE)
def test_people(line: str) -> None:
    credit = byline_of(line)
    assert (credit.people if credit else ()) == PEOPLE[line][1]


EDITORS = {
    "Editors: Anna Muster, Ben Sample": ("en", ("Anna Muster", "Ben Sample")),
    "(Editor: Wang Lei)": ("en", ("Wang Lei",)),
    "[Editor: Wang Lei]": ("en", ("Wang Lei",)),
    "(Rédactrice : Marie Martin)": ("fr", ("Marie Martin",)),
    "Rédaction : Marie Martin": ("fr", ("Marie Martin",)),
    "(责任编辑：王五 赵六)": ("zh", ("王五", "赵六")),
    "【责任编辑:王五】": ("zh", ("王五",)),
    "編輯：王五": ("zh", ("王五",)),
    "編集者：山田太郎": ("ja", ("山田太郎",)),
    "에디터: 김철수": ("ko", ("김철수",)),
    "Выпускающий редактор: Анна Иванова": ("ru", ("Анна Иванова",)),
    "المحرر: سارة حسن": ("ar", ("سارة حسن",)),
    "ویراستار: رضا کریمی": ("fa", ("رضا کریمی",)),
    "Editora: Ana Souza": ("pt", ("Ana Souza",)),
    "Eindredactie: Jan de Vries": ("nl", ("Jan de Vries",)),
    "Επιμέλεια: Γιώργος Παππάς": ("el", ("Γιώργος Παππάς",)),
    "Urednik: Ivan Horvat": ("hr", ("Ivan Horvat",)),
    "Уредник: Ана Петровић": ("sr", ("Ана Петровић",)),
    "সম্পাদনা: রহিম আলী": ("bn", ("রহিম আলী",)),
    "Mhariri: Juma Ali": ("sw", ("Juma Ali",)),
}


@pytest.mark.parametrize("line", EDITORS)
def test_editors(line: str) -> None:
    assert editors_of(line) == EDITORS[line][1]


AGENCIES = {
    "Source: Xinhua": ("en", ("Xinhua",)),
    "Source : AFP": ("fr", ("AFP",)),
    "Quelle: Reuters": ("de", ("Reuters",)),
    "Fonte: ANSA": ("it", ("ANSA",)),
    "Fonte: Lusa": ("pt", ("Lusa",)),
    "Bron: Belga": ("nl", ("Belga",)),
    "Källa: TT": ("sv", ("TT",)),
    "Kilde: Ritzau": ("da", ("Ritzau",)),
    "Lähde: STT": ("fi", ("STT",)),
    "Źródło: PAP": ("pl", ("PAP",)),
    "Zdroj: ČTK": ("cs", ("ČTK",)),
    "Zdroj: TASR": ("sk", ("TASR",)),
    "Forrás: MTI": ("hu", ("MTI",)),
    "Sursa: Agerpres": ("ro", ("Agerpres",)),
    "Izvor: Hina": ("hr", ("HINA",)),
    "Извор: Танјуг": ("sr", ("Tanjug",)),
    "Източник: БТА": ("bg", ("BTA",)),
    "Джерело: Укрінформ": ("uk", ("Ukrinform",)),
    "Источник: РИА Новости": ("ru", ("RIA Novosti",)),
    "Πηγή: ΑΠΕ-ΜΠΕ": ("el", ("ANA-MPA",)),
    "Kaynak: Anadolu Ajansı": ("tr", ("Anadolu",)),
    "المصدر: أ ف ب": ("ar", ("AFP",)),
    "منبع: ایسنا": ("fa", ("ISNA",)),
    "स्रोत: पीटीआई": ("hi", ("PTI",)),
    "সূত্র: বাসস": ("bn", ("BSS",)),
    "来源：中新网": ("zh", ("China News Service",)),
    "稿件来源：人民网": ("zh", ("People's Daily",)),
    "來源：中央社": ("zh", ("CNA",)),
    "出典：共同通信": ("ja", ("Kyodo",)),
    "출처: 연합뉴스": ("ko", ("Yonhap",)),
    "ที่มา: รอยเตอร์": ("th", ("Reuters",)),
    "Nguồn: TTXVN": ("vi", ("VNA",)),
    "Sumber: Antara": ("id", ("Antara",)),
    "Xinhua | 新华社": ("mixed", ("Xinhua",)),
}


@pytest.mark.parametrize("line", AGENCIES)
def test_agencies(line: str) -> None:
    credit = byline_of(line)
    assert (credit.agencies if credit else ()) == AGENCIES[line][1]


DATELINES = {
    "PARIS (AFP) - Le pont rouvre.": ("PARIS", ("AFP",)),
    "MADRID (EFE).- El puente reabre.": ("MADRID", ("EFE",)),
    "Wien (APA) - Die Brücke ist offen.": ("Wien", ("APA",)),
    "LISBOA, 24 abr (Lusa) - A ponte reabre.": ("LISBOA", ("Lusa",)),
    "Ankara (AA) - Köprü açıldı.": ("Ankara", ("Anadolu",)),
    "BEIJING, April 24 (Xinhua) -- The bridge reopened.": ("BEIJING", ("Xinhua",)),
    "КИЕВ, 24 апреля (Рейтер) - Мост открыт.": ("КИЕВ", ("Reuters",)),
    "中新网上海4月24日电 大桥重新开放。": ("上海", ("China News Service",)),
    "(부산=뉴시스) 다리가 열렸다.": ("부산", ("Newsis",)),
    "【ワシントン共同】橋が再び開いた。": ("ワシントン", ("Kyodo",)),
    "القاهرة (رويترز) - أعيد فتح الجسر.": ("القاهرة", ("Reuters",)),
    "New Delhi: (PTI) The bridge reopened.": ("", ()),
}


@pytest.mark.parametrize("line", DATELINES)
def test_datelines(line: str) -> None:
    credit = dateline_of(line)
    assert ((credit.dateline, credit.agencies) if credit else ("", ())) == DATELINES[line]


@pytest.mark.parametrize(
    ("line", "agencies"),
    [
        ("... so der Minister. (dpa/AFP)", ("dpa", "AFP")),
        ("... a dit le maire. (avec AFP)", ("AFP",)),
        ("... dijo el alcalde. (EFE)", ("EFE",)),
        ("... сказал мэр. (Интерфакс)", ("Interfax",)),
        ("...と市長は話した。（共同）", ("Kyodo",)),
        ("... zei de burgemeester. (ANP)", ("ANP",)),
    ],
)
def test_closing(line: str, agencies: tuple[str, ...]) -> None:
    assert closing_of(line) == agencies


def test_the_tables_are_wide() -> None:
    tables = (PEOPLE, EDITORS, AGENCIES)
    assert sum(len(table) for table in tables) + len(DATELINES) >= 120
    assert len({language for table in tables for language, _ in table.values()}) >= 30
