"""One judge after the other: where one has ended, the next request finds a new one."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from types import TracebackType

from drawbridge.proof.judge import Decision, Judge, JudgeFailed, NotUnderstood, Request

LIMIT = 10.0  # seconds; a decision takes about a millisecond, the first one of a judge a second


class Judges:
    """Decides like a judge, but with a short limit, and for longer than one of them lives."""

    def __init__(self, command: Sequence[str], limit: float = LIMIT) -> None:
        self._command, self._limit, self._changing = command, limit, threading.Lock()
        self._judge = Judge(command, limit)

    def decide(self, requests: Iterable[Request]) -> list[Decision]:
        """The decisions, in the order of the requests; a judge that fails is replaced, and what it was asked fails."""
        judge = self._judge
        try:
            return judge.decide(requests)
        except NotUnderstood:
            raise
        except JudgeFailed:
            self._replace(judge)
            raise

    def _replace(self, ended: Judge) -> None:
        with self._changing:
            if self._judge is ended:  # and not replaced by another thread already
                self._judge = Judge(self._command, self._limit)
                ended.close()

    def __enter__(self) -> Judges:
        return self

    def __exit__(self, _type: type[BaseException] | None, _value: object, _traceback: TracebackType | None) -> None:
        self._judge.close()
