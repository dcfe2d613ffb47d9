"""Made-up grants to Lightly: whatever a valid file says, its documents allow what it asks for and no more."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.config import Config
from drawbridge.iam import Iam
from drawbridge.plan import make_plan
from drawbridge.problems import Invalid
from drawbridge.proof.judge import Judge
from drawbridge.proof.prove import prove
from tests.files import folder
from tests.proof.test_prove import PREFIX

KEY = "arn:aws:kms:eu-central-1:111122223333:key/mrk-0"
ADDRESSES = ["203.0.113.0/24", "203.0.113.128/25", "198.51.100.7", "41.0.0.0/8", "2001:db8::/32"]
VPCS = ["vpc-0a1b2c3d", "vpc-0a1b2c3d4e5f60718", "vpc-ffffffff"]
GENERATIONS = st.sampled_from([[1], [2], [1, 2], [7, 9]])
STORES: dict[str, dict[str, Any]] = {
    "aws": {"region": "eu-central-1"},
    "wasabi": {"region": "eu-central-2"},
    **{kind: {"endpoint": "https://s3.example.com"} for kind in ("minio", "obs", "s3")},
}


@st.composite
def datasource(draw: st.DrawFn, kind: str) -> dict[str, Any]:
    """What both datasources have."""
    return {
        "storage": draw(st.sampled_from(["one", "two"])),
        "prefix": draw(PREFIX),
        "auth": draw(st.sampled_from(["assume-role", "access-keys"] if kind == "aws" else ["access-keys"])),
        "generations": draw(GENERATIONS),
        "list_scope": draw(st.sampled_from(["prefix", "prefix", "bucket"])),
    }


@st.composite
def lightly_grant(draw: st.DrawFn, name: str, kind: str) -> dict[str, Any]:
    """A valid grant, unless its policy is too large."""
    read, written = draw(datasource(kind)), draw(datasource(kind))
    shared = draw(st.booleans())
    if shared:
        written |= {key: read[key] for key in ("auth", "generations")}
    grant: dict[str, Any] = {"name": name, "platform": "lightly", "input": read, "shared_credentials": shared}
    grant |= {"lightly": {**written, "delete": draw(st.booleans())}, "accept": ["list-bucket", "writes-over-input"]}
    if kind == "aws" and draw(st.booleans()):
        ways = draw(
            st.fixed_dictionaries(
                {}, optional={"source_ip": st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=3, unique=True), "source_vpc": st.lists(st.sampled_from(VPCS), min_size=1, max_size=2, unique=True)}
            ).filter(bool)
        )  # fmt: skip
        grant["network"] = ways
    return grant


@st.composite
def stack(draw: st.DrawFn, kind: str) -> tuple[dict[str, Any], list[dict[str, Any]], Iam]:
    """Two storages, one grant or two, and settings for IAM."""
    more: dict[str, Any] = {"existing": draw(st.booleans())}
    if kind == "aws":
        more |= {"kms_key": KEY} if draw(st.booleans()) else {}
    storages = {name: {"kind": kind, "bucket": f"street-{name}", **STORES[kind], **more} for name in ("one", "two")}
    grants = [draw(lightly_grant(f"grant-{one}", kind)) for one in range(draw(st.sampled_from([1, 1, 2])))]
    iam = Iam(draw(st.sampled_from(["/", "/platforms/", "/a/b=c/"])), draw(st.sampled_from(["", "acme-", "a+b_"])))
    return storages, grants, iam


@pytest.mark.parametrize("kind", STORES)
@settings(max_examples=25)
@given(st.data())
def test_made_up_grants(judge: Judge, kind: str, data: st.DataObject) -> None:
    storages, grants, iam = data.draw(stack(kind))
    with tempfile.TemporaryDirectory() as temporary:
        texts = {grant["name"]: json.dumps(grant, ensure_ascii=False) for grant in grants}
        at = folder(Path(temporary) / "stack", json.dumps(storages), **texts)
        try:
            found = make_plan(Config("stack", at, iam=iam))
        except Invalid as invalid:
            assert all("characters, and" in problem.message for problem in invalid.problems), str(invalid)
            return
    proofs = prove(found, judge)
    assert {proof.grant.name for proof in proofs} == texts.keys()
    assert [one.sentence() for proof in proofs for one in proof.surprises] == []
