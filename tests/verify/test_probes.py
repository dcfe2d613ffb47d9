"""Probes: nothing that was there is touched, nothing of ours is left, whenever a run dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from drawbridge.plan import Plan
from drawbridge.verify.endpoints import VARIABLE
from drawbridge.verify.s3 import CONTENT, MARK
from tests.verify.conftest import STORES, World, colours, of_colour

READS = "access: read-only\nprefixes: [studies/]"
WRITES = "access: read-write\nprefixes: [studies/]\nwrite_prefix: darwin/"
THERE = "studies/drawbridge-probe/there"
# Verifies a plan in a process of its own, which kills itself after so many steps.
DYING = """
import os, signal, sys
from pathlib import Path
from drawbridge import settings
from drawbridge.config import Config
from drawbridge.plan import make_plan
from drawbridge.verify import journal
from drawbridge.verify.endpoints import endpoints
from drawbridge.verify.verify import verify

grants, out, steps = sys.argv[1:]
settings.OUT = Path(out)
made = make_plan(Config("stack", Path(grants)))

def told(done, total):
    print(done, total, flush=True)
    if done == int(steps) or done == total + int(steps):
        os.kill(os.getpid(), signal.SIGKILL)

with journal.opened("prod") as opened:
    verify(made, list(made.grants), opened, endpoints(), told)
"""


def die(world: World, made: Plan, steps: int, code: int = -signal.SIGKILL) -> list[str]:
    """Runs it until it has done so many steps; negative ones count from the end."""
    grants = world.at / "aws" / "stack"
    env = os.environ | {VARIABLE: str(world.sandbox.folder.endpoints)}
    command = [sys.executable, "-c", DYING, str(grants), str(world.at / "out"), str(steps)]
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("steps", [1, 3, 12, -12, -1])
def test_a_run_that_is_killed_leaves_no_probe_after_the_next(world: World, steps: int) -> None:
    made = world.applied("aws", writes=WRITES)
    world.s3("aws").put_object(Bucket=f"{world.name}-scans", Key="studies/one.dcm", Body=b"1")
    before = world.holds(made)
    die(world, made, steps)
    path = world.at / "out" / "prod" / ".probes.json"
    assert json.loads(path.read_text())["spots"]
    assert set(world.holds(made)) > set(before) or steps == -1, "it was killed with probes there"
    report = world.verify(made)
    assert [note.split(":")[0] for note in report.notes] == ["Removed what an earlier run left"]
    assert set(colours(report.verified[0]).values()) == {"green"}
    assert world.holds(made) == before
    assert not path.exists()


def test_what_was_left_is_removed_though_its_grant_and_its_storage_are_in_no_file_any_more(world: World) -> None:
    made = world.applied("aws", writes=WRITES)
    die(world, made, 12)
    assert world.holds(made)
    report = world.verify(world.applied("wasabi", reads=READS))
    assert any(f"{world.name}-scans/studies/" in note for note in report.notes)
    assert world.holds(made) == []


def test_a_bucket_that_is_gone_holds_nothing(world: World) -> None:
    made = world.applied("aws", reads=READS)
    die(world, made, 1)
    s3 = world.s3("aws")
    for bucket, key, version in world.holds(made):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)
    for planned in made.storages.values():
        s3.delete_bucket(Bucket=planned.storage.bucket)
    report = world.verify(world.applied("wasabi", reads=READS))
    assert report.problems == []


@pytest.mark.parametrize("kind", STORES)
def test_what_has_a_probes_name_and_is_no_probe_is_not_touched(world: World, kind: str) -> None:
    made, s3 = world.applied(kind, writes=WRITES), world.s3(kind)
    bucket = f"{world.name}-scans"
    for body in (b"old", b"x" * len(CONTENT), b"new"):
        s3.put_object(Bucket=bucket, Key=THERE, Body=body)
    s3.put_object(Bucket=bucket, Key="studies/drawbridge-probe/notes.txt", Body=b"mine")
    s3.put_object(Bucket=bucket, Key="darwin/drawbridge-probe/doomed", Body=b"mine")
    s3.delete_object(Bucket=bucket, Key="darwin/drawbridge-probe/doomed")
    before = world.holds(made)
    report = world.verify(made)
    assert world.holds(made) == before
    assert of_colour(report, "red") == {}
    assert of_colour(report, "grey")["writes"] >= {"read", "write", "overwrite", "delete"}
    (found,) = report.verified
    assert any(f"since {THERE} in {bucket} is no probe of ours" in lit.reason for lit in found.lit)


def test_probes_that_were_left_on_another_machine_are_replaced(world: World) -> None:
    made, s3 = world.applied("aws", reads=READS), world.s3("aws")
    for _ in range(3):
        s3.put_object(Bucket=f"{world.name}-scans", Key=THERE, Body=CONTENT, Metadata=MARK)
    s3.delete_object(Bucket=f"{world.name}-scans", Key=THERE)
    report = world.verify(made)
    assert set(colours(report.verified[0]).values()) == {"green"}
    assert world.holds(made) == []


def test_a_bucket_without_versions(world: World) -> None:
    made, s3 = world.applied("aws", writes=WRITES), world.s3("aws")
    s3.delete_bucket_policy(Bucket=f"{world.name}-scans")
    s3.delete_bucket(Bucket=f"{world.name}-scans")
    s3.create_bucket(Bucket=f"{world.name}-scans", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    world.change(made, list)
    assert set(colours(world.verify(made).verified[0]).values()) == {"green"}
    assert world.holds(made) == []


def test_what_cannot_be_removed_is_told_and_tried_again(world: World) -> None:
    made, s3 = world.applied("aws", reads=READS), world.s3("aws")
    bucket = f"{world.name}-scans"

    def keeps(found: list[dict[str, object]]) -> None:
        objects = f"arn:aws:s3:::{bucket}/*"
        found.append(
            {"Sid": "Keep", "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObjectVersion", "Resource": objects}
        )

    world.change(made, keeps)
    report = world.verify(made)
    assert any(f"there in {bucket} cannot be removed: AccessDenied" in problem for problem in report.problems)
    assert all(problem.endswith("; the next run tries it again") for problem in report.problems)
    assert world.holds(made)
    world.change(made, list)
    assert world.verify(made).problems == []
    assert world.holds(made) == []
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_the_owner_may_not_put_probes(world: World, tmp_path: Path) -> None:
    made = world.applied("aws", reads=READS)
    bucket = f"{world.name}-scans"

    def closed(found: list[dict[str, object]]) -> None:
        objects = f"arn:aws:s3:::{bucket}/*"
        found.append(
            {"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": objects}
        )

    world.change(made, closed)
    report = world.verify(made)
    assert "read" in of_colour(report, "red")["reads"]
    (found,) = report.verified
    assert any(f"no probe can be put into {bucket}: " in str(lit.result) for lit in found.lit)
    assert (report.problems, world.holds(made)) == ([], [])
