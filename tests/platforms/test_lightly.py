"""Lightly: whole documents for each form on each store, and that the judge reads them as Lightly's page asks.

`python -m tests.platforms.test_lightly` writes the golden documents anew, to read.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from drawbridge import tokens
from drawbridge.config import Config
from drawbridge.iam import Iam
from drawbridge.plan import Plan, make_plan
from drawbridge.proof.judge import Decision, Judge, Request
from tests.files import folder, plan
from tests.platforms import lightly_forms
from tests.platforms.lightly_forms import AWS, KEYS, RAW, ROLE, WORK

GOLDEN = Path(__file__).parents[1] / "golden" / "lightly"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENCRYPTED = AWS.replace("region: eu-central-1}", f"region: eu-central-1, kms_key: '{KEY}'}}")
IAM = Iam("/platforms/data/", "acme-", "arn:aws:iam::111122223333:policy/boundary", {"team": "imaging"})
# What only AWS has: the storages, and the settings for IAM. Both datasources are as given.
MORE = {
    "encrypted": (ENCRYPTED, (f"{RAW}, {ROLE}", f"{WORK}, {KEYS}"), Iam()),
    "encrypted without delete": (ENCRYPTED, (f"{RAW}, {KEYS}", f"{WORK}, {ROLE}, delete: false"), Iam()),
    "named and bounded": (AWS, (f"{RAW}, {ROLE}", f"{WORK}, {KEYS}"), IAM),
}
CASES = [*lightly_forms.CASES, *(("aws", form) for form in MORE)]


def made(at: Path, kind: str, form: str) -> Plan:
    """The plan of a form on a kind of store."""
    if form not in MORE:
        return lightly_forms.made(at, form, kind)
    storage, (read, written), iam = MORE[form]
    grant = f"name: street-lightly\nplatform: lightly\ninput: {{{read}}}\nlightly: {{{written}}}\n"
    return make_plan(Config("stack", folder(at / "stack", storage, street=grant), iam=iam))


def golden(kind: str, form: str) -> Path:
    """Where the golden documents of a form lie."""
    return GOLDEN / kind / f"{form.replace(' ', '-')}.json"


def text(found: Plan) -> str:
    """What a form amounts to: every identity with its policies; the storages' own policies name nobody."""
    return json.dumps(found.as_data()["identities"], indent=2) + "\n"


@pytest.mark.parametrize(("kind", "form"), CASES)
def test_the_whole_documents_of_each_form(tmp_path: Path, kind: str, form: str) -> None:
    found = made(tmp_path, kind, form)
    assert text(found) == golden(kind, form).read_text()
    for planned in found.storages.values():
        assert planned.documents.statements == ()
        assert planned.documents.key_grants == ()


def test_no_golden_document_is_left_over() -> None:
    assert sorted(GOLDEN.rglob("*.json")) == sorted(golden(*case) for case in CASES)


INPUT, WRITER = "street-lightly-input", "street-lightly-lightly"
RAW_BUCKET, WORK_BUCKET = "arn:aws:s3:::street-raw", "arn:aws:s3:::street-work"
OWNER, FRANKFURT = "111122223333", "s3.eu-central-1.amazonaws.com"
YES, NO = True, False


@dataclass(frozen=True)
class Try:
    """One request as an identity of a form, and whether Lightly's page asks for it."""

    form: str
    identity: str
    action: str
    resource: str
    expected: bool
    context: tuple[tuple[str, str], ...] = ()


def objects(form: str, identity: str, bucket: str, actions: str, *, expected: bool) -> list[Try]:
    """Actions on an object in the folder."""
    return [Try(form, identity, f"s3:{action}", f"{bucket}/berlin/a.jpg", expected) for action in actions.split()]


def key(
    form: str, identity: str, operations: str, via: str = FRANKFURT, arn: str = KEY, *, expected: bool
) -> list[Try]:
    """Operations of a KMS key, through a service or without one."""
    through = (("kms:ViaService", via),) if via else ()
    return [Try(form, identity, f"kms:{one}", arn, expected, through) for one in operations.split()]


def lists(form: str, identity: str, bucket: str, *prefixes: str, expected: bool) -> list[Try]:
    """Lists with a prefix."""
    return [Try(form, identity, "s3:ListBucket", bucket, expected, (("s3:prefix", one),)) for one in prefixes]


