"""The journal of probes: where they lie, written before they are made, so that the next run finds what one left."""

from __future__ import annotations

import fcntl
import json
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from drawbridge import private, settings
from drawbridge.verify.live import Spot


class NoJournal(Exception):
    """Another run has the journal, or it cannot be read; the message is for people."""


class Journal:
    """The journal of one stack, as a file: {"spots": [{"kind", "connection", "bucket", "folder"}]}."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def spots(self) -> list[Spot]:
        """Where probes may lie; raises NoJournal if the file is no journal."""
        try:
            found = json.loads(self.path.read_text(encoding="utf-8"))["spots"]
            return [Spot(**one) for one in found]
        except FileNotFoundError:
            return []
        except (ValueError, LookupError, TypeError) as error:
            raise NoJournal(
                f"{self.path} cannot be read as a journal of probes ({error}); look at it, and remove it"
            ) from None

    def add(self, spots: Iterable[Spot]) -> None:
        """On the disk when this returns."""
        self._write([*self.spots(), *spots])

    def remove(self, spots: Collection[Spot]) -> None:
        """Once nothing lies there any more."""
        self._write([spot for spot in self.spots() if spot not in spots])

    def _write(self, spots: Collection[Spot]) -> None:
        if spots:
            private.write(self.path, json.dumps({"spots": [vars(spot) for spot in spots]}, indent=2) + "\n")
        else:
            self.path.unlink(missing_ok=True)


@contextmanager
def opened(stack: str) -> Iterator[Journal]:
    """The journal of a stack, for one run at a time; raises NoJournal and OSError."""
    folder = settings.of(stack)
    private.folders(folder.parent, folder)
    with (folder / ".verify.lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise NoJournal(f"another `drawbridge verify` of the stack {stack} is running; wait for it") from None
        yield Journal(folder / ".probes.json")
