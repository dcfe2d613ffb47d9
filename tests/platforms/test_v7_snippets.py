"""The registration scripts: run as an operator runs them, against a server that answers as V7's API does."""

from __future__ import annotations

import ast
import contextlib
import json
import os
import pty
import re
import socket
import socketserver
import subprocess
import sys
import threading
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import psutil
import pytest

from drawbridge import templates
from tests.clients.environment import LOCK, darwin_py
from tools.places import ROOT

CLIENTS = ["rest", "darwin-py"]
KEY = "k3y.0123456789-abcdef"
TEAM, DATASET, BUCKET, INTEGRATION, SLUG = "my-team", "my-dataset", "acme-scans", "Acme Scans", "acme-scans-in-v7"
ODD = 'O\'Brien "scans" \\ü 🙂'
VALUES = {"grant": "scans-v7", "integration": INTEGRATION, "slug": SLUG, "bucket": BUCKET}
EVERYTHING = [""]

IMAGE = {
    "type": "image",
    "storage_key": "a/1.png",
    "storage_thumbnail_key": "a/1-small.jpg",
    "width": 640,
    "height": 480,
}
SLOT = {
    "slot_name": "0",
    "file_name": "walk.mp4",
    "type": "video",
    "storage_key": "walk/walk.mp4",
    "storage_sections_key_prefix": "walk/sections/high",
    "storage_sections_key_extension": "jpg",
    "storage_low_quality_sections_key_prefix": "walk/sections/low",
    "storage_frames_manifest_key": "walk/frames_manifest.txt",
    "storage_thumbnail_key": "walk/thumbnail.jpg",
    "storage_audio_peaks_key": "walk/audio_peaks.gz",
    "hls_segments": {
        "high_quality": {"index": "#EXTM3U\nwalk/segments/high/0.ts\n", "bitrate": 2000000},
        "low_quality": {"index": "#EXTM3U\nwalk/segments/low/0.ts\n", "bitrate": 500000},
    },
    "native_fps": 29.97,
    "visible_frames": 250,
    "total_frames": 250,
    "width": 1920,
    "height": 1080,
    "size_bytes": 123456,
}
VIDEO = {"name": "walk.mp4", "slots": [SLOT]}


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


@dataclass
class Done:
    """How a script ended, and what it said."""

    code: int
    out: str
    err: str


@dataclass
class Operator:
    """Has the settings and a home of their own."""

    home: Path

    def environment(self, url: str, key: str | None = KEY) -> dict[str, str]:
        """No more than a script needs; darwin-py waits a minute after a 429 unless told otherwise."""
        waits = {"DARWIN_RETRY_INITIAL_WAIT": "0", "DARWIN_RETRY_MAX_WAIT": "0"}
        keys = {} if key is None else {"V7_API_KEY": key}
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], "DARWIN_BASE_URL": url, **waits, **keys}

    def script(self, client: str, read_only: bool, **values: Any) -> Path:
        """Writes a script as the settings do."""
        path = self.home / f"v7-register-{client}.py"
        path.write_text(rendered(client, read_only, **values), encoding="utf-8")
        return path

    def items(self, lines: list[Any]) -> Path:
        """Writes the file with the items: keys as they are, everything else as JSON."""
        path = self.home / "items.txt"
        text = "".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines)
        path.write_text(text, encoding="utf-8")
        return path

    def command(self, client: str, read_only: bool, lines: list[Any], *more: str, **values: Any) -> list[str]:
        """What the operator types."""
        python = darwin_py() if client == "darwin-py" else Path(sys.executable)
        script, items = self.script(client, read_only, **values), self.items(lines)
        given = [] if "--dataset" in more else ["--dataset", DATASET]
        given += [] if "--team" in more else ["--team", TEAM]
        return [str(python), str(script), *given, *more, str(items)]

    def run(
        self,
        client: str,
        read_only: bool,
        lines: list[Any],
        *more: str,
        v7: V7 | str,
        key: str | None = KEY,
        **values: Any,
    ) -> Done:
        """Runs a script to its end; it never shows the key, a traceback or a half-made config of darwin-py."""
        command = self.command(client, read_only, lines, *more, **values)
        url = v7 if isinstance(v7, str) else v7.url
        done = subprocess.run(
            command, env=self.environment(url, key), stdin=subprocess.DEVNULL, capture_output=True, text=True
        )
        assert "Traceback" not in done.stderr, done.stderr
        assert KEY not in done.stdout + done.stderr
        if not isinstance(v7, str):
            assert not v7.requests or command[1] in v7.commands
            assert not [word for word in v7.commands if KEY in word]
        assert not (self.home / ".darwin").exists()
        return Done(done.returncode, done.stdout, done.stderr)


