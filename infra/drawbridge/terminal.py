"""What commands show in the same way: how far long work is, and tables."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

QUIET = 2.0  # seconds
Told = Callable[[int, int], None]
"""Hears how much is done, of how much."""


@contextmanager
def progress(talk: Console, words: str) -> Iterator[Told]:
    """Shows after two seconds how far work is, a bar on a terminal and elsewhere one line; `words` say what is done."""
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


def indented(table: Table, out: Console, spaces: int) -> None:
    """Prints a table broken to the width of a terminal, and elsewhere not at all."""
    if out.is_terminal:
        out.print(Padding(table, (0, 0, 0, spaces), expand=False), soft_wrap=False)
        return
    wide = Console(file=io.StringIO(), width=10_000, color_system=None)
    with wide.capture() as captured:
        wide.print(table)
    for line in captured.get().splitlines():
        out.print(f"{' ' * spaces}{line}".rstrip(), markup=False, highlight=False)
