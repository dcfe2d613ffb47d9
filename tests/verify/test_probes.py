"""Probes: nothing that was there is touched, nothing of ours is left, whenever a run dies."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from drawbridge.plan import Plan
from drawbridge.storage.s3 import S3Bucket
from drawbridge.verify import journal
from drawbridge.verify import s3 as module
from drawbridge.verify.endpoints import VARIABLE
from drawbridge.verify.identity import Identity
from drawbridge.verify.journal import Journal
from drawbridge.verify.live import Came, Result, Spot, Ways
from drawbridge.verify.s3 import CONTENT, MARK, S3Live
from drawbridge.verify.tries import PROBE, Try
from drawbridge.verify.verify import verify
from tests.verify.conftest import STORES, Change, World, colours, of_colour
from tests.verify.test_verify import lines

READS = "access: read-only\nprefixes: [studies/]"
WRITES = "access: read-write\nprefixes: [studies/]\nwrite_prefix: darwin/"
OTHERS = "0a1b2c3d"  # another run's name
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
    assert [note.split(":")[0] for note in report.notes] == ["Removed what an earlier run left"] or steps == -1
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
def test_what_is_no_probe_is_not_touched(world: World, kind: str) -> None:
    made, s3, bucket = world.applied(kind, writes=WRITES), world.s3(kind), f"{world.name}-scans"
    for key, body in {
        f"studies/{PROBE}/{OTHERS}/there": b"x" * len(CONTENT),  # no more than its name and its size
        f"studies/{PROBE}/{OTHERS}/notes.txt": CONTENT,
        f"studies/{PROBE}/there": CONTENT,
        f"{PROBE}/{OTHERS}/doomed": b"mine",
        "darwin/thumbnail.png": b"mine",
    }.items():
        s3.put_object(Bucket=bucket, Key=key, Body=body)
    s3.delete_object(Bucket=bucket, Key=f"{PROBE}/{OTHERS}/doomed")
    s3.delete_object(Bucket=bucket, Key=f"darwin/{PROBE}/{OTHERS}/new")  # a delete marker alone
    before = world.holds(made)
    report = world.verify(made)
    assert world.holds(made) == before
    assert set(colours(report.verified[0]).values()) == {"green"}


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    """As if it were so many days later."""
    monkeypatch.setattr(module, "OLD", timedelta(days=-days))


def test_what_another_machine_left_is_removed_once_it_is_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, s3, key = world.applied("aws", reads=READS), world.s3("aws"), f"studies/{PROBE}/{OTHERS}/there"
    for _ in range(3):
        s3.put_object(Bucket=f"{world.name}-scans", Key=key, Body=CONTENT, Metadata=MARK)
    s3.delete_object(Bucket=f"{world.name}-scans", Key=key)
    before = world.holds(made)
    assert set(colours(world.verify(made).verified[0]).values()) == {"green"}
    assert world.holds(made) == before, "that run may go on still"
    later(monkeypatch, 1)
    assert set(colours(world.verify(made).verified[0]).values()) == {"green"}
    assert world.holds(made) == []


def test_a_store_that_tells_no_hash_is_asked_for_the_mark(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a KMS key."""
    monkeypatch.setattr(module, "HASH", "0")
    made, s3, bucket = world.applied("aws", reads=READS), world.s3("aws"), f"{world.name}-scans"
    s3.put_object(Bucket=bucket, Key=f"studies/{PROBE}/{OTHERS}/there", Body=CONTENT)
    before = world.holds(made)
    later(monkeypatch, 1)
    world.verify(made)
    assert world.holds(made) == before, "all but what has no mark"


def test_two_runs_at_once_do_not_disturb_each_other(world: World) -> None:
    made = world.applied("aws", reads=READS)
    world.change(made, lambda found: found[0].update(Principal="*", Resource=f"arn:aws:s3:::{world.name}-scans/*"))
    journals = [Journal(world.at / f"{number}.json") for number in range(4)]
    with ThreadPoolExecutor(4) as pool:
        reports = list(pool.map(lambda journal: verify(made, ["reads"], journal, world.endpoints), journals))
    for report in reports:
        assert of_colour(report, "red") == {"reads": {"nobody", "beside", "outside", "policy"}}
        assert report.problems == []
    assert world.holds(made) == []


class Door(S3Live):
    """A bucket to which something happens while it is verified."""

    def __init__(self, live: S3Live, happens: Callable[[Try], object]) -> None:
        super().__init__(live.store, live.bucket)
        self._happens = happens

    def attempt(self, identity: Identity, one: Try, ways: Ways) -> Result:
        self._happens(one)
        return super().attempt(identity, one, ways)


def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Callable[[Try], object]) -> None:
    """Something happens before each try."""
    real = S3Bucket.live
    monkeypatch.setattr(S3Bucket, "live", lambda storage: Door(real(storage), happens))  # type: ignore[arg-type]


