"""What is made once for each key, by whichever thread asks first."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any


class Once:
    """Threads that ask at the same moment wait for the first, and share its failure.

    Who asks after a failure tries again, unless failures are kept.
    """

    def __init__(self, *, keep_failures: bool = False) -> None:
        self._keep_failures, self._lock = keep_failures, threading.Lock()
        self._answers: dict[Hashable, Future[Any]] = {}

    def __call__(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """What `make` gave, or raised, the first time."""
        with self._lock:
            first = key not in self._answers
            answer = self._answers.setdefault(key, Future())
        if first:
            try:
                answer.set_result(make())
            except BaseException as error:
                if not self._keep_failures:
                    with self._lock:
                        del self._answers[key]
                answer.set_exception(error)
        return answer.result()
