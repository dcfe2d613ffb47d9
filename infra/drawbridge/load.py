"""Reads a stack's folder: storage.yaml, and one file per grant; finds every mistake before anything is made of it."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

from pydantic import BaseModel, ValidationError

from drawbridge.auth import identity_auth
from drawbridge.iam import Iam
from drawbridge.model import NAME, NAME_RULE, problems_of
from drawbridge.paths import GRANTS, shown
from drawbridge.platforms import platforms
from drawbridge.platforms.interface import Context, Grant, Platform
from drawbridge.problems import MOST, Finding, Invalid, Path, Problem, Severity, choices, either, nearest, short, told
from drawbridge.storage import kinds
from drawbridge.storage.interface import Storage
from drawbridge.yamlfile import Source, read_file

STORAGE_FILE = "storage.yaml"
YAML = (".yaml", ".yml")
ABSENT, PLACE = "does not exist", "a stack's grants lie in grants/<stack>/"
_CLOSE = 0.8  # how like `storage` the name of a file is that was meant to be storage.yaml


@dataclass
class Stack:
    """The files of one stack, validated; `warnings` do not stop it."""

    storages: dict[str, Storage]
    grants: dict[str, Grant]
    sources: dict[str, Source]
    iam: Iam
    warnings: list[Problem] = field(default_factory=list)
    files: dict[str, Source] = field(default_factory=dict)
    """The file of each grant; the first one, where two have a name by mistake."""
    users: dict[tuple[str, str], dict[str, Grant]] = field(default_factory=dict)
    """The grants of a platform that use a storage."""

    def storage_problem(self, name: str, finding: Finding) -> Problem:
        """A problem with a storage: at its entry, or at one of its keys."""
        source, path = self.sources[STORAGE_FILE], (name, *finding.path)
        return source.problem(path, finding.message, at_key=not finding.path, severity=finding.severity)

    def grant_problem(self, name: str, finding: Finding) -> Problem:
        """A problem with a grant, or with one of its keys."""
        source = self.files[name]
        return source.problem(finding.path, finding.message, severity=finding.severity)

    def context(self, grant: Grant) -> Context:
        """What the platform of a grant may look at besides the grant, whose name may be another's by mistake."""
        used = [(grant.platform, storage) for storage in _used(grant, self.files[grant.name])]
        others = {name: one for key in used for name, one in self.users.get(key, {}).items()}
        return Context(self.storages, {name: others[name] for name in sorted(others.keys() - {grant.name})}, self.iam)


def load(folder: File, iam: Iam | None = None) -> Stack:
    """Reads the folder of a stack; raises Invalid with every error in it."""
    return _Loader(folder, iam or Iam()).load()


def no_folder(path: File) -> str:
    """Why a path cannot be a stack's folder; "" if it can."""
    try:
        if path.is_dir():
            return ""
        return "is a file; name the folder it lies in" if path.exists() else ABSENT
    except OSError as error:
        return f"cannot be read: {error.strerror}"


