"""Which bucket policies are public, and what S3's public access block does about them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html, "The meaning of public"
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from typing import Any

from moto.s3control.models import s3control_backends

from drawbridge.proof.judge import Policy
from sandbox.guard.policies import some, statements

# A statement is not public if one of these has to have a fixed value.
FIXED = {
    "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner", "aws:sourceaccount",
    "aws:userid", "aws:principalorgid", "aws:principalorgpaths", "aws:principalarn", "aws:principalaccount",
    "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}  # fmt: skip
# Operators that hold for what is listed alone; negated ones and those that take what is missing leave the rest in.
NARROW = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}
BROADEST = {4: 8, 6: 32}  # bits of a network that is still narrow


def is_public(policy: Policy) -> bool:
    """Whether a statement lets in everybody, under no condition that could not be anybody's."""
    return any(
        statement.get("Effect") == "Allow" and _everybody(statement) and not _narrowed(statement.get("Condition", {}))
        for statement in statements(policy)
    )


def text_is_public(policy: bytes | str) -> bool:
    """What moto asks for the status of a policy."""
    return is_public(json.loads(policy))


def block(bucket: Any, setting: str) -> bool:
    """Whether a setting of the public access block holds, by the bucket's own or by its account's."""
    account = s3control_backends[bucket.account_id]["aws"].public_access_block
    return any(bool(getattr(one, setting)) for one in (bucket.public_access_block, account) if one)


def _everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal", {})
    return principal == "*" or (isinstance(principal, Mapping) and "*" in some(principal.get("AWS", [])))


def _narrowed(conditions: Mapping[str, Any]) -> bool:
    return any(
        operator.lower().removeprefix("foranyvalue:") in NARROW
        and key.lower() in FIXED
        and all(_fixed(key.lower(), str(value)) for value in some(values))
        for operator, keys in conditions.items()
        for key, values in keys.items()
    )


def _fixed(key: str, value: str) -> bool:
    if key == "aws:sourceip":
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            return False
        return network.is_private or network.prefixlen >= BROADEST[network.version]
    if key == "aws:userid":  # of a role's sessions only the second part may be open
        value = value.removesuffix(":*")
    if key in ("aws:sourcearn", "aws:principalarn"):
        # The account of an ARN is what has to be fixed.
        account = [*value.split(":"), *[""] * 5][4]
        return account.isdecimal() or (":s3:::" in value and not set(value.rpartition(":")[2]) & set("*?$"))
    return not set(value) & set("*?$")