@pytest.fixture
def operator(tmp_path: Path) -> Operator:
    return Operator(tmp_path)


def rendered(client: str, read_only: bool, **values: Any) -> str:
    """A script's text."""
    return templates.text(
        f"v7-register-{client}.py.j2", read_only=read_only, **{"folders": EVERYTHING, **VALUES, **values}
    )


def loaded(client: str, read_only: bool, **values: Any) -> Any:
    """A script as a module, without running it."""
    module = types.ModuleType("script")
    exec(compile(rendered(client, read_only, **values), "script", "exec"), module.__dict__)  # noqa: S102
    return module


def keys(count: int) -> list[str]:
    return [f"studies/{number:04}.png" for number in range(count)]


BOTH = pytest.mark.parametrize("client", CLIENTS)
EACH = pytest.mark.parametrize("read_only", [False, True], ids=["read-write", "read-only"])


@BOTH
@EACH
@pytest.mark.parametrize("folders", [EVERYTHING, ["a/", ODD], [f"{ODD}{number:04}/" for number in range(500)]])
def test_a_script_stands_on_its_own(client: str, read_only: bool, folders: list[str]) -> None:
    text = rendered(client, read_only, folders=folders)
    ast.parse(text, feature_version=(3, 9))
    assert not re.search(r"\{\{|\{%|\{#", text), "Jinja is left over"
    assert "<<" not in text
    options = ["--config", str(ROOT / "pyproject.toml"), "--target-version", "py39"]
    for command in (
        ["check", *options, "--ignore", "T201"],  # to print is what it is for
        ["format", "--check", *options, "--config", 'format.quote-style = "preserve"'],  # repr chooses the quotes
    ):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", "script.py", "-"],
            input=text,
            text=True,
            capture_output=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


@BOTH
@EACH
@pytest.mark.parametrize(
    "name", [ODD, '"""', "'''", "\n", "# \\", "{{ 7 * 7 }}", "{% raw %}", "\u202e\u2028\0", "%(prog)s"]
)
def test_a_value_stays_a_value(client: str, read_only: bool, name: str) -> None:
    script = loaded(client, read_only, **dict.fromkeys(VALUES, name))
    assert {script.GRANT, script.INTEGRATION, script.STORAGE_SLUG, script.BUCKET} == {name}
    assert script.READ_ONLY is read_only
    ours, plain = (
        rendered(client, read_only, folders=[value], **dict.fromkeys(VALUES, value)) for value in (name, "-")
    )
    assert [line for line in ours.split("\n") if line not in plain.split("\n")] == [
        *(f"{constant} = {name!r}" for constant in ("GRANT", "INTEGRATION", "STORAGE_SLUG", "BUCKET")),
        f"FOLDERS = [{name!r}]",
    ], "values stand in constants alone"


@BOTH
@EACH
def test_an_odd_name_survives_the_run(operator: Operator, v7: V7, client: str, read_only: bool) -> None:
    v7.read_only, v7.name, v7.bucket = read_only, ODD, BUCKET
    done = operator.run(client, read_only, [IMAGE] if read_only else ["a/1.png"], v7=v7, integration=ODD, grant=ODD)
    assert (done.code, done.out) == (0, "Item 1.png registered with item ID id-of-1.png\n"), done.err
    assert f"Registering 1 item of {BUCKET} through the integration {ODD} (grant {ODD})" in done.err
    assert [body["storage_slug"] for body in v7.bodies] == [SLUG]


@BOTH
@EACH
def test_a_closed_port_is_the_only_failure(operator: Operator, closed: str, client: str, read_only: bool) -> None:
    done = operator.run(client, read_only, [IMAGE] if read_only else ["a/1.png"], v7=closed)
    talk, error = done.err.splitlines()
    assert (done.code, done.out) == (1, "")
    assert talk.startswith("Registering 1 item")
    assert error.startswith(f"{closed} cannot be reached: ")
    assert "refused" in error


