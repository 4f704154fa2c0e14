"""The short form of `make soak`."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from tests.soak.run import Soak


@pytest.mark.soak
@pytest.mark.timeout(400)
def test_two_troubled_days_lose_nothing(tmp_path: Path) -> None:
    seed = random.randrange(10**6)
    said: list[str] = []
    soak = Soak(seed, tmp_path, 90, life=(3, 15), pace=(0.2, 1.0), catch_up=150, speed=2000, tell=said.append)
    assert soak.run(), "\n".join(said)
