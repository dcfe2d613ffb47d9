"""A server on the loopback that answers as Lightly's API does, and an operator who runs the script against it."""

from __future__ import annotations

import json
import os
import re
import socketserver
import subprocess
import urllib.parse
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tests.clients.environment import lightly

TOKEN = "t0ken+of/lightly=0123456789"
ID, OTHER_ID = "646f34608a5613b57d8b73c9", "0123456789abcdef01234567"
GREEN = {"canRead": True, "canWrite": True, "canList": True, "canOverwrite": True}
Answer = tuple[int, Any]


@dataclass
class Lightly:
    """Lightly's API, as far as lightly 1.5.26 tells; what it does not know is kept in `unknown`."""

    url: str = ""
    datasets: dict[str, dict[str, Any]] = field(default_factory=dict)
    datasources: dict[str, dict[str, Any]] = field(default_factory=dict)  # the bodies, by dataset and purpose
    verified: dict[str, Any] = field(default_factory=lambda: dict(GREEN))
    instead: dict[str, Answer] = field(default_factory=dict)  # other answers, by method and path
    requests: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    def add(self, dataset_id: str, name: str, kind: str = "Images") -> None:
        """A dataset with what the client's model of one asks for."""
        numbers = {"nSamples": 0, "sizeInBytes": 0, "createdAt": 1, "lastModifiedAt": 1}
        self.datasets[dataset_id] = {"id": dataset_id, "name": name, "type": kind, "userId": "me", **numbers}

    def answer(self, method: str, path: str, query: dict[str, str], body: Any) -> Answer:
        """Status and body."""
        asked = f"{method} {path}"
        self.requests.append(asked)
        if asked == "GET /v1/versions/pip/minimum":  # the one thing that is asked without a token
            return 200, "1.2.42"
        if query.get("token") != TOKEN:
            return refused(401, f"no such token: {query.get('token')}")
        if asked in self.instead:
            return self.instead[asked]
        if found := re.fullmatch("GET /v1/datasets/query/name/(.+)", asked):
            named = [one for one in self.datasets.values() if one["name"] == urllib.parse.unquote(found[1])]
            return 200, named if query.get("exact", "").lower() == "true" else []
        if asked == "POST /v1/datasets":
            self.add(ID, body["name"], body["type"])
            return 201, {"id": ID}
        found = re.fullmatch("(GET|PUT) /v1/datasets/([a-f0-9]{24})(|/datasource|/datasource/verify)", asked)
        if not found:
            self.unknown.append(asked)
            return refused(404, "no such route")
        if found[2] not in self.datasets:
            return refused(404, "no such dataset")
        if (found[1], found[3]) == ("PUT", "/datasource"):
            self.datasources.setdefault(found[2], {})[body["purpose"]] = body
            return 200, None
        return 200, self.verified if found[3] else self.datasets[found[2]]


def refused(status: int, text: str) -> Answer:
    """An answer of Lightly's that is an error."""
    return status, {"code": "BAD", "error": text, "requestId": "1"}


class Handler(BaseHTTPRequestHandler):
    """Takes every request to the server's Lightly."""

    def answer(self) -> None:
        """Asks Lightly."""
        server = self.server
        assert isinstance(server, Server)
        sent = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        address = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(address.query))
        status, body = server.lightly.answer(self.command, address.path, query, json.loads(sent) if sent else None)
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = answer

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


class Server(ThreadingHTTPServer):
    """A Lightly on the loopback."""

    def __init__(self, lightly: Lightly) -> None:
        self.lightly = lightly
        super().__init__(("127.0.0.1", 0), Handler)

    def server_bind(self) -> None:
        """Without HTTPServer's look into the DNS."""
        socketserver.TCPServer.server_bind(self)


@dataclass
class Operator:
    """Has a grant's settings in a folder, as `up` writes them, and Lightly's client."""

    folder: Path
    secrets: set[str]

    def run(self, *arguments: str, url: str, token: str | None = TOKEN, python: Path | None = None) -> Done:
        """Runs the script to its end; it never shows a secret or a traceback."""
        keys = {} if token is None else {"LIGHTLY_TOKEN": token}
        done = subprocess.run(
            [str(python or lightly()), str(self.folder / "lightly-setup.py"), *arguments],
            env={"HOME": str(self.folder), "PATH": os.environ["PATH"], "LIGHTLY_SERVER_LOCATION": url, **keys},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        said = done.stdout + done.stderr
        assert "Traceback" not in said, said
        for secret in self.secrets | {token.strip() if token else ""} - {""}:
            for form in (secret, urllib.parse.quote(secret), urllib.parse.quote(secret, safe="")):
                assert form not in said, said
        return Done(done.returncode, done.stdout.splitlines(), done.stderr.splitlines())


@dataclass
class Done:
    """How the script ended, and the lines that it said."""

    code: int
    out: list[str]
    err: list[str]
