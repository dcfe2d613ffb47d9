"""Lightly's settings: payloads that its own client takes and would send itself, and the sheet for the operator."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from drawbridge.platforms.lightly import REGIONS
from drawbridge.platforms.lightly_grant import DATASET
from drawbridge.platforms.lightly_settings import SCRIPT, SHEET, Local, Source
from tests.clients.environment import LIGHTLY_LOCK, lightly
from tests.files import plan, problems
from tests.platforms.lightly_grants import (
    ACCESS,
    BOTH_ON_AWS,
    DELEGATED,
    EXTERNAL_ID,
    KEY,
    KEYS,
    LOCAL,
    OBS,
    ROLE,
    SECRET,
    handed_over,
)

GRANTS: dict[str, Mapping[str, Source | Local]] = {
    "delegated": DELEGATED,
    "keys": KEYS,
    "both": BOTH_ON_AWS,
    "obs": OBS,
    "local": LOCAL,
}
PURPOSES = {"input": "INPUT", "lightly": "LIGHTLY"}
THUMBNAILS = ".lightly/thumbnails/[filename]_thumb.[extension]"
NAMES = ["abc", "A b_c-1", "0ab", "ab", "a", "", " abc", "-abc", "_abc", "ab.c", "aü-c", "a/b", "x" * 200]

# Run by the Python that has Lightly's client: what its models make of each payload, and what its setters send.
IN_THE_CLIENT = """
import json, os, sys
os.environ["LIGHTLY_DID_VERSION_CHECK"] = "True"
from lightly.api.api_workflow_datasources import _DatasourcesMixin
from lightly.openapi_generated.swagger_client import models

payloads, names = json.load(sys.stdin)
sent = []

class Api:
    def update_datasource_by_dataset_id(self, datasource_config, dataset_id):
        sent.append(datasource_config.actual_instance.to_dict(by_alias=True))

class Client(_DatasourcesMixin):
    _datasources_api, dataset_id = Api(), "0" * 24

SETTERS = {
    "S3DelegatedAccess": ("set_s3_delegated_access_config", ["fullPath", "s3Region", "s3ARN", "s3ExternalId"]),
    "S3": ("set_s3_config", ["fullPath", "s3Region", "s3AccessKeyId", "s3SecretAccessKey"]),
    "OBS": ("set_obs_config", ["fullPath", "obsEndpoint", "obsAccessKeyId", "obsSecretAccessKey"]),
    "LOCAL": ("set_local_config", ["fullPath", "webServerLocation"]),
}

def taken(load, given):
    try:
        return load(given)
    except ValueError:
        return None

found = []
for payload in payloads:
    model = getattr(models, "DatasourceConfig" + payload["type"])
    setter, fields = SETTERS[payload["type"]]
    getattr(Client(), setter)(*(payload[field] for field in fields), purpose=payload["purpose"])
    found.append({
        "loaded": model.from_dict(payload).to_dict(by_alias=True),
        "with more": taken(model.from_dict, {**payload, "more": 1}),
        "with less": [name for name in payload if taken(model.from_dict, {**payload, name: None})],
        "sent": sent.pop(),
    })
