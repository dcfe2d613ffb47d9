"""The judge: an independent engine, in a process of its own, that decides requests from policy documents.

The engine is iam-simulate, which tools/judge installs; here are only the questions to it and its answers.
"""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby
from types import TracebackType
from typing import Any

from drawbridge.paths import ROOT
from drawbridge.problems import short

INSTALL = "make judge"
OFFER = (
    "The judge is not installed. It is iam-simulate (AGPL-3.0), a process of its own and no part of Drawbridge: "
    "20 MB in your cache, and Node (200 MB) where you have none from version 22 on. Install it now?"
)
Policy = Mapping[str, Any]
ALLOW_ALL: Policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
"""The identity policy of a principal whose own account lets it do everything, as far as others let it in."""

LIMIT = 60.0  # seconds for one line of requests
AT_ONCE = 200  # requests in one line, so that threads with few do not wait long for one with many
# In what is requested these are characters like any other, but the engine's patterns do not match line ends, and it
# takes a * in a requested resource for a pattern. Characters of private use, in no policy, take their place.
_STAND_INS = {one: chr(0xE000 + number) for number, one in enumerate("\n\r\u2028\u2029*")}
_IN_POLICIES = [json.dumps(one)[1:-1] for one in _STAND_INS if one != "*"] + ["${*}"]
_IN_RESOURCE = str.maketrans(_STAND_INS)
_IN_CONTEXT = str.maketrans({one: stand_in for one, stand_in in _STAND_INS.items() if one != "*"})


class JudgeFailed(Exception):
    """There is no decision: the judge cannot be run, has ended, or does not understand a request."""


class TooSlow(JudgeFailed):
    """The judge was ended because it did not answer in time."""


class NotInstalled(JudgeFailed):
    """The judge is not installed; the message says how it is."""


class NotUnderstood(JudgeFailed):
    """The judge goes on, but cannot decide this request: a document or a name in it is wrong."""


class Decision(Enum):
    """What the documents say to a request; a failure to decide is never one of them."""

    ALLOWED = "Allowed"
    IMPLICITLY_DENIED = "ImplicitlyDenied"
    EXPLICITLY_DENIED = "ExplicitlyDenied"


@dataclass(frozen=True)
class Request:
    """May a principal do something with a resource, given these documents?

    `action` is one permission (s3:ListBucket), not the name of an operation (HeadBucket); `resource` the ARN of one
    resource, whose account is `account`; `context` the condition keys of the request, each of which the action has to
    know. `principal` is an ARN, or None for an anonymous request. `identity` are the principal's own policies: without
    one, whoever comes from another account is denied everything (see ALLOW_ALL). `boundary` are its permissions
    boundaries, if it has any, `session` is the policy that a role's session was narrowed by, and `policy` is the
    resource's policy: a trust policy for sts:AssumeRole.
    """

    principal: str | None
    action: str
    resource: str
    account: str
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)
    identity: Sequence[Policy] = ()
    policy: Policy | None = None
    boundary: Sequence[Policy] | None = None
    session: Policy | None = None

    def __str__(self) -> str:
        given = "".join(f", {key} {value!r}" for key, value in self.context.items())
        return f"{self.action} on {self.resource} as {self.principal or 'anonymous'}{given}"


