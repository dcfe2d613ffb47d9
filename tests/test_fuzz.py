"""Made-up and hostile files: always a plan or a clear answer, in bounded time and memory, and nothing is ever injected."""

from __future__ import annotations

import ast
import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.config import Config
from drawbridge.model import LIVE_CHARACTERS
from drawbridge.paths import ROOT
from drawbridge.plan import Plan, make_plan
from drawbridge.platforms import platforms
from drawbridge.problems import Invalid, hidden
from drawbridge.storage import kinds
from drawbridge.storage.s3 import S3Bucket
from drawbridge.yamlfile import LARGEST
from tests.broken import GOOD, KEY, READING
from tests.files import GRANT

MORE = """\
# a comment, "quoted": and 'more'
name: street-v7
platform: v7
storage: street
access: "read-write"
prefixes:
  - berlin/   # with a comment
  - 'it''s/'
  - "a\\"b/"
  - ü 日本/🙂/
write_prefix: darwin/
write: everywhere
mirax: true
list_scope: bucket
accept: [list-bucket]
auto_registration: false
cors: true
principal: arn:aws:iam::999988887777:role/v7/stand-in
integration: Street imagery
"""
STORAGES = f"""\
street: {{kind: aws, bucket: street-imagery, region: us-east-1, kms_key: '{KEY}', bucket_key: true}}
wide:
  kind: wasabi
  bucket: your-s3-bucket-name
  region: eu-central-2
  profile: mine
  tls_only: true
  versioning: false
  keep_old_versions: 30
  keep_unfinished_uploads: forever
there: {{kind: aws, bucket: is-there, region: eu-central-1, existing: true}}
"""
ODD = [
    *"\u034f\u115f\u180e\u2003\u2800\u3000\u3164\ufe0f\uffa0\U000e0100",
    *"\t\0\x07\x1b\x7f\x85\xa0\xad\u200b\u2028\u202e\ufeff\ufffd\ufffe\U0001f642\U000e0001é日\r\n",
    *"&*!%@`|>?#-:,[]{}\"'\\~=$<^",
    *("\n-a/\n", "\n  -a/\n  -b/\n", " -b/", "\nkind: aws\n"),
    *("&a ", "*a", "!!str ", "!<x> ", "%YAML 1.1\n", "\n---\n", "\n...\n", "<<: ", "<<aws.account>>", "? ", "- ", ": "),
    *("${aws:username}", "{{ 7 * 7 }}", "{% raw %}", '", "Action": "s3:*', "../", "//", "s3://", "/*", "arn:aws:s3:::"),
    *("9" * 400, "-0", "1e999", ".inf", "0x7f", "0o7", "null", "true", "[" * 40, "{" * 40, "{a: " * 30, "[" * 9 + "]" * 9),
    *("\\ud800", "\\0", "\\u202e", "'" * 3, '"' * 3, "\r\n\r\n", "\n\t", "  ", "a" * 1030),
]  # fmt: skip
BYTES = [b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\xc3", b"\xf4\x90\x80\x80", b"\xef\xbb\xbf", b"\0", b"\xe2\x80\xa8"]
KEYS = sorted(
    {key for one in [*(one.grant for one in platforms().values()), *kinds().values()] for key in one.model_fields}
)
WORDS = [
    *("aws", "wasabi", "v7", "street", "street-v7", "read-only", "read-write", "eu-central-1", "forever", "everywhere"),
    *("whole-bucket", "list-bucket", "bucket", "a/", "berlin/", "/", "*", "street-imagery", "", "ü/", "a//b/", "x" * 70),
]  # fmt: skip


@st.composite
def mutated(draw: st.DrawFn, texts: tuple[str, ...]) -> bytes:
    """A good file with some of its text changed."""
    text = draw(st.sampled_from(texts))
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 4]))):
        at = draw(st.integers(0, len(text)))
        piece = draw(st.one_of(st.sampled_from(ODD), st.sampled_from(WORDS), st.text(max_size=4)))
        lines = text.splitlines(keepends=True) or [""]
        number = draw(st.integers(0, len(lines) - 1))
        change = draw(st.integers(0, 7))
        if change <= 1:
            text = text[:at] + piece + text[at:]
        elif change == 2:
            text = text[:at] + text[at + draw(st.integers(1, 30)) :]
        elif change == 3:
            text = text[:at] + piece + text[at + len(piece) :]
        elif change == 4:
            lines.insert(draw(st.integers(0, len(lines))), lines[number])
            text = "".join(lines)
        elif change == 5:
            lines[number] = draw(st.sampled_from(["  ", "\t", " ", "- ", "# ", "? "])) + lines[number]
            text = "".join(lines)
        elif change == 6:
            key, colon, _ = lines[number].partition(": ")
            text = "".join([*lines[:number], key, colon, piece, "\n", *lines[number + 1 :]])
        else:
            del lines[number]
            text = "".join(lines)
    content = text.encode(errors="surrogatepass")
    if draw(st.integers(0, 9)) == 0:
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.sampled_from(BYTES)) + content[at:]
    return content


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(st.sampled_from(WORDS), st.none(), st.booleans(), st.integers(), st.text(max_size=6)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*KEYS, "a", ""]), inner, max_size=3),
    max_leaves=6,
)
DOCUMENTS = st.dictionaries(st.one_of(st.sampled_from(KEYS), st.text(max_size=5)), VALUES, max_size=12)


