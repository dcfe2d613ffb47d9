"""Reads one YAML file into plain data and remembers the line and column of every key and value.

Stricter than YAML on purpose: no duplicate keys, anchors, tags or second documents, and `true`, `false`, `null`
and whole numbers are the only words that are not text (YAML 1.2's core schema, so `on`, `no` and dates stay text).
"""

import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as File

import yaml

from drawbridge.paths import shown
from drawbridge.problems import Invalid, Path, Problem, field_name, hidden

LARGEST = 256 * 1024  # bytes
DEEPEST = 20  # levels
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_RESERVED = re.compile("<<|>>")


@dataclass
class Source:
    """A file's data and where each part of it stands."""

    file: str
    data: object = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)

    def problem(self, path: Path, message: str, *, at_key: bool = False, severity: str = "error") -> Problem:
        """A problem with the value (or the key) at a path; what is missing is reported at what should hold it."""
        place = (1, 1)
        for length in range(len(path), -1, -1):
            marks = self.keys if at_key and path[:length] in self.keys else self.values
            if path[:length] in marks:
                place = marks[path[:length]]
                break
        return Problem(self.file, *place, field_name(path), message, severity)  # type: ignore[arg-type]


def read_file(path: File) -> Source:
    """Reads and parses a regular file, never more of it than a file may have; raises Invalid."""
    try:
        # Not blocking: a named pipe would wait for a writer for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(None, "not a regular file")
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise Invalid([Problem(shown(path), 1, 1, "", f"cannot be read: {error.strerror}")]) from None
    return read(content, shown(path))


def read(content: bytes, file: str) -> Source:
    """Parses a file's content; raises Invalid with every mistake that can be told apart."""
    source = Source(file)
    if len(content) > LARGEST:
        raise Invalid([source.problem((), f"is larger than {LARGEST // 1024} KiB; a file holds one grant")])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        column = error.start - (content.rfind(b"\n", 0, error.start) + 1) + 1
        raise Invalid([Problem(file, line, column, "", "is not UTF-8; save the file as UTF-8")]) from None
    if found := next((index for index, one in enumerate(text) if one not in "\t\r\n" and hidden(one)), None):
        line, column = text.count("\n", 0, found) + 1, found - text.rfind("\n", 0, found)
        message = f"has an invisible character (U+{ord(text[found]):04X}); take it out"
        raise Invalid([Problem(file, line, column, "", message)])
    reader = _Reader(source)
    try:
        source.data = reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        reader.problems.append(Problem(file, line, column, "", f"is not valid YAML: {_explain(error, text, line)}"))
    except yaml.YAMLError as error:  # a character beyond what YAML allows
        reader.problems.append(Problem(file, 1, 1, "", f"is not valid YAML: {error}"))
    if reader.problems:
        raise Invalid(reader.problems)
    return source


def _explain(error: yaml.MarkedYAMLError, text: str, line: int) -> str:
    lines = text.splitlines()
    if line <= len(lines) and "\t" in lines[line - 1]:
        return "a tab cannot indent; use spaces"
    hint = "; is a space missing after a colon, or the indent off?" if "mapping values" in (error.problem or "") else ""
    return " ".join(filter(None, (error.problem, error.context))) + hint


class _Reader:
    """Builds data from parse events, so that depth, places and duplicates are in our hands."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems: list[Problem] = []

    def document(self, events: Iterator[yaml.Event]) -> object:
        data, seen = None, False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent) and seen:
                self._report(event, (), "starts a second document; a file holds one")
                return data
            if isinstance(event, yaml.NodeEvent):
                data, seen = self._node(event, events, ()), True
        return data

    def _node(self, event: yaml.Event, events: Iterator[yaml.Event], path: Path) -> object:
        self.source.values[path] = _place(event)
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._report(event, path, "anchors and aliases (& and *) are not allowed; write the value out")
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if len(path) >= DEEPEST:
            deep = self.source.problem(path[:3], f"is nested more than {DEEPEST} levels deep")
            raise Invalid([*self.problems, deep])
        if tag := getattr(event, "tag", None):
            self._report(event, path, f"tags ({tag}) are not allowed; leave it out")
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        if isinstance(event, yaml.MappingStartEvent):
            return self._mapping(events, path)
        return None

    def _sequence(self, events: Iterator[yaml.Event], path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(events), yaml.SequenceEndEvent):
            items.append(self._node(event, events, (*path, len(items))))
        return items

    def _mapping(self, events: Iterator[yaml.Event], path: Path) -> dict[str, object]:
        mapping: dict[str, object] = {}
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            key = event.value if isinstance(event, yaml.ScalarEvent) else None
            if key is None or _RESERVED.search(key) or any(map(hidden, key)):
                self._report(event, path, "a key must be plain text, without << or >>")
                # What stands under such a key is still read, to stay in step with the events.
                if key is None:
                    self._node(event, events, (*path, "?"))
                self._node(next(events), events, (*path, "?"))
                continue
            if key in mapping:
                first = self.source.keys[(*path, key)]
                self._report(event, (*path, key), f"is given twice, first on line {first[0]}; keep one")
            else:
                self.source.keys[(*path, key)] = _place(event)
            mapping[key] = self._node(next(events), events, (*path, key))
        return mapping

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> object:
        if event.tag:
            self._report(event, path, f"tags ({event.tag}) are not allowed; leave it out")
        text: str = event.value
        if _RESERVED.search(text):
            self._report(event, path, "must not contain << or >>, which mark values that only the cloud knows")
        if any(map(hidden, text)):
            self._report(event, path, "must not contain line ends, control or invisible characters")
        if not event.implicit[0]:  # quoted
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        return int(text) if _INTEGER.fullmatch(text) else text

    def _report(self, event: yaml.Event, path: Path, message: str) -> None:
        self.problems.append(Problem(self.source.file, *_place(event), field_name(path), message))


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (mark.line + 1, mark.column + 1) if mark else (1, 1)
