"""Renders Jinja2 templates: policy documents, in which every value passes `tojson`, and plain text."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from drawbridge.paths import POLICIES

SETTINGS = Path(__file__).resolve().parent / "platforms" / "templates"


class UnsafeTemplate(Exception):
    """A template writes a value without the filter that makes it safe, or a document that is no JSON."""


def document(name: str, /, **values: Any) -> Any:
    """A policy document as data, from `policies/<name>`; keys keep the template's order."""
    text = _documents().get_template(name).render(values)
    try:
        return json.loads(text, object_pairs_hook=_unique)
    except ValueError as error:
        raise UnsafeTemplate(f"policies/{name} does not give JSON: {error}") from None


def text(name: str, /, **values: Any) -> str:
    """A text of the settings, from `platforms/templates/<name>`."""
    return _texts().get_template(name).render(values)


def _only_json(value: Any) -> Any:
    """Refuses what has not passed `tojson`, which alone returns Markup here."""
    if not isinstance(value, Markup):
        raise UnsafeTemplate(f"a value is written without tojson: {value!r}")
    return value


def _python(value: Any) -> str:
    """A value as Python writes it, a long list a text a line; what is not given has a repr too, and must not pass."""
    if type(value) is list and all(type(one) is str for one in value):
        line = repr(value)
        return line if len(line) <= 100 else "".join(["[\n", *(f"    {one!r},\n" for one in value), "]"])
    if type(value) not in (str, bool):
        raise UnsafeTemplate(f"only a text, a list of texts or a bool is written as Python: {value!r}")
    return repr(value)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key is given twice among {', '.join(keys)}")
    return dict(pairs)


@cache
def _documents() -> Environment:
    environment = _environment(POLICIES, finalize=_only_json)
    environment.filters = {"tojson": environment.filters["tojson"]}  # `safe` and `escape` would give Markup too
    return environment


@cache
def _texts() -> Environment:
    environment = _environment(SETTINGS)
    environment.filters["python"] = _python
    return environment


def _environment(folder: Path, **options: Any) -> Environment:
    # Autoescape is for HTML; documents are made safe by tojson, and settings are Markdown.
    return Environment(
        loader=FileSystemLoader(folder),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701
        **options,
    )
