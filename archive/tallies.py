"""Lines that count or date the page and not what the article tells of: "Read 1,234 times", "Updated: 3 March, 14:05".

A maintained list of words, in lower case: add what is missing. Such a line has nothing in it but figures, dates and these
words, one of them a word of COUNTED or STAMPED; "Dead: 12" and "Kick-off: 20:45" have others, and are the article's.
"""

from __future__ import annotations

import re

from archive.likeness import normalise

LONGEST = 80  # characters
FIGURES = re.compile(r"\d+(?:[.,:'’\s]\d+)*")

COUNTED = (
    # English, German, Dutch, Scandinavian, Finnish
    "read reads readers viewed view views pageviews comment comments commented reply replies response responses reaction "
    "reactions share shares shared like likes liked hits clicks visits retweets reposts bookmarks followers subscribers "
    "gelesen aufrufe aufgerufen abrufe klicks leser lesezeit kommentar kommentare kommentieren antworten geteilt mal-gelesen "
    "gelezen weergaven reacties reactie gedeeld leestijd visningar visninger kommentarer lästa läst læst lest delingar delinger "
    "lukukertaa kommenttia kommentit luettu "
    # French, Spanish, Portuguese, Italian, Catalan, Romanian
    "lu lue vu vues vue lectures lecture lecteurs commentaire commentaires partages partage partagé réactions leído leída lecturas "
    "visualizaciones visitas vistas comentario comentarios compartido compartidos compartir lido lida leituras visualizações "
    "visualizacoes comentário comentários partilhas compartilhamentos letto letta letture visualizzazioni commento commenti "
    "condivisioni llegit visualitzacions comentaris citit citită vizualizări afișări comentariu comentarii distribuiri "
    # Slavic, Baltic, Hungarian, Greek, Turkish, Albanian
    "просмотров просмотра просмотр просмотры прочитали прочитано прочтений комментарий комментария комментариев комментарии "
    "переглядів перегляди перегляд прочитали коментар коментаря коментарів коментарі праглядаў прегледа прегледи прочетена "
    "коментара прочитано прегледано pregleda pročitano komentara komentar komentari ogledov wyświetleń wyświetlenia odsłon "
    "przeczytano komentarz komentarze komentarzy udostępnień zobrazení přečteno komentář komentáře komentářů komentár komentáre "
    "prečítané peržiūros peržiūrų komentarai skatījumi skatīts komentāri vaatamisi kommentaari megtekintés olvasás hozzászólás "
    "olvasták προβολές προβολή αναγνώσεις διαβάστηκε σχόλια σχόλιο okunma okundu görüntülenme görüntüleme yorum yorumlar "
    "lexime shikime komente baxış oxunub şərh "
    # Arabic, Persian, Hebrew, Urdu
    "مشاهدة مشاهدات المشاهدات قراءة قراءات القراءات القراء زيارة زيارات الزيارات تعليق تعليقات التعليقات مشاركة مشاركات "
    "المشاركات إعجاب بازدید بازدیدها بازدیدهای نظر نظرات دیدگاه دیدگاه‌ها דיגיטלי צפיות תגובות תגובה צפייה קריאות تبصرے تبصرہ مناظر "
    # Indic, South-East Asian, Swahili
    "पढ़ी पढ़ा पढा पढी व्यूज टिप्पणी टिप्पणियां टिप्पणियाँ कमेंट शेयर বার-পড়া পঠিত পড়া মন্তব্য পড়েছেন பார்வைகள் கருத்துகள் వీక్షణలు వ్యాఖ్యలు "
    "dibaca dilihat komentar dibagikan tayangan tontonan ulasan lượt-xem xem đọc luận thích mara-soma maoni"
)  # fmt: skip
STAMPED = (
    "updated update posted published modified changed edited ago now just aktualisiert stand veröffentlicht zuletzt geändert "
    "vor eben bijgewerkt gepubliceerd geleden zojuist uppdaterad publicerad opdateret udgivet oppdatert publisert sedan siden "
    "päivitetty julkaistu sitten actualisé publié modifié instant hay hace actualizado actualizada publicado publicada "
    "modificado atualizado atualizada há atrás aggiornato aggiornamento pubblicato modificato fa actualitzat publicat fa acum "
    "actualizat modificat il обновлено обновлена опубликовано опубликована изменено назад оновлено опубліковано змінено тому "
    "абноўлена апублікавана обновена публикувано преди ажурирано објављено пре ažurirano objavljeno prije aktualizacja "
    "aktualizováno aktualizované zaktualizowano opublikowano publikacja temu publikováno vydáno před pred posodobljeno objavljeno "
    "atnaujinta paskelbta prieš atjaunots publicēts pirms uuendatud avaldatud tagasi frissítve frissítés megjelent ezelőtt "
    "ενημέρωση ενημερώθηκε δημοσίευση δημοσιεύτηκε πριν güncelleme güncellendi güncellenme yayınlanma yayınlandı yayın önce "
    "përditësuar publikuar yenilənib yayımlanıb təhrif "
    "تحديث محدث حدث التحديث نشر نشرت النشر منذ قبل بروزرسانی به‌روزرسانی انتشار پیش עודכן עדכון פורסם לפני अपडेट अपडेटेड "
    "प्रकाशित पहले আপডেট প্রকাশ প্রকাশিত আগে diperbarui diterbitkan terbit lalu dikemaskini diterbit cập-nhật cập nhật trước imesasishwa"
)
PLAIN = (
    "this the article page story post report item news text has have been was is by on of in times time x k m mio min mins minute "
    "minutes hour hours day days second seconds last total number people readers users dieser diese dieses der die das artikel "
    "beitrag text seite meldung wurde bisher bereits mal am um vom minuten stunden stunde tagen tag sekunden von dit artikel is keer "
    "bericht werd op om uur minuten dagen den denna artikel har gånger ganger gange minuter minutter timmar timer siden for kl klo "
    "kertaa tämä artikkeli on minuuttia tuntia cet cette le la les l d à a article été fois page par il y heures heure jours jour "
    "minutes mis jour este esta el artículo noticia ha sido veces vez lo las los de del en hora horas día días minutos minuto se "
    "artigo notícia foi vezes o os às dia dias questo questa articolo notizia è stato stata volte volta ore ora alle il giorni minuti "
    "acest articol a fost de ori la data ore minute этот эта статья статью новость новости материал раз раза г года в человек минут "
    "минуты минуту часов часа час дней дня последнее ця стаття статтю новина разів рази р о хвилин годин години пъти статията минути "
    "часа ten artykuł raz razy o godz dnia minut godzin tento článek článok byl bol krát v hod minut minutami hodinami ez a cikket "
    "alkalommal perce órája napja φορές άρθρο ώρα λεπτά ώρες το στις bu haber kez kere defa dakika saat gün son tarihi "
    "تمت تم هذا هذه الخبر المقال المقالة الموضوع مرة مرات عدد آخر في يوم الساعة دقيقة دقائق ساعة ساعات بتاريخ م ص "
    "این خبر بار تعداد ساعت دقیقه آخرین הכתבה פעמים נקראה דקות שעות בשעה מספר यह खबर लेख बार गई गया है को घंटे मिनट "
    "এই খবর সংবাদ বার টি মিনিট ঘণ্টা berita artikel ini kali telah sudah menit jam yang bài này lượt lần bình giờ phút ngày lúc"
)  # fmt: skip
TIMED = "at am pm a p m uhr h gmt utc est edt cet cest msk bst ist wib wita h г р น gmt+ klo kl às las alle и o μ π"
_JOINED_COUNTED = (
    "阅读量|阅读数|阅读|閱讀|浏览量|浏览|瀏覽|点击|點擊|评论|評論|留言|转发|点赞|回复|人气|人氣|读まれました|読まれました|閲覧数|閲覧|コメント|"
    "いいね|シェア|再生|조회수|조회|댓글|읽음|공유|좋아요|จำนวนผู้อ่าน|ผู้อ่าน|เข้าชม|อ่าน|ความคิดเห็น|คอมเมนต์|แชร์|ការចូលមើល|ကြည့်ရှု"
)
_JOINED_STAMPED = (
    "最后更新|最後更新|更新日時|更新时间|更新時間|更新于|更新|发布时间|發布時間|发布于|发布|發布|发表于|公開日|公開|配信|掲載|最終更新|刚刚|剛剛|分钟前|"
    "小时前|天前|分鐘前|小時前|分前|時間前|日前|입력|수정|등록|업데이트|분 전|시간 전|ปรับปรุงล่าสุด|ปรับปรุง|อัปเดตล่าสุด|อัปเดต|อัพเดท|เผยแพร่|"
    "นาทีที่แล้ว|ชั่วโมงที่แล้ว|បានធ្វើបច្ចុប្បន្នភាព"
)
_JOINED_PLAIN = (
    "本文章|本文|这篇|文章|新闻|已被|共|次数|次|人次|人|条|條|数|量|この記事は|この記事|この|記事|は|回|件|个|이 기사는|이 기사|기사|회|건|개|명|번|"
    "ข่าวนี้|บทความนี้|ครั้ง|คน|เมื่อ|วันที่|เวลา|น"
)
_JOINED_TIMED = "年|月|日|时|時|分|秒|年|월|일|년|시|분|上午|下午|午前|午後|오전|오후"

