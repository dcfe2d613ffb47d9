"""A request of which it is known who makes it: what every service decides from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sandbox.guard.principals import Principal
from sandbox.guard.request import Request
from sandbox.guard.signature import Claim

DEFAULT_REGION = "us-east-1"


@dataclass(frozen=True)
class Visit:
    """A request, its signature if it has one, whose it is, and its body as it was meant.

    `payload` is what was signed of the body, and `checksums` are those that followed it.
    """

    request: Request
    claim: Claim | None
    who: Principal
    now: datetime
    payload: str = ""
    body: bytes = b""
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def region(self) -> str:
        """The region that it is signed for."""
        return self.claim.region if self.claim else DEFAULT_REGION

    @property
    def key_id(self) -> str:
        """The key that it is signed with."""
        return self.claim.key_id if self.claim else "anonymous"