@BOTH
def test_read_write_items_go_out_in_batches_and_in_order(operator: Operator, v7: V7, client: str) -> None:
    done = operator.run(client, False, keys(250), v7=v7)
    assert done.code == 0, done.err
    assert done.err.splitlines()[-1] == "250 of 250 items registered, 0 blocked"
    assert [len(body["items"]) for body in v7.bodies] == ([100, 100, 50] if client == "rest" else [10] * 25)
    kind = {} if client == "rest" else {"type": "image"}  # darwin-py tells it by the name
    assert [item for body in v7.bodies for item in body["items"]] == [
        {"path": "/", "name": key.removeprefix("studies/"), "storage_key": key, **kind} for key in keys(250)
    ]
    for request in v7.registrations:
        assert request.path == f"/api/v2/teams/{TEAM}/items/register_existing"
        assert request.headers["authorization"] == f"ApiKey {KEY}"
        assert request.headers["content-type"] == "application/json"
        assert request.body.keys() == {"items", "dataset_slug", "storage_slug"}
        assert (request.body["dataset_slug"], request.body["storage_slug"]) == (DATASET, SLUG)
    assert done.out.splitlines() == [
        f"Item {number:04}.png registered with item ID id-of-{number:04}.png" for number in range(250)
    ]


@BOTH
def test_folders_are_kept_on_request(operator: Operator, v7: V7, client: str) -> None:
    done = operator.run(client, False, ["a/b/1.png", "c/1.png", "1.png"], "--preserve-folders", v7=v7)
    assert done.code == 0, done.err
    assert [item["path"] for item in v7.bodies[0]["items"]] == ["/a/b", "/c", "/"]


@BOTH
def test_read_only_items_have_exactly_the_fields_that_v7_knows(operator: Operator, v7: V7, client: str) -> None:
    v7.read_only = True
    slots = [{**IMAGE, "slot_name": str(number), "file_name": f"{number}.png"} for number in range(2)]
    layout = {"slots_grid": [[["0"], ["1"]]], "version": 3}
    pair = {"name": "pair", "path": "/pairs", "layout": layout, "slots": slots}
    done = operator.run(client, True, [IMAGE, VIDEO, pair], v7=v7)
    assert done.code == 0, done.err
    (request,) = v7.registrations
    assert request.path == f"/api/v2/teams/{TEAM}/items/register_existing_readonly"
    assert request.headers["authorization"] == f"ApiKey {KEY}"
    assert request.body == {
        "items": [{"path": "/", "name": "1.png", **IMAGE}, {"path": "/", **VIDEO}, pair],
        "dataset_slug": DATASET,
        "storage_slug": SLUG,
    }


@BOTH
def test_many_read_only_items_go_out_in_batches(operator: Operator, v7: V7, client: str) -> None:
    v7.read_only = True
    done = operator.run(client, True, [{**IMAGE, "storage_key": key} for key in keys(101)], v7=v7)
    assert done.code == 0, done.err
    assert [len(body["items"]) for body in v7.bodies] == ([100, 1] if client == "rest" else [*[10] * 10, 1])
    assert [item["storage_key"] for body in v7.bodies for item in body["items"]] == keys(101)


@BOTH
@EACH
def test_429_is_tried_again(operator: Operator, v7: V7, client: str, read_only: bool) -> None:
    v7.read_only = read_only
    v7.instead = [refused(429, "RATE_LIMITED", **{"Retry-After": "0"})] * 2
    done = operator.run(client, read_only, [IMAGE] if read_only else ["a/1.png"], v7=v7)
    assert done.code == 0, done.err
    assert len(v7.bodies) == 3
    assert v7.bodies[0] == v7.bodies[1] == v7.bodies[2]
    word = "429: V7 takes no more requests for now; going on in 0 s" if client == "rest" else "Rate limit exceeded."
    assert done.err.count(word) == 2


@BOTH
def test_a_full_storage_is_not_tried_again(operator: Operator, v7: V7, client: str) -> None:
    v7.instead = [refused(429, "INSUFFICIENT_REMAINING_STORAGE")]
    done = operator.run(client, False, keys(1), v7=v7)
    assert (done.code, len(v7.bodies)) == (1, 1)
    assert "INSUFFICIENT_REMAINING_STORAGE" in done.err


