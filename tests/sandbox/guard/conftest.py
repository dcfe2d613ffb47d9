"""One cast for all tests of the guard."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox
from tests.sandbox.guard.cast import Cast


@pytest.fixture(scope="session")
def cast(sandbox: Sandbox) -> Cast:
    return Cast(sandbox)
