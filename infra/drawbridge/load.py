"""Reads a stack's folder: storage.yaml, and one file per grant; finds every mistake before anything is made of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from pydantic import BaseModel, ValidationError

from drawbridge.model import NAME, NAME_RULE, problems_of
from drawbridge.paths import shown
from drawbridge.platforms import platforms
from drawbridge.platforms.interface import Grant, Platform
from drawbridge.problems import Invalid, Path, Problem, Severity, choices
from drawbridge.storage import kinds
from drawbridge.storage.interface import Storage
from drawbridge.yamlfile import Source, read_file

STORAGE_FILE = "storage.yaml"
YAML = (".yaml", ".yml")


@dataclass
class Stack:
    """The files of one stack, validated; `warnings` do not stop it."""

    storages: dict[str, Storage]
    grants: dict[str, Grant]
    sources: dict[str, Source]
    warnings: list[Problem] = field(default_factory=list)

    def storage_problem(self, name: str, message: str) -> Problem:
        """A problem with a storage, at its entry."""
        return self.sources[STORAGE_FILE].problem((name,), message, at_key=True)


def load(folder: File) -> Stack:
    """Reads the folder of a stack; raises Invalid with every error in it."""
    return _Loader(folder).load()


class _Loader:
    """Collects problems on the way, so that one bad file does not hide the mistakes of the others."""

    def __init__(self, folder: File) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.stack = Stack({}, {}, {})
        self.declared: set[str] = set()  # storage names, also of entries that are wrong in themselves

    def load(self) -> Stack:
        if not self.folder.is_dir():
            missing = "is a file; name the folder it lies in" if self.folder.exists() else "does not exist"
            message = f"{missing}; a stack's grants lie in grants/<stack>/"
            raise Invalid([Problem(shown(self.folder), 1, 1, "", message)])
        files = [path for path in sorted(self.folder.iterdir()) if not path.name.startswith(".")]
        if not any(path.suffix.lower() in YAML for path in files):
            raise Invalid([Problem(shown(self.folder), 1, 1, "", f"holds no {STORAGE_FILE}{_nearby(files)}")])
        for path in files:
            if path.is_dir():
                self._problem(path, "is a folder, which is not read; grant files lie side by side")
            elif path.name == "storage.yml":
                self._problem(path, f"must be called {STORAGE_FILE}")
            elif path.suffix.lower() in YAML:
                self._read(path)
            elif path.suffix != ".md":
                self._problem(path, "is not read; a grant's file ends in .yaml", "warning")
        if not any(path.stem == "storage" and path.suffix in YAML for path in files):
            self._problem(self.folder / STORAGE_FILE, "does not exist; it names the places this stack knows")
        self._storages()
        for name, source in self.stack.sources.items():
            if name != STORAGE_FILE:
                self._grant(source)
        errors = [problem for problem in self.problems if problem.severity == "error"]
        if errors:
            raise Invalid(self.problems)
        self.stack.warnings = sorted(self.problems)
        self.stack.grants = dict(sorted(self.stack.grants.items()))
        return self.stack

    def _problem(self, path: File, message: str, severity: Severity = "error") -> None:
        self.problems.append(Problem(shown(path), 1, 1, "", message, severity))

    def _read(self, path: File) -> None:
        try:
            self.stack.sources[path.name] = read_file(path)
        except Invalid as invalid:
            self.problems += invalid.problems

    def _storages(self) -> None:
        source = self.stack.sources.get(STORAGE_FILE)
        if source is None:
            return
        entries = source.data if source.data is not None else {}
        if not isinstance(entries, dict):
            self.problems.append(source.problem((), "must map names to storages, such as scans: {kind: aws, …}"))
            return
        self.declared = set(entries)
        places: dict[tuple[str, ...], str] = {}
        for name, entry in entries.items():
            storage = self._storage(source, name, entry)
            if storage is None:
                continue
            if storage.place in places:
                message = f"is the same storage as {places[storage.place]}; keep one entry and use it in both grants"
                self.problems.append(source.problem((name, "bucket"), message))
            places.setdefault(storage.place, name)
            self.stack.storages[name] = storage

    def _storage(self, source: Source, name: str, entry: object) -> Storage | None:
        if not re.fullmatch(NAME, name):
            self.problems.append(source.problem((name,), NAME_RULE, at_key=True))
        model, _ = self._choose(source, (name,), entry, "kind", kinds())
        storage: Storage | None = self._validate(source, (name,), entry, model)
        for finding in storage.check() if storage else ():
            self.problems.append(source.problem((name, *finding.path), finding.message, severity=finding.severity))
        return storage

    def _grant(self, source: Source) -> None:
        platform, sure = self._choose(source, (), source.data, "platform", platforms())
        grant = self._validate(source, (), source.data, platform.grant if platform else None)
        if platform is None or grant is None or not sure:
            return
        if grant.name in self.stack.grants:
            others = [other.file for other in self.stack.sources.values() if _name_in(other) == grant.name]
            message = f"{grant.name} is also the name in {others[0]}; a name is a grant's identity"
            self.problems.append(source.problem(("name",), message))
            return
        used = self._used(source, platform, grant)
        if used is None:
            return
        self.stack.grants[grant.name] = grant
        for finding in platform.check(grant, used):
            self.problems.append(source.problem(finding.path, finding.message, severity=finding.severity))

    def _used(self, source: Source, platform: Platform, grant: Grant) -> Mapping[str, Storage] | None:
        """The storages that a grant names; None, with the reason among the problems, if one cannot be used."""
        used: dict[str, Storage] = {}
        for path, name in grant.uses().items():
            storage = self.stack.storages.get(name)
            if storage:
                used[name] = storage
            if name not in self.declared and STORAGE_FILE in self.stack.sources:
                known = choices(name, sorted(self.declared)) if self.declared else "none is declared"
                self.problems.append(source.problem(path, f"{name} is not in {STORAGE_FILE}; known: {known}"))
            elif storage and storage.name not in platform.auth:
                message = f"{name} is of kind {storage.name}, into which {platform.title} has no documented way"
                self.problems.append(source.problem(path, f"{message}; possible: {', '.join(platform.auth)}"))
                return None
        return used if len(used) == len(set(grant.uses().values())) else None

    def _choose(self, source: Source, at: Path, data: object, key: str, known: Mapping[str, Any]) -> tuple[Any, bool]:
        """The plug-in that a file's `kind` or `platform` names, and whether that is sure.

        Otherwise the reason is among the problems, and the plug-in is the one that was probably meant, so that the
        file's other mistakes are told too; None where nobody can know.
        """
        if not isinstance(data, dict):
            empty = "is empty" if data is None else "must be a mapping of keys to values"
            self.problems.append(source.problem(at, f"{empty}; it starts with {key}: {' or '.join(known)}"))
            return None, False
        given = data.get(key)
        if isinstance(given, str) and given in known:
            return known[given], True
        if key not in data:
            self.problems.append(source.problem((*at, key), f"is missing; write {key}: {' or '.join(known)}"))
            near = difflib.get_close_matches(key, map(str, data), n=1)
            given = data[near[0]] if near else None
        else:
            self.problems.append(source.problem((*at, key), f"must be {choices(given, list(known))}"))
        meant = list(known) if len(known) == 1 else difflib.get_close_matches(str(given), known, n=1)
        return (known[meant[0]] if meant else None), False

    def _validate(self, source: Source, at: Path, data: object, model: type[BaseModel] | None) -> Any:
        if model is None:
            return None
        try:
            return model.model_validate(data)
        except ValidationError as error:
            told = {(problem.line, problem.column, problem.field) for problem in self.problems}
            found = problems_of(error, source, at, model)
            self.problems += [one for one in found if (one.line, one.column, one.field) not in told]
            return None


def _nearby(files: list[File]) -> str:
    """The stacks inside a folder that is none itself."""
    stacks = [shown(path) for path in files if (path / STORAGE_FILE).exists()]
    return f"; did you mean {' or '.join(stacks)}?" if stacks else "; a stack's grants lie in grants/<stack>/"


def _name_in(source: Source) -> object:
    return source.data.get("name") if isinstance(source.data, dict) else None
