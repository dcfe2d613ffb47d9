"""What verifying needs of a live storage: probes of its owner, a try as somebody, a word on what may be wrong."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from drawbridge.access import Principal
from drawbridge.once import Once
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity
from drawbridge.verify.tries import Light, Try

if TYPE_CHECKING:
    from drawbridge.auth.interface import PlannedIdentity
    from drawbridge.iam import Iam
    from drawbridge.storage.interface import Documents

AT_ONCE = 16  # requests


class Came(Enum):
    """How a try ended. A denial is `REFUSED` and nothing else is."""

    LET_IN = "let in"
    REFUSED = "refused"
    TURNED_AWAY = "turned away"  # the store knows or believes nothing of whoever came
    FAILED = "failed"  # neither: not there, no connection, another region
    UNTRIED = "untried"  # nobody can come as this from here


@dataclass(frozen=True)
class Result:
    """What came back: the HTTP status (0 without an answer), the store's code, its own words.

    `simulated` is what the cloud's policy simulator said, where it was asked in the place of a try.
    """

    came: Came
    status: int = 0
    code: str = ""
    message: str = ""
    simulated: Result | None = None

    @property
    def let_in(self) -> bool:
        """Whether it was let in, or would be."""
        return (self.simulated or self).came is Came.LET_IN

    def __str__(self) -> str:
        """`let in`, `403 AccessDenied: …`."""
        answer = f"{self.status or ''} {self.code}".strip()
        said = ": ".join(filter(None, (answer, self.message)))
        return said or self.came.value


class CannotAsk(Exception):
    """The owner cannot be asked, or what was asked cannot be had; the message says why."""


class NoProbe(CannotAsk):
    """No probe is put there, so that nothing of others is touched and nothing is left."""


class Spot(BaseModel):
    """Where probes lie: enough to find them again in another run.

    `connection` is how a storage of that kind is reached, as JSON; there is no secret in it.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    kind: str
    connection: str
    bucket: str
    probes: str


@dataclass(frozen=True)
class Difference:
    """Where a live policy is not as planned; `sure` where it is certain that more or less is let in."""

    words: str
    sure: bool


class Ways:
    """How one run comes to the stores: the endpoint map, and the clients that were made on the way."""

    def __init__(self, endpoints: Endpoints) -> None:
        self.endpoints = endpoints
        self.once = Once(keep_failures=True)


class Live(ABC):
    """One live storage, with its owner's credentials; for many threads at once."""

    @abstractmethod
    def spot(self, probes: str) -> Spot:
        """What the journal keeps of a folder of probes."""

    @abstractmethod
    def put(self, probes: str) -> None:
        """Makes the probes of a folder; raises CannotAsk, and NoProbe where none may be put."""

    @abstractmethod
    def clear(self, probes: str) -> set[str]:
        """Removes the probes of a folder, old versions too, and nothing else; returns their names. Raises CannotAsk."""

    @abstractmethod
    def reaches(self, other: Live) -> bool:
        """Whether a request for the other storage, sent to where this one is, gets there."""

    @abstractmethod
    def foreign(self, known: Collection[str]) -> tuple[str, str]:
        """A bucket of the owner that the stack does not know, and an object in it, "" if it is empty.

        Raises CannotAsk where there is none.
        """

    @abstractmethod
    def attempt(self, identity: Identity, one: Try, ways: Ways) -> Result:
        """Makes the one request, as somebody, where the platform would."""

    @abstractmethod
    def simulate(self, vendor: str, one: Try, ways: Ways) -> Result:
        """What the cloud's own simulator says from the live documents to a vendor's principal; raises CannotAsk."""

    @abstractmethod
    def differences(self, principal: Principal, documents: Documents) -> list[Difference]:
        """Where the live policy is not the planned one, or lets a principal in beside it; raises CannotAsk."""

    @abstractmethod
    def identity_differences(
        self, at: str, planned: PlannedIdentity, values: Mapping[str, str], settings: Iam
    ) -> list[tuple[Light, Difference]]:
        """Where an identity of ours is not the planned one, by light; raises CannotAsk.

        `at` is where its IAM is (IdentityAuth.iam), `values` are those of the plan's tokens.
        """

    @abstractmethod
    def advice(self, result: Result, one: Try, principal: Principal, documents: Documents) -> str:
        """What to change where a principal's light is red, in a sentence; `documents` are the planned ones."""
