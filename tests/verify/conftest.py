"""Plans that are applied by hand to the sandbox's stores, so that nothing here needs the engine."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from drawbridge import settings
from drawbridge.plan import Plan
from drawbridge.verify import journal
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.show import lit
from drawbridge.verify.subjects import Comes
from drawbridge.verify.verify import Report, Verified, verify
from tests.conftest import Sandbox
from tests.files import plan

STORES = ("aws", "wasabi")
REGIONS = {"aws": "eu-central-1", "wasabi": "eu-central-2", "minio": "eu-de", "obs": "eu-de", "s3": "eu-de"}
Change = Callable[[list[dict[str, Any]]], None]


@dataclass
class World:
    """The sandbox as `verify` sees it; `buckets` are made for one test, and what lies in them is compared."""

    sandbox: Sandbox
    at: Path
    name: str = field(default_factory=lambda: f"verify-{uuid.uuid4().hex[:8]}")

    @property
    def endpoints(self) -> Endpoints:
        """The sandbox's map."""
        return Endpoints.model_validate_json(self.sandbox.folder.endpoints.read_text())

    def s3(self, kind: str) -> Any:
        """The store's administrator."""
        return self.sandbox.s3(kind, REGIONS[kind])

    def client_of(self, key: dict[str, str]) -> Any:
        """S3 on AWS with an access key."""
        return boto3.client(
            "s3",
            endpoint_url=self.endpoints.stores["aws"].endpoint,
            verify=self.endpoints.ca,
            region_name=REGIONS["aws"],
            aws_access_key_id=key["AccessKeyId"],
            aws_secret_access_key=key["SecretAccessKey"],
        )

    def plan(self, kind: str, **grants: str) -> Plan:
        """A plan with the bucket `scans` that all grants are about, and one in which they have nothing to do."""
        more = ", profile: wasabi, tls_only: true" if kind == "wasabi" else ""
        lines = (
            f"{name}: {{kind: {kind}, bucket: {self.name}-{name}, region: {REGIONS[kind]}{more}}}"
            for name in ("scans", "more")
        )
        texts = {name: f"name: {name}\nplatform: v7\nstorage: scans\n{lines}" for name, lines in grants.items()}
        return plan(self.at / kind, "\n".join(lines), **texts)

    def applied(self, kind: str, **grants: str) -> Plan:
        """Such a plan, with its buckets and policies made."""
        return self.apply(self.plan(kind, **grants))

    def apply(self, made: Plan) -> Plan:
        """Makes a plan's buckets and their policies."""
        for planned in made.storages.values():
            kind, bucket = planned.storage.kind, planned.storage.bucket
            place = {"LocationConstraint": REGIONS[kind]}
            self.s3(kind).create_bucket(Bucket=bucket, CreateBucketConfiguration=place)
            self.s3(kind).put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        self.change(made, list)
        return made

    def change(self, made: Plan, change: Change | type[list[Any]]) -> None:
        """Puts the planned policies, those of grants changed by hand."""
        for planned in made.storages.values():
            document = json.loads(json.dumps(planned.documents.policy))
            if document:
                if planned.accesses:
                    change(document["Statement"])
                self.sandbox.put_policy(planned.storage.kind, planned.storage.bucket, document)

    def verify(
        self,
        made: Plan,
        *,
        endpoints: Endpoints | None = None,
        how: Comes | None = None,
        values: Mapping[str, str] | None = None,
    ) -> Report:
        """Verifies all grants of a plan."""
        with journal.opened("prod") as opened:
            return verify(made, list(made.grants), opened, endpoints or self.endpoints, values=values, comes=how)

    def holds(self, made: Plan) -> list[tuple[str, str, str]]:
        """Every version and every delete marker in the plan's buckets: bucket, key, version."""
        found = []
        for planned in made.storages.values():
            answer = self.s3(planned.storage.kind).list_object_versions(Bucket=planned.storage.bucket)
            found += [(planned.storage.bucket, one["Key"], one["VersionId"]) for one in answer.get("Versions", [])]
            found += [(planned.storage.bucket, one["Key"], one["VersionId"]) for one in answer.get("DeleteMarkers", [])]
        return sorted(found)


def colours(found: Verified) -> dict[str, str]:
    """Each light's colour."""
    return {name: colour.value for name, (colour, _) in lit(found).items()}


def of_colour(report: Report, colour: str) -> dict[str, set[str]]:
    """The lights of that colour, by grant."""
    named = {
        one.grant.name: {name for name, shown in colours(one).items() if shown == colour} for one in report.verified
    }
    return {name: found for name, found in named.items() if found}


@pytest.fixture
def world(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The sandbox, for code that runs in this process."""
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, sandbox.env[name])
    monkeypatch.delenv("AWS_CA_BUNDLE", raising=False)
    monkeypatch.setenv("PULUMI_CONFIG", json.dumps({"aws:profile": "sandbox", "aws:region": REGIONS["aws"]}))
    monkeypatch.setattr(settings, "OUT", tmp_path / "out")
    return World(sandbox, tmp_path)
