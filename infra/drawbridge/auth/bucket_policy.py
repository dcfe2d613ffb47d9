"""The platform comes as a principal of its own account, named in the bucket policy; it is given no credential."""

from collections.abc import Sequence

from drawbridge.access import Access, Principal
from drawbridge.auth.interface import Auth
from drawbridge.verify.identity import Identity, Vendor


class BucketPolicy(Auth):
    """`bucket-policy`: everything stands in the storage's policy."""

    name = "bucket-policy"

    def in_storage_policy(self, accesses: Sequence[Access]) -> list[Access]:
        """All of them."""
        return list(accesses)

    def identity(self, principal: Principal) -> Identity:
        """As itself, which only it can."""
        return Vendor(principal.arn)


AUTH = BucketPolicy()
