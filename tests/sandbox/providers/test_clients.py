"""The stand-in's clients, for which threads ask at the same moment."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import boto3
import pytest

from sandbox.providers.aws.provider import Cloud


def test_threads_share_one_client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config").write_text("[profile p]\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    make = boto3.Session

    def slowly(**given: str) -> boto3.Session:
        time.sleep(0.05)
        return make(**given)

    monkeypatch.setattr(boto3, "Session", slowly)
    cloud = Cloud("p", "eu-central-1")
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: cloud.client("s3"), range(8)))
    assert len({id(client) for client in found}) == 1
    assert cloud.s3("eu-central-1") is found[0]
    assert cloud.s3("us-east-1").meta.region_name == "us-east-1"
