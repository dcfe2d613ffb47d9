"""Who comes to a store, as data: with keys, through a role, as a vendor's own principal, or as nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from drawbridge.verify.endpoints import Endpoints

WRONG_EXTERNAL_ID = "drawbridge-wrong-external-id"


class Identity:
    """Whoever comes; two that are equal come in the same way."""

    def unavailable(self, endpoints: Endpoints) -> str:
        """Why nobody can come as this from here, which is no fault of the grant; "" where one can."""
        del endpoints
        return ""

    def wrong(self) -> Mapping[str, Identity]:
        """The same with something wrong, which has to be turned away before it reaches the store."""
        return {}


@dataclass(frozen=True)
class Nobody(Identity):
    """Who does not sign."""


@dataclass(frozen=True)
class Vendor(Identity):
    """A principal of a platform's own account: only who stands in for it, by the endpoint map, can come as it."""

    arn: str

    def unavailable(self, endpoints: Endpoints) -> str:
        """Unless somebody stands in for it."""
        return "" if self.arn in endpoints.principals else f"only the platform itself can come as {self.arn}"


@dataclass(frozen=True)
class Keys(Identity):
    """An access key that was handed to the platform."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)


@dataclass(frozen=True)
class Role(Identity):
    """A role of ours that the platform assumes from its own account, with an external id or with none.

    `seconds` is how long a session the platform asks for; the store's usual ones last an hour.
    """

    arn: str
    external_id: str = field(repr=False)
    by: Identity
    seconds: int = 3600

    def unavailable(self, endpoints: Endpoints) -> str:
        """Where nobody can come as the one who assumes it."""
        return self.by.unavailable(endpoints)

    def wrong(self) -> Mapping[str, Identity]:
        """With another external id, and with none."""
        if not self.external_id:
            return {}
        return {
            "a wrong external id": replace(self, external_id=WRONG_EXTERNAL_ID),
            "no external id": replace(self, external_id=""),
        }