class Judge:
    """The running process, for any number of threads; `command` starts it. It ends with the `with` block.

    Every request of a call is answered, in order; a call raises JudgeFailed if one of them cannot be. Where one line
    of requests takes more than `limit` seconds the process is killed, since it can do nothing else meanwhile.
    """

    def __init__(self, command: Sequence[str], limit: float = LIMIT) -> None:
        try:
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
            )
        except OSError as error:
            raise JudgeFailed(f"the judge cannot be started: {error}") from None
        self._asking = threading.Lock()
        self._asked: deque[tuple[int, Future[dict[str, Any]]]] = deque()
        self._number = 0
        self._said: deque[str] = deque(maxlen=6)
        self._ended = ""
        self._limit, self._since, self._late = limit, time.monotonic(), False
        self._over = threading.Event()
        # Both are always read: a full pipe would stop the judge.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._reader = threading.Thread(target=lambda: self._said.extend(self._process.stderr or ()), daemon=True)
        # A thread of its own, as whoever asks may be held up by a full pipe.
        self._watcher = threading.Thread(target=self._watch, daemon=True)
        for thread in (self._listener, self._reader, self._watcher):
            thread.start()

    def decide(self, requests: Iterable[Request]) -> list[Decision]:
        """The decisions, in the order of the requests."""
        asked = [(group, self._ask(group)) for group in _groups(requests)]
        return [decision for group, answer in asked for decision in _decisions(group, answer.result())]

    def one(self, request: Request) -> Decision:
        """The decision about a single request."""
        return self.decide([request])[0]

    def close(self) -> None:
        """Ends the process; calls that wait fail."""
        self._process.terminate()
        self._listener.join()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def __enter__(self) -> Judge:
        return self

    def __exit__(self, _type: type[BaseException] | None, _value: object, _traceback: TracebackType | None) -> None:
        self.close()

    def _ask(self, group: Sequence[Request]) -> Future[dict[str, Any]]:
        data, answer = _data(group), Future[dict[str, Any]]()
        with self._asking:
            if self._ended:
                raise self._failure()
            if not self._asked:
                self._since = time.monotonic()
            self._number += 1
            self._asked.append((self._number, answer))
            with suppress(OSError):  # it has ended, which the listener notices and tells
                print(json.dumps({"number": self._number, **data}), file=self._process.stdin, flush=True)
        return answer

    def _listen(self) -> None:
        """Gives each answer to whoever asked, until the process ends or says what nobody asked."""
        for line in self._process.stdout or ():
            try:
                answer = json.loads(line)
                number, waiting = self._asked[0]
                if answer.pop("number") != number:
                    raise ValueError(line)
            except (ValueError, LookupError, TypeError, AttributeError):
                self._said.append(f"it said what is no answer: {short(line.rstrip())}")
                self._process.kill()
                break
            self._since = time.monotonic()
            self._asked.popleft()
            waiting.set_result(answer)
        code = self._process.wait()
        self._over.set()
        self._reader.join()
        with self._asking:
            self._ended = "\n".join([f"the judge has ended, with {code}", *(line.rstrip() for line in self._said)])
            for _, waiting in self._asked:
                waiting.set_exception(self._failure())
            self._asked.clear()

    def _failure(self) -> JudgeFailed:
        return TooSlow(self._ended) if self._late else JudgeFailed(self._ended)

    def _watch(self) -> None:
        """Kills the process when it has worked on one line for too long."""
        while not self._over.wait(self._limit / 10):
            if self._asked and time.monotonic() - self._since > self._limit:
                self._late = True
                self._said.append(f"it had not answered for {self._limit:g} seconds")
                self._process.kill()
                return


def find() -> list[str]:
    """What starts the installed judge; raises NotInstalled."""
    done = _tool("command", capture_output=True)
    if done.returncode != 0:
        raise NotInstalled(f"the judge, which decides requests from policy documents, is not installed; run: {INSTALL}")
    return [str(word) for word in json.loads(done.stdout)]


def install() -> None:
    """Installs the judge, and shows how far it is; raises JudgeFailed."""
    if _tool("install").returncode != 0:
        raise JudgeFailed("the judge could not be installed")


def _tool(word: str, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tools.judge", word], cwd=ROOT, text=True, check=False, **options)


def _groups(requests: Iterable[Request]) -> Iterator[list[Request]]:
    """Requests beside each other that have the same documents, not too many at once."""

    def documents(request: Request) -> tuple[object, ...]:
        boundary = None if request.boundary is None else [id(one) for one in request.boundary]
        return [id(one) for one in request.identity], id(request.policy), boundary, id(request.session)

    for _, same in groupby(requests, documents):
        group = list(same)
        for start in range(0, len(group), AT_ONCE):
            yield group[start : start + AT_ONCE]


def _data(group: Sequence[Request]) -> dict[str, Any]:
    """A group as the judge reads it."""
    first = group[0]
    documents = {
        "identity": list(first.identity),
        "policy": first.policy,
        "boundary": first.boundary,
        "session": first.session,
    }
    requests = [
        {
            "principal": request.principal,
            "action": request.action,
            # An action that knows no resources is asked about `*`.
            "resource": request.resource if request.resource == "*" else request.resource.translate(_IN_RESOURCE),
            "account": request.account,
            "context": {key: _plain(value) for key, value in request.context.items()},
        }
        for request in group
    ]
    if set(_STAND_INS.values()) & set(json.dumps(requests, ensure_ascii=False)):
        text = json.dumps(documents)
        for mark in filter(text.__contains__, _IN_POLICIES):
            raise NotUnderstood(f"the judge cannot decide {first}: a policy has {mark} in it, and so has a request")
    return {**documents, "requests": requests}


def _plain(value: str | Sequence[str]) -> object:
    return value.translate(_IN_CONTEXT) if isinstance(value, str) else [_plain(one) for one in value]


def _decisions(group: Sequence[Request], answer: Mapping[str, Any]) -> Iterator[Decision]:
    if "error" in answer:
        raise NotUnderstood(f"the judge cannot decide {group[0]}: {answer['error']}")
    for request, decision in zip(group, answer["decisions"], strict=True):
        if not isinstance(decision, str):
            raise NotUnderstood(f"the judge cannot decide {request}: {decision['error']}")
        yield Decision(decision)
