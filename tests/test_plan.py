"""The plan: pure data, the same every time, made without Pulumi, a network or a cloud's SDK."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from drawbridge.access import Access, Principal
from drawbridge.config import Config, from_file
from drawbridge.iam import Iam
from drawbridge.paths import ROOT
from drawbridge.plan import make_plan
from drawbridge.problems import Invalid, Problem
from drawbridge.storage import kinds
from drawbridge.storage.interface import ConflictingAccesses
from tests.files import LIGHTLY, STORAGE, folder, plan, problems
from tests.test_load import GRANT


def test_several_grants_share_one_statement_on_a_bucket(tmp_path: Path) -> None:
    read_only = GRANT.replace("read-write", "read-only").replace("write_prefix: darwin/\n", "")
    found = plan(
        tmp_path,
        a=GRANT,
        b=read_only.replace("street-v7", "b").replace("berlin/", "munich/"),
        c=read_only.replace("street-v7", "c").replace("berlin/", "berlin/mitte/"),
    )
    policy = found.storages["street"].documents.policy
    assert {part["Sid"]: part["Resource"] for part in policy["Statement"]} == {
        "DarwinAccess": [f"arn:aws:s3:::street-imagery/{prefix}/*" for prefix in ("berlin", "darwin", "munich")],
        "DarwinWrite": "arn:aws:s3:::street-imagery/darwin/*",
        "DrawbridgeTlsOnly": ["arn:aws:s3:::street-imagery", "arn:aws:s3:::street-imagery/*"],
    }


def test_accesses_that_cannot_share_a_statement_are_a_conflict() -> None:
    storage = kinds()["aws"].model_validate({"kind": "aws", "bucket": "street-imagery", "region": "eu-central-1"})
    principal = Principal.of("arn:aws:iam::258327614892:role/external_s3")
    one = Access("one", "street", "bucket-policy", principal, "Id", "Sid", ("read",), ("a/",))
    for other in (
        replace(one, grant="two", verbs=("write",)),
        replace(one, grant="two", principal=Principal.of("arn:aws:iam::111122223333:user/x")),
    ):
        with pytest.raises(ConflictingAccesses, match="grants one and two need the statement Sid with different"):
            storage.documents([one, other], [], "")


def test_a_policy_that_the_store_would_not_take_is_refused(tmp_path: Path) -> None:
    prefixes = ", ".join(f"{'x' * 200}{number}/" for number in range(100))
    found = problems(tmp_path, a=GRANT.replace("[berlin/]", f"[{prefixes}]"))
    assert len(found) == 1
    assert "street: the bucket policy would have" in found[0]
    assert "and 20,480 are allowed; fewer prefixes are needed in street-v7" in found[0]


def test_a_sid_suffix_tells_two_stacks_apart(tmp_path: Path) -> None:
    policy = plan(tmp_path, sid_suffix="Blue", a=GRANT).storages["street"].documents.policy
    assert [part["Sid"] for part in policy["Statement"]] == ["DarwinAccessBlue", "DarwinWriteBlue", "DrawbridgeTlsOnly"]


def configured(at: Path, grant: str, iam: Iam | None = None, handed_in: Sequence[str] = ()) -> Config:
    """A stack whose configuration holds some values."""
    problems = {name: partial(Problem, "Pulumi.stack.yaml", 1, 1, name) for name in handed_in}
    return Config("stack", folder(at / "stack", WITH_OBS, g=grant), iam=iam or Iam(), handed_in=problems)


WITH_OBS = STORAGE + "cloud: {kind: obs, bucket: street-cloud, endpoint: 'https://obs.example.com'}\n"
ON_OBS = LIGHTLY.replace("street, ", "cloud, ").replace("assume-role", "access-keys")


def test_what_is_not_handed_in_is_missing_and_what_nobody_uses_is_a_warning(tmp_path: Path) -> None:
    words = ("access_key", "secret_key")
    names = [f"street-lightly-{use}.{word}.1" for use in ("input", "lightly") for word in words]
    assert make_plan(configured(tmp_path, ON_OBS, handed_in=names)).missing == ()
    found = make_plan(configured(tmp_path, ON_OBS, handed_in=[*names[1:], "street-lightly-input.secret_key.2"]))
    assert [one.severity for one in found.missing] == ["error"]
    assert "g.yaml:3:8 input: the configuration of stack does not have street-lightly-input.access_key.1, which" in str(
        found.missing[0]
    )
    assert [str(one).split("warning: ")[-1] for one in found.warnings] == [
        str(found.missing[0]).split(" ", 1)[1],
        "Pulumi.stack.yaml:1:1 street-lightly-input.secret_key.2: is used by no grant; pulumi config rm "
        "drawbridge:street-lightly-input.secret_key.2",
    ]


def test_external_ids_may_be_handed_in_and_need_not(tmp_path: Path) -> None:
    grant = LIGHTLY.replace("auth: assume-role}", "auth: assume-role, generations: [2]}", 1)
    names = ["street-lightly-input.external_id.2", "street-lightly-lightly.external_id.1"]
    for given in (names, names[:1], []):
        found = make_plan(configured(tmp_path, grant, handed_in=given))
        assert (found.missing, found.warnings) == ((), ())
    stray = make_plan(configured(tmp_path, grant, handed_in=["street-lightly-input.external_id.1"])).warnings
    assert len(stray) == 1


def test_a_prefix_of_names_can_make_one_too_long(tmp_path: Path) -> None:
    long = LIGHTLY.replace("street-lightly", "x" * 40)
    make_plan(configured(tmp_path, long))
    with pytest.raises(Invalid) as invalid:
        make_plan(configured(tmp_path, long, Iam(name_prefix="y" * 20)))
    assert len(invalid.value.problems) == 2
    assert "g.yaml:1:7 name: makes the name yyyyyyyyyyyyyyyyyyyyx" in str(invalid.value)
    assert str(invalid.value).endswith("shorten it, or drawbridge:iam_name_prefix")


def test_the_plan_is_the_same_every_time_and_is_json() -> None:
    found = [json.dumps(make_plan(from_file("sandbox")).as_data()) for _ in range(2)]
    assert found[0] == found[1]


def test_the_sandbox_plan_is_the_golden_one() -> None:
    golden = Path(__file__).parent / "golden" / "sandbox-plan.json"
    assert make_plan(from_file("sandbox")).as_data() == json.loads(golden.read_text())


def test_pure_commands_import_no_cloud_sdk() -> None:
    program = (
        "import sys; from drawbridge import cli; from drawbridge.plan import make_plan\n"
        "from drawbridge.config import from_file; make_plan(from_file('sandbox'))\n"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'pulumi', 'pulumi_aws', 'boto3', 'botocore'}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_storage_tells_what_is_let_in_from_networks_alone(tmp_path: Path) -> None:
    found = plan(
        tmp_path,
        storage="a: {kind: aws, bucket: name-a, region: eu-central-1}",
        g="""
            name: streets
            platform: lightly
            input: {storage: a, prefix: in/, auth: access-keys}
            lightly: {storage: a, prefix: out/, auth: access-keys, delete: false}
            shared_credentials: true
            network: {source_ip: [198.51.100.0/24]}
            """,
    )
    assert found.storages["a"].sentences() == [
        "user streets of your account may altogether list under in/ and out/, read under in/ and out/ from 198.51.100.0/24 "
        "and write under out/ from 198.51.100.0/24"
    ]
