"""Pages that stand before the article or in its place: logins, checks for robots, consent, scripts, soft 404s.

Wording is in many languages, but what a page is made of comes first: a field for a password, the form of a robot check.
"""

from __future__ import annotations

import re

from lxml.html import HtmlElement

from .document import parse

SHELL = 600  # characters; an error page or a wall says less ...
CONSENT = 2500  # ... but one that asks for consent says much
WALLED = 0.4  # of a wall's text
TITLED = 0.2  # of a wall's text, when its headline says so too
SOLE = 0.8  # of the text of a page that has nothing else, whatever it calls itself
FEW_LINKS = 15  # on a page that only asks for consent
CHECK = 300  # characters that a robot check says
NAMED = 6  # words that name a login page
LOGIN_LEVELS = 8  # elements around a field for a password that may be called a side matter

NOT_FOUND = re.compile(
    r"^\W*(?:(?:oops|error|err|http|status|code|fehler|erreur|errore|erro|fel|feil|fejl|virhe|błąd|chyba|hiba|eroare|greška|"
    r"грешка|ошибка|помилка|σφάλμα|hata|خطأ|خطای?|שגיאה|त्रुटि|错误|錯誤|エラー|오류|lỗi|kesalahan|ข้อผิดพลาด)\W*){0,3}"
    r"(?:404|410)(?:\W*$|\W*[-–—|:.!(]|\s+(?:not|page|error|file))|"
    r"^\W*(?:(?:page |file |404 )?not found|nicht gefunden|introuvable|no encontrado|não encontrado|non trovato|"
    r"niet gevonden|nie znaleziono|nenalezeno|не найдено|не знайдено|找不到|không tìm thấy|tidak ditemukan)\W*$",
    re.I,
)
GONE = re.compile(
    r"\b(?:page|article|content|document|address|url|link)\b.{0,40}(?:\b(?:not|cannot|can['’]t|couldn['’]t|could not) be (?:found|located)|"
    r"\bnot found|\bdoes(?: not|n['’]t) exist|\bno longer (?:available|exists?)|\b(?:was|been) (?:moved or )?(?:removed|deleted)\b)|"
    r"(?:could not|couldn['’]t|can['’]t|cannot|unable to) find (?:the|that|this|your) (?:page|article)|"
    r"nothing was found|page introuvable|page.{0,40}n['’](?:existe (?:pas|plus)|est (?:pas|plus) disponible|a pas été trouvée)|"
    r"seite.{0,40}(?:nicht (?:gefunden|finden|verfügbar|vorhanden)|existiert (?:leider )?nicht)|"
    r"página.{0,40}(?:no (?:existe|encontrad|se (?:encuentra|ha encontrado)|está disponible)|não (?:existe|encontrad|foi encontrad))|"
    r"pagina.{0,40}(?:non (?:trovata|esiste|è)|niet (?:gevonden|worden gevonden|bestaat|meer)|nu (?:a fost|există))|"
    r"(?:sidan|siden|sivua|síðan).{0,40}(?:hittades inte|finns inte|ikke (?:funnet|fundet|findes)|finnes ikke|findes ikke|ei löyt|ei ole|fannst ekki)|"
    r"stron[ay].{0,40}(?:nie (?:istnieje|została znaleziona|znaleziono))|nie znaleziono strony|"
    r"stránk[au].{0,40}(?:nenalezen|neexistuje|nebola nájdená)|stranica.{0,40}(?:nije pronađena|ne postoji)|oldal nem található|"
    r"страниц[аы].{0,40}не (?:найден|существует)|сторінк[аиу].{0,40}не (?:знайден|існує)|страницата не (?:е намерена|съществува)|"
    r"σελίδα.{0,40}δεν (?:βρέθηκε|υπάρχει)|sayfa.{0,20}(?:bulunamadı|mevcut değil)|الصفحة.{0,40}غير (?:موجودة|متوفرة)|"
    r"صفحه.{0,30}(?:یافت نشد|وجود ندارد)|העמוד.{0,30}לא נמצא|页面.{0,15}(?:不存在|没有找到|找不到|已被?删除)|頁面.{0,15}(?:不存在|找不到)|"
    r"找不到.{0,10}(?:页面|頁面|网页|網頁)|ページ(?:が|は).{0,15}(?:見つかりません|存在しません)|お探しのページ|페이지를 찾을 수|"
    r"trang.{0,30}(?:không tồn tại|không tìm thấy)|không tìm thấy trang|halaman.{0,30}tidak (?:ditemukan|ada)|ไม่พบหน้า|पृष्ठ नहीं मिला|"
    r"ukurasa.{0,20}haupatikani",
    re.I,
)
SCRIPTS = re.compile(
    r"javascript\b.{0,60}(?:disabled|required|turned off|désactivé|requis|deaktiviert|benötigt|erforderlich|desactivado|desabilitado|"
    r"disabilitato|uitgeschakeld|inaktiverat|wyłączon|отключен|вимкнен|devre dışı|無効|オフ|未启用|禁用)|"
    r"(?:enable|turn on|needs?|requires?|activez?|activer|aktivieren|braucht|benötigt|active|habilite|habilitar|activar|ative|attiva|abilita|"
    r"schakel|inschakelen|aktivera|aktiver|salli|włącz|povolte|engedélyezze|activați|uključite|включите|увімкніть|включете|"
    r"ενεργοποι|etkinleştir|تفعيل|تمكين|فعال|启用|开启|啟用|有効に|활성화|bật|aktifkan|เปิดใช้งาน).{0,40}javascript|"
    r"javascript.{0,20}(?:を有効|를 활성화|etkinleştir|einschalten|aktivieren|inschakelen)|turn javascript on",
    re.I,
)
ROBOTS = re.compile(
    r"just a moment|checking (?:your browser|if the site connection)|verif(?:y|ying|ication).{0,20} human|review the security of your connection|"
    r"are you a robot|not a robot|no es un robot|no soy un robot|n['’]êtes pas un robot|kein roboter|não (?:é|sou) um robô|"
    r"non sei un robot|geen robot|inte är en robot|nie jesteś robotem|не робот|robot olmadığ|لست روبوت|不是机器人|不是機器人|ロボットではない|로봇이 아닙|"
    r"(?:sie|du|vous|usted|u) ein mensch|êtes (?:un )?humain|es humano|access denied|access to .{0,30}denied|captcha|"
    r"you have been blocked|browser is being checked|security (?:service|solution)|unusual traffic|ddos protection|"
    r"permission to access|incident id|ray id",
    re.I,
)
ASKS_CONSENT = re.compile(
    r"we value your privacy|accept (?:all )?cookies|your privacy choices|manage consent|wir und unsere (?:\d+ )?partner|"
    r"accept and continue|cookies akzeptieren|alle akzeptieren|tout accepter|aceptar y continuar|aceitar (?:todos|e fechar)|"
    r"accetta (?:tutti|e continua)|alles accepteren|godkänn alla|godta alle|hyväksy kaikki|zgadzam się|souhlasím|"
    r"принять все|прийняти все|αποδοχή όλων|tümünü kabul et|قبول الكل|全部接受|すべて同意|모두 동의|"
    r"mit werbung weiterlesen|zustimmen und weiter|accepter et (?:fermer|continuer)",
    re.I,
)
OF_CONSENT = re.compile(
    r"cookie|куки|kakor|eväste|informasjonskapsl|çerez|pliki|slapuk|sīkdat|küpsis|piškot|kolačić|ملفات تعريف|کوکی|עוגי|クッキー|쿠키|คุกกี้|"
    r"privacy policy|personal data|your consent|personenbezogene daten|einwillig|datenschutz|données personnelles|consentement|"
    r"datos personales|consentimiento|dados pessoais|dati personali|consenso|persoonsgegevens|toestemming|samtycke|samtykke|"
    r"suostumu|dane osobowe|zgod[aęy]|osobní údaje|персональн|persónuupplýsing|προσωπικά δεδομένα|kişisel veri|隐私|隱私|プライバシー|개인정보",
    re.I,
)
LOGIN = re.compile(
    r"log in to continue|please (?:log|sign) in|bitte melden sie sich an|forgot(?:ten)? (?:your )?password|"
    r"create an account|einloggen|veuillez vous connecter|connectez-vous|inicia sesión|inicie sesión|faça login|accedi per|log in om|"
    r"logga in för|zaloguj się|přihlaste se|jelentkezzen be|войдите|авторизуйтесь|увійдіть|συνδεθείτε|giriş yapın|تسجيل الدخول|"
    r"وارد شوید|התחבר|लॉग इन|请登录|請登入|ログインして|로그인|đăng nhập|silakan masuk|เข้าสู่ระบบ",
    re.I,
)
PASSWORD = re.compile(rb"<input[^>]{1,500}type\s*=\s*[\"']?password", re.I)
# What only the page of a check holds; the providers put scripts of theirs into ordinary pages too.
CHALLENGE = re.compile(
    rb"_cf_chl_opt|__cf_chl_|id=[\"']?challenge-(?:form|running|stage|error)|captcha-delivery\.com|id=[\"']?px-captcha|/_sec/cp_challenge|"
    rb"awsWafCookieDomainList|sucuri_cloudproxy|<iframe[^>]{1,200}_Incapsula_Resource|smartcaptcha.yandex|/showcaptcha",
    re.I,
)
CAPTCHA = re.compile(rb"class=[\"'][^\"']{0,100}(?:g-recaptcha|h-captcha|cf-turnstile|frc-captcha)", re.I)
ERROR_PAGE = re.compile(
    rb"<(?:body|html|main|section|div)\b[^>]{0,300}(?:class|id)=[\"'][^\"'>]{0,300}\berror-?404\b", re.I
)
ASIDE = re.compile(
    r"(?:^|[\s_-])(?:header|top|topbar|nav|navbar|menu|modal|dialog|popup|overlay|drop-?down|sidebar|widget|footer|comments?|respond|off-?canvas|"
    r"hidden|hide|collapse|fancybox|lightbox)(?=$|[\s_-])",
    re.I,
)
ASIDE_TAGS = frozenset(["header", "nav", "aside", "footer", "dialog", "details"])


