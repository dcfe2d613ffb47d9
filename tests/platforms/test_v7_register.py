"""The registration scripts: their text, what they send to V7, and what they make of its answers."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from typing import Any

import pytest

from tests.clients.environment import LOCK
from tests.platforms.v7_api import BUCKET, DATASET, INTEGRATION, KEY, SLUG, TEAM, V7, refused
from tests.platforms.v7_scripts import BOTH, EACH, EVERYTHING, IMAGE, VALUES, VIDEO, Operator, keys, loaded, rendered
from tools.places import ROOT

ODD = 'O\'Brien "scans" \\ü 🙂'


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


def test_the_lock_of_darwin_py_has_hashes_and_no_registry() -> None:
    text = LOCK.read_text()
    assert "darwin-py==3.6.3 \\\n    --hash=sha256:" in text
    assert "://" not in text
    assert "--index" not in text
