"""Lifecycle rules on live stores: ours are owned one by one, those of others stay with all they say."""

from __future__ import annotations

from typing import Any

import pytest

from drawbridge.documents import same
from drawbridge.resources.base import Failed
from drawbridge.resources.lifecycle import LifecycleOperations
from tests.resources.conftest import CONNECTIONS

OPERATIONS = LifecycleOperations()
OLD = {
    "ID": "old-versions",
    "Status": "Enabled",
    "Filter": {"Prefix": ""},
    "NoncurrentVersionExpiration": {"NoncurrentDays": 90},
}
THEIRS = {"ID": "theirs", "Status": "Enabled", "Filter": {"Prefix": "tmp/"}, "Expiration": {"Days": 1}}


def properties(kind: str, bucket: str, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"connection": CONNECTIONS[kind], "bucket": bucket, "parts": list(parts)}


def put(s3: Any, bucket: str, *rules: dict[str, Any]) -> None:
    s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": list(rules)})


def live(s3: Any, bucket: str) -> list[dict[str, Any]]:
    return list(s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"])


def test_rules_of_others_stay_when_ours_come_change_and_go(kind: str, s3: Any, bucket: str) -> None:
    put(s3, bucket, THEIRS)
    made = OPERATIONS.create(properties(kind, bucket, OLD))
    assert same(live(s3, bucket), [THEIRS, OLD])
    assert OPERATIONS.read(made.id, dict(made.outs or {})).outs == made.outs
    longer = {**OLD, "NoncurrentVersionExpiration": {"NoncurrentDays": 365}}
    outs = OPERATIONS.update(made.id, dict(made.outs or {}), properties(kind, bucket, longer)).outs or {}
    assert same(live(s3, bucket), [THEIRS, longer])
    OPERATIONS.update(made.id, outs, properties(kind, bucket))
    assert same(live(s3, bucket), [THEIRS])


def test_the_only_rules_leave_no_configuration(kind: str, s3: Any, bucket: str) -> None:
    made = OPERATIONS.create(properties(kind, bucket, OLD))
    OPERATIONS.delete(made.id, dict(made.outs or {}))
    with pytest.raises(s3.exceptions.ClientError, match="NoSuchLifecycleConfiguration"):
        live(s3, bucket)


@pytest.mark.parametrize("changed", [{"Status": "Disabled"}, {"Filter": {"Prefix": "nothing/"}}])
def test_a_rule_that_no_longer_cleans_up_everything_is_drift(
    kind: str, s3: Any, bucket: str, changed: dict[str, Any]
) -> None:
    made = OPERATIONS.create(properties(kind, bucket, OLD))
    put(s3, bucket, {**OLD, **changed})
    found = OPERATIONS.read(made.id, dict(made.outs or {})).outs or {}
    assert OPERATIONS.diff(made.id, found, properties(kind, bucket, OLD)).changes
    OPERATIONS.update(made.id, found, properties(kind, bucket, OLD))
    assert same(live(s3, bucket), [OLD])


def test_dates_of_others_survive(kind: str, s3: Any, bucket: str) -> None:
    dated = {**THEIRS, "Expiration": {"Date": "2031-01-01T00:00:00+00:00"}}
    put(s3, bucket, dated)
    OPERATIONS.create(properties(kind, bucket, OLD))
    found = [rule for rule in live(s3, bucket) if rule["ID"] == "theirs"]
    assert found[0]["Expiration"]["Date"].isoformat().startswith("2031-01-01T00:00:00")


def test_a_rule_in_the_older_form_is_written_in_the_newer_one(kind: str, s3: Any, bucket: str) -> None:
    older = {"ID": "older", "Status": "Enabled", "Prefix": "tmp/", "Expiration": {"Days": 1}}
    put(s3, bucket, older)
    OPERATIONS.create(properties(kind, bucket, OLD))
    (found,) = [rule for rule in live(s3, bucket) if rule["ID"] == "older"]
    assert found["Filter"] == {"Prefix": "tmp/"}
    assert not found.get("Prefix")


def test_other_content_under_our_id_is_refused(kind: str, s3: Any, bucket: str) -> None:
    put(s3, bucket, {**OLD, "NoncurrentVersionExpiration": {"NoncurrentDays": 1}})
    with pytest.raises(Failed, match="ID old-versions is there already, with another content"):
        OPERATIONS.create(properties(kind, bucket, OLD))


def test_what_the_whole_configuration_says_of_sizes_is_sent_again() -> None:
    """Moto keeps no such setting, so this one asks a client that answers as AWS's documentation says."""
    sent: dict[str, Any] = {}

    class Client:
        def get(self, *_: str) -> dict[str, Any]:
            return {"Rules": [THEIRS], "TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}

        def call(self, *_: str, **parameters: Any) -> None:
            sent.update(parameters)

    client: Any = Client()
    document = OPERATIONS.load(client, "b") or {}
    OPERATIONS.save(client, "b", {**document, "Rules": [*document["Rules"], OLD]})
    assert sent == {
        "LifecycleConfiguration": {"Rules": [THEIRS, OLD]},
        "TransitionDefaultMinimumObjectSize": "varies_by_storage_class",
    }
