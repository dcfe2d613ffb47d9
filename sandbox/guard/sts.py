"""STS: who one is, and taking on a role, which its trust policy has to allow.

https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from moto.sts.models import sts_backends
from werkzeug.wrappers import Response

from sandbox.guard import context, policies
from sandbox.guard.answers import Refused, denied, result, unknown
from sandbox.guard.court import Court, Wish
from sandbox.guard.principals import ACCOUNT, SESSION, Principal, document, iam
from sandbox.guard.visit import DEFAULT_REGION, Visit

PARAMETERS = {"Action", "Version", "RoleArn", "RoleSessionName", "ExternalId", "DurationSeconds", "Policy"}
SHORTEST, USUAL, LONGEST = 900, 3600, 43200
POLICY_LIMIT = 2048
_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/[!-~]+", re.ASCII)
_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)
_EXTERNAL_ID = re.compile(r"[\w+=,.@:/-]{2,1224}", re.ASCII)


def handle(court: Court, visit: Visit, given: Mapping[str, str]) -> Response:
    """The answer to a request to STS, or Refused."""
    who = visit.who
    action = given.get("Action", "")
    if action == "GetCallerIdentity":  # needs no permission, and cannot be denied
        return result("sts", action, {"Arn": who.arn, "UserId": who.user_id, "Account": who.account})
    if action != "AssumeRole":
        raise unknown(f"sts:{action}")
    if strangers := sorted(set(given) - PARAMETERS):
        raise unknown(f"the parameter {strangers[0]} of sts:{action}")
    if who.kind == ACCOUNT:
        raise denied("Roles may not be assumed by root accounts.")
    return _assume(court, visit, given)


def _assume(court: Court, visit: Visit, given: Mapping[str, str]) -> Response:
    who = visit.who
    arn, name, external = given.get("RoleArn", ""), given.get("RoleSessionName", ""), given.get("ExternalId")
    matched = _ROLE.fullmatch(arn)
    if not matched or not _NAME.fullmatch(name) or not (external is None or _EXTERNAL_ID.fullmatch(external)):
        raise _invalid("RoleArn, RoleSessionName or ExternalId failed to satisfy its constraint")
    seconds = given.get("DurationSeconds", str(USUAL))
    if not re.fullmatch("[0-9]{1,9}", seconds) or not SHORTEST <= int(seconds) <= LONGEST:
        raise _invalid(f"DurationSeconds has to be between {SHORTEST} and {LONGEST}")
    account = matched[1]
    role = next((one for one in list(iam(account).roles.values()) if one.arn == arn), None)
    own = context.common(visit)
    own |= {"aws:ResourceAccount": account, "sts:RoleSessionName": name}
    own |= {"sts:ExternalId": external} if external is not None else {}
    trust = document(role.assume_role_policy_document) if role else None
    if not role or not court.allows(Wish(who, "sts:AssumeRole", arn, account, own, trust))[0]:
        # Whether a role exists is told to nobody.
        raise denied(f"User: {who} is not authorized to perform: sts:AssumeRole on resource: {arn}")
    _check_duration(who, int(seconds), int(role.max_session_duration or USUAL))
    policy = given.get("Policy", "")
    if len(policy) > POLICY_LIMIT:
        raise _invalid(f"Policy has more than {POLICY_LIMIT} characters")
    if policy:
        policies.identity_policy(policy, account, court)
    session = sts_backends[account]["aws"].assume_role(
        region_name=DEFAULT_REGION,
        role_session_name=name,
        role_arn=arn,
        policy=policy,
        duration=int(seconds),
        external_id=external or "",
    )
    session.guard_user_id = f"{role.id}:{name}"  # type: ignore[attr-defined]
    credentials = {
        "AccessKeyId": session.access_key_id,
        "SecretAccessKey": session.secret_access_key,
        "SessionToken": session.session_token,
        "Expiration": (visit.now + timedelta(seconds=int(seconds))).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    user = {"AssumedRoleId": f"{role.id}:{name}", "Arn": session.arn}
    return result("sts", "AssumeRole", {"Credentials": credentials, "AssumedRoleUser": user})


def _check_duration(who: Principal, seconds: int, most: int) -> None:
    if who.kind == SESSION and seconds > USUAL:
        message = "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining"
        raise _invalid(message)
    if seconds > most:
        raise _invalid("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")


def _invalid(message: str) -> Refused:
    return Refused(400, "ValidationError", message)
