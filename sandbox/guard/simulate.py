"""iam:SimulateCustomPolicy, which moto does not know: the judge answers it.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from werkzeug.wrappers import Response

from drawbridge.proof.judge import Decision, NotUnderstood, Request
from sandbox.guard.answers import Refused, result, unknown
from sandbox.guard.court import Court
from sandbox.guard.policies import read
from sandbox.guard.principals import Principal

ACTION = "SimulateCustomPolicy"
DECISIONS = {
    Decision.ALLOWED: "allowed",
    Decision.EXPLICITLY_DENIED: "explicitDeny",
    Decision.IMPLICITLY_DENIED: "implicitDeny",
}
_SINGLE = {"Action", "Version", "ResourcePolicy", "CallerArn", "ResourceOwner"}
_LISTED = re.compile(r"(PolicyInputList|ActionNames|ResourceArns)\.member\.([0-9]{1,5})")
_ENTRY = re.compile(
    r"ContextEntries\.member\.([0-9]{1,5})\.(ContextKeyName|ContextKeyType|ContextKeyValues\.member\.([0-9]{1,5}))"
)
_USER = re.compile(r"arn:aws:iam::(\d{12}):user/[!-~]+", re.ASCII)
_OWNER = re.compile(r"arn:aws:iam::(\d{12}):root")


def answer(court: Court, who: Principal, given: Mapping[str, str]) -> Response:
    """What would be allowed."""
    lists, keys = _lists(given), _context(given)
    strangers = [n for n in given if n not in _SINGLE and not _LISTED.fullmatch(n) and not _ENTRY.fullmatch(n)]
    if strangers:
        raise unknown(f"the parameter {min(strangers)} of iam:{ACTION}")
    caller, resource_policy = given.get("CallerArn"), given.get("ResourcePolicy")
    if resource_policy is not None and caller is None:
        raise _invalid("CallerArn is required with ResourcePolicy")
    user = _USER.fullmatch(caller) if caller is not None else None
    if caller is not None and not user:
        raise _invalid(f"Invalid caller {caller}: it must be the ARN of an IAM user")
    owner = _OWNER.fullmatch(given["ResourceOwner"]) if "ResourceOwner" in given else None
    if "ResourceOwner" in given and not owner:
        raise _invalid("ResourceOwner must be the ARN of an account")
    if not lists["ActionNames"] or not lists["PolicyInputList"]:
        raise _invalid("ActionNames and PolicyInputList are required")
    account = user[1] if user else who.account
    identity = [read(text.encode(), "InvalidInput") for text in lists["PolicyInputList"]]
    policy = read(resource_policy.encode(), "InvalidInput") if resource_policy else None
    principal = caller or f"arn:aws:iam::{account}:user/simulated"
    requests = [
        Request(principal, action, resource, owner[1] if owner else account, keys, identity, policy)
        for action in lists["ActionNames"]
        for resource in lists["ResourceArns"] or ["*"]
    ]
    try:
        decisions = court.decide(requests)
    except NotUnderstood as error:
        raise _invalid(str(error)) from None
    results = [
        {
            "EvalActionName": request.action,
            "EvalResourceName": request.resource,
            "EvalDecision": DECISIONS[decision],
            "MatchedStatements": [],
            "MissingContextValues": [],
        }
        for request, decision in zip(requests, decisions, strict=True)
    ]
    return result("iam", ACTION, {"IsTruncated": "false", "EvaluationResults": results})


def _lists(given: Mapping[str, str]) -> dict[str, list[str]]:
    found: dict[str, dict[int, str]] = {"PolicyInputList": {}, "ActionNames": {}, "ResourceArns": {}}
    for name, value in given.items():
        if matched := _LISTED.fullmatch(name):
            found[matched[1]][int(matched[2])] = value
    return {name: [values[number] for number in sorted(values)] for name, values in found.items()}


def _context(given: Mapping[str, str]) -> dict[str, str | list[str]]:
    names: dict[int, str] = {}
    types: dict[int, str] = {}
    values: dict[int, dict[int, str]] = {}
    for name, value in given.items():
        if not (matched := _ENTRY.fullmatch(name)):
            continue
        number = int(matched[1])
        if matched[3]:
            values.setdefault(number, {})[int(matched[3])] = value
        else:
            (names if matched[2] == "ContextKeyName" else types)[number] = value
    found: dict[str, str | list[str]] = {}
    for number, name in names.items():
        several = [value for _, value in sorted(values.get(number, {}).items())]
        if not several or number not in types:
            raise _invalid(f"the context key {name} has no value or no type")
        found[name] = several if types[number].endswith("List") else several[0]
    return found


def _invalid(message: str) -> Refused:
    return Refused(400, "InvalidInput", message)
