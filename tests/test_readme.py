"""The README is true: its grants are planned, its answers are the real ones, what it names exists."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
import typer
from rich.console import Console
from typer.testing import CliRunner

from drawbridge.cli import app
from drawbridge.config import IAM_KEYS, PREFIX, Config
from drawbridge.paths import ROOT
from drawbridge.plan import make_plan
from drawbridge.platforms import platforms
from drawbridge.problems import Invalid
from drawbridge.proof.judge import Judge
from drawbridge.storage import kinds
from drawbridge.verify import show, simulator
from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Try
from tests.files import plan
from tests.verify.lit import as_asked, verified

README = (ROOT / "README.md").read_text()
DOCUMENTS = [README, (ROOT / "ARCHITECTURE.md").read_text()]


def blocks(language: str) -> list[str]:
    found = re.findall(rf"^ *```{language}\n(.*?)^ *```$", README, re.MULTILINE | re.DOTALL)
    return ["\n".join(line.removeprefix("   ") for line in block.splitlines()) + "\n" for block in found]


@pytest.fixture
def prod(tmp_path: Path) -> Path:
    """The grant that the README writes."""
    for block in blocks("yaml"):
        path = tmp_path / block.splitlines()[0].removeprefix("# ")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(block.splitlines(keepends=True)[1:]))
    return tmp_path / "grants" / "prod"


def test_the_first_grant_is_a_plan(prod: Path) -> None:
    plan = make_plan(Config("prod", prod))
    assert [access.sentence() for access in plan.grants["scans-v7"].accesses] == [
        "role external_s3 of account 258327614892 may read under darwin/ and studies/ in scans",
        "role external_s3 of account 258327614892 may write under darwin/ in scans",
    ]
    assert sorted(plan.grants["scans-v7"].settings.files)[-1] == "v7-storage-integration.md"


def test_the_answer_to_mistakes_is_the_real_one(prod: Path) -> None:
    path = prod / "scans-v7.yaml"
    path.write_text(path.read_text().replace("access:", "acess:").replace("[studies/]", "[studies]"))
    with pytest.raises(Invalid) as invalid:
        make_plan(Config("prod", prod))
    said = str(invalid.value).replace(f"{prod.parents[1]}/", "") + "\n"
    assert said in blocks("text")


def test_the_matrix_is_the_real_one(prod: Path, judge: Judge) -> None:
    found = CliRunner().invoke(app, ["prove", str(prod)])
    assert f"```text\n{found.stdout}```" in README


def test_every_command_exists() -> None:
    commands = set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]
    assert set(re.findall(r"drawbridge ([a-z]+)[ \"`\n]", "\n".join(blocks("sh")) + README)) <= commands
    for command in commands:
        assert f"`drawbridge {command}" in README, f"the README does not mention {command}"
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"make ([a-z]+)", "\n".join(blocks("sh")))) <= targets


def test_every_path_exists() -> None:
    for text in DOCUMENTS:
        for path in re.findall(r"`((?:infra|grants|policies|schemas|sandbox|tools|tests)/[\w./-]*)`", text):
            if "prod" not in path:
                assert (ROOT / path).exists(), path
        for path in re.findall(r"\]\(([\w./]+)\)", text):
            assert (ROOT / path).exists(), path


def test_every_module_named_in_the_architecture_exists() -> None:
    table = re.findall(r"^\| (.*?) \|", DOCUMENTS[1], re.MULTILINE)[2:]
    for cell in table:
        for name in re.findall(r"`([\w/]+)(?:/<.>\.py|/)?`", cell):
            package = ROOT / "infra" / "drawbridge"
            assert (package / f"{name}.py").exists() or (package / name).is_dir(), name


def test_every_key_is_explained() -> None:
    models = [*(platform.grant for platform in platforms().values()), *kinds().values()]
    named = set(re.findall(r"`([a-z_:]+)`", "\n".join(re.findall(r"^\| `.*", README, re.MULTILINE))))
    keys = {key for model in models for key in model.model_fields} | {
        f"{PREFIX}{key}" for key in ("grants", "sid_suffix", *(f"iam_{key}" for key in IAM_KEYS))
    }
    assert keys <= named, keys - named


def test_the_lights_are_the_real_ones(tmp_path: Path) -> None:
    """As on a real cloud, where only V7 can come as V7 and IAM's simulator finds nothing wrong."""
    storage, grant, lightly = blocks("yaml")
    found = plan(tmp_path, storage.partition("\n")[2], one=grant.partition("\n")[2])
    assert plan(tmp_path, storage.partition("\n")[2], one=lightly).grants.keys() == {"scans-lightly"}
    alone = "only the platform itself can come as arn:aws:iam::258327614892:role/external_s3"

    def come_back(one: Try) -> Result:
        said = Result(as_asked(one).came, message=simulator.NAME)
        return as_asked(one) if one.who == "nobody" else Result(Came.UNTRIED, message=alone, simulated=said)

    out = Console(file=io.StringIO(), soft_wrap=True, emoji=False)
    with out.capture() as captured:
        show.show([verified(found, come_back)], out)
    assert " ".join(captured.get().split()) in " ".join(README.split()), captured.get()
