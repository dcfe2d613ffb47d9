"""What a store, or something in its place, answers: only a denial of the store's own is a refusal."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from drawbridge.verify.endpoints import Endpoints, Reach
from tests.verify.conftest import World, of_colour
from tests.verify.test_verify import READS, lines

ERROR = '<?xml version="1.0"?><Error><Code>{}</Code><Message>m</Message></Error>'


@contextmanager
def answering(status: int, body: str, headers: dict[str, str] | None = None) -> Iterator[str]:
    """A server that gives every request the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body.encode())

        do_GET = do_PUT = do_DELETE = do_HEAD = answer

        def log_message(self, format: str, *args: object) -> None:
            del format, args

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def through(world: World, plain: str) -> Endpoints:
    """The map with something else in the place of the store without TLS."""
    at = world.endpoints.stores["aws"]
    return world.endpoints.model_copy(update={"stores": {"aws": Reach(endpoint=at.endpoint, plain=plain)}})


ANSWERS = {
    "a proxy": (403, "<html>blocked by proxy</html>", {}),
    "nothing": (403, "", {}),
    "an archived object": (403, ERROR.format("InvalidObjectState"), {}),
    "another code": (403, ERROR.format("AccessDeniedByProxy"), {}),
    "not there": (404, ERROR.format("NoSuchKey"), {}),
    "another region": (301, ERROR.format("PermanentRedirect"), {"x-amz-bucket-region": "eu-west-1"}),
    "another region, without a word": (301, "", {}),
    "a redirect to nowhere": (307, "", {}),
    "too busy": (503, ERROR.format("SlowDown"), {}),
    "broken": (500, "", {}),
    "a portal": (200, "<html>hi", {}),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_what_is_no_denial_of_the_store_is_red(world: World, name: str) -> None:
    made = world.applied("aws", reads=READS)
    with answering(*ANSWERS[name]) as plain:
        report = world.verify(made, endpoints=through(world, plain))
    assert of_colour(report, "red") == {"reads": {"no TLS"}}, lines(report)
    assert report.problems == []


def test_a_denial_is_green_there(world: World) -> None:
    made = world.applied("aws", reads=READS)
    with answering(403, ERROR.format("AccessDenied")) as plain:
        assert of_colour(world.verify(made, endpoints=through(world, plain)), "red") == {}


def test_nobody_listens(world: World) -> None:
    made = world.applied("aws", reads=READS)
    report = world.verify(made, endpoints=through(world, "http://127.0.0.1:1"))
    assert of_colour(report, "red") == {"reads": {"no TLS"}}
    assert "EndpointConnectionError" in lines(report)[0]
