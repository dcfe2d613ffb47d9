"""Two stacks write one policy at the same moment: all that both want is there at the end, or what is missing is said."""

from __future__ import annotations

import json
import multiprocessing
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from drawbridge.documents import same
from drawbridge.resources.base import Failed
from drawbridge.resources.statements import StatementOperations
from drawbridge.resources.store import store
from tests.resources.conftest import CONNECTIONS

ROUNDS = 50
APART = 0.1  # seconds between two rounds; both writers begin each at the same moment


def statement(bucket: str, sid: str) -> dict[str, Any]:
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"},
        "Action": "s3:GetObject",
        "Resource": f"arn:aws:s3:::{bucket}/*",
    }


def write(kind: str, buckets: list[str], suffix: str, begin: float, *, remove: bool) -> list[str]:
    """One stack's work on all buckets; returns the buckets of which it reports something missing."""
    operations = StatementOperations()

    def one(number: int) -> str:
        bucket = buckets[number]
        parts = [statement(bucket, f"Darwin{word}{suffix}") for word in ("Access", "Write")]
        props = {"connection": CONNECTIONS[kind], "bucket": bucket, "parts": parts, "document_id": ""}
        time.sleep(max(0.0, begin + number * APART - time.time()))
        try:
            operations.delete("id", props) if remove else operations.create(props)
        except Failed:
            return bucket
        return ""

    with ThreadPoolExecutor(len(buckets)) as pool:
        return [bucket for bucket in pool.map(one, range(len(buckets))) if bucket]


def work(kind: str, buckets: list[str], suffix: str, started: Any, remove: bool, answer: Any) -> None:
    """The same in a process of its own, as two Pulumi runs are, once both have started."""
    store(CONNECTIONS[kind])
    started.wait()
    answer.send(write(kind, buckets, suffix, time.time() + APART, remove=remove))


def side_by_side(kind: str, buckets: list[str], *, remove: bool) -> set[str]:
    """Both stacks at once; the buckets of which one of them reports something missing."""
    spawn = multiprocessing.get_context("spawn")
    both, started = spawn.Barrier(2), []
    for suffix in ("Blue", "Green"):
        here, there = spawn.Pipe()
        process = spawn.Process(target=work, args=(kind, buckets, suffix, both, remove, there))
        process.start()
        started.append((process, here))
    reported = {bucket for _, here in started for bucket in here.recv()}
    for process, _ in started:
        process.join()
        assert process.exitcode == 0
    return reported


def test_fifty_times(kind: str, s3: Any, name: str) -> None:
    assert "AWS_CONFIG_FILE" in os.environ, "the processes inherit the sandbox's profiles"
    buckets = [f"{name}-{number}" for number in range(ROUNDS)]
    theirs = {"Version": "2012-10-17", "Id": "Theirs"}
    for bucket in buckets:
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": CONNECTIONS[kind]["region"]})
        document = {**theirs, "Statement": [statement(bucket, "Auditors"), statement(bucket, "Partner")]}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(document))

    def live(bucket: str) -> dict[str, Any]:
        return dict(json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"]))

    reported = side_by_side(kind, buckets, remove=False)
    both = {"DarwinAccessBlue", "DarwinWriteBlue", "DarwinAccessGreen", "DarwinWriteGreen"}
    lost = {b for b in buckets if {part["Sid"] for part in live(b)["Statement"]} != {"Auditors", "Partner", *both}}
    assert lost <= reported, "lost in silence"

    reported |= side_by_side(kind, buckets, remove=True)
    for bucket in set(buckets) - reported:
        document = {**theirs, "Statement": [statement(bucket, "Auditors"), statement(bucket, "Partner")]}
        assert same(live(bucket), document)
    assert len(reported) < ROUNDS / 2, "most of them end well"
