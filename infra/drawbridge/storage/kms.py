"""KMS keys: brought by their ARN, never made; a principal of another account is let in by a KMS grant."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

from pydantic import AfterValidator, WithJsonSchema

from drawbridge.access import Access, Principal, Verb, listed

_KEY = r"arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+"
# What S3 asks KMS for on behalf of the caller; an upload in parts reads its own parts again.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
OPERATIONS: Mapping[Verb, tuple[str, ...]] = {"read": ("Decrypt",), "write": ("Decrypt", "GenerateDataKey")}
# What platforms ask of an identity of ours besides: Lightly's "AWS S3", server-side encryption, names kms:Encrypt too.
OF_IDENTITIES: Mapping[Verb, tuple[str, ...]] = {**OPERATIONS, "write": ("Decrypt", "Encrypt", "GenerateDataKey")}


def _key(value: str) -> str:
    if value.endswith("alias/aws/s3"):
        raise ValueError("is AWS's own key, which cannot be shared with another account; bring a key of your own")
    if ":alias/" in value or value.startswith("alias/"):
        raise ValueError(
            "must be the key's own ARN, since an alias can be led to another key; "
            f"aws kms describe-key --key-id {shlex.quote(value)} --query KeyMetadata.Arn shows it"
        )
    if not re.fullmatch(_KEY, value):
        raise ValueError("must be the ARN of a key, such as arn:aws:kms:eu-central-1:111122223333:key/…")
    return value


Key = Annotated[str, AfterValidator(_key), WithJsonSchema({"type": "string", "pattern": f"^{_KEY}$"})]


def region(key: str) -> str:
    """Where a key lies."""
    return key.split(":")[3]


def operations(accesses: Sequence[Access], table: Mapping[Verb, tuple[str, ...]] = OPERATIONS) -> list[str]:
    """What verbs need of a key, by one of the tables above."""
    verbs = {verb for access in accesses for verb in access.verbs}
    return sorted({one for verb in verbs for one in table.get(verb, ())})


def key_grants(key: str, accesses: Sequence[Access], context: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """For each principal the operations of the key that its verbs need; see Documents for the shape."""
    for principal in sorted({access.principal.arn for access in accesses}):
        needed = operations([access for access in accesses if access.principal.arn == principal])
        if needed:
            yield {"key": key, "principal": principal, "operations": needed, "context": dict(context)}


def sentence(grant: Mapping[str, Any]) -> str:
    """Who may do what with which key, for people."""
    only = "for what is encrypted for this bucket" if grant["context"] else "for whatever it encrypts, in any bucket"
    return f"{Principal.of(grant['principal']).words} may {listed(grant['operations'])} with {grant['key']}, {only}"


def grant_name(principal: str) -> str:
    """A principal as a part of a name, here and in KMS: `key-258327614892-role-external_s3`."""
    _, _, _, _, account, name = principal.split(":", 5)
    return f"key-{account}-{re.sub('[^A-Za-z0-9_-]', '-', name)}"
