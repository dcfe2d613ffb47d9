"""The JSON Schemas: current, true to the models, and named by the examples."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jsonschema
import pytest
from pydantic import BaseModel, ValidationError

from drawbridge.model import NAME
from drawbridge.paths import GRANTS, ROOT
from drawbridge.platforms import platforms
from drawbridge.platforms.interface import Grant
from drawbridge.schemas import Part, schema, text
from drawbridge.storage import aws, kinds, wasabi
from drawbridge.yamlfile import read
from tests.broken import GOOD, KEY, ROWS

VALIDATORS = {part: jsonschema.Draft202012Validator(schema(part)) for part in Part}
DOCUMENTS = 150  # for each of the two schemas


def valid(part: Part, document: Any) -> bool:
    return bool(VALIDATORS[part].is_valid(document))


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


# What only the whole folder shows, or only a platform or the reader knows, is beyond a schema.
BEYOND = (
    "is not in storage.yaml",
    "whole bucket, since",
    "the names of everything",
    "has no meaning",
    "cannot reach a name with dots",
    "V7 writes to",
    "is the same storage",
    "is another server than",
    "is an address of",
    "must have a port",
    "IP address",
    "fewer prefixes are needed",
    "keeps them for itself",
    "lies in us-east-1",
    "must not contain line ends",
    "must not contain <<",
    "must not contain .",
    "invisible character",
    "the plain one",
    "a key must be plain text",
    "start or end with a space",
    "anchors and aliases",
    "is given twice",
    "tags (",
    "second document",
    "which are the same",
    "is no way into",
    "which Lightly does not take",
    "so that Lightly could write over",
    "as the input's, since they share",
    "needs one account",
    "cannot be promised for",
    "characters, and",
    "end an old one first",
    "makes the name",
    "has no documented way into it",
    "know no named principal",
    "is not what V7 reads",
    "in its plain form",
    "is private",
    "and so not yours alone",
    "each greater than the one before",
)


@pytest.mark.parametrize(("part", "file"), [(Part.GRANT, "g.yaml"), (Part.STORAGE, "storage.yaml")])
def test_what_is_broken_in_one_file_the_schema_refuses_too(part: Part, file: str) -> None:
    seen = 0
    for row in ROWS.values():
        content = row.files.get(file, b"")
        source = read(content.encode() if isinstance(content, str) else content, "f")
        told = [line for line in row.said if line.startswith(f"{file}:") and " warning: " not in line]
        one_file = any(not any(map(line.count, BEYOND)) for line in told)
        if one_file and source.whole and source.data is not None:
            assert not valid(part, source.data), row.id
            seen += 1
    assert seen > 40


def test_an_empty_storage_file_is_right() -> None:
    assert valid(Part.STORAGE, None)
    assert valid(Part.STORAGE, read(GOOD.encode(), "f").data)


PREFIXES = [
    *("a/", "studies/2027/", "ü/", "日本/🙂/", "e\u0301/", "a b/", "'/", '"/', 'a", "b/', "%/", "#/", "!&@;:,=+()[]~^/", "..a/", "a../"),
    *(".a/b./", "a-/", "a/-b/", "a - b/", "on/", "1/", "null/", "a" * 1023 + "/", "a/" * 512, "ü" * 511 + "/", "http:/a/", "a /b/", "...../"),
]  # fmt: skip
PRINCIPALS = ["arn:aws:iam::999988887777:role/v7/stand-in", "arn:aws:iam::000000000000:user/a+b=c,d.e@f-g_h"]
SOURCES: list[dict[str, Any]] = [
    {"storage": "street", "prefix": "a/", "auth": "assume-role"},
    {"storage": "ü", "prefix": "日本/🙂/", "auth": "access-keys", "generations": [1, 2], "list_scope": "prefix"},
    {"storage": "street", "prefix": "a/", "auth": "access-keys", "generations": [7], "list_scope": "bucket"},
]
# Good values of every key, odd ones among them.
VALUES: dict[str, list[Any]] = {
    "name": ["a", "0", "street-v7", "a--b", "x" * 63],
    "platform": ["v7", "lightly"],
    "storage": ["street", "Street", "ü", ""],
    "access": ["read-only", "read-write"],
    "prefixes": [[], PREFIXES, *([prefix] for prefix in PREFIXES)],
    "write_prefix": [None, *PREFIXES],
    "write": ["location", "everywhere"],
    "mirax": [True, False],
    "list_scope": ["prefix", "bucket"],
    "accept": [
        [],
        ["whole-bucket"],
        ["list-bucket"],
        ["list-bucket", "whole-bucket"],
        ["list-bucket", "writes-over-input"],
    ],
    "auto_registration": [None, True, False],
    "cors": [None, True, False],
    "principal": [None, *PRINCIPALS],
    "integration": [None, "a", "Street imagery", "ü 日本 🙂", "x" * 255, '"', "'", "${a}", "{{ a }}", "-"],
    "uploader": [None, {"prefix": "ü/"}, {"prefix": "a/b/", "generations": [2, 9999]}],
    "input": [None, *SOURCES],
    "lightly": [None, *SOURCES, {**SOURCES[0], "delete": False}],
    "local": [
        None,
        *(
            {"input_mount": "/data", "lightly_mount": "/_a/b.c-d/", **more}
            for more in ({}, {"host": "10.0.0.7", "port": 65535})
        ),
    ],
    "shared_credentials": [True, False],
    "network": [
        None,
        {"source_ip": ["203.0.113.0/24", "203.0.113.7", "2001:db8::/32", "::1"]},
        {"source_ip": [], "source_vpc": ["vpc-0a1b2c3d"]},
    ],
    "dataset": [None, "abc", "Street Berlin_2 - ", "0" * 300],
    "dataset_type": ["images", "videos"],
    "kind": ["aws", "minio", "obs", "s3", "wasabi"],
    "bucket": ["abc", "a.b", "a-b", "0" * 63, "street-imagery", "a.-b", "1.2.3"],
    "region": sorted({*get_args(aws.Region), *get_args(wasabi.Region), "eu-de", "Region_1"}),
    "endpoint": ["https://s3.example.com", "https://10.0.0.7:9000", "https://localhost:1"],
    "existing": [True, False],
    "tls_only": [True, False],
    "versioning": [True, False],
    "keep_old_versions": [1, 36500, "forever"],
    "keep_unfinished_uploads": [1, 36500, "forever"],
    "kms_key": [None, KEY, "arn:aws:kms:eu-central-1:111122223333:key/mrk-0"],
    "bucket_key": [True, False],
    "profile": [None, "mine", "my profile"],
}
WRONG: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.0, 1.5, 36501, 10**20, "", "x", "A", "a b", " a/", "a/ ", "-a/", "a/ -b/", "a", "/", "a//b/", "/a/", "*/", "s3://a/"),
    *("../", "./a/", "a\n/", "a/\n", "a\n", "\t", "\u202e/", "`", "\\", "<", "true", "yes", "1", "v8", "aws", "READ-ONLY", "eu-north-9", "http://s3.example.com", "https://s3.example.com/", "ab", "/../x"),
    *("arn:aws:iam::*:role/x", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:role/a\n", "192.168.5.4", "a..b", "x" * 1025, "-a/ -b/"),
    *([], [None], [[]], ["x"], [1], {}, {"a": 1}, ["a/", "b"], ["whole-bucket", "x"], ["a/"] * 501, [{}], "ü" * 1024 + "/", [0], [2, 1], [10**4]),
    *({"prefix": "a"}, {**SOURCES[0], "delete": 1}, {**SOURCES[0], "auth": "x"}, {**SOURCES[0], "generations": [0]}, {"source_ip": ["0.0.0.0/0"]}, {"source_vpc": ["x"]}),
    *({"source_ip": ["203.0.113.0/24"] * 51}, {"input_mount": "/a", "lightly_mount": "b"}, {"input_mount": "/a", "lightly_mount": "/b", "port": 0}),
]  # fmt: skip


def entries(choose: random.Random, model: type[BaseModel], **fixed: Any) -> Iterator[dict[str, Any]]:
    """Documents that a model accepts, with all of its keys in random combinations."""
    while True:
        document = {
            key: fixed[key] if key in fixed else choose.choice(VALUES[key])
            for key, field in model.model_fields.items()
            if field.is_required() or choose.random() < 0.5
        }
        if accepted(model, document):
            yield document


def documents(part: Part, choose: random.Random) -> Iterator[Any]:
    """Documents of all platforms, or of all kinds of storage, in turn."""
    if part is Part.GRANT:
        grants = [entries(choose, one.grant, platform=name) for name, one in platforms().items()]
        while True:
            yield from map(next, grants)
    storages = [entries(choose, model, kind=name) for name, model in kinds().items()]
    while True:
        yield {name: next(choose.choice(storages)) for name in choose.sample(VALUES["name"], choose.randint(1, 2))}


def accepted(model: type[BaseModel], document: Any) -> bool:
    try:
        found = model.model_validate(document)
    except ValidationError:
        return False
    # Of a storage, `check` asks what no schema can say: whether one key suits another.
    return not isinstance(found, Grant) or not list(found.check())


def models_accept(part: Part, document: Any) -> bool:
    """What the loader asks of one file alone."""
    if part is Part.GRANT:
        platform = platforms().get(document.get("platform")) if isinstance(document.get("platform"), str) else None
        return platform is not None and accepted(platform.grant, document)
    return all(
        re.fullmatch(NAME, name)
        and isinstance(entry, dict)
        and isinstance(entry.get("kind"), str)
        and entry["kind"] in kinds()
        and accepted(kinds()[entry["kind"]], entry)
        for name, entry in document.items()
    )


def mutations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The document with one key changed, of its own or of a part: left out, misspelt, or with another value."""
    yield from _with_one_changed(document)
    for name, entry in document.items():
        for changed in _with_one_changed(entry) if isinstance(entry, dict) else ():
            yield {**document, name: changed}


