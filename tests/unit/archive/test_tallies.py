"""Which lines count or date the page, and which tell of something."""

from __future__ import annotations

import pytest

from archive.likeness import normalise
from archive.tallies import counts_the_page, is_bare, is_date

COUNTERS = (
    "This article has been viewed 4123 times.|Read 1,234 times|This page was read 1,003 times.|1.2K likes 34 comments|12 shares|"
    "Dieser Artikel wurde 1.204 Mal gelesen.|12 Kommentare|この記事は1204回読まれました。|本文阅读量1204次。|阅读 1234|Просмотров: 1204.|"
    "تمت قراءة هذا الخبر 1204 مرة.|عدد المشاهدات: ١٢٠٤|यह खबर १२०४ बार पढ़ी गई|조회수 1,204|Vu 3 fois - 1 204 lectures|Leído 12 veces"
).split("|")  # fmt: skip
STAMPS = (
    "Updated on Tuesday, November 24, 2026 at 2.05 pm.|Updated 59 minutes ago|Обновлено: 25 ноября 2026 г., 14:05.|"
    "Stand: 24.11.2026 14:05 Uhr.|Actualizado el 24 de noviembre de 2026 a las 14:05 h.|ปรับปรุงล่าสุด 24 พ.ย. 2569 14:05 น.|"
    "更新 2026年3月31日 10:00|Il y a 5 minutes|3 March 2026, 10:05 | 4 replies | 1003 hits".replace(" | ", " / ")
).split("|")  # fmt: skip
NEITHER = (
    "Dead: 12|Injured: 40|At least 12 dead in the gorge|死亡人数：12人|Kick-off: 20:45, Mill Lane|Hotline: 0800 123 456|Price: $399|"
    "Hartley United 2, Corby Town 1|12 people|12 minutes|The book was read by 12 million people.|Updated figures show 45 dead.|"
    "Views differ on the 12 bridges.|Погибли 12 человек|12 Menschen starben|12人が死亡|Read more|Published in 12 languages"
).split("|")  # fmt: skip


@pytest.mark.parametrize("line", COUNTERS + STAMPS)
def test_lines_that_count_or_date_the_page(line: str) -> None:
    assert counts_the_page(normalise(line))


@pytest.mark.parametrize("line", NEITHER)
def test_lines_that_do_not(line: str) -> None:
    assert not counts_the_page(normalise(line))
    assert not is_bare(normalise(line))


def test_bare_figures() -> None:
    assert [is_bare(line) for line in ("1,234", "20:45", "3 march 2026", "12 dead", "—", "1" * 100)] == [True] * 3 + [
        False
    ] * 3
    assert [is_date(line) for line in ("1,234", "20:45", "3 march 2026", "12 dead")] == [False, True, True, False]
