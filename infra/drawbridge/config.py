"""What belongs to a stack and not to a grant: the `drawbridge:` keys of Pulumi.<stack>.yaml."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drawbridge import iam
from drawbridge.iam import Iam
from drawbridge.load import load, no_folder
from drawbridge.paths import GRANTS, ROOT, shown
from drawbridge.problems import Invalid, Problem, choices, nearest, not_text, told
from drawbridge.yamlfile import Source, read_file

PREFIX = "drawbridge:"
IAM, IAM_KEYS = "iam_", ("path", "name_prefix", "permissions_boundary", "tags")
# https://www.pulumi.com/docs/iac/concepts/projects/stack-settings-file/
TOP = ("config", "encryptedkey", "encryptionsalt", "environment", "secretsprovider")
_SID = re.compile(r"[A-Za-z0-9]{0,32}")


@dataclass(frozen=True)
class Config:
    """`grants` is the stack's folder; `sid_suffix` is added to the names of our statements and rules.

    `iam` is what holds for the roles and users that it makes.
    """

    stack: str
    grants: Path
    sid_suffix: str = ""
    iam: Iam = field(default_factory=Iam)


def config_file(stack: str) -> Path:
    """Where Pulumi keeps the configuration of a stack of this repository."""
    return ROOT / f"Pulumi.{stack}.yaml"


def from_file(stack: str) -> Config:
    """The configuration of a stack as committed; the defaults where there is none. Raises Invalid."""
    source = _source(stack)
    return _checked(stack, _given(source), source)


def from_values(stack: str, values: Mapping[str, object]) -> Config:
    """The configuration as Pulumi gives it, all of it as text: mistakes are told as from the file. Raises Invalid."""
    source = _source(stack)
    other = {key: value for key, value in _given(source).items() if key in values and not isinstance(value, str)}
    return _checked(stack, {**values, **other}, source)


def _source(stack: str) -> Source:
    """A stack's file, or nothing where there is none; raises Invalid."""
    path = config_file(stack)
    source = read_file(path) if os.path.lexists(path) else Source(shown(path))
    top = source.data if isinstance(source.data, dict) else {}
    if not isinstance(source.data, dict | None):
        source.report((1, 1), (), "must be a mapping of keys to values; it starts with config:")
    for key in top.keys() - TOP:
        if key.startswith(PREFIX):
            source.problems.append(source.problem((key,), "belongs under config:", at_key=True))
        elif nearest(key, TOP):
            message = f"is no key of Pulumi's; allowed: {choices(key, TOP)}"
            source.problems.append(source.problem((key,), message, at_key=True))
    config = top.get("config")
    if not isinstance(config, dict | None):
        source.problems.append(source.problem(("config",), f"must be a mapping, as {PREFIX}grants: grants/{stack}"))
    for key in config if isinstance(config, dict) else ():
        namespace, colon, _ = key.partition(":")
        if colon and namespace != PREFIX[:-1] and nearest(namespace, [PREFIX[:-1]]):
            message = f"is nobody's key; did you mean {PREFIX}{key[len(namespace) + 1 :]}?"
            source.problems.append(source.problem(("config", key), message, at_key=True))
    if source.problems:
        raise Invalid(told(source.problems))
    return source


def _given(source: Source) -> dict[str, object]:
    """Our keys in a file, without their namespace."""
    values = (source.data.get("config") if isinstance(source.data, dict) else None) or {}
    return {key.removeprefix(PREFIX): value for key, value in values.items() if key.startswith(PREFIX)}


def _checked(stack: str, values: Mapping[str, object], source: Source) -> Config:
    known = (
        {"grants": shown(GRANTS / stack), "sid_suffix": ""}
        | {f"{IAM}{key}": "" for key in IAM_KEYS}
        | {f"{IAM}path": "/"}
    )
    wrong = {key: message for key, value in values.items() if (message := _wrong(key, value, list(known)))}
    problems = [
        source.problem(("config", f"{PREFIX}{key}"), message, at_key=key not in known) for key, message in wrong.items()
    ]
    texts = known | {key: str(value) for key, value in values.items()}
    folder = ROOT / texts["grants"]
    if problems:
        raise Invalid([*told(problems), *([] if "grants" in wrong else _in_folder(folder))])
    given = {key: texts[f"{IAM}{key}"] for key in IAM_KEYS if key != "tags"}
    return Config(stack, folder, texts["sid_suffix"], Iam(**given, tags=iam.tags(texts[f"{IAM}tags"])))


def _in_folder(folder: Path) -> list[Problem]:
    """What is wrong with the grants, so that it is told together with what is wrong here."""
    if no_folder(folder):
        return []
    try:
        load(folder)
    except Invalid as invalid:
        return invalid.problems
    return []


def _wrong(key: str, value: object, known: Sequence[str]) -> str:
    """What is wrong with a key or its value; "" if nothing is."""
    if key not in known:
        return f"is no key of ours; allowed: {choices(key, known)}"
    if not isinstance(value, str):
        return not_text(value)
    if key.startswith(IAM):
        return iam.wrong(key.removeprefix(IAM), value)
    if key == "sid_suffix" and not _SID.fullmatch(value):
        return "must be at most 32 letters and digits, since a Sid takes nothing else"
    if key == "grants" and (missing := no_folder(ROOT / value) if value else "is empty"):
        return f"{missing}; a stack's grants lie in grants/<stack>/"
    return ""
