"""Lightly: whole documents for each form on each store, and that the judge reads them as Lightly's page asks.

`python -m tests.platforms.test_lightly` writes the golden documents anew, to read.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest

from drawbridge.config import Config
from drawbridge.iam import Iam
from drawbridge.plan import Plan, make_plan
from tests.files import folder
from tests.platforms import lightly_forms
from tests.platforms.lightly_forms import AWS, KEYS, RAW, ROLE, WORK

GOLDEN = Path(__file__).parents[1] / "golden" / "lightly"
KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
ENCRYPTED = AWS.replace("region: eu-central-1}", f"region: eu-central-1, kms_key: '{KEY}'}}")
IAM = Iam("/platforms/data/", "acme-", "arn:aws:iam::111122223333:policy/boundary", {"team": "imaging"})
# What only AWS has: the storages, and the settings for IAM. Both datasources are as given.
MORE = {
    "encrypted": (ENCRYPTED, (f"{RAW}, {ROLE}", f"{WORK}, {KEYS}"), Iam()),
    "encrypted without delete": (ENCRYPTED, (f"{RAW}, {KEYS}", f"{WORK}, {ROLE}, delete: false"), Iam()),
    "named and bounded": (AWS, (f"{RAW}, {ROLE}", f"{WORK}, {KEYS}"), IAM),
}
CASES = [*lightly_forms.CASES, *(("aws", form) for form in MORE)]


def made(at: Path, kind: str, form: str) -> Plan:
    """The plan of a form on a kind of store."""
    if form not in MORE:
        return lightly_forms.made(at, form, kind)
    storage, (read, written), iam = MORE[form]
    grant = f"name: street-lightly\nplatform: lightly\ninput: {{{read}}}\nlightly: {{{written}}}\n"
    return make_plan(Config("stack", folder(at / "stack", storage, street=grant), iam=iam))


def golden(kind: str, form: str) -> Path:
    """Where the golden documents of a form lie."""
    return GOLDEN / kind / f"{form.replace(' ', '-')}.json"


def text(found: Plan) -> str:
    """What a form amounts to: every identity with its policies; the storages' own policies name nobody."""
    return json.dumps(found.as_data()["identities"], indent=2) + "\n"


@pytest.mark.parametrize(("kind", "form"), CASES)
def test_the_whole_documents_of_each_form(tmp_path: Path, kind: str, form: str) -> None:
    found = made(tmp_path, kind, form)
    assert text(found) == golden(kind, form).read_text()
    for planned in found.storages.values():
        assert planned.documents.statements == ()
        assert planned.documents.key_grants == ()


def test_no_golden_document_is_left_over() -> None:
    assert sorted(GOLDEN.rglob("*.json")) == sorted(golden(*case) for case in CASES)


if __name__ == "__main__":
    for case in CASES:
        golden(*case).parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as place:
            golden(*case).write_text(text(made(Path(place), *case)))
