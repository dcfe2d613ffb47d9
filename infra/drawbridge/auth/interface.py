"""What an auth has to know: which accesses it writes into the storage's own policy."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from drawbridge.access import Access, Principal
from drawbridge.verify.identity import Identity


class Auth(ABC):
    """One way for a platform to prove who it is."""

    name: str

    @abstractmethod
    def in_storage_policy(self, accesses: Sequence[Access]) -> list[Access]:
        """Those of the accesses that the storage's own policy has to allow."""

    @abstractmethod
    def identity(self, principal: Principal) -> Identity:
        """How the platform comes, for verifying."""
