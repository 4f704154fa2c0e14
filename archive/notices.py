"""Lines by which a publisher says that an article was corrected, in many languages.

A maintained list: add what is missing, in lower case. LABELS open a line and are followed by a colon, a dash or the end
of the line ("Correction: ..."), since "Correction of the markets" is news; the WIDE ones, which also open news and notes of
other kinds ("Clarification: so the minister called his letter"), say so only of a line that speaks of an article or an
error (ABOUT). PHRASES stand near the beginning of a line, since "the minister showed an earlier version of the bill" is news
too; SETTLED ones stand anywhere.
"""

from __future__ import annotations

import re

from archive.likeness import normalise

LONGEST = 1_000  # characters of a line that is looked at; a notice is a paragraph at most
EARLY = 60  # characters of a line within which a phrase begins
SHORT_LABEL = 40  # characters of a line that is nothing but a label


def _any(entries: str) -> str:
    return "|".join(re.escape(normalise(entry)) for entry in sorted(entries.split("|"), key=len, reverse=True))


LABELS = (
    # English
    "correction|corrections|corrected|editor's note|editors' note|"
    "correction and clarification|corrections and clarifications|erratum|errata|update and correction|correction to this article|"
    "correction appended|this story has been corrected|"
    # German, Dutch, Scandinavian, Finnish, Icelandic
    "korrektur|berichtigung|richtigstellung|korrekturhinweis|korrektur der redaktion|"
    "correctie|rectificatie|rechtzetting|rättelse|rättelser|"
    "rettelse|rettelser|berigtigelse|korreksjon|oikaisu|korjaus|leiðrétting|árétting|"
    # French, Spanish, Portuguese, Italian, Catalan, Romanian
    "rectificatif|rectification|erratum|"
    "corrección|rectificación|fe de erratas|fe de errores|"
    "correção|retificação|rectificação|erramos|"
    "rettifica|correzione|errata corrige|correcció|rectificació|"
    "corectură|rectificare|erată|"
    # Slavic, Baltic, Hungarian, Greek, Turkish, Albanian
    "исправление|поправка|опровержение|исправлено|уточнено|виправлення|спростування|"
    "папраўка|корекция|поправка|исправка|исправак|деманти|ispravka|ispravak|demanti|popravek|"
    "sprostowanie|korekta|oprava|omluva a oprava|pataisymas|"
    "labojums|parandus|helyreigazítás|helyesbítés|javítás|διόρθωση|επανόρθωση|"
    "düzeltme|tekzip|korrigjim|"
    # Arabic, Persian, Hebrew, Urdu, Kurdish
    "تصحيح|تصويب|استدراك|تصحیح|اصلاحیه|اصلاح|תיקון|"
    "تصحیح|ڕاستکردنەوە|"
    # Chinese, Japanese, Korean
    "更正|更正启事|更正啟事|更正说明|更正說明|勘误|勘誤|編者按更正|訂正|お詫びと訂正|おわび|修正|訂正してお詫びします|"
    "정정|바로잡습니다|정정보도|"
    # Indic, South-East Asian, Swahili, others
    "सुधार|शुद्धिपत्र|संशोधन|भूल-सुधार|भूल सुधार|সংশোধনী|সংশোধন|திருத்தம்|సవరణ|തിരുത്ത്|ತಿದ್ದುಪಡಿ|સુધારો|ਸੋਧ|දෝෂ නිවැරදි කිරීම|"
    "แก้ไข|แก้ไขข่าว|แก้ไขข้อมูล|แก้ข่าว|đính chính|cải chính|ralat|koreksi|pembetulan|pagtatama|masahihisho|marekebisho|"
    "სწორება|ճշտում|ուղղում|түзету|düzəliş|tuzatish|залруулга"
)

