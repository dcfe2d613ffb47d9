"""The one auth so far: it puts every access into the storage's own policy."""

from __future__ import annotations

from pathlib import Path

from drawbridge.auth import auths
from drawbridge.platforms import platforms
from drawbridge.storage import kinds
from tests.files import plan
from tests.test_load import GRANT


def test_is_found_by_its_file_and_takes_every_access(tmp_path: Path) -> None:
    accesses = plan(tmp_path, g=GRANT).grants["street-v7"].accesses
    assert {access.auth for access in accesses} == {"bucket-policy"}
    assert auths()["bucket-policy"].in_storage_policy(accesses) == list(accesses)


def test_the_table_of_auths_names_only_what_there_is() -> None:
    for platform in platforms().values():
        assert set(platform.auth) <= set(kinds())
        assert set(platform.auth.values()) <= set(auths())
