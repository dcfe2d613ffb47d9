"""What belongs to a stack and not to a grant: the `drawbridge:` keys of Pulumi.<stack>.yaml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from drawbridge.paths import GRANTS, ROOT, shown
from drawbridge.problems import Invalid, Problem, choices
from drawbridge.yamlfile import read_file

PREFIX = "drawbridge:"
_SID = re.compile(r"[A-Za-z0-9]{0,32}")


@dataclass(frozen=True)
class Config:
    """`grants` is the stack's folder; `sid_suffix` is added to the names of our statements and rules."""

    stack: str
    grants: Path
    sid_suffix: str = ""


def config_file(stack: str) -> Path:
    """Where Pulumi keeps the configuration of a stack of this repository."""
    return ROOT / f"Pulumi.{stack}.yaml"


def from_file(stack: str) -> Config:
    """The configuration of a stack as committed; the defaults where there is none. Raises Invalid."""
    path = config_file(stack)
    if not path.exists():
        return from_values(stack, {}, shown(path))
    source = read_file(path)
    values = source.data.get("config") if isinstance(source.data, dict) else None
    values = values if isinstance(values, dict) else {}
    given = {key.removeprefix(PREFIX): value for key, value in values.items() if key.startswith(PREFIX)}
    try:
        return from_values(stack, given, shown(path))
    except Invalid as invalid:
        raise Invalid(
            source.problem(("config", problem.field), problem.message, at_key=True) for problem in invalid.problems
        ) from None


def from_values(stack: str, values: Mapping[str, object], file: str) -> Config:
    """The configuration from its keys, without their namespace; raises Invalid with every mistake."""
    known = {"grants": shown(GRANTS / stack), "sid_suffix": ""}
    problems = [
        Problem(file, 1, 1, f"{PREFIX}{key}", f"is no key of ours; allowed: {choices(key, list(known))}")
        for key in values
        if key not in known
    ]
    problems += [
        Problem(file, 1, 1, f"{PREFIX}{key}", "must be text; put quotes around it")
        for key, value in values.items()
        if key in known and not isinstance(value, str)
    ]
    texts = known | {key: str(value) for key, value in values.items() if key in known}
    if not _SID.fullmatch(texts["sid_suffix"]):
        message = "must be at most 32 letters and digits, since a Sid takes nothing else"
        problems.append(Problem(file, 1, 1, f"{PREFIX}sid_suffix", message))
    if problems:
        raise Invalid(problems)
    return Config(stack, ROOT / texts["grants"], texts["sid_suffix"])