@BOTH
@EACH
def test_blocked_items_are_told_with_their_reason(operator: Operator, v7: V7, client: str, read_only: bool) -> None:
    v7.read_only, v7.taken = read_only, {"0001.png"}
    lines = [{**IMAGE, "storage_key": key} for key in keys(3)] if read_only else keys(3)
    done = operator.run(client, read_only, lines, v7=v7)
    assert done.code == 1
    assert done.out.splitlines() == [
        "Item 0000.png registered with item ID id-of-0000.png",
        "Item 0002.png registered with item ID id-of-0002.png",
        "Item 0001.png was blocked for the reason: ALREADY_EXISTS",
    ]
    assert done.err.splitlines()[-2:] == [
        "ALREADY_EXISTS: the name is taken in that folder of the dataset",
        "2 of 3 items registered, 1 blocked",
    ]


@BOTH
def test_a_wrong_key_is_told(operator: Operator, v7: V7, client: str) -> None:
    done = operator.run(client, False, keys(1), v7=v7, key="another-key")
    assert (done.code, done.out) == (1, "")
    assert "401 NOT_AUTHENTICATED: the API key is wrong, or lacks the permission to add data to datasets" in done.err
    assert "another-key" not in done.err


@BOTH
def test_a_key_without_the_permission_is_told(operator: Operator, v7: V7, client: str) -> None:
    v7.instead = [refused(401, "NOT_AUTHENTICATED")]
    done = operator.run(client, False, keys(1), v7=v7)
    assert (done.code, done.out) == (1, "")
    assert "lacks the permission to add data to datasets" in done.err


@BOTH
def test_a_wrong_dataset_is_told(operator: Operator, v7: V7, client: str) -> None:
    done = operator.run(client, False, keys(1), "--dataset", "others", v7=v7)
    assert (done.code, done.out) == (1, "")
    assert f"404 not found: is the team {TEAM}, the dataset others and the integration {SLUG}?" in done.err


def test_a_wrong_team_is_told(operator: Operator, v7: V7) -> None:
    done = operator.run("rest", False, keys(1), "--team", "others", v7=v7)
    assert (done.code, done.out) == (1, "")
    assert f"404 not found: is the team others, the dataset {DATASET} and the integration {SLUG}?" in done.err
    assert v7.unknown == ["POST /api/v2/teams/others/items/register_existing"]
    v7.unknown.clear()
    done = operator.run("darwin-py", False, keys(1), "--team", "others", v7=v7)
    assert done.code == 1
    assert f"the API key is for the team {TEAM}, not for others" in done.err


@BOTH
def test_what_went_before_a_refusal_is_told(operator: Operator, v7: V7, client: str) -> None:
    first = {
        "items": [{"name": str(n), "id": "i"} for n in range(100 if client == "rest" else 10)],
        "blocked_items": [],
    }
    v7.instead = [(200, {}, first), refused(422, f"INVALID_REQUEST by {KEY}")]  # which must not be shown
    done = operator.run(client, False, keys(120), v7=v7)
    assert done.code == 1
    assert (
        "422 INVALID_REQUEST: a field is wrong, or the integration is not read-write in V7, as the grant is" in done.err
    )
    assert "INVALID_REQUEST by ***" in done.err
    count = len(first["items"])
    assert done.err.splitlines()[-1] == f"{count} items registered, 0 blocked; go on from line {count + 1}"


@BOTH
@pytest.mark.parametrize("body", [{}, [], {"items": [], "blocked_items": []}, {"items": [{}], "blocked_items": []}])
def test_an_answer_that_tells_too_little_is_a_failure(operator: Operator, v7: V7, client: str, body: Any) -> None:
    v7.instead = [(200, {}, body)]
    done = operator.run(client, False, keys(1), v7=v7)
    assert (done.code, done.out) == (1, "")
    assert re.search("not understand V7's answer|V7's answer is not understood|V7 told of 0 items out of 1", done.err)


