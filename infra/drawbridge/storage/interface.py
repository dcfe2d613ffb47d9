"""What a kind of storage has to know: its entry in storage.yaml, how it spells accesses, how it is made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import Field

from drawbridge.access import Access, CorsRule
from drawbridge.deployer.deployed import Deployed
from drawbridge.model import Model
from drawbridge.problems import Finding

if TYPE_CHECKING:
    from drawbridge.plan import PlannedStorage
    from drawbridge.program import Run
    from drawbridge.verify.live import Live, Spot


class ConflictingAccesses(Exception):
    """Accesses that cannot stand in one document; the message names the grants."""


@dataclass(frozen=True)
class Documents:
    """What a storage's own documents have to say; each part is empty where nothing is needed.

    `policy` is the whole document as it is on a bucket where nobody else wrote; `statements` are those of grants,
    which end with them, and `protection` those that stay with the bucket. A key grant lets a principal use the key
    that the storage is encrypted with: `key` and `principal` (ARNs), `operations` (of KMS) and `context` (the
    encryption context that it is limited to; empty where it cannot be). `reserved` are the Sids that statements of
    grants can have here, whether or not they are wanted now.
    """

    policy: dict[str, Any] = field(default_factory=dict)
    statements: tuple[dict[str, Any], ...] = ()
    protection: tuple[dict[str, Any], ...] = ()
    cors: tuple[dict[str, Any], ...] = ()
    key_grants: tuple[dict[str, Any], ...] = ()
    reserved: tuple[str, ...] = ()


class Storage(Model, ABC):
    """An entry of storage.yaml; each kind adds its own keys."""

    name: ClassVar[str]
    title: ClassVar[str]
    """What its users belong to, for people."""
    users: ClassVar[str] = "handed-in"
    """How users are made that come to it: by its name, one of auth/users/."""
    on_policies: ClassVar[str] = ""
    """What somebody who attaches a policy of ours there has to know."""
    kind: str = Field(description="what holds the data")
    bucket: str = Field(description="the bucket's name")

    @property
    @abstractmethod
    def place(self) -> tuple[str, ...]:
        """What makes two entries the same storage."""

    @property
    def needs_tls(self) -> bool:
        """Whether our own statement refuses requests without TLS."""
        return False

    @abstractmethod
    def check(self) -> Iterator[Finding]:
        """What is wrong with this entry beyond the types of its keys."""

    def beside(self, others: Mapping[str, Storage]) -> Iterator[Finding]:
        """What is wrong with this entry beside those before it, by name."""
        del others
        yield from ()

    @abstractmethod
    def documents(self, accesses: Sequence[Access], cors: Sequence[CorsRule], sid_suffix: str) -> Documents:
        """How this storage spells accesses and CORS rules; raises ConflictingAccesses."""

    def key_sentences(self, documents: Documents) -> list[str]:
        """Who may do what with the key that the storage is encrypted with, for people; no policy says it."""
        assert not documents.key_grants, "a storage that makes key grants has to word them"  # noqa: S101
        return []

    @abstractmethod
    def identity_statements(self, accesses: Sequence[Access]) -> list[dict[str, Any]]:
        """What policies/iam/identity-policy.json.j2 says of accesses: how this storage spells them for an identity."""

    @abstractmethod
    def inspect(self, planned: PlannedStorage) -> Iterator[Finding]:
        """Asks the cloud what a storage that is there already lacks for its grants, with the command that mends it.

        Runs at preview too, side by side for all storages; raises resources.base.Failed where it cannot ask.
        """

    @abstractmethod
    def provision(self, planned: PlannedStorage, run: Run) -> list[Any]:
        """Declares the Pulumi resources of a storage and returns those that settings have to wait for."""

    def deployed(self, planned: PlannedStorage) -> Iterator[Deployed]:
        """What `provision` declares and `inspect` asks on AWS, for the deployer's policy; elsewhere nothing."""
        del planned
        yield from ()

    @abstractmethod
    def live(self) -> Live:
        """The storage as it is, with its owner's credentials, for verifying; raises resources.base.Failed."""

    @classmethod
    @abstractmethod
    def live_at(cls, spot: Spot) -> Live:
        """The same where probes lie that an earlier run left, whatever storage.yaml says now; raises Failed."""
