"""What to change where a light is red: compares the live policy with the planned one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drawbridge.access import listed
from drawbridge.documents import POLICY, compact, parts_of, same
from drawbridge.plan import PlannedStorage
from drawbridge.problems import short
from drawbridge.verify.lights import Lit
from drawbridge.verify.live import Came

REFRESH = "`pulumi up --refresh` puts ours back"
STRANGERS = {
    "InvalidAccessKeyId": "the access key does not exist any more, or is not active",
    "InvalidClientTokenId": "the access key does not exist any more, or is not active",
    "SignatureDoesNotMatch": "the secret is not that of the access key",
    "ExpiredToken": "the session has ended",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
}


def advice(lit: Lit, planned: PlannedStorage, live: Mapping[str, Any] | None) -> str:
    """A sentence that says what to change; `live` is the storage's policy, None where it cannot be read."""
    came = (lit.simulated or lit.result).came
    if came is Came.TURNED_AWAY:
        return _stranger(lit)
    if came is Came.FAILED:
        return "this is no answer to who may do what: mend it, and verify again"
    if lit.one.check == "come":
        return "its trust policy has to ask for the external id: `pulumi up --refresh` writes it anew"
    if live is None:
        return "the live policy cannot be read with the owner's credentials, so compare it by hand"
    wanted = [*planned.documents.statements, *planned.documents.protection]
    found = parts_of(POLICY, dict(live))
    changed = list(_changed(wanted, found))
    if changed:
        return f"{listed(changed)} in the policy of {planned.storage.bucket}: {REFRESH}"
    effect = "Allow" if came is Came.LET_IN else "Deny"
    others = [part for part in found if part.get("Effect") == effect and not any(same(part, one) for one in wanted)]
    if others:
        names = listed([_name(part) for part in others])
        return f"ours is as planned, but others' {effect} statements are there, so look at {names}"
    if came is Came.LET_IN:
        return "no statement of the bucket's policy lets it in: look at its ACL, and at the policies of whoever comes"
    return (
        "the bucket's policy is as planned: look at Block Public Access, the KMS key, and policies of the organization"
    )


def _stranger(lit: Lit) -> str:
    if lit.result.code in STRANGERS:
        words = STRANGERS[lit.result.code]
        return f"{words}: `pulumi up --refresh` makes what is missing, and hand the new settings to the platform"
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
