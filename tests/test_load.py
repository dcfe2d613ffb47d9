"""Reading a stack's folder: every mistake at its place, all at once, with what is allowed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from drawbridge.config import Config
from drawbridge.load import load
from drawbridge.plan import make_plan
from drawbridge.problems import Invalid
from tests.files import STORAGE, folder, plan, problems

GRANT = """\
name: street-v7
platform: v7
storage: street
access: read-write
prefixes: [berlin/]
write_prefix: darwin/
"""


def one(key: str, value: str) -> str:
    """The grant with one line changed."""
    return "\n".join(f"{key}: {value}" if line.startswith(f"{key}:") else line for line in GRANT.split("\n"))


# (what is changed in the grant, the one problem that this makes)
BROKEN_GRANTS = [
    (GRANT + "prefixs: []\n", "g.yaml:7:1 prefixs: is no key here; allowed: one of accept, access, cors, name, platform, "
     "prefixes, storage, write_prefix; did you mean prefixes?"),
    (GRANT.replace("access: read-write\n", ""), "g.yaml:1:1 access: is missing: read-only, or read-write for thumbnails and frames"),
    (GRANT.replace("platform: v7\n", ""), "g.yaml:1:1 platform: is missing; write platform: v7"),
    (one("platform", "v8"), "g.yaml:2:11 platform: must be v7"),
    (one("name", "Street V7"), "g.yaml:1:7 name: must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"),
    (one("name", "1"), "g.yaml:1:7 name: must be text; put quotes around it"),
    (one("storage", "steet"), "g.yaml:3:10 storage: steet is not in storage.yaml; known: one of street, wide; did you mean street?"),
    (one("access", "readwrite"), "g.yaml:4:9 access: must be one of read-only, read-write; did you mean read-write?"),
    (one("prefixes", "berlin/"), "g.yaml:5:11 prefixes: must be a list; write [berlin/]"),
    (one("prefixes", "[berlin]"), "g.yaml:5:12 prefixes[0]: must end in /, since a prefix means a folder; write berlin/"),
    (one("prefixes", "[a/, /berlin/]"), "g.yaml:5:16 prefixes[1]: must not start with /; write berlin/"),
    (one("prefixes", "[a//b/]"), "g.yaml:5:12 prefixes[0]: must not contain //; write a/b/"),
    (one("prefixes", "['*/']"), "g.yaml:5:12 prefixes[0]: must not contain *: a prefix is a folder, not a pattern"),
    (one("prefixes", "['${aws:username}/']"), "g.yaml:5:12 prefixes[0]: must not contain $ { }: a prefix is a folder, not a pattern"),
    (one("prefixes", '["a\\nb/"]'), "g.yaml:5:12 prefixes[0]: must not contain line ends, control or invisible characters"),
    (one("prefixes", "[s3://acme/studies/]"), "g.yaml:5:12 prefixes[0]: must not be an address; write the folder inside the bucket, such as studies/"),
    (one("prefixes", "['a/ ']"), "g.yaml:5:12 prefixes[0]: must not start or end with a space"),
    (one("prefixes", "[../a/]"), "g.yaml:5:12 prefixes[0]: must not contain . or .. as a folder, which some tools follow and others do not"),
    (one("prefixes", "['a`|/']"), "g.yaml:5:12 prefixes[0]: must not contain \\ ` | < >, which S3 advises against and documents trip over"),
    (one("prefixes", '["a\\u202eb/"]'), "g.yaml:5:12 prefixes[0]: must not contain line ends, control or invisible characters"),
    (one("prefixes", "[a\u202eb/]"), "g.yaml:5:13 has an invisible character (U+202E); take it out"),
    (one("storage", "{a: b}"), "g.yaml:3:10 storage: must be one text, not a mapping"),
    (one("name", "[a]"), "g.yaml:1:7 name: must be one text, not a list"),
    (GRANT.replace("name: ", "name:"), "g.yaml:2:9 is not valid YAML: mapping values are not allowed in this context; is a space missing after a colon, or the indent off?"),
    (one("prefixes", "['']"), "g.yaml:5:12 prefixes[0]: is empty; leave the key out for the whole bucket, or name a folder such as studies/"),
    (one("prefixes", f"[{'x' * 1024}/]"), "g.yaml:5:12 prefixes[0]: is longer than the 1,024 bytes of an S3 key"),
    (one("prefixes", "[<<aws.account>>/]"), "g.yaml:5:12 prefixes[0]: must not contain << or >>, which mark values that only the cloud knows"),
    (one("prefixes", "[]"), "g.yaml:1:1 lets V7 read the whole bucket, since it has no prefixes; add prefixes: [studies/], or accept: [whole-bucket]"),
    (one("access", "read-only"), "g.yaml:6:15 write_prefix: has no meaning with access: read-only; leave it out, or use read-write"),
    (GRANT + "accept: [whole-account]\n", "g.yaml:7:10 accept[0]: must be whole-bucket; did you mean whole-bucket?"),
    (GRANT + "accept: [everything]\n", "g.yaml:7:10 accept[0]: must be whole-bucket"),
    (GRANT + "cors: yes\n", "g.yaml:7:7 cors: must be true or false"),
    ("", "g.yaml:1:1 is empty; it starts with platform: v7"),
    ("- a", "g.yaml:1:1 must be a mapping of keys to values; it starts with platform: v7"),
    ("name: [", "g.yaml:2:1 is not valid YAML: did not find expected node content while parsing a flow node"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BROKEN_GRANTS)
def test_a_broken_grant(tmp_path: Path, text: str, said: str) -> None:
    assert problems(tmp_path, g=text) == [said]


BROKEN_STORAGE = [
    ("street: {kind: azure, bucket: street-imagery}", "storage.yaml:1:16 street.kind: must be one of aws, wasabi"),
    ("street: {bucket: b}", "storage.yaml:1:9 street.kind: is missing; write kind: aws or wasabi"),
    ("street:", "storage.yaml:1:8 street: is empty; it starts with kind: aws or wasabi"),
    ("Street: {kind: aws, bucket: street-imagery, region: eu-central-1}",
     "storage.yaml:1:1 Street: must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"),
    ("street: {kind: aws, bucket: Street, region: eu-central-1}",
     "storage.yaml:1:29 street.bucket: must be 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends"),
    ("street: {kind: aws, bucket: 192.168.5.4, region: eu-central-1}",
     "storage.yaml:1:29 street.bucket: must not look like an IP address"),
    ("street: {kind: aws, bucket: street-imagery, region: Frankfurt}",
     "storage.yaml:1:53 street.region: must be the code of a region, such as eu-central-1"),
    ("street: {kind: aws, bucket: street-imagery}",
     "storage.yaml:1:9 street.region: is missing: the code of the region that the bucket lies in"),
    ("street: {kind: aws, bucket: street-imagery, region: eu-central-1, profile: x}",
     "storage.yaml:1:67 street.profile: is no key here; allowed: one of bucket, keep_old_versions, keep_unfinished_uploads, "
     "kind, region, tls_only, versioning"),
    ("street: {kind: aws, bucket: street-imagery, region: eu-central-1, keep_old_versions: 0}",
     "storage.yaml:1:86 street.keep_old_versions: must be a number of days (1 to 36500) or forever"),
    ("street: {kind: aws, bucket: street-imagery, region: eu-central-1}\nb: {kind: aws, bucket: street-imagery, region: us-east-1}",
     "storage.yaml:2:24 b.bucket: is the same storage as street; keep one entry and use it in both grants"),
    ("street: {kind: aws, bucket: sthree-a, region: eu-central-1}",
     "storage.yaml:1:29 street.bucket: has a beginning or an end that S3 keeps for itself"),
    ("street: {kind: aws, bucket: street-imagery, region: cn-north-1}",
     "storage.yaml:1:53 street.region: cn-north-1 is in another partition than aws, the only one that is known"),
    ("- a", "storage.yaml:1:1 must map names to storages, such as scans: {kind: aws, …}"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "said"), BROKEN_STORAGE)
def test_a_broken_storage(tmp_path: Path, text: str, said: str) -> None:
    assert problems(tmp_path, text) == [said]


def test_every_mistake_of_a_folder_is_told_at_once(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        "street: {kind: aws, bucket: s, region: here}",
        a=one("storage", "nowhere").replace("berlin/", "berlin"),
        b="name: [",
        c=one("access", "all"),
    )
    assert [line.split(" ")[0] for line in found] == [
        "a.yaml:5:12",
        "b.yaml:2:1",
        "c.yaml:4:9",
        "storage.yaml:1:29",
        "storage.yaml:1:40",
    ]


def test_a_grant_that_uses_a_broken_storage_is_not_blamed_for_it(tmp_path: Path) -> None:
    found = problems(tmp_path, "street: {kind: aws, bucket: street-imagery, region: here}", g=GRANT)
    assert found == ["storage.yaml:1:53 street.region: must be the code of a region, such as eu-central-1"]


def test_a_name_given_twice_names_both_files(tmp_path: Path) -> None:
    assert problems(tmp_path, a=GRANT, b=GRANT) == [
        f"b.yaml:1:7 name: street-v7 is also the name in {tmp_path}/stack/a.yaml; a name is a grant's identity"
    ]


def test_a_missing_folder_or_storage_file_is_an_error_and_an_empty_storage_file_is_a_plan(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"nowhere:1:1 does not exist; a stack's grants lie in grants/<stack>/"):
        load(tmp_path / "nowhere")
    (tmp_path / "stack").mkdir()
    with pytest.raises(Invalid, match=r"stack:1:1 holds no storage.yaml; a stack's grants lie in grants/<stack>/"):
        load(tmp_path / "stack")
    with pytest.raises(Invalid, match=r"holds no storage.yaml; did you mean .*/other\?"):
        load(folder(tmp_path / "other").parent)
    (tmp_path / "stack" / "a.yaml").write_text(GRANT)
    with pytest.raises(Invalid, match=r"storage.yaml:1:1 does not exist; it names the places this stack knows"):
        load(tmp_path / "stack")
    (tmp_path / "stack" / "a.yaml").unlink()
    assert plan(tmp_path, "").grants == {}


def test_nothing_in_the_folder_is_passed_over_in_silence(tmp_path: Path) -> None:
    at = folder(tmp_path / "stack")
    (at / "team").mkdir()
    (at / "short.yml").write_text("name: [")
    (at / "gone.yaml").symlink_to("nowhere")
    (at / "README.md").write_text("not a grant")
    (at / "old.yaml.bak").write_text("a grant once")
    os.mkfifo(at / "pipe.yaml")
    (at / "zero.yaml").symlink_to("/dev/zero")
    (at / ".hidden.yaml").write_text("not a grant")
    with pytest.raises(Invalid) as invalid:
        load(at)
    assert [Path(problem.file).name for problem in invalid.value.problems] == [
        "gone.yaml",
        "old.yaml.bak",
        "pipe.yaml",
        "short.yml",
        "team",
        "zero.yaml",
    ]


def test_a_file_renamed_or_reordered_gives_the_same_plan(tmp_path: Path) -> None:
    before = plan(tmp_path, a=GRANT)
    lines = GRANT.splitlines()
    (tmp_path / "stack" / "a.yaml").unlink()
    after = plan(tmp_path, z="\n".join(reversed(lines)))
    assert before == after


def test_warnings_do_not_stop_a_plan(tmp_path: Path) -> None:
    found = make_plan(
        Config("stack", folder(tmp_path / "stack", STORAGE, g=one("write_prefix", "berlin/darwin/")))
    ).warnings
    assert len(found) == 1
    assert "g.yaml:6:15 warning: write_prefix: V7 writes to berlin/darwin/, inside berlin/, which it reads" in str(
        found[0]
    )


def test_a_wrong_platform_hides_no_other_mistake(tmp_path: Path) -> None:
    broken = (
        GRANT.replace("platform: v7", "plattform: v7").replace("access:", "acess:").replace("[berlin/]", "[berlin]")
    )
    assert [line.split(" ")[:2] for line in problems(tmp_path, g=broken)] == [
        ["g.yaml:1:1", "access:"],
        ["g.yaml:1:1", "platform:"],
        ["g.yaml:2:1", "plattform:"],
        ["g.yaml:4:1", "acess:"],
        ["g.yaml:5:12", "prefixes[0]:"],
    ]


def test_very_many_mistakes_are_told_as_many(tmp_path: Path) -> None:
    found = problems(tmp_path, g=GRANT + "\n".join(f"key{number}: x" for number in range(10_000)))
    assert len(found) == 101
    assert found[0] == "g.yaml:1:1 has 9900 more mistakes"


def test_a_file_name_cannot_play_tricks_on_a_terminal(tmp_path: Path) -> None:
    at = folder(tmp_path / "stack")
    (at / "\x1b[2Jevil.yaml").write_text("name: [")
    with pytest.raises(Invalid, match=r"\\u001b\[2Jevil.yaml:2:1 is not valid YAML"):
        load(at)
