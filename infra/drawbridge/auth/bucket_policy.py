"""The platform comes as a principal of its own account, named in the bucket policy; it is given no credential."""

from drawbridge.access import Principal
from drawbridge.auth.interface import PrincipalAuth
from drawbridge.verify.identity import Identity, Vendor


class BucketPolicy(PrincipalAuth):
    """`bucket-policy`: everything stands in the storage's policy."""

    name = "bucket-policy"

    def comes(self, principal: Principal) -> Identity:
        """As itself, which only it can."""
        return Vendor(principal.arn)


AUTH = BucketPolicy()