json.dump({
    "payloads": found,
    "names": [name for name in names if taken(lambda name: models.DatasetCreateRequest(name=name), name)],
    "regions": [one.value for one in models.S3Region],
    "types": [one.value for one in models.DatasetType],
}, sys.stdout)
"""


@cache
def client() -> Any:
    """What Lightly's client says of everything here; it starts once."""
    given = json.dumps([[payload(*which) for which in WHICH], NAMES])
    done = subprocess.run([str(lightly()), "-c", IN_THE_CLIENT], input=given, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def payload(grant: str, use: str) -> dict[str, Any]:
    return dict(json.loads(handed_over(GRANTS[grant])[f"lightly-{use}.json"]))


WHICH = [(grant, use) for grant in GRANTS for use in PURPOSES]
EACH = pytest.mark.parametrize(("grant", "use"), WHICH)


@EACH
def test_lightlys_own_models_take_each_payload(grant: str, use: str) -> None:
    found = client()["payloads"][WHICH.index((grant, use))]
    assert found["loaded"] == payload(grant, use)
    assert found["with more"] is None, "so nothing in it is ignored"
    optional = {"thumbSuffix", "webServerLocation", "s3ServerSideEncryptionKMSKey"}
    assert set(found["with less"]) == optional & payload(grant, use).keys()


@EACH
def test_lightlys_setters_would_send_the_same(grant: str, use: str) -> None:
    ours = payload(grant, use)
    ours.pop("s3ServerSideEncryptionKMSKey", None)  # which no setter knows
    assert client()["payloads"][WHICH.index((grant, use))]["sent"] == ours


def test_the_whole_payloads() -> None:
    base = {"purpose": "INPUT", "thumbSuffix": THUMBNAILS}
    raw = {"fullPath": "s3://street-raw/berlin/", **base, "s3Region": "eu-central-1"}
    wasabi = {"obsEndpoint": "https://s3.eu-central-2.wasabisys.com", "obsAccessKeyId": ACCESS}
    assert payload("delegated", "input") == {
        "type": "S3DelegatedAccess", **raw, "s3ARN": ROLE, "s3ExternalId": EXTERNAL_ID,
    }  # fmt: skip
    assert payload("keys", "input") == {"type": "S3", **raw, "s3AccessKeyId": ACCESS, "s3SecretAccessKey": SECRET}
    assert payload("obs", "input") == {
        "type": "OBS", "fullPath": "obs://street-wasabi/berlin/", **base, **wasabi, "obsSecretAccessKey": SECRET,
    }  # fmt: skip
    assert payload("local", "input") == {
        "type": "LOCAL", "fullPath": "berlin/", **base, "webServerLocation": "http://localhost:3456",
    }  # fmt: skip
    for grant in GRANTS:
        assert {use: payload(grant, use)["purpose"] for use in PURPOSES} == PURPOSES
        key = "s3ServerSideEncryptionKMSKey"
        assert payload(grant, "lightly").get(key) == (KEY if grant in ("delegated", "keys", "both") else None)
        assert key not in payload(grant, "input")


def test_the_names_that_a_grant_may_give_are_those_that_lightly_takes() -> None:
    pattern = f"^{DATASET}$"
    assert client()["names"] == [name for name in NAMES if re.search(pattern, name)]
    assert client()["names"] == ["abc", "A b_c-1", "0ab", "x" * 200]


def test_regions_and_types_are_those_that_lightly_knows() -> None:
    # Lightly's own names for the regions of aws-us-gov are none of AWS.
    assert set(client()["regions"]) - REGIONS == {"us-gov-east", "us-gov-west"}
    assert set(client()["regions"]) > REGIONS
    assert {"Images", "Videos"} < set(client()["types"])


@pytest.mark.parametrize("grant", GRANTS)
def test_the_sheet_holds_no_secret(grant: str) -> None:
    files = handed_over(GRANTS[grant])
    assert sorted(files) == ["lightly-input.json", "lightly-lightly.json", SHEET, SCRIPT]
    for name in (SHEET, SCRIPT):
        assert not any(secret in files[name] for secret in (EXTERNAL_ID, ACCESS, SECRET, ROLE)), name
    for use in PURPOSES:
        for field, value in payload(grant, use).items():
            hidden = value in (EXTERNAL_ID, ACCESS, SECRET, ROLE)
            shown = f"*in `lightly-{use}.json`*" if hidden else f"`{value}`"
            assert f"| {field} | {shown} |" in files[SHEET].splitlines()


def test_the_sheet_says_what_belongs_to_the_grant() -> None:
    sheet, delegated = "slower", "always on"
    found = {grant: handed_over(sources)[SHEET] for grant, sources in GRANTS.items()}
    assert {grant for grant, text in found.items() if sheet in text and delegated in text} == {"delegated", "both"}
    assert {grant for grant, text in found.items() if "7 days" in text} == GRANTS.keys() - {"local"}
    assert not [grant for grant, text in found.items() if "bypass_verify" in text]
    assert "datasource.bypass_verify=True" in handed_over(KEYS, bypass=True)[SHEET]
    serve = "lightly-serve input_mount=/data lightly_mount=/work"
    assert f"```sh\n{serve}\n```" in handed_over(LOCAL, serve=serve)[SHEET]
    for text in found.values():
        assert 'pip install "lightly>=1.4.12,<1.6"' in text
        assert [line for line in text.splitlines() if line.startswith("- `can_")] == [
            "- `can_list`",
            "- `can_read`",
            "- `can_write`",
            "- `can_overwrite`",
        ]
        assert "\n\n\n" not in text


STORAGE = "raw: {kind: aws, bucket: street-raw, region: eu-central-1}"
GRANT = """
    name: street-lightly
    platform: lightly
    input: {storage: raw, prefix: berlin/, auth: assume-role}
    lightly: {storage: raw, prefix: work/, auth: assume-role, list_scope: bucket, delete: false}
    accept: [list-bucket]
    dataset: Street in Berlin
    dataset_type: videos
    """


def test_a_grant_says_name_and_type_of_the_dataset(tmp_path: Path) -> None:
    files = plan(tmp_path, STORAGE, g=GRANT).grants["street-lightly"].settings.files
    assert "DATASET = 'Street in Berlin'\nDATASET_TYPE = 'Videos'\nBYPASS" in re.sub("#.*\n", "", files[SCRIPT])
    assert "# Lightly: dataset Street in Berlin for street-lightly" in files[SHEET]
    assert "(type videos)" in files[SHEET]
    assert "  - input.list_scope: bucket" in files[SHEET], "lightly's is that already"
    assert "  - lightly.delete: true" in files[SHEET]


def test_a_name_that_is_too_short_for_a_dataset_is_refused(tmp_path: Path) -> None:
    short = GRANT.replace("name: street-lightly", "name: sl")
    assert (
        plan(tmp_path, STORAGE, g=short).grants["sl"].settings.hint
        == "Lightly's dataset Street in Berlin: python " + SCRIPT
    )
    without = short.replace("dataset: Street in Berlin", "")
    assert problems(tmp_path, STORAGE, g=without) == [
        "g.yaml:1:7 name: is too short for the dataset's name in Lightly, which has 3 characters at least; add dataset"
    ]


def test_a_type_that_lightly_does_not_know_is_refused(tmp_path: Path) -> None:
    (problem,) = problems(tmp_path, STORAGE, g=GRANT.replace("videos", "crops"))
    assert problem.startswith("g.yaml:7:15 dataset_type: ")
    assert "images" in problem


def test_the_lock_of_the_client_has_hashes_no_registry_and_no_torch() -> None:
    text = LIGHTLY_LOCK.read_text()
    assert "lightly==1.5.26 \\\n    --hash=sha256:" in text
    assert "://" not in text
    assert "torch" not in text
