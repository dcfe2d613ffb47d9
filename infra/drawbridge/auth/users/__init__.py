"""How users are made whose keys a platform is given: one file each, found by its constant USERS."""

import sys
from functools import cache

from drawbridge.auth.users.interface import Users
from drawbridge.registry import plugins


@cache
def users() -> dict[str, Users]:
    """Every way, by the name with which a kind of storage asks for it."""
    return plugins(sys.modules[__name__], "USERS")
