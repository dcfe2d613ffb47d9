"""What is wrong with the files of a stack: where, what, and how to mend it."""

import difflib
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Literal

Severity = Literal["error", "warning"]
Path = tuple[str | int, ...]
"""The way to a value inside a file: keys and list positions, e.g. ("prefixes", 0)."""

MOST = 100  # mistakes, and as many warnings, of one file that are told
_SHOWN = 80  # characters of a value or a key that are shown
_LISTED = 50  # words that are listed
_COMPARED = 200  # words that a guess is made among: comparing is slow
# What shows nothing and is in none of the categories below: the blank Braille pattern, and Default_Ignorable_Code_Point
# of https://www.unicode.org/Public/UCD/latest/ucd/DerivedCoreProperties.txt.
_BLANK = frozenset(
    map(
        chr,
        chain(
            (0x2800, 0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2065, 0x3164, 0xFFA0),
            range(0x180B, 0x1810),
            range(0xFE00, 0xFE10),
            range(0xFFF0, 0xFFF9),
            range(0xE0000, 0xE1000),
        ),
    )
)


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


def told(problems: Iterable[Problem]) -> Iterator[Problem]:
    """Each problem once, in order; of a file with very many only the first, and that there are more."""
    files: dict[tuple[str, Severity], list[Problem]] = {}
    for problem in sorted(set(problems)):
        files.setdefault((problem.file, problem.severity), []).append(problem)
    for (file, severity), found in files.items():
        yield from found[:MOST]
        for after in found[MOST : MOST + 1]:
            message = "and more from here on, which are told once those before are mended"
            yield Problem(file, after.line, after.column, "", message, severity)


def hidden(character: str) -> bool:
    """Whether a character is not seen, looks like a space and is none, or changes how others are seen."""
    kind = unicodedata.category(character)
    blank = character in _BLANK or (ord(character) & 0xFFFE) == 0xFFFE  # the last two of each plane are no characters
    return blank or kind in {"Cc", "Cf", "Cs", "Zl", "Zp"} or (kind == "Zs" and character != " ")


def visible(text: str) -> str:
    """A text that cannot play tricks on a terminal: hidden characters as `\\u202e`, but for line ends of our own."""
    return "".join(f"\\u{ord(one):04x}" if hidden(one) else one for one in text)


def short(text: object) -> str:
    """A value or a key as messages show it: not more of it than one can read."""
    words = str(text)
    return words if len(words) <= _SHOWN else f"{words[:_SHOWN]}…"


def field_name(path: Path) -> str:
    """A path as people write it: `prefixes[0]`, `input.storage`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f"{'.' if text else ''}{short(part) or repr('')}"
    return text


def not_text(given: object) -> str:
    """What to say about a value that is not text."""
    if isinstance(given, list | dict):
        return f"must be one text, not a {'list' if isinstance(given, list) else 'mapping'}"
    return "must be text; put quotes around it"


def choices(given: object, allowed: Sequence[str]) -> str:
    """Says what is allowed, and what was probably meant: `one of a, b; did you mean b?`."""
    close = nearest(given, allowed) if len(allowed) > 1 else ""
    meant = f"; did you mean {short(close)}?" if close else ""
    more = f" and {len(allowed) - _LISTED:,} more" if len(allowed) > _LISTED else ""
    return f"{'one of ' if len(allowed) > 1 else ''}{', '.join(map(short, allowed[:_LISTED]))}{more}{meant}"


def either(words: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def nearest(given: object, allowed: Iterable[str]) -> str:
    """The word that was probably meant, whatever its case; "" if none is near."""
    words = {word.lower(): word for word in islice(allowed, _COMPARED) if len(word) <= _SHOWN}
    text = short(given).lower()
    return words[text] if text in words else "".join(map(words.__getitem__, difflib.get_close_matches(text, words, 1)))