def test_a_refusal_to_read_what_is_gone_is_no_denial(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, s3 = world.applied("aws", reads=READS), world.s3("aws")
    world.change(made, lambda found: found[0].update(Principal="*"))

    def lifecycle(one: Try) -> None:
        if one.probes and one.check == "read":
            s3.delete_object(Bucket=one.target.bucket, Key=one.at)
            for found in s3.list_object_versions(Bucket=one.target.bucket, Prefix=one.at).get("Versions", []):
                s3.delete_object(Bucket=one.target.bucket, Key=one.at, VersionId=found["VersionId"])

    meanwhile(monkeypatch, lifecycle)
    report = world.verify(made)
    assert of_colour(report, "red")["reads"] >= {"read", "nobody", "beside", "outside"}
    assert any("the probe was gone when the run ended" in line for line in lines(report))
    for bucket, key, version in world.holds(made):
        s3.delete_object(Bucket=bucket, Key=key, VersionId=version)


def test_a_version_of_somebody_elses_under_a_probes_name_stays_and_ours_goes(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, s3 = world.applied("aws", reads=READS), world.s3("aws")
    once: set[str] = set()

    def intrude(one: Try) -> None:
        if one.probes and one.light == "read" and str(one.at) not in once:
            once.add(str(one.at))
            s3.put_object(Bucket=one.target.bucket, Key=one.at, Body=b"theirs")

    meanwhile(monkeypatch, intrude)
    report = world.verify(made)
    assert "read" in of_colour(report, "red")["reads"], "what came back is not what was put"
    ((bucket, key, version),) = world.holds(made)
    assert s3.get_object(Bucket=bucket, Key=key, VersionId=version)["Body"].read() == b"theirs"


def test_a_write_without_an_answer_is_looked_for_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, s3, late = world.applied("aws", writes=WRITES), world.s3("aws"), []
    real = S3Live.attempt

    def attempt(live: S3Live, identity: Identity, one: Try, ways: Ways) -> Result:
        if one.light == "write" and one.expected:
            late.append(one)
            return Result(Came.FAILED, code="ReadTimeoutError")
        return real(live, identity, one, ways)

    monkeypatch.setattr(S3Live, "attempt", attempt)
    report = world.verify(made)
    assert "What was written had no answer, and may come late: the next run looks for it." in report.notes
    (one,) = late
    s3.put_object(Bucket=one.target.bucket, Key=one.at, Body=CONTENT, Metadata=MARK)
    monkeypatch.undo()
    assert world.holds(made)


@pytest.mark.parametrize(
    "spot",
    [
        {"kind": "zzz"},
        {"connection": "no JSON"},
        {"connection": "[]"},
        {"connection": '{"kind": "aws"}'},
        {"connection": '{"kind": "wasabi", "region": "x", "profile": "nobody"}'},
    ],
)
def test_a_journal_that_leads_nowhere_is_told_and_stops_nothing(world: World, spot: dict[str, str]) -> None:
    made = world.applied("aws", reads=READS)
    with journal.opened("prod") as opened:
        kept = {"kind": "wasabi", "connection": "{}", "bucket": "b", "probes": f"{PROBE}/{OTHERS}/", **spot}
        opened.add([Spot(**kept)])
    report = world.verify(made)
    assert set(colours(report.verified[0]).values()) == {"green"}
    (problem,) = report.problems
    assert problem.startswith(f"the probes in b/{PROBE}/{OTHERS}/ may still be there: ")
    assert problem.endswith(".probes.json)")


def test_a_bucket_that_keeps_what_is_put_into_it_gets_no_probe(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made, s3, bucket = world.plan("aws", reads=READS), world.s3("aws"), f"{world.name}-scans"
    place = {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place, ObjectLockEnabledForBucket=True)
    rule = {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}
    s3.put_object_lock_configuration(
        Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": rule}
    )
    s3.create_bucket(Bucket=f"{world.name}-more", CreateBucketConfiguration=place)
    world.change(made, list)
    report = world.verify(made)
    assert of_colour(report, "red") == {}
    assert of_colour(report, "grey")["reads"] >= {"read", "nobody"}
    assert world.holds(made) == []
    assert any(
        f"{bucket} keeps what is put into it (Object Lock), so no probe is" in lit.reason
        for lit in report.verified[0].lit
    )


def test_a_bucket_without_versions(world: World) -> None:
    made, s3 = world.applied("aws", writes=WRITES), world.s3("aws")
    s3.delete_bucket_policy(Bucket=f"{world.name}-scans")
    s3.delete_bucket(Bucket=f"{world.name}-scans")
    s3.create_bucket(Bucket=f"{world.name}-scans", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    world.change(made, list)
    assert set(colours(world.verify(made).verified[0]).values()) == {"green"}
    assert world.holds(made) == []


def denied(bucket: str, action: str) -> Change:
    """Nobody may do it there, its owner included."""

    def change(found: list[dict[str, object]]) -> None:
        objects = f"arn:aws:s3:::{bucket}/*"
        found.append({"Sid": "Denied", "Effect": "Deny", "Principal": "*", "Action": action, "Resource": objects})

    return change


def test_what_cannot_be_removed_is_told_and_tried_again(world: World) -> None:
    made, s3 = world.applied("aws", reads=READS), world.s3("aws")
    bucket = f"{world.name}-scans"

    world.change(made, denied(bucket, "s3:DeleteObjectVersion"))
    report = world.verify(made)
    assert any(f" in {bucket} cannot be removed: AccessDenied" in problem for problem in report.problems)
    assert all("may still be there: " in problem for problem in report.problems)
    assert world.holds(made)
    world.change(made, list)
    assert world.verify(made).problems == []
    assert world.holds(made) == []
    assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_the_owner_may_not_put_probes(world: World, tmp_path: Path) -> None:
    made = world.applied("aws", reads=READS)
    bucket = f"{world.name}-scans"

    world.change(made, denied(bucket, "s3:PutObject"))
    report = world.verify(made)
    assert of_colour(report, "red") == {}
    assert of_colour(report, "grey")["reads"] >= {"read", "write", "nobody"}
    (problem,) = report.problems
    assert problem.startswith(f"no probe can be put into {bucket}: ")
    assert "AccessDenied" in problem
    assert world.holds(made) == []
