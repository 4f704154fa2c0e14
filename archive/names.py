"""Names of people, divided into family and given name only where nothing speaks against it.

A byline does not say which word is the family's: in Chinese, Hungarian or Vietnamese it comes first, in Arabic there may
be none, "Associated Press" is nobody's. A name that is left whole is cited right in every style; one that is divided
wrongly is not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """A name; without `given` it is `family` alone, and not to be taken apart."""

    family: str
    given: str = ""


# Languages of two-word names with the given one first; Spanish and Portuguese too, where there are two words and no more.
_GIVEN_FIRST = frozenset("ca cs da de en es et fi fr gl hr is it lt lv nb nl nn no pl pt ro sk sl sq sv tr".split())
# Outlets of countries where the family comes first write the names of their own people so in any language.
_FAMILY_FIRST_IN = frozenset("cn hk hu jp kh kp kr mn mo sg tw vn".split())
# The most frequent family names of people who are written so in Latin letters, wherever they work.
_FAMILY_FIRST = frozenset(
    "bai cai cao chan chang chen cheng cho choi chung dang deng ding do dong du duong fan fang feng fu gao gu guo han hao he "
    "ho hoang hong hu huang huynh hwang jang jeon jiang jin jung kang kim kong kwon lai lam lau le lee lei leung li liang "
    "liao lim lin liu long lu luo luong lý ma mao meng nam ngo nguyen nguyễn pan park peng pham phan qi qian qin qiu ren ryu "
    "seo shao shen shi shin son song su sun tan tang tao tian tran trần trinh vo vu wan wang wei wen wong wu xi xia xiang "
    "xiao xie xiong xu xue yan yang yao ye yeung yi yin yoo yoon yu yuan zeng zhai zhang zhao zheng zhong zhou zhu zou".split()
)
# Words of those who are no person.
_NOBODY = frozenset(
    "agence agencia agency agentur agenzia and archive associated bbc board bureau by channel china company contributor "
    "correspondent correspondents daily desk deutsche digital editor editorial editors express foreign france from gazette "
    "global group guest herald international journal kommentar magazine media monitor national network news newsroom nyheter "
    "office online post presse press producer radio redacción redaction redaktion redazione rédaction report reporter "
    "reporters reuters service special staff studio team telegraph television the times today tribune tv united webdesk "
    "wire wires with world writer writers xinhua".split()
)  # fmt: skip
_WORD = re.compile(
    r"[A-ZÀ-ÖØ-ÞĀ-Ž](?:['’]?[A-ZÀ-Þ])?[a-zà-öø-ÿāăąćčďđēĕėęěğģīįıķĺļľłńņňőœŕřśşšţťūůűųźżžșț]+(?:['’-][A-ZÀ-Þa-zà-ÿ]+)*"
)
_INITIAL = re.compile(r"[A-ZÀ-Þ]\.")


def parted(name: str, language: str, country: str) -> Name:
    """A name as the outlet of a country writes it in a language, divided if that is safe."""
    words = name.split()
    whole = Name(" ".join(words))
    if language.partition("-")[0] not in _GIVEN_FIRST or country.lower() in _FAMILY_FIRST_IN:
        return whole
    given, *middle, family = words if len(words) > 1 else (*words, "", "")
    if not _WORD.fullmatch(given) or not _WORD.fullmatch(family):
        return whole
    if len(middle) > 1 or not all(_INITIAL.fullmatch(word) for word in middle):
        return whole
    if given.lower() in _FAMILY_FIRST or {given.lower(), family.lower()} & _NOBODY:
        return whole
    return Name(family, " ".join([given, *middle]))
