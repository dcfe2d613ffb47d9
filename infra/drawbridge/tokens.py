"""Values that only the cloud knows, or that are secret: in the plan they are tokens, written `<<aws.account>>`.

The form cannot be confused with IAM's `${aws:username}`, and no grant can bring one in: the reader of files refuses
`<<` and `>>` anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"<<(.*?)>>")


@dataclass(frozen=True)
class Token:
    """One such value: its name, and how many characters it can have at most (for the clouds' size limits)."""

    name: str
    longest: int

    @classmethod
    def of(cls, identity: str, what: str, generation: int = 0) -> Token:
        """What stands for a value of an identity, such as `<<street-lightly-input.external_id.1>>`."""
        return cls(f"{identity}.{what}{f'.{generation}' if generation else ''}", LONGEST[what])

    def __str__(self) -> str:
        return f"<<{self.name}>>"


# How long a value is at most, by the word in the middle of its token: what an identity hands over, and the account
# that a store's identities belong to.
LONGEST = {"role_arn": 2048, "external_id": 128, "access_key": 128, "secret_key": 128, "account": 12}
AWS_ACCOUNT = Token.of("aws", "account")  # the one that the stack's aws provider acts in


# What a value has to look like, wherever it comes from: it is written into JSON and into scripts. External ids: 10
# characters at least, as Lightly's client asks, of those that IAM takes:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_KEY, _KEY_WORDS = r"[!#-&(-\[\]-~]{1,128}", "1 to 128 visible characters, without quotes and \\"
_FORMS = {
    "role_arn": (r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,2000}", "a role's ARN"),
    "account": (r"[0-9]{12}", "12 digits"),
    "external_id": (r"[A-Za-z0-9_+=,.@:/-]{10,128}", "10 to 128 letters, digits and _ + = , . @ : / -"),
    "access_key": (_KEY, _KEY_WORDS),
    "secret_key": (_KEY, _KEY_WORDS),
}


class UnknownToken(Exception):
    """A token has no value, or no token has that name."""


def used(document: Any) -> set[str]:
    """The names of all tokens inside a document."""
    if isinstance(document, str):
        return set(_TOKEN.findall(document))
    if isinstance(document, Mapping):
        return set().union(*(used(key) | used(value) for key, value in document.items()))
    if isinstance(document, list | tuple):
        return set().union(*map(used, document))
    return set()


def wrong(name: str, value: str) -> str:
    """What is wrong with a value for a token, which is not shown; "" if nothing is."""
    form, words = _FORMS[name.split(".")[1]]
    return "" if re.fullmatch(form, value) else f"must be {words}"


def resolve(document: Any, values: Mapping[str, str]) -> Any:
    """The document with every token replaced; raises UnknownToken when one has no value."""
    if isinstance(document, str):
        return _TOKEN.sub(lambda match: _value(match[1], values), document)
    if isinstance(document, Mapping):
        return {resolve(key, values): resolve(value, values) for key, value in document.items()}
    if isinstance(document, list | tuple):
        return [resolve(item, values) for item in document]
    return document


def longest(document: Any) -> Any:
    """The document with every token replaced by the longest value it can take."""
    return resolve(document, {name: "x" * _longest(name) for name in used(document)})


def _longest(name: str) -> int:
    """Of what only the cloud knows, by the name of its token; raises UnknownToken."""
    what = name.split(".")[1:2]
    if not what or what[0] not in LONGEST:
        raise UnknownToken(f"<<{name}>> is no token")
    return LONGEST[what[0]]


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise UnknownToken(f"<<{name}>> has no value; known here: {', '.join(sorted(values)) or 'none'}")
    return values[name]
