"""How a platform proves who it is: one file each, found by its constant AUTH."""

import sys
from functools import cache

from drawbridge.auth.interface import Auth, IdentityAuth
from drawbridge.registry import plugins


@cache
def auths() -> dict[str, Auth]:
    """Every auth, by its name."""
    return plugins(sys.modules[__name__], "AUTH")


def identity_auth(name: str) -> IdentityAuth:
    """An auth with which the stack makes an identity."""
    auth = auths()[name]
    assert isinstance(auth, IdentityAuth), f"{name} makes no identity"  # noqa: S101
    return auth
