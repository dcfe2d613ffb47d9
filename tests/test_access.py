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