_PARTED = re.compile(r"""[\s!-/:-@\[-`{-~·•–—…“”„«»‘’،؛。、|｜।۔×▲▼✓✔👁💬❤]+""")
_WORD = r"[^\s\d,:;|/()]{1,16}"
_DATE = re.compile(
    rf"(?:{_WORD},\s)?\d{{1,2}}\.?(?:\s(?:de|of|d'))?\s{_WORD}(?:\sde|\sdel)?,?\s(?:19|20|25|13|14)\d\d(?!\d)"
    rf"|(?:{_WORD},\s)?{_WORD}\s\d{{1,2}},\s(?:19|20|25|13|14)\d\d(?!\d)"
    r"|(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{1,4}(?!\d)|(?<!\d)\d{1,2}\s?[:h]\s?\d\d(?!\d)|\d{4}年\d{1,2}月\d{1,2}日?"
)


def _set_of(*entries: str) -> frozenset[str]:
    return frozenset(normalise(part) for entry in entries for word in entry.split() for part in word.split("-"))


def _pattern(*entries: str) -> re.Pattern[str]:
    words = {normalise(word) for entry in entries for word in entry.split("|")}
    return re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)))


_TELLING = _set_of(COUNTED, STAMPED)
_ALL = _TELLING | _set_of(PLAIN, TIMED)
_TIMED = _set_of(TIMED)
_JOINED_TELLING = _pattern(_JOINED_COUNTED, _JOINED_STAMPED)
_JOINED = _pattern(_JOINED_COUNTED, _JOINED_STAMPED, _JOINED_PLAIN, _JOINED_TIMED)
_JOINED_TIME = _pattern(_JOINED_TIMED)


def counts_the_page(line: str) -> bool:
    """Does a normalised line say nothing but how often a page was read or shared, or when it was put there?"""
    return FIGURES.search(line) is not None and is_worded(line)


def is_worded(line: str) -> bool:
    """The same of a line that may have no figure: "Just now", "Comments"."""
    if len(line) > LONGEST:
        return False
    rest = FIGURES.sub(" ", _DATE.sub(" ", line))
    words = _words(_JOINED.sub(" ", rest))
    telling = _JOINED_TELLING.search(rest) is not None or not _TELLING.isdisjoint(words)
    return telling and all(word in _ALL for word in words)


def is_bare(line: str) -> bool:
    """Is a normalised line nothing but a number, a time or a date?"""
    if len(line) > LONGEST or FIGURES.search(line) is None:
        return False
    return all(word in _TIMED for word in _words(_JOINED_TIME.sub(" ", FIGURES.sub(" ", _DATE.sub(" ", line)))))


def is_date(line: str) -> bool:
    """Is a bare line a time or a date?"""
    return is_bare(line) and _DATE.search(line) is not None


def _words(rest: str) -> list[str]:
    return [word for word in _PARTED.split(rest) if word]
