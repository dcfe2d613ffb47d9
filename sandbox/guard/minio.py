"""The two questions of MinIO's admin API that the program asks itself; pulumi-minio's stand-in uses IAM."""

from __future__ import annotations

import json

from werkzeug.wrappers import Response

from sandbox.guard.answers import denied, unknown
from sandbox.guard.principals import ACCOUNT, iam, managed
from sandbox.guard.request import one_each
from sandbox.guard.visit import Visit

PATH = "/minio/admin/"


def handle(visit: Visit) -> Response:
    """What there is of a name, to the administrator alone: a user with the names of their policies, or a policy."""
    if visit.who.kind != ACCOUNT:
        raise denied(f"{visit.who} may not use MinIO's admin API: in the sandbox only its administrator may")
    backend, given = iam(visit.who.account), one_each(visit.request.parameters)
    match visit.request.method, visit.request.path.removeprefix(PATH), sorted(given):
        case "GET", "v3/user-info", ["accessKey"]:
            user = backend.users.get(given["accessKey"])
            names = [policy.name for policy in user.managed_policies.values()] if user else []
            return _answer({"status": "enabled", "policyName": ",".join(names)} if user else None, "User")
        case "GET", "v3/info-canned-policy", ["name"]:
            arn = f"arn:aws:iam::{visit.who.account}:policy/{given['name']}"
            policy = backend.managed_policies.get(arn)
            return _answer(managed(policy) if policy else None, "Policy")
    raise unknown(f"{visit.request.method} {visit.request.path} of MinIO")


def _answer(found: object, what: str) -> Response:
    """MinIO's own form of what is there, and of what is not."""
    gone = {"Code": f"XMinioAdminNoSuch{what}", "Message": f"The specified {what.lower()} does not exist."}
    body = json.dumps(gone if found is None else found)
    return Response(body, 404 if found is None else 200, content_type="application/json")
