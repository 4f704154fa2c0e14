
"""Section pages written for the tests, each built as another kind of site builds them, and which links are articles."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote


@dataclass(frozen=True)
class SectionPage:
    """One page with its address and the addresses of its articles."""

    name: str
    url: str
    html: str
    articles: frozenset[str]
    encoding: str = "utf-8"

    @property
    def data(self) -> bytes:
        return self.html.encode(self.encoding)


def _page(name: str, url: str, html: str, articles: list[str], encoding: str = "utf-8") -> SectionPage:
    return SectionPage(name, url, html, frozenset(articles), encoding)


_EN = [
    ("/2026/11/22/harbour-strike-enters-third-week", "Harbour strike enters third week as talks stall"),
    ("/2026/11/22/river-ferry-returns-after-repairs", "River ferry returns after two years of repairs"),
    ("/2026/11/21/minister-opens-night-train-route", "Minister opens night train route to the coast"),
    ("/2026/11/21/glacier-survey-finds-hidden-lake", "Glacier survey finds a hidden lake under the ice"),
    ("/2026/11/20/quake", "Strong quake"),
]
DATED_LIST = _page(
    "english list with date paths",
    "https://courier.example/world/",
    "<!doctype html><html lang=en><head><title>World | Courier</title>"
    "<link rel=next href='/world/page/2/'></head><body>"
    "<header><a href='/'>Courier</a><nav><ul>"
    + "".join(
        f"<li><a href='/{s}/'>{s.title()}</a></li>" for s in ("world", "politics", "business", "sport", "culture")
    )
    + "</ul></nav></header><main><h1>World</h1><ul class='river'>"
    + "".join(
        f"<li class=story><h3><a href='{u}/?utm_source=home'>{t}</a></h3><p>By "
        f"<a href='/author/ann-reporter/'>Ann Reporter</a> in <a href='/tag/harbour-and-transport-policy/'>Harbour and transport policy news</a></p></li>"
        for u, t in _EN
    )
    + "</ul><a class=next href='/world/page/2/'>Older stories</a></main><footer>"
    "<a href='/about'>About the Courier and its editorial staff</a> <a href='/privacy-policy'>Privacy policy</a> <a href='mailto:desk@courier.example'>Mail</a>"
    "</footer></body></html>",
    [f"https://courier.example{u}/" for u, _ in _EN],
)

_DE = [
    ("neue-bruecke-ueber-die-elbe-freigegeben", "Neue Brücke über die Elbe freigegeben"),
    ("streit-um-wasserrechte-in-der-lausitz", "Streit um Wasserrechte in der Lausitz"),
    ("erntehelfer-fordern-bessere-unterkuenfte", "Erntehelfer fordern bessere Unterkünfte"),
    ("kleine-haefen-kaempfen-ums-ueberleben", "Kleine Häfen kämpfen ums Überleben"),
]
CARDS = _page(
    "german cards with picture, title and read more",
    "https://tagblatt.example/ausland",
    "<html lang=de><body><div class='navbar'><a href='/inland'>Inland</a><a href='/ausland'>Ausland</a>"
    "<a href='/wirtschaft'>Wirtschaft</a><a href='/leben-und-gesellschaft'>Leben und Gesellschaft</a></div>"
    "<div class='grid'>"
    + "".join(
        f"<article class='teaser teaser-{n}'><a href='/ausland/{u}'><img src='/i/{n}.jpg' alt='Foto: {t}'></a>"
        f"<a class=teaser__title href='/ausland/{u}'><h2>{t}</h2></a><a href='/ausland/{u}'>Weiterlesen</a>"
        f"<a href='/ausland/{u}#comments'>12 Kommentare</a></article>"
        for n, (u, t) in enumerate(_DE)
    )
    + "</div><aside class='sidebar'><a href='/newsletter'>Jetzt den täglichen Newsletter abonnieren</a>"
    "<a href='/themen/energie-und-klimaschutz-im-wandel'>Energie und Klimaschutz im Wandel der Zeit</a></aside>"
    "<div id=footer><a href='/impressum'>Impressum</a><a href='/datenschutz'>Datenschutz</a></div></body></html>",
    [f"https://tagblatt.example/ausland/{u}" for u, _ in _DE],
)

_FR = [
    ("c31354-9714321", "La ville de Qinzhou inaugure un canal long de cent kilomètres"),
    ("c31354-9714298", "Sommet régional : les ministres s'accordent sur un calendrier"),
    ("c31357-9714110", "Un pont suspendu relie deux villages de montagne"),
    ("c96851-9713999", "Le thé de printemps se vend mieux que prévu"),
]
OLD_TABLE = _page(
    "french table layout, latin-1, no declared charset",
    "http://quotidien.example/International/",
    "<html><body bgcolor=white><table width=960><tr><td><a href='/Chine/'>Chine</a></td>"
    "<td><a href='/Economie/'>Économie</a></td><td><a href='/Culture/'>Culture</a></td><td><a href='/Sports/'>Sports</a></td></tr></table><table>"
    + "".join(
        f"<tr><td class=t12><a href='/n3/2026/11{20 + n}/{u}.html' target=_blank>{t}</a>&nbsp;(11/{20 + n})</td></tr>"
        for n, (u, t) in enumerate(_FR)
    )
    + "</table><table><tr><td><a href='index2.html'>2</a> <a href='index3.html'>3</a> "
    "<a href='index2.html'>Page suivante</a></td></tr><tr><td><a href='/qui-sommes-nous.html'>Qui sommes-nous</a></td></tr></table></body></html>",
    [f"http://quotidien.example/n3/2026/11{20 + n}/{u}.html" for n, (u, _) in enumerate(_FR)],
    "cp1252",
)

_KO = [
    ("20261122001", "남부 해안 철도 내년 봄 개통한다"),
    ("20261122002", "작은 섬마을 학교 다시 문 열었다"),
    ("20261121007", "장관 “수자원 협약 서두를 것”"),
    ("20261121003", "겨울 전력 수요 작년보다 늘어"),
]
QUERY_IDS = _page(
    "korean with query ids, euc-kr in a meta element",
    "https://ilbo.example/list.php?sec=world",
    "<html><head><meta http-equiv=content-type content='text/html; charset=euc-kr'><title>국제</title></head><body>"
    "<ul class=gnb><li><a href='list.php?sec=politics'>정치</a></li><li><a href='list.php?sec=economy'>경제</a></li>"
    "<li><a href='list.php?sec=world'>국제</a></li><li><a href='login.php'>로그인</a></li></ul><div class=listbox><dl>"
    + "".join(f"<dt><a href='view.php?sec=world&amp;artid={i}'>{t}</a></dt><dd>요약</dd>" for i, t in _KO)
    + "</dl></div><div class=paging><a href='list.php?sec=world&amp;page=2'>2</a>"
    "<a href='list.php?sec=world&amp;page=3'>3</a></div></body></html>",
    [f"https://ilbo.example/view.php?sec=world&artid={i}" for i, _ in _KO],
    "euc-kr",
)

_ZH = [
    ("1122/c1002-40001234", "北方三省开通新铁路"),
    ("1122/c1002-40001229", "山区小学迎来首位体育老师"),
    ("1121/c1002-40001180", "两国商定共同治理界河水质"),
    ("1121/c1002-40001171", "沿海渔港冬季恢复通航"),
    ("1120/c1002-40001102", "高原冰川考察队返回营地"),
]
CHINESE = _page(
    "chinese portal, gb2312, many short channel links",
    "http://xinwen.example/guoji/",
    "<html><head><meta charset=gb2312><title>国际新闻</title></head><body><div class='nav w1000'>"
    + "".join(
        f"<a href='http://{h}.xinwen.example/'>{t}</a>"
        for h, t in (
            ("politics", "时政"),
            ("world", "国际"),
            ("finance", "财经"),
            ("sports", "体育"),
            ("opinion", "观点评论"),
        )
    )
    + "</div><div class='list_box'><ul>"
    + "".join(f"<li><a href='/n1/2026/{u}.html'>{t}</a><i>2026年11月</i></li>" for u, t in _ZH)
    + "</ul></div><div class='page_n'><a href='index1.html'>1</a><a href='index2.html'>下一页</a></div>"
    "<div class='copyright'><a href='/about/'>关于我们</a><a href='/n1/legal.html'>版权声明及网站使用条款</a></div></body></html>",
    [f"http://xinwen.example/n1/2026/{u}.html" for u, _ in _ZH],
    "gb2312",
)

_AR = [
    "افتتاح-جسر-جديد-في-المدينة-القديمة",
    "اتفاق-على-تقاسم-مياه-النهر",
    "عودة-القطار-الليلي-إلى-الساحل",
    "مزارعو-الزيتون-ينتظرون-المطر",
]
ARABIC = _page(
    "arabic with percent-encoded slugs and base href",
    "https://sahifa.example/news/world",
    "<html dir=rtl lang=ar><head><base href='https://sahifa.example/'></head><body><header><ul class=menu>"
    + "".join(
        f"<li><a href='news/{s}'>{t}</a></li>"
        for s, t in (("local", "محليات"), ("world", "العالم"), ("sport", "رياضة"))
    )
    + "</ul></header><section class=latest>"
    + "".join(f"<div class=box><a href='news/{quote(s)}'>{s.replace('-', ' ')}</a></div>" for s in _AR)
    + "</section><footer><a href='contact'>اتصل بنا</a>"
    "<a href='terms-of-use'>شروط استخدام الموقع والخصوصية</a></footer></body></html>",
    [f"https://sahifa.example/news/{quote(s)}" for s in _AR],
)

_RU = [
    ("19300112-novyj-ledokol-vyshel-v-pervyj-rejs", "Новый ледокол вышел в первый рейс"),
    ("19300098-v-gorah-otkryli-meteostanciyu", "В горах открыли метеостанцию"),
    ("19300077-peregovory-o-granice-prodolzhatsya", "Переговоры о границе продолжатся весной"),
]
RUSSIAN = _page(
    "russian, windows-1251 in the header only, whole page in a form",
    "https://vestnik.example/mir/",
    "<html><body><form action=/><div class=top-menu><a href='/mir/'>Мир</a><a href='/ekonomika/'>Экономика</a><a "
    "href='/obshestvo/'>Общество</a></div><div class=col>"
    + "".join(
        f"<div class=item><span class=time>10:1{n}</span> <a href='/mir/{u}'>{t}</a></div>"
        for n, (u, t) in enumerate(_RU)
    )
    + "</div><div class=bottom-links-footer><a href='/o-proekte/redakciya/'>О проекте и его редакции сегодня</a>"
    "<a href='https://vk.example/vestnik'>Мы в социальной сети, присоединяйтесь</a></div></form></body></html>",
    [f"https://vestnik.example/mir/{u}" for u, _ in _RU],
    "cp1251",
)

_JA = [f"20261122-OYT1T5{n:04d}" for n in (12, 34, 56, 78)]
_JA_TITLES = [
    "南の島に新しい灯台が完成",
    "湖の水位、十年ぶりに回復",
    "国境の橋で合同訓練はじまる",
    "夜行列車の復活を住民が歓迎",
]
JAPANESE = _page(
    "japanese, whole card is one anchor",
    "https://shimbun.example/world/",
    "<html lang=ja><body><nav><a href='/politics/'>政治</a><a href='/economy/'>経済</a><a href='/world/'>国際</a></nav><div>"
    + "".join(
        f"<a class=card href='/world/{i}/'><div><img src=x.jpg alt=''><h3>{t}</h3><time>11月22日</time><p>本文の書き出しがここに"
        f"入ります。</p></div></a>"
        for i, t in zip(_JA, _JA_TITLES, strict=True)
    )
    + "</div><a href='/world/asia/'>アジア</a> <a href='/world/europe/'>ヨーロッパ</a><footer><a href='/help/'>お問い合わせはこちらの"
    "ページから</a></footer></body></html>",
    [f"https://shimbun.example/world/{i}/" for i in _JA],
)

_ES = [
    ("la-lluvia-llega-al-valle-despues-de-meses", "La lluvia llega al valle después de meses"),
    ("pescadores-piden-un-nuevo-muelle", "Pescadores piden un nuevo muelle"),
    ("el-tren-nocturno-vuelve-a-la-costa", "El tren nocturno vuelve a la costa"),
    ("un-pueblo-recupera-su-vieja-biblioteca", "Un pueblo recupera su vieja biblioteca"),
]
SLUGS_AT_ROOT = _page(
    "spanish, slugs at the root beside section pages",
    "https://diario.example/internacional/",
    "<html lang=es><body><div class=cabecera><ul>"
    + "".join(
        f"<li><a href='/{s}/'>{t}</a></li>"
        for s, t in (("espana", "España"), ("economia", "Economía"), ("deportes", "Deportes"))
    )
    + "</ul></div><div class=portada>"
    + "".join(f"<div class=noticia><h2><a href='/{u}/'>{t}</a></h2></div>" for u, t in _ES)
    + "</div><div class=mas><a href='/politica-de-privacidad/'>Política de privacidad</a>"
    "<a href='/quienes-somos/'>Quiénes somos</a><a href='/foto.jpg'>Una fotografía muy larga del valle verde</a></div></body></html>",
    [f"https://diario.example/{u}/" for u, _ in _ES],
)

PAGES = [DATED_LIST, CARDS, OLD_TABLE, QUERY_IDS, CHINESE, ARABIC, RUSSIAN, JAPANESE, SLUGS_AT_ROOT]
