"""What pages insert between and below the paragraphs: captions, teasers, link lists, the house's own words. By structure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from . import furniture, inlays, tables
from .document import one_line
from .furniture import HEADLINES, LINKED
from .lines import PROSE, Line
from .noise import SENTENCE_END

CONSENT_LINE = 500  # characters
FOREIGN = re.compile(
    r"external content|third[- ]party|(?:externe[rnms]?|fremde[rn]?) inhalte?|drittplattform|drittanbieter|social[- ]media|"
    r"contenus? (?:externe|tiers|intégré)|plateforme tierce|contenido externo|de terceros|conteúdo externo|de terceiros|"
    r"contenut[oi] estern[oi]|terze parti|externe inhoud|van derden|eksternt indhold|eksternt innhold|externt innehåll|"
    r"tredjepart|ulkopuoli|treści zewnętrzn|externí obsah|внешн\w+ контент|外部コンテンツ|第三方内容",
    re.I,
)
# A part of each of these, since finding a string is fifty times as fast as looking for the expression.
IN_FOREIGN = (
    "extern", "Extern", "hird", "fremde", "Dritt", "dritt", "ocial", "tiers", "tierce", "intégré", "terce", "estern",
    "terze", "derden", "kstern", "redjepart", "lkopuoli", "ewnętrzn", "нешн", "外部", "第三",
)  # fmt: skip
AGREE = re.compile(
    r"einverstanden|mit (?:einem|dem|ihrem) klick|zustimm|(?:inhalte?|beitrag) (?:anzeigen|laden)|i (?:agree|consent)|"
    r"by (?:clicking|activating|loading|playing)|your consent|allow (?:cookies|content)|j['’]accepte|en cliquant|"
    r"votre (?:accord|consentement)|acepto|al hacer clic|su consentimiento|concordo|ao clicar|accetto|cliccando|"
    r"il (?:tuo|suo) consenso|door te klikken|toestemming|ved at klikke|samtykke|godkänner|genom att klicka|"
    r"suostumus|zgod[aęy]|souhlas|соглас|同意",
    re.I,
)
APPENDED = 0.3  # of the text: more below a further <h1> is the text
HEADLINE = 40  # characters that a linked line has to be the headline of a teaser
CARD_SHARE, CARDS_SHARE = 0.15, 0.3  # of the text: a teaser holds less, and so do all teasers in it
MAIN = 0.8  # of the text: the block that holds so much of it is its block
CAPTION_LINE = 250  # characters of a caption
CAPTION_BOX = 60  # characters beside it in its picture's box: the photographer
PICTURE_LEVELS = 3  # above a line among which that box is
FLASH = 300  # of a text, without what stands with pictures ...
BESIDE = 0.5  # ... and of what does, that make that the text


def is_consent(text: str) -> bool:
    """Tell what stands in place of an embedded post until the reader agrees: it speaks of foreign content and of a click."""
    if len(text) >= CONSENT_LINE or not any(part in text for part in IN_FOREIGN):
        return False
    return FOREIGN.search(text) is not None and AGREE.search(text) is not None


def without_captions(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """Drop lines that stand alone with a picture in a box, whatever the box is called.

    A paragraph may stand so too: it has the class of the others, or its box has and stands beside theirs, or there is
    hardly any other text.
    """
    boxes = {at: box for at in kept if (box := _picture_box(lines[at])) is not None}
    if not boxes:
        return kept
    others = [lines[at] for at in kept if at not in boxes and lines[at].weight]
    if sum(line.weight for line in others) < min(FLASH, BESIDE * sum(lines[at].weight for at in boxes)):
        return kept
    signs = Counter((line.tag, name) for line in others if (name := line.node.get("class")))
    beside = {
        _stand(above, line)
        for line in others
        for above in (line.node, *islice(line.node.iterancestors(), PICTURE_LEVELS))
    }
    return [
        at
        for at in kept
        if at not in boxes
        or (lines[at].tag == "p" and signs["p", lines[at].node.get("class") or ""] > 1)
        or (lines[at].weight and _stand(boxes[at], lines[at]) in beside)
    ]


def _stand(box: HtmlElement, line: Line) -> tuple[object, ...]:
    """Return where and as what a box stands that holds a line, and as what the line."""
    return box.getparent(), box.tag, box.get("class"), line.tag, line.node.get("class")


def _picture_box(line: Line) -> HtmlElement | None:
    """Return the box that a line shares with a picture and hardly any other text."""
    if len(line.text) > CAPTION_LINE or line.tag in HEADLINES:
        return None
    for box in (line.node, *islice(line.node.iterancestors(), PICTURE_LEVELS)):
        if box.tag == "p" or (box is line.node and box.tag == "td"):
            continue  # a picture may stand in a paragraph
        if box.tag in ("article", "main", "body", "td") or len(box) > 6:
            return None
        if box.find(".//img") is not None:
            return box if len(one_line(box.text_content())) <= len(line.text) + CAPTION_BOX else None
    return None


def without_appendix(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """End the text at a further <h1>, if what follows stands in other blocks: another article, or the house's own."""
    if not kept:
        return kept
    end = next((at for at in range(kept[0] + 1, kept[-1]) if lines[at].tag == "h1"), kept[-1])
    homes = {lines[at].node.getparent() for at in kept if at < end}
    appended = {at for at in kept if at > end and lines[at].node.getparent() not in homes}
    if sum(len(lines[at].text) for at in appended) > APPENDED * sum(len(lines[at].text) for at in kept):
        return kept  # sections of one article, each with an <h1>
    return [at for at in kept if at not in appended]


