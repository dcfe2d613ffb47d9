"""Tables of requests whose decisions AWS documents, for the tests that make them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from tests.sandbox.guard.cast import OTHER, Cast, Outcome

DENIED: Outcome = (403, "AccessDenied")
HEAD_DENIED: Outcome = (403, "403")
ROOT = f"arn:aws:iam::{OTHER}:root"
DOCS = "https://docs.aws.amazon.com"


class Group(NamedTuple):
    """What AWS says, what is set up for it, and what then is decided."""

    url: str
    set_up: Callable[[Cast], None]
    rows: dict[str, tuple[Callable[[Cast], Outcome], Outcome]]


def rows(groups: Mapping[str, Group]) -> list[tuple[str, str]]:
    """The names of every row."""
    return [(group, row) for group, about in groups.items() for row in about.rows]


def check(cast: Cast, groups: Mapping[str, Group], group: str, row: str) -> None:
    """Makes a row's request, after its group was set up."""
    cast.once(group, groups[group].set_up)
    call, expected = groups[group].rows[row]
    assert call(cast) == expected