def before_article(title: str, text: str, size: int, source: bytes, links: int, url: str) -> str:
    """Tell which wall a page is that says nothing of an article of its own; "" if none."""
    if size < SHELL:
        if _is_said(GONE, title, text) or ERROR_PAGE.search(source):
            return "says that the page was not found"
        if _is_said(SCRIPTS, title, text):
            return "a wall: needs scripts"
        if _is_said(ROBOTS, title, text) or _is_check(source, links, size):
            return "a wall: checks for robots"
        named = len(title.split()) <= NAMED  # a longer one is the headline of a teaser above the login
        if _is_said(LOGIN, title, text) or (named and PASSWORD.search(source) and _is_login(parse(source, url).tree)):
            return "a wall: asks for a login"
        if _is_said(ASKS_CONSENT, title, text):
            return "a wall: asks for consent"
    if size < CONSENT and links < FEW_LINKS and b"<button" in source and _share(OF_CONSENT, text) >= SOLE:
        return "a wall: asks for consent"
    return ""


def alone(title: str, text: str, size: int, source: bytes) -> str:
    """Tell a wall that carries the data of the article behind it; "" if the page is none."""
    if size >= SHELL:
        return ""
    if _share(SCRIPTS, text) >= SOLE:
        return "a wall: needs scripts"
    if CHALLENGE.search(source) or _share(ROBOTS, text) >= SOLE:
        return "a wall: checks for robots"
    return ""


