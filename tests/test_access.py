"""Accesses in words, as summary, outputs and sheets show them."""

from __future__ import annotations

import pytest

from drawbridge.access import Access, Principal, Verb, listed


@pytest.mark.parametrize(
    ("verbs", "prefixes", "words"),
    [
        (("read",), ("",), "read anywhere"),
        (("read", "write"), ("",), "read and write anywhere"),
        (("write",), ("a/",), "write under a/"),
        (("read",), ("a/", "b/"), "read under a/ and b/"),
        (("read",), ("a/", "b/", "c/"), "read under a/, b/ and c/"),
    ],
)
def test_words(verbs: tuple[Verb, ...], prefixes: tuple[str, ...], words: str) -> None:
    access = Access("g", "scans", "bucket-policy", Principal("arn", "user u"), "Id", "Sid", verbs, prefixes)
    assert access.words() == words
    assert access.sentence() == f"user u may {words} in scans"


def test_listed() -> None:
    assert listed(["a"]) == "a"


@pytest.mark.parametrize(
    ("networks", "origin", "expected"),
    [
        ((), "", True),
        ((), "203.0.113.7", True),
        (("203.0.113.0/24",), "203.0.113.7", True),
        (("203.0.113.0/24",), "203.0.114.0", False),
        (("203.0.113.0/24",), "vpc-0a1b2c3d", False),
        (("203.0.113.0/24",), "", False),
        (("203.0.113.0/24", "2001:db8::/48"), "2001:db8::1", True),
        (("203.0.113.7",), "203.0.113.7", True),
        (("vpc-0a1b2c3d",), "vpc-0a1b2c3d", True),
        (("vpc-0a1b2c3d",), "vpc-0a1b2c3d4e5f60718", False),
        (("vpc-0a1b2c3d",), "203.0.113.7", False),
        (("vpc-0a1b2c3d",), "", False),
    ],
)
def test_where_requests_have_to_come_from(networks: tuple[str, ...], origin: str, expected: bool) -> None:
    who = Principal("arn", "user u")
    access = Access("g", "scans", "assume-role", who, "", "Sid", ("read",), ("a/",), networks=networks)
    assert access.covers("read", "a/x")
    assert access.open_to(origin) is expected