WIDE = (
    "clarification|clarifications|amendment|retraction|klarstellung|hinweis der redaktion|hinweis|"
    "anmerkung der redaktion|anm. d. red|verduidelijking|noot van de redactie|förtydligande|præcisering|"
    "presisering|beklager|tarkennus|précision|mise au point|note de la rédaction|droit de réponse|aclaración|"
    "precisión|nota de la redacción|nota del editor|esclarecimento|nota da redação|nota do editor|precisazione|"
    "chiarimento|nota della redazione|aclariment|precizare|nota redacției|drept la replică|уточнение|"
    "от редакции|уточнення|від редакції|удакладненне|пояснение|pojasnilo|wyjaśnienie|od redakcji|upřesnění|"
    "spresnenie|patikslinimas|precizējums|täpsustus|pontosítás|διευκρίνιση|açıklama|sqarim|توضيح|تنويه|اعتذار|"
    "توضیح|پوزش|הבהרה|התנצלות|وضاحت|澄清|致歉|おことわり|알려드립니다|स्पष्टीकरण|விளக்கம்|ชี้แจง|klarifikasi|paglilinaw|"
    "დაზუსტება|нақтылау|dəqiqləşdirmə"
)

ABOUT = (
    # the article, a version of it, its headline; an error; to correct
    "article|story|report|headline|version|caption|error|mistake|incorrect|wrong|misstat|misspel|correct|artikel|beitrag|bericht|überschrift|"
    "fassung|fehler|falsch|irrtüm|korrig|berichtig|fout|onjuist|verbeter|felaktig|rätta|fejl|feil|rettet|virhe|korjattu|erreur|"
    "erroné|corrig|artículo|error|errónea|erróneo|noticia|artigo|notícia|erro|incorret|articolo|errore|sbagliat|errat|"
    "corrett|eroare|eronat|greșit|articol|стать|заметк|ошиб|неверн|исправ|помилк|статт|виправ|памылк|грешк|greš|грешн|članku|błąd|błęd|"
    "artykuł|chyb|opraven|článk|klaid|straipsn|kļūd|rakst|artikl|hiba|téves|cikk|λάθος|άρθρο|hatalı|hatayı|yanlış|haber|gabim|xəta|"
    "خطأ|خطا|الخبر|المقال|نسخة|اشتباه|خبر|مطلب|טעות|כתבה|غلطی|本文|本报|文章|报道|報道|报导|報導|有误|有誤|错误|錯誤|更正|記事|誤り|訂正|기사|오류|잘못|정정|"
    "लेख|खबर|गलत|त्रुटि|செய்தி|தவறு|ข่าว|บทความ|ผิดพลาด|คลาดเคลื่อน|artikel|berita|kesalahan|keliru|შეცდომ|қате"
)

