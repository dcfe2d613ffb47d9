"""Reading a stack's folder: every mistake at its place, all at once, with what is allowed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from drawbridge import config, paths
from drawbridge.config import Config
from drawbridge.load import load
from drawbridge.plan import make_plan
from drawbridge.platforms import platforms
from drawbridge.platforms.lightly_grant import Datasource, LightlyDatasource, Local, Network
from drawbridge.platforms.v7_grant import Uploader
from drawbridge.problems import MOST, Invalid
from drawbridge.storage import kinds
from tests.broken import GOOD, READING, ROWS, Broken
from tests.files import GRANT as GRANT
from tests.files import STORAGE, folder, plan, problems
from tests.files import one as one


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_what_is_broken_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Broken) -> None:
    lines = row.write(tmp_path, "stack")
    (tmp_path / "README.md").touch()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    monkeypatch.setattr(config, "GRANTS", tmp_path / "grants")
    with pytest.raises(Invalid) as invalid:
        make_plan(config.from_file("stack"))
    assert [str(problem) for problem in invalid.value.problems] == lines


PARTS: dict[str, type[BaseModel]] = {
    "uploader.": Uploader,
    "input.": Datasource,
    "lightly.": LightlyDatasource,
    "local.": Local,
    "network.": Network,
}
KEYS = {key for one in platforms().values() for key in one.grant.model_fields} | {
    f"{part}{key}" for part, model in PARTS.items() for key in model.model_fields
}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_the_table_has_every_key_of_a_grant_wrong_and_misspelt(key: str) -> None:
    said = [line for row in ROWS.values() for line in row.said if "g.yaml" in line]
    assert any(re.match(rf"g.yaml:\d+:\d+ {key}(\[\d\])?: (?!is no key)", line) for line in said)
    part, _, last = key.rpartition(".")
    part = {"lightly": "(input|lightly)"}.get(part, part)
    misspelt = rf"g.yaml:\d+:\d+ {part}\S*: .*; did you mean {last}\?"
    assert any(re.fullmatch(misspelt, line) for line in said)


@pytest.mark.parametrize("key", sorted({key for one in kinds().values() for key in one.model_fields}))
def test_the_table_has_every_key_of_a_storage_wrong_and_misspelt(key: str) -> None:
    said = [line for row in ROWS.values() for line in row.said if "storage.yaml" in line]
    assert any(re.match(rf"storage.yaml:\d+:\d+ street\.{key}: (?!is no key)", line) for line in said)
    assert any(line.endswith(f"; did you mean {key}?") for line in said)


# What only shows once documents are made of all files, which the loader does not do.
OF_THE_PLAN = ("makes an identity called", "characters, and")


def test_nothing_that_is_broken_hides_anything_else(tmp_path: Path) -> None:
    """All broken grants of the table side by side, each with a name and a bucket of its own."""
    rows = [row for row in ROWS.values() if row.files.get("storage.yaml") == GOOD and row.config is None]
    storage = "".join(f"{row.id}: {{kind: aws, bucket: {row.id}, region: eu-central-1}}\n" for row in rows)
    at = folder(tmp_path / "stack", storage + GOOD)
    expected = set()
    for row in rows:
        for name, content in row.files.items():
            if name != "storage.yaml":
                text = content.encode() if isinstance(content, str) else content
                text = re.sub(rb"name: street-(?:v7|lightly)(-b)?(?=[\r\n])", rb"name: %s\1" % row.id.encode(), text)
                text = re.sub(rb"storage: street(?=[\r\n])", b"storage: " + row.id.encode(), text)
                (at / f"{row.id}-{name}").write_bytes(text)
        told = [line for line in row.said if not any(map(line.count, OF_THE_PLAN))]
        expected |= {f"{at}/{row.id}-{place}" for line in told if (place := _place(line))}
    with pytest.raises(Invalid) as invalid:
        load(at)
    found = {_place(str(problem)) for problem in invalid.value.problems} - {""}
    assert found == expected
    assert len(rows) > 120


def _place(line: str) -> str:
    """The place and the key of an error, without what is said; "" for a warning."""
    found = re.match(r"\S+:\d+:\d+ (\S+: )?", line)
    assert found, line
    return "" if found[1] == "warning: " else found[0]


@pytest.mark.parametrize(
    ("content", "prefixes"),
    [
        (b"\xef\xbb\xbf" + READING.encode(), ["berlin/"]),
        (READING.replace("\n", "\r\n").encode(), ["berlin/"]),
        (READING.replace("\n", "\r").encode(), ["berlin/"]),
        (f"---\n{READING}...\n".encode(), ["berlin/"]),
        (b'{"name": "street-v7", "platform": "v7", "storage": "street", "access": "read-only", "prefixes": ["b/"]}', ["b/"]),
        (READING.replace("[berlin/]", "\n- 'it''s/'\n- \"a\\\"b/\"\n- 'a\", \"Action\": \"s3:#\", \"b/'").encode(),
         ["a\", \"Action\": \"s3:#\", \"b/", 'a"b/', "it's/"]),
        (READING.replace("[berlin/]", "[ü/, 日本/, 🙂/, '% x/', '#%/', '!a&/', 'e\u0301/', on/, CT - 2027/, a-b/-c/]").encode(),
         ["!a&/", "#%/", "% x/", "CT - 2027/", "a-b/-c/", "e\u0301/", "on/", "ü/", "日本/", "🙂/"]),
    ],
    ids=["bom", "crlf", "cr", "one document", "json", "quotes", "unicode"],
)  # fmt: skip
def test_what_looks_odd_and_is_right(tmp_path: Path, content: bytes, prefixes: list[str]) -> None:
    at = folder(tmp_path / "stack")
    (at / "g.yaml").write_bytes(content)
    found = make_plan(Config("stack", at)).storages["street"].documents.statements
    resources = [f"arn:aws:s3:::street-imagery/{prefix}*" for prefix in sorted(prefixes)]
    assert [(part["Action"], part["Resource"]) for part in found] == [
        (["s3:GetObject"], resources if len(resources) > 1 else resources[0])
    ]


def test_a_missing_folder_or_storage_file_is_an_error_and_an_empty_storage_file_is_a_plan(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nowhere:1:1 does not exist; a stack's grants lie in grants/<stack>/"):
        load(tmp_path / "nowhere")
    (tmp_path / "stack").mkdir()
    with pytest.raises(Invalid, match=r"stack:1:1 holds no storage.yaml; a stack's grants lie in grants/<stack>/"):
        load(tmp_path / "stack")
    with pytest.raises(Invalid, match=r"nowhere:1:1 does not exist; .*; known: grants/sandbox$"):
        load(tmp_path / "nowhere")
    with pytest.raises(Invalid, match=r"sandbx:1:1 does not exist; did you mean grants/sandbox\?$"):
        load(tmp_path / "sandbx")
    with pytest.raises(Invalid, match=r"holds no storage.yaml; did you mean .*/other\?"):
        load(folder(tmp_path / "other").parent)
    (tmp_path / "stack" / "a.yaml").write_text(GRANT)
    with pytest.raises(Invalid, match=r"storage.yaml:1:1 does not exist; it names the places this stack knows"):
        load(tmp_path / "stack")
    with pytest.raises(Invalid, match=r"a.yaml:1:1 is a file; name the folder it lies in"):
        load(tmp_path / "stack" / "a.yaml")
    (tmp_path / "stack" / "a.yaml").unlink()
    assert plan(tmp_path, "").grants == {}


def test_a_folder_that_cannot_be_read_is_a_mistake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Invalid, match=r":1:1 cannot be read: File name too long"):
        load(tmp_path / ("x" * 300))

    def refuse(_path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(Invalid, match=r"stack:1:1 cannot be read: Permission denied"):
        load(folder(tmp_path / "stack"))


def test_nothing_in_the_folder_is_passed_over_in_silence(tmp_path: Path) -> None:
    at = folder(tmp_path / "stack")
    (at / "team").mkdir()
    (at / "short.yml").write_text("name: [")
    (at / "gone.yaml").symlink_to("nowhere")
    (at / "README.md").write_text("not a grant")
    (at / "old.yaml.bak").write_text("a grant once")
    os.mkfifo(at / "pipe.yaml")
    (at / "zero.yaml").symlink_to("/dev/zero")
    (at / ".hidden.yaml").write_text("not a grant")
    with pytest.raises(Invalid) as invalid:
        load(at)
    assert [Path(problem.file).name for problem in invalid.value.problems] == [
        "gone.yaml",
        "old.yaml.bak",
        "pipe.yaml",
        "short.yml",
        "team",
        "zero.yaml",
    ]


def test_a_file_renamed_or_reordered_gives_the_same_plan(tmp_path: Path) -> None:
    before = plan(tmp_path, a=GRANT)
    lines = GRANT.splitlines()
    (tmp_path / "stack" / "a.yaml").unlink()
    after = plan(tmp_path, z="\n".join(reversed(lines)))
    assert before == after


def test_warnings_do_not_stop_a_plan(tmp_path: Path) -> None:
    found = make_plan(
        Config("stack", folder(tmp_path / "stack", STORAGE, g=one("write_prefix", "berlin/darwin/")))
    ).warnings
    assert len(found) == 1
    assert "g.yaml:6:15 warning: write_prefix: V7 writes to berlin/darwin/, inside berlin/, which it reads" in str(
        found[0]
    )


def test_very_many_mistakes_are_told_as_many(tmp_path: Path) -> None:
    many = "\n".join(f"key{number}: x" for number in range(10_000))
    found = problems(tmp_path, g=GRANT + many, h=READING.replace("read-only", "x").replace("street-v7", "h"))
    assert len(found) == MOST + 2
    assert found[MOST] == "g.yaml:107:1 and more from here on, which are told once those before are mended"
    assert found[MOST + 1].startswith("h.yaml:4:9 access: must be one of")


def test_a_file_name_cannot_play_tricks_on_a_terminal(tmp_path: Path) -> None:
    at = folder(tmp_path / "stack")
    (at / "\x1b[2Jevil.yaml").write_text("name: [")
    Path(os.fsdecode(os.fsencode(at) + b"/\xff.yaml")).write_text("name: [")
    with pytest.raises(Invalid) as invalid:
        load(at)
    assert "\\u001b[2Jevil.yaml:1:8 is not valid YAML" in str(invalid.value)
    assert "\\udcff.yaml:1:8 is not valid YAML" in str(invalid.value)
