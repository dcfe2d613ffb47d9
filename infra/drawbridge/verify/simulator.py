"""IAM's policy simulator, for whoever cannot come from here: it decides from the live policy, not by trying."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Try

ACTIONS = {
    "list": "s3:ListBucket",
    "read": "s3:GetObject",
    "write": "s3:PutObject",
    "overwrite": "s3:PutObject",
    "delete": "s3:DeleteObject",
}
ALLOW_ALL = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


def simulate(
    iam: Any, principal: str, owner: str, policy: Mapping[str, Any], tries: Sequence[Try]
) -> dict[Try, Result]:
    """Asks about each try; `policy` is that of the bucket, `owner` its account. Raises ClientError.

    The simulator takes no role as the caller, only a user, so a user of the same name stands in for it, in the policy
    too: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
    """
    user = principal.replace(":role/", ":user/", 1)
    document = json.dumps(policy).replace(json.dumps(principal), json.dumps(user)) if policy else None
    found = {}
    for one in tries:
        answer = iam.simulate_custom_policy(
            PolicyInputList=[json.dumps(ALLOW_ALL)],  # its own account lets it do everything
            CallerArn=user,
            ActionNames=[ACTIONS[one.check]],
            ResourceArns=[f"arn:aws:s3:::{one.place.bucket}" + (f"/{one.at}" if one.check != "list" else "")],
            ResourceOwner=f"arn:aws:iam::{owner}:root",
            ContextEntries=_context(one),
            **({"ResourcePolicy": document} if document else {}),
        )
        decision = answer["EvaluationResults"][0]["EvalDecision"]
        found[one] = Result(Came.LET_IN if decision == "allowed" else Came.REFUSED, message=f"simulated: {decision}")
    return found


def _context(one: Try) -> list[dict[str, Any]]:
    tls = {"aws:SecureTransport": ("boolean", "true" if one.tls else "false")}
    prefix = {"s3:prefix": ("string", one.at)} if one.check == "list" and one.at is not None else {}
    return [
        {"ContextKeyName": name, "ContextKeyType": kind, "ContextKeyValues": [value]}
        for name, (kind, value) in {**tls, **prefix}.items()
    ]
