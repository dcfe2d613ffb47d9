"""Reads one YAML file into plain data and remembers the line and column of every key and value.

Stricter than YAML on purpose: no duplicate keys, anchors, tags or second documents, and `true`, `false`, `null`
and whole numbers are the only words that are not text (YAML 1.2's core schema, so `on`, `no` and dates stay text).
"""

import codecs
import os
import re
import stat
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path as File
from typing import Any

import yaml

from drawbridge.paths import shown
from drawbridge.problems import MOST, Path, Problem, Severity, field_name, hidden, short

LARGEST = 256 * 1024  # bytes
DEEPEST = 20  # levels
UNSEEN = "must not contain line ends, control or invisible characters"
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_INTEGER = re.compile(r"[-+]?[0-9]{1,18}")
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}
_RESERVED = re.compile("<<|>>")
_LINE_END = re.compile("\r\n|\r|\n")
# What libyaml says, and what to do about it.
_ADVICE = {
    "mapping values are not allowed": "is a space missing after a colon, or the indent off?",
    "',' or ']'": "a list that opens with [ needs a comma between its items and a ] at its end",
    "',' or '}'": "a mapping that opens with { needs a comma between its keys and a } at its end",
    "while scanning a quoted scalar": "a text that begins with a quote needs the same quote at its end",
    "cannot start any token": "put quotes around a text that begins with a character like this one",
    "while scanning an alias": "put quotes around a text that begins with *",
    "while scanning an anchor": "put quotes around a text that begins with &",
    "a tag": "put quotes around a text that begins with !",
    "while parsing a quoted scalar": "in double quotes \\ begins an escape; use single quotes",
    "expected ':'": "a key needs a colon and a space after it",
    "expected key": "is the indent off, a colon missing, or a quote or bracket too many?",
    "expected '-'": "is the indent off, or a hyphen missing?",
    "block sequence entries": "begin a list on a line of its own, or write [a, b]",
    "mapping keys are not allowed": "write key: value",
    "block scalar": "write the value on one line, without | or >",
    "node content": "a value is missing, or a bracket or comma too many",
    "directive": "put quotes around a text that begins with %, or leave the line out",
    "YAML document": "leave the line out",
    "<document start>": "a file holds one document; leave out what ends it",
}


@dataclass
class Source:
    """A file's data and where each part of it stands; `whole` says whether all of it could be read."""

    file: str
    data: object = None
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    whole: bool = True

    def problem(self, path: Path, message: str, *, at_key: bool = False, severity: Severity = "error") -> Problem:
        """A problem with the value (or the key) at a path; what is missing is reported at what should hold it."""
        place = (1, 1)
        for length in range(len(path), -1, -1):
            marks = self.keys if at_key and path[:length] in self.keys else self.values
            if path[:length] in marks:
                place = marks[path[:length]]
                break
        return Problem(self.file, *place, field_name(path), message, severity)

    def report(self, place: tuple[int, int], path: Path, message: str) -> None:
        """Keeps a mistake, unless there are too many to be told."""
        if len(self.problems) <= MOST:
            self.problems.append(Problem(self.file, *place, field_name(path), message))


def read_file(path: File) -> Source:
    """Reads and parses a regular file, never more of it than a file may have."""
    try:
        # Not blocking: a named pipe would wait for a writer for ever.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise OSError(None, "not a regular file")
            content = file.read(LARGEST + 1)
    except OSError as error:
        return _unreadable(shown(path), (1, 1), f"cannot be read: {error.strerror}")
    return read(content, shown(path))


def read(content: bytes, file: str) -> Source:
    """Parses a file's content; every mistake that can be told apart is among the source's problems."""
    if len(content) > LARGEST:
        return _unreadable(file, (1, 1), f"is larger than {LARGEST // 1024} KiB; a file holds one grant")
    content = content.removeprefix(codecs.BOM_UTF8)
    text = content.decode(errors="replace")
    try:
        wrong = content.decode().find("\0")  # as every second byte of what Windows calls Unicode
    except UnicodeDecodeError as error:
        wrong = len(content[: error.start].decode())
    if wrong >= 0:
        return _unreadable(file, _place_in(text, wrong), "is not UTF-8; save the file as UTF-8")
    source = Source(file)
    text = _without_hidden(text, source)
    reader = _Reader(source, text)
    try:
        source.data = reader.document(yaml.parse(text, Loader=_LOADER))
    except yaml.MarkedYAMLError as error:
        source.whole = False
        place = reader.place(error.problem_mark or error.context_mark)
        source.report(place, (), f"is not valid YAML: {_explain(error, place, text)}")
    except _TooDeep as deep:
        source.whole = False
        source.problems.append(
            source.problem(deep.path[:3], f"is nested more than {DEEPEST} levels deep; write it flat")
        )
    return source


