"""What a platform has to know: its grant file, the accesses it needs, its own limits, its settings."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from pydantic import Field

from drawbridge.access import Access, CorsRule
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


@dataclass(frozen=True)
class Context:
    """What a platform may look at besides a grant: the stack's storages by name, and its own other grants by name."""

    storages: Mapping[str, Storage]
    others: Mapping[str, Grant]


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
    auth: Mapping[str, str]
    """Which auth on which kind of storage; a kind that is not here is refused."""
    statements: tuple[str, ...]
    """All names that its accesses give to statements."""
    lights: Mapping[Light, str] = MappingProxyType({})
    """The names under which the platform's own page shows what it can do, by ours."""

    @abstractmethod
    def check(self, grant: Grant, context: Context) -> Iterator[Finding]:
        """What the platform itself does not allow, and what its operator should know."""

    @abstractmethod
    def accesses(self, grant: Grant, context: Context) -> list[Access]:
        """Who may do what where, as the grant says."""

    @abstractmethod
    def cors(self, grant: Grant, context: Context) -> dict[str, CorsRule]:
        """The CORS rules that the platform's pages need, by storage."""

    @abstractmethod
    def settings(self, grant: Grant, context: Context) -> Settings:
        """The platform's own configuration for this grant."""