def says_gone(title: str) -> bool:
    """Tell the headline of a soft 404 from one about something that was not found."""
    return NOT_FOUND.search(title) is not None or GONE.search(title) is not None


def _is_said(pattern: re.Pattern[str], title: str, text: str) -> bool:
    """Tell a wall from a news flash that mentions one: its words are much of the text, or some of it and the headline's."""
    return _share(pattern, text) >= (TITLED if pattern.search(title) else WALLED)


def _share(pattern: re.Pattern[str], text: str) -> float:
    """Return the share of the text that stands in lines with such words."""
    return sum(len(line) for line in text.split("\n") if pattern.search(line)) / max(1, len(text))


def _is_check(source: bytes, links: int, size: int) -> bool:
    if CHALLENGE.search(source):
        return True
    return size < CHECK and links < 3 and b"<textarea" not in source.lower() and CAPTCHA.search(source) is not None


def _is_login(tree: HtmlElement) -> bool:
    """Tell a login page from an article with a login form beside it.

    The form of a login page stands behind or around the heading, and not with what is put around or over an article.
    """
    heading = next(tree.iter("h1", "h2"), None)
    story = next(heading.iterancestors("article"), None) if heading is not None else None
    order = list(tree.iter("input", "h1", "h2"))
    for field in tree.iter("input"):
        if (field.get("type") or "").lower() != "password":
            continue
        above = list(field.iterancestors())
        if any(one.tag in ASIDE_TAGS for one in above) or (story is not None and story not in above):
            continue
        if any(
            ASIDE.search(f"{one.get('class') or ''} {one.get('id') or ''}")
            for one in above[:LOGIN_LEVELS]
            if one.tag != "body"
        ):
            continue
        if heading is None or order.index(heading) < order.index(field):
            return True
    return False
