"""Proofs as people and scripts see them, and the command `drawbridge prove`."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from drawbridge import cli
from drawbridge.paths import GRANTS, ROOT
from drawbridge.plan import Plan
from drawbridge.proof import judge as client
from drawbridge.proof import show
from drawbridge.proof.judge import Judge, JudgeFailed, NotInstalled
from drawbridge.proof.prove import prove
from drawbridge.storage import s3
from tests.files import folder
from tests.platforms import v7_forms
from tests.proof.test_prove import MUTANTS, mutated, two
from tests.test_load import GRANT, one

EXAMPLES = sorted(path.stem for path in (GRANTS / "sandbox").glob("*.yaml") if path.stem != "storage")


def shown(found: Plan, judge: Judge) -> dict[str, str]:
    """What is shown of each grant where nobody watches."""
    texts = {}
    for proof in prove(found, judge):
        out = Console(file=io.StringIO(), soft_wrap=True, emoji=False)
        with out.capture() as captured:
            show.show(proof, out)
        texts[proof.grant.name] = captured.get()
    return texts


def test_the_matrix_of_a_grant_beside_another(judge: Judge, tmp_path: Path) -> None:
    assert (
        shown(two(tmp_path), judge)["one"]
        == """
  one  role external_s3 of account 258327614892 in scans (aws, bucket your-s3-bucket-name)
                                        list  read    write  delete  other
    inside a/ and b/                    yes   yes     no     no      no
    the same without the slash          no    no      no     no
    beside, where names begin the same  no    no      no     no
    inside darwin/                      no    yes     yes    no      no
    the same without the slash          no    no      no     no
    beside, where names begin the same  no    no      no     no
    inside b/c/, of other grants        yes   yes     no     no
    inside z/, of other grants          no    shared  no     no
    elsewhere in the bucket             no    no      no     no      no
    the bucket itself                                                no
    another bucket                      no    no      no     no      no
    the principal, without TLS          no    no      no     no      no
    another of its account              no    no      no     no      no
    its name in another account         no    no      no     no      no
    anonymous                           no    no      no     no      no
