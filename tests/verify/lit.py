"""Verified grants without a cloud, for how they are shown: each try with what came back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from drawbridge.plan import Plan
from drawbridge.verify.lights import Colour, Lit, light
from drawbridge.verify.live import Came, Result
from drawbridge.verify.s3_advice import advice
from drawbridge.verify.tries import Target, Try, in_another, tries
from drawbridge.verify.verify import Verified
from tests.files import plan

RUN = "0a1b2c3d"
LET_IN, DENIED = Result(Came.LET_IN, 200), Result(Came.REFUSED, 403, "AccessDenied", "Access Denied")
STORAGE = "scans: {kind: aws, bucket: acme-scans, region: eu-central-1}"
GRANT = """
    name: scans-v7
    platform: v7
    storage: scans
    access: read-write
    prefixes: [studies/]
    write_prefix: darwin/
    """


def made(at: Path, grant: str = GRANT) -> Plan:
    return plan(at, STORAGE, one=grant)


def as_asked(one: Try) -> Result:
    """What comes back where all is well."""
    return LET_IN if one.expected else DENIED


def verified(found: Plan, came_back: Callable[[Try], Result] = as_asked) -> Verified:
    """The only grant of a plan; where something is red, the live policy is as planned."""
    (grant,), planned = found.grants.values(), found.storages["scans"]
    target, elsewhere = Target("scans", planned.storage.bucket), in_another(Target("more", "acme-more"), RUN)
    every = tries(target, planned.accesses, [], RUN, elsewhere=elsewhere, needs_tls=True)
    principal, documents = planned.accesses[0].principal, planned.documents
    lit = light(grant.name, principal, {one: came_back(one) for one in every})
    red = [one for one in lit if one.colour is Colour.RED]
    said = {one.cause: advice(one.result, one.one, principal, documents, documents.policy) for one in reversed(red)}
    lit.append(Lit(Try("policy", "compare", target), LET_IN, Colour.GREEN))
    return Verified(grant, planned, principal, tuple(lit), said)
