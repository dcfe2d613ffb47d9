"""Makes a stack's folder for a test."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from drawbridge.config import Config
from drawbridge.plan import Plan, make_plan
from drawbridge.problems import Invalid

STORAGE = """
    wide: {kind: wasabi, bucket: your-s3-bucket-name, region: eu-central-2}
    street: {kind: aws, bucket: street-imagery, region: eu-central-1}
    """

GRANT = """\
name: street-v7
platform: v7
storage: street
access: read-write
prefixes: [berlin/]
write_prefix: darwin/
"""

LIGHTLY = """\
name: street-lightly
platform: lightly
input: {storage: street, prefix: berlin/, auth: assume-role}
lightly: {storage: street, prefix: lightly/, auth: assume-role}
"""


def one(key: str, value: str) -> str:
    """The grant with one line changed."""
    return "\n".join(f"{key}: {value}" if line.startswith(f"{key}:") else line for line in GRANT.split("\n"))


def folder(at: Path, storage: str = STORAGE, **grants: str) -> Path:
    """A folder with storage.yaml and a file per grant; the texts are dedented."""
    at.mkdir(parents=True, exist_ok=True)
    (at / "storage.yaml").write_text(textwrap.dedent(storage).lstrip("\n"))
    for name, text in grants.items():
        (at / f"{name}.yaml").write_text(textwrap.dedent(text).lstrip("\n"))
    return at


def plan(at: Path, storage: str = STORAGE, *, sid_suffix: str = "", **grants: str) -> Plan:
    """The plan of such a folder."""
    return make_plan(Config("stack", folder(at / "stack", storage, **grants), sid_suffix))


def problems(at: Path, storage: str = STORAGE, *, sid_suffix: str = "", **grants: str) -> list[str]:
    """What is wrong with such a folder, each from the file's name on."""
    with pytest.raises(Invalid) as invalid:
        plan(at, storage, sid_suffix=sid_suffix, **grants)
    return [str(problem).removeprefix(f"{at / 'stack'}/") for problem in invalid.value.problems]
