"""What holds for every role and user that a stack makes: how they are called, bounded and tagged."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from drawbridge.problems import short

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LONGEST_NAME = 64
LONGEST_PATH = 512
# Narrower than IAM, which takes any visible character: a * or a quote would mean something in an ARN or a command.
_PATH = re.compile(r"/(?:[A-Za-z0-9+=,.@_-]+/)*")
_PREFIX = re.compile(r"[A-Za-z0-9+=,.@_-]{0,30}")
_BOUNDARY = re.compile(r"arn:aws:iam::(?:[0-9]{12}|aws):policy/[A-Za-z0-9+=,.@_/-]+")
_TAG, _VALUE = re.compile(r"(?!(?i:aws):)[\w .:/=+@-]{1,128}"), re.compile(r"[\w .:/=+@-]{0,256}")
OURS = "drawbridge"  # the tag that every resource of a stack has
NO_TAGS = """must be JSON in quotes that maps names to texts, such as '{"team": "imaging"}'"""
MOST_TAGS = 49  # of 50: one is ours


@dataclass(frozen=True)
class Iam:
    """The stack's settings for IAM, as the keys `drawbridge:iam_…` of Pulumi.<stack>.yaml give them."""

    path: str = "/"
    name_prefix: str = ""
    permissions_boundary: str = ""
    tags: Mapping[str, str] = field(default_factory=dict)

    def name(self, of: str) -> str:
        """What a role or user is called."""
        return f"{self.name_prefix}{of}"


def wrong(key: str, value: str) -> str:
    """What is wrong with a setting, by its name without `iam_`; "" if nothing is."""
    if key == "path" and not (_PATH.fullmatch(value) and len(value) <= LONGEST_PATH):
        return (
            f"must be folders of letters, digits and + = , . @ _ -, with / at both ends, such as /platforms/, and at "
            f"most {LONGEST_PATH} characters"
        )
    if key == "name_prefix" and not _PREFIX.fullmatch(value):
        return "must be at most 30 letters, digits and + = , . @ _ -"
    if key == "permissions_boundary" and value and not _BOUNDARY.fullmatch(value):
        return "must be the ARN of a managed policy, such as arn:aws:iam::111122223333:policy/boundary"
    return _wrong_tags(value) if key == "tags" else ""


def tags(value: str) -> dict[str, str]:
    """The tags in a setting that is right."""
    return dict(json.loads(value)) if value else {}


def _wrong_tags(value: str) -> str:
    try:
        found = json.loads(value or "{}")
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not all(isinstance(one, str) for one in found.values()):
        return NO_TAGS
    names: dict[str, str] = {}
    for name, given in found.items():
        if not _TAG.fullmatch(name) or not _VALUE.fullmatch(given):
            return (
                f"has the tag {short(name) or repr('')}, which IAM does not take: a name has 1 to 128 letters, digits, "
                "spaces and . : / = + - @ _ and does not begin with aws:, a value at most 256"
            )
        if name.lower() == OURS:
            return f"has the tag {name}, which is ours; name it otherwise"
        if (first := names.setdefault(name.lower(), name)) != name:
            return f"has the tags {short(first)} and {short(name)}, which are the same to IAM; leave one out"
    return f"has {len(found)} tags, and at most {MOST_TAGS} are allowed" if len(found) > MOST_TAGS else ""
