"""The file of items that the registration scripts read: every mistake is told, and nothing is sent."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.platforms.v7_api import BUCKET, V7
from tests.platforms.v7_scripts import BOTH, IMAGE, SLOT, VIDEO, Operator, keys, loaded

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
