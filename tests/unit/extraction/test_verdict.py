"""What is stored and what is not: lists, authors' pages, walls and noise, beside short articles that look a little like them."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable

import pytest

from crawler.extraction.article import NotAnArticle

from .pages import PARAGRAPHS, TITLE, URL, article, run

HEADLINES = (
    "Ferry line to the islands is extended", "Mayor resigns after budget vote", "Storm takes the landing stage away",
    "New tram depot costs twice as much", "School roofs to carry solar panels", "Market hall fire leaves traders homeless",
    "River level at its lowest for decades", "Night trains are to return in autumn",
)  # fmt: skip
TEXTS = (
    "Boats will call at the northern islands twice a day from June on, weather permitting.",
    "The council had thrown out her plan for the third time on Tuesday night.",
    "Nobody was hurt; the harbour office expects repairs to take until autumn.",
    "Engineers blame the ground, which turned out to be softer than the survey had said.",
    "The first twelve buildings are to be fitted out in the summer holidays.",
    "The cause is still unknown. Fire crews were on the spot within six minutes.",
    "Barges carry half their usual load, and the power station has throttled its turbines.",
    "Three lines to the south are planned, the railways said, and one across the strait.",
)
BIO = (
    "Anna Muster has reported on harbours, ferries and bridges since 2009. She studied history and began at a weekly "
    "on the coast. She lives by the sea with two dogs."
)


def page(title: str, body: str, head: str = "", classes: str = "", lang: str = "en") -> str:
    links = "".join(f'<li><a href="/{name.lower()}/">{name}</a></li>' for name in ("World", "Politics", "Sport"))
    return (
        f'<html lang="{lang}"><head><meta charset="utf-8"><title>{title} - The Example</title>'
        f'<meta property="og:site_name" content="The Example">{head}</head><body class="{classes}">'
        f"<header><nav><ul>{links}</ul></nav></header>{body}<footer><p>© The Example</p></footer></body></html>"
    )


def refused(markup: str | bytes, url: str = URL) -> str:
    found = run(markup, url=url)
    assert isinstance(found, NotAnArticle), found
    return found.reason


def _boxes(href: str, headline: str, text: str) -> str:
    return f'<div class="item"><h3><a href="{href}">{headline}</a></h3><p>{text}</p></div>'


def _articles(href: str, headline: str, text: str) -> str:
    link = f'<a href="{href}">'
    return f"<article>{link}<img></a><h2>{link}{headline}</a></h2><time>3 May 2024</time><p>{text}</p>{link}Read more</a></article>"


def _items(href: str, headline: str, text: str) -> str:
    return f'<li><a class="title" href="{href}">{headline}</a><p>{text}</p><span>3 May</span></li>'


def _cards(href: str, headline: str, text: str) -> str:
    return f'<a class="card" href="{href}"><h3>{headline}</h3><p>{text}</p></a>'


def _paragraphs(href: str, headline: str, text: str) -> str:
    return f'<p class="hl"><a href="{href}">{headline}</a></p><p>{text} {text[::1]}</p>'


def _terms(href: str, headline: str, text: str) -> str:
    return f'<dt><a href="{href}">{headline}</a></dt><dd>{text}</dd>'


def _rows(href: str, headline: str, text: str) -> str:
    return f'<tr><td><a href="{href}">{headline}</a></td><td>{text}</td></tr>'


def _nested(href: str, headline: str, text: str) -> str:
    by = '<div class="m">By <a href="/author/a">Anna Muster</a> | May 1, 2024</div>'
    link = f'<div class="h"><a href="{href}"><span>{headline}</span></a></div>'
    return f'<div class="row"><div class="c"><div class="k">World</div>{link}<div class="d">{text}</div>{by}</div></div>'


Teaser = Callable[[str, str, str], str]
LAYOUTS: dict[str, tuple[Teaser, str]] = {
    "boxes": (_boxes, "<div>{}</div>"), "articles": (_articles, "<main>{}</main>"), "items": (_items, "<ul>{}</ul>"),
    "cards": (_cards, "<main>{}</main>"), "paragraphs": (_paragraphs, "<div>{}</div>"), "terms": (_terms, "<dl>{}</dl>"),
    "rows": (_rows, "<table>{}</table>"), "nested": (_nested, "<main>{}</main>"),
}  # fmt: skip
every_layout = pytest.mark.parametrize("layout", LAYOUTS)


def teasers(layout: str, count: int = 8) -> str:
    one, around = LAYOUTS[layout]
    shown = list(enumerate(zip(HEADLINES, TEXTS, strict=True)))[:count]
    return around.format("".join(one(f"/world/{n}-x", headline, text) for n, (headline, text) in shown))


def ld(data: str) -> str:
    return f'<script type="application/ld+json">{data}</script>'


class TestLists:
    @every_layout
    @pytest.mark.parametrize("count", [4, 8])
    def test_of_a_tag(self, layout: str, count: int) -> None:
        url = "https://news.example.org/tag/harbour"
        assert refused(page("Harbour", f"<h1>Harbour</h1>{teasers(layout, count)}"), url)

    @every_layout
    def test_of_a_topic_with_an_introduction(self, layout: str) -> None:
        intro = "<p>All about the harbour: its bridges, its ferries and those who work there, in reports and pictures.</p>"
        found = refused(page("Harbour", f"<h1>Harbour</h1>{intro}{teasers(layout)}"), "https://news.example.org/harbour")
        assert found == "a list of articles"

    @every_layout
    def test_that_a_template_calls_an_article(self, layout: str) -> None:
        head = '<meta property="og:type" content="article">' + ld('{"@graph":[{"@type":"CollectionPage","name":"Harbour"}]}')
        assert refused(page("Harbour", f"<h1>Harbour</h1>{teasers(layout)}", head))

    def test_with_data_of_the_articles_that_it_leads_to(self) -> None:
        node = '{{"@type":"NewsArticle","headline":"{}","url":"https://news.example.org/world/{}-x","datePublished":"2024-05-01T10:00:00Z"}}'
        data = ld(f"[{','.join(node.format(headline, n) for n, headline in enumerate(HEADLINES))}]")
        assert refused(page("Harbour", f"<h1>Harbour</h1>{teasers('boxes')}", data)) == "a list of articles"

    def test_in_a_script_without_spaces(self) -> None:
        lines = ("前往离岛的渡轮航线将延长", "市长在预算表决后辞职", "暴风雨冲走了码头栈桥", "新电车车库造价翻倍")
        text = "港务办公室表示，维修工作预计将持续到秋季，届时渡轮将照常运行。"
        items = "".join(_items(f"/w/{n}.html", line, f"{text}{n}") for n, line in enumerate(lines))
        assert refused(page("海港", f"<ul>{items}</ul>", lang="zh")) == "a list of articles"


AUTHORS = {
    "jsonld": (ld('{"@type":"ProfilePage","mainEntity":{"@type":"Person","name":"Anna Muster"}}'), "", "/p/anna-muster"),
    "opengraph": ('<meta property="og:type" content="profile">', "", "/p/anna-muster"),
    "template": ("", "archive author author-anna", "/anna-muster"),
    "address": ("", "", "/autor/anna-muster-123.html"),
}


@every_layout
@pytest.mark.parametrize(("head", "classes", "path"), AUTHORS.values(), ids=AUTHORS)
def test_author_page(layout: str, head: str, classes: str, path: str) -> None:
    body = f"<h1>Anna Muster</h1><div class='about'><p>{BIO}</p></div>{teasers(layout)}"
    assert refused(page("Anna Muster", body, head, classes), f"https://news.example.org{path}") == "a list of articles"


FIELDS = '<label>1</label><input type="email" name="u"><label>2</label><input type="password" name="p"><button>OK</button>'
LOGINS = {
    "fr": ("Connexion", "Veuillez vous connecter pour continuer. Si vous n'avez pas de compte, vous pouvez en créer un gratuitement."),
    "de": ("Mein Konto", "Bitte geben Sie Ihre E-Mail-Adresse und Ihr Kennwort ein, um fortzufahren, oder registrieren Sie sich."),
    "ar": ("تسجيل الدخول", "يرجى إدخال البريد الإلكتروني وكلمة المرور الخاصة بك للمتابعة، أو إنشاء حساب جديد مجانا خلال دقائق."),
    "hu": ("Belépés", "Kérjük, adja meg e-mail címét és jelszavát a folytatáshoz. Ha még nincs fiókja, itt ingyen létrehozhat egyet."),
    "sw": ("Ingia", "Tafadhali weka barua pepe yako na nenosiri lako ili uendelee. Kama huna akaunti, fungua moja bila malipo."),
}
FORMS = {
    "below": "<main><h1>{title}</h1><p>{text}</p><form method=post>{fields}</form></main>",
    "above": "<div class=login-box><h2>{title}</h2><form>{fields}</form><p>{text}</p></div>",
    "around": "<form id=aspnetForm><div><h1>{title}</h1><p>{text}</p><div>{fields}</div></div></form>",
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("language", LOGINS)
def test_login(language: str, form: str) -> None:
    title, text = LOGINS[language]
    body = FORMS[form].format(title=title, text=text, fields=FIELDS)
    assert refused(page(title, body, lang=language)) == "a wall: asks for a login"


CHECKS = {
    "wording": ("Just a moment...", "<p>Verifying you are human. This may take a few seconds.</p><p>The Example needs to review the security of your connection before proceeding.</p>"),
    "script": ("Nur einen Moment", "<p>Es wird etwas überprüft, und das kann ein paar Sekunden dauern; danach geht es von selbst weiter.</p><script>window._cf_chl_opt={}</script>"),
    "form": ("Pillanat", "<p>Az oldal betöltése előtt ellenőrzést végzünk, amely néhány másodpercig tart, azután továbblépünk.</p><form id='challenge-form'></form>"),
    "box": ("Comprobación", "<p>Para continuar, marque la casilla de abajo; así evitamos el tráfico automatizado en nuestro sitio.</p><form><div class='h-captcha'></div></form>"),
    "denied": ("Access Denied", "<p>You don't have permission to access this page on this server at all.</p><p>Reference 18.2d351ab8</p>"),
}  # fmt: skip


@pytest.mark.parametrize(("title", "body"), CHECKS.values(), ids=CHECKS)
def test_robot_check(title: str, body: str) -> None:
    markup = f"<title>{title}</title><body><h1>news.example.org</h1>{body}</body>"
    assert refused(markup) == "a wall: checks for robots"


SCRIPTLESS = {
    "en": "This website needs JavaScript. Please turn JavaScript on in the settings of your browser and load the page again.",
    "fr": "Pour afficher cette page, veuillez activer JavaScript dans les paramètres de votre navigateur, puis rechargez.",
    "ru": "Для просмотра этой страницы включите JavaScript в настройках вашего браузера и обновите страницу, чтобы продолжить.",
    "zh": "您的浏览器未启用JavaScript，请在浏览器设置中启用JavaScript后刷新页面，以便继续浏览本网站的全部内容。",
    "ja": "このページを表示するにはJavaScriptを有効にしてください。ブラウザの設定で変更してから再読み込みしてください。必ずお願いします。",
}


@pytest.mark.parametrize("head", ["", '<meta property="article:published_time" content="2024-05-01T10:00:00Z">'])
@pytest.mark.parametrize("language", SCRIPTLESS)
def test_shell_without_scripts(language: str, head: str) -> None:
    markup = f'<meta charset="utf-8"><title>{TITLE}</title>{head}<div id="app"><p>{SCRIPTLESS[language]}</p></div>'
    assert refused(markup) == "a wall: needs scripts"


CONSENT = {
    "en": ("Before you continue", "We and our 842 partners store cookies on your device and process personal data to show adverts.", "If you accept, you agree to these cookies; you can withdraw your consent at any time in our settings."),
    "de": ("Ihre Privatsphäre", "Wir und 180 Firmen speichern Cookies auf Ihrem Gerät, um Werbung auszuspielen und zu messen.", "Mit einem Klick willigen Sie ein; die Einwilligung können Sie jederzeit widerrufen, auch später."),
    "nl": ("Cookies", "Wij gebruiken cookies en vergelijkbare technieken om de site te laten werken en advertenties te tonen.", "Door op akkoord te klikken geeft u toestemming; die kunt u altijd weer intrekken in de instellingen."),
    "fi": ("Evästeet", "Käytämme evästeitä sivuston toiminnan, mainonnan ja mittaamisen vuoksi sekä tallennamme tietoja.", "Valitsemalla kyllä annat suostumuksesi evästeiden käyttöön; voit muuttaa sitä milloin tahansa."),
}  # fmt: skip


@pytest.mark.parametrize(("title", "first", "second"), CONSENT.values(), ids=CONSENT)
def test_consent(title: str, first: str, second: str) -> None:
    form = '<form action="/consent"><button>1</button><button>2</button></form>'
    markup = f'<meta charset="utf-8"><title>{title}</title><div><h1>{title}</h1><p>{first}</p><p>{second}</p>{form}</div>'
    assert refused(markup) == "a wall: asks for consent"


GONE = {
    "en": ("Oops! That page can't be found", "It looks like nothing was found at this location. Maybe try one of the links below or a search?"),
    "fr": ("Erreur 404", "Oups ! La page que vous cherchez n'existe plus ou a été déplacée. Revenez à la page d'accueil du site."),
    "de": ("Fehler 404", "Leider konnten wir die gewünschte Seite nicht finden. Vielleicht wurde sie verschoben oder gelöscht."),
    "es": ("Error", "Lo sentimos, la página que busca no existe o ha cambiado de dirección. Puede volver a la portada."),
    "pt": ("Erro 404", "Desculpe, a página que procura não existe ou foi removida. Volte à página inicial ou pesquise."),
    "ru": ("Ошибка 404", "К сожалению, запрашиваемая страница не существует или была удалена. Воспользуйтесь поиском по сайту."),
    "tr": ("Hata 404", "Üzgünüz, aradığınız sayfa bulunamadı veya kaldırılmış olabilir. Ana sayfaya dönebilirsiniz."),
    "ar": ("خطأ 404", "عذرا، الصفحة التي تبحث عنها غير موجودة أو تم حذفها. يمكنك العودة إلى الصفحة الرئيسية."),
    "zh": ("出错了", "抱歉，您访问的页面不存在或已被删除。您可以返回首页，或者使用搜索功能查找您需要的内容，谢谢您的支持。"),
}


@pytest.mark.parametrize("language", GONE)
def test_soft_404(language: str) -> None:
    title, text = GONE[language]
    gone = "says that the page was not found"
    assert refused(page(title, f"<main><h1>{title}</h1><p>{text}</p></main>", lang=language)) == gone
    assert refused(page("News", f"<main><p>{text}</p></main>", lang=language)) == gone
    assert refused(page(title, f"<main><h1>{title}</h1><p>{text}</p>{teasers('boxes')}</main>", lang=language))


def test_soft_404_by_its_template() -> None:
    text = "<p>Das hat leider nicht geklappt. Vielleicht hilft die Suche weiter, oder Sie beginnen noch einmal von vorn.</p>"
    assert "not found" in refused(page("Hoppla", f"<h1>Hoppla</h1>{text}", classes="error404 wide"))


BYTES = random.Random(7).randbytes(6000).translate(bytes.maketrans(b"<>&", b"()+"))


@pytest.mark.parametrize("charset", ["", "utf-8", "windows-1252", "windows-1251", "gbk", "shift_jis"])
@pytest.mark.parametrize(
    "noise", [BYTES, base64.b64encode(BYTES), b" ".join(BYTES[n : n + 9] for n in range(0, 6000, 9))],
    ids=["bytes", "base64", "words"],
)  # fmt: skip
def test_noise(noise: bytes, charset: str) -> None:
    head = f'<meta charset="{charset}"><title>{TITLE}</title><body><h1>{TITLE}</h1><p>'
    assert refused(head.encode() + noise + b"</p></body>") in ("no text: noise", "too little text")


class TestStored:
    """What must not be lost, without a word of structured data."""

    @pytest.mark.parametrize(
        "around",
        [
            '<div class="top"><form>{}</form></div><main>{}</main>',
            "<header><form>{}</form></header><article>{}</article>",
            '<article>{1}</article><div id="login" class="modal"><h3>Log in</h3><form>{0}</form></div>',
            '<div>{1}</div><div class="comments"><h3>Log in to comment</h3><form>{0}</form></div>',
            "<div>{1}<h2>Log in to read on</h2><form>{0}</form></div>",
        ],
        ids=["bar", "header", "modal", "comments", "teaser"],
    )
    def test_flash_beside_a_login(self, around: str) -> None:
        flash = f"<h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p>"
        assert PARAGRAPHS[0] in article(page(TITLE, around.format(FIELDS, flash))).text

    @every_layout
    @pytest.mark.parametrize("count", [2, 4])
    def test_short_article_above_teasers(self, layout: str, count: int) -> None:
        text = "".join(f"<p>{one}</p>" for one in PARAGRAPHS[:count])
        body = f"<main><h1>{TITLE}</h1><div>{text}</div></main><aside><h2>More</h2>{teasers(layout)}</aside>"
        assert article(page(TITLE, body, classes="single single-post tag-bridge")).title == TITLE

    def test_flash_with_a_short_headline(self) -> None:
        flash = f"<main><h1>Bridge reopens today</h1><p>3 May 2024, 10:05</p><p>{PARAGRAPHS[0]}</p></main>"
        assert article(page("Bridge reopens today", f"{flash}<section>{teasers('cards')}</section>")).text

    def test_links_between_paragraphs(self) -> None:
        text = "".join(
            f'<p>{one}</p><p class="more"><a href="/world/{n}-x">{HEADLINES[n]}</a></p>'
            for n, one in enumerate((*PARAGRAPHS, *TEXTS[:3]))
        )
        assert article(page(TITLE, f"<article><h1>{TITLE}</h1>{text}</article>")).title == TITLE

    def test_list_of_places_elsewhere(self) -> None:
        entry = '<div class="entry"><h2><a href="https://hotel{0}.example.com/">{1}</a></h2><p>{2}</p><p>{3}</p></div>'
        entries = "".join(entry.format(n, *HEADLINES[n : n + 1], TEXTS[n], TEXTS[n - 1]) for n in range(8))
        assert article(page(TITLE, f"<h1>{TITLE}</h1><div>{entries}</div>")).title == TITLE

    @pytest.mark.parametrize(
        ("title", "first"),
        [
            ("Missing hiker still not found", "The man who went missing in the hills on Sunday has not been found, the police said."),
            ("404 people rescued from the sea", "Two boats brought 404 people ashore on Friday night, the coast guard said in the morning."),
            ("Why captchas are getting harder", "Anyone who has had to prove that they are not a robot of late has noticed the change."),
            ("Court rules on cookie banners", "A court has ruled that sites must offer a button to refuse cookies as large as the other."),
            ("Browser stops asking for JavaScript", "The new browser does not need JavaScript for most sites, its makers said on Monday."),
        ],
        ids=["search", "number", "captcha", "cookies", "scripts"],
    )  # fmt: skip
    def test_news_about_such_things(self, title: str, first: str) -> None:
        text = "".join(f"<p>{one}</p>" for one in (first, *PARAGRAPHS))
        assert article(page(title, f"<h1>{title}</h1>{text}<button>OK</button>")).title == title

    @pytest.mark.parametrize(
        "extra",
        [
            '<form id="commentform"><textarea></textarea><div class="g-recaptcha"></div></form>',
            '<script src="/cdn-cgi/challenge-platform/scripts/main.js"></script>',
        ],
        ids=["comment form", "script of a check"],
    )
    def test_flash_with_parts_of_a_check(self, extra: str) -> None:
        assert article(page(TITLE, f"<h1>{TITLE}</h1><p>{PARAGRAPHS[0]}</p>{extra}")).text == PARAGRAPHS[0]

    @pytest.mark.parametrize(
        "text",
        [
            "ស្ពានឆ្លងកាត់កំពង់ផែចាស់ត្រូវបានបើកឱ្យរថយន្តធ្វើដំណើរឡើងវិញនៅថ្ងៃសុក្រពីរឆ្នាំបន្ទាប់ពីកប៉ាល់មួយបានបុកសសររបស់វា។",
            "ဆိပ်ကမ်းဟောင်းကိုဖြတ်သွားသောတံတားသည်သောကြာနေ့တွင်ယာဉ်ကြောပြန်လည်ဖွင့်လှစ်ခဲ့သည်။အင်ဂျင်နီယာများသည်တိုင်လေးတိုင်ကိုအစားထိုးခဲ့ကြသည်။",
            "สะพานข้ามท่าเรือเก่าเปิดให้รถสัญจรอีกครั้งเมื่อวันศุกร์หลังจากเรือบรรทุกสินค้าชนเสาเมื่อสองปีก่อน",
            "पुराने बंदरगाह पर बना पुल शुक्रवार को फिर से यातायात के लिए खोल दिया गया, अधिकारियों ने एक बयान में बताया कि चार खंभे बदले गए हैं।",
            "Harbour 3-1 Bridge (10:7, 30:21), Old Town 2-2 Pier (14:11, 28:28), North 0-4 South (9:19, 20:31), Mill 1-0 Dam (1:0).",
        ],
        ids=["km", "my", "th", "hi", "results"],
    )
    def test_text_that_looks_odd(self, text: str) -> None:
        title = "Harbour, 3 May 2024"
        assert text in article(page(title, f"<h1>{title}</h1><p>{text}</p><p>{text[:-1]}!</p>")).text
