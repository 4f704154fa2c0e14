"""Lines as newspapers print them around an article, with the one time that is in them."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from crawler.extraction.datelines import find_dates

NOW = datetime(2024, 6, 1, 12, tzinfo=UTC)

LINES = {
    # line: (zone of the source, language, expected)
    "Published: 24 Apr 2024, 02:05 PM IST": ("Asia/Kolkata", "en", "2024-04-24T08:35:00Z"),
    "Wed 24 Apr 2024 14.05 BST": ("Europe/London", "en", "2024-04-24T13:05:00Z"),
    "April 24, 2024 at 2:05 p.m. EDT": ("America/New_York", "en", "2024-04-24T18:05:00Z"),
    "Wednesday, April 24, 2024 14:05 (GMT+8)": ("Asia/Singapore", "en", "2024-04-24T06:05:00Z"),
    "2024-04-24T14:05:00+02:00": ("UTC", "en", "2024-04-24T12:05:00Z"),
    "24/04/2024 - 14:05": ("Europe/Paris", "fr", "2024-04-24T12:05:00Z"),
    "Publié aujourd’hui, le 24 avr. 2024 à 9h05": ("Europe/Paris", "fr", "2024-04-24T07:05:00Z"),
    "Par A. Dupont | Publié le 3 août 2023 à 18:30": ("Europe/Brussels", "fr", "2023-08-03T16:30:00Z"),
    "Mercredi 24 avril 2024 | 14 h 05": ("America/Montreal", "fr", "2024-04-24T18:05:00Z"),
    "Stand: 24.04.2024 14:05 Uhr": ("Europe/Berlin", "de", "2024-04-24T12:05:00Z"),
    "Mittwoch, 24. April 2024, 14:05": ("Europe/Vienna", "de", "2024-04-24T12:05:00Z"),
    "24. Jänner 2024, 14:05": ("Europe/Vienna", "de", "2024-01-24T13:05:00Z"),
    "24. Mär. 2024 um 14:05 Uhr": ("Europe/Zurich", "de", "2024-03-24T13:05:00Z"),
    "24 abr 2024 - 14:05 CEST": ("Europe/Madrid", "es", "2024-04-24T12:05:00Z"),
    "Miércoles, 24 de abril de 2024 a las 14:05 h.": ("Europe/Madrid", "es", "2024-04-24T12:05:00Z"),
    "24 de setiembre de 2023, 9:05 a. m.": ("America/Lima", "es", "2023-09-24T14:05:00Z"),
    "24/04/2024 14h05": ("America/Sao_Paulo", "pt", "2024-04-24T17:05:00Z"),
    "24 de março de 2024 às 14:05": ("Europe/Lisbon", "pt", "2024-03-24T14:05:00Z"),
    "24/abr/2024 14:05": ("America/Sao_Paulo", "pt", "2024-04-24T17:05:00Z"),
    "Mercoledì 24 aprile 2024, ore 14.05": ("Europe/Rome", "it", "2024-04-24T12:05:00Z"),
    "24 Mag 2024 - 14:05": ("Europe/Rome", "it", "2024-05-24T12:05:00Z"),
    "wo 24 apr. 2024 14:05": ("Europe/Amsterdam", "nl", "2024-04-24T12:05:00Z"),
    "Publicerad 24 apr 2024 kl 14.05": ("Europe/Stockholm", "sv", "2024-04-24T12:05:00Z"),
    "2024-04-24 14:05": ("Europe/Stockholm", "sv", "2024-04-24T12:05:00Z"),
    "Publisert 24.04.2024 14:05": ("Europe/Oslo", "nb", "2024-04-24T12:05:00Z"),
    "Publisert: 24. apr. 2024 14:05": ("Europe/Oslo", "nn", "2024-04-24T12:05:00Z"),
    "24. apr. 2024, 14.05": ("Europe/Copenhagen", "da", "2024-04-24T12:05:00Z"),
    "24. huhtikuuta 2024 klo 14.05": ("Europe/Helsinki", "fi", "2024-04-24T11:05:00Z"),
    "Data publikacji: 24.04.2024, 14:05": ("Europe/Warsaw", "pl", "2024-04-24T12:05:00Z"),
    "24 kwi 2024 14:05": ("Europe/Warsaw", "pl", "2024-04-24T12:05:00Z"),
    "24. 4. 2024 14:05": ("Europe/Prague", "cs", "2024-04-24T12:05:00Z"),
    "dnes, 24. května 2024, 14:05": ("Europe/Prague", "cs", "2024-05-24T12:05:00Z"),
    "24.04.2024 o 14:05": ("Europe/Bratislava", "sk", "2024-04-24T12:05:00Z"),
    "2024.04.24. 14:05": ("Europe/Budapest", "hu", "2024-04-24T12:05:00Z"),
    "2024. ápr. 24. 14:05": ("Europe/Budapest", "hu", "2024-04-24T12:05:00Z"),
    "Publicat: 24.04.2024, 14:05": ("Europe/Bucharest", "ro", "2024-04-24T11:05:00Z"),
    "24 apr. 2024, 14:05": ("Europe/Chisinau", "ro", "2024-04-24T11:05:00Z"),
    "Objavljeno 24.04.2024. u 14:05": ("Europe/Zagreb", "hr", "2024-04-24T12:05:00Z"),
    "24.04.2024. 14:05": ("Europe/Sarajevo", "bs", "2024-04-24T12:05:00Z"),
    "24. април 2024. у 14:05": ("Europe/Belgrade", "sr", "2024-04-24T12:05:00Z"),
    "24.04.2024 | 14:05": ("Europe/Skopje", "mk", "2024-04-24T12:05:00Z"),
    "24 Prill 2024, 14:05": ("Europe/Tirane", "sq", "2024-04-24T12:05:00Z"),
    "Δημοσίευση: 24/04/2024 14:05": ("Europe/Athens", "el", "2024-04-24T11:05:00Z"),
    "24 Απρ 2024, 14:05": ("Europe/Athens", "el", "2024-04-24T11:05:00Z"),
    "Giriş: 24.04.2024 - 14:05": ("Europe/Istanbul", "tr", "2024-04-24T11:05:00Z"),
    "24 Ağustos 2023 14:05": ("Europe/Istanbul", "tr", "2023-08-24T11:05:00Z"),
    "24 aprel 2024, 14:05": ("Asia/Baku", "az", "2024-04-24T10:05:00Z"),
    "Среда, 24 апреля 2024 14:05 (мск)": ("Europe/Moscow", "ru", "2024-04-24T11:05:00Z"),
    "14:05 24.04.2024 (обновлено: 14:05 24.04.2024)": ("Europe/Moscow", "ru", "2024-04-24T11:05:00Z"),
    "24 апр 2024 в 14:05": ("Europe/Moscow", "ru", "2024-04-24T11:05:00Z"),
    "Середа, 24 квітня 2024, 14:05": ("Europe/Kyiv", "uk", "2024-04-24T11:05:00Z"),
    "24.04.24 14:05": ("Europe/Kyiv", "uk", "2024-04-24T11:05:00Z"),
    "24.04.2024 г. 14:05 ч.": ("Europe/Sofia", "bg", "2024-04-24T11:05:00Z"),
    "2024 оны 4 сарын 24": ("Asia/Ulaanbaatar", "mn", "2024-04-24"),
    "الأربعاء 24 أبريل 2024 - 14:05": ("Asia/Riyadh", "ar", "2024-04-24T11:05:00Z"),
    "نشر في: 24 نيسان/أبريل 2024 14:05": ("Asia/Beirut", "ar", "2024-04-24T11:05:00Z"),
    "آخر تحديث ٢٤/٤/٢٠٢٤ ١٤:٠٥": ("Asia/Dubai", "ar", "2024-04-24T10:05:00Z"),
    "24 أفريل 2024": ("Africa/Algiers", "ar", "2024-04-24"),
    "چهارشنبه ۵ اردیبهشت ۱۴۰۳ ساعت ۱۴:۰۵": ("Asia/Tehran", "fa", "2024-04-24T10:35:00Z"),
    "۱۴۰۳/۰۱/۰۱ - ۰۹:۰۵": ("Asia/Tehran", "fa", "2024-03-20T05:35:00Z"),
    "۲۹ اسفند ۱۴۰۲": ("Asia/Tehran", "fa", "2024-03-19"),
    "۱ فروردین ۱۴۰۰": ("Asia/Tehran", "fa", "2021-03-21"),
    "بدھ 24 اپریل 2024 14:05": ("Asia/Karachi", "ur", "2024-04-24T09:05:00Z"),
    "פורסם: 24.04.2024, 14:05": ("Asia/Jerusalem", "he", "2024-04-24T11:05:00Z"),
    "Published: अप्रैल 24, 2024 14:05 IST": ("Asia/Kolkata", "hi", "2024-04-24T08:35:00Z"),
    "प्रकाशित: 24 मार्च 2024 09:05 PM": ("Asia/Kolkata", "hi", "2024-03-24T15:35:00Z"),
    "প্রকাশ: ২৪ মার্চ ২০২৪, ১৪: ০৫": ("Asia/Dhaka", "bn", "2024-03-24T08:05:00Z"),
    "24 ஏப்ரல் 2024, 14:05": ("Asia/Colombo", "ta", "2024-04-24T08:35:00Z"),
    "24 เม.ย. 67 14:05 น.": ("Asia/Bangkok", "th", "2024-04-24T07:05:00Z"),
    "24 ธันวาคม 2566 เวลา 14:05 น.": ("Asia/Bangkok", "th", "2023-12-24T07:05:00Z"),
    "24/04/2567 14:05": ("Asia/Bangkok", "th", "2024-04-24T07:05:00Z"),
    "Thứ tư, 24/4/2024 - 14:05": ("Asia/Ho_Chi_Minh", "vi", "2024-04-24T07:05:00Z"),
    "Rabu, 24 Apr 2024 14:05 WITA": ("Asia/Makassar", "id", "2024-04-24T06:05:00Z"),
    "24/04/2024, 14.05 WIB": ("Asia/Jakarta", "id", "2024-04-24T07:05:00Z"),
    "April 24, 2024 | 2:05pm": ("Asia/Manila", "fil", "2024-04-24T06:05:00Z"),
    "Jumatano, 24 Aprili 2024 14:05": ("Africa/Nairobi", "sw", "2024-04-24T11:05:00Z"),
    "2024年04月24日 14:05 来源：新华网": ("Asia/Shanghai", "zh", "2024-04-24T06:05:00Z"),
    "2024年4月24日 星期三 14:05": ("Asia/Shanghai", "zh", "2024-04-24T06:05:00Z"),
    "2024/04/24 下午 02:05": ("Asia/Taipei", "zh", "2024-04-24T06:05:00Z"),
    "二〇二四年 2024-04-24 凌晨1:05": ("Asia/Shanghai", "zh", "2024-04-23T17:05:00Z"),
    "2024年4月24日(水) 14:05 配信": ("Asia/Tokyo", "ja", "2024-04-24T05:05:00Z"),
    "令和元年5月1日 0時05分": ("Asia/Tokyo", "ja", "2019-04-30T15:05:00Z"),
    "2024年4月24日 午前9時5分": ("Asia/Tokyo", "ja", "2024-04-24T00:05:00Z"),
    "기사입력 2024-04-24 14:05": ("Asia/Seoul", "ko", "2024-04-24T05:05:00Z"),
    "2024.04.24 14:05": ("Asia/Seoul", "ko", "2024-04-24T05:05:00Z"),
    "2024년 4월 24일 오전 12:05": ("Asia/Seoul", "ko", "2024-04-23T15:05:00Z"),
    "24. aprīlis 2024, 14:05": ("Europe/Riga", "lv", "2024-04-24T11:05:00Z"),
    "24 de abril de 2024 ás 14:05": ("Europe/Madrid", "gl", "2024-04-24T12:05:00Z"),
    "24 Aibreán 2024 14:05": ("Europe/Dublin", "ga", "2024-04-24T13:05:00Z"),
    "24 Ebrill 2024, 14:05": ("Europe/London", "cy", "2024-04-24T13:05:00Z"),
}


@pytest.mark.parametrize("line", LINES)
def test_line(line: str) -> None:
    zone, language, expected = LINES[line]
    found = [one.moment.text for one in find_dates(line, ZoneInfo(zone), language, NOW)]
    assert found[:1] == [expected]


def test_the_table_is_wide() -> None:
    assert len(LINES) >= 90
    assert len({language for _, language, _ in LINES.values()}) >= 40
