"""The journal of probes: where they lie, written before they are made, so that the next run finds what one left."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from drawbridge import private, settings
from drawbridge.paths import shown
from drawbridge.verify.live import Spot


class NoJournal(Exception):
    """Another run has the journal, or it cannot be read; the message is for people."""


class _Content(BaseModel):
    model_config = ConfigDict(extra="forbid")
    spots: list[Spot]


class Journal:
    """The journal of one stack, as a file: {"spots": [{"kind", "connection", "bucket", "probes"}]}."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def spots(self) -> list[Spot]:
        """Where probes may lie; raises NoJournal if the file is no journal, and OSError."""
        try:
            return _Content.model_validate_json(private.read(self.path)).spots
        except FileNotFoundError:
            return []
        except ValidationError:
            reason = "cannot be read as a journal of probes; look for what it names, and remove it"
            raise NoJournal(f"{shown(self.path)} {reason}") from None

    def add(self, spots: Iterable[Spot]) -> None:
        """On the disk when this returns."""
        self._write([*self.spots(), *spots])

    def remove(self, spots: Collection[Spot]) -> None:
        """Once nothing lies there any more."""
        gone = set(spots)
        self._write([spot for spot in self.spots() if spot not in gone])

    def _write(self, spots: list[Spot]) -> None:
        if spots:
            private.write(self.path, _Content(spots=spots).model_dump_json(indent=2) + "\n")
        else:
            self.path.unlink(missing_ok=True)


@contextmanager
def opened(stack: str) -> Iterator[Journal]:
    """The journal of a stack, for one run at a time; raises NoJournal and OSError."""
    folder = settings.of(stack)
    private.folders(folder.parent, folder)
    lock = os.open(folder / ".verify.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoJournal(f"another `drawbridge verify` of the stack {stack} is running; wait for it") from None
        yield Journal(folder / ".probes.json")
    finally:
        os.close(lock)