INSIDE, BESIDE = ("berlin/", "berlin/2027/"), ("berlin", "berlin-2/", "bonn/", "")
OFFICE, ELSEWHERE = (("aws:SourceIp", "203.0.113.9"),), (("aws:SourceIp", "198.51.100.9"),)
# What has to be allowed beside what has to be refused; facts are docs.lightly.ai's, "AWS S3".
TRIES = [
    # The input is listed and read, and the other datasource written and cleaned up too; nothing else of S3 is named.
    *objects("roles", INPUT, RAW_BUCKET, "GetObject", expected=YES),
    *objects("roles", INPUT, RAW_BUCKET, "PutObject DeleteObject", expected=NO),
    *objects("roles", INPUT, WORK_BUCKET, "GetObject PutObject DeleteObject", expected=NO),
    *objects("roles", WRITER, WORK_BUCKET, "GetObject PutObject DeleteObject", expected=YES),
    *objects("roles", WRITER, RAW_BUCKET, "GetObject PutObject DeleteObject", expected=NO),
    *objects("roles", WRITER, WORK_BUCKET, "GetObjectVersion PutObjectAcl DeleteObjectVersion", expected=NO),
    *objects("roles", WRITER, WORK_BUCKET, "GetObjectTagging PutObjectTagging ListMultipartUploadParts", expected=NO),
    *lists("roles", INPUT, RAW_BUCKET, *INSIDE, expected=YES),
    *lists("roles", INPUT, RAW_BUCKET, *BESIDE, expected=NO),
    *lists("roles", WRITER, WORK_BUCKET, *INSIDE, expected=YES),
    *lists("roles", WRITER, WORK_BUCKET, *BESIDE, expected=NO),
    *lists("lists the bucket", INPUT, RAW_BUCKET, *INSIDE, *BESIDE, expected=YES),
    *lists("lists the bucket", WRITER, WORK_BUCKET, *BESIDE, expected=NO),
    # Without delete.
    *objects("a role and keys", WRITER, WORK_BUCKET, "GetObject PutObject", expected=YES),
    *objects("a role and keys", WRITER, WORK_BUCKET, "DeleteObject", expected=NO),
    # One identity for both: what each datasource asks for, where it asks for it.
    *objects("shared in two buckets", "street-lightly", RAW_BUCKET, "GetObject", expected=YES),
    *objects("shared in two buckets", "street-lightly", RAW_BUCKET, "PutObject DeleteObject", expected=NO),
    *objects("shared in two buckets", "street-lightly", WORK_BUCKET, "GetObject PutObject DeleteObject", expected=YES),
    # With a network, only lists come from anywhere.
    *(Try("addresses", INPUT, "s3:GetObject", f"{RAW_BUCKET}/berlin/a", YES, origin) for origin in (OFFICE,)),
    *(Try("addresses", INPUT, "s3:GetObject", f"{RAW_BUCKET}/berlin/a", NO, origin) for origin in (ELSEWHERE, ())),
    *(
        Try("addresses", INPUT, "s3:ListBucket", RAW_BUCKET, YES, (("s3:prefix", "berlin/"), *origin))
        for origin in (OFFICE, ELSEWHERE, ())
    ),
    # The key: what S3 does with it for this identity, in the bucket's region, and nothing that S3 does not do.
    *key("encrypted", INPUT, "Decrypt", expected=YES),
    *key("encrypted", INPUT, "Encrypt GenerateDataKey", expected=NO),
    *key("encrypted", WRITER, "Decrypt Encrypt GenerateDataKey", expected=YES),
    *key("encrypted without delete", WRITER, "Decrypt Encrypt GenerateDataKey", expected=YES),
    *objects("encrypted without delete", WRITER, WORK_BUCKET, "DeleteObject", expected=NO),
    *key("encrypted", WRITER, "Decrypt GenerateDataKey", via="", expected=NO),
    *key("encrypted", WRITER, "Decrypt GenerateDataKey", via="s3.us-east-1.amazonaws.com", expected=NO),
    *key("encrypted", WRITER, "Decrypt GenerateDataKey", via="ebs.eu-central-1.amazonaws.com", expected=NO),
    *key("encrypted", WRITER, "CreateGrant DescribeKey ReEncryptFrom ScheduleKeyDeletion", expected=NO),
    *key("encrypted", WRITER, "Decrypt", arn=f"{KEY}0", expected=NO),
    *key("roles", WRITER, "Decrypt", expected=NO),
]


