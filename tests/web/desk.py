"""An archive to read in: scripts of both directions, versions, a story, a withdrawal, raw records, hostile texts."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from archive import Archive
from archive.filing import Filing
from archive.raw import Exchange, Wishes
from archive.records import Draft, utc_text
from archive.rows import SourceRow

START = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)
SOURCES = (
    SourceRow("harbour", "Harbour Courier", "https://harbour.example/", "gb", "en", "Europe/London"),
    SourceRow("tide", "Tide & Time", "https://tide.example/", "us", "en", "America/New_York"),
    SourceRow("lake", "Lakeside Herald", "https://lake.example/", "ca", "en", "America/Toronto"),
    SourceRow("sada", "صدى الميناء", "https://sada.example/", "lb", "ar", "Asia/Beirut"),
    SourceRow("chenbao", "港湾晨报", "https://chenbao.example/", "cn", "zh", "Asia/Shanghai"),
    SourceRow("gangwan", "港灣日報", "https://gangwan.example/", "tw", "zh", "Asia/Taipei"),
)

ARABIC = (
    "أعلنت هيئة الميناء يوم الخميس أن العبّارة ستعود إلى العمل بعد توقف دام تسعة أشهر.",
    "كيف ستعمل الرحلات",
    "BBC قالت إن الرحلات الأولى ستكون مجانية لسكان الجزر حتى نهاية الشهر.",
    "«انتظرنا هذا اليوم طويلا، ولم نعد نصدق الوعود»، قالت المعلمة ليلى حداد.",
    "The ferry will sail at seven in the morning and again at noon.",
)
ARABIC_READING = "\n\n".join(
    [ARABIC[0], f"### {ARABIC[1]}", ARABIC[2], f"> {ARABIC[3]}",
     "- رحلة الصباح\n- رحلة المساء، [الجدول الكامل](<https://sada.example/jadwal?a=1&b=2>)",
     "| المرفأ | الوقت |\n| --- | --- |\n| الجزيرة الشمالية | 07:00 |", ARABIC[4]]
)  # fmt: skip
CHINESE = (
    "港务局周四宣布，停航九个月的渡轮将于下月恢复运营，首批航班对岛上居民免费。",
    "“我们等这一天等了很久，”小学教师林晓梅说，“孩子们每天要绕行四十公里。”",
    "工程师检查了全部三艘渡轮，并更换了其中两艘的发动机。整修共用去一千二百万元。",
    "第一班渡轮将于早上七点出发，中午再开一班，下午返航。冬季时刻表稍后公布。",
    "港务局说，如果乘客人数超过预期，明年春天还会增加第四艘渡轮。",
    "岛上的渔民希望同一航线也能运送冷藏货物。",
)
REPORT = (
    "PORT ALDEN (Wire) - The harbour board voted on Thursday to reopen the ferry line to the northern islands after nine months.",
    "Engineers have looked at all three vessels and replaced the engines of two, at a cost of twelve million.",
    "Islanders will travel free of charge until the end of the month, the board said in a statement.",
    "Schoolteacher Maren Olsby said that her pupils had been going round by road for forty kilometres every morning.",
    "The first boat leaves at seven and the second at noon; a winter timetable will follow in October.",
    "If more people travel than the board expects, a fourth vessel will join the line next spring.",
    "Fishermen want the same line to carry chilled goods to the market on the mainland, which takes them a day by road.",
)
SCRIPT = "<script>window.owned = 1</script>"
HOSTILE_READING = "\n\n".join(
    [SCRIPT, "[a link](javascript:window.owned=2) and [another](<JaVaScRiPt:window.owned=3>)",
     "![a picture](<https://elsewhere.example/x.png>)", '<img src="https://elsewhere.example/y.png" onerror="window.owned=4">',
     "<https://elsewhere.example/auto>", "[data](data:text/html,x) [good](<https://fine.example/?a=\"b\"&c='d'>)",
     "| a | <b>b</b> |\n| --- | --- |\n| <svg onload=window.owned=5> | x |"]
)  # fmt: skip


@dataclass
class Desk:
    """Files articles, a capture each, and keeps their numbers by name."""

    archive: Archive
    numbers: dict[str, int]
    sources: dict[str, int]

    def file(self, name: str, source: str, title: str, text: str, hours: float = 0, **more: Any) -> int:
        """File an article, or a new version of the one of that name, with the capture it came from."""
        url = str(more.pop("url", f"https://{source}.example/{name}"))
        moment = START + timedelta(hours=hours)
        reserved = more.pop("reserved", None)
        fields = {"published_at": utc_text(START), "language": "en", **more}
        body = gzip.compress(f"<!doctype html><title>{title}</title><p>{text}</p>{SCRIPT}".encode())
        exchange = Exchange(
            url if url.startswith("http") else "https://odd.example/",
            moment,
            200,
            "OK",
            (("Content-Type", "text/html; charset=utf-8"), ("Content-Encoding", "gzip"), ("X-Said", "<b>so</b>")),
            body,
            (("User-Agent", "Kiosque"),),
            wishes=Wishes(reserved=reserved),
        )
        placed = self.archive.raw.append(exchange, self.archive.captures.earlier(exchange.url, exchange.digest))
        self.archive.raw.flush()
        with self.archive.transaction():
            filed = self.archive.store.file(
                Filing(
                    self.sources[source],
                    Draft(title=title, text=text, **fields),
                    requested=(url,),
                    final=url,
                    captured_at=utc_text(moment),
                )
            )
            self.archive.db.execute(
                """INSERT OR IGNORE INTO pages (url, source_id, discovered_at, state, outcome, article_id, http_status)
                   VALUES (?, ?, ?, 'done', 'stored', ?, 200)""",
                [url, self.sources[source], utc_text(moment), filed.article_id],
            )
            page = self.archive.db.execute("SELECT id FROM pages WHERE url = ?", [url]).fetchone()["id"]
            capture = self.archive.captures.add(exchange, placed, page_id=page)
            self.archive.store.set_capture(filed.article_id, filed.version, utc_text(moment), capture)
        self.numbers[name] = filed.article_id
        return filed.article_id


def make_desk(folder: Path) -> Desk:
    """Make the archive; it stays open, as a crawler at work would keep it."""
    archive = Archive(folder, write=True)
    with archive.transaction():
        sources = {row.slug: archive.ledger.put_source(row, START) for row in SOURCES}
    desk = Desk(archive, {}, sources)
    desk.file(
        "arabic", "sada", "العبّارة تعود إلى الجزر الشمالية بعد تسعة أشهر", "\n".join(ARABIC), language="ar",
        reading=ARABIC_READING, section="العالم", authors=("ليلى منصور", "Omar Said"), agency="AFP", dateline="بيروت",
        tags=("عبّارات", 'say "ferry"'), published_at="2026-03-05T07:10:00Z", published_raw="الخميس 5 آذار 09:10",
        modified_at="2026-03-05T08:00:00Z", reserved={"tdm_reservation": "1"}, provenance={"title": "jsonld", "published_at": "opengraph"},
    )  # fmt: skip
    desk.file(
        "chinese",
        "chenbao",
        "港口渡轮停航九个月后恢复",
        "\n".join(CHINESE),
        language="zh",
        authors=("王芳",),
        section="国际",
    )
    changed = (CHINESE[0].replace("下月", "本月"), *CHINESE[1:5], "岛上居民对此表示欢迎。")
    desk.file("chinese", "chenbao", "北方渡轮停航九个月后恢复", "\n".join(changed), 30, language="zh", section="国际")
    desk.file(
        "taiwan",
        "gangwan",
        "港口渡輪停航九個月後恢復",
        "港務局週四宣布，停航九個月的渡輪將於下月恢復營運。",
        language="zh",
    )

    desk.file(
        "first",
        "harbour",
        "Ferry line to the islands reopens",
        "\n".join(REPORT),
        0.1,
        agency="Wire",
        authors=("Imogen Tarrant",),
    )
    desk.file(
        "second", "tide", "Nine months on, the ferry is back", "\n".join((*REPORT[:6], "Nobody said what it will cost.")),
        2.3, agency="Wire", published_at=utc_text(START + timedelta(hours=2, minutes=10)),
    )  # fmt: skip
    desk.file("third", "lake", "Ferry line to the islands reopens", "\n".join(REPORT), 40, agency="Wire",
              published_at=utc_text(START + timedelta(hours=38)))  # fmt: skip

    council = ("The council voted nine to four for the new bridge on Tuesday.", "The mayor said that the town could afford it.",
               "Three members walked out before the vote.", "Work begins in May.", "It will take two years.", "A second vote follows.")  # fmt: skip
    desk.file("council", "harbour", "Council votes for the bridge", "\n".join(council), 1, tags=("Bridge",))
    desk.file("council", "harbour", "Council votes for a costly bridge", "\n".join(council), 5)
    desk.file("council", "harbour", "Council votes for a costly bridge", "\n".join([*council[:2], *council[3:]]), 6)
    corrected = [council[0].replace("nine", "eight"), council[1], *council[3:]]
    corrected.append("Correction: an earlier version of this article gave a wrong number of votes.")
    desk.file("council", "harbour", "Council votes for a costly bridge", "\n".join(corrected), 8)
    desk.file("bridge", "harbour", "The costly bridge that the council wants", "A look at the plans, and at who will pay for them.",
              20, tags=("Bridge",))  # fmt: skip
    desk.file("gone", "sada", "خبر لم يعد موجودا", "نص قصير بقي في الأرشيف بعد حذفه من الموقع.", 3, language="ar")
    with archive.transaction():
        archive.store.withdraw(desk.numbers["gone"], utc_text(START + timedelta(hours=50)), "https://sada.example/gone")
    desk.file("hostile", "tide", f"{SCRIPT} & \"quotes\" in a title", SCRIPT, 4, url="javascript:window.owned=6", reading=HOSTILE_READING,
              section=SCRIPT, authors=(SCRIPT,), agency='"><b>x', tags=(SCRIPT, '"><script>window.owned=7</script>'),
              published_raw=SCRIPT, dateline=SCRIPT, provenance={"title": SCRIPT}, paywalled=True)  # fmt: skip
    return desk
