"""What a platform may do: verbs under prefixes of one storage, for one principal; and which pages may load from it."""

from dataclasses import dataclass
from typing import Literal

Verb = Literal["read", "write"]


@dataclass(frozen=True)
class Principal:
    """Who is let in: an ARN, and the words people know it by."""

    arn: str
    words: str


@dataclass(frozen=True)
class Access:
    """Verbs under prefixes of one storage, for one principal; the prefix "" is the whole storage.

    `document` and `statement` are the names under which the platform's own instructions know this permission
    (Id and Sid of a bucket policy), so that an operator finds it again.
    """

    grant: str
    storage: str
    auth: str
    principal: Principal
    document: str
    statement: str
    verbs: tuple[Verb, ...]
    prefixes: tuple[str, ...]

    def words(self) -> str:
        """`read under darwin/ and studies/`, or `read and write anywhere in the bucket`."""
        where = "anywhere in the bucket" if "" in self.prefixes else f"under {' and '.join(self.prefixes)}"
        return f"{' and '.join(self.verbs)} {where}"


@dataclass(frozen=True)
class CorsRule:
    """One rule that lets a platform's page load objects from a storage by presigned URL."""

    id: str
    origins: tuple[str, ...]
    methods: tuple[str, ...]
    headers: tuple[str, ...]
