"""Looks for secrets where none may be: in files, texts and states, in clear or in one of the usual disguises."""

from __future__ import annotations

import base64
import configparser
import json
import urllib.parse
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from sandbox.folder import Folder


def of_sandbox(folder: Folder) -> dict[str, str]:
    """The sandbox's own secrets: every store's keys and the passphrase of the state."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(folder.aws_credentials)
    found = {f"{section}.{key}": value for section in parser.sections() for key, value in parser[section].items()}
    return found | {"passphrase": folder.passphrase.read_text()}


def search(
    secrets: Mapping[str, str],
    folders: Iterable[Path] = (),
    texts: Mapping[str, str] | None = None,
    *,
    allowed: Iterable[Path] = (),
) -> list[str]:
    """Where secrets are found, as `name of the secret in place`; `allowed` are the files that are there to hold one."""
    kept = {path.resolve() for path in allowed}
    places: dict[str, bytes] = {name: text.encode() for name, text in (texts or {}).items()}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink() and path.resolve() not in kept:
                places[str(path)] = path.read_bytes()
    return sorted(
        f"{name} in {place}"
        for name, secret in secrets.items()
        for place, content in places.items()
        if any(form in content for form in _forms(secret))
    )


def _forms(secret: str) -> Iterator[bytes]:
    """The secret as it is, inside JSON, in a URL, and in base64 at each of its three alignments."""
    assert len(secret) >= 12, "too short to be told from chance"
    raw = secret.encode()
    yield raw
    yield json.dumps(secret)[1:-1].encode()
    yield urllib.parse.quote(secret, safe="").encode()
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        # The first and last characters also depend on what stands beside the secret.
        yield encoded[4 if shift else 0 : len(encoded) // 4 * 4 - 4]
