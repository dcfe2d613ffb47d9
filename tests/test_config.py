"""A stack's own keys: from its file or from Pulumi, with the same answers. What is broken is in tests/broken.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from drawbridge import config, paths
from drawbridge.iam import Iam
from drawbridge.paths import GRANTS, ROOT
from drawbridge.problems import Invalid
from drawbridge.yamlfile import read_file
from tests.broken import ROWS, Broken
from tests.broken.words import OURS

BROKEN = {name: row for name, row in ROWS.items() if row.config is not None}


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "Pulumi.prod.yaml"
    monkeypatch.setattr(config, "config_file", lambda _stack: path)
    return path


def test_defaults(file: Path) -> None:
    assert config.from_file("prod") == config.Config("prod", GRANTS / "prod", "")
    file.write_text("encryptionsalt: v1:abc\n")
    assert config.from_file("prod") == config.Config("prod", GRANTS / "prod", "")
    file.write_text("config:\n")
    assert config.from_file("prod") == config.Config("prod", GRANTS / "prod", "")


def test_given(file: Path) -> None:
    file.write_text(
        "config:\n  aws:region: eu-central-1\n  aws:defaultTags: {tags: {a: b}}\n  mine:key: 1\n"
        "  drawbridge:grants: grants/sandbox\n  drawbridge:sid_suffix: Blue\n"
    )
    wanted = config.Config("prod", ROOT / "grants" / "sandbox", "Blue")
    assert config.from_file("prod") == wanted
    assert config.from_values("prod", {"grants": "grants/sandbox", "sid_suffix": "Blue"}, ()) == wanted
    file.write_text(f"config:\n  drawbridge:grants: {file.parent}\n")
    assert config.from_file("prod").grants == file.parent


def test_settings_for_iam(file: Path) -> None:
    wanted = Iam(
        "/platforms/data/", "acme+=,.@_-", "arn:aws:iam::aws:policy/path/ReadOnly", {"a b.:/=+-@_": "", "Ü": "日"}
    )
    file.write_text(
        "config:\n  drawbridge:iam_path: /platforms/data/\n  drawbridge:iam_name_prefix: acme+=,.@_-\n"
        "  drawbridge:iam_permissions_boundary: arn:aws:iam::aws:policy/path/ReadOnly\n"
        """  drawbridge:iam_tags: '{"a b.:/=+-@_": "", "Ü": "日"}'\n""",
        encoding="utf-8",
    )
    assert config.from_file("prod").iam == wanted
    given = read_file(file).data
    assert isinstance(given, dict)
    values = {key.removeprefix(config.PREFIX): value for key, value in given["config"].items()}
    assert config.from_values("prod", values, ()).iam == wanted
    most = {f"t{number}": "x" * 256 for number in range(49)}
    file.write_text(f"config:\n  drawbridge:iam_path: /{'x' * 510}/\n  drawbridge:iam_tags: '{json.dumps(most)}'\n")
    assert config.from_file("prod").iam == Iam(f"/{'x' * 510}/", tags=most)
    file.write_text("config:\n  drawbridge:iam_permissions_boundary: ''\n  drawbridge:iam_tags: ''\n")
    assert config.from_file("prod").iam == Iam()


def test_what_is_handed_in(file: Path) -> None:
    """Only secrets and ids of keys; an identity's name may be longer than a grant's."""
    long = f"{'x' * 63}-lightly"
    names = [f"{name}.{word}.1" for name in ("a", long) for word in ("access_key", "secret_key", "external_id")]
    lines = [f"  drawbridge:{name}:\n    secure: v1:abc" for name in names]
    file.write_text("\n".join(["config:", *lines, "  drawbridge:b.access_key.9999: AKIDEXAMPLE", ""]))
    found = config.from_file("prod").handed_in
    assert list(found) == [*names, "b.access_key.9999"]
    assert str(found["a.secret_key.1"]("is used by nobody")) == (
        f"{file}:4:3 warning: config.drawbridge:a.secret_key.1: is used by nobody"
    )
    values = dict.fromkeys(names, "what-nobody-should-see") | {"b.access_key.9999": "AKIDEXAMPLE"}
    from_pulumi = config.from_values("prod", values, names)
    assert list(from_pulumi.handed_in) == list(found)
    assert "what-nobody-should-see" not in repr(from_pulumi)
    file.unlink()
    with pytest.raises(Invalid) as invalid:
        config.from_values("prod", values, [])
    assert len(invalid.value.problems) == 4, "every secret, and no id of a key"
    assert "what-nobody-should-see" not in str(invalid.value)


def test_what_pulumi_gives_goes_before_the_file(file: Path) -> None:
    file.write_text("config:\n  drawbridge:sid_suffix: Blue\n")
    assert config.from_values("prod", {"sid_suffix": "Green"}, ()).sid_suffix == "Green"
    assert config.from_values("prod", {}, ()).sid_suffix == ""


def test_without_a_file_what_pulumi_gives_has_no_place(file: Path) -> None:
    with pytest.raises(Invalid) as invalid:
        config.from_values("prod", {"grant": "x", "sid_suffix": "a-b"}, ())
    assert [str(problem) for problem in invalid.value.problems] == [
        f"{file}:1:1 config.drawbridge:grant: {OURS}; did you mean grants?",
        f"{file}:1:1 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else",
    ]


@pytest.mark.parametrize("row", BROKEN.values(), ids=BROKEN)
def test_a_mistake_is_the_same_when_pulumi_gives_the_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: Broken
) -> None:
    lines = row.write(tmp_path, "stack")
    (tmp_path / "README.md").touch()
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(config, "ROOT", tmp_path)
    data = read_file(tmp_path / "Pulumi.stack.yaml").data
    given = (data.get("config") if isinstance(data, dict) else None) or {}
    # Pulumi knows only text; whatever else is in the file, it writes as JSON.
    values = {
        key.removeprefix(config.PREFIX): value if isinstance(value, str) else json.dumps(value)
        for key, value in (given.items() if isinstance(given, dict) else ())
        if key.startswith(config.PREFIX)
    }
    with pytest.raises(Invalid) as invalid:
        config.from_values("stack", values, ())
    assert [str(problem) for problem in invalid.value.problems] == lines


def test_a_folder_is_no_file(file: Path) -> None:
    file.mkdir()
    with pytest.raises(Invalid, match=r"Pulumi.prod.yaml:1:1 cannot be read: "):
        config.from_file("prod")


def test_a_link_that_leads_nowhere_is_no_missing_file(file: Path) -> None:
    file.symlink_to("nowhere")
    with pytest.raises(Invalid, match=r"Pulumi.prod.yaml:1:1 cannot be read: No such file"):
        config.from_file("prod")


def test_what_is_wrong_in_the_folder_is_told_together_with_what_is_wrong_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (paths, config):
        monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(config, "GRANTS", tmp_path / "grants")
    (tmp_path / "Pulumi.prod.yaml").write_text("config:\n  drawbridge:sid_suffix: a-b\n")
    folder = tmp_path / "grants" / "prod"
    folder.mkdir(parents=True)
    (folder / "storage.yaml").write_text("scans: {kind: aws, bucket: acme-scans, region: here}\n")
    (folder / "a.yaml").write_text("name: a\nplatform: v7\nstorage: scans\naccess: all\n")
    with pytest.raises(Invalid) as invalid:
        config.from_file("prod")
    assert [str(problem).split(" ")[0] for problem in invalid.value.problems] == [
        "Pulumi.prod.yaml:2:26",
        "grants/prod/a.yaml:4:9",
        "grants/prod/storage.yaml:1:48",
    ]
