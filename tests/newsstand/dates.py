"""Dates as newsrooms of different languages show them to readers."""

from __future__ import annotations

from datetime import datetime

MONTHS = {
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر",
    "en": "January February March April May June July August September October November December",
    "es": "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря",
}


def visible(moment: datetime, language: str) -> str:
    """Write a local time the way a page in this language shows it."""
    clock = f"{moment:%H:%M}"
    if language == "fr":
        return f"{moment:%d.%m.%Y} {moment:%H}h{moment:%M}"
    if language == "zh":
        return f"{moment:%Y}年{moment:%m}月{moment:%d}日{clock}"
    if language == "ja":
        return f"{moment.year}年{moment.month}月{moment.day}日 {moment.hour}時{moment:%M}分"
    if language == "de":
        return f"{moment:%d.%m.%Y}, {clock} Uhr"
    month = MONTHS[language].split()[moment.month - 1]
    if language == "en":
        return f"{month} {moment.day}, {moment.year} at {moment.hour % 12 or 12}:{moment:%M} {moment:%p}".replace(
            "AM", "a.m."
        ).replace("PM", "p.m.")
    if language == "es":
        return f"{moment.day} de {month} de {moment.year} - {clock} h"
    if language == "ar":
        return f"{moment.day} {month} {moment.year} - {clock}".translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    return f"{moment.day} {month} {moment.year}, {clock}"
