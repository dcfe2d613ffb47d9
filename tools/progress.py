"""Runs a command and shows how far it is: a line that moves on a terminal, a line every half minute elsewhere."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

Word = str | Path
LINE_EVERY = 30.0  # seconds, where nobody watches


class CommandFailed(Exception):
    """A command ended with an error; the message is the end of what it said."""


def say(text: str) -> None:
    """Prints one line of talk on stderr."""
    print(text, file=sys.stderr, flush=True)


def run(
    title: str,
    command: Iterable[Word],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stage: Callable[[str], str | None] = lambda _line: None,
    limit: float | None = None,
) -> str:
    """Runs a command under a title and returns its output; `stage` turns a line of it into what is shown.

    Raises CommandFailed with the last lines of the output, also when it takes longer than the limit (seconds).
    """
    lines: list[str] = []
    with _Clock(title) as clock:
        try:
            process = subprocess.Popen(
                [str(word) for word in command],
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                env=env,
                cwd=cwd,
                stdin=subprocess.DEVNULL,
                start_new_session=limit is not None,  # so that what it starts can be ended with it
            )
        except OSError as error:
            raise CommandFailed(str(error)) from None
        timer = threading.Timer(limit or 0, lambda: os.killpg(process.pid, signal.SIGKILL))
        if limit:
            timer.start()
        with process:
            for line in process.stdout or ():
                lines.append(line)
                clock.stage = stage(line.strip()) or clock.stage
        timer.cancel()
    if limit and process.returncode == -signal.SIGKILL:
        raise CommandFailed(f"took longer than {limit:.0f} s")
    if process.returncode != 0:
        raise CommandFailed("".join(lines[-12:]).strip() or f"exit code {process.returncode}")
    return "".join(lines)


class _Clock:
    """Shows a title, a stage and the seconds since the start, until it is left."""

    def __init__(self, title: str) -> None:
        self.title, self.stage = title, ""
        self.start = time.monotonic()
        self._done = threading.Event()
        self._live = sys.stderr.isatty()
        self._thread = threading.Thread(target=self._tick, daemon=True)

    def _text(self) -> str:
        seconds = int(time.monotonic() - self.start)
        return f"{self.title}{': ' if self.stage else ''}{self.stage} ({seconds // 60}:{seconds % 60:02d})"

    def _tick(self) -> None:
        while not self._done.wait(0.2 if self._live else LINE_EVERY):
            if self._live:
                print(f"\r\x1b[K{self._text()}", end="", file=sys.stderr, flush=True)
            else:
                say(self._text())

    def __enter__(self) -> "_Clock":
        if not self._live:
            say(f"{self.title} …")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        if self._live:
            print("\r\x1b[K", end="", file=sys.stderr)
        say(self._text())
