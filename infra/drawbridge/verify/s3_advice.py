"""What to change in a bucket where a light is red: compares the live policy with the planned one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drawbridge.access import listed
from drawbridge.documents import POLICY, compact, parts_of, same
from drawbridge.problems import short
from drawbridge.storage.interface import Documents
from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Try

REFRESH = "`pulumi up --refresh` puts ours back"
STRANGERS = {
    "InvalidAccessKeyId": "the access key does not exist any more, or is not active",
    "InvalidClientTokenId": "the access key does not exist any more, or is not active",
    "SignatureDoesNotMatch": "the secret is not that of the access key",
    "ExpiredToken": "the session has ended",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
}


def advice(result: Result, one: Try, documents: Documents, live: Mapping[str, Any] | None) -> str:
    """A sentence that says what to change; `live` is the bucket's policy, None where it cannot be read."""
    came = (result.simulated or result).came
    if came is Came.TURNED_AWAY:
        return _stranger(result.code)
    if came is Came.FAILED:
        gone = "; if another run verifies the same bucket just now, it took our probe" if result.status == 404 else ""
        return f"this is no answer to who may do what: mend it, and verify again{gone}"
    if one.check == "come":
        return "its trust policy has to ask for the external id: `pulumi up --refresh` writes it anew"
    if live is None:
        return "the live policy cannot be read with the owner's credentials, so compare it by hand"
    here = one.light != "other bucket"
    wanted = [*documents.statements, *documents.protection] if here else []
    found = parts_of(POLICY, dict(live))
    changed = list(_changed(wanted, found))
    if changed:
        return f"{listed(changed)} in the policy of {one.target.bucket}: {REFRESH}"
    effect = "Allow" if came is Came.LET_IN else "Deny"
    others = [part for part in found if part.get("Effect") == effect and not any(same(part, ours) for ours in wanted)]
    if others:
        ours = "ours is as planned, but " if here else ""
        names = listed([_name(part) for part in others])
        return f"{ours}others' {effect} statements are in the policy of {one.target.bucket}, so look at {names}"
    if came is Came.LET_IN:
        return "no statement of the bucket's policy lets it in: look at its ACL, and at the policies of whoever comes"
    return (
        "the bucket's policy is as planned: look at Block Public Access, the KMS key, and policies of the organization"
    )


def _stranger(code: str) -> str:
    if code in STRANGERS:
        again = "`pulumi up --refresh` makes what is missing, and hand the new settings to the platform"
        return f"{STRANGERS[code]}: {again}"
    return (
        "the role does not let in who comes with these settings: compare its trust policy and external id; "
        "`pulumi up --refresh` writes ours anew"
    )


def _changed(wanted: Sequence[Mapping[str, Any]], found: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    by_sid = {part.get("Sid"): part for part in found}
    for part in wanted:
        there = by_sid.get(part["Sid"])
        if there is None:
            yield f"the statement {part['Sid']} is gone"
        elif not same(there, part):
            yield f"the statement {part['Sid']} was changed"


def _name(part: Mapping[str, Any]) -> str:
    return str(part["Sid"]) if part.get("Sid") else short(compact(part))
