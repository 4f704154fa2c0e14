"""Country and language codes that a source file may use."""

from __future__ import annotations

import re

# ISO 3166-1 alpha-2, as officially assigned, and two user-assigned codes: xk (Kosovo) and zz (country unknown)
_COUNTRIES = (
    "ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bl bm bn bo bq br bs bt bv bw by bz "
    "ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz de dj dk dm do dz ec ee eg eh er es et fi fj fk fm fo "
    "fr ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it je "
    "jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mf mg mh mk ml mm mn mo "
    "mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw "
    "py qa re ro rs ru rw sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st sv sx sy sz tc td tf tg th tj tk tl tm "
    "tn to tr tt tv tw tz ua ug um us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw xk zz"
)
COUNTRIES = frozenset(_COUNTRIES.split())

# ISO 639-1; languages without a code of two letters have one of three, which is not checked against a list
_LANGUAGES = (
    "aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el en "
    "eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu ja jv "
    "ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne "
    "ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st "
    "su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
)
LANGUAGES = frozenset(_LANGUAGES.split())


def check_country(code: str) -> str:
    """Give the code back when it is a country's. Raises ValueError."""
    if code in COUNTRIES:
        return code
    if code.lower() == "uk":
        raise ValueError(f"{code!r} is not a country code: the United Kingdom is 'gb' (and Ukraine 'ua')")
    if code.lower() in COUNTRIES:
        raise ValueError(f"{code!r} must be in lower case: {code.lower()!r}")
    raise ValueError(f"{code!r} is not a country code: two letters of ISO 3166-1, or 'zz' when it is unknown")


def check_language(tag: str) -> str:
    """Give the tag back when it is a language of BCP 47: `fr`, `pt-BR`, `zh-Hant`, `und`. Raises ValueError."""
    match = re.fullmatch(r"([a-z]{2,3})(-[A-Z][a-z]{3})?(-[A-Z]{2}|-[0-9]{3})?", tag)
    if match is None:
        raise ValueError(f"{tag!r} is not a language tag: write it as in 'fr', 'pt-BR' or 'zh-Hant'")
    if len(match[1]) == 2 and match[1] not in LANGUAGES:
        raise ValueError(f"{tag!r} is not a language tag: ISO 639 has no language {match[1]!r}")
    return tag