def _unreadable(file: str, place: tuple[int, int], message: str) -> Source:
    return Source(file, problems=[Problem(file, *place, "", message)], whole=False)


def _without_hidden(text: str, source: Source) -> str:
    """The text with a space or a mark in the place of each hidden character, so that other mistakes are told too."""
    # YAML allows neither the last two characters of the first plane; they have no glyph either.
    found = {one for one in set(text) if hidden(one) or one in "\ufffe\uffff"} - set("\t\r\n")
    for match in islice(re.finditer(f"[{''.join(map(re.escape, sorted(found)))}]", text), MOST + 1) if found else ():
        code = f"U+{ord(match[0]):04X}"
        space = f"has a space that is not the plain one ({code}); write a plain one"
        message = space if _space(match[0]) else f"has an invisible character ({code}); take it out"
        source.report(_place_in(text, match.start()), (), message)
    return text.translate({ord(one): " " if _space(one) else "\ufffd" for one in found})


def _space(character: str) -> bool:
    return unicodedata.category(character) == "Zs"


def _place_in(text: str, index: int) -> tuple[int, int]:
    """The line and column of a character."""
    lines = _LINE_END.split(text[:index])
    return len(lines), len(lines[-1]) + 1


def _explain(error: yaml.MarkedYAMLError, place: tuple[int, int], text: str) -> str:
    line, column = place
    lines = _LINE_END.split(text)
    before = (lines[line - 1] + " ")[:column]
    if ("\t" in before and not before.strip(" \t-")) or "a tab" in str(error.problem):
        return "a tab cannot indent; use spaces"
    said = " ".join(filter(None, (error.problem, error.context)))
    if error.context_mark and error.context_mark.line + 1 < line and ("quoted" in said or "flow" in said):
        said += f" that begins on line {error.context_mark.line + 1}"
    begun = error.context_mark.line if error.context_mark else 0
    if "expected ':'" in said and re.match(" *-[^ -]", "".join(lines[begun : begun + 1])):
        return f"{said}; is a space missing after the dash on line {begun + 1}?"
    return "; ".join([said, *(advice for words, advice in _ADVICE.items() if words in said)][:2])


class _TooDeep(Exception):
    def __init__(self, path: Path) -> None:
        self.path = path


class _Reader:
    """Builds data from parse events, so that depth, places and duplicates are in our hands."""

    def __init__(self, source: Source, text: str) -> None:
        self.source = source
        self.end, self.last = _place_in(text, len(text)), _place_in(text, len(text.rstrip()))

    def place(self, mark: Any) -> tuple[int, int]:
        """Where something stands; what is missing at the file's end is put behind the last thing that is written."""
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        return place if place < self.end else self.last

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
        self.source.values[path] = self.place(event.start_mark)
        self._plain(event, path)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path)
        if isinstance(event, yaml.AliasEvent):
            return None
        if len(path) >= DEEPEST:
            raise _TooDeep(path)
        if isinstance(event, yaml.SequenceStartEvent):
            return self._sequence(events, path)
        return self._mapping(events, path)

    def _plain(self, event: yaml.Event, path: Path) -> None:
        """Refuses what makes a value something else than it looks like."""
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            self._report(event, path, "anchors and aliases (& and *) are not allowed; write the value out")
        if tag := getattr(event, "tag", None):
            self._report(event, path, f"tags ({short(tag)}) are not allowed; leave it out")

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
                self._report(event, path, "a key must be plain text, without <<, >> or invisible characters")
                # What stands under such a key is still read, to stay in step with the events.
                if key is None:
                    self._node(event, events, (*path, "?"))
                self._node(next(events), events, (*path, "?"))
                continue
            self._plain(event, (*path, key))
            if key in mapping:
                first = self.source.keys[(*path, key)]
                self._report(event, (*path, key), f"is given twice, first on line {first[0]}; keep one")
            else:
                self.source.keys[(*path, key)] = self.place(event.start_mark)
            mapping[key] = self._node(next(events), events, (*path, key))
        return mapping

    def _scalar(self, event: yaml.ScalarEvent, path: Path) -> object:
        text: str = event.value
        if _RESERVED.search(text):
            self._report(event, path, "must not contain << or >>, which mark values that only the cloud knows")
        if any(map(hidden, set(text))):
            self._report(event, path, UNSEEN)
        if not event.implicit[0]:  # quoted
            return text
        if text.lower() in _WORDS:
            return _WORDS[text.lower()]
        return int(text) if _INTEGER.fullmatch(text) else text

    def _report(self, event: yaml.Event, path: Path, message: str) -> None:
        self.source.report(self.place(event.start_mark), path, message)
