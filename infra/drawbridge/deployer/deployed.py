"""What a storage or an auth tells about each resource that it declares, so that a policy can be written for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Deployed:
    """One resource of a stack, or one question that is asked at preview.

    `kind` is a key of `aws.NEEDS`. `about` has the ARNs that its permissions are asked on, by the words of
    `aws.about`; a permission on what is not there is not needed. `limits` are values of condition keys, for those
    permissions that know them. What is `kept` is never deleted.
    """

    kind: str
    about: Mapping[str, str]
    limits: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    kept: bool = False
