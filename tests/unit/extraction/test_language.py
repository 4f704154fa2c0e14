from __future__ import annotations

import subprocess
import sys

import pytest

from crawler.extraction.language import detect, primary

TEXTS = [
    ("en", "The bridge across the old harbour opened to traffic again on Friday, the port authority said."),
    ("fr", "Le pont qui traverse le vieux port a rouvert vendredi à la circulation, a indiqué la capitainerie."),
    ("de", "Die Brücke über den alten Hafen ist seit Freitag wieder für den Verkehr geöffnet, teilte die Stadt mit."),
    ("es", "El puente que cruza el viejo puerto reabrió al tráfico el viernes, informó la autoridad portuaria."),
    (
        "pt",
        "A ponte sobre o velho porto reabriu ao trânsito na sexta-feira, informou a administração, que não deu mais pormenores.",
    ),
    ("it", "Il ponte che attraversa il vecchio porto ha riaperto venerdì al traffico, ha detto l'autorità portuale."),
    ("nl", "De brug over de oude haven is sinds vrijdag weer open voor het verkeer, zei het havenbedrijf."),
    ("pl", "Most nad starym portem został w piątek ponownie otwarty dla ruchu, poinformował zarząd portu."),
    ("tr", "Eski limanın üzerindeki köprü cuma günü yeniden trafiğe açıldı, liman idaresi böyle dedi."),
    ("ru", "Мост через старую гавань вновь открыт для движения с пятницы, сообщила администрация порта."),
    ("uk", "Міст через стару гавань знову відкритий для руху з п'ятниці, повідомила адміністрація порту."),
    ("bg", "Мостът над старото пристанище отново е отворен за движение от петък, съобщи управата."),
    ("ar", "أعيد فتح الجسر فوق الميناء القديم أمام حركة المرور يوم الجمعة، كما قالت سلطة الميناء."),
    ("fa", "پل روی بندر قدیمی روز جمعه دوباره برای رفت و آمد باز شد، به گفته مدیریت بندر که چیز دیگری نگفت."),
    ("ur", "پرانی بندرگاہ پر پل جمعہ کو دوبارہ ٹریفک کے لیے کھول دیا گیا ہے، بندرگاہ کے حکام نے یہ بات کہی۔"),
    ("he", "הגשר מעל הנמל הישן נפתח שוב לתנועה ביום שישי, כך מסרה רשות הנמל."),
    ("hi", "पुराने बंदरगाह पर बना पुल शुक्रवार को फिर से यातायात के लिए खोल दिया गया, बंदरगाह प्राधिकरण ने कहा।"),
    ("zh", "横跨旧港的大桥周五重新开放通车，港务局表示。"),
    ("ja", "古い港にかかる橋が金曜日に再び開通したと、港の管理局が発表した。"),
    ("ko", "옛 항구를 가로지르는 다리가 금요일에 다시 개통되었다고 항만청이 밝혔다."),
    ("th", "สะพานข้ามท่าเรือเก่าเปิดให้สัญจรอีกครั้งเมื่อวันศุกร์"),
    ("el", "Η γέφυρα πάνω από το παλιό λιμάνι άνοιξε ξανά την Παρασκευή, είπε το λιμεναρχείο."),
]


@pytest.mark.parametrize(("language", "text"), TEXTS, ids=[case[0] for case in TEXTS])
def test_by_text_alone(language: str, text: str) -> None:
    assert detect(text)[0] == language


@pytest.mark.parametrize(("language", "text"), TEXTS, ids=[case[0] for case in TEXTS])
def test_the_page_may_lie(language: str, text: str) -> None:
    assert detect(text * 4, page="en" if language != "en" else "de")[0] == language


def test_short_text_leans_on_the_page() -> None:
    assert detect("Bon", page="fr-FR") == ("fr", "meta")
    assert detect("Bon", source="fr") == ("fr", "source")
    assert detect("") == ("", "")


def test_language_unknown_to_the_model() -> None:
    assert (
        detect(
            "Vhidhiyo iyi inoratidza musangano wevakuru veguta nevagari vemo pamusoro pezambuko.",
            page="sn",
            source="sn",
        )[0]
        == "sn"
    )


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("fr-FR", "fr"),
        ("zh_CN", "zh"),
        ("iw", "he"),
        ("eng", "en"),
        ("no", "nb"),
        ("utf-8", ""),
        ("", ""),
        ("French", "fr"),
        ("x", ""),
    ],
)
def test_primary(tag: str, code: str) -> None:
    assert primary(tag) == code


def test_importing_does_not_load_the_model() -> None:
    script = "import crawler.extraction.article; from crawler.extraction.language import _identifier as i; print(i.cache_info().currsize)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "0"