PHRASES = (
    # English
    "earlier version of this article|previous version of this article|earlier version of this story|previous version of this story|earlier version of this report|previous version of this report|earlier version of this page|previous version of this page|earlier version of this post|previous version of this post|earlier version of this headline|previous version of this headline|earlier version of this caption|previous version of this caption|earlier version of this interview|previous version of this interview|earlier version of this obituary|previous version of this obituary|earlier version of this review|previous version of this review|earlier version of this column|previous version of this column|earlier version of this piece|previous version of this piece|earlier version of this graphic|previous version of this graphic|earlier version of this newsletter|previous version of this newsletter|earlier version of the article|earlier version of the story|this article has been corrected|"
    "this story has been corrected|this article was corrected|this story was corrected|this article was amended|this article has been amended|this report has been corrected|"
    "this article has been updated to correct|this story has been updated to correct|corrects spelling|corrects the spelling|"
    "has been updated to clarify|was updated to clarify|we originally reported|we originally said|we originally wrote|"
    "we initially reported|we previously reported incorrectly|we incorrectly reported|we incorrectly stated|"
    # German, Dutch, Scandinavian, Finnish
    "in einer früheren version|in einer vorherigen version|in einer früheren fassung|in einer ersten version|ursprünglich hieß es|"
    "wir haben den fehler korrigiert|wir bitten den fehler zu entschuldigen|wir haben dies korrigiert|wir haben das korrigiert|"
    "in een eerdere versie|een eerdere versie van dit|in een vorige versie|i en tidigare version|en tidligere version af|"
    "i en tidligere version|i en tidligere versjon|en tidligere versjon av|aiemmassa versiossa|jutussa kerrottiin aiemmin|"
    # French, Spanish, Portuguese, Italian, Romanian
    "une version précédente|une version antérieure|une première version de|dans une version précédente|article a été corrigé|"
    "una versión anterior|una versión previa|en una versión anterior|este artículo ha sido corregido|esta noticia ha sido corregida|"
    "uma versão anterior|na versão anterior|a versão anterior deste|versão inicial deste|una precedente versione|una versione precedente|"
    "nella versione precedente|versione originale di questo articolo|o versiune anterioară|versiunea inițială a|"
    # Slavic, Hungarian, Greek, Turkish
    "в предыдущей версии|в первоначальной версии|в более ранней версии|в первой версии|у попередній версії|у першій версії|"
    "предишна версия на|у претходној верзији|u prethodnoj verziji|w poprzedniej wersji|we wcześniejszej wersji|w pierwotnej wersji|"
    "v předchozí verzi|v původní verzi|v predchádzajúcej verzii|cikkünk korábbi változatában|korábbi verziójában|"
    "σε προηγούμενη έκδοση|προηγούμενη εκδοχή του άρθρου|haberin önceki|haberin ilk halinde|önceki versiyonunda|"
    # Arabic, Persian, Hebrew
    "في نسخة سابقة|نسخة سابقة من هذا|در نسخه قبلی|در نسخهٔ پیشین|بגרסה קודמת|בגרסה קודמת|"
    # East and South-East Asian, Indic
    "此前版本|早前版本|之前的版本|先前版本|本文已更正|特此更正|以前の記事で|当初の記事|初出時|誤りがありました|誤りでした|訂正しました|"
    "訂正します|お詫びして訂正|이전 버전의|이 기사는 수정|바로잡습니다|phiên bản trước của bài|bài viết đã được đính chính|"
    "versi sebelumnya|versi terdahulu|इस लेख के पिछले संस्करण|पिछले संस्करण में|toleo la awali la"
)

SETTLED = (
    "we regret the error|regrets the error|regret this error|apologise for the error|apologize for the error|wir bitten den fehler zu entschuldigen|"
    "wir bitten, den fehler zu entschuldigen|lamentamos el error|nous regrettons cette erreur|pedimos desculpas pelo erro|ci scusiamo per l'errore|"
    "приносим извинения за ошибку|特此更正|お詫びして訂正"
)


_AFTER = r"(?:\s*\([^)]{1,40}\))?\s*(?:[:—–|】\]」》]|-\s|\.(?:\s|$)|$)"
_OPENING = re.compile(rf"[\W_]{{0,3}}(?:{_any(LABELS)}){_AFTER}")
_WIDE_OPENING = re.compile(rf"[\W_]{{0,3}}(?:{_any(WIDE)}){_AFTER}")
# where words are parted by spaces an entry is the beginning of one
_ABOUT = re.compile("|".join(rf"\b{entry}" if entry.upper() != entry else entry for entry in _any(ABOUT).split("|")))
_SAID = re.compile(_any(PHRASES))
_SETTLED = re.compile(_any(SETTLED))


def is_notice(line: str) -> bool:
    """Does a line say that the article was corrected?"""
    folded = normalise(line[:LONGEST]).replace("’", "'")
    if _OPENING.match(folded) or _SETTLED.search(folded):
        return True
    if (wide := _WIDE_OPENING.match(folded)) and (wide.end() == len(folded) or _ABOUT.search(folded, wide.end())):
        return True
    said = _SAID.search(folded)
    return said is not None and said.start() < EARLY


def notice_in(text: str) -> str:
    """The first line of a text that says so; "" when none does. A label on a line of its own brings the next one."""
    lines = text.split("\n")
    for at, line in enumerate(lines):
        if is_notice(line):
            alone = len(line) < SHORT_LABEL and at + 1 < len(lines)
            return f"{line} {lines[at + 1]}" if alone else line
    return ""
