"""The JSON Schemas: current, true to the models, and named by the examples."""

from __future__ import annotations

import textwrap
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from drawbridge.paths import GRANTS, ROOT
from drawbridge.problems import Invalid
from drawbridge.schemas import Part, schema, text
from drawbridge.yamlfile import read
from tests.files import STORAGE, plan
from tests.test_load import BROKEN_GRANTS, BROKEN_STORAGE, GRANT


def valid(part: Part, document: Any) -> bool:
    return bool(jsonschema.Draft202012Validator(schema(part)).is_valid(document))


@pytest.mark.parametrize("part", Part)
def test_the_committed_file_is_the_models(part: Part) -> None:
    committed = (ROOT / "schemas" / f"{part}.schema.json").read_text()
    assert committed == text(part), f"run: drawbridge schema {part} > schemas/{part}.schema.json"


@pytest.mark.parametrize("part", Part)
def test_is_a_schema(part: Part) -> None:
    jsonschema.Draft202012Validator.check_schema(schema(part))


@pytest.mark.parametrize("path", sorted(GRANTS.rglob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_names_its_schema_and_fits_it(path: Path) -> None:
    part = Part.STORAGE if path.name == "storage.yaml" else Part.GRANT
    assert path.read_text().startswith(f"# yaml-language-server: $schema=../../schemas/{part}.schema.json\n")
    assert valid(part, read(path.read_bytes(), "f").data)


def test_what_the_models_refuse_in_one_file_the_schema_refuses_too() -> None:
    # What only the whole folder shows, or only a platform knows, is beyond a schema.
    beyond = (
        "is not in storage.yaml",
        "whole bucket, since",
        "has no meaning",
        "does not occur",
        "is the same storage",
        "1,024",
        "IP address",
        "must not contain <<",
        "keeps for itself",
        "another partition",
        "must not contain line ends",
        "invisible character",
        "end with a space",
    )
    for part, table in ((Part.GRANT, BROKEN_GRANTS), (Part.STORAGE, BROKEN_STORAGE)):
        for broken, said in table:
            if "not valid YAML" not in said and not any(words in said for words in beyond):
                document = read(broken.encode(), "f").data
                assert not valid(part, document) or document is None, said


def test_what_the_models_take_the_schema_takes(tmp_path: Path) -> None:
    for line in (
        "prefixes: [a/, a/b/, 'ü x/']",
        "prefixes: [a/]\ncors: true",
        "accept: [whole-bucket]",
        "prefixes: [a/]\nwrite_prefix: b/",
    ):
        lines = [kept for kept in GRANT.splitlines() if not kept.startswith(("prefixes", "write_prefix"))]
        document = "\n".join([*lines, line])
        try:
            plan(tmp_path, STORAGE, g=document)
        except Invalid as invalid:
            pytest.fail(str(invalid))
        assert valid(Part.GRANT, read(document.encode(), "f").data), line
    assert valid(Part.STORAGE, read(textwrap.dedent(STORAGE).encode(), "f").data)
    assert valid(Part.STORAGE, None)
