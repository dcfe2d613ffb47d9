"""Lightly's set-up script with Lightly's own client, against a stand-in of its API: what it sets, shows and hides."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import threading
import types
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from drawbridge import private, templates
from drawbridge.platforms.lightly_settings import SCRIPT
from tests.platforms.lightly_api import GREEN, ID, OTHER_ID, TOKEN, Lightly, Operator, Server, refused
from tests.platforms.lightly_grants import ACCESS, BOTH_ON_AWS, EXTERNAL_ID, OBS, ROLE, SECRET, handed_over
from tools.places import ROOT

LIGHTS = ("can_list", "can_read", "can_write", "can_overwrite")
CAMEL = {"can_list": "canList", "can_read": "canRead", "can_write": "canWrite", "can_overwrite": "canOverwrite"}
NAME = "street-lightly"
DATASOURCE = f"PUT /v1/datasets/{ID}/datasource"


@pytest.fixture
def api() -> Iterator[Lightly]:
    """A Lightly without datasets; fails if it was asked what it does not know."""
    api = Lightly()
    with Server(api) as server:
        api.url = f"http://127.0.0.1:{server.server_address[1]}"
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield api
        server.shutdown()
    assert api.unknown == []


def operator(at: Path, files: dict[str, str]) -> Operator:
    """Somebody with these settings."""
    for name, content in files.items():
        private.write(at / name, content)
    return Operator(at, {EXTERNAL_ID, ACCESS, SECRET})


def payloads(files: dict[str, str]) -> dict[str, Any]:
    return {purpose: json.loads(files[f"lightly-{purpose.lower()}.json"]) for purpose in ("INPUT", "LIGHTLY")}


def test_it_creates_the_dataset_then_selects_it(tmp_path: Path, api: Lightly) -> None:
    files = handed_over(BOTH_ON_AWS)
    someone = operator(tmp_path, files)
    first = someone.run(url=api.url)
    assert (first.code, first.out) == (0, [f"green  {light}" for light in LIGHTS]), first.err
    assert first.err == [
        f"Dataset {NAME} created ({ID})",
        "INPUT set to s3://street-raw/berlin/",
        "LIGHTLY set to s3://street-work/berlin/",
        "Lightly checks what it may do ...",
    ]
    assert api.datasources == {ID: payloads(files)}, "with the KMS key, which Lightly's setters do not know"
    assert "s3ServerSideEncryptionKMSKey" in api.datasources[ID]["LIGHTLY"]
    assert api.requests.count("POST /v1/datasets") == 1

    second = someone.run(url=api.url)
    assert (second.code, second.out) == (0, first.out), second.err
    assert second.err[0] == f"Dataset {NAME} selected ({ID})"
    assert api.requests.count("POST /v1/datasets") == 1
    assert api.datasources == {ID: payloads(files)}


def test_a_dataset_is_selected_by_its_id(tmp_path: Path, api: Lightly) -> None:
    api.add(OTHER_ID, "of-the-team")
    files = handed_over(OBS)
    done = operator(tmp_path, files).run("--dataset-id", OTHER_ID, url=api.url)
    assert (done.code, done.err[0]) == (0, f"Dataset of-the-team selected ({OTHER_ID})")
    assert api.datasources == {OTHER_ID: payloads(files)}
    assert {one["type"] for one in api.datasources[OTHER_ID].values()} == {"OBS"}


def test_a_dataset_of_the_other_type_is_left_alone(tmp_path: Path, api: Lightly) -> None:
    api.add(ID, NAME, "Videos")
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=api.url)
    assert (done.code, done.err, api.datasources) == (
        1,
        [
            f"the dataset {NAME} ({ID}) holds Videos, not Images; name another one, or set dataset_type in the grant; "
            "nothing was set"
        ],
        {},
    )


def test_red_lights_have_lightlys_reason_and_our_switches(tmp_path: Path, api: Lightly) -> None:
    errors = {name: f"{name}: refused\nfor {SECRET}" for name in CAMEL.values()}
    api.verified = {**dict.fromkeys(GREEN, False), "errors": errors}
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=api.url)
    assert done.code == 1
    red = [line for line in done.out if line.startswith("red")]
    assert red == [f"red    {light}: {CAMEL[light]}: refused\\nfor ***" for light in LIGHTS]
    wide = "bucket, with accept: [list-bucket]; now only the folder is listed"
    assert f"       in the grant, input.list_scope, lightly.list_scope: {wide}" in done.out
    assert done.err[-1] == f"`drawbridge verify {NAME}` tries the same with what the grant made"


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("form", ["dict", "attributes"])
def test_each_red_light_names_its_switch(form: str, light: str, capsys: pytest.CaptureFixture[str]) -> None:
    script = loaded(handed_over(BOTH_ON_AWS)[SCRIPT])
    answers: dict[str, Any] = {name: name != light for name in LIGHTS}
    errors = {light: "Access Denied"}
    permissions = (
        {**answers, "errors": errors}
        if form == "dict"
        else SimpleNamespace(
            **answers, errors=SimpleNamespace(**{**dict.fromkeys(LIGHTS), **errors})
        )  # before lightly 1.4.12
    )
    assert script.show_lights(permissions) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("green")] == [f"green  {one}" for one in LIGHTS if one != light]
    at = lines.index(f"red    {light}: Access Denied")
    switch = {
        "can_list": "input.list_scope, lightly.list_scope: bucket",
        "can_read": "input.prefix, lightly.prefix: ",
        "can_write": "lightly.prefix: ",
        "can_overwrite": "lightly.delete: true",
    }[light]
    assert lines[at + 1].startswith(f"       in the grant, {switch}")


def test_lights_have_colours_on_a_terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script = loaded(handed_over(BOTH_ON_AWS)[SCRIPT])
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    script.show_lights({**dict.fromkeys(LIGHTS, True), "can_list": False})
    monkeypatch.setenv("NO_COLOR", "1")
    script.show_lights(dict.fromkeys(LIGHTS, True))
    lines = [line for line in capsys.readouterr().out.splitlines() if "can_" in line]
    assert lines[0] == "\033[31mred  \033[0m  can_list: Lightly gives no reason"
    assert lines[1] == "\033[32mgreen\033[0m  can_read"
    assert lines[-1] == "green  can_overwrite"


@pytest.mark.parametrize("permissions", [{}, None, SimpleNamespace(), {"can_list": "true", "errors": None}])
def test_what_lightly_does_not_say_is_red(permissions: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert loaded(handed_over(BOTH_ON_AWS)[SCRIPT]).show_lights(permissions) == 4
    assert capsys.readouterr().out.count("Lightly gives no reason") == 4


def test_in_a_network_of_ones_own_only_the_list_counts(tmp_path: Path, api: Lightly) -> None:
    api.verified = {**dict.fromkeys(GREEN, False), "canList": True}
    done = operator(tmp_path, handed_over(BOTH_ON_AWS, bypass=True)).run(url=api.url)
    assert (done.code, done.out[0]) == (0, "green  can_list"), done.err
    assert [line.split(":")[0] for line in done.out[1:]] == [f"grey   {light}" for light in LIGHTS[1:]]
    assert done.err[-1] == "Runs of the worker need datasource.bypass_verify=True"


def test_in_a_network_of_ones_own_the_list_does_count(capsys: pytest.CaptureFixture[str]) -> None:
    script = loaded(handed_over(BOTH_ON_AWS, bypass=True)[SCRIPT])
    assert script.show_lights({**dict.fromkeys(LIGHTS, True), "can_list": False}) == 1
    assert capsys.readouterr().out.startswith("red    can_list: ")


def test_a_secret_is_hidden_in_whatever_form() -> None:
    script = loaded(handed_over(BOTH_ON_AWS)[SCRIPT])
    script.hidden += ["a/b+c=", "a/b", 'd"e']
    assert script.shown('a/b+c= a/b%2Bc%3D a%2Fb%2Bc%3D a%2Fb d"e d\\"e f\n') == "*** *** *** *** *** *** f\\n"


@pytest.mark.parametrize(
    ("asked", "answer", "error"),
    [
        (DATASOURCE, refused(400, f"no: {SECRET} {EXTERNAL_ID} {ACCESS} {TOKEN}"),
         "the datasource INPUT cannot be set: 400, Lightly does not understand the request; it says: no: *** *** *** ***"),
        (f"{DATASOURCE}/verify".replace("PUT", "GET"), refused(403, "x" * 600),
         f"the permissions cannot be checked: 403, the owner of LIGHTLY_TOKEN may not do this; it says: {'x' * 500} ..."),
        (f"{DATASOURCE}/verify".replace("PUT", "GET"), (200, {"canList": SECRET}),
         "the permissions cannot be checked: its client failed with ValidationError (1.5.26 is known to work)"),
        ("GET /v1/datasets/query/name/street-lightly", (404, ["odd"]),
         f"the dataset {NAME} cannot be selected: 404, Lightly does not know the dataset, or not for the owner of "
         "LIGHTLY_TOKEN"),
    ],
)  # fmt: skip
def test_errors_of_the_api_are_told_without_keys(
    tmp_path: Path, api: Lightly, asked: str, answer: Any, error: str
) -> None:
    api.instead = {asked: answer}
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=api.url)
    assert (done.code, done.err[-1], done.out) == (1, error, [])


def test_a_wrong_token_is_told(tmp_path: Path, api: Lightly) -> None:
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=api.url, token="an+other/token")
    wrong = "401, LIGHTLY_TOKEN is wrong; it says: no such token: ***"
    assert (done.code, done.err) == (1, [f"the dataset {NAME} cannot be selected: {wrong}"])


def test_a_closed_port_is_told_without_the_address_that_carries_the_token(tmp_path: Path, closed: str) -> None:
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=closed)
    reason = f"{closed} cannot be reached: Connection refused"
    assert (done.code, done.err) == (1, [f"the dataset {NAME} cannot be selected: {reason}"])


def test_a_payload_that_the_client_refuses_is_not_shown(tmp_path: Path, api: Lightly) -> None:
    files = handed_over(BOTH_ON_AWS)
    files["lightly-input.json"] = files["lightly-input.json"].replace('"type"', '"more": 1, "type"')
    done = operator(tmp_path, files).run(url=api.url)
    error = "the datasource INPUT cannot be set: its client failed with ValueError (1.5.26 is known to work)"
    assert (done.code, done.err[-1], api.datasources) == (1, error, {})


OURS = Path(sys.executable)  # without Lightly's client: what goes wrong before needs none


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o666])
def test_files_that_others_get_at_are_refused(tmp_path: Path, api: Lightly, mode: int) -> None:
    someone = operator(tmp_path, handed_over(BOTH_ON_AWS))
    paths = [tmp_path / f"lightly-{use}.json" for use in ("input", "lightly")]
    for path in paths:
        path.chmod(mode)
    done = someone.run(url=api.url, python=OURS)
    assert (done.code, done.err, api.requests) == (
        1,
        [
            f"{path}: others can get at the keys in it (mode {mode:03o}); run: chmod 600 {path}"
            for path in map(Path.resolve, paths)
        ],
        [],
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (None, "No such file or directory"),
        (f'{{"s3SecretAccessKey": "{SECRET}"', f"is no JSON; `drawbridge settings {NAME}` writes it again"),
        ("[]", f"is no datasource for LIGHTLY; `drawbridge settings {NAME}` writes it again"),
        ('{"purpose": "INPUT"}', f"is no datasource for LIGHTLY; `drawbridge settings {NAME}` writes it again"),
    ],
)
def test_a_file_that_is_not_as_written_is_told(tmp_path: Path, api: Lightly, content: str | None, error: str) -> None:
    someone, path = operator(tmp_path, handed_over(BOTH_ON_AWS)), tmp_path.resolve() / "lightly-lightly.json"
    path.unlink()
    if content is not None:
        private.write(path, content)
    done = someone.run(url=api.url, python=OURS)
    assert (done.code, done.err, api.requests) == (1, [f"{path}: {error}"], [])


@pytest.mark.parametrize(
    ("token", "error"),
    [
        (None, "LIGHTLY_TOKEN is not set; run: read -rs LIGHTLY_TOKEN && export LIGHTLY_TOKEN"),
        (" ", "LIGHTLY_TOKEN is not set; run: read -rs LIGHTLY_TOKEN && export LIGHTLY_TOKEN"),
        ("with\nnewline", "LIGHTLY_TOKEN has characters that no token has"),
    ],
)
def test_a_token_that_cannot_be_one_is_refused(tmp_path: Path, token: str | None, error: str) -> None:
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url="https://127.0.0.1:1", token=token, python=OURS)
    assert (done.code, done.err) == (1, [error])


@pytest.mark.parametrize("url", ["http://api.lightly.ai", "file:///etc", "api.lightly.ai", "http://["])
def test_keys_go_nowhere_without_tls(tmp_path: Path, url: str) -> None:
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=url, python=OURS)
    error = f"LIGHTLY_SERVER_LOCATION is {url}; it must begin with https://, since keys go there"
    assert (done.code, done.err) == (1, [error])


def test_where_the_client_is_missing_it_says_so(tmp_path: Path, api: Lightly) -> None:
    done = operator(tmp_path, handed_over(BOTH_ON_AWS)).run(url=api.url, python=OURS)
    error = "lightly is not installed here, or has no API client any more; run: pip install 'lightly>=1.4.12,<1.6'"
    assert (done.code, done.err, api.requests) == (1, [error], [])


@pytest.mark.parametrize("arguments", [["--dataset-id", "646F"], ["--token", TOKEN], ["more"]])
def test_a_wrong_call_is_exit_code_2(tmp_path: Path, arguments: list[str]) -> None:
    someone = Operator(tmp_path, set())
    private.write(tmp_path / SCRIPT, handed_over(BOTH_ON_AWS)[SCRIPT])
    done = someone.run(*arguments, url="", token=None, python=OURS)
    assert (done.code, done.out) == (2, [])


def test_help_has_an_example(tmp_path: Path) -> None:
    private.write(tmp_path / SCRIPT, handed_over(BOTH_ON_AWS)[SCRIPT])
    done = Operator(tmp_path, set()).run("--help", url="", python=OURS)
    assert done.code == 0
    assert "    python lightly-setup.py --dataset-id 646f34608a5613b57d8b73c9" in done.out


def loaded(text: str) -> Any:
    """The script as a module, without running it."""
    module = types.ModuleType("script")
    exec(compile(text, "script", "exec"), module.__dict__)  # noqa: S102
    return module


def rendered(name: str) -> str:
    """The script with a name in the place of every text."""
    switches = {light: [name] for light in LIGHTS}
    return templates.text(
        f"{SCRIPT}.j2", grant=name, dataset=name, dataset_type="images", bypass=False, switches=switches
    )


@pytest.mark.parametrize("name", ['O\'Brien "x"', '"""', "\n", "# \\", "{{ 7 * 7 }}", "\u202e\u2028\0", "%(prog)s"])
def test_a_value_stays_a_value(name: str) -> None:
    script = loaded(rendered(name))
    assert {script.GRANT, script.DATASET, *(line for lines in script.SWITCHES.values() for line in lines)} == {name}
    changed = [line for line in rendered(name).split("\n") if line not in rendered("-").split("\n")]
    constants = ("GRANT", "DATASET"), ("CAN_LIST", "CAN_READ", "CAN_WRITE", "CAN_OVERWRITE")
    assert changed == [
        *(f"{constant} = {name!r}" for constant in constants[0]),
        *(f"{constant} = [{name!r}]" for constant in constants[1]),
    ]


@pytest.mark.parametrize("text", [rendered("O'Brien \\ü 🙂"), handed_over(BOTH_ON_AWS)[SCRIPT]])
def test_the_script_stands_on_its_own(text: str) -> None:
    ast.parse(text, feature_version=(3, 9))
    assert not re.search(r"\{\{|\{%|\{#|<<", text), "Jinja or a token is left over"
    assert not any(secret in text for secret in (EXTERNAL_ID, ACCESS, SECRET, ROLE))
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
