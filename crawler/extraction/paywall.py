"""Whether a page shows only the beginning of its article to those who do not pay."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from .anycase import AnyCase
from .document import Document
from .lines import Line
from .structured import Facts

BELOW = 15  # lines below the text among which the wall stands
WALL_LINE = 160  # characters of what it says
TEASER = 1500  # characters; a longer text needs the word of the markup too
LEVELS = 6  # elements around the line that may be called a wall
LOCKED_TIERS = frozenset(["locked", "premium", "paid", "subscriber", "subscribers", "plus"])
MARKED = re.compile(
    r"paywall|pay-wall|regwall|subscri(?:be|ber|ption)|premium|piano|barrier|locked|members?-?only|abo-?(?:wall|box)",
    re.I,
)
SAYS = AnyCase(
    r"subscribe to (?:continue|keep|read)|to continue reading|continue reading with|for subscribers only|"
    r"(?:exclusive|reserved|available only) (?:for|to) (?:our )?(?:subscribers|members)|already a subscriber|"
    r"this (?:article|story|content) is for (?:paying )?(?:subscribers|members)|"
    r"jetzt weiterlesen|weiterlesen mit|weiterlesen\?|nur für abonnenten|exklusiv für (?:abonnenten|mitglieder)|"
    r"sie möchten weiterlesen|bereits abonnent|"
    r"réservée? aux abonn|la suite (?:est|de cet article)|il vous reste [\d.,]+ ?% |déjà abonné|pour lire la suite|"
    r"(?:exclusivo|solo|sólo) para (?:suscriptores|socios)|para seguir leyendo|ya eres suscriptor|"
    r"(?:exclusivo|só) para assinantes|continue lendo|já é assinante|"
    r"riservat[oa] agli abbonati|per continuare a leggere|sei già abbonato|"
    r"alleen voor abonnees|om verder te lezen|(?:nur|kun) for abonnenter|for abonnenter|for å lese videre|"
    r"for at læse videre|endast för prenumeranter|för att läsa vidare|vain tilaajille|lue koko juttu|"
    r"tylko dla (?:subskrybentów|prenumeratorów)|aby czytać dalej|pozostało (?:jeszcze )?\d+ ?%|"
    r"pouze pro předplatitele|len pre predplatiteľov|csak előfizetőknek|doar pentru abonați|samo za pretplatnike|"
    r"только (?:для подписчиков|по подписке)|доступ(?:ен|но|на) (?:только )?подписчикам|тільки для передплатників|"
    r"μόνο για συνδρομητές|sadece aboneler|abonelere özel|للمشتركين فقط|ویژه مشترکان|למנויים בלבד|"
    r"会員限定|有料会員|残り\d+文字|この記事は有料|続きを読むには|구독자 전용|유료 회원|付费(?:阅读|内容)|订阅后(?:继续)?阅读|訂閱(?:會員|後)|"
    r"khusus pelanggan|dành cho thuê bao",
)


def is_wall(line: str) -> bool:
    """Tell a line that says that only subscribers may read on."""
    return len(line) <= WALL_LINE and SAYS.search(line) is not None


def is_walled(document: Document, facts: Facts, lines: Sequence[Line], last: int, size: int) -> bool:
    """Tell a teaser, by what the page says for machines, else by what stands below its text.

    `last` is the index of the text's last line, `size` the text's length. Wording counts where the text is short, or
    where the markup calls the block of it a wall as well: papers that are free advertise subscriptions too.
    """
    if facts.free is not None:
        return not facts.free
    if document.meta("article:content_tier").lower() in LOCKED_TIERS:
        return True
    for line in lines[last : last + BELOW]:
        if is_wall(line.text):
            around = (line.node, *islice(line.node.iterancestors(), LEVELS))
            if size < TEASER or any(MARKED.search(f"{n.get('class') or ''} {n.get('id') or ''}") for n in around):
                return True
    return False