BROKEN: list[tuple[Any, str]] = [
    ("{", "is no JSON: "),
    ('{"type": "image", "width": NaN}', "is no JSON: "),
    ("[]", "must be an object"),
    ({**IMAGE, "fps": 3}, "fps: is no field of a read-only image; allowed: type, storage_key, storage_thumbnail_key, "),
    ({**IMAGE, "width": 0}, "width: must be a whole number above 0"),
    ({**IMAGE, "height": True}, "height: must be a whole number above 0"),
    ({**IMAGE, "storage_key": ""}, "storage_key: must be a text that is not empty"),
    ({name: value for name, value in IMAGE.items() if name != "storage_key"}, "storage_key: is missing; it is a text"),
    ({**IMAGE, "type": "video"}, "type: must be image; a video is an item with slots"),
    ({"name": "v", "slots": []}, "slots: must be a list that is not empty"),
    ({"slots": [SLOT]}, "name: is missing; it is a text that is not empty"),
    ({"name": "v", "slots": [SLOT, 7]}, "slots[1]: must be an object"),
    ({"name": "v", "slots": [{**SLOT, "type": ["video"]}]}, "slots[0].type: must be image or video"),
    (
        {"name": "v", "slots": [{**SLOT, "as_frames": "false"}]},
        "slots[0].as_frames: is no field of a read-only video slot",
    ),
    ({"name": "v", "slots": [{**SLOT, "native_fps": "30"}]}, "slots[0].native_fps: must be a number above 0"),
    (
        {"name": "v", "slots": [{**SLOT, "hls_segments": {}}]},
        "slots[0].hls_segments: must be an object that is not empty",
    ),
    (
        {"name": "v", "slots": [SLOT], "type": "video"},
        "type: is no field of an item; allowed: name, slots, path, layout",
    ),
]


@BOTH
def test_broken_read_only_items_are_all_told_and_nothing_is_sent(operator: Operator, v7: V7, client: str) -> None:
    lines = [IMAGE, "", *(line for line, _ in BROKEN), IMAGE]
    done = operator.run(client, True, lines, v7=v7)
    assert (done.code, done.out, v7.requests) == (1, "", [])
    told = done.err.splitlines()
    file = operator.home / "items.txt"
    for line, (number, (_, mistake)) in zip(told, enumerate(BROKEN, 3), strict=False):
        assert line.startswith(f"{file}:{number}: {mistake}")
    assert told[len(BROKEN) :] == [
        f"{file}:{len(lines)}: a/1.png: is line 1 again; take one out",
        f"mistakes in {file}: {len(BROKEN) + 1}; nothing was sent",
    ]


@BOTH
def test_plain_lines_for_a_read_only_grant_are_told_once(operator: Operator, v7: V7, client: str) -> None:
    file = operator.home / "items.txt"
    plain = "is no JSON; this grant is read-only, so each line is an item as JSON (see --help)"
    for lines, more in [
        (keys(1), []),
        (keys(2), [f"{file}: 1 more line without JSON"]),
        (keys(4), [f"{file}: 3 more lines without JSON"]),
    ]:
        done = operator.run(client, True, lines, v7=v7)
        told = [f"{file}:1: {plain}", *more]
        assert done.err.splitlines() == [*told, f"mistakes in {file}: {len(told)}; nothing was sent"]
        assert (done.code, v7.requests) == (1, [])


@BOTH
def test_keys_that_v7_may_not_read_are_told_and_nothing_is_sent(operator: Operator, v7: V7, client: str) -> None:
    lines = ["bonn/1.png", "a/2.png", "darwin/a/3.png", "bonn", "bonn-2/4.png", "darwin/x/bonn/5.png"]
    done = operator.run(client, False, lines, v7=v7, folders=["bonn/", "darwin/"])
    file = operator.home / "items.txt"
    assert done.err.splitlines() == [
        f"{file}:2: a/2.png: is in no folder that V7 may read: bonn/, darwin/",
        f"{file}:4: bonn: is in no folder that V7 may read: bonn/, darwin/",
        f"{file}:5: bonn-2/4.png: is in no folder that V7 may read: bonn/, darwin/",
        f"mistakes in {file}: 3; nothing was sent",
    ]
    assert (done.code, v7.requests) == (1, [])