class _Loader:
    """Collects problems on the way, so that one bad file does not hide the mistakes of the others."""

    def __init__(self, folder: File, iam: Iam) -> None:
        self.folder = folder
        self.problems: list[Problem] = []
        self.stack = Stack({}, {}, {}, iam)
        self.declared: dict[str, None] = {}  # storage names in order, also of entries that are wrong in themselves
        self.names: dict[str, str] = {}  # the file of each grant's name

    def load(self) -> Stack:
        try:
            files = self._files()
            for path in files:
                self._read(path)
        except OSError as error:
            self._problem(self.folder, f"cannot be read: {error.strerror}; {PLACE}")
            raise Invalid(self.problems) from None
        if not any(path.name.lower() in (STORAGE_FILE, "storage.yml") for path in files):
            self._without_storage_file()
        self._storages()
        written = [source for name, source in self.stack.sources.items() if name != STORAGE_FILE]
        read = [(grant, source) for source in written if (grant := self._grant(source))]
        self.stack.grants = dict(sorted(self.stack.grants.items()))
        for grant, source in read:
            for finding in _found(grant, self.stack.context(grant)):
                self.problems.append(source.problem(finding.path, finding.message, severity=finding.severity))
        for platform in platforms().values():
            own = {name: grant for name, grant in self.stack.grants.items() if grant.platform == platform.name}
            for name, finding in platform.together(own, self.stack.storages):
                self.problems.append(self.stack.grant_problem(name, finding))
        self.problems = list(told(self.problems))
        if any(problem.severity == "error" for problem in self.problems):
            raise Invalid(self.problems)
        self.stack.warnings = self.problems
        return self.stack

    def _files(self) -> list[File]:
        """What lies in the folder; raises Invalid where that can be no stack."""
        if missing := no_folder(self.folder):
            self._problem(self.folder, f"{missing}; {_meant(self.folder) if missing == ABSENT else PLACE}")
            raise Invalid(self.problems)
        files = [path for path in sorted(self.folder.iterdir()) if not path.name.startswith(".")]
        if not any(path.suffix.lower() in YAML for path in files):
            self._problem(self.folder, f"holds no {STORAGE_FILE}; {_nearby(files)}")
            raise Invalid(self.problems)
        return files

    def _without_storage_file(self) -> None:
        """Takes the one file whose name is close for storage.yaml, so that its mistakes are told as what they are."""
        named = {
            name: source
            for name, source in self.stack.sources.items()
            if difflib.SequenceMatcher(None, "storage", File(name).stem.lower()).ratio() >= _CLOSE
            and not (isinstance(source.data, dict) and "platform" in source.data)
        }
        said = "it names the places this stack knows"
        if len(named) == 1:
            ((name, source),) = named.items()
            said = f"did you mean to call {short(name)} {STORAGE_FILE}?"
            del self.stack.sources[name]
            self.stack.sources[STORAGE_FILE] = source
        self._problem(self.folder / STORAGE_FILE, f"does not exist; {said}")

    def _problem(self, path: File, message: str, severity: Severity = "error") -> None:
        self.problems.append(Problem(shown(path), 1, 1, "", message, severity))

    def _report(self, source: Source, *problems: Problem) -> None:
        """Tells mistakes, but not of what the reader, or the choice of the model just now, said something of."""
        said = {(one.file, one.line, one.column, one.field) for one in [*source.problems, *self.problems[-1:]]}
        self.problems += [one for one in problems if (one.file, one.line, one.column, one.field) not in said]

    def _read(self, path: File) -> None:
        if path.is_dir():
            self._problem(path, "is a folder, which is not read; grant files lie side by side")
        elif path.name != STORAGE_FILE and path.name.lower() in (STORAGE_FILE, "storage.yml"):
            self._problem(path, f"must be called {STORAGE_FILE}")
        elif path.suffix.lower() in YAML:
            source = read_file(path)
            self.problems += source.problems
            if source.whole:
                self.stack.sources[path.name] = source
        elif path.suffix != ".md":
            self._problem(path, "is not read; a grant's file ends in .yaml", "warning")

    def _storages(self) -> None:
        source = self.stack.sources.get(STORAGE_FILE)
        if source is None:
            return
        entries = source.data if source.data is not None else {}
        if not isinstance(entries, dict):
            self.problems.append(source.problem((), "must map names to storages, such as scans: {kind: aws, …}"))
            return
        beside = _beside(entries)
        if beside:
            twice = {one for one in source.problems if one.field in beside and one.message.startswith("is given twice")}
            self.problems = [one for one in self.problems if one not in twice]
            entries = {name: entry for name, entry in entries.items() if name not in beside}
        self.declared = dict.fromkeys(sorted(entries))
        before = len(self.problems)
        places: dict[tuple[str, ...], str] = {}
        for name, entry in entries.items():
            if len(self.problems) > before + MOST:  # no more would be told
                return
            if not re.fullmatch(NAME, name):
                self.problems.append(source.problem((name,), NAME_RULE, at_key=True))
            if entry is None and beside:
                self.problems.append(source.problem((name,), "is empty; indent the lines under it", at_key=True))
                continue
            storage = self._storage(source, name, entry)
            if storage is None:
                continue
            if storage.place in places:
                message = f"is the same storage as {places[storage.place]}; keep one entry and use it in both grants"
                self.problems.append(source.problem((name, "bucket"), message))
            places.setdefault(storage.place, name)
            for finding in storage.beside(self.stack.storages):
                self.problems.append(self.stack.storage_problem(name, finding))
            self.stack.storages[name] = storage

    def _storage(self, source: Source, name: str, entry: object) -> Storage | None:
        model, _ = self._choose(source, (name,), entry, "kind", kinds())
        storage: Storage | None = self._validate(source, (name,), entry, model)
        for finding in storage.check() if storage else ():
            self.problems.append(self.stack.storage_problem(name, finding))
        return storage

    def _grant(self, source: Source) -> Grant | None:
        """The grant in a file, taken up; None, with the reason among the problems, if it cannot be used."""
        platform, sure = self._choose(source, (), source.data, "platform", platforms())
        grant: Grant | None = self._validate(source, (), source.data, platform.grant if platform else None)
        name = source.data.get("name") if isinstance(source.data, dict) else None
        if isinstance(name, str) and self.names.setdefault(name, source.file) != source.file:
            message = f"{short(name)} is also the name in {self.names[name]}; give one of the grants another"
            self.problems.append(source.problem(("name",), message))
        usable = platform is not None and isinstance(source.data, dict) and self._usable(source, platform, source.data)
        if grant is None or not sure or not usable:
            return None
        self.stack.grants.setdefault(grant.name, grant)
        self.stack.files.setdefault(grant.name, source)
        for storage in _used(grant, source):
            self.stack.users.setdefault((grant.platform, storage), {}).setdefault(grant.name, grant)
        return grant

    def _usable(self, source: Source, platform: Platform, data: Mapping[str, object]) -> bool:
        """Whether the storages that a grant's file names can be used; otherwise the reason is among the problems."""
        usable = True
        for path, name in platform.grant.uses(data).items():
            if not isinstance(name, str):  # which the model refuses
                usable = False
                continue
            storage = self.stack.storages.get(name)
            usable &= storage is not None
            if name not in self.declared and STORAGE_FILE in self.stack.sources:
                known = choices(name, list(self.declared)) if self.declared else "none; add an entry there"
                self._report(source, source.problem(path, f"{short(name)} is not in {STORAGE_FILE}; known: {known}"))
            elif storage and storage.name not in platform.auth:
                why = platform.refused.get(storage.name, f"{platform.title} has no documented way into it")
                message = f"{name} is of kind {storage.name}: {why}; possible: {', '.join(platform.auth)}"
                self.problems.append(source.problem(path, message))
                usable = False
        return usable

    def _choose(self, source: Source, at: Path, data: object, key: str, known: Mapping[str, Any]) -> tuple[Any, bool]:
        """The plug-in that a file's `kind` or `platform` names, and whether that is sure.

        Otherwise the reason is among the problems, and the plug-in is the one that was probably meant, so that the
        file's other mistakes are told too; None where nobody can know.
        """
        if not isinstance(data, dict):
            empty = "is empty" if data is None else "must be a mapping of keys to values"
            self._report(source, source.problem(at, f"{empty}; it starts with {key}: {either(list(known))}"))
            return None, False
        given = data.get(key)
        if isinstance(given, str) and given in known:
            return known[given], True
        if key not in data:
            self.problems.append(source.problem((*at, key), f"is missing; write {key}: {either(list(known))}"))
            given = data.get(nearest(key, data))
        else:
            self._report(source, source.problem((*at, key), f"must be {choices(given, list(known))}"))
        meant = list(known) if len(known) == 1 else [nearest(given, known)]
        return known.get(meant[0]), False

    def _validate(self, source: Source, at: Path, data: object, model: type[BaseModel] | None) -> Any:
        if model is None:
            return None
        try:
            return model.model_validate(data)
        except ValidationError as error:
            self._report(source, *problems_of(error, source, at, model))
            return None


