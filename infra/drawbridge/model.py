"""What the models of users' files share: strictness, the small types, and words for what pydantic found."""

import re
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, ValidationError, WithJsonSchema

from drawbridge.problems import MOST, Path, Problem, choices, hidden, not_text, short
from drawbridge.yamlfile import UNSEEN, Source

NAME = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
NAME_RULE = "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html
ARN = r"arn:aws:iam::[0-9]{12}:(?:role|user)/(?:[A-Za-z0-9_+=,.@-]+/)*[A-Za-z0-9_+=,.@-]+"
MOST_GENERATIONS = 9999
LIVE_CHARACTERS = "*?${}"  # what a policy or a shell would expand
# From "characters to avoid": https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
_FORBIDDEN = re.compile(r"[\\`|<>]")
_LIKE_A_LIST = r"^-| -(?! )"  # what YAML makes of `-a/` and `-b/` on lines of their own: one text


class Model(BaseModel):
    """A part of a user's file: unknown keys are refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _name(value: str) -> str:
    if not re.fullmatch(NAME, value):
        raise ValueError(NAME_RULE)
    return value


def _prefix(value: str) -> str:
    """A folder: an S3 key prefix that ends in `/`, so that `scans/` never means `scans-old/`."""
    if not value or value == "/":
        raise ValueError("is empty; name a folder such as studies/")
    if any(map(hidden, set(value))):
        raise ValueError(UNSEEN)
    if live := sorted(set(value) & set(LIVE_CHARACTERS)):
        raise ValueError(f"must not contain {' '.join(live)}: a prefix is a folder, not a pattern")
    if _FORBIDDEN.search(value):
        raise ValueError("must not contain \\ ` | < >, which S3 advises against and documents trip over")
    if "://" in value:
        raise ValueError("must not be an address; write the folder inside the bucket, such as studies/")
    if value != value.strip():
        raise ValueError("must not start or end with a space")
    if value.startswith("/"):
        raise ValueError(f"must not start with /; write {short(value.lstrip('/') or 'studies/')}")
    if re.search(_LIKE_A_LIST, value):
        asked = "is a space missing after a dash of a list?"
        written = ", ".join(f"{part.rstrip('/')}/" for part in _parts(value) if part.strip("/")) or "studies/"
        raise ValueError(f"must not begin with -, nor have one after a space: {asked} write {short(written)}")
    if "//" in value:
        raise ValueError(f"must not contain //; write {short(re.sub('/+', '/', value))}")
    if {".", ".."} & set(value.split("/")):
        raise ValueError("must not contain . or .. as a folder, which some tools follow and others do not")
    if not value.endswith("/"):
        raise ValueError(f"must end in /, since a prefix means a folder; write {short(value)}/")
    if len(value.encode()) > 1024:
        raise ValueError("is longer than the 1,024 bytes of an S3 key")
    return value


def _arn(value: object) -> object:
    if isinstance(value, int) or (isinstance(value, str) and not (re.fullmatch(ARN, value) and len(value) <= 2048)):
        raise ValueError("must be the ARN of one role or user, such as arn:aws:iam::111122223333:role/name")
    return value


def _days(value: object) -> object:
    if value == "forever" or (isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 36500):
        return value
    raise ValueError("must be a number of days (1 to 36500) or forever")


def _generations(value: list[int]) -> list[int]:
    if not value or min(value) < 1 or max(value) > MOST_GENERATIONS or value != sorted(set(value)):
        raise ValueError(
            f"must be numbers from 1 to {MOST_GENERATIONS}, each greater than the one before, such as [1] or [1, 2]"
        )
    return value


Name = Annotated[str, AfterValidator(_name), WithJsonSchema({"type": "string", "pattern": f"^{NAME}$"})]
Prefix = Annotated[
    str,
    AfterValidator(_prefix),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^(?![ -])(?!.* -[^ ])(?!.*://)(?:(?!\.{1,2}/)[^/*?${}\\\\`|<>\x00-\x1f\x7f]+/)+$",
            "maxLength": 1024,
            "examples": ["studies/"],
        }
    ),
]
Arn = Annotated[
    str, BeforeValidator(_arn), WithJsonSchema({"type": "string", "pattern": f"^{ARN}$", "maxLength": 2048})
]
Generations = Annotated[
    list[int],
    AfterValidator(_generations),
    WithJsonSchema(
        {
            "type": "array",
            "items": {"type": "integer", "minimum": 1, "maximum": MOST_GENERATIONS},
            "minItems": 1,
            "uniqueItems": True,
        }
    ),
]
Days = Annotated[
    int | Literal["forever"],
    BeforeValidator(_days),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1, "maximum": 36500}, {"const": "forever"}]}),
]
_MUST_BE = {
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a mapping of keys to values",
}
_BOUNDS = {"greater_than_equal": ("least", "ge"), "less_than_equal": ("most", "le")}


def problems_of(error: ValidationError, source: Source, at: Path, model: type[BaseModel]) -> Iterator[Problem]:
    """Turns pydantic's findings about the data at a path into located problems in our words."""
    for details in error.errors(include_url=False)[: MOST + 1]:
        path = (*at, *details["loc"])
        kind, hint = details["type"], _hint(model, details["loc"])
        if kind == "extra_forbidden":
            known = sorted(_part(model, details["loc"][:-1]).model_fields)
            yield source.problem(path, f"is no key here; allowed: {choices(path[-1], known)}", at_key=True)
        elif kind == "missing":
            yield source.problem(path, f"is missing{hint}")
        elif kind == "model_type":
            fields = _part(model, details["loc"]).model_fields
            keys = [key for key, field in fields.items() if field.is_required()] or list(fields)
            yield source.problem(path, f"must be a mapping, as {{{', '.join(f'{key}: …' for key in keys)}}}{hint}")
        else:
            yield source.problem(path, _words(kind, details, hint))