def test_every_key_and_prefix_of_a_read_only_item_is_looked_at(operator: Operator, v7: V7) -> None:
    slot = {**SLOT, "storage_frames_manifest_key": "other/frames.txt", "storage_sections_key_prefix": "other"}
    items = [IMAGE, VIDEO, {"name": "walk", "slots": [{**IMAGE, "slot_name": "0", "file_name": "1.png"}, slot]}]
    v7.read_only = True
    assert operator.run("rest", True, items, v7=v7, folders=["a/", "other/", "walk/"]).code == 0
    sent = len(v7.requests)
    done = operator.run("rest", True, items, v7=v7, folders=["a/1.png", "walk/", "walk/sections/high/"])
    file = operator.home / "items.txt"
    where = "is in no folder that V7 may read: a/1.png, walk/, walk/sections/high/"
    assert done.err.splitlines() == [
        f"{file}:1: storage_thumbnail_key: a/1-small.jpg: {where}",
        f"{file}:3: slots[0].storage_thumbnail_key: a/1-small.jpg: {where}",
        f"{file}:3: slots[1].storage_sections_key_prefix: other/: {where}",
        f"{file}:3: slots[1].storage_frames_manifest_key: other/frames.txt: {where}",
        f"mistakes in {file}: 4; nothing was sent",
    ]
    assert len(v7.requests) == sent
    assert operator.run("rest", True, [VIDEO], v7=v7, folders=["walk/sections/high/", "walk/"]).code == 0


def test_many_folders_are_not_all_listed() -> None:
    script = loaded("rest", False, folders=[f"p{number}/" for number in range(500)])
    assert script.unreadable("p499/a") == []
    assert script.unreadable("a") == [
        "a: is in no folder that V7 may read: p0/, p1/, p2/, p3/, p4/, p5/, p6/, p7/, p8/, p9/ and 490 more"
    ]


@BOTH
def test_one_key_twice_and_two_keys_of_one_name(operator: Operator, v7: V7, client: str) -> None:
    file = operator.home / "items.txt"
    lines = ["a/1.png", "b/1.png", "a/1.png"]
    assert operator.run(client, False, lines, v7=v7).err.splitlines()[:2] == [
        f"{file}:2: 1.png: line 1 has the same name; see --preserve-folders",
        f"{file}:3: a/1.png: is line 1 again; take one out",
    ]
    done = operator.run(client, False, lines, "--preserve-folders", v7=v7)
    assert done.err.splitlines() == [
        f"{file}:3: a/1.png: is line 1 again; take one out",
        f"mistakes in {file}: 1; nothing was sent",
    ]
    other = {**IMAGE, "storage_key": "b/2.png"}
    items: list[Any] = [
        IMAGE,
        {**IMAGE, "size_bytes": 7},
        {**other, "name": "1.png"},
        {**other, "name": "1.png", "path": "/"},
    ]
    done = operator.run(client, True, items, v7=v7)
    assert done.err.splitlines()[:-1] == [
        f"{file}:2: a/1.png: is line 1 again; take one out",
        f"{file}:3: 1.png: line 1 has the same name; see --preserve-folders",
        f"{file}:4: 1.png: line 1 has the same name; see --preserve-folders",
    ]
    twice = {**VIDEO, "slots": [SLOT, SLOT]}
    items = [{**IMAGE, "path": "/x"}, {**other, "name": "1.png", "path": "/x"}, VIDEO, twice]
    for flag in ([], ["--preserve-folders"]):
        assert operator.run(client, True, items, *flag, v7=v7).err.splitlines()[:-1] == [
            f"{file}:2: 1.png: line 1 has the same name",
            f"{file}:4: walk.mp4: line 3 has the same name",
        ]
    assert v7.requests == []


def test_all_mistakes_of_one_item_are_told(operator: Operator, v7: V7) -> None:
    slot = {name: value for name, value in SLOT.items() if name not in ("storage_key", "hls_segments")}
    done = operator.run("rest", True, [{"name": "v", "slots": [{**slot, "fps": 3}]}], v7=v7)
    assert [line.split(":")[2] for line in done.err.splitlines()[:-1]] == [
        " slots[0].storage_key",
        " slots[0].hls_segments",
        " slots[0].fps",
    ]


@BOTH
def test_broken_read_write_items_are_all_told_and_nothing_is_sent(operator: Operator, v7: V7, client: str) -> None:
    done = operator.run(client, False, [f"s3://{BUCKET}/a.png", "a.png", "folder/", "b/a.png"], v7=v7)
    assert (done.code, done.out, v7.requests) == (1, "", [])
    file = operator.home / "items.txt"
    assert done.err.splitlines() == [
        f"{file}:1: s3://{BUCKET}/a.png: is an address; write the key alone, without the bucket",
        f"{file}:3: folder/: is a folder; write the key of an object",
        f"{file}:4: a.png: line 2 has the same name; see --preserve-folders",
        f"mistakes in {file}: 3; nothing was sent",
    ]


