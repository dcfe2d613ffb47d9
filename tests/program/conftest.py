"""Stacks that are raised once, for tests that leave them as they found them."""

from __future__ import annotations

import pytest

from tests.conftest import Sandbox, Stack
from tests.program.stacks import files


@pytest.fixture(scope="session")
def raised(sandbox: Sandbox) -> Sandbox:
    """The sandbox after its own `up`, as `make up` runs it."""
    said = sandbox.run("python", "-m", "sandbox", "up", cwd=sandbox.folder.root)
    assert "15 created" in said
    return sandbox


@pytest.fixture(scope="session")
def pair(sandbox: Sandbox) -> Stack:
    """A raised stack with a grant on each store, for tests that leave it as they found it."""
    stack = sandbox.stack("pair", **files("pair"))
    stack.up()
    return stack
