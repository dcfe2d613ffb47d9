"""Things by what they have in common, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


def grouped(things: Iterable[V], key: Callable[[V], K]) -> dict[K, list[V]]:
    """The things by their key."""
    return collected((key(thing), thing) for thing in things)


def collected(pairs: Iterable[tuple[K, V]]) -> dict[K, list[V]]:
    """The second of each pair by the first."""
    found: dict[K, list[V]] = {}
    for key, thing in pairs:
        found.setdefault(key, []).append(thing)
    return found
