"""The registration scripts: the API key, where it may go, and how fast requests follow each other."""

from __future__ import annotations

import contextlib
import os
import pty
import subprocess
import types

import pytest

from tests.platforms.v7_api import DATASET, KEY, TEAM, V7, refused
from tests.platforms.v7_scripts import BOTH, EACH, IMAGE, Operator, keys, loaded


@BOTH
@EACH
def test_a_closed_port_is_the_only_failure(operator: Operator, closed: str, client: str, read_only: bool) -> None:
    done = operator.run(client, read_only, [IMAGE] if read_only else ["a/1.png"], v7=closed)
    talk, error = done.err.splitlines()
    assert (done.code, done.out) == (1, "")
    assert talk.startswith("Registering 1 item")
    assert error.startswith(f"{closed} cannot be reached: ")
    assert "refused" in error


@BOTH
@EACH
def test_429_is_tried_again(operator: Operator, v7: V7, client: str, read_only: bool) -> None:
    v7.read_only = read_only
    v7.instead = [refused(429, "RATE_LIMITED", **{"Retry-After": "0"})] * 2
    done = operator.run(client, read_only, [IMAGE] if read_only else ["a/1.png"], v7=v7)
    assert done.code == 0, done.err
    assert len(v7.bodies) == 3
    assert v7.bodies[0] == v7.bodies[1] == v7.bodies[2]
    word = "429: V7 takes no more requests for now; going on in 0 s" if client == "rest" else "Rate limit exceeded."
    assert done.err.count(word) == 2


@BOTH
def test_a_full_storage_is_not_tried_again(operator: Operator, v7: V7, client: str) -> None:
    v7.instead = [refused(429, "INSUFFICIENT_REMAINING_STORAGE")]
    done = operator.run(client, False, keys(1), v7=v7)
    assert (done.code, len(v7.bodies)) == (1, 1)
    assert "INSUFFICIENT_REMAINING_STORAGE" in done.err


@BOTH
def test_a_wrong_key_is_told(operator: Operator, v7: V7, client: str) -> None:
    done = operator.run(client, False, keys(1), v7=v7, key="another-key")
    assert (done.code, done.out) == (1, "")
    assert "401 NOT_AUTHENTICATED: the API key is wrong, or lacks the permission to add data to datasets" in done.err
    assert "another-key" not in done.err


@BOTH
def test_a_key_without_the_permission_is_told(operator: Operator, v7: V7, client: str) -> None:
    v7.instead = [refused(401, "NOT_AUTHENTICATED")]
    done = operator.run(client, False, keys(1), v7=v7)
    assert (done.code, done.out) == (1, "")
    assert "lacks the permission to add data to datasets" in done.err


@BOTH
def test_the_key_is_asked_for_without_showing_it(operator: Operator, v7: V7, client: str) -> None:
    ours, theirs = pty.openpty()
    try:
        command, environment = operator.command(client, False, keys(1)), operator.environment(v7.url, key=None)
        with subprocess.Popen(
            command, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
        ) as process:
            os.close(theirs)
            shown = b""
            while b"V7 API key: " not in shown:
                shown += os.read(ours, 1024)
            os.write(ours, KEY.encode() + b"\n")
            with contextlib.suppress(OSError):  # how Linux tells that the other end was closed
                while more := os.read(ours, 1024):
                    shown += more
        assert process.returncode == 0, shown
    finally:
        os.close(ours)
    assert b"1 of 1 item registered" in shown
    assert KEY.encode() not in shown
    assert not [word for word in v7.commands if KEY in word]


@pytest.mark.parametrize(
    ("key", "error"),
    [
        (None, "V7_API_KEY is not set, and there is no terminal to ask for it"),
        ("with\nnewline", "the API key is empty, or has characters that no API key has"),
        ("ünicode", "the API key is empty, or has characters that no API key has"),
        (" ", "the API key is empty, or has characters that no API key has"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused(operator: Operator, v7: V7, key: str | None, error: str) -> None:
    # A session of its own has no terminal that getpass could find.
    done = subprocess.run(
        operator.command("rest", False, keys(1)),
        env=operator.environment(v7.url, key),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        start_new_session=True,
    )
    assert (done.returncode, done.stderr, v7.requests) == (1, f"{error}\n", [])


@BOTH
@pytest.mark.parametrize("url", ["http://darwin.v7labs.com", "file://localhost/etc", "darwin", "http://[", ""])
def test_the_key_goes_nowhere_without_tls(operator: Operator, client: str, url: str) -> None:
    done = operator.run(client, False, keys(1), v7=url)
    assert done.code == 1
    assert done.err.splitlines()[1:] == [
        f"DARWIN_BASE_URL is {url}; it must begin with https://, since the API key goes there"
    ]


def test_a_redirect_is_not_followed(operator: Operator, v7: V7, closed: str) -> None:
    v7.instead = [(302, {"Location": f"{closed}/elsewhere"}, {})]
    done = operator.run("rest", False, keys(1), v7=v7)
    assert (done.code, len(v7.requests)) == (1, 1)
    assert "302: V7 refused the request" in done.err


@BOTH
def test_no_more_than_100_requests_go_out_in_a_minute(client: str) -> None:
    script = loaded(client, False)
    clock, times, sent = [0.0], [], script.deque()
    sleep = lambda seconds: clock.__setitem__(0, clock[0] + seconds)  # noqa: E731
    script.time = types.SimpleNamespace(monotonic=lambda: clock[0], sleep=sleep)
    for _ in range(350):
        script.pace(sent)
        times.append(clock[0])
        clock[0] += 0.125
    assert all(later - earlier >= 60 for earlier, later in zip(times, times[100:], strict=False))
    assert times[99] == 99 * 0.125, "the first hundred wait for nothing"
    assert times[-1] < 200


@pytest.mark.parametrize(
    ("header", "attempt", "seconds"),
    [
        ("7", 0, 7),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 0, 90),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0, 0),
        (None, 0, 1),
        ("soon", 3, 8),
        ("-1", 9, 60),
    ],
)
def test_how_long_a_429_makes_it_wait(header: str | None, attempt: int, seconds: float) -> None:
    script = loaded("rest", False)
    script.time = types.SimpleNamespace(time=lambda: 10.0)
    assert script.seconds_to_wait(header, attempt) == seconds


def test_429_is_not_tried_forever(v7: V7, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    script = loaded("rest", False)
    monkeypatch.setenv("DARWIN_BASE_URL", v7.url)
    v7.instead = [refused(429, "RATE_LIMITED", **{"Retry-After": "0"})] * 20
    register = script.connect(script.argparse.Namespace(team=TEAM, dataset=DATASET), KEY, [])
    with pytest.raises(script.Failed, match="429: V7 takes no more data or requests"):
        register([])
    assert len(v7.bodies) == script.ATTEMPTS


def test_every_request_is_paced(v7: V7, monkeypatch: pytest.MonkeyPatch) -> None:
    script = loaded("rest", False)
    monkeypatch.setenv("DARWIN_BASE_URL", v7.url)
    slept: list[float] = []
    script.time = types.SimpleNamespace(monotonic=lambda: 0.0, sleep=slept.append)
    script.REQUESTS_A_MINUTE = 2
    v7.instead = [refused(429, "RATE_LIMITED", **{"Retry-After": "0"})]
    register = script.connect(script.argparse.Namespace(team=TEAM, dataset=DATASET), KEY, [])
    register([])
    register([])
    assert slept == [0, 60], "0 s as Retry-After says; then the third request within the minute"
