"""A stand-in of V7's API and an operator who runs the registration scripts against it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.platforms.v7_api import V7, Server
from tests.platforms.v7_scripts import Operator


@pytest.fixture
def v7() -> Iterator[V7]:
    """A V7 with a read-write integration; fails if it was asked what it does not know."""
    v7 = V7()
    with Server(v7) as server:
        v7.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield v7
        server.shutdown()
    assert v7.unknown == []


@pytest.fixture
def closed() -> Iterator[str]:
    """An address of the loopback that refuses connections: bound, so that nobody else has it, but not listening."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)
