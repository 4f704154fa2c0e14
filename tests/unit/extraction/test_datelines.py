from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.extraction.datelines import find_dates

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)

# line, zone of the source, language, expected time, what the page said
CASES = [
    ("fr-xinhua", "Xinhua | 23.07.2020 09h21", "Asia/Shanghai", "fr", "2020-07-23T01:21:00Z", "23.07.2020 09h21"),
    ("fr-words", "Publié le 24 avril 2024 à 14h05", "Europe/Paris", "fr", "2024-04-24T12:05:00Z", "24 avril 2024 à 14h05"),
    ("fr-first", "Le 1er février 2024 à 08:00", "Europe/Paris", "fr", "2024-02-01T07:00:00Z", "1er février 2024 à 08:00"),
    ("fr-no-minutes", "24 avril 2024 à 14h", "Europe/Paris", "fr", "2024-04-24T12:00:00Z", "24 avril 2024 à 14h"),
    ("zh", "2026年11月20日21:48", "Asia/Shanghai", "zh", "2026-11-20T13:48:00Z", "2026年11月20日21:48"),
    ("zh-iso", "发布时间：2024-04-24 21:48:05", "Asia/Shanghai", "zh", "2024-04-24T13:48:05Z", "2024-04-24 21:48:05"),
    ("zh-hours", "2024年4月24日 21时48分", "Asia/Shanghai", "zh", "2024-04-24T13:48:00Z", "2024年4月24日 21时48分"),
    ("zh-afternoon", "2024年4月24日 下午3:05", "Asia/Shanghai", "zh", "2024-04-24T07:05:00Z", "2024年4月24日 下午3:05"),
    ("zh-minguo", "民國113年4月24日 15:05", "Asia/Taipei", "zh", "2024-04-24T07:05:00Z", "民國113年4月24日 15:05"),
    ("ja", "2024年4月24日 15時05分", "Asia/Tokyo", "ja", "2024-04-24T06:05:00Z", "2024年4月24日 15時05分"),
    ("ja-pm", "2024年4月24日 午後3時05分", "Asia/Tokyo", "ja", "2024-04-24T06:05:00Z", "2024年4月24日 午後3時05分"),
    ("ja-era", "令和6年4月24日 15時05分", "Asia/Tokyo", "ja", "2024-04-24T06:05:00Z", "令和6年4月24日 15時05分"),
    ("ja-slashes", "2024/04/24 15:05", "Asia/Tokyo", "ja", "2024-04-24T06:05:00Z", "2024/04/24 15:05"),
    ("ko", "입력 2024.04.24. 오후 3:05", "Asia/Seoul", "ko", "2024-04-24T06:05:00Z", "2024.04.24. 오후 3:05"),
    ("ko-words", "2024년 4월 24일 15시 05분", "Asia/Seoul", "ko", "2024-04-24T06:05:00Z", "2024년 4월 24일 15시 05분"),
    ("ru", "24 апреля 2024, 14:05", "Europe/Moscow", "ru", "2024-04-24T11:05:00Z", "24 апреля 2024, 14:05"),
    ("ru-no-year", "24 апреля, 14:05", "Europe/Moscow", "ru", "2024-04-24T11:05:00Z", "24 апреля, 14:05"),
    ("ru-time-first", "14:05, 24.04.2024", "Europe/Moscow", "ru", "2024-04-24T11:05:00Z", "14:05, 24.04.2024"),
    ("uk", "24 квітня 2024, 14:05", "Europe/Kyiv", "uk", "2024-04-24T11:05:00Z", "24 квітня 2024, 14:05"),
    ("be", "24 красавіка 2024, 14:05", "Europe/Minsk", "be", "2024-04-24T11:05:00Z", "24 красавіка 2024, 14:05"),
    ("bg", "24 април 2024 г., 14:05", "Europe/Sofia", "bg", "2024-04-24T11:05:00Z", "24 април 2024 г., 14:05"),
    ("sr", "24. април 2024. 14:05", "Europe/Belgrade", "sr", "2024-04-24T12:05:00Z", "24. април 2024. 14:05"),
    ("kk", "2024 жылғы 24 сәуір", "Asia/Almaty", "kk", "2024-04-24", "2024 жылғы 24 сәуір"),
    ("ar-digits", "٢٤ أبريل ٢٠٢٤ - ١٤:٠٥", "Africa/Cairo", "ar", "2024-04-24T12:05:00Z", "٢٤ أبريل ٢٠٢٤ - ١٤:٠٥"),
    ("ar-levant", "24 كانون الثاني 2024 14:05", "Asia/Beirut", "ar", "2024-01-24T12:05:00Z", "24 كانون الثاني 2024 14:05"),
    ("ar-maghreb", "24 جويلية 2023", "Africa/Tunis", "ar", "2023-07-24", "24 جويلية 2023"),
    ("ar-numeric", "24/04/2024 الساعة 14:05", "UTC", "ar", "2024-04-24T14:05:00Z", "24/04/2024 الساعة 14:05"),
    ("fa-solar", "۴ اردیبهشت ۱۴۰۳ - ۱۴:۰۵", "Asia/Tehran", "fa", "2024-04-23T10:35:00Z", "۴ اردیبهشت ۱۴۰۳ - ۱۴:۰۵"),
    ("fa-solar-numeric", "1403/02/05 14:05", "Asia/Tehran", "fa", "2024-04-24T10:35:00Z", "1403/02/05 14:05"),
    ("fa-leap-day", "۳۰ اسفند ۱۴۰۳", "Asia/Tehran", "fa", "2025-03-20", "۳۰ اسفند ۱۴۰۳"),
    ("ur", "24 اپریل 2024", "Asia/Karachi", "ur", "2024-04-24", "24 اپریل 2024"),
    ("he", "24 באפריל 2024, 14:05", "Asia/Jerusalem", "he", "2024-04-24T11:05:00Z", "24 באפריל 2024, 14:05"),
    ("hi", "24 अप्रैल 2024, 02:05 PM IST", "UTC", "hi", "2024-04-24T08:35:00Z", "24 अप्रैल 2024, 02:05 PM IST"),
    ("hi-digits", "२४ अप्रैल २०२४", "Asia/Kolkata", "hi", "2024-04-24", "२४ अप्रैल २०२४"),
    ("bn", "২৪ এপ্রিল ২০২৪, ১৪:০৫", "Asia/Dhaka", "bn", "2024-04-24T08:05:00Z", "২৪ এপ্রিল ২০২৪, ১৪:০৫"),
    ("ta", "24 ஏப்ரல் 2024", "Asia/Kolkata", "ta", "2024-04-24", "24 ஏப்ரல் 2024"),
    ("th-short", "24 เม.ย. 2567 14:05 น.", "Asia/Bangkok", "th", "2024-04-24T07:05:00Z", "24 เม.ย. 2567 14:05"),
    ("th-era", "24 เมษายน พ.ศ. 2567", "Asia/Bangkok", "th", "2024-04-24", "24 เมษายน พ.ศ. 2567"),
    ("vi", "24/4/2024, 14:05 (GMT+7)", "UTC", "vi", "2024-04-24T07:05:00Z", "24/4/2024, 14:05 (GMT+7)"),
    ("vi-words", "ngày 24 tháng 4 năm 2024, 14:05", "Asia/Ho_Chi_Minh", "vi", "2024-04-24T07:05:00Z", "24 tháng 4 năm 2024, 14:05"),
    ("id", "Rabu, 24 April 2024 14:05 WIB", "UTC", "id", "2024-04-24T07:05:00Z", "24 April 2024 14:05 WIB"),
    ("ms", "24 Mac 2024, 14:05", "Asia/Kuala_Lumpur", "ms", "2024-03-24T06:05:00Z", "24 Mac 2024, 14:05"),
    ("sw", "24 Aprili 2024", "Africa/Dar_es_Salaam", "sw", "2024-04-24", "24 Aprili 2024"),
    ("en-zone", "12 Mar 2024 / 14:05 IST", "UTC", "en", "2024-03-12T08:35:00Z", "12 Mar 2024 / 14:05 IST"),
    ("en-us-words", "April 24, 2024 2:05 p.m. ET", "UTC", "en-US", "2024-04-24T18:05:00Z", "April 24, 2024 2:05 p.m. ET"),
    ("en-us-numeric", "3/4/2024 2pm", "UTC", "en-US", "2024-03-04T14:00:00Z", "3/4/2024 2pm"),
    ("en-gb-numeric", "3/4/2024 14:00", "UTC", "en-GB", "2024-04-03T14:00:00Z", "3/4/2024 14:00"),
    ("en-ordinal", "24th of April 2024 at 9.05am", "Europe/London", "en", "2024-04-24T08:05:00Z", "24th of April 2024 at 9.05am"),
    ("en-noon", "April 24, 2024, 12:05 AM", "UTC", "en", "2024-04-24T00:05:00Z", "April 24, 2024, 12:05 AM"),
    ("en-offset", "24 April 2024 14:05 +0530", "UTC", "en", "2024-04-24T08:35:00Z", "24 April 2024 14:05 +0530"),
    ("de", "24. April 2024 um 14.05 Uhr", "Europe/Berlin", "de", "2024-04-24T12:05:00Z", "24. April 2024 um 14.05"),
    ("de-numeric", "24.04.2024, 14:05 Uhr", "Europe/Berlin", "de", "2024-04-24T12:05:00Z", "24.04.2024, 14:05"),
    ("de-winter", "24.01.2024, 14:05 Uhr", "Europe/Berlin", "de", "2024-01-24T13:05:00Z", "24.01.2024, 14:05"),
    ("de-short", "24.04.24, 14:05", "Europe/Berlin", "de", "2024-04-24T12:05:00Z", "24.04.24, 14:05"),
    ("es", "24 de abril de 2024, 14:05", "Europe/Madrid", "es", "2024-04-24T12:05:00Z", "24 de abril de 2024, 14:05"),
    ("es-mexico", "24 de abril del 2024 14:05", "America/Mexico_City", "es", "2024-04-24T20:05:00Z", "24 de abril del 2024 14:05"),
    ("pt", "24 Abril 2024, 14h05", "Europe/Lisbon", "pt", "2024-04-24T13:05:00Z", "24 Abril 2024, 14h05"),
    ("it", "24 aprile 2024 alle 14:05", "Europe/Rome", "it", "2024-04-24T12:05:00Z", "24 aprile 2024 alle 14:05"),
    ("nl", "24-04-2024 | 14:05", "Europe/Amsterdam", "nl", "2024-04-24T12:05:00Z", "24-04-2024 | 14:05"),
    ("nl-words", "24 mrt. 2024 om 14:05", "Europe/Amsterdam", "nl", "2024-03-24T13:05:00Z", "24 mrt. 2024 om 14:05"),
    ("sv", "24 april 2024 kl. 14.05", "Europe/Stockholm", "sv", "2024-04-24T12:05:00Z", "24 april 2024 kl. 14.05"),
    ("nb", "24. mai 2024, kl. 14.05", "Europe/Oslo", "nb", "2024-05-24T12:05:00Z", "24. mai 2024, kl. 14.05"),
    ("da", "24. maj 2024 kl. 14:05", "Europe/Copenhagen", "da", "2024-05-24T12:05:00Z", "24. maj 2024 kl. 14:05"),
    ("fi", "24.4.2024 klo 14.05", "Europe/Helsinki", "fi", "2024-04-24T11:05:00Z", "24.4.2024 klo 14.05"),
    ("is", "24. apríl 2024 kl. 14:05", "Atlantic/Reykjavik", "is", "2024-04-24T14:05:00Z", "24. apríl 2024 kl. 14:05"),
    ("pl", "24 listopada 2023, 14:05", "Europe/Warsaw", "pl", "2023-11-24T13:05:00Z", "24 listopada 2023, 14:05"),
    ("hr", "24. listopada 2023. u 14:05", "Europe/Zagreb", "hr", "2023-10-24T12:05:00Z", "24. listopada 2023. u 14:05"),
    ("cs", "24. dubna 2024 14:05", "Europe/Prague", "cs", "2024-04-24T12:05:00Z", "24. dubna 2024 14:05"),
    ("sk", "24. apríla 2024 14:05", "Europe/Bratislava", "sk", "2024-04-24T12:05:00Z", "24. apríla 2024 14:05"),
    ("sl", "24. maj 2024 ob 14.05", "Europe/Ljubljana", "sl", "2024-05-24T12:05:00Z", "24. maj 2024 ob 14.05"),
    ("hu", "2024. április 24. 14:05", "Europe/Budapest", "hu", "2024-04-24T12:05:00Z", "2024. április 24. 14:05"),
    ("ro", "24 aprilie 2024, 14:05", "Europe/Bucharest", "ro", "2024-04-24T11:05:00Z", "24 aprilie 2024, 14:05"),
    ("el", "24 Απριλίου 2024, 14:05", "Europe/Athens", "el", "2024-04-24T11:05:00Z", "24 Απριλίου 2024, 14:05"),
    ("tr", "24 Nisan 2024 Çarşamba 14:05", "Europe/Istanbul", "tr", "2024-04-24T11:05:00Z", "24 Nisan 2024 Çarşamba 14:05"),
    ("lt", "2024 m. balandžio 24 d. 14:05", "Europe/Vilnius", "lt", "2024-04-24T11:05:00Z", "2024 m. balandžio 24 d. 14:05"),
    ("et", "24. aprill 2024 14:05", "Europe/Tallinn", "et", "2024-04-24T11:05:00Z", "24. aprill 2024 14:05"),
    ("ca", "24 d'abril de 2024, 14:05", "Europe/Madrid", "ca", "2024-04-24T12:05:00Z", "24 d'abril de 2024, 14:05"),
    ("ka", "24 აპრილი 2024, 14:05", "Asia/Tbilisi", "ka", "2024-04-24T10:05:00Z", "24 აპრილი 2024, 14:05"),
    ("hy", "24 ապրիլի 2024, 14:05", "Asia/Yerevan", "hy", "2024-04-24T10:05:00Z", "24 ապրիլի 2024, 14:05"),
    ("af", "24 Maart 2024, 14:05", "Africa/Johannesburg", "af", "2024-03-24T12:05:00Z", "24 Maart 2024, 14:05"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "zone", "language", "text", "raw"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)
def test_one_date(line: str, zone: str, language: str, text: str, raw: str) -> None:
    found = [(one.moment.text, one.moment.raw) for one in find_dates(line, ZoneInfo(zone), language, NOW)]
    assert found == [(text, raw)]


def test_a_language_of_its_own_for_every_case() -> None:
    assert len({case[3][:2] for case in CASES}) >= 40


@pytest.mark.parametrize(
    "line",
    [
        "23/07",
        "10h25 le 23/07",
        "32.04.2024 10:00",
        "2024",
        "Chapter 12 of 14",
        "1.2.3",
        "99/99/2024",
        "30 February 2024",
        "12:30",
        "24 April",
        "",
    ],
)
def test_no_date(line: str) -> None:
    assert list(find_dates(line, UTC, "en", NOW)) == []


def test_two_dates_in_one_line() -> None:
    found = [
        one.moment.text
        for one in find_dates("Published 12 March 2024 14:05 | Updated 13 March 2024 10:00", UTC, "en", NOW)
    ]
    assert found == ["2024-03-12T14:05:00Z", "2024-03-13T10:00:00Z"]


def test_hostile_line_is_cut() -> None:
    assert list(find_dates("1 " * 500_000, UTC)) == []
