"""IAM's policy simulator, for whoever cannot come from here: it decides from a live policy, not by trying."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from drawbridge.proof.judge import ALLOW_ALL
from drawbridge.proof.questions import ON_OBJECTS
from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Try

NAME = "IAM's policy simulator, asked about the live policy,"


def simulate(iam: Any, vendor: str, owner: str, policy: Mapping[str, Any], one: Try) -> Result:
    """What it says to one try of a vendor's principal, which its own account lets do everything.

    `policy` is that of the bucket, `owner` the bucket's account. The simulator takes no role as the caller, only a
    user, so a user of the same name stands in for it, in the policy too:
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html. Raises ClientError.
    """
    user = vendor.replace(":role/", ":user/", 1)
    document = json.dumps(policy).replace(json.dumps(vendor), json.dumps(user)) if policy else None
    answer = iam.simulate_custom_policy(
        PolicyInputList=[json.dumps(ALLOW_ALL)],
        CallerArn=user,
        ActionNames=[_action(one)],
        ResourceArns=[f"arn:aws:s3:::{one.target.bucket}" + (f"/{one.at}" if one.check != "list" else "")],
        ResourceOwner=f"arn:aws:iam::{owner}:root",
        ContextEntries=_context(one),
        **({"ResourcePolicy": document} if document else {}),
    )
    decision = str(answer["EvaluationResults"][0]["EvalDecision"])
    return Result(Came.LET_IN if decision == "allowed" else Came.REFUSED, code=decision, message=NAME)


def _action(one: Try) -> str:
    if one.check == "list":
        return "s3:ListBucket"
    return next(actions[0] for verb, actions in ON_OBJECTS.items() if verb == one.verb)


def _context(one: Try) -> list[dict[str, Any]]:
    tls = {"aws:SecureTransport": ("boolean", "true" if one.tls else "false")}
    prefix = {"s3:prefix": ("string", one.at)} if one.check == "list" and one.at is not None else {}
    return [
        {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": [value]}
        for name, (kind, value) in {**tls, **prefix}.items()
    ]
