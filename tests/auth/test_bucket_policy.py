"""`bucket-policy`: every access stands in the storage's own policy."""

from __future__ import annotations

from pathlib import Path

from drawbridge.auth import auths
from drawbridge.auth.interface import PrincipalAuth
from drawbridge.platforms import platforms
from drawbridge.storage import kinds
from tests.files import plan
from tests.test_load import GRANT


def test_is_found_by_its_file_and_takes_every_access(tmp_path: Path) -> None:
    accesses = plan(tmp_path, g=GRANT).grants["street-v7"].accesses
    assert {access.auth for access in accesses} == {"bucket-policy"}
    assert isinstance(auths()["bucket-policy"], PrincipalAuth)


def test_the_table_of_auths_names_only_what_there_is() -> None:
    for platform in platforms().values():
        assert set(platform.auth) <= set(kinds())
        assert {auth for possible in platform.auth.values() for auth in possible} <= set(auths())
