"""Every policy document names permissions, condition keys and resources that AWS knows, which the judge would not tell."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from drawbridge import tokens
from drawbridge.config import from_file
from drawbridge.paths import GRANTS
from drawbridge.plan import make_plan
from tests.environments import python_with

HERE = Path(__file__).parent
GOLDEN = HERE.parent / "golden"


# To write policies and clean-up rules is what the deployer's policy is for, and AWS compares boundaries as texts:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
OF_THE_DEPLOYER = ("RESOURCE_POLICY_PRIVILEGE_ESCALATION", "MISMATCHED_TYPE_BUT_USABLE")


ROLE = "arn:aws:iam::111122223333:role/x"  # what a trust policy is about, and never says
OF_MINIO = ["admin:*"]  # MinIO's own, which is no service of AWS's; tests/auth/test_identities.py looks at it
NO_IPV6 = "MISMATCHED_TYPE: Type mismatch: aws:SourceIp requires a value of type Ip but given"  # parliament knows none


def lint(documents: Mapping[str, Any]) -> dict[str, list[str]]:
    """What parliament finds in each document; those in which it finds nothing are left out."""
    python = python_with(HERE / "parliament.txt")
    whole = {
        name: {**one, "Statement": [_about(part) for part in one["Statement"] if part.get("Action") != OF_MINIO]}
        for name, one in documents.items()
    }
    done = subprocess.run(
        [python, HERE / "lint.py"], input=json.dumps(whole), capture_output=True, text=True, check=True
    )
    found = {
        name: [one for one in findings if not (one.startswith(NO_IPV6) and "::" in one)]
        for name, findings in json.loads(done.stdout).items()
    }
    return {name: findings for name, findings in found.items() if findings}


def _about(statement: dict[str, Any]) -> dict[str, Any]:
    """A statement of a trust policy with its role, as parliament wants one."""
    return statement if "Resource" in statement else {**statement, "Resource": ROLE}


def golden() -> dict[str, Any]:
    """The policies of all golden files, whatever their shape."""
    found: dict[str, Any] = {}
    for path in sorted(GOLDEN.rglob("*.json")):
        for number, policy in enumerate(policies(json.loads(path.read_text()))):
            found[f"{path.relative_to(GOLDEN)} {number}"] = policy
    return found


def policies(data: Any) -> list[Any]:
    """Every policy document inside some data."""
    if isinstance(data, list):
        return [policy for item in data for policy in policies(item)]
    if not isinstance(data, dict):
        return []
    return [data] if "Statement" in data else policies(list(data.values()))


def examples() -> dict[str, Any]:
    """The policies of every stack in the repository: of storages, and of identities with who may become them."""
    found: dict[str, Any] = {}
    for path in sorted(GRANTS.iterdir()):
        made = make_plan(from_file(path.name))
        found |= {f"{path.name} {name}": one.documents.policy for name, one in made.storages.items()}
        found |= {f"{path.name} {name} policy": one.policy for name, one in made.identities.items()}
        found |= {f"{path.name} {name} trust": one.trust for name, one in made.identities.items()}
    return {name: tokens.longest(policy) for name, policy in found.items() if policy}


def test_every_golden_document() -> None:
    documents = golden()
    assert len(documents) > 40
    found = lint(documents)
    deployers = [finding for name in list(found) if name.startswith("deployer/") for finding in found.pop(name)]
    assert [finding for finding in deployers if not finding.startswith(OF_THE_DEPLOYER)] == []
    assert found == {}


def test_every_example() -> None:
    documents = examples()
    assert documents
    assert lint(documents) == {}


def test_what_is_misspelt_is_found() -> None:
    text = (GOLDEN / "v7" / "aws" / "mirax.json").read_text()
    wrong = {
        "an action": text.replace("s3:GetObject", "s3:GetObjet"),
        "a service": text.replace("s3:GetObject", "s4:GetObject"),
        "a condition key": text.replace("s3:prefix", "s3:prefixes"),
        "an operator": text.replace("StringLike", "StringLikes"),
        "an action on the wrong resource": text.replace('"s3:GetObject"', '"s3:ListBucket"'),
        "an operation instead of a permission": text.replace("s3:ListBucket", "s3:ListObjectsV2"),
    }
    assert not [name for name, changed in wrong.items() if changed == text]
    trust = json.loads((GOLDEN / "lightly" / "aws" / "roles.json").read_text())["street-lightly-input"]["trust"]
    trust["Statement"][0]["Condition"] = {"StringEquals": {"sts:ExternalIds": "x"}}
    found = lint({**{name: json.loads(changed)["policy"] for name, changed in wrong.items()}, "a trust policy": trust})
    assert {name: finding[0].split(":")[0] for name, finding in found.items()} == {
        "an action": "UNKNOWN_ACTION",
        "a service": "UNKNOWN_PREFIX",
        "a condition key": "UNKNOWN_CONDITION_FOR_ACTION",
        "an operator": "UNKNOWN_OPERATOR",
        "an action on the wrong resource": "RESOURCE_MISMATCH",
        "an operation instead of a permission": "UNKNOWN_ACTION",
        "a trust policy": "UNKNOWN_CONDITION_FOR_ACTION",
    }
