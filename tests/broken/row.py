"""What the table of broken inputs is made of: a row, good files to break, and how a table becomes rows."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.files import GRANT, STORAGE

GOOD = textwrap.dedent(STORAGE).lstrip("\n")
MANY = (
    GOOD
    + """\
work: {kind: aws, bucket: street-work, region: eu-central-1}
calgary: {kind: aws, bucket: street-calgary, region: ca-west-1}
haifa: {kind: aws, bucket: street-haifa, region: il-central-1}
hall: {kind: minio, bucket: street-hall, endpoint: "https://minio.example.com"}
cloud: {kind: obs, bucket: street-cloud, endpoint: "https://obs.eu-de.otc.t-systems.com", region: eu-de}
rack: {kind: s3, bucket: street-rack, endpoint: "https://s3.example.com"}
"""
)
"""Entries of all kinds, and of regions that Lightly does not take."""
READING = """\
name: street-v7
platform: v7
storage: street
access: read-only
prefixes: [berlin/]
"""
AWS = "kind: aws, bucket: street-imagery, region: eu-central-1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"

Table = Iterable[tuple[Any, ...]]
"""Rows as they are written: an id, what is broken, and the lines that are said."""


@dataclass(frozen=True)
class Broken:
    """Files that cannot be used: those of the folder by name, and the stack's own. The stack is called `stack` here."""

    id: str
    files: Mapping[str, str | bytes]
    said: tuple[str, ...]
    config: str | bytes | None = None

    def write(self, root: Path, stack: str) -> list[str]:
        """Writes grants/<stack>/ and Pulumi.<stack>.yaml under a root; returns the lines, as they are said from there."""
        folder = root / "grants" / stack
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(_bytes(content))
        if self.config is not None:
            (root / f"Pulumi.{stack}.yaml").write_bytes(_bytes(self.config))
        own = "Pulumi.stack.yaml"
        lines = [line if line.startswith(own) else f"grants/stack/{line}" for line in self.said]
        return [line.replace("grants/stack", f"grants/{stack}").replace(own, f"Pulumi.{stack}.yaml") for line in lines]


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def grants(table: Table, storage: str = GOOD) -> list[Broken]:
    """A grant, g.yaml, beside a good storage.yaml."""
    return [Broken(name, {"storage.yaml": storage, "g.yaml": text}, tuple(said)) for name, text, *said in table]


def storages(table: Table) -> list[Broken]:
    """A storage.yaml without grants."""
    return [Broken(name, {"storage.yaml": text}, tuple(said)) for name, text, *said in table]


def configs(table: Table) -> list[Broken]:
    """Pulumi.<stack>.yaml beside a folder in which all is well."""
    return [Broken(name, {"storage.yaml": GOOD}, tuple(said), text) for name, text, *said in table]


def folders(table: Table) -> list[Broken]:
    """Whole folders."""
    return [Broken(name, files, tuple(said)) for name, files, *said in table]


def without(key: str) -> str:
    """The V7 grant without a line."""
    return "".join(line for line in GRANT.splitlines(keepends=True) if not line.startswith(f"{key}:"))


def entry(keys: str) -> str:
    """A storage.yaml with one entry."""
    return f"street: {{{keys}}}\n"
