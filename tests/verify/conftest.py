"""One running judge for all tests that ask it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from drawbridge.verify.judge import Judge
from tools.judge.install import install


@pytest.fixture(scope="session")
def judge() -> Iterator[Judge]:
    """The judge, installed first where it is missing."""
    with Judge([str(word) for word in install()]) as running:
        yield running
