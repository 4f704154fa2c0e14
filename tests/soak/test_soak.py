"""The short form of `make soak`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.soak.run import Soak


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_a_troubled_day_loses_nothing(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    said: list[str] = []
    soak = Soak(seed, tmp_path, 60, life=(12, 30), pace=(0.2, 1.0), catch_up=150, tell=said.append)
    assert soak.run(), "\n".join(said)