def _used(grant: Grant, source: Source) -> set[str]:
    """The storages that a grant's file names."""
    return {str(name) for name in grant.uses(source.data).values()} if isinstance(source.data, dict) else set()


def _found(grant: Grant, context: Context) -> Iterator[Finding]:
    """What a grant's file and its platform have to say, and what its identities cannot be."""
    platform = platforms()[grant.platform]
    wrong = False
    for finding in (*grant.check(), *platform.check(grant, context)):
        wrong |= finding.severity == "error"
        yield finding
    for wanted in platform.identities(grant, context) if not wrong else ():
        yield from identity_auth(wanted.auth).check(wanted, context.iam)


def _beside(entries: Mapping[str, object]) -> set[str]:
    """The keys of entries that stand beside them instead of under them, since their lines are not indented."""
    known = {key for model in kinds().values() for key in model.model_fields}
    found: set[str] = set()
    empty = False
    for name, entry in entries.items():
        if empty and not isinstance(entry, dict) and (entry is not None or name in known):
            found.add(name)
        else:
            empty = entry is None
    return found if found & known else set()


def _meant(folder: File) -> str:
    """The stack that is called nearly like a folder that is not there; else all that there are."""
    stacks = _stacks(sorted(GRANTS.iterdir())) if GRANTS.is_dir() else {}
    if close := nearest(folder.name, stacks):
        return f"did you mean {stacks[close]}?"
    return f"{PLACE}; known: {choices('', list(stacks.values()))}" if stacks else PLACE


def _nearby(files: list[File]) -> str:
    """The stacks inside a folder that is none itself."""
    stacks = _stacks(files)
    return f"did you mean {' or '.join(stacks.values())}?" if stacks else PLACE


def _stacks(files: list[File]) -> dict[str, str]:
    """The folders of stacks, as messages show them, by name."""
    return {path.name: shown(path) for path in files if (path / STORAGE_FILE).exists()}
