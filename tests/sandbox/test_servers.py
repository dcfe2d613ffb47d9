"""The sandbox's servers: side by side with another clone's, made anew after a reboot, and nobody else's process."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from drawbridge.config import Config
from drawbridge.documents import same
from drawbridge.plan import make_plan
from sandbox import raise_stack, servers
from sandbox.folder import ROOT, Folder
from tests.conftest import Sandbox
from tests.program.stacks import SEED, entry, sids
from tools.progress import CommandFailed


@pytest.fixture
def bystander() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield process
    process.kill()
    process.wait()


def pid_file(folder: Folder, pid: int, started: float) -> None:
    folder.prepare()
    about = {"name": "aws", "pid": pid, "started": started, "port": 1, "plain_port": 2, "instance": "x"}
    folder.server("aws").write_text(json.dumps(about))


def raised_as_planned(sandbox: Sandbox) -> None:
    """The example grants are live on all stores as the plan says; on Wasabi the policy is V7's own."""
    plan = make_plan(Config("sandbox", sandbox.folder.root / "grants" / "sandbox"))
    for planned in [one for one in plan.storages.values() if one.documents.policy]:
        live = sandbox.policy(planned.storage.name, planned.storage.bucket)
        assert same(live, planned.documents.policy)
    rules = sandbox.s3("aws").get_bucket_cors(Bucket="street-imagery")["CORSRules"]
    assert same(rules, plan.storages["street"].documents.cors)
    live = sandbox.policy("wasabi", "radiology-scans")
    assert (live["Id"], live["Version"]) == (SEED["Id"], SEED["Version"])
    assert [part for part in live["Statement"] if part["Sid"] == "DarwinAccess"] == SEED["Statement"]
    assert sids(live) == ["DarwinAccess", "DrawbridgeTlsOnly"]
    for store, bucket in (("minio", "lab-microscopy"), ("obs", "traffic-cameras"), ("s3", "drone-surveys")):
        found = sandbox.s3(store).list_objects_v2(Bucket=bucket)["Contents"]
        assert "lightly/" in [one["Key"] for one in found]
    traffic = sandbox.s3("obs").get_bucket_location(Bucket="traffic-cameras")
    assert traffic["LocationConstraint"] == "eu-de"


def test_down_up_makes_the_sandbox_anew_and_says_so_beside_another_clone(
    sandbox: Sandbox, second_sandbox: Sandbox
) -> None:
    root = second_sandbox.folder.root
    first = second_sandbox.run("python", "-m", "sandbox", "up", cwd=root)
    assert "73 created" in first
    assert "made: key 1 of drones-lightly, key 1 of traffic-lightly-input, key 1 of traffic-lightly-lightly." in first
    assert "anew" not in first
    raised_as_planned(second_sandbox)
    found = [servers.find(clone.folder, kind.name) for clone in (sandbox, second_sandbox) for kind in servers.KINDS]
    ports = {running.port for running in found if running}
    assert len(ports) == 6

    assert "Stopped: aws, wasabi, compatible." in second_sandbox.run("python", "-m", "sandbox", "down", cwd=root)
    assert "Nothing was running." in second_sandbox.run("python", "-m", "sandbox", "down", cwd=root)
    assert servers.find(sandbox.folder, "aws"), "the other clone's servers go on"

    said = second_sandbox.run("python", "-m", "sandbox", "up", cwd=root)
    assert "servers were started anew since this stack was raised: what they lost is raised again." in said
    assert "56 created" in said, "all but the stack itself and what lives in its state alone"
    assert "made: key 1 of drones-lightly, " in said
    raised_as_planned(second_sandbox)

    said = second_sandbox.run("drawbridge", "verify")
    assert "10 grants verified, nothing red, 4 grey." in said
    assert said.count("what it may is tried, but the policy itself is not compared") == 4, "on MinIO, OBS and S3"
    assert {lamp for lamp in "●◐○✖" if lamp in said} == {"●", "◐", "○"}, "one grant accepts the whole bucket"

    said = second_sandbox.run("python", "-m", "sandbox", "up", cwd=root)
    assert "anew" not in said
    assert "As the owner" not in said
    assert "73 unchanged" in said
    assert "created" not in said
    assert "role external_s3 of account 258327614892 may write under darwin/ in street (aws" in said
    assert "settings: out/sandbox/street-v7/" in said
    second_sandbox.run("pulumi", "preview", "--expect-no-changes", "--stack", "sandbox")