def _part(model: type[BaseModel], loc: Path) -> type[BaseModel]:
    """The model of what lies at a path inside a model's data."""
    for key in loc:
        field = model.model_fields.get(str(key))
        inner = field.annotation if field else None
        models = [one for one in (inner, *get_args(inner)) if isinstance(one, type) and issubclass(one, BaseModel)]
        model = models[0] if models else model
    return model


def _hint(model: type[BaseModel], loc: Path) -> str:
    """What a key is for, from the model's own description."""
    field = _part(model, loc[:-1]).model_fields.get(str(loc[-1])) if loc else None
    return f": {field.description}" if field and field.description else ""


def _words(kind: str, details: Any, hint: str) -> str:
    given = details["input"]
    if kind == "value_error":
        return str(details["ctx"]["error"])
    if kind == "literal_error":
        allowed = re.findall(r"'([^']*)'", details["ctx"]["expected"])
        return f"must be {choices(given, allowed)}"
    if kind == "string_type":
        return not_text(given) if given is not None else f"is empty{hint}"
    if kind == "list_type":
        return (
            _no_list(given)
            if isinstance(given, str)
            else f"must be a list, as [{short(given)}]{hint}"
            if isinstance(given, int)
            else f"must be a list, as [a, b]{hint}"
        )
    if kind == "too_long":
        count, most = len(given), details["ctx"]["max_length"]
        return (
            f"has {count:,} entries, and at most {most:,} are allowed; name something larger that holds several of them"
        )
    if kind in _BOUNDS:
        word, key = _BOUNDS[kind]
        return f"must be at {word} {details['ctx'][key]:,}"
    if kind in _MUST_BE:
        quoted = kind == "bool_type" and isinstance(given, str) and given.lower() in ("true", "false")
        return f"must be {_MUST_BE[kind]}{', without quotes' if quoted else ''}"
    return str(details["msg"])


def _no_list(text: str) -> str:
    """What to say about a text in the place of a list."""
    dash = " is a space missing after the dash?" if re.search(_LIKE_A_LIST, text) else ""
    return f"must be a list;{dash} write [{short(', '.join(_parts(text)))}]"


def _parts(text: str) -> list[str]:
    """What a text would be as a list: its lines began with dashes, or commas or spaces stand between its entries."""
    between = r" +-(?! )|, *|(?<=/) +(?:- +)?" if "/" in text else r" +-(?! )|, *| +(?:- +)?"
    return [part for part in re.split(between, text.removeprefix("-")) if part]
