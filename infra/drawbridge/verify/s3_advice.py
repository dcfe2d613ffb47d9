"""What to change in a bucket where a light is red: compares the live policy with the planned one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drawbridge.access import Principal, listed
from drawbridge.documents import POLICY, parts_of, same
from drawbridge.storage.interface import Documents
from drawbridge.verify.live import Came, Difference, Result
from drawbridge.verify.statements import REFRESH, actions, name_of
from drawbridge.verify.tries import Try

STRANGERS = {
    "InvalidAccessKeyId": "the access key does not exist any more, or is not active",
    "InvalidClientTokenId": "the access key does not exist any more, or is not active",
    "SignatureDoesNotMatch": "the secret is not that of the access key",
    "ExpiredToken": "the session has ended",
    "RequestTimeTooSkewed": "the clock of this machine is wrong",
    "ValidationError": "the role's sessions may not last as long as the platform asks for",
}


def advice(result: Result, one: Try, principal: Principal, documents: Documents, live: Mapping[str, Any] | None) -> str:
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
        names = listed([name_of(part) for part in others])
        return f"{ours}others' {effect} statements are in the policy of {one.target.bucket}, so look at {names}"
    own = f"the policies of {principal.words} ({REFRESH})" if principal.ours and one.who != "nobody" else ""
    if came is Came.LET_IN:
        why = own or "the policies of whoever comes"
        return f"no statement of the bucket's policy lets it in: look at its ACL, and at {why}"
    places = [own, "its permissions boundary"] if own else ["Block Public Access"]
    return (
        f"the bucket's policy is as planned: look at {listed([*places, 'the KMS key', 'policies of the organization'])}"
    )


def differences(principal: Principal, documents: Documents, live: Mapping[str, Any]) -> Iterator[Difference]:
    """Our statements that are gone or changed, and others' that let the principal in."""
    wanted = [*documents.statements, *documents.protection]
    found = parts_of(POLICY, dict(live))
    for words in _changed(wanted, found):
        yield Difference(f"{words}: {REFRESH}", sure=True)
    for part in found:
        if part.get("Effect") == "Allow" and _reaches(part, principal) and not any(same(part, one) for one in wanted):
            name, more = name_of(part), "may let" if "Condition" in part else "lets"
            # Another stack's are called as ours, but for its suffix.
            stack = any(name.startswith(ours) or ours.startswith(name) for ours in documents.reserved)
            whose = "another stack, as it seems," if stack else "somebody else"
            words = f"the statement {name} of {whose} {more} it do {actions(part)}, which no grant here asks for"
            yield Difference(words, sure="Condition" not in part and not stack)


def _reaches(part: Mapping[str, Any], principal: Principal) -> bool:
    """Whether a statement is about a principal, by its own name, that of its account, or everybody's.

    The account that owns the bucket lets nobody in by its name: its own policies say who may.
    """
    account = principal.arn.split(":")[4]
    names = {"*", principal.arn} | (set() if principal.ours else {account, f"arn:aws:iam::{account}:root"})
    given = part.get("Principal")
    aws = given.get("AWS", []) if isinstance(given, Mapping) else given
    return "NotPrincipal" in part or bool(names & set([aws] if isinstance(aws, str) else aws or []))


def _stranger(code: str) -> str:
    if code in STRANGERS:
        again = (
            "`pulumi up --refresh` makes what is missing, or hand in a key that works where it is handed in; then "
            "hand the new settings to the platform"
        )
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
