"""What a platform may do: verbs under prefixes of one storage, for one principal; and which pages may load from it."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from drawbridge.groups import grouped

Verb = Literal["list", "read", "write", "delete"]


@dataclass(frozen=True)
class Principal:
    """Who is let in: an ARN, and the words people know it by; `ours` is made in the account that owns the storage."""

    arn: str
    words: str
    ours: bool = False

    @classmethod
    def of(cls, arn: str) -> Principal:
        """A role or user of AWS's IAM: `role external_s3 of account 258327614892`."""
        _, _, _, _, account, resource = arn.split(":", 5)
        return cls(arn, f"{resource.replace('/', ' ', 1)} of account {account}")


@dataclass(frozen=True)
class Access:
    """Verbs under prefixes of one storage, for one principal; the prefix "" is the whole storage.

    `document` and `statement` are the names under which the platform's own instructions know this permission
    (Id and Sid of a bucket policy), so that an operator finds it again. `accepted` is the word by which the grant
    accepts that this is wider than its folders, such as whole-bucket. `networks` are those that requests have to come
    from, as CIDR or as ids of VPCs, never both; empty is anywhere.
    """

    grant: str
    storage: str
    auth: str
    principal: Principal
    document: str
    statement: str
    verbs: tuple[Verb, ...]
    prefixes: tuple[str, ...]
    accepted: str = ""
    networks: tuple[str, ...] = ()

    def covers(self, verb: str, at: str) -> bool:
        """Whether it is about a verb on the object, or the list with the prefix, `at`, from wherever."""
        return verb in self.verbs and at.startswith(self.prefixes)

    def open_to(self, origin: str) -> bool:
        """Whether requests from an address, or through the VPC of that id, are let in; "" is from anywhere else."""
        return not self.networks or any(_within(network, origin) for network in self.networks)

    def words(self) -> str:
        """`read under darwin/ and studies/`, or `read and write anywhere`."""
        return phrase(listed(self.verbs), self.prefixes, self.networks)

    def sentence(self) -> str:
        """Who may do what where."""
        return f"{self.principal.words} may {self.words()} in {self.storage}"


def _within(network: str, origin: str) -> bool:
    try:
        return ipaddress.ip_address(origin) in ipaddress.ip_network(network)
    except ValueError:  # a VPC, or nothing
        return origin == network


def outermost(prefixes: Iterable[str]) -> list[str]:
    """The prefixes, sorted, without those that lie inside another."""
    kept: list[str] = []
    for prefix in sorted(set(prefixes)):
        # Sorted, so the only kept prefix that can contain this one is the last.
        if not kept or not prefix.startswith(kept[-1]):
            kept.append(prefix)
    return kept


def altogether(accesses: Sequence[Access]) -> dict[Principal, dict[Verb, list[str]]]:
    """What each principal may do in one storage, all grants together: a store knows principals, not grants."""
    found: dict[Principal, dict[Verb, list[str]]] = {}
    for access in sorted(accesses, key=lambda access: (access.principal.arn, access.verbs)):
        for verb in access.verbs:
            found.setdefault(access.principal, {}).setdefault(verb, []).extend(access.prefixes)
    return {who: {verb: outermost(where) for verb, where in sorted(may.items())} for who, may in found.items()}


def by_network(accesses: Sequence[Access]) -> dict[tuple[str, ...], list[Access]]:
    """The accesses by the networks that their requests have to come from; those from anywhere, `()`, come first."""
    return grouped(sorted(accesses, key=lambda access: access.networks), lambda access: access.networks)


def phrase(verb: str, prefixes: Sequence[str], networks: Sequence[str] = ()) -> str:
    """`read under darwin/ and studies/`, `write anywhere`, or `read under scans/ from 10.0.0.0/8`."""
    where = "anywhere" if "" in prefixes else f"under {listed(prefixes)}"
    return f"{verb} {where}{f' from {listed(networks)}' if networks else ''}"


def listed(words: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


@dataclass(frozen=True)
class CorsRule:
    """One rule that lets a platform's page load objects from a storage by presigned URL."""

    id: str
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
