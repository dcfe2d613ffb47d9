"""A judge that takes too long holds nobody else up: the request is told to come again, and a new judge decides."""

from __future__ import annotations

import sys
import textwrap
from pathlib import Path

import pytest
from werkzeug.test import run_wsgi_app

from drawbridge.proof.judge import Decision, JudgeFailed, NotUnderstood, Request, TooSlow
from sandbox.guard.judges import Judges
from sandbox.guard.layer import Guard
from tests.sandbox.guard.test_inside import ACCOUNT, ADMINISTRATOR, environ, nothing, signed_request

# It sleeps, ends or does not understand where it is asked about something of that name.
PROGRAM = """
    import json, sys, time
    for number, line in enumerate(sys.stdin, 1):
        if "sleep" in line:
            time.sleep(600)
        if "end" in line:
            sys.exit("no more memory")
        answer = {"error": "what?"} if "what" in line else {"decisions": ["Allowed"]}
        print(json.dumps({"number": number, **answer}), flush=True)
"""


def judges(folder: Path, limit: float) -> Judges:
    (folder / "judge.py").write_text(textwrap.dedent(PROGRAM))
    return Judges([sys.executable, str(folder / "judge.py")], limit)


def asked(key: str) -> list[Request]:
    return [Request(None, "s3:GetObject", f"arn:aws:s3:::b/{key}", ACCOUNT)]


def test_another_judge_takes_the_place_of_one_that_failed(tmp_path: Path) -> None:
    with judges(tmp_path, 5) as several:
        for key, failure in (("sleep", TooSlow), ("end", JudgeFailed), ("what", NotUnderstood)):
            with pytest.raises(failure):
                several.decide(asked(key))
            assert several.decide(asked("a")) == [Decision.ALLOWED]


def test_a_request_that_takes_too_long_is_told_to_come_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with judges(tmp_path, 5) as several:
        guard = Guard(nothing, several, ACCOUNT, ADMINISTRATOR)

        def status(agent: str) -> tuple[str, bytes]:
            headers = {**signed_request(ADMINISTRATOR, "GET", "/"), "user-agent": agent}
            parts, answer, _ = run_wsgi_app(guard, environ(path="/", headers=headers))
            return answer, b"".join(parts)

        answer, body = status("sleep")
        assert (answer, b"<Code>ServiceUnavailable</Code>" in body) == ("503 SERVICE UNAVAILABLE", True)
        assert status("a")[0] == "200 OK"
    said = capsys.readouterr().err
    assert "it had not answered for 5 seconds" in said
    assert "Traceback" not in said
