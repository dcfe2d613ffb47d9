"""KMS grants: which operations each verb needs, in which words and under which name."""

from __future__ import annotations

import pytest

from drawbridge.access import Access, Principal, Verb
from drawbridge.storage.kms import grant_name, key_grants, sentence

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234"
WHO = "arn:aws:iam::258327614892:role/path/external_s3"


@pytest.mark.parametrize(
    ("verbs", "operations"),
    [
        (("read",), ["Decrypt"]),
        (("write",), ["Decrypt", "GenerateDataKey"]),  # an upload in parts reads its own parts
        (("read", "write"), ["Decrypt", "GenerateDataKey"]),
        (("list",), None),
    ],
)
def test_operations(verbs: tuple[Verb, ...], operations: list[str] | None) -> None:
    access = Access("g", "s", "bucket-policy", Principal.of(WHO), "Id", "Sid", verbs, ("a/",))
    found = list(key_grants(KEY, [access], {"aws:s3:arn": "arn:aws:s3:::b"}))
    assert [grant["operations"] for grant in found] == ([operations] if operations else [])


def test_words_and_names() -> None:
    grant = {"key": KEY, "principal": WHO, "operations": ["Decrypt"], "context": {"aws:s3:arn": "arn:aws:s3:::b"}}
    who = "role path/external_s3 of account 258327614892"
    assert sentence(grant) == f"{who} may Decrypt with {KEY}, for what is encrypted for this bucket"
    assert (
        sentence({**grant, "context": {}}) == f"{who} may Decrypt with {KEY}, for whatever it encrypts, in any bucket"
    )
    assert grant_name(WHO) == "key-258327614892-role-path-external_s3"