def test_files_that_darwin_py_does_not_take_are_all_told(operator: Operator, v7: V7) -> None:
    done = operator.run("darwin-py", False, ["a.mrxs", "b.png", "c"], v7=v7)
    assert (done.code, v7.requests) == (1, [])
    file = operator.home / "items.txt"
    assert done.err.splitlines()[1:] == [
        f"{file}:1: a.mrxs: darwin-py takes no such file",
        f"{file}:3: c: darwin-py takes no such file",
        "nothing was sent; v7-register-rest.py leaves the type to V7",
    ]


@pytest.mark.parametrize(
    ("name", "bucket", "read_only", "error"),
    [
        ("unknown", BUCKET, False, f"V7 has no integration {INTEGRATION}; it has other, unknown"),
        (SLUG, BUCKET, True, f"the integration {INTEGRATION} must be read-write for the bucket {BUCKET}, as the grant is; "
         f"in V7 it is read-only for {BUCKET}"),
        (INTEGRATION, "b", False, f"the integration {INTEGRATION} must be read-write for the bucket {BUCKET}, as the "
         "grant is; in V7 it is read-write for b"),
    ],
)  # fmt: skip
def test_darwin_py_looks_at_the_integration_first(
    operator: Operator, v7: V7, name: str, bucket: str, read_only: bool, error: str
) -> None:
    v7.name, v7.bucket, v7.read_only = name, bucket, read_only
    done = operator.run("darwin-py", False, keys(1), v7=v7)
    assert (done.code, done.err.splitlines()[1:], v7.registrations) == (1, [error], [])


def test_the_wrong_kind_of_integration_is_told_over_rest(operator: Operator, v7: V7) -> None:
    done = operator.run("rest", True, [IMAGE], v7=v7)
    assert (
        "422 INVALID_REQUEST: a field is wrong, or the integration is not read-only in V7, as the grant is" in done.err
    )


def test_where_darwin_py_is_missing_it_says_so(operator: Operator, v7: V7) -> None:
    command = operator.command("darwin-py", False, keys(1))
    done = subprocess.run(
        [sys.executable, *command[1:]], env=operator.environment(v7.url), capture_output=True, text=True
    )
    assert done.stderr.splitlines()[1:] == ["darwin-py is not installed here; run: pip install darwin-py==3.6.3"]


