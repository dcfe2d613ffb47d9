"""How a platform proves who it is: one file each, found by its constant AUTH."""

import sys
from functools import cache

from drawbridge.auth.interface import Auth
from drawbridge.registry import plugins


@cache
def auths() -> dict[str, Auth]:
    """Every auth, by its name."""
    return plugins(sys.modules[__name__], "AUTH")
