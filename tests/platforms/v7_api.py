"""A server on the loopback that answers as V7's API does."""

from __future__ import annotations

import contextlib
import json
import socketserver
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import psutil

KEY = "k3y.0123456789-abcdef"
TEAM, DATASET, BUCKET, INTEGRATION, SLUG = "my-team", "my-dataset", "acme-scans", "Acme Scans", "acme-scans-in-v7"


@dataclass
class Request:
    """What V7 was asked."""

    method: str
    path: str
    headers: dict[str, str]
    body: Any


@dataclass
class V7:
    """V7's API, as far as its documents and darwin-py 3.6.3 tell; whatever it does not know is kept in `unknown`."""

    read_only: bool = False
    name: str = INTEGRATION
    bucket: str = BUCKET
    url: str = ""
    taken: set[str] = field(default_factory=set)  # names that the dataset has
    instead: list[tuple[int, dict[str, str], Any]] = field(default_factory=list)  # answers to the next registrations
    requests: list[Request] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)  # command lines of our processes, while one asked

    @property
    def registrations(self) -> list[Request]:
        """The requests that register items."""
        return [request for request in self.requests if request.method == "POST"]

    @property
    def bodies(self) -> list[Any]:
        """What they sent."""
        return [request.body for request in self.registrations]

    def answer(self, request: Request) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body."""
        self.requests.append(request)
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it has just ended
                self.commands += process.cmdline()
        routes: dict[str, Callable[[Request], tuple[int, dict[str, str], Any]]] = {
            "GET /api/users/token_info": lambda _: (200, {}, {"selected_team": {"slug": TEAM}}),
            "GET /api/datasets": lambda _: (200, {}, [{"id": 7, "name": "Mine", "slug": DATASET, "progress": 0}]),
            f"GET /api/teams/{TEAM}/storage": lambda _: (200, {}, self.storages()),
            f"POST /api/v2/teams/{TEAM}/items/register_existing": lambda asked: self.register(asked, False),
            f"POST /api/v2/teams/{TEAM}/items/register_existing_readonly": lambda asked: self.register(asked, True),
        }
        route = f"{request.method} {request.path}"
        if route not in routes:
            self.unknown.append(route)
            return refused(404, "NOT_FOUND")
        if request.headers.get("authorization") != f"ApiKey {KEY}":
            return refused(401, "NOT_AUTHENTICATED")
        return routes[route](request)

    def storages(self) -> list[dict[str, Any]]:
        """The integrations, in the form that darwin-py reads."""
        other = {
            "name": "other",
            "prefix": "",
            "readonly": False,
            "provider": "aws",
            "default": True,
            "bucket": "other",
        }
        return [
            other,
            {**other, "name": self.name, "readonly": self.read_only, "default": False, "bucket": self.bucket},
        ]

    def register(self, request: Request, read_only: bool) -> tuple[int, dict[str, str], Any]:
        """Registers items, as `instead` says or as the documents do."""
        if self.instead:
            return self.instead.pop(0)
        body = request.body
        if body["dataset_slug"] != DATASET or body["storage_slug"] != SLUG:
            return refused(404, "NOT_FOUND")
        if read_only != self.read_only or len(body["items"]) > 100:
            return refused(422, "INVALID_REQUEST")
        items, blocked = [], []
        for item in body["items"]:
            if item["name"] in self.taken:
                blocked.append({"name": item["name"], "slots": [{"slot_name": "0", "reason": "ALREADY_EXISTS"}]})
            else:
                items.append({"id": f"id-of-{item['name']}", "name": item["name"]})
        return 200, {}, {"items": items, "blocked_items": blocked}


def refused(status: int, code: str, **headers: str) -> tuple[int, dict[str, str], Any]:
    """An answer of V7 that is an error."""
    return status, headers, {"errors": {"code": code, "message": f"said with {status}"}}


class Handler(BaseHTTPRequestHandler):
    """Takes every request to the server's V7."""

    def do_GET(self) -> None:
        """Reads."""
        self.answer()

    def do_POST(self) -> None:
        """Registers."""
        self.answer()

    def answer(self) -> None:
        """Asks V7."""
        server = self.server
        assert isinstance(server, Server)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, self.path, headers, json.loads(sent) if sent else None)
        status, answered, body = server.v7.answer(request)
        content = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {
            "Content-Type": "application/json",
            "Content-Length": str(len(content)),
            **answered,
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """A V7 on the loopback."""

    def __init__(self, v7: V7) -> None:
        self.v7 = v7
        super().__init__(("127.0.0.1", 0), Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's look into the DNS."""
        socketserver.TCPServer.server_bind(self)
