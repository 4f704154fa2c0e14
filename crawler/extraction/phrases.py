"""What the lines around an article say, in the languages of the news: data, no logic.

Each table holds the beginnings (or, where said, the whole) of such lines, folded to lower case. A line is only compared
when it is short, because any of these words may begin a sentence of the article.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .anycase import AnyCase

UPDATED = (
    "last updated", "last update", "last modified", "updated", "update:", "latest update", "dernière mise à jour",
    "mis à jour",
    "mise à jour", "modifié le", "actualisé le", "zuletzt aktualisiert", "aktualisiert", "letzte aktualisierung",
    "stand:",
    "letztes update", "última actualización", "actualizado", "actualizada", "última atualização", "atualizado",
    "atualizada",
    "ultimo aggiornamento", "ultima modifica", "aggiornato", "aggiornata", "laatst bijgewerkt", "laatste update",
    "bijgewerkt", "gewijzigd", "senast uppdaterad", "uppdaterad", "sist oppdatert", "oppdatert", "sidst opdateret",
    "opdateret",
    "päivitetty", "muokattu", "síðast uppfært", "uppfært", "ostatnia aktualizacja", "aktualizacja", "zaktualizowano",
    "poslední aktualizace", "aktualizováno", "aktualizované", "frissítve", "frissítés", "ultima actualizare",
    "actualizat",
    "posljednja izmjena", "ažurirano", "zadnja izmjena", "posodobljeno", "последна промяна", "последна актуализация",
    "обновлено", "последнее обновление", "изменено", "оновлено", "последњи пут ажурирано", "ажурирано",
    "τελευταία ενημέρωση",
    "ενημερώθηκε", "ενημέρωση", "güncelleme", "son güncelleme", "güncellenme", "güncellendi", "آخر تحديث",
    "تم التحديث", "تحديث",
    "تاريخ التحديث", "به روز رسانی", "به‌روزرسانی", "آخرین به روزرسانی", "آخری اپ ڈیٹ", "עודכן", "עדכון אחרון",
    "अपडेटेड", "अंतिम अपडेट", "अद्यतन", "আপডেট", "সর্বশেষ আপডেট", "புதுப்பிக்கப்பட்டது", "最后更新", "最近更新",
    "最後更新", "更新时间",
    "更新時間", "更新于", "更新於", "更新日時", "最終更新", "更新：", "更新:", "최종수정", "최종 수정", "수정",
    "업데이트", "ปรับปรุงล่าสุด", "อัปเดต",
    "cập nhật lần cuối", "cập nhật", "diperbarui", "terakhir diperbarui", "dikemas kini", "huling na-update",
    "ilisasishwa", "imeboreshwa", "laatst opgedateer",
)  # fmt: skip

PUBLISHED = (
    "published", "posted", "first published", "publié", "publiée", "posté", "paru le", "veröffentlicht", "erschienen",
    "publicado", "publicada", "pubblicato", "gepubliceerd", "publicerad", "publisert", "udgivet", "offentliggjort",
    "julkaistu", "opublikowano", "data publikacji", "publikacja", "publikováno", "vydáno", "publikované", "megjelent",
    "publicat", "objavljeno", "publikovano", "публикувано", "опубликовано", "дата публикации", "опубліковано",
    "објављено",
    "δημοσιεύτηκε", "δημοσίευση", "yayınlanma", "yayın tarihi", "giriş", "oluşturulma", "نشر", "تاريخ النشر", "نُشر",
    "نشر في",
    "انتشار", "تاریخ انتشار", "شائع", "פורסם", "תאריך פרסום", "प्रकाशित", "পোস্ট", "প্রকাশিত", "প্রকাশ", "发布时间",
    "发表时间", "发布于", "發布時間",
    "發佈時間", "刊登", "公開日", "公開", "掲載", "配信", "投稿", "입력", "등록", "기사입력", "승인", "เผยแพร่",
    "đăng", "xuất bản", "diterbitkan",
    "dipublikasikan", "terbit", "imechapishwa",
)  # fmt: skip

SHARE = (
    "share", "share this", "partager", "partagez", "partage", "teilen", "artikel teilen", "beitrag teilen",
    "diesen artikel teilen",
    "compartir", "comparte", "compártelo", "compartilhar", "compartilhe", "partilhar", "partilhe", "condividi",
    "delen", "deel",
    "deel dit", "dela", "dela artikeln", "del artikel", "del artikkelen", "jaa", "udostępnij", "podziel się",
    "sdílet", "sdílejte",
    "zdieľať", "zdieľaj", "megosztás", "oszd meg", "distribuie", "podijeli", "podeli", "deli", "сподели",
    "поделиться", "поделитесь", "поділитися",
    "поширити", "κοινοποίηση", "μοιραστείτε", "paylaş", "شارك", "مشاركة", "شارك هذا", "اشتراک گذاری", "به اشتراک",
    "شیئر", "שתף", "שתפו", "शेयर",
    "साझा", "শেয়ার", "பகிர்", "分享", "转发", "分享到", "分享至", "シェア", "共有", "この記事をシェア", "공유",
    "기사공유", "แชร์", "chia sẻ",
    "bagikan",
    "kongsi", "i-share", "tweet", "retweet", "facebook", "twitter", "whatsapp", "telegram", "linkedin", "pinterest",
    "email", "e-mail", "copy link",
    "link kopieren", "copier le lien", "copiar enlace", "drucken", "print", "imprimer", "imprimir", "stampa",
    "печать", "распечатать", "打印",
    "印刷", "follow us", "suivez-nous", "folgen sie uns", "síguenos", "siga-nos", "seguici", "подписывайтесь", "تابعنا",
    "شاركها", "关注我们", "扫一扫",
)  # fmt: skip

COMMENTS = (
    "votre pseudo", "votre nom", "votre commentaire", "commentaires", "commenter", "laisser un commentaire", "réagir",
    "réagissez", "leave a comment", "leave a reply", "post a comment", "add a comment", "write a comment",
    "your name", "your comment",
    "comments", "view comments", "join the conversation", "kommentare", "kommentar schreiben", "kommentieren",
    "ihr name", "ihr kommentar",
    "schreiben sie einen kommentar", "comentarios", "comentar", "deja un comentario", "tu nombre", "su nombre",
    "comentários", "deixe um comentário",
    "seu nome", "commenti", "lascia un commento", "commenta", "reacties", "reageer", "plaats een reactie",
    "kommentarer", "skriv en kommentar", "kommentit",
    "kommentoi", "komentarze", "dodaj komentarz", "komentáře", "komentovat", "diskuse", "hozzászólások", "comentarii",
    "lasă un comentariu", "komentari",
    "комментарии", "оставить комментарий", "ваше имя", "ваш комментарий", "комментировать", "коментарі", "коментари",
    "σχόλια", "yorumlar", "yorum yap",
    "التعليقات", "أضف تعليق", "أضف تعليقا", "اترك تعليق", "اكتب تعليق", "نظرات", "نظر شما", "نام شما", "תגובות",
    "הוסף תגובה", "टिप्पणी", "टिप्पणियां", "মন্তব্য",
    "我要评论", "发表评论", "评论", "网友评论", "您的昵称", "昵称", "留言", "發表評論", "コメント", "コメントを書く",
    "お名前", "ニックネーム", "댓글", "댓글쓰기",
    "닉네임", "ความคิดเห็น", "bình luận", "ý kiến", "komentar", "tinggalkan komentar", "maoni",
)  # fmt: skip

RELATED = (
    "read also", "read more", "also read", "see also", "related", "related articles", "related stories",
    "related news", "more on this",
    "more from", "more stories", "more news", "recommended", "recommended stories", "you may also like",
    "you might also like", "most read", "most popular",
    "most viewed", "trending", "editor's picks", "editors' picks", "editor's choice", "top stories", "latest news",
    "don't miss", "up next",
    "lire aussi", "à lire aussi", "à lire", "lire également", "à voir aussi", "voir aussi", "sur le même sujet",
    "articles liés", "articles similaires",
    "conseils de la rédaction", "les plus lus", "les articles les plus lus", "plus d'articles",
    "le choix de la rédaction", "notre sélection", "recommandé",
    "lesen sie auch", "lies auch", "lesen sie mehr", "mehr zum thema", "mehr dazu", "auch interessant",
    "das könnte sie auch interessieren", "meistgelesen",
    "weitere artikel", "weitere meldungen", "empfehlungen der redaktion", "ähnliche artikel", "passend dazu",
    "zum thema", "lee también", "leer más", "lea también", "te puede interesar",
    "más noticias", "noticias relacionadas", "relacionado", "relacionados", "lo más leído", "más leídas",
    "leia também", "leia mais", "veja também",
    "notícias relacionadas", "mais lidas", "saiba mais", "leggi anche", "potrebbe interessarti", "articoli correlati",
    "i più letti", "vedi anche", "lees ook", "lees meer", "meer over",
    "meest gelezen", "läs också", "läs även", "läs mer", "mest lästa", "les også", "les mer", "mest lest", "læs også",
    "læs mere", "mest læste", "lue myös", "lue lisää", "luetuimmat",
    "lesa meira", "czytaj też", "czytaj także", "czytaj więcej", "zobacz też", "zobacz także", "przeczytaj także",
    "polecane", "najczęściej czytane", "čtěte také", "přečtěte si",
    "související články", "nejčtenější", "mohlo by vás zajímat", "čítajte aj", "súvisiace články", "olvassa el",
    "kapcsolódó cikkek", "citește și", "citiți și", "pročitajte", "pročitajte još", "preberite tudi",
    "прочетете още", "вижте още", "читайте также", "читать также", "смотрите также", "по теме", "материалы по теме",
    "похожие новости", "самое читаемое", "популярное", "ещё по теме",
    "читайте також", "прочитајте", "διαβάστε επίσης", "διαβάστε ακόμη", "σχετικά άρθρα", "ilgili haberler",
    "ayrıca okuyun", "ayrıca bakınız", "bunlar da ilginizi çekebilir", "öne çıkanlar", "çok okunanlar",
    "اقرأ أيضا", "اقرأ أيضاً", "اقرأ أيضًا", "اقرأ المزيد", "مواضيع ذات صلة", "أخبار ذات صلة", "ذات صلة",
    "الأكثر قراءة", "شاهد أيضا", "إقرأ أيضا", "اخترنا لك", "بیشتر بخوانید", "مطالب مرتبط", "اخبار مرتبط",
    "مزید پڑھیں", "یہ بھی پڑھیں", "קראו גם", "עוד בנושא", "כתבות נוספות", "यह भी पढ़ें", "ये भी पढ़ें",
    "इसे भी पढ़ें", "संबंधित खबरें", "আরও পড়ুন", "আরো পড়ুন", "மேலும் படிக்க", "相关新闻", "相关阅读", "相关报道",
    "相关文章", "延伸阅读", "推荐阅读", "热门新闻", "热点新闻", "编辑推荐", "编辑精选", "热门排行", "相關新聞",
    "延伸閱讀", "推薦閱讀", "更多新聞", "関連記事", "関連ニュース",
    "あわせて読みたい", "おすすめ記事", "おすすめ",
    "アクセスランキング", "人気記事", "関連リンク", "관련기사", "관련 기사", "추천기사", "많이 본 뉴스", "인기기사",
    "인기 기사", "ข่าวที่เกี่ยวข้อง",
    "อ่านเพิ่มเติม", "xem thêm", "tin liên quan", "đọc thêm", "tin cùng chuyên mục", "baca juga",
    "berita terkait", "baca selengkapnya", "lihat juga", "berita berkaitan", "basahin din", "soma pia",
    "habari zinazohusiana", "lees ook",
)  # fmt: skip

PROMOTION = (
    "subscribe", "sign up", "newsletter", "get the latest", "download the app", "download our app", "get our app",
    "log in", "sign in", "register now", "advertisement", "sponsored", "anzeige", "werbung",
    "publicité", "publicidad", "publicidade", "pubblicità", "advertentie", "annons", "annonse", "annonce", "mainos",
    "reklama", "реклама", "reklam", "إعلان", "تبلیغات", "विज्ञापन",
    "বিজ্ঞাপন", "广告", "廣告", "広告", "광고", "โฆษณา", "quảng cáo", "iklan", "abonnez-vous", "s'abonner",
    "inscrivez-vous",
    "jetzt abonnieren", "jetzt anmelden", "suscríbete", "suscribirse", "inscreva-se",
    "assine", "iscriviti", "abonneer", "zapisz się", "подпишитесь", "подписаться", "abone ol", "اشترك", "عضویت", "订阅",
    "訂閱", "会員登録", "구독", "đăng ký nhận",
    "accept cookies", "cookie settings", "skip to content", "skip to main content", "back to top", "zum seitenanfang",
    "retour en haut", "this article was translated", "your browser does not support", "please enable javascript",
    "empfohlener redaktioneller inhalt", "empfohlener externer inhalt", "externer inhalt", "externe inhalte",
    "ein klick für den datenschutz", "external content", "contenu externe", "contenido externo", "conteúdo externo",
    "contenuto esterno", "externe inhoud", "eksternt indhold", "eksternt innhold", "externt innehåll",
    "article continues below", "story continues below", "artikel unten weiterlesen", "scroll to continue",
    "suite de l'article après", "sigue leyendo", "continua dopo la pubblicità",
    "continue reading", "app herunterladen", "jetzt herunterladen", "ajouter à vos favoris",
    "zur merkliste hinzufügen", "artikel merken", "artikel anhören", "listen to this article", "écouter cet article",
    "escuchar",
)  # fmt: skip

TAGS = (
    "tags:", "tag:", "tags", "topics:", "keywords:", "mots-clés", "mots clés", "schlagworte", "schlagwörter",
    "themen:", "etiquetas", "temas:", "palavras-chave", "argomenti:",
        "ämnen:", "emner:", "avainsanat", "tagi:", "štítky", "címkék", "теги:", "метки:", "теги", "ключевые слова",
        "ετικέτες", "etiketler", "الكلمات المفتاحية", "الوسوم", "كلمات دلالية", "برچسب",
        "תגיות", "टैग", "关键词", "关键字", "标签", "關鍵字", "標籤", "キーワード", "タグ", "태그", "키워드",
        "từ khóa", "kata kunci",
)  # fmt: skip

COPYRIGHT = (
    "©", "(c) ", "copyright", "all rights reserved", "tous droits réservés", "alle rechte vorbehalten",
    "todos los derechos", "todos os direitos", "tutti i diritti", "alle rechten",
             "все права защищены", "všechna práva", "wszelkie prawa", "tüm hakları", "جميع الحقوق", "حقوق الطبع",
             "تمامی حقوق", "כל הזכויות", "版权所有", "版權所有", "著作権", "無断転載", "저작권자", "무단전재", "ⓒ",
             "สงวนลิขสิทธิ์", "bản quyền", "hak cipta")  # fmt: skip

PICTURE = (
    "photo:", "photo :", "photo by", "photos:", "photo credit", "image:", "image source", "image caption", "picture:",
    "credit:", "crédit photo", "crédit :", "crédits :", "foto:", "foto ©", "fotos:", "fotoğraf:", "bild:",
    "bildquelle",
           "quelle:", "imagen:", "créditos", "immagine:", "beeld:", "kuva:", "zdjęcie:", "fot.", "fot:", "zdroj:",
           "forrás:", "фото:", "фото :", "изображение:", "صورة:", "الصورة:", "عکس:", "צילום:", "图片来源", "图为",
           "摄影：",
           "写真：", "撮影：", "사진=", "사진 =", "ảnh:",
           "getty images", "file photo")  # fmt: skip


def beginnings(*tables: Iterable[str]) -> AnyCase:
    """Compile tables into one expression that matches a line that begins with any of their phrases as whole words."""
    phrases = sorted({phrase for table in tables for phrase in table}, key=len, reverse=True)
    return AnyCase(r"^[\W_]*(?:" + "|".join(map(re.escape, phrases)) + r")(?![a-zß-öø-ÿœа-яё])")
