"""What is wrong with the files of a stack: where, what, and how to mend it."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]
"""The way to a value inside a file: keys and list positions, e.g. ("prefixes", 0)."""


@dataclass(frozen=True, order=True)
class Problem:
    """One mistake; lines and columns count from 1."""

    file: str
    line: int
    column: int
    field: str
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        field = f" {self.field}:" if self.field else ""
        warning = " warning:" if self.severity == "warning" else ""
        return visible(f"{self.file}:{self.line}:{self.column}{warning}{field} {self.message}")


@dataclass(frozen=True)
class Finding:
    """What a platform or a storage has to say about a value, by the value's path instead of its place."""

    path: Path
    message: str
    severity: Severity = "error"


class Invalid(Exception):
    """The files cannot be used; the message lists every problem, one a line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


def hidden(character: str) -> bool:
    """Whether a character is not seen, or changes how others are seen: controls, formats, line separators."""
    return unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def visible(text: str) -> str:
    """A text that cannot play tricks on a terminal: hidden characters as `\\u202e`, but for line ends of our own."""
    return "".join(f"\\u{ord(one):04x}" if hidden(one) else one for one in text)


def field_name(path: Path) -> str:
    """A path as people write it: `prefixes[0]`, `input.storage`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def choices(given: object, allowed: Sequence[str]) -> str:
    """Says what is allowed, and what was probably meant: `one of a, b; did you mean b?`."""
    close = difflib.get_close_matches(str(given), allowed, n=1)
    meant = f"; did you mean {close[0]}?" if close else ""
    return f"{'one of ' if len(allowed) > 1 else ''}{', '.join(allowed)}{meant}"
