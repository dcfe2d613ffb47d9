"""Every dynamic resource: a changed input is refused, another resource, or an update, and an update loses nothing."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

import pytest

from drawbridge import resources
from drawbridge.resources import parts
from drawbridge.resources.base import DynamicResource
from tests.conftest import Sandbox

# A profile that is called otherwise leads to the same store as the same administrator.
AT, RENAMED = (
    {"kind": "minio", "region": "us-east-1", "profile": profile, "endpoint": "https://minio.example.com"}
    for profile in ("minio", "s3")
)
IAM, IAM_RENAMED = ({**one, "iam": "https://iam.example.com"} for one in (AT, RENAMED))
ALLOWED = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
STATEMENT = {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::258327614892:root"}, "Action": "s3:GetObject"}
RULE = {"AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.org"]}
DAYS = {"Status": "Enabled", "Filter": {"Prefix": ""}, "NoncurrentVersionExpiration": {"NoncurrentDays": 9}}


def inputs(name: str) -> dict[str, dict[str, tuple[Any, Any]]]:
    """By class, every input that is kept, with a first value and another one."""
    connection, bucket = {"connection": (AT, RENAMED)}, {"bucket": (name, f"{name}-b")}
    iam, user = {"connection": (IAM, IAM_RENAMED)}, {"user": (name, f"{name}-b")}
    statements = [{**STATEMENT, "Sid": sid, "Resource": f"arn:aws:s3:::{name}/*"} for sid in ("One", "Two")]
    rules, days = ([{**one, "ID": id_} for id_ in ("one", "two")] for one in (RULE, DAYS))
    owned = {
        kind: {**connection, **bucket, "parts": ([found[0]], [found[1]])}
        for kind, found in (("BucketStatements", statements), ("BucketCors", rules), ("BucketLifecycle", days))
    }
    other = ALLOWED.replace("Get", "Put")
    return {
        **owned,
        "BucketStatements": {**owned["BucketStatements"], "document_id": ("", "Ours"), "reserved": ([], ["Three"])},
        "Bucket": {**connection, **bucket, "tags": ({"drawbridge": "p/s"}, {"drawbridge": "p/t"}), "versioning": (True, False)},
        "BucketClaim": {**connection, **bucket, "maker": ("p/s", "p/t"), "adopt": (False, True)},
        "Placeholder": {**connection, **bucket, "folder": ("a/", "b/")},
        "Allowance": {"policy": (ALLOWED, other), "generations": ([1], [1, 2])},
        "ExternalId": {"given": ("given-by-hand-1", "given-by-hand-2")},
        "User": {**iam, **user, "policy": (ALLOWED, other)},
        "AccessKey": {**iam, **user},
        "UserKeys": {**connection, **user, "keys": ([], ["AKIA0123456789ABCDEF"])},
        "MinioClaim": {**connection, "user": user["user"]},
    }  # fmt: skip


def classes() -> dict[str, type[DynamicResource]]:
    """Every dynamic resource, by its class."""
    for module in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}."):
        importlib.import_module(module.name)
    return {one.__name__: one for one in DynamicResource.__subclasses__() if one.__module__.startswith("drawbridge.")}


def test_every_class_is_tried() -> None:
    assert set(classes()) == set(inputs("any"))


@pytest.mark.parametrize("kind", sorted(inputs("any")))
def test_a_change_is_seen_and_an_update_keeps_the_rest(
    kind: str, sandbox: Sandbox, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("MINIO_ENDPOINT", "MINIO_USER", "MINIO_PASSWORD", "MINIO_ENABLE_HTTPS", "MINIO_CACERT_FILE"):
        monkeypatch.setenv(variable, sandbox.env[variable])
    monkeypatch.setattr(parts, "PAUSE", (0, 0))
    operations, known = classes()[kind].operations(), inputs(name)[kind]
    if "bucket" in known and kind != "Bucket":
        sandbox.s3("minio", AT["region"]).create_bucket(Bucket=name)
    if kind == "AccessKey":
        sandbox.client("iam", "minio").create_user(UserName=name)
    props = {key: first for key, (first, _) in known.items()}
    made = operations.create(dict(props))
    outs = dict(made.outs or {})
    for key, (_, other) in known.items():
        news = {**props, key: other}
        if operations.check(outs, dict(news)).failures:
            continue
        diff = operations.diff(made.id, outs, news)
        assert diff.changes is not False, f"{kind}: another {key} is no change"
        if not diff.replaces:
            updated = operations.update(made.id, outs, news).outs or {}
            assert updated.keys() >= outs.keys(), f"{kind}: another {key} loses some of the state"
            assert updated[key] == other
            outs = dict(operations.update(made.id, updated, props).outs or {})
    assert outs.items() >= props.items()