def test_a_first_up_that_was_not_ours_to_see_is_raised_again_too(second_sandbox: Sandbox) -> None:
    root = second_sandbox.folder.root
    shutil.rmtree(root / "grants" / "sandbox")
    (root / "grants" / "sandbox").mkdir()
    (root / "grants" / "sandbox" / "storage.yaml").write_text(entry("aws", "by-hand"))
    second_sandbox.run("python", "-m", "sandbox", "run", "pulumi", "up", "--yes", "--skip-preview", cwd=root)
    second_sandbox.run("python", "-m", "sandbox", "down", cwd=root)
    said = second_sandbox.run("python", "-m", "sandbox", "run", "true", cwd=root)
    assert (
        "Nothing was raised on the sandbox's servers aws and wasabi and compatible since they started; make up does it."
        in said
    )
    said = second_sandbox.run("python", "-m", "sandbox", "up", cwd=root)
    assert "8 created" in said
    assert "anew" not in said, "no `up` of ours is known"
    assert 'make run CMD="pulumi preview --refresh --diff --stack sandbox" looks for' in said
    assert "Nothing was raised" not in second_sandbox.run("python", "-m", "sandbox", "run", "true", cwd=root)


def test_another_stack_that_was_raised_is_enough_and_stays_selected(second_sandbox: Sandbox) -> None:
    root = second_sandbox.folder.root
    (root / "grants" / "mine").mkdir()
    (root / "grants" / "mine" / "storage.yaml").write_text("scans: {kind: aws, bucket: x, region: nowhere}")
    said = second_sandbox.run("python", "-m", "sandbox", "up", "--stack", "mine", cwd=root, code=None)
    assert "scans.region: must be one of" in said
    (root / "grants" / "mine" / "storage.yaml").write_text("")
    said = second_sandbox.run("python", "-m", "sandbox", "up", "--stack", "mine", cwd=root)
    assert "anew" not in said, "the first one failed on these servers"
    assert '--stack mine" looks for' in said
    said = second_sandbox.run("python", "-m", "sandbox", "run", "pulumi", "stack", "--show-name", cwd=root)
    assert said == "mine\n"


@pytest.mark.parametrize(
    ("stack", "said"),
    [
        ("prod", "grants/prod/ does not exist, and so no stack prod; there are: mine, sandbox"),
        ("grants/mine", "'grants/mine' is no name of a stack, which is that of a folder of grants/; there are: mine, sandbox"),
        (".", "'.' is no name of a stack, "),
        ("..", "'..' is no name of a stack, "),
        ("", "'' is no name of a stack, "),
        ("*", "'*' is no name of a stack, "),
        ("-x", "'-x' is no name of a stack, "),
        ("mine\n", "'mine\\n' is no name of a stack, "),
        ("mine", ""),
    ],
)  # fmt: skip
def test_a_stack_without_a_folder_is_told(tmp_path: Path, stack: str, said: str) -> None:
    for name in ("sandbox", "mine"):
        (tmp_path / "grants" / name).mkdir(parents=True)
    found = raise_stack.unknown(Folder(tmp_path), stack)
    assert found.startswith(said)
    assert bool(found) == bool(said)


def test_a_stack_without_a_folder_is_not_made(second_sandbox: Sandbox) -> None:
    root = second_sandbox.folder.root
    said = second_sandbox.run("python", "-m", "sandbox", "up", "--stack", "nowhere", cwd=root, code=1)
    assert said == "grants/nowhere/ does not exist, and so no stack nowhere; there are: sandbox\n"
    assert not raise_stack.any_exists(second_sandbox.folder)