@BOTH
def test_the_key_is_asked_for_without_showing_it(operator: Operator, v7: V7, client: str) -> None:
    ours, theirs = pty.openpty()
    try:
        command, environment = operator.command(client, False, keys(1)), operator.environment(v7.url, key=None)
        with subprocess.Popen(
            command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        ) as process:
            os.close(theirs)
            shown = b""
            while b"V7 API key: " not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, KEY.encode() + b"\n")
            with contextlib.suppress(OSError):  # how Linux tells that the other end was closed
                while more := os.read(ours, 1024):
                    shown += more
        assert process.returncode == 0, shown
    finally:
        os.close(ours)
    assert b"1 of 1 item registered" in shown
    assert KEY.encode() not in shown
    assert not [word for word in v7.commands if KEY in word]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (None, "V7_API_KEY is not set, and there is no terminal to ask for it"),
        ("with\nnewline", "the API key is empty, or has characters that no API key has"),
        ("ünicode", "the API key is empty, or has characters that no API key has"),
        (" ", "the API key is empty, or has characters that no API key has"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(operator: Operator, v7: V7, key: str | None, error: str) -> None:
    # A session of its own has no terminal that getpass could find.
    done = subprocess.run(
        operator.command("rest", False, keys(1)),
        env=operator.environment(v7.url, key),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert (done.returncode, done.stderr, v7.requests) == (1, f"{error}\n", [])


@BOTH
@pytest.mark.parametrize("url", ["http://darwin.v7labs.com", "file://localhost/etc", "darwin", "http://[", ""])
def test_the_key_goes_nowhere_without_tls(operator: Operator, client: str, url: str) -> None:
    done = operator.run(client, False, keys(1), v7=url)
    assert done.code == 1
    assert done.err.splitlines()[1:] == [
        f"DARWIN_BASE_URL is {url}; it must begin with https://, since the API key goes there"
    ]


def test_a_redirect_is_not_followed(operator: Operator, v7: V7, closed: str) -> None:
    v7.instead = [(302, {"Location": f"{closed}/elsewhere"}, {})]
    done = operator.run("rest", False, keys(1), v7=v7)
    assert (done.code, len(v7.requests)) == (1, 1)
    assert "302: V7 refused the request" in done.err


@BOTH
@pytest.mark.parametrize(
    ("content", "error"),
    [(None, "No such file or directory"), (b"\xff", "is not UTF-8"), (b"\n \n", "holds no item")],
)
def test_a_file_without_items_is_told(operator: Operator, client: str, content: bytes | None, error: str) -> None:
    command = operator.command(client, False, [])
    file = Path(command[-1])
    file.unlink()
    if content is not None:
        file.write_bytes(content)
    done = subprocess.run(
        [sys.executable, *command[1:]], env=operator.environment("https://x"), capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (1, f"{file}: {error}\n")


def test_lines_may_come_from_windows(operator: Operator, v7: V7) -> None:
    command = operator.command("rest", False, [])
    Path(command[-1]).write_bytes("\ufeffä 1.png\r\n2.png\r\n".encode())
    done = subprocess.run(command, env=operator.environment(v7.url), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert [item["storage_key"] for item in v7.bodies[0]["items"]] == ["ä 1.png", "2.png"]


@BOTH
def test_no_more_than_100_requests_go_out_in_a_minute(client: str) -> None:
    script = loaded(client, False)
    clock, times, sent = [0.0], [], script.deque()
    sleep = lambda seconds: clock.__setitem__(0, clock[0] + seconds)  # noqa: E731
    script.time = types.SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep)
    for _ in range(350):
        script.pace(sent)
        times.append(clock[0])
        clock[0] += 0.125
    assert all(later - earlier >= 60 for earlier, later in zip(times, times[100:], strict=False))
    assert times[99] == 99 * 0.125, "the first hundred wait for nothing"
    assert times[-1] < 200


@pytest.mark.parametrize(
    ("header", "attempt", "seconds"),
    [
        ("7", 0, 7),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 0, 90),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        (None, 0, 1),
        ("soon", 3, 8),
        ("-1", 9, 60),
    ],
)
def test_how_long_a_429_makes_it_wait(header: str | None, attempt: int, seconds: float) -> None:
    script = loaded("rest", False)
    script.time = types.SimpleNamespace(time=lambda: 10.0)
    assert script.seconds_to_wait(header, attempt) == seconds


def test_429_is_not_tried_forever(v7: V7, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script = loaded("rest", False)
    monkeypatch.setenv("DARWIN_BASE_URL", v7.url)
    v7.instead = [refused(429, "RATE_LIMITED", **{"Retry-After": "0"})] * 20
    register = script.connect(script.argparse.Namespace(team=TEAM, dataset=DATASET), KEY, [])
    with pytest.raises(script.Failed, match="429: V7 takes no more data or requests"):
        register([])
    assert len(v7.bodies) == script.ATTEMPTS


def test_the_lock_of_darwin_py_has_hashes_and_no_registry() -> None:
    text = LOCK.read_text()
    assert "darwin-py==3.6.3 \\\n    --hash=sha256:" in text
    assert "://" not in text
    assert "--index" not in text


def test_every_request_is_paced(v7: V7, monkeypatch: pytest.MonkeyPatch) -> None:
    script = loaded("rest", False)
    monkeypatch.setenv("DARWIN_BASE_URL", v7.url)
    slept: list[float] = []
    script.time = types.SimpleNamespace(monotonic=lambda: 0.0, sleep=slept.append)
    script.REQUESTS_A_MINUTE = 2
    v7.instead = [refused(429, "RATE_LIMITED", **{"Retry-After": "0"})]
    register = script.connect(script.argparse.Namespace(team=TEAM, dataset=DATASET), KEY, [])
    register([])
    register([])
    assert slept == [0, 60], "0 s as Retry-After says; then the third request within the minute"