def outcome(files: Mapping[str, bytes]) -> Plan | Invalid:
    """The plan of a folder, or what is wrong with it; both are looked at."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file, content in files.items():
            (folder / file).write_bytes(content)
        try:
            plan = make_plan(Config("stack", folder))
        except Invalid as invalid:
            _clear(invalid, {str(folder / file): content for file, content in files.items()})
            return invalid
    _sound(plan)
    return plan


def _clear(invalid: Invalid, files: Mapping[str, bytes]) -> None:
    """Every problem stands inside its file, and is one line that can be shown on a terminal."""
    assert invalid.problems
    assert any(problem.severity == "error" for problem in invalid.problems)
    for problem in invalid.problems:
        lines = files[problem.file].decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert not any(map(hidden, str(problem)))
        assert 10 < len(str(problem)) < 4000


def _sound(plan: Plan) -> None:
    """What was taken lets the documented principals, and nobody else, into folders of the bucket, and no further."""
    for planned in plan.storages.values():
        assert isinstance(planned.storage, S3Bucket)
        arn, policy = planned.storage.arn, json.loads(json.dumps(planned.documents.policy))
        asked = {prefix for access in planned.accesses for prefix in access.prefixes}
        assert all(prefix == "" or prefix.endswith("/") for prefix in asked)
        assert not any(set(prefix) & {*LIVE_CHARACTERS, "<", ">", "\n"} or any(map(hidden, prefix)) for prefix in asked)
        principals = {access.principal.arn for access in planned.accesses}
        for statement in policy.get("Statement", []):
            resources = statement["Resource"]
            resources = [resources] if isinstance(resources, str) else resources
            if statement["Effect"] == "Deny":
                assert resources == [arn, f"{arn}/*"]
                continue
            assert statement["Principal"]["AWS"] in principals
            assert set(statement["Action"]) <= {"s3:GetObject", "s3:PutObject", "s3:ListBucket"}
            if statement["Action"] == ["s3:ListBucket"]:
                assert resources == [arn]
            else:
                allowed = {f"{arn}/{prefix}*" for prefix in asked}
                assert allowed.issuperset(resources)
                assert all(resource.count("*") == 1 for resource in resources)
    for grant in plan.grants.values():
        for name, content in grant.settings.files.items():
            if name.endswith(".json"):
                json.loads(content)


@settings(max_examples=400)
@given(mutated((GRANT, READING, MORE)))
def test_a_grant_with_some_text_changed(content: bytes) -> None:
    outcome({"storage.yaml": STORAGES.encode(), "g.yaml": content})


@settings(max_examples=250)
@given(mutated((STORAGES, GOOD)))
def test_a_storage_with_some_text_changed(content: bytes) -> None:
    outcome({"storage.yaml": content, "g.yaml": GRANT.encode(), "h.yaml": READING.replace("street", "wide").encode()})


@settings(max_examples=200)
@given(
    DOCUMENTS,
    st.dictionaries(st.one_of(st.sampled_from(["street", "wide"]), st.text(max_size=5)), DOCUMENTS, max_size=3),
)
def test_made_up_documents(grant: dict[str, Any], storages: dict[str, Any]) -> None:
    outcome({"storage.yaml": json.dumps(storages).encode(), "g.yaml": json.dumps({**grant}).encode()})
    outcome({"storage.yaml": STORAGES.encode(), "g.yaml": json.dumps({"platform": "v7", **grant}).encode()})


@settings(max_examples=200)
@given(st.binary(max_size=200), st.binary(max_size=200))
def test_any_bytes(storage: bytes, grant: bytes) -> None:
    outcome({"storage.yaml": storage, "g.yaml": grant})


@settings(max_examples=250)
@given(
    st.lists(st.text(min_size=1, max_size=12).map(lambda text: f"{text}/"), min_size=1, max_size=4),
    st.text(min_size=1, max_size=12).map(lambda text: f"{text}/"),
    st.text(min_size=1, max_size=12),
)
def test_any_text_as_a_value_is_refused_or_right(prefixes: list[str], write_prefix: str, integration: str) -> None:
    keys = {"prefixes": prefixes, "write_prefix": write_prefix, "integration": integration, "auto_registration": False}
    grant = {"name": "street-v7", "platform": "v7", "storage": "street", "access": "read-write", **keys}
    found = outcome({"storage.yaml": GOOD.encode(), "g.yaml": json.dumps(grant).encode()})
    if isinstance(found, Plan):
        read, written = (access.prefixes for access in found.grants["street-v7"].accesses)
        assert (set(read), set(written)) == ({*prefixes, write_prefix}, {write_prefix})
        fields = json.loads(found.grants["street-v7"].settings.files["v7-storage-integration.json"])["form"]
        assert (fields["Name"], fields["S3 Prefix"]) == (integration, write_prefix)
        for name, content in found.grants["street-v7"].settings.files.items():
            if name.endswith(".py"):
                constants = [one.value for one in ast.walk(ast.parse(content)) if isinstance(one, ast.Constant)]
                assert integration in constants


def _grant(name: str, **keys: str) -> str:
    given = {"name": name, "platform": "v7", "storage": "street", "access": "read-only", "prefixes": "[b/]", **keys}
    return "".join(f"{key}: {value}\n" for key, value in given.items())


def _repeated(piece: str) -> Callable[[], dict[str, str]]:
    return lambda: {"g.yaml": piece * (LARGEST // len(piece.encode()))}


def _listed(format_: str, number: int) -> str:
    return f"[{', '.join(format_.format(one) for one in range(number))}]"


def _many(number: int, **keys: str) -> dict[str, str]:
    return {
        f"g{one}.yaml": _grant(f"g{one}", **{key: text.format(one) for key, text in keys.items()})
        for one in range(number)
    }


# The worst that was thought of: each file as large as it may be, or very many files.
WORST: dict[str, Callable[[], dict[str, str]]] = {
    **{repr(piece): _repeated(piece) for piece in ("[", "{", "- ", "a: ", "? ", "&a ", "*a ", "!", "'", "\\", "---\n", "#\n")},
    **{repr(piece): _repeated(piece) for piece in ("\u200b", "\t", "\r", "a\n", "- !x y\n", "- [1]\n", "{a: ", "[a, ", "? - ")},
    "too large": lambda: {"g.yaml": "a" * (LARGEST * 40)},
    "one long scalar": lambda: {"g.yaml": "name: " + "a" * (LARGEST - 6)},
    "one long quoted scalar": lambda: {"g.yaml": 'name: "' + "\\n" * (LARGEST // 2 - 4) + '"'},
    "a scalar of many lines": lambda: {"g.yaml": "name: b" + "\n c" * (LARGEST // 3 - 4)},
    "one key very often": lambda: {"g.yaml": "a:\n" * (LARGEST // 3)},
    "very many keys": lambda: {"g.yaml": "".join(f"{one:x}:\n" for one in range(43_000))},
    "very many keys in braces": lambda: {"g.yaml": "{" + ",".join(f"{one:x}" for one in range(43_000)) + "}"},
    "keys that are nearly right": lambda: {"g.yaml": "".join(f"prefixe{one}: x\n" for one in range(16_000))},
    "long keys that are nearly right": lambda: {"g.yaml": "".join("prefixes" * 125 + f"{one}: x\n" for one in range(250))},
    "a long key over one that is there often": lambda: {"g.yaml": "? " + "k" * 100_000 + "\n: {" + "a: 1, " * 25_000 + "}\n"},
    "long keys under long keys": lambda: {"g.yaml": "".join("? " + "k" * 14_000 + "\n: " + " " * one for one in range(2, 18, 2)) + "[&a 1]"},
    "wide where it is deep": lambda: {"g.yaml": "a: " + "[" * 18 + "1," * 120_000 + "1" + "]" * 18},
    "anchors": lambda: {"g.yaml": "".join(f"k{one}: &a{one} 1\n" for one in range(15_000))},
    "a billion laughs": lambda: {"g.yaml": "a0: &a0 [x, x]\n" + "".join(f"a{one}: &a{one} [{f'*a{one - 1}, ' * 9}]\n" for one in range(1, 2_000))},
    "prefixes": lambda: {"g.yaml": _grant("g", access="read-write", prefixes=_listed("p{}/", 500), write_prefix="p/")},
    "prefixes that are too many": lambda: {"g.yaml": _grant("g", prefixes=_listed("p{}/", 30_000))},
    "prefixes as one text": lambda: {"g.yaml": _grant("g", prefixes="\n " + "\n ".join(f"-p{one}/" for one in range(28_000)))},
    "dashes and spaces": lambda: {"g.yaml": _grant("g", prefixes="'" + " -" * 100_000 + "'", write_prefix="'" + "- " * 20_000 + "'")},
    "prefixes that are wrong": lambda: {"g.yaml": _grant("g", prefixes=_listed("p{}", 30_000))},
    "one prefix very often": lambda: {"g.yaml": _grant("g", access="read-write", prefixes=_listed("a/", 60_000), write_prefix="a/")},
    "prefixes inside each other": lambda: {"g.yaml": _grant("g", prefixes=f"[{', '.join('a/' * one for one in range(1, 500))}]")},
    "words that are nearly right": lambda: {"g.yaml": _grant("g", accept=_listed("whole-bucke{}", 14_000))},
    "what is accepted for nothing": lambda: {"g.yaml": _grant("g", accept=_listed("whole-bucket", 18_000))},
    "storages that are empty": lambda: {"storage.yaml": "".join(f"s{one:x}:\n" for one in range(36_000)), **_many(300, storage="x{}")},
    "storages that are not indented": lambda: {"storage.yaml": "".join(f"s{one}:\nkind: aws\nk{one}: x\n" for one in range(9_000))},
    "storages in a wrong region": lambda: {"storage.yaml": "".join(f"s{one}: {{kind: aws, bucket: b-{one}, region: eu-central-9}}\n" for one in range(4_000))},
    "storages that are right": lambda: {"storage.yaml": "".join(f"s{one}: {{kind: aws, bucket: b-{one}, region: eu-central-1}}\n" for one in range(2_000))},
    "storages that are one": lambda: {"storage.yaml": "".join(f"s{one}: {{kind: aws, bucket: b-1, region: eu-central-1}}\n" for one in range(4_000))},
    "files with one mistake each": lambda: _many(3_000, mirrax="true"),
    "files of one name": lambda: {f"g{one}.yaml": READING for one in range(3_000)},
    "files with a storage that is nearly right": lambda: _many(3_000, storage="streets"),
    "files that are no YAML": lambda: {f"g{one}.yaml": "name: [" for one in range(3_000)},
    "files that are no grants": lambda: {f"g{one}.txt": "" for one in range(3_000)},
    "grants on one bucket": lambda: _many(300, prefixes="[p{}/]", integration="n{}"),
    "grants on one bucket with one integration": lambda: _many(300, prefixes="[p{}/]"),
    "grants that write everywhere": lambda: _many(200, access="read-write", write="everywhere"),
    "grants with a principal each": lambda: _many(200, principal="arn:aws:iam::111122223333:role/r{}"),
    "grants with many prefixes": lambda: _many(200, prefixes=_listed("p{}/", 500).replace("{", "{{").replace("}", "}}"), access="read-write"),
}  # fmt: skip


CPU, MEMORY = 20, 1 << 30  # seconds and bytes: some times what the worst of them needs
PROCESSES = 4


def limit() -> None:
    """From here on this process ends when it takes too long or too much."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU, CPU))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def child(name: str) -> int:
    """Runs one of the worst in a process of its own, within the limits; returns how it ended."""
    files = {"storage.yaml": GOOD, **WORST[name]()}
    process = os.fork()
    if process == 0:
        limit()
        outcome({file: text.encode() for file, text in files.items()})
        os._exit(0)
    return os.waitpid(process, 0)[1]


@pytest.mark.parametrize("number", range(PROCESSES))
def test_the_worst_takes_neither_long_nor_much(number: int) -> None:
    """A new process forks for each: pytest itself has threads, and may be large."""
    command = [sys.executable, "-m", "tests.test_fuzz", *list(WORST)[number::PROCESSES]]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"PYTHONPATH": f"infra{os.pathsep}."}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


@pytest.mark.parametrize(
    ("worst", "code"),
    [("very many keys", 1), ("files with one mistake each", 1), ("grants on one bucket with one integration", 0)],
)
def test_the_worst_at_the_command_line(tmp_path: Path, worst: str, code: int) -> None:
    for name, text in {"storage.yaml": GOOD, **WORST[worst]()}.items():
        (tmp_path / name).write_text(text)
    command = [sys.executable, "-m", "drawbridge.cli", "check", str(tmp_path)]
    done = subprocess.run(command, preexec_fn=limit, capture_output=True, text=True)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 200


if __name__ == "__main__":
    for one in sys.argv[1:]:
        if ended := child(one):
            sys.stdout.write(f"{one}: {ended}\n")
