"""What an auth has to know: what stands in the storage's own policy, what the stack makes, how the platform comes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from drawbridge.access import Access, Principal
from drawbridge.deployer.deployed import Deployed
from drawbridge.iam import Iam
from drawbridge.problems import Finding, Path, Problem, field_name
from drawbridge.storage.interface import Storage
from drawbridge.tokens import Token
from drawbridge.verify.identity import Identity

if TYPE_CHECKING:
    from drawbridge.program import Run


@dataclass(frozen=True)
class Wanted:
    """An identity that a grant asks for, which the stack makes.

    `name` is the grant's with what it is for (street-lightly-input); `storages` are those where it is used, by name,
    all of one kind. `at` is the part of the grant's file that asks for it. `generations` are those that are alive, the
    newest last. `trusted` is the account whose principals may assume a role, and `longest_session` how many seconds a
    session of it may last; other auths have no use for them.
    """

    name: str
    auth: str
    storages: Mapping[str, Storage]
    at: Path
    generations: tuple[int, ...] = (1,)
    trusted: str = ""
    longest_session: int = 3600

    @property
    def kind(self) -> type[Storage]:
        """What kind of storage it is used in."""
        return type(next(iter(self.storages.values())))

    @property
    def newest(self) -> int:
        """The generation that the platform is given."""
        return self.generations[-1]

    def token(self, what: str, generation: int = 0) -> Token:
        """What stands in documents and settings for a value that only the cloud knows, or that is secret.

        `what` is one of the words in tokens.LONGEST.
        """
        return Token.of(self.name, what, generation)


def _somewhere(finding: Finding) -> Problem:
    return Problem("", 1, 1, field_name(finding.path), finding.message, finding.severity)


@dataclass(frozen=True)
class PlannedIdentity:
    """An identity with the documents that it amounts to, in which tokens stand for what is not known yet.

    `policy` says what it may do, `trust` who may become it ({} where that is nobody's business). `handed_in` are the
    names of tokens whose values the stack's configuration has to hold, `may_be` of those that are made up otherwise.
    """

    wanted: Wanted
    principal: Principal
    policy: Mapping[str, Any]
    trust: Mapping[str, Any] = field(default_factory=dict)
    handed_in: tuple[str, ...] = ()
    may_be: tuple[str, ...] = ()
    problem: Callable[[Finding], Problem] = field(default=_somewhere, compare=False, repr=False)
    """Puts what is found out about it in its place in the grant's file, once the plan knows that."""


@dataclass(frozen=True)
class Made:
    """What was declared: resources that settings wait for, and values by the names of their tokens, each an Output."""

    resources: Sequence[Any]
    values: Mapping[str, Any]


class Auth:
    """One way for a platform to prove who it is."""

    name: str


class PrincipalAuth(Auth, ABC):
    """The platform comes as a principal of its own, which the storage's own policy has to let in."""

    @abstractmethod
    def comes(self, principal: Principal) -> Identity:
        """How the platform comes, for verifying."""


class IdentityAuth(Auth, ABC):
    """The stack makes an identity in the account that owns the storage; what it may stands in its own policy."""

    @abstractmethod
    def comes(self, planned: PlannedIdentity, values: Mapping[str, str]) -> Identity:
        """How the platform comes, for verifying; `values` are those of its tokens, by name."""

    @abstractmethod
    def iam(self, wanted: Wanted) -> str | None:
        """Where it is asked what the live identity may: "" is AWS's own IAM, None that nothing can be asked."""

    @abstractmethod
    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """Who it will be."""

    @abstractmethod
    def check(self, wanted: Wanted, iam: Iam) -> Iterator[Finding]:
        """What cannot be, such as a name that is too long."""

    def most(self, wanted: Wanted) -> int | None:
        """How many generations can be alive at once, where the store limits it."""
        del wanted
        return None

    @abstractmethod
    def plan(self, wanted: Wanted, accesses: Sequence[Access], iam: Iam) -> PlannedIdentity:
        """Its documents; raises ConflictingAccesses where they are too large."""

    @abstractmethod
    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """Declares its resources; `policy` is the text of the planned one, an Output, once it may be applied."""

    @abstractmethod
    def deployed(self, planned: PlannedIdentity, iam: Iam) -> Iterator[Deployed]:
        """What `provision` declares on AWS, for the deployer's policy."""
