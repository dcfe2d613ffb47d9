"""The kinds of storage: one file each, found by its constant STORAGE."""

import sys
from functools import cache

from drawbridge.registry import plugins
from drawbridge.storage.interface import Storage


@cache
def kinds() -> dict[str, type[Storage]]:
    """Every kind of storage, by the word that `kind:` takes."""
    return plugins(sys.modules[__name__], "STORAGE")
