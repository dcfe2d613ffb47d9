"""What verifying needs of a live storage: probes of its owner, a try as somebody, a word on what may be wrong."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity
from drawbridge.verify.tries import Try


class Came(Enum):
    """How a try ended. A denial is `REFUSED` and nothing else is."""

    LET_IN = "let in"
    REFUSED = "refused"
    TURNED_AWAY = "turned away"  # the store knows or believes nothing of whoever came
    FAILED = "failed"  # neither: not there, no connection, another region
    UNTRIED = "untried"  # nobody can come as this from here


@dataclass(frozen=True)
class Result:
    """What came back: the HTTP status (0 without an answer), the store's code, its own words."""

    came: Came
    status: int = 0
    code: str = ""
    message: str = ""

    def __str__(self) -> str:
        """`let in`, `403 AccessDenied: …`."""
        answer = f"{self.status or ''} {self.code}".strip()
        said = ": ".join(filter(None, (answer, self.message)))
        return said or self.came.value


class CannotAsk(Exception):
    """The owner cannot be asked, or what was asked cannot be had; the message says why."""


class Occupied(CannotAsk):
    """Something that is not ours has a probe's name."""


@dataclass(frozen=True)
class Spot:
    """A folder of probes: enough to find it again in another run.

    `connection` is how a storage of that kind is reached, as JSON; there is no secret in it.
    """

    kind: str
    connection: str
    bucket: str
    folder: str


@dataclass
class Ways:
    """How one run comes to the stores: the endpoint map, and the clients that were made on the way."""

    endpoints: Endpoints
    _made: dict[Hashable, Callable[[], Any]] = field(default_factory=dict)
    _making: threading.Lock = field(default_factory=threading.Lock)

    def once(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gave, or raised, the first time; one at a time, since boto3's sessions are not for threads."""
        with self._making:
            if key not in self._made:
                self._made[key] = _outcome(make)
        return self._made[key]()


def _outcome(make: Callable[[], Any]) -> Callable[[], Any]:
    try:
        made = make()
    except Exception as error:
        raised = error

        def fail() -> Any:
            raise raised

        return fail
    return lambda: made


class Live(ABC):
    """One live storage, with its owner's credentials; for many threads at once."""

    @abstractmethod
    def spot(self, folder: str) -> Spot:
        """Where the probes of a folder lie."""

    @abstractmethod
    def put(self, folder: str) -> None:
        """Makes the probes of a folder; raises CannotAsk, and Occupied where something else has their names."""

    @abstractmethod
    def clear(self, folder: str) -> None:
        """Removes the probes of a folder, old versions too, and nothing else; raises CannotAsk."""

    @abstractmethod
    def foreign(self, known: Collection[str]) -> tuple[str, str] | None:
        """A bucket of the owner that the stack does not know, and an object that is there, "" if it is empty."""

    @abstractmethod
    def attempt(self, identity: Identity, one: Try, ways: Ways) -> Result:
        """Makes the one request, as somebody, where the platform would."""

    @abstractmethod
    def simulate(self, principal: str, tries: Sequence[Try]) -> Mapping[Try, Result]:
        """What the cloud's own simulator says from the live documents; raises CannotAsk."""

    @abstractmethod
    def policy(self) -> Mapping[str, Any]:
        """The live policy, empty where there is none; raises CannotAsk."""
