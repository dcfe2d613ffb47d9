"""What a platform has to know: its grant file, the accesses it needs, its own limits, its settings."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field

from drawbridge.access import Access, CorsRule, Principal
from drawbridge.auth import identity_auth
from drawbridge.auth.interface import Wanted
from drawbridge.iam import Iam
from drawbridge.model import Model, Name
from drawbridge.problems import Finding, Path
from drawbridge.storage.interface import Storage
from drawbridge.verify.tries import Light


class Grant(Model):
    """What every grant file has; each platform adds its own keys."""

    name: Name = Field(description="the grant's identity, unique in the stack")
    platform: str = Field(description="who is let in")

    @classmethod
    def uses(cls, data: Mapping[str, object]) -> dict[Path, object]:
        """The storages that a grant's file names, by the key that names them; of a file that may be wrong otherwise."""
        raise NotImplementedError

    def check(self) -> Iterator[Finding]:
        """What is wrong with this file by itself, beyond the types of its keys."""
        yield from ()


@dataclass(frozen=True)
class Context:
    """What a platform may look at besides a grant.

    `storages` are the stack's, by name; `others` the platform's other grants that use one of the same, by name.
    """

    storages: Mapping[str, Storage]
    others: Mapping[str, Grant]
    iam: Iam

    def principal(self, wanted: Wanted) -> Principal:
        """Who an identity will be."""
        return identity_auth(wanted.auth).principal(wanted, self.iam)


@dataclass(frozen=True)
class Settings:
    """What the platform's operator pastes or mounts: files by name, and where to go with them."""

    files: Mapping[str, str]
    hint: str


class Platform(ABC):
    """One data platform."""

    name: str
    title: str
    grant: type[Grant]
    auth: Mapping[str, tuple[str, ...]]
    """Which auths on which kind of storage, the recommended one first; a kind that is not here is refused."""
    refused: Mapping[str, str] = MappingProxyType({})
    """Why a kind is refused, where more is known than that the platform documents no way into it."""
    statements: tuple[str, ...]
    """All names that its accesses give to statements."""
    lights: Mapping[Light, str] = MappingProxyType({})
    """The names under which the platform's own page shows what it can do, by ours."""

    @abstractmethod
    def check(self, grant: Grant, context: Context) -> Iterator[Finding]:
        """What the platform itself does not allow, and what its operator should know."""

    def together(self, grants: Mapping[str, Grant], storages: Mapping[str, Storage]) -> Iterator[tuple[str, Finding]]:
        """What all its grants are to one another, by name: what is to be said, and of which one."""
        del grants, storages
        yield from ()

    @abstractmethod
    def accesses(self, grant: Grant, context: Context) -> list[Access]:
        """Who may do what where, as the grant says."""

    def identities(self, grant: Grant, context: Context) -> list[Wanted]:
        """Who the platform comes as, where the stack makes that; its accesses name each as `context.principal` does."""
        del grant, context
        return []

    def placeholders(self, grant: Grant, context: Context) -> dict[str, list[str]]:
        """The folders that have to exist before the platform comes, by storage."""
        del grant, context
        return {}

    @abstractmethod
    def cors(self, grant: Grant, context: Context) -> dict[str, CorsRule]:
        """The CORS rules that the platform's pages need, by storage."""

    @abstractmethod
    def settings(self, grant: Grant, context: Context) -> Settings:
        """The platform's own configuration for this grant."""
