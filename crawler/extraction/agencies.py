"""News agencies, by every name under which they sign: data, no logic.

The first name of a row is the one that the archive keeps. Add a row, or a spelling to a row: nothing else
knows agencies.
"""

from __future__ import annotations

_TABLE = (
    (
        "Xinhua", "Xinhua News Agency", "Agence Xinhua", "Chine nouvelle", "新华社", "新华网", "新華社", "Синьхуа",
        "شينخوا",
        "新華", "신화통신", "신화망", "XinhuaNet", "Xinhuanet", "Nachrichtenagentur Xinhua", "Agencia Xinhua",
    ),
    (
        "Reuters", "Thomson Reuters", "路透社", "路透", "ロイター", "로이터", "로이터통신", "Рейтер", "Рейтерс",
        "Reuter", "رويترز",
        "رویترز", "רויטרס", "रॉयटर्स", "รอยเตอร์", "rtr", "Ρόιτερς",
    ),
    (
        "AP", "Associated Press", "The Associated Press", "美联社", "美聯社", "AP通信", "AP통신", "أسوشيتد برس", "أ ب",
        "Ассошиэйтед Пресс", "एपी",
    ),
    (
        "AFP", "Agence France-Presse", "Agence France Presse", "Agencia AFP", "法新社", "AFP通信", "AFP通信社",
        "AFP통신",
        "فرانس برس", "أ ف ب", "أ.ف.ب", "وكالة فرانس برس", "Франс Пресс", "Agence France-Presse (AFP)",
    ),
    ("dpa", "Deutsche Presse-Agentur", "DPA", "dpa-AFX", "dpa-infocom", "德新社", "dpa/lno", "د ب أ"),
    ("EFE", "Agencia EFE", "EFE News Agency", "埃菲社"),
    ("ANSA", "Agenzia ANSA", "Ansa"),
    ("TASS", "ТАСС", "ИТАР-ТАСС", "Itar-Tass", "塔斯社", "تاس", "タス通信", "타스"),
    (
        "RIA Novosti", "РИА Новости", "RIA", "俄新社", "РИА", "Sputnik", "Спутник", "سبوتنيك", "سپوتنیک",
        "スプートニク",
        "俄罗斯卫星通讯社",
    ),
    ("Interfax", "Интерфакс", "Interfax-Ukraine", "Интерфакс-Украина", "Інтерфакс-Україна", "国际文传电讯社"),
    ("UPI", "United Press International"),
    ("Bloomberg", "Bloomberg News", "彭博社", "彭博", "ブルームバーグ", "블룸버그"),
    ("Kyodo", "Kyodo News", "共同", "共同社", "共同通信", "共同通信社", "교도통신", "教徒通信"),
    ("Jiji Press", "Jiji", "時事", "時事通信", "時事通信社", "时事社", "지지통신"),
    ("Yonhap", "Yonhap News Agency", "연합뉴스", "韩联社", "韓聯社", "聯合ニュース", "يونهاب"),
    ("Newsis", "뉴시스"), ("News1", "뉴스1"), ("KCNA", "조선중앙통신", "朝中社", "朝鮮中央通信"),
    ("CNA", "Central News Agency", "中央社", "中央通訊社"),
    ("China News Service", "中新社", "中新网", "中国新闻网", "中国新闻社", "ECNS", "China News"),
    ("CCTV", "央视新闻", "央视网", "央视", "CGTN", "央视新闻客户端"),
    (
        "People's Daily", "人民日报", "人民网", "人民日報", "人民網", "People's Daily Online",
        "Le Quotidien du Peuple en ligne",
        "Le Quotidien du Peuple", "Diario del Pueblo", "Pueblo en Línea", "Женьминь жибао", "Жэньминь жибао",
        "صحيفة الشعب اليومية", "人民網日本語版", "인민망", "人民网-人民日报", "German.people.cn",
    ),
    ("Global Times", "环球时报", "环球网"), ("China Daily", "中国日报", "中国日报网"),
    ("CRI", "China Radio International", "国际在线", "Radio Chine Internationale"),
    ("PTI", "Press Trust of India", "पीटीआई", "पीटीआई-भाषा", "भाषा"), ("ANI", "Asian News International", "एएनआई"),
    ("IANS", "Indo-Asian News Service", "आईएएनएस"), ("UNI", "United News of India", "यूनीवार्ता", "वार्ता"),
    ("BSS", "Bangladesh Sangbad Sangstha", "বাসস"), ("UNB", "United News of Bangladesh", "ইউএনবি"),
    ("APP", "Associated Press of Pakistan", "اے پی پی"),
    ("Antara", "Kantor Berita Antara", "ANTARA News"), ("Bernama", "BERNAMA", "马新社", "馬新社"),
    ("PNA", "Philippine News Agency"), ("VNA", "TTXVN", "Vietnam News Agency", "Vietnam+", "VNA/VNP"),
    ("TNA", "สำนักข่าวไทย"),
    ("IRNA", "ایرنا", "إرنا", "ИРНА"), ("ISNA", "ایسنا"), ("Mehr", "مهر", "خبرگزاری مهر", "Mehr News"),
    ("Fars", "فارس", "خبرگزاری فارس", "Fars News"), ("Tasnim", "تسنیم", "خبرگزاری تسنیم"),
    (
        "Anadolu", "Anadolu Ajansı", "Anadolu Agency", "AA", "الأناضول", "وكالة الأناضول", "Агентство Анадолу",
        "Anadolija", "آناتولی",
    ),
    ("DHA", "Demirören Haber Ajansı"), ("İHA", "İhlas Haber Ajansı", "IHA"), ("ANKA", "ANKA Haber Ajansı"),
    ("WAM", "وام", "وكالة أنباء الإمارات", "Emirates News Agency"),
    ("SPA", "واس", "وكالة الأنباء السعودية", "Saudi Press Agency"),
    ("QNA", "قنا", "وكالة الأنباء القطرية", "Qatar News Agency"), ("KUNA", "كونا"), ("Petra", "بترا"),
    ("MENA", "أ ش أ", "وكالة أنباء الشرق الأوسط", "Middle East News Agency"), ("SANA", "سانا"),
    ("NNA", "الوكالة الوطنية للإعلام"), ("INA", "واع"), ("WAFA", "وفا"), ("TAP", "وات", "Tunis Afrique Presse"),
    ("APS", "واج", "Algérie Presse Service"), ("MAP", "ومع", "Maghreb Arabe Presse"),
    ("PA", "PA Media", "Press Association", "PA News Agency"), ("AAP", "Australian Associated Press"),
    ("The Canadian Press", "Canadian Press", "La Presse Canadienne", "La Presse canadienne", "CP"), ("RNZ",),
    ("SID", "Sport-Informations-Dienst"), ("epd", "Evangelischer Pressedienst"),
    ("KNA", "Katholische Nachrichten-Agentur"), ("AFX", "dpa-AFX ProFeed"),
    ("APA", "Austria Presse Agentur", "APAOTS"),
    ("Keystone-SDA", "sda", "SDA", "Keystone SDA", "ATS", "Keystone-ATS"),
    ("ANP", "Algemeen Nederlands Persbureau", "Novum"),
    ("Belga", "Agence Belga", "Persagentschap Belga", "Belga News Agency"),
    ("TT", "Tidningarnas Telegrambyrå", "TT-Reuters", "TT-AFP"), ("NTB", "Norsk Telegrambyrå"),
    ("Ritzau", "Ritzaus Bureau"), ("STT", "Suomen Tietotoimisto", "FNB"),
    ("BNS", "Baltic News Service"), ("LETA",), ("ELTA",), ("PAP", "Polska Agencja Prasowa"),
    ("ČTK", "CTK", "Česká tisková kancelář"), ("TASR",), ("SITA",), ("MTI", "Magyar Távirati Iroda"),
    ("Agerpres", "AGERPRES"), ("Mediafax", "MEDIAFAX"), ("BTA", "БТА"),
    ("Tanjug", "Танјуг", "Tanjug"), ("Beta", "Бета"), ("FoNet",), ("HINA", "Hina"),
    ("STA", "Slovenska tiskovna agencija"), ("FENA", "Fena"), ("SRNA", "Срна"), ("MIA", "МИА"), ("ATA", "ATSH"),
    ("ANA-MPA", "ΑΠΕ-ΜΠΕ", "ΑΠΕ", "AMNA"), ("CNA/KYPE", "ΚΥΠΕ"),
    ("Ukrinform", "Укринформ", "Укрінформ"), ("UNIAN", "УНИАН", "УНІАН"), ("BelTA", "БЕЛТА", "БелТА"),
    ("Kazinform", "Казинформ", "ҚазАқпарат"), ("Azertac", "АЗЕРТАДЖ", "AZƏRTAC"), ("Trend",), ("Report.az",),
    ("Armenpress", "Арменпресс", "Արմենպրես"), ("Regnum", "REGNUM"), ("Rosbalt", "Росбалт"),
    ("Lusa", "Agência Lusa", "LUSA"), ("Agência Brasil",), ("Estadão Conteúdo",), ("Folhapress",), ("Télam", "Telam"),
    ("NA", "Noticias Argentinas"), ("Notimex",), ("Prensa Latina",), ("Europa Press", "EP", "EuropaPress"),
    ("Servimedia",), ("ACN", "Agència Catalana de Notícies"), ("Colpisa",), ("AVN",), ("Andina",),
    ("Adnkronos", "AdnKronos"), ("AGI", "Agenzia Italia"), ("LaPresse",), ("Askanews",), ("Italpress",), ("Dire",),
    ("Nova", "Agenzia Nova"), ("Relaxnews",), ("PANA", "Panapress"), ("APA News", "APA-Dakar"),
    ("NAN", "News Agency of Nigeria"), ("GNA", "Ghana News Agency"), ("SAnews", "SAnews.gov.za"),
    ("ENA", "Ethiopian News Agency"), ("SONNA",), ("IPS", "Inter Press Service"), ("AllAfrica",),
    ("Dow Jones Newswires",), ("GlobeNewswire",), ("PR Newswire",), ("Business Wire",),
    ("Getty",), ("AdvocacyNet",), ("StudyFinds",), ("news aktuell",), ("awp",), ("CNN Newsource",), ("Zuma Press",),
    ("Alliance News",),
)  # fmt: skip

# Abbreviations that are common words or initials too: an agency only where they stand alone or beside another one.
SHORT_FORMS = frozenset([
    "pa", "na", "ep", "cp", "uni", "app", "spa", "ina", "map", "tap", "sta", "mia", "ata", "ena", "ani", "nova",
    "trend", "dire", "beta", "fars", "mehr", "aa", "tt", "sid", "andina", "petra", "ria",
])  # fmt: skip

AGENCIES: dict[str, str] = {name.casefold(): row[0] for row in reversed(_TABLE) for name in row}
