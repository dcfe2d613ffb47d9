"""What the policy of an identity of ours names beyond what was asked for: read statement by statement, not sampled.

Samples, however many, say nothing of a folder, a bucket or a service that they do not hit. So each Allow statement is
taken apart into actions on resources, and each of these has to be explained by an access. A pattern in an action is
never explained, and a condition that is not one of ours narrows nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from drawbridge.access import Access, Principal, listed
from drawbridge.auth.interface import PlannedIdentity
from drawbridge.documents import POLICY, parts_of
from drawbridge.plan import PlannedStorage
from drawbridge.proof.outcome import Outcome
from drawbridge.proof.questions import FEW, ON_OBJECTS
from drawbridge.storage.aws import AwsBucket
from drawbridge.storage.s3 import S3Bucket

# The verb that each action is; IAM does not tell upper from lower case in them.
_VERBS = {"s3:listbucket": "list", **{ON_OBJECTS[verb][0].lower(): verb for verb in FEW if verb in ON_OBJECTS}}
# What a verb may do with the key of its bucket, said here a second time: what storages spell is what is on trial.
_ON_KEYS = {"read": {"kms:decrypt"}, "write": {"kms:decrypt", "kms:encrypt", "kms:generatedatakey"}}
# The conditions that narrow, as our statements have them: the key in lower case, and the operators that bind.
_PREFIX = ("s3:prefix", {"StringEquals", "StringLike"})
_ADDRESS = ("aws:sourceip", {"IpAddress"})
_VPC = ("aws:sourcevpc", {"StringEquals"})
_SERVICE = ("kms:viaservice", {"StringEquals"})
MOST = 4  # places that are told of an action
_PATTERN = re.compile(r"[*?]|\$\{")


@dataclass(frozen=True)
class Named:
    """One action that a statement allows and no grant asks for, with the places where it does."""

    principal: Principal
    statement: str
    action: str
    places: tuple[str, ...]

    @property
    def outcome(self) -> Outcome:
        """Nothing is named that is not asked for."""
        return Outcome.TOO_WIDE

    @property
    def alike(self) -> object:
        """Each is told."""
        return self

    def sentence(self) -> str:
        """Which statement, what it allows, and what was expected."""
        more = [f"{len(self.places) - MOST} more"] if len(self.places) > MOST else []
        places = listed([*self.places[:MOST], *more])
        return (
            f"{self.principal.words}: the statement {self.statement} of its policy allows {self.action} on {places}; "
            "expected: nothing of that, since no grant asks for it"
        )


@dataclass(frozen=True)
class _Thing:
    """An action on a resource, both maybe patterns, and what its statement narrows it to; "" is anything."""

    action: str
    resource: str
    prefix: str
    origin: str
    service: str

    @property
    def words(self) -> str:
        narrow = (("with the prefix", self.prefix), ("from", self.origin), ("through", self.service))
        return " ".join([self.resource, *(f"{word} {value}" for word, value in narrow if value)])

    def explained(self, bucket: S3Bucket, access: Access) -> bool:
        """Whether all of it is what an access in a bucket asks for."""
        action = self.action.lower()
        if action.startswith("kms:"):
            return self._explained_by_key(bucket, action, access)
        verb = _VERBS.get(action)
        if verb is None or not _from_there(self.origin, access):
            return False
        if verb == "list":
            return self.resource == bucket.arn and access.covers(verb, _literal(self.prefix))
        where, _, at = self.resource.partition("/")
        return where == bucket.arn and access.covers(verb, _literal(at))

    def _explained_by_key(self, bucket: S3Bucket, action: str, access: Access) -> bool:
        return (
            isinstance(bucket, AwsBucket)
            and self.resource == bucket.kms_key
            and self.service == f"s3.{bucket.region}.amazonaws.com"
            and any(action in _ON_KEYS.get(verb, ()) for verb in access.verbs)
        )


def unasked(planned: PlannedIdentity, storages: Iterable[PlannedStorage]) -> tuple[Named, ...]:
    """What an identity's policy names beyond its accesses to all storages. A Deny lets nobody do anything."""
    asked = [
        (one.storage, access)
        for one in storages
        for access in one.accesses
        if access.principal == planned.principal and isinstance(one.storage, S3Bucket)
    ]
    found = []
    for number, statement in enumerate(parts_of(POLICY, dict(planned.policy)), 1):
        if statement["Effect"] == "Deny":
            continue
        for action in _some(statement, "Action"):
            things = _things(statement, action)
            places = tuple(one.words for one in things if not any(one.explained(*each) for each in asked))
            if places:
                sid = str(statement.get("Sid") or f"number {number}")
                found.append(Named(planned.principal, sid, action, places))
    return tuple(found)


def _things(statement: Mapping[str, Any], action: str) -> list[_Thing]:
    origins = _values(statement, *_ADDRESS) + _values(statement, *_VPC)
    narrow = (_values(statement, *_PREFIX), origins, _values(statement, *_SERVICE))
    resources = _some(statement, "Resource")
    return [_Thing(action, *one) for one in product(resources, *(values or [""] for values in narrow))]


def _some(statement: Mapping[str, Any], name: str) -> list[str]:
    """The actions or resources of a statement; of one that turns them round, what it leaves."""
    if name not in statement:
        return [f"everything but {listed(_listed(statement[f'Not{name}']))}"]
    return _listed(statement[name])


def _values(statement: Mapping[str, Any], key: str, operators: set[str]) -> list[str]:
    """What a condition key is narrowed to; nothing where another operator asks for it, such as StringEqualsIfExists."""
    asked = [given for operator, given in statement.get("Condition", {}).items() if operator in operators]
    return [one for given in asked for name, value in given.items() if name.lower() == key for one in _listed(value)]


def _listed(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list | tuple) else [value])]


def _literal(pattern: str) -> str:
    """What everything that a pattern is about begins with."""
    return _PATTERN.split(pattern)[0]


def _from_there(origin: str, access: Access) -> bool:
    return not access.networks or any(_within(origin, network) for network in access.networks)


def _within(inner: str, outer: str) -> bool:
    try:
        return ipaddress.ip_network(inner, strict=False).subnet_of(ipaddress.ip_network(outer))  # type: ignore[arg-type]
    except (TypeError, ValueError):  # an address of the other version, a VPC, or nothing
        return inner == outer