def test_which_servers_nothing_was_raised_on(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    now = {"aws": "2", "wasabi": "1"}
    assert raise_stack.unused(folder, now) == ["aws", "wasabi"]
    folder.raised("mine").write_text(json.dumps({"aws": "1", "wasabi": "1"}))
    assert raise_stack.unused(folder, now) == ["aws"]
    folder.raised("sandbox").write_text(json.dumps({"aws": "2", "wasabi": "0"}))
    assert raise_stack.unused(folder, now) == []


def test_a_killed_server_is_started_again_and_the_other_one_goes_on(second_sandbox: Sandbox) -> None:
    before = raise_stack.ready(second_sandbox.folder)
    running = servers.find(second_sandbox.folder, "aws")
    assert running
    psutil.Process(running.pid).kill()
    psutil.Process(running.pid).wait(10)
    after = raise_stack.ready(second_sandbox.folder)
    assert after["aws"] != before["aws"]
    assert after["wasabi"] == before["wasabi"]


def test_a_log_keeps_no_secrets(sandbox: Sandbox) -> None:
    url = sandbox.s3("aws").generate_presigned_url("get_object", {"Bucket": "logged", "Key": "a"})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        urllib.request.urlopen(url, context=ssl.create_default_context(cafile=str(sandbox.folder.ca)))
    running = servers.find(sandbox.folder, "aws")
    assert running
    with socket.create_connection(("127.0.0.1", running.plain_port)) as connection:
        connection.sendall(b"GET /logged/b?X-Amz-Signature=1 x HTTP/1.1\r\n\r\n")
        connection.recv(1000)
    log = sandbox.folder.log("aws")
    assert "'GET /logged/a' 404" in log.read_text()
    assert "X-Amz" not in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_pid_that_now_belongs_to_another_process_is_left_alone(
    tmp_path: Path, bystander: subprocess.Popen[bytes]
) -> None:
    started = psutil.Process(bystander.pid).create_time()
    for given in (started - 100, started, started + 100):
        pid_file(Folder(tmp_path), bystander.pid, given)
        assert servers.find(Folder(tmp_path), "aws") is None
        assert servers.stop(Folder(tmp_path)) == []
        assert bystander.poll() is None


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"pid": "x"}'])
def test_a_broken_pid_file_is_no_server(tmp_path: Path, text: str) -> None:
    Folder(tmp_path).prepare()
    Folder(tmp_path).server("aws").write_text(text)
    assert servers.find(Folder(tmp_path), "aws") is None


def test_a_server_that_cannot_start_says_why(tmp_path: Path) -> None:
    folder = Folder(tmp_path)
    folder.prepare()
    (tmp_path / "sandbox").symlink_to(ROOT / "sandbox")
    folder.certificate.write_text("no certificate")
    with pytest.raises(servers.NotStarted, match=r"the server aws did not start:\n(.|\n)*ssl"):
        servers.start(folder, {"PATH": "/usr/bin:/bin"}, ["no-judge"])


def test_without_a_judge_no_server_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise CommandFailed("npm is out of reach")

    monkeypatch.setattr(raise_stack, "install", fail)
    folder = Folder(tmp_path)
    with pytest.raises(servers.NotStarted, match=r"with the judge, which cannot be installed:\nnpm is out of reach"):
        raise_stack.ready(folder)
    assert servers.find(folder, "aws") is None


def test_servers_speak_https_under_the_sandboxs_authority_alone(sandbox: Sandbox) -> None:
    for kind in servers.KINDS:
        running = servers.find(sandbox.folder, kind.name)
        assert running
        trusting = ssl.create_default_context(cafile=str(sandbox.folder.ca))
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(running.url, context=trusting)
        with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
            urllib.request.urlopen(running.url, context=ssl.create_default_context())


def test_the_stores_of_two_servers_are_two_accounts_and_two_worlds(sandbox: Sandbox) -> None:
    sandbox.s3("aws").create_bucket(
        Bucket="only-on-aws", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    assert "only-on-aws" not in [entry["Name"] for entry in sandbox.s3("wasabi").list_buckets()["Buckets"]]