def without_teasers(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """Drop teasers of other articles that stand between or below the paragraphs."""
    boxes = {**furniture.cards_of(lines), **_teased(lines, kept), **_listed(lines, kept)}
    total = sum(len(lines[at].text) for at in kept)
    wanted = set(boxes.values())
    mass: Counter[HtmlElement] = Counter()
    for at in kept if wanted else ():
        for above in (lines[at].node, *islice(lines[at].node.iterancestors(), 2 * furniture.CARD_DEPTH)):
            if above in wanted:
                mass[above] += len(lines[at].text)
    small = {box: size for box, size in mass.items() if size <= CARD_SHARE * total}
    if sum(small.values()) > CARDS_SHARE * total:
        return kept
    return [at for at in kept if at not in boxes or boxes[at] not in small]


def _teased(lines: Sequence[Line], kept: Sequence[int]) -> dict[int, HtmlElement]:
    """Return lines that share a box of their own with a linked line straight above them: the headline of a teaser."""
    homes = Counter(lines[at].node.getparent() for at in kept)
    around = {
        above
        for node, count in homes.items()
        if node is not None and count > 1
        for above in (node, *node.iterancestors())
    }
    boxes = {}
    for at in kept:
        above = lines[at - 1] if at else None
        if above is None or above.link_share < LINKED or len(above.text) < HEADLINE or SENTENCE_END.search(above.text):
            continue
        beside = set(islice(above.node.iterancestors(), furniture.CARD_DEPTH + 1))
        box = next(
            (one for one in islice(lines[at].node.iterancestors(), furniture.CARD_DEPTH + 1) if one in beside), None
        )
        if box is not None and box not in around:
            boxes[at] = box
    return boxes


def _listed(lines: Sequence[Line], kept: Sequence[int]) -> dict[int, HtmlElement]:
    """Return items of lists in an <aside> that begin with the linked headline of another page, whatever is said below."""
    boxes = {}
    for at in kept:
        item = lines[at].node
        if item.tag != "li" or (item.text and item.text.strip()) or lines[at].linked < HEADLINE:
            continue
        first = next(iter(item), None)
        if first is not None and first.tag == "a" and any(True for _ in item.iterancestors("aside")):
            boxes[at] = item
    return boxes


def without_labels(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """Drop sub-headings and labels of what was dropped: a link stands below them, in a box that the text does not share."""
    inside, homes = set(kept), {lines[at].node.getparent() for at in kept if lines[at].weight}
    dropped = set()
    for at in kept:
        if _is_label(lines[at]) and at + 1 < len(lines) and at + 1 not in inside and lines[at + 1].link_share > LINKED:
            box, below = lines[at].node.getparent(), lines[at + 1].node
            if box not in homes and (below is box or box in below.iterancestors()):
                dropped.add(at)
    return [at for at in kept if at not in dropped]


def _is_label(line: Line) -> bool:
    return (
        len(line.text) < PROSE
        and (line.tag in HEADLINES or line.text[-1] in ":：")
        and not SENTENCE_END.search(line.text)
    )


def without_afterword(lines: Sequence[Line], kept: list[int]) -> list[int]:
    """Drop what the house adds below the block of the text, in a block and a class of its own."""
    if not kept:
        return kept
    homes: Counter[HtmlElement | None] = Counter()
    for at in kept:
        homes[lines[at].node.getparent()] += lines[at].weight
    main, size = homes.most_common(1)[0]
    if size < MAIN * homes.total():
        return kept
    last = max(at for at in kept if lines[at].node.getparent() is main)
    signs = {(lines[at].tag, lines[at].node.get("class")) for at in kept if at <= last}
    return [
        at
        for at in kept
        if at <= last
        or lines[at].tag == tables.ROW
        or any(above.getparent() is main for above in lines[at].node.iterancestors(*inlays.LISTS))
        or (lines[at].tag, lines[at].node.get("class")) in signs
    ]