def _with_one_changed(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key, value in entry.items():
        rest = {other: one for other, one in entry.items() if other != key}
        yield rest
        for misspelt in (f"{key}s", key[:-1], key.upper(), key.replace("_", "-"), f" {key}", f"{key}\n"):
            if misspelt != key:
                yield {**rest, misspelt: value}
        same: list[Any] = [[value], {key: value}]
        if isinstance(value, str):
            same += [f"{value}\n", f"{value} ", f" {value}", value.upper(), f"{value}/", f"/{value}", value[:-1]]
        if isinstance(value, list):
            same += [[*value, wrong] for wrong in WRONG] + ["".join(map(str, value))]
        yield from ({**rest, key: wrong} for wrong in WRONG + same)


def test_there_are_values_for_every_key() -> None:
    models = [*(platform.grant for platform in platforms().values()), *kinds().values()]
    assert {key for model in models for key in model.model_fields} == VALUES.keys()


@pytest.mark.parametrize("part", Part)
def test_what_the_models_accept_the_schema_accepts(part: Part) -> None:
    """And so, of every mutation: what the schema refuses, the models refuse."""
    choose = random.Random(7)  # noqa: S311
    refused = asked = 0
    for _, document in zip(range(DOCUMENTS), documents(part, choose), strict=False):
        assert valid(part, document), document
        for changed in mutations(document):
            if models_accept(part, changed):
                assert valid(part, changed), changed
            elif choose.random() < 0.005:
                asked += 1
                refused += not valid(part, changed)
    assert refused > asked * 0.8 > 100
