"""What a decision means beside what was asked for."""

from __future__ import annotations

from enum import Enum

from drawbridge.proof.judge import Decision


class Outcome(Enum):
    """What was asked for against what the documents allow; the worst comes last."""

    REFUSED = "no"
    ASKED = "yes"
    SHARED = "shared"  # another grant on the storage asks for it, and they share a principal
    ACCEPTED = "accepted"  # wider than a folder, and the grant says so
    MISSING = "MISSING"
    TOO_WIDE = "TOO WIDE"

    @property
    def surprise(self) -> bool:
        """Whether it should not be so."""
        return self in (Outcome.MISSING, Outcome.TOO_WIDE)

    @classmethod
    def of(cls, decision: Decision, *, expected: bool) -> Outcome:
        """The plain ones, where a grant's words about sharing and accepting do not matter."""
        if (decision is Decision.ALLOWED) == expected:
            return cls.ASKED if expected else cls.REFUSED
        return cls.MISSING if expected else cls.TOO_WIDE
