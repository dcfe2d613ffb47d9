"""How long verifying takes in the sandbox: 50 grants, each on a bucket of its own, against 10; less than 5 times."""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
import uuid
from pathlib import Path

import boto3
from rich.console import Console

from drawbridge.config import Config
from drawbridge.plan import Plan, make_plan
from drawbridge.terminal import progress
from drawbridge.verify import journal
from drawbridge.verify.endpoints import endpoints
from drawbridge.verify.verify import verify
from sandbox import raise_stack
from sandbox.environment import environment
from sandbox.folder import Folder

REGION, MOST = "eu-central-1", 5.0


def main() -> int:
    """Prints both times and their ratio; 1 where it is too high."""
    folder = Folder()
    raise_stack.ready(folder)
    wanted = environment(folder)  # without what the shell carries of other clouds
    os.environ.clear()
    os.environ.update(wanted, PULUMI_CONFIG=json.dumps({"aws:profile": "sandbox", "aws:region": REGION}))
    with tempfile.TemporaryDirectory() as at:
        plans = {count: _applied(Path(at) / str(count), count) for count in (1, 10, 50)}
        taken: dict[int, float] = {}
        for count, plan in plans.items():  # the first warms up
            start = time.perf_counter()
            with journal.opened("bench") as opened, progress(Console(stderr=True), f"Verifying {count}") as told:
                report = verify(plan, list(plan.grants), opened, endpoints(), told)
            taken[count] = time.perf_counter() - start
            red = [lit.reason for one in report.verified for lit in one.red]
            if red or report.problems:
                sys.exit("\n".join([*red, *report.problems]))
            tries = sum(len(one.lit) for one in report.verified)
            sys.stdout.write(f"verify {count:3} grants  {taken[count]:6.2f} s  {tries} tries\n")
    ratio = taken[50] / taken[10]
    sys.stdout.write(f"50 grants take {ratio:.1f} times as long as 10; at most {MOST:g}\n")
    return 1 if ratio >= MOST else 0


def _applied(at: Path, count: int) -> Plan:
    """A plan with its buckets and policies made by hand."""
    at.mkdir()
    some = uuid.uuid4().hex[:8]
    names = [f"bench-{some}-{number}" for number in range(count)]
    (at / "storage.yaml").write_text(
        "\n".join(f"s{number}: {{kind: aws, bucket: {name}, region: {REGION}}}" for number, name in enumerate(names))
    )
    for number, name in enumerate(names):
        (at / f"g{number}.yaml").write_text(
            f"name: g{number}\nplatform: v7\nstorage: s{number}\naccess: read-write\nprefixes: [scans/]\n"
            f"write_prefix: darwin/\nintegration: {name}\n"
        )
    plan = make_plan(Config("bench", at))
    s3 = boto3.Session(profile_name="sandbox").client("s3")
    for planned in plan.storages.values():
        bucket = planned.storage.bucket
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(planned.documents.policy))
    return plan


if __name__ == "__main__":
    sys.exit(main())
