"""What belongs to a stack and not to a grant: the `drawbridge:` keys of Pulumi.<stack>.yaml."""

import os
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
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
SECURE = "secure"  # under which Pulumi keeps what is encrypted
# An identity is called after its grant and what it is for, so its name may be longer than the grant's.
_HANDED_IN = re.compile(r"[a-z0-9][a-z0-9-]*\.(?:access_key|secret_key|external_id)\.[1-9][0-9]{0,3}")
_SID = re.compile(r"[A-Za-z0-9]{0,32}")


@dataclass(frozen=True)
class Config:
    """`grants` is the stack's folder; `sid_suffix` is added to the names of our statements and rules.

    `iam` is what holds for the roles and users that it makes. `handed_in` are the names of tokens whose values the
    configuration holds, such as `street-lightly-input.secret_key.1`, with where.
    """

    stack: str
    grants: Path
    sid_suffix: str = ""
    iam: Iam = field(default_factory=Iam)
    handed_in: Mapping[str, Callable[[str], Problem]] = field(default_factory=dict)
    """Each with what puts a warning about it in its place."""


def config_file(stack: str) -> Path:
    """Where Pulumi keeps the configuration of a stack of this repository."""
    return ROOT / f"Pulumi.{stack}.yaml"


def from_file(stack: str) -> Config:
    """The configuration of a stack as committed; the defaults where there is none. Raises Invalid."""
    source = _source(stack)
    return _checked(stack, _given(source), source)


def from_values(stack: str, values: Mapping[str, object], secret: Collection[str]) -> Config:
    """The configuration as Pulumi gives it, all of it as text: mistakes are told as from the file. Raises Invalid.

    `secret` are the keys of what is encrypted.
    """
    source = _source(stack)
    other = {key: value for key, value in _given(source).items() if key in values and not isinstance(value, str)}
    hidden = {key: {SECURE: ""} for key in values if key in secret}
    return _checked(stack, {**values, **other, **hidden}, source)


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
    handed_in = {key: value for key, value in values.items() if is_handed_in(key)}
    values = {key: value for key, value in values.items() if key not in handed_in}
    wrong = {key: message for key, value in values.items() if (message := _wrong(key, value, list(known)))}
    clear = {key: message for key, value in handed_in.items() if (message := _in_clear(key, value))}
    problems = [
        source.problem(("config", f"{PREFIX}{key}"), message, at_key=key not in known)
        for key, message in {**wrong, **clear}.items()
    ]
    texts = known | {key: str(value) for key, value in values.items()}
    folder = ROOT / texts["grants"]
    if problems:
        raise Invalid([*told(problems), *([] if "grants" in wrong else _in_folder(folder))])
    given = {key: texts[f"{IAM}{key}"] for key in IAM_KEYS if key != "tags"}
    places = {key: partial(_warning, source, key) for key in handed_in}
    return Config(stack, folder, texts["sid_suffix"], Iam(**given, tags=iam.tags(texts[f"{IAM}tags"])), places)


def is_handed_in(key: str) -> bool:
    """Whether a key of ours has the form of a token that can be handed in."""
    return bool(_HANDED_IN.fullmatch(key))


def _warning(source: Source, key: str, message: str) -> Problem:
    return source.problem(("config", f"{PREFIX}{key}"), message, at_key=True, severity="warning")


def _in_clear(key: str, value: object) -> str:
    """What is wrong with what is handed in; "" if nothing is. An access key's own id is no secret."""
    if isinstance(value, dict) and list(value) == [SECURE]:
        return ""
    if ".access_key." in key:
        return "" if isinstance(value, str) and value else "must be the key's id, as a text"
    return f"must be a secret; pulumi config set --secret {PREFIX}{key} asks for it"


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
    if "." in key:
        return (
            "is no key of ours; what is handed in is called after an identity, what it is, and its generation, such as "
            f"{PREFIX}street-lightly-input.secret_key.1; also access_key and external_id"
        )
    if key not in known:
        return f"is no key of ours; allowed: {choices(key, known)}"
    if not isinstance(value, str):
        return iam.NO_TAGS if key == f"{IAM}tags" else not_text(value)
    if key.startswith(IAM):
        return iam.wrong(key.removeprefix(IAM), value)
    if key == "sid_suffix" and not _SID.fullmatch(value):
        return "must be at most 32 letters and digits, since a Sid takes nothing else"
    if key == "grants" and (missing := no_folder(ROOT / value) if value else "is empty"):
        return f"{missing}; a stack's grants lie in grants/<stack>/"
    return ""
