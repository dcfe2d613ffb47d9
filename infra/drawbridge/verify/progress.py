"""Shows how far long work is: after two seconds a bar on a terminal, elsewhere a line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

QUIET = 2.0  # seconds
Told = Callable[[int, int], None]
"""Hears how much is done, of how much."""


@contextmanager
def progress(talk: Console, words: str) -> Iterator[Told]:
    """`words` say what is being done; the bar is gone when the work is."""
    start, said = monotonic(), False
    bar = Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=talk, transient=True)
    task = bar.add_task(words, total=None)

    def told(done: int, total: int) -> None:
        nonlocal said
        bar.update(task, completed=done, total=total)
        if said or monotonic() - start < QUIET:
            return
        if talk.is_terminal:
            bar.start()
        else:
            talk.print(f"{words}: {done:,} of {total:,} …", highlight=False)
        said = True

    try:
        yield told
    finally:
        if bar.live.is_started:
            bar.stop()