@pytest.mark.parametrize("form", sorted({one.form for one in TRIES}))
def test_what_lightlys_page_asks_for_is_allowed_and_nothing_else(judge: Judge, tmp_path: Path, form: str) -> None:
    tries = [one for one in TRIES if one.form == form]
    identities = made(tmp_path, "aws", form).identities
    requests = [_request(one, identities[one.identity].policy) for one in tries]
    decided = [one is Decision.ALLOWED for one in judge.decide(requests)]
    wrong = [one for one, allowed in zip(tries, decided, strict=True) if allowed != one.expected]
    assert wrong == []
    assert any(one.expected for one in tries)
    assert any(not one.expected for one in tries)


def _request(one: Try, policy: Mapping[str, Any]) -> Request:
    who = f"arn:aws:iam::{OWNER}:user/{one.identity}"
    return Request(who, one.action, one.resource, OWNER, dict(one.context), [policy], _trusting_iam(one.resource))


def _trusting_iam(resource: str) -> dict[str, Any] | None:
    """The policy that a KMS key has, which leaves it to the account's own policies; a bucket has none."""
    everything = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{OWNER}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    return {"Version": "2012-10-17", "Statement": [everything]} if ":kms:" in resource else None


def warned(at: Path, grant: str, storage: str = AWS) -> list[str]:
    """The warnings of a plan, without the folder's name."""
    return [str(one).removeprefix(f"{at / 'stack'}/") for one in plan(at, storage, g=grant).warnings]


def test_what_is_accepted_for_nothing_is_a_warning(tmp_path: Path) -> None:
    grant = lightly_forms.text("roles") + "accept: [list-bucket, writes-over-input]\n"
    assert [one.split("warning: ")[1] for one in warned(tmp_path, grant)] == [
        "accept[0]: is not needed, since nothing is as wide; leave it out",
        "accept[1]: is not needed, since nothing is as wide; leave it out",
    ]
    assert warned(tmp_path / "needed", lightly_forms.text("one folder in the other")) == []


def test_the_same_folder_in_another_bucket_is_no_overlap(tmp_path: Path) -> None:
    assert warned(tmp_path, lightly_forms.text("roles")) == []


def test_data_on_the_workers_machine_needs_no_cloud(tmp_path: Path) -> None:
    grant = "name: street-lightly\nplatform: lightly\nlocal: {input_mount: /data, lightly_mount: /work}\n"
    found = plan(tmp_path, "", g=grant)
    assert found.identities == {}
    assert found.grants["street-lightly"].accesses == ()


def test_both_folders_have_to_exist(tmp_path: Path) -> None:
    found = lightly_forms.made(tmp_path, "shared in one bucket")
    assert found.storages["raw"].folders == ("berlin/", "work/")
    assert found.storages["work"].folders == ()


@pytest.mark.parametrize("kind", lightly_forms.STORES)
def test_only_obs_is_documented_among_other_stores(tmp_path: Path, kind: str) -> None:
    found = lightly_forms.made(tmp_path, "keys", kind).warnings
    told = [str(one) for one in found if "which Lightly documents for OBS alone" in str(one)]
    assert len(told) == (0 if kind == "obs" else 1)


@pytest.mark.parametrize("kind", ["obs", "s3"])
def test_keys_that_are_not_handed_in_are_asked_for(tmp_path: Path, kind: str) -> None:
    found = lightly_forms.made(tmp_path, "keys", kind)
    assert [str(one).partition(" input: ")[2] or str(one).partition(" lightly: ")[2] for one in found.missing] == [
        f"the configuration of stack does not have {name}.access_key.1 and {name}.secret_key.1, which the user whose "
        f"key is handed in for {name} has to be given; `drawbridge handed-in` tells how"
        for name in (INPUT, WRITER)
    ]
    assert {name for one in found.identities.values() for name in tokens.used(one.policy)} == set()


if __name__ == "__main__":
    for case in CASES:
        golden(*case).parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as place:
            golden(*case).write_text(text(made(Path(place), *case)))