"""
    )


def test_a_whole_bucket_and_a_key(judge: Judge, tmp_path: Path) -> None:
    whole = shown(v7_forms.made(tmp_path / "a", "wasabi", "read-write-whole-bucket"), judge)["one"]
    assert "    anywhere in the bucket       no    accepted  accepted  no      no\n" in whole
    assert "    the principal, without TLS   no    yes" not in whole
    key = shown(v7_forms.made(tmp_path / "b", "aws", "kms-without-bucket-key"), judge)["one"]
    assert key.endswith(
        f"    role external_s3 of account 258327614892 may Decrypt with {v7_forms.KEY}, for whatever it encrypts, in any "
        "bucket; this is a KMS grant and no policy, so it is not decided\n"
    )


def test_many_folders_are_counted(judge: Judge, tmp_path: Path) -> None:
    at = folder(tmp_path, a=one("prefixes", f"[{', '.join(f'f{number}/' for number in range(8))}]"))
    assert "inside f0/, f1/, f2/, f3/ and 4 more " in run("prove", str(at)).stdout


def run(*words: str) -> Result:
    return CliRunner().invoke(cli.app, list(words))


def test_the_examples_hold_no_surprise(judge: Judge) -> None:
    found = run("prove", "--stack", "sandbox")
    assert (found.exit_code, found.stderr.splitlines()[-1]) == (0, f"{len(EXAMPLES)} grants proved, no surprises.")
    assert found.stdout.startswith(f"Stack sandbox: {len(EXAMPLES)} grants\n\n  {EXAMPLES[0]}  ")
    assert found.stdout.endswith(
        "\n  shared: another grant on the bucket asks for it, with the same principal"
        "\n  accepted: wider than a folder, and the grant accepts it\n"
    )
    assert "\x1b" not in found.output
    assert not [line for line in found.stdout.splitlines() if line != line.rstrip()]


def test_for_scripts(judge: Judge) -> None:
    found = run("prove", "--stack", "sandbox", "--json")
    assert found.exit_code == 0
    (stack,) = json.loads(found.stdout)
    assert list(dict.fromkeys(grant["grant"] for grant in stack["grants"])) == EXAMPLES
    proofs = {grant["grant"]: grant for grant in stack["grants"]}
    answers = {answer["outcome"]: answer for answer in proofs["radiology-v7"]["answers"]}
    assert set(answers) == {"refused", "accepted"}
    assert answers["accepted"]["decision"] == "Allowed"
    assert proofs["street-v7"]["answers"][0] == {
        "who": "the principal",
        "principal": "arn:aws:iam::258327614892:role/external_s3",
        "place": "inside",
        "folder": "berlin/",
        "verb": "read",
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::street-imagery/berlin/x/y z",
        "context": {"aws:SecureTransport": "true"},
        "requested": True,
        "effective": True,
        "decision": "Allowed",
        "outcome": "asked",
        "asked_by": ["street-v7"],
    }


@pytest.mark.parametrize(("actions", "words"), [(["s3:GetObject", "s3:GetObjectVersion"], "TOO WIDE"), (["s3:GetObjet"], "MISSING")])  # fmt: skip
def test_a_surprise_is_exit_code_1(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, actions: list[str], words: str
) -> None:
    monkeypatch.setitem(s3.ACTIONS, "read", actions)
    at = folder(tmp_path / "prod", a=GRANT)
    found = run("prove", str(at))
    assert found.exit_code == 1
    assert f"  {words}: " in found.stdout
    line = next(
        line for line in found.stdout.splitlines() if line.startswith("    street-v7: the principal: the documents")
    )
    assert (
        "allow s3:GetObjectVersion on arn:aws:s3:::street-imagery/berlin/x/y z; expected: refused, since no grant asks"
        if words == "TOO WIDE"
        else "do not allow s3:GetObject on arn:aws:s3:::street-imagery/berlin/x/y z; expected: allowed, since street-v7 "
        "asks to read under berlin/ and darwin/"
    ) in line
    assert found.stderr == "1 grant proved, 1 surprise.\n"
    assert run("prove", "--json", str(at)).exit_code == 1


def test_each_cell_tells_its_surprises_in_one_line(judge: Judge, tmp_path: Path) -> None:
    change, _ = MUTANTS["narrower: nothing"]
    text = shown(mutated(two(tmp_path), change), judge)["one"]
    lines = [line for line in text.splitlines() if line.startswith("    one: ")]
    assert [line.split(" s3:")[1].split(" on ")[0] for line in lines] == [
        *("GetObject", "ListBucket", "PutObject"),  # in its own folders
        *("GetObject", "ListBucket"),  # in those of the other grant
    ]
    assert lines[0].endswith("expected: allowed, since one asks to read under a/, b/ and darwin/ (and 5 more like it)")


def test_wrong_files_are_told_and_the_others_proved(judge: Judge, tmp_path: Path) -> None:
    good, bad = folder(tmp_path / "good", a=GRANT), folder(tmp_path / "bad", a=one("access", "all"))
    found = run("prove", str(good), str(bad))
    assert found.exit_code == 1
    assert "Stack good: 1 grant" in found.stdout
    assert f"1 grant proved, no surprises.\n{bad}/a.yaml:4:9 access: must be one of" in found.stderr


def test_where_the_judge_is_missing_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = run("prove", "--stack", "sandbox")
    assert (found.exit_code, found.stdout) == (1, "")
    assert found.stderr == (
        "the judge, which decides requests from policy documents, is not installed; run: make judge\n"
    )


@pytest.mark.parametrize("answer", ["y", "n"])
def test_where_somebody_is_there_it_offers_to_install_it(
    judge: Judge, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    command = client.find()
    installed: list[str] = []

    def find() -> list[str]:
        if not installed:
            raise NotInstalled("the judge is not installed; run: make judge")
        return command

    monkeypatch.setattr(client, "find", find)
    monkeypatch.setattr(client, "install", lambda: installed.append("now"))
    monkeypatch.setattr(cli, "_somebody_is_there", lambda: True)
    found = CliRunner().invoke(cli.app, ["prove", "--stack", "sandbox"], input=f"{answer}\n")
    assert "iam-simulate (AGPL-3.0), a process of its own and no part of Drawbridge" in found.stderr
    assert installed == (["now"] if answer == "y" else [])
    assert found.exit_code == (0 if answer == "y" else 1)
    assert ("run: make judge" in found.stderr) == (answer == "n")


def test_a_judge_that_fails_is_one_clear_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> list[str]:
        raise JudgeFailed("the judge has ended, with 1")

    monkeypatch.setattr(client, "find", fail)
    found = run("prove", "--stack", "sandbox")
    assert (found.exit_code, found.stderr) == (1, "the judge has ended, with 1\n")


def test_no_cloud_sdk_is_imported(judge: Judge) -> None:
    program = (
        "import sys; from drawbridge import cli\n"
        "try: cli.app(['prove', '--stack', 'sandbox', '--json'])\n"
        "except SystemExit as ended: print(ended.code, file=sys.stderr)\n"
        "print({name.split('.')[0] for name in sys.modules} & {'pulumi', 'pulumi_aws', 'boto3', 'botocore'}, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stderr.endswith(f"{len(EXAMPLES)} grants proved, no surprises.\n0\nset()\n")
