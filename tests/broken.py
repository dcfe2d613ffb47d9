"""Broken inputs: the files of a stack, and every line that is said about them, with what is allowed or how to mend it.

`ROWS` is the table. The tests of the loader read it, and so does the test that runs the real `pulumi preview`.
"""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.files import GRANT, STORAGE, one


@dataclass(frozen=True)
class Broken:
    """Files that cannot be used: those of the folder by name, and the stack's own. The stack is called `stack` here."""

    id: str
    files: Mapping[str, str | bytes]
    said: tuple[str, ...]
    config: str | bytes | None = None

    def write(self, root: Path, stack: str) -> list[str]:
        """Writes grants/<stack>/ and Pulumi.<stack>.yaml under a root; returns the lines, as they are said from there."""
        folder = root / "grants" / stack
        folder.mkdir(parents=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(_bytes(content))
        if self.config is not None:
            (root / f"Pulumi.{stack}.yaml").write_bytes(_bytes(self.config))
        own = "Pulumi.stack.yaml"
        lines = [line if line.startswith(own) else f"grants/stack/{line}" for line in self.said]
        return [line.replace("grants/stack", f"grants/{stack}").replace(own, f"Pulumi.{stack}.yaml") for line in lines]


def _bytes(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def without(key: str) -> str:
    """The grant without a line."""
    return "".join(line for line in GRANT.splitlines(keepends=True) if not line.startswith(f"{key}:"))


def entry(keys: str) -> str:
    """A storage.yaml with one entry."""
    return f"street: {{{keys}}}\n"


GOOD = textwrap.dedent(STORAGE).lstrip("\n")
READING = """\
name: street-v7
platform: v7
storage: street
access: read-only
prefixes: [berlin/]
"""
AWS = "kind: aws, bucket: street-imagery, region: eu-central-1"
KEY = "arn:aws:kms:us-east-1:111122223333:key/1234abcd"

# What is said often.
NO_KEY = "is no key here; allowed: one of accept, access, auto_registration, cors, integration, list_scope, mirax, name, platform, prefixes, principal, storage, write, write_prefix"
NO_AWS_KEY = "is no key here; allowed: one of bucket, bucket_key, existing, keep_old_versions, keep_unfinished_uploads, kind, kms_key, region, tls_only, versioning"
NO_WASABI_KEY = "is no key here; allowed: one of bucket, existing, keep_old_versions, keep_unfinished_uploads, kind, profile, region, tls_only, versioning"
AWS_REGION = "must be one of af-south-1, ap-east-1, ap-east-2, ap-northeast-1, ap-northeast-2, ap-northeast-3, ap-south-1, ap-south-2, ap-southeast-1, ap-southeast-2, ap-southeast-3, ap-southeast-4, ap-southeast-5, ap-southeast-6, ap-southeast-7, ca-central-1, ca-west-1, eu-central-1, eu-central-2, eu-north-1, eu-south-1, eu-south-2, eu-west-1, eu-west-2, eu-west-3, il-central-1, me-central-1, me-south-1, mx-central-1, sa-east-1, us-east-1, us-east-2, us-west-1, us-west-2"
WASABI_REGION = "must be one of ap-northeast-1, ap-northeast-2, ap-southeast-1, ap-southeast-2, ca-central-1, eu-central-1, eu-central-2, eu-south-1, eu-west-1, eu-west-2, eu-west-3, us-central-1, us-east-1, us-east-2, us-west-1, us-west-2"
RESERVED = "a key must be plain text, without <<, >> or invisible characters"
ALIAS = "anchors and aliases (& and *) are not allowed; write the value out"
NAME = "must be 1 to 63 lower-case letters, digits and hyphens, with no hyphen at either end"
BUCKET = "must be 3 to 63 lower-case letters, digits, hyphens and dots, with a letter or digit at both ends"
DAYS = "must be a number of days (1 to 36500) or forever"
NOT_YAML = "is not valid YAML:"
NO_MEANING = "has no meaning with existing: true, since the bucket is not re-configured; leave it out"
UNSEEN = "must not contain line ends, control or invisible characters"
NOT_UTF_8 = "is not UTF-8; save the file as UTF-8"
DASH = "must not begin with -, nor have one after a space: is a space missing after a dash of a list? write"
AGAIN = "registered again and again"

# A grant beside a good storage.yaml: its name, its text, and the lines.
GRANTS: list[tuple[Any, ...]] = [
    ("name-missing", without("name"), "g.yaml:1:1 name: is missing: the grant's identity, unique in the stack"),
    ("platform-missing", without("platform"), "g.yaml:1:1 platform: is missing; write platform: v7"),
    ("storage-missing", without("storage"), "g.yaml:1:1 storage: is missing: an entry of storage.yaml"),
    ("access-missing", without("access"), "g.yaml:1:1 access: is missing: read-only, or read-write for thumbnails and frames"),
    ("name-null", one("name", ""), "g.yaml:1:6 name: is empty: the grant's identity, unique in the stack"),
    ("name-number", one("name", "1"), "g.yaml:1:7 name: must be text; put quotes around it"),
    ("name-list", one("name", "[a]"), "g.yaml:1:7 name: must be one text, not a list"),
    ("name-capitals", one("name", "Street V7"), f"g.yaml:1:7 name: {NAME}"),
    ("name-too-long", one("name", "x" * 64), f"g.yaml:1:7 name: {NAME}"),
    ("name-path", one("name", "../../etc"), f"g.yaml:1:7 name: {NAME}"),
    ("platform-unknown", one("platform", "v8"), "g.yaml:2:11 platform: must be v7"),
    ("platform-list", one("platform", "[v7]"), "g.yaml:2:11 platform: must be v7"),
    ("platform-capitals", one("platform", "V7"), "g.yaml:2:11 platform: must be v7"),
    ("storage-unknown", one("storage", "steet"), "g.yaml:3:10 storage: steet is not in storage.yaml; known: one of street, wide; did you mean street?"),
    ("storage-mapping", one("storage", "{a: b}"), "g.yaml:3:10 storage: must be one text, not a mapping"),
    ("storage-null", one("storage", ""), "g.yaml:3:9 storage: is empty: an entry of storage.yaml"),
    ("storage-number", one("storage", "7"), "g.yaml:3:10 storage: must be text; put quotes around it"),
    ("storage-and-access", one("storage", "steet").replace("read-write", "all"),
     "g.yaml:3:10 storage: steet is not in storage.yaml; known: one of street, wide; did you mean street?",
     "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("storage-and-platform", one("storage", "steet").replace("platform: v7", "platform: V7"),
     "g.yaml:2:11 platform: must be v7",
     "g.yaml:3:10 storage: steet is not in storage.yaml; known: one of street, wide; did you mean street?"),
    ("storage-token", one("storage", "<<steet>>"), "g.yaml:3:10 storage: must not contain << or >>, which mark values that only the cloud knows"),
    ("access-misspelt", one("access", "readwrite"), "g.yaml:4:9 access: must be one of read-only, read-write; did you mean read-write?"),
    ("access-capitals", one("access", "READ-ONLY"), "g.yaml:4:9 access: must be one of read-only, read-write; did you mean read-only?"),
    ("access-unknown", one("access", "all"), "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("access-null", one("access", ""), "g.yaml:4:8 access: must be one of read-only, read-write"),
    ("access-boolean", one("access", "true"), "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("prefixes-text", one("prefixes", "berlin/"), "g.yaml:5:11 prefixes: must be a list; write [berlin/]"),
    ("prefixes-dashes", one("prefixes", "\n  -munich/\n  -bonn/"), "g.yaml:6:3 prefixes: must be a list; is a space missing after the dash? write [munich/, bonn/]"),
    ("prefixes-one-dash", one("prefixes", "\n  -munich sued/"), "g.yaml:6:3 prefixes: must be a list; is a space missing after the dash? write [munich sued/]"),
    ("prefixes-second-dash", one("prefixes", "\n  - munich/\n    -bonn/"), f"g.yaml:6:5 prefixes[0]: {DASH} munich/, bonn/"),
    ("prefixes-second-dash-below", one("prefixes", "\n  - munich/\n  -bonn/"), f"g.yaml:8:1 {NOT_YAML} could not find expected ':' while scanning a simple key; is a space missing after the dash on line 7?"),
    ("prefixes-first-dash", one("prefixes", "\n  -munich/\n  - bonn/"), "g.yaml:6:3 prefixes: must be a list; is a space missing after the dash? write [munich/, bonn/]"),
    ("prefixes-commas", one("prefixes", "munich/, bonn/"), "g.yaml:5:11 prefixes: must be a list; write [munich/, bonn/]"),
    ("prefixes-spaces", one("prefixes", "munich - sued/ bonn/"), "g.yaml:5:11 prefixes: must be a list; write [munich - sued/, bonn/]"),
    ("prefixes-many", one("prefixes", "[" + "a/, " * 599 + "b]"), "g.yaml:5:11 prefixes: has 600 entries, and at most 500 are allowed; name a folder that several of them lie in"),
    ("prefixes-null", one("prefixes", ""), "g.yaml:5:10 prefixes: must be a list, as [a, b]: the folders that V7 reads; none is the whole bucket"),
    ("prefixes-mapping", one("prefixes", "{a: b}"), "g.yaml:5:11 prefixes: must be a list, as [a, b]: the folders that V7 reads; none is the whole bucket"),
    ("prefixes-number-inside", one("prefixes", "[2027, berlin/]"), "g.yaml:5:12 prefixes[0]: must be text; put quotes around it"),
    ("prefixes-list-inside", one("prefixes", "[[a/]]"), "g.yaml:5:12 prefixes[0]: must be one text, not a list"),
    ("prefix-no-slash", one("prefixes", "[berlin]"), "g.yaml:5:12 prefixes[0]: must end in /, since a prefix means a folder; write berlin/"),
    ("prefix-leading-slash", one("prefixes", "[a/, /berlin/]"), "g.yaml:5:16 prefixes[1]: must not start with /; write berlin/"),
    ("prefix-dash", one("prefixes", "[-munich/]"), f"g.yaml:5:12 prefixes[0]: {DASH} munich/"),
    ("prefix-dash-alone", one("prefixes", "['-']"), f"g.yaml:5:12 prefixes[0]: {DASH} studies/"),
    ("prefix-double-slash", one("prefixes", "[a//b/]"), "g.yaml:5:12 prefixes[0]: must not contain //; write a/b/"),
    ("prefix-star", one("prefixes", "['*/']"), "g.yaml:5:12 prefixes[0]: must not contain *: a prefix is a folder, not a pattern"),
    ("prefix-question", one("prefixes", "['a?/']"), "g.yaml:5:12 prefixes[0]: must not contain ?: a prefix is a folder, not a pattern"),
    ("prefix-variable", one("prefixes", "['${aws:username}/']"), "g.yaml:5:12 prefixes[0]: must not contain $ { }: a prefix is a folder, not a pattern"),
    ("prefix-brace", one("prefixes", "['{{ x }}/']"), "g.yaml:5:12 prefixes[0]: must not contain { }: a prefix is a folder, not a pattern"),
    ("prefix-escape", one("prefixes", '["a\\nb/"]'), f"g.yaml:5:12 prefixes[0]: {UNSEEN}"),
    ("prefix-address", one("prefixes", "[s3://acme/studies/]"), "g.yaml:5:12 prefixes[0]: must not be an address; write the folder inside the bucket, such as studies/"),
    ("prefix-space", one("prefixes", "['a/ ']"), "g.yaml:5:12 prefixes[0]: must not start or end with a space"),
    ("prefix-dots", one("prefixes", "[../a/]"), "g.yaml:5:12 prefixes[0]: must not contain . or .. as a folder, which some tools follow and others do not"),
    ("prefix-backtick", one("prefixes", "['a`|/']"), "g.yaml:5:12 prefixes[0]: must not contain \\ ` | < >, which S3 advises against and documents trip over"),
    ("prefix-angle", one("prefixes", "['a>/']"), "g.yaml:5:12 prefixes[0]: must not contain \\ ` | < >, which S3 advises against and documents trip over"),
    ("prefix-backslash", one("prefixes", "['a\\b/']"), "g.yaml:5:12 prefixes[0]: must not contain \\ ` | < >, which S3 advises against and documents trip over"),
    ("prefix-hidden-escape", one("prefixes", '["a\\u202eb/"]'), f"g.yaml:5:12 prefixes[0]: {UNSEEN}"),
    ("prefix-blank-escape", one("prefixes", '["a\\u3164b/", "a\\u2003b/", "a\\ufe0fb/", "\\u2800/"]'),
     f"g.yaml:5:12 prefixes[0]: {UNSEEN}",
     f"g.yaml:5:25 prefixes[1]: {UNSEEN}",
     f"g.yaml:5:38 prefixes[2]: {UNSEEN}",
     f"g.yaml:5:51 prefixes[3]: {UNSEEN}"),
    ("prefix-empty", one("prefixes", "['']"), "g.yaml:5:12 prefixes[0]: is empty; leave the key out for the whole bucket, or name a folder such as studies/"),
    ("prefix-slash", one("prefixes", "[/]"), "g.yaml:5:12 prefixes[0]: is empty; leave the key out for the whole bucket, or name a folder such as studies/"),
    ("prefix-long", one("prefixes", f"[{'x' * 1024}/]"), "g.yaml:5:12 prefixes[0]: is longer than the 1,024 bytes of an S3 key"),
    ("prefix-token", one("prefixes", "[<<aws.account>>/]"), "g.yaml:5:12 prefixes[0]: must not contain << or >>, which mark values that only the cloud knows"),
    ("prefix-none", one("prefixes", "[]"),
     "g.yaml:1:1 lets V7 read the whole bucket, since it has no prefixes; add prefixes: [studies/], or accept: [whole-bucket]",
     f"g.yaml:6:15 warning: write_prefix: V7 writes to darwin/, inside the bucket, which it reads: if new objects there are registered automatically, its own thumbnails are {AGAIN}; if they are not, say auto_registration: false"),
    ("write-prefix-list", one("write_prefix", "[darwin/]"), "g.yaml:6:15 write_prefix: must be one text, not a list"),
    ("write-prefix-no-slash", one("write_prefix", "darwin"), "g.yaml:6:15 write_prefix: must end in /, since a prefix means a folder; write darwin/"),
    ("write-prefix-read-only", one("access", "read-only"), "g.yaml:6:15 write_prefix: has no meaning with access: read-only; leave it out, or use read-write"),
    ("write-prefix-dash", one("write_prefix", "-darwin"), f"g.yaml:6:15 write_prefix: {DASH} darwin/"),
    ("write-prefix-star", one("write_prefix", "'*/'"), "g.yaml:6:15 write_prefix: must not contain *: a prefix is a folder, not a pattern"),
    ("write-unknown", GRANT + "write: everywere\n", "g.yaml:7:8 write: must be one of location, everywhere; did you mean everywhere?"),
    ("write-list", GRANT + "write: [location]\n", "g.yaml:7:8 write: must be one of location, everywhere; did you mean location?"),
    ("write-read-only", READING + "write: location\n", "g.yaml:6:8 write: has no meaning with access: read-only; leave it out, or use read-write"),
    ("mirax-text", GRANT + "mirax: yes\n", "g.yaml:7:8 mirax: must be true or false"),
    ("mirax-null", GRANT + "mirax:\n", "g.yaml:7:7 mirax: must be true or false"),
    ("list-scope-unknown", GRANT + "mirax: true\nlist_scope: bukket\n", "g.yaml:8:13 list_scope: must be one of prefix, bucket; did you mean bucket?"),
    ("list-scope-without-mirax", READING + "list_scope: bucket\n", "g.yaml:6:13 list_scope: has no meaning without mirax: true, since V7 lists nothing else; leave it out"),
    ("list-scope-not-accepted", READING + "mirax: true\nlist_scope: bucket\n", "g.yaml:7:13 list_scope: lets V7 list the names of everything in the bucket; leave it out, or add accept: [list-bucket]"),
    ("list-scope-boolean", GRANT + "list_scope: true\n", "g.yaml:7:13 list_scope: must be one of prefix, bucket"),
    ("accept-text", GRANT + "accept: whole-bucket\n", "g.yaml:7:9 accept: must be a list; write [whole-bucket]"),
    ("accept-words", GRANT + "accept: whole-bucket list-bucket\n", "g.yaml:7:9 accept: must be a list; write [whole-bucket, list-bucket]"),
    ("accept-misspelt", GRANT + "accept: [whole-account]\n", "g.yaml:7:10 accept[0]: must be one of whole-bucket, list-bucket; did you mean whole-bucket?"),
    ("accept-unknown", GRANT + "accept: [everything]\n", "g.yaml:7:10 accept[0]: must be one of whole-bucket, list-bucket"),
    ("accept-null", GRANT + "accept:\n", "g.yaml:7:8 accept: must be a list, as [a, b]: what is wider than a prefix, and accepted"),
    ("accept-number", GRANT + "accept: 1\n", "g.yaml:7:9 accept: must be a list, as [a, b]: what is wider than a prefix, and accepted"),
    ("auto-registration-text", GRANT + "auto_registration: 'true'\n", "g.yaml:7:20 auto_registration: must be true or false, without quotes"),
    ("auto-registration-overlap", one("write_prefix", "berlin/darwin/") + "auto_registration: true\n", f"g.yaml:6:15 write_prefix: V7 writes to berlin/darwin/, inside berlin/, where new objects are registered automatically, so that its own thumbnails would be {AGAIN}; let it read and write in folders apart"),
    ("auto-registration-around", READING.replace("read-only", "read-write").replace("berlin/", "data/berlin/") + "auto_registration: true\n", f"g.yaml:5:12 prefixes[0]: V7 writes to data/, around data/berlin/, where new objects are registered automatically, so that its own thumbnails would be {AGAIN}; let it read and write in folders apart"),
    ("auto-registration-whole-bucket", without("prefixes") + "accept: [whole-bucket]\nauto_registration: true\n", f"g.yaml:5:15 write_prefix: V7 writes to darwin/, inside the bucket, where new objects are registered automatically, so that its own thumbnails would be {AGAIN}; let it read and write in folders apart"),
    ("cors-word", GRANT + "cors: yes\n", "g.yaml:7:7 cors: must be true or false"),
    ("cors-mapping", GRANT + "cors: {origin: '*'}\n", "g.yaml:7:7 cors: must be true or false"),
    ("principal-star", GRANT + "principal: '*'\n", "g.yaml:7:12 principal: must be the ARN of one role or user, such as arn:aws:iam::111122223333:role/name"),
    ("principal-root", GRANT + "principal: arn:aws:iam::111122223333:root\n", "g.yaml:7:12 principal: must be the ARN of one role or user, such as arn:aws:iam::111122223333:role/name"),
    ("principal-number", GRANT + "principal: 111122223333\n", "g.yaml:7:12 principal: must be the ARN of one role or user, such as arn:aws:iam::111122223333:role/name"),
    ("principal-list", GRANT + "principal: [a]\n", "g.yaml:7:12 principal: must be one text, not a list"),
    ("integration-number", GRANT + "integration: 7\n", "g.yaml:7:14 integration: must be text; put quotes around it"),
    ("integration-backtick", GRANT + "integration: a`b\n", "g.yaml:7:14 integration: must be 1 to 255 characters without \\ ` | < >, and no space at either end"),
    ("integration-empty", GRANT + "integration: ''\n", "g.yaml:7:14 integration: must be 1 to 255 characters without \\ ` | < >, and no space at either end"),
    ("integration-lines", GRANT + 'integration: "a\\nb"\n', f"g.yaml:7:14 integration: {UNSEEN}"),
    ("keys-misspelt", "nmae: street-v7\nplattform: v7\nstorge: street\nacess: read-only\nprefixs: [a/]\nwriteprefix: b/\nwrites: location\nmiraxx: true\nlist-scope: prefix\nacept: [whole-bucket]\nautoregistration: false\ncor: true\nprinciple: x\nintegrations: x\n",
     "g.yaml:1:1 access: is missing: read-only, or read-write for thumbnails and frames",
     "g.yaml:1:1 name: is missing: the grant's identity, unique in the stack",
     f"g.yaml:1:1 nmae: {NO_KEY}; did you mean name?",
     "g.yaml:1:1 platform: is missing; write platform: v7",
     "g.yaml:1:1 storage: is missing: an entry of storage.yaml",
     f"g.yaml:2:1 plattform: {NO_KEY}; did you mean platform?",
     f"g.yaml:3:1 storge: {NO_KEY}; did you mean storage?",
     f"g.yaml:4:1 acess: {NO_KEY}; did you mean access?",
     f"g.yaml:5:1 prefixs: {NO_KEY}; did you mean prefixes?",
     f"g.yaml:6:1 writeprefix: {NO_KEY}; did you mean write_prefix?",
     f"g.yaml:7:1 writes: {NO_KEY}; did you mean write?",
     f"g.yaml:8:1 miraxx: {NO_KEY}; did you mean mirax?",
     f"g.yaml:9:1 list-scope: {NO_KEY}; did you mean list_scope?",
     f"g.yaml:10:1 acept: {NO_KEY}; did you mean accept?",
     f"g.yaml:11:1 autoregistration: {NO_KEY}; did you mean auto_registration?",
     f"g.yaml:12:1 cor: {NO_KEY}; did you mean cors?",
     f"g.yaml:13:1 principle: {NO_KEY}; did you mean principal?",
     f"g.yaml:14:1 integrations: {NO_KEY}; did you mean integration?"),
    ("key-of-nobody", GRANT + "bucket: x\n", f"g.yaml:7:1 bucket: {NO_KEY}"),
    ("key-upper-case", GRANT + "PREFIXES: [a/]\n", f"g.yaml:7:1 PREFIXES: {NO_KEY}; did you mean prefixes?"),
    ("key-empty", GRANT + "'': x\n", f"g.yaml:7:1 '': {NO_KEY}"),
    ("empty", "", "g.yaml:1:1 is empty; it starts with platform: v7"),
    ("list", "- a\n", "g.yaml:1:1 must be a mapping of keys to values; it starts with platform: v7"),
    ("text", "hello\n", "g.yaml:1:1 must be a mapping of keys to values; it starts with platform: v7"),
    ("only-a-comment", "# nothing\n", "g.yaml:1:1 is empty; it starts with platform: v7"),
    ("duplicate-key", GRANT + "access: read-only\n",
     "g.yaml:6:15 write_prefix: has no meaning with access: read-only; leave it out, or use read-write",
     "g.yaml:7:1 access: is given twice, first on line 4; keep one"),
    ("duplicate-key-and-more", GRANT + "access: all\nmirax: 1\n",
     "g.yaml:7:1 access: is given twice, first on line 4; keep one",
     "g.yaml:7:9 access: must be one of read-only, read-write",
     "g.yaml:8:8 mirax: must be true or false"),
    ("anchor", one("prefixes", "&a [berlin/]"), f"g.yaml:5:11 prefixes: {ALIAS}"),
    ("alias", GRANT + "integration: *a\n", f"g.yaml:7:14 integration: {ALIAS}"),
    ("anchor-and-alias", one("prefixes", "[&a berlin/]").replace("darwin/", "*a"),
     f"g.yaml:5:12 prefixes[0]: {ALIAS}",
     f"g.yaml:6:15 write_prefix: {ALIAS}"),
    ("anchor-on-a-key", GRANT.replace("access:", "&a access:"), f"g.yaml:4:1 access: {ALIAS}"),
    ("merge-key", GRANT + "<<: {access: read-only}\n", f"g.yaml:7:1 {RESERVED}"),
    ("merge-alias", GRANT + "<<: *base\n",
     f"g.yaml:7:1 {RESERVED}",
     f"g.yaml:7:5 ?: {ALIAS}"),
    ("tag", one("name", "!!str street-v7"), "g.yaml:1:7 name: tags (tag:yaml.org,2002:str) are not allowed; leave it out"),
    ("tag-python", one("name", "!!python/object/apply:os.system [ls]"), "g.yaml:1:7 name: tags (tag:yaml.org,2002:python/object/apply:os.system) are not allowed; leave it out"),
    ("second-document", GRANT + "---\nname: b\n", "g.yaml:7:1 starts a second document; a file holds one"),
    ("list-as-a-key", GRANT + "? [a]\n: b\n", f"g.yaml:7:3 {RESERVED}"),
    ("token-as-a-key", GRANT + "<<aws.account>>: b\n", f"g.yaml:7:1 {RESERVED}"),
    ("tab-indent", GRANT.replace("[berlin/]", "\n\t- berlin/"), f"g.yaml:6:1 {NOT_YAML} a tab cannot indent; use spaces"),
    ("tab-first", "\t" + GRANT, f"g.yaml:1:1 {NOT_YAML} a tab cannot indent; use spaces"),
    ("missing-space", GRANT.replace("name: ", "name:"), f"g.yaml:2:9 {NOT_YAML} mapping values are not allowed in this context; is a space missing after a colon, or the indent off?"),
    ("missing-colon", GRANT.replace("access: ", "access "), f"g.yaml:5:1 {NOT_YAML} could not find expected ':' while scanning a simple key; a key needs a colon and a space after it"),
    ("indent-off", GRANT.replace("access:", "  access:"), f"g.yaml:4:9 {NOT_YAML} mapping values are not allowed in this context; is a space missing after a colon, or the indent off?"),
    ("indent-back", GRANT.replace("[berlin/]", "\n  - a/\n - b/"), f"g.yaml:7:2 {NOT_YAML} did not find expected key while parsing a block mapping; is the indent off, a colon missing, or a quote or bracket too many?"),
    ("unclosed-list", "name: [", f"g.yaml:1:8 {NOT_YAML} did not find expected node content while parsing a flow node; a value is missing, or a bracket or comma too many"),
    ("unclosed-list-inside", GRANT.replace("berlin/]", "berlin/"), f"g.yaml:6:13 {NOT_YAML} did not find expected ',' or ']' while parsing a flow sequence that begins on line 5; a list that opens with [ needs a comma between its items and a ] at its end"),
    ("unclosed-mapping", "{name: a, platform: v7\n", f"g.yaml:1:23 {NOT_YAML} did not find expected ',' or '}}' while parsing a flow mapping; a mapping that opens with {{ needs a comma between its keys and a }} at its end"),
    ("unclosed-quote", one("name", "'street-v7"), f"g.yaml:6:22 {NOT_YAML} found unexpected end of stream while scanning a quoted scalar that begins on line 1; a text that begins with a quote needs the same quote at its end"),
    ("quote-too-many", one("name", "'street'-v7'"), f"g.yaml:1:15 {NOT_YAML} did not find expected key while parsing a block mapping; is the indent off, a colon missing, or a quote or bracket too many?"),
    ("bracket-too-many", one("prefixes", "[berlin/]]"), f"g.yaml:5:20 {NOT_YAML} did not find expected key while parsing a block mapping; is the indent off, a colon missing, or a quote or bracket too many?"),
    ("comma-too-many", one("prefixes", "[berlin/, , b/]"), f"g.yaml:5:21 {NOT_YAML} did not find expected node content while parsing a flow node; a value is missing, or a bracket or comma too many"),
    ("at-sign", one("name", "@street"), f"g.yaml:1:7 {NOT_YAML} found character that cannot start any token while scanning for the next token; put quotes around a text that begins with a character like this one"),
    ("percent", one("prefixes", "[%20/]"), f"g.yaml:5:12 {NOT_YAML} found character that cannot start any token while scanning for the next token; put quotes around a text that begins with a character like this one"),
    ("directive", "%FOO bar\n---\n" + GRANT, f"g.yaml:1:5 {NOT_YAML} found unknown directive name while scanning a directive; put quotes around a text that begins with %, or leave the line out"),
    ("star-value", one("prefixes", "[*/]"), f"g.yaml:5:13 {NOT_YAML} did not find expected alphabetic or numeric character while scanning an alias; put quotes around a text that begins with *"),
    ("star-value-2", one("prefixes", "[*]"), f"g.yaml:5:13 {NOT_YAML} did not find expected alphabetic or numeric character while scanning an alias; put quotes around a text that begins with *"),
    ("bang", one("name", "!<x"), f"g.yaml:1:10 {NOT_YAML} did not find the expected '>' while scanning a tag; put quotes around a text that begins with !"),
    ("unknown-escape", one("write_prefix", '"a\\q/"'), f"g.yaml:6:17 {NOT_YAML} found unknown escape character while parsing a quoted scalar; in double quotes \\ begins an escape; use single quotes"),
    ("surrogate-escape", one("write_prefix", '"\\ud800/"'), f"g.yaml:6:18 {NOT_YAML} found invalid Unicode character escape code while parsing a quoted scalar; in double quotes \\ begins an escape; use single quotes"),
    ("block-scalar", one("write_prefix", "|\n  darwin/"), f"g.yaml:6:15 write_prefix: {UNSEEN}"),
    ("hyphen-after-colon", one("prefixes", "- berlin/"), f"g.yaml:5:11 {NOT_YAML} block sequence entries are not allowed in this context; begin a list on a line of its own, or write [a, b]"),
    ("nul-escape", one("write_prefix", '"a\\0/"'), f"g.yaml:6:15 write_prefix: {UNSEEN}"),
    ("line-separator", one("write_prefix", "a\u2028b/"), "g.yaml:6:16 has an invisible character (U+2028); take it out"),
    ("right-to-left", one("prefixes", "[a\u202eb/]"), "g.yaml:5:13 has an invisible character (U+202E); take it out"),
    ("zero-width", GRANT.replace("access:", "acc\u200bess:"),
     "g.yaml:1:1 access: is missing: read-only, or read-write for thumbnails and frames",
     f"g.yaml:4:1 acc\ufffdess: {NO_KEY}; did you mean access?",
     "g.yaml:4:4 has an invisible character (U+200B); take it out"),
    ("no-break-spaces", GRANT.replace("platform: ", "platform:\u00a0").replace("access: read-write", "access:\u3000all"),
     "g.yaml:2:10 has a space that is not the plain one (U+00A0); write a plain one",
     "g.yaml:4:8 has a space that is not the plain one (U+3000); write a plain one",
     "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("blank", one("write_prefix", "a\U000e0100\u115f/"),
     "g.yaml:6:16 has an invisible character (U+E0100); take it out",
     "g.yaml:6:17 has an invisible character (U+115F); take it out"),
    ("control", one("name", "a\x07b"),
     f"g.yaml:1:7 name: {NAME}",
     "g.yaml:1:8 has an invisible character (U+0007); take it out"),
    ("two-invisible", one("name", "a\u200bb").replace("darwin", "dar\xadwin"),
     f"g.yaml:1:7 name: {NAME}",
     "g.yaml:1:8 has an invisible character (U+200B); take it out",
     "g.yaml:6:18 has an invisible character (U+00AD); take it out"),
    ("noncharacter", one("write_prefix", "\ufffe/"), "g.yaml:6:15 has an invisible character (U+FFFE); take it out"),
    ("bom-inside", GRANT + "\ufeffcors: true\n",
     "g.yaml:7:1 has an invisible character (U+FEFF); take it out",
     f"g.yaml:7:1 \ufffdcors: {NO_KEY}; did you mean cors?"),
    ("bom-and-a-mistake", "\ufeff" + one("access", "all"), "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("bom-on-a-first-key", "\ufeffnmae: x\n" + READING, f"g.yaml:1:1 nmae: {NO_KEY}; did you mean name?"),
    ("crlf-and-a-mistake", one("access", "all").replace("\n", "\r\n"), "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("cr-and-a-mistake", one("access", "all").replace("\n", "\r"), "g.yaml:4:9 access: must be one of read-only, read-write"),
    ("emoji-before-a-mistake", "{name: street-v7, platform: v7, storage: street, prefixes: [🙂/, ü/], access: all}\n", "g.yaml:1:78 access: must be one of read-only, read-write"),
    ("latin-1", one("write_prefix", "dürwin/").encode("latin-1"), f"g.yaml:6:16 {NOT_UTF_8}"),
    ("latin-1-after-umlauts", one("write_prefix", "düü").encode()[:-1] + "ü/\n".encode("latin-1"), f"g.yaml:6:18 {NOT_UTF_8}"),
    ("utf-16", GRANT.encode("utf-16"), f"g.yaml:1:1 {NOT_UTF_8}"),
    ("utf-16-without-mark", GRANT.encode("utf-16-le"), f"g.yaml:1:2 {NOT_UTF_8}"),
    ("bom-and-latin-1", b"\xef\xbb\xbf" + one("write_prefix", "dürwin/").encode("latin-1"), f"g.yaml:6:16 {NOT_UTF_8}"),
    ("surrogate-bytes", one("name", "a").encode().replace(b"a\n", b"\xed\xa0\x80\n", 1), f"g.yaml:1:7 {NOT_UTF_8}"),
    ("huge", "# " + "x" * 300000 + "\n" + GRANT, "g.yaml:1:1 is larger than 256 KiB; a file holds one grant"),
    ("deep", GRANT + "cors: " + "[" * 30 + "]" * 30 + "\n", "g.yaml:7:9 cors[0][0]: is nested more than 20 levels deep; write it flat"),
    ("deep-mapping", "".join(" " * i + "a:\n" for i in range(40)), "g.yaml:4:4 a.a.a: is nested more than 20 levels deep; write it flat"),
    ("several", one("name", "Street").replace("read-write", "all").replace("[berlin/]", "[berlin, /a/]").replace("write_prefix", "writeprefix") + "accept: [x]\n",
     f"g.yaml:1:7 name: {NAME}",
     "g.yaml:4:9 access: must be one of read-only, read-write",
     "g.yaml:5:12 prefixes[0]: must end in /, since a prefix means a folder; write berlin/",
     "g.yaml:5:20 prefixes[1]: must not start with /; write a/",
     f"g.yaml:6:1 writeprefix: {NO_KEY}; did you mean write_prefix?",
     "g.yaml:7:10 accept[0]: must be one of whole-bucket, list-bucket"),
    ("platform-misspelt-key", GRANT.replace("platform: v7", "plattform: v7").replace("access:", "acess:").replace("[berlin/]", "[berlin]"),
     "g.yaml:1:1 access: is missing: read-only, or read-write for thumbnails and frames",
     "g.yaml:1:1 platform: is missing; write platform: v7",
     f"g.yaml:2:1 plattform: {NO_KEY}; did you mean platform?",
     f"g.yaml:4:1 acess: {NO_KEY}; did you mean access?",
     "g.yaml:5:12 prefixes[0]: must end in /, since a prefix means a folder; write berlin/"),
]  # fmt: skip

# A storage.yaml without grants.
STORAGES: list[tuple[Any, ...]] = [
    ("kind-unknown", entry("kind: azure, bucket: street-imagery"), "storage.yaml:1:16 street.kind: must be one of aws, wasabi"),
    ("kind-missing", entry("bucket: street-imagery"), "storage.yaml:1:9 street.kind: is missing; write kind: aws or wasabi"),
    ("kind-near", entry(AWS.replace("aws", "AWS")), "storage.yaml:1:16 street.kind: must be one of aws, wasabi; did you mean aws?"),
    ("kind-near-hides-nothing", entry("kind: wasabbi, bucket: B, region: here"),
     "storage.yaml:1:16 street.kind: must be one of aws, wasabi; did you mean wasabi?",
     f"storage.yaml:1:33 street.bucket: {BUCKET}",
     f"storage.yaml:1:44 street.region: {WASABI_REGION}"),
    ("kind-number", entry(AWS.replace("aws", "1")), "storage.yaml:1:16 street.kind: must be one of aws, wasabi"),
    ("kind-misspelt-key", entry(AWS.replace("kind", "kindd")),
     "storage.yaml:1:9 street.kind: is missing; write kind: aws or wasabi",
     f"storage.yaml:1:10 street.kindd: {NO_AWS_KEY}; did you mean kind?"),
    ("entry-empty", "street:\n", "storage.yaml:1:8 street: is empty; it starts with kind: aws or wasabi"),
    ("entry-not-indented", "street:\nkind: aws\nbuckt: s\nregion: here\n", "storage.yaml:1:1 street: is empty; indent the lines under it"),
    ("entries-not-indented", "street:\nkind: aws\nbucket: s\nB:\nkind: aws\nbucket: s\nwide: {kind: aws}\n",
     "storage.yaml:1:1 street: is empty; indent the lines under it",
     "storage.yaml:4:1 B: is empty; indent the lines under it",
     f"storage.yaml:4:1 B: {NAME}",
     "storage.yaml:7:7 wide.bucket: is missing: the bucket's name, without s3://",
     "storage.yaml:7:7 wide.region: is missing: AWS's code of the region that the bucket lies in"),
    ("entry-called-as-a-key", "region: {" + AWS + "}\nbucket:\n",
     "storage.yaml:2:8 bucket: is empty; it starts with kind: aws or wasabi"),
    ("entry-text", "street: street-imagery\n", "storage.yaml:1:9 street: must be a mapping of keys to values; it starts with kind: aws or wasabi"),
    ("entry-name", "Street: {" + AWS + "}\n", f"storage.yaml:1:1 Street: {NAME}"),
    ("entry-list", "- kind: aws\n", "storage.yaml:1:1 must map names to storages, such as scans: {kind: aws, …}"),
    ("entry-twice", entry(AWS) * 2, "storage.yaml:2:1 street: is given twice, first on line 1; keep one"),
    ("bucket-missing", entry("kind: aws, region: eu-central-1"), "storage.yaml:1:9 street.bucket: is missing: the bucket's name, without s3://"),
    ("region-missing", entry("kind: aws, bucket: street-imagery"), "storage.yaml:1:9 street.region: is missing: AWS's code of the region that the bucket lies in"),
    ("region-missing-wasabi", entry("kind: wasabi, bucket: street-imagery"), "storage.yaml:1:9 street.region: is missing: Wasabi's code of the region that the bucket lies in"),
    ("bucket-capitals", entry(AWS.replace("street-imagery", "Street")), f"storage.yaml:1:29 street.bucket: {BUCKET}"),
    ("bucket-short", entry(AWS.replace("street-imagery", "ab")), f"storage.yaml:1:29 street.bucket: {BUCKET}"),
    ("bucket-address", entry(AWS.replace("street-imagery", "s3://street")), f"storage.yaml:1:29 street.bucket: {BUCKET}"),
    ("bucket-ip", entry(AWS.replace("street-imagery", "192.168.5.4")), "storage.yaml:1:29 street.bucket: must not look like an IP address"),
    ("bucket-dots", entry(AWS.replace("street-imagery", "a..b")), f"storage.yaml:1:29 street.bucket: {BUCKET}"),
    ("profile-empty", "street: {kind: wasabi, bucket: street-imagery, region: eu-central-2, profile: ''}\n", "storage.yaml:1:79 street.profile: is empty; name a profile of ~/.aws/config, or leave the key out for the environment"),
    ("bucket-reserved", entry(AWS.replace("street-imagery", "sthree-a")), "storage.yaml:1:29 street.bucket: must not begin with xn--, sthree-, amzn-s3-demo- or end with -s3alias, --ol-s3, --x-s3: S3 keeps them for itself"),
    ("bucket-reserved-end", entry(AWS.replace("street-imagery", "a-s3alias")), "storage.yaml:1:29 street.bucket: must not begin with xn--, sthree-, amzn-s3-demo- or end with -s3alias, --ol-s3, --x-s3: S3 keeps them for itself"),
    ("bucket-number", entry(AWS.replace("street-imagery", "12345")), "storage.yaml:1:29 street.bucket: must be text; put quotes around it"),
    ("bucket-null", entry(AWS.replace("street-imagery", "")), "storage.yaml:1:29 street.bucket: is empty: the bucket's name, without s3://"),
    ("bucket-list", entry(AWS.replace("street-imagery", "[a]")), "storage.yaml:1:29 street.bucket: must be one text, not a list"),
    ("region-words", entry(AWS.replace("eu-central-1", "Frankfurt")), f"storage.yaml:1:53 street.region: {AWS_REGION}"),
    ("region-misspelt", entry(AWS.replace("eu-central-1", "eu-centrall-1")), f"storage.yaml:1:53 street.region: {AWS_REGION}; did you mean eu-central-1?"),
    ("region-capitals", entry(AWS.replace("eu-central-1", "EU-CENTRAL-1")), f"storage.yaml:1:53 street.region: {AWS_REGION}; did you mean eu-central-1?"),
    ("region-china", entry(AWS.replace("eu-central-1", "cn-north-1")), f"storage.yaml:1:53 street.region: {AWS_REGION}; did you mean eu-north-1?"),
    ("region-null", entry(AWS.replace("eu-central-1", "")), f"storage.yaml:1:53 street.region: {AWS_REGION}"),
    ("region-number", entry(AWS.replace("eu-central-1", "1")), f"storage.yaml:1:53 street.region: {AWS_REGION}"),
    ("region-of-the-other-kind", entry("kind: wasabi, bucket: street-imagery, region: eu-north-1"), f"storage.yaml:1:56 street.region: {WASABI_REGION}; did you mean eu-south-1?"),
    ("existing-text", entry(AWS + ", existing: 'yes'"), "storage.yaml:1:77 street.existing: must be true or false"),
    ("existing-quoted", entry(AWS + ', existing: "True"'), "storage.yaml:1:77 street.existing: must be true or false, without quotes"),
    ("existing-versioning", entry(AWS + ", existing: true, versioning: true, tls_only: false, keep_old_versions: 5, keep_unfinished_uploads: 1"),
     f"storage.yaml:1:95 street.versioning: {NO_MEANING}",
     f"storage.yaml:1:111 street.tls_only: {NO_MEANING}",
     f"storage.yaml:1:137 street.keep_old_versions: {NO_MEANING}",
     f"storage.yaml:1:165 street.keep_unfinished_uploads: {NO_MEANING}"),
    ("tls-only-number", entry(AWS + ", tls_only: 1"), "storage.yaml:1:77 street.tls_only: must be true or false"),
    ("versioning-text", entry(AWS + ", versioning: on"), "storage.yaml:1:79 street.versioning: must be true or false"),
    ("keep-old-versions-0", entry(AWS + ", keep_old_versions: 0"), f"storage.yaml:1:86 street.keep_old_versions: {DAYS}"),
    ("keep-old-versions-true", entry(AWS + ", keep_old_versions: true"), f"storage.yaml:1:86 street.keep_old_versions: {DAYS}"),
    ("keep-old-versions-ever", entry(AWS + ", keep_old_versions: for ever"), f"storage.yaml:1:86 street.keep_old_versions: {DAYS}"),
    ("keep-unfinished-uploads-many", entry(AWS + ", keep_unfinished_uploads: 99999999999999999999"), f"storage.yaml:1:92 street.keep_unfinished_uploads: {DAYS}"),
    ("keep-unfinished-uploads-list", entry(AWS + ", keep_unfinished_uploads: [7]"), f"storage.yaml:1:92 street.keep_unfinished_uploads: {DAYS}"),
    ("kms-key-alias", entry(AWS + ", kms_key: alias/mine"), "storage.yaml:1:76 street.kms_key: must be the key's own ARN, since an alias can be led to another key; aws kms describe-key --key-id alias/mine --query KeyMetadata.Arn shows it"),
    ("kms-key-aws", entry(AWS + ", kms_key: alias/aws/s3"), "storage.yaml:1:76 street.kms_key: is AWS's own key, which cannot be shared with another account; bring a key of your own"),
    ("kms-key-id", entry(AWS + ", kms_key: 1234abcd"), "storage.yaml:1:76 street.kms_key: must be the ARN of a key, such as arn:aws:kms:eu-central-1:111122223333:key/…"),
    ("kms-key-region", entry(AWS + f", kms_key: '{KEY}'"), "storage.yaml:1:76 street.kms_key: lies in us-east-1, and S3 takes only a key of the bucket's own eu-central-1"),
    ("kms-key-number", entry(AWS + ", kms_key: 5"), "storage.yaml:1:76 street.kms_key: must be text; put quotes around it"),
    ("bucket-key-without-kms-key", entry(AWS + ", bucket_key: true"), "storage.yaml:1:79 street.bucket_key: has no meaning without kms_key; leave it out"),
    ("bucket-key-text", entry(AWS + ", bucket_key: 'true'"), "storage.yaml:1:79 street.bucket_key: must be true or false, without quotes"),
    ("kms-key-on-wasabi", entry("kind: wasabi, bucket: street-imagery, region: eu-central-1, kms_key: x, bucket_key: true"),
     f"storage.yaml:1:70 street.kms_key: {NO_WASABI_KEY}",
     f"storage.yaml:1:82 street.bucket_key: {NO_WASABI_KEY}; did you mean bucket?"),
    ("profile-on-aws", entry(AWS + ", profile: x"), f"storage.yaml:1:67 street.profile: {NO_AWS_KEY}"),
    ("profile-misspelt", entry("kind: wasabi, bucket: street-imagery, region: eu-central-1, profil: x"), f"storage.yaml:1:70 street.profil: {NO_WASABI_KEY}; did you mean profile?"),
    ("profile-number", entry("kind: wasabi, bucket: street-imagery, region: eu-central-1, profile: 1"), "storage.yaml:1:79 street.profile: must be text; put quotes around it"),
    ("storage-keys-misspelt", entry("kid: aws, buckt: x, regoin: x, exsiting: true, tls-only: true, versionning: true, keep_old_version: 1, keep_unfinished_upload: 1, kmskey: x, bucketkey: true"),
     "storage.yaml:1:9 street.bucket: is missing: the bucket's name, without s3://",
     "storage.yaml:1:9 street.kind: is missing; write kind: aws or wasabi",
     "storage.yaml:1:9 street.region: is missing: AWS's code of the region that the bucket lies in",
     f"storage.yaml:1:10 street.kid: {NO_AWS_KEY}; did you mean kind?",
     f"storage.yaml:1:20 street.buckt: {NO_AWS_KEY}; did you mean bucket?",
     f"storage.yaml:1:30 street.regoin: {NO_AWS_KEY}; did you mean region?",
     f"storage.yaml:1:41 street.exsiting: {NO_AWS_KEY}; did you mean existing?",
     f"storage.yaml:1:57 street.tls-only: {NO_AWS_KEY}; did you mean tls_only?",
     f"storage.yaml:1:73 street.versionning: {NO_AWS_KEY}; did you mean versioning?",
     f"storage.yaml:1:92 street.keep_old_version: {NO_AWS_KEY}; did you mean keep_old_versions?",
     f"storage.yaml:1:113 street.keep_unfinished_upload: {NO_AWS_KEY}; did you mean keep_unfinished_uploads?",
     f"storage.yaml:1:140 street.kmskey: {NO_AWS_KEY}; did you mean kms_key?",
     f"storage.yaml:1:151 street.bucketkey: {NO_AWS_KEY}; did you mean bucket_key?"),
    ("one-bucket-twice", entry(AWS) + "b: {" + AWS + "}\n", "storage.yaml:2:24 b.bucket: is the same storage as street; keep one entry and use it in both grants"),
    ("storage-several", "street: {kind: aws, bucket: s, region: here}\nB: {kind: gcs}\nc:\n",
     f"storage.yaml:1:29 street.bucket: {BUCKET}",
     f"storage.yaml:1:40 street.region: {AWS_REGION}",
     f"storage.yaml:2:1 B: {NAME}",
     "storage.yaml:2:11 B.kind: must be one of aws, wasabi",
     "storage.yaml:3:3 c: is empty; it starts with kind: aws or wasabi"),
    ("storage-broken-yaml", "street: {kind: aws\n", f"storage.yaml:1:19 {NOT_YAML} did not find expected ',' or '}}' while parsing a flow mapping; a mapping that opens with {{ needs a comma between its keys and a }} at its end"),
    ("storage-anchors", "street: &a {" + AWS + "}\nother: *a\n",
     f"storage.yaml:1:9 street: {ALIAS}",
     f"storage.yaml:2:8 other: {ALIAS}"),
]  # fmt: skip

# Pulumi.<stack>.yaml beside a folder in which all is well.
CONFIGS: list[tuple[Any, ...]] = [
    ("config-unknown-key", "config:\n  aws:region: eu-central-1\n  drawbridge:grant: x\n", "Pulumi.stack.yaml:3:3 config.drawbridge:grant: is no key of ours; allowed: one of grants, sid_suffix; did you mean grants?"),
    ("config-sid-suffix", "config:\n  drawbridge:sid_suffix: a-b\n", "Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else"),
    ("config-sid-suffix-long", "config:\n  drawbridge:sid_suffix: " + "a" * 33 + "\n", "Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else"),
    ("config-sid-suffix-number", "config:\n  drawbridge:sid_suffix: 007\n", "Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: must be text; put quotes around it"),
    ("config-sid-suffix-misspelt", "config:\n  drawbridge:sid-suffix: a\n", "Pulumi.stack.yaml:2:3 config.drawbridge:sid-suffix: is no key of ours; allowed: one of grants, sid_suffix; did you mean sid_suffix?"),
    ("config-grants-nowhere", "config:\n  drawbridge:grants: grants/nowhere\n", "Pulumi.stack.yaml:2:22 config.drawbridge:grants: does not exist; a stack's grants lie in grants/<stack>/"),
    ("config-grants-file", "config:\n  drawbridge:grants: README.md\n", "Pulumi.stack.yaml:2:22 config.drawbridge:grants: is a file; name the folder it lies in; a stack's grants lie in grants/<stack>/"),
    ("config-grants-empty", "config:\n  drawbridge:grants: ''\n", "Pulumi.stack.yaml:2:22 config.drawbridge:grants: is empty; a stack's grants lie in grants/<stack>/"),
    ("config-grants-null", "config:\n  drawbridge:grants:\n", "Pulumi.stack.yaml:2:21 config.drawbridge:grants: must be text; put quotes around it"),
    ("config-grants-list", "config:\n  drawbridge:grants: [a, b]\n", "Pulumi.stack.yaml:2:22 config.drawbridge:grants: must be one text, not a list"),
    ("config-grants-secret", "config:\n  drawbridge:grants:\n    secure: v1:abc\n", "Pulumi.stack.yaml:3:5 config.drawbridge:grants: must be one text, not a mapping"),
    ("config-grants-long", "config:\n  drawbridge:grants: " + "x" * 5000 + "\n", "Pulumi.stack.yaml:2:22 config.drawbridge:grants: cannot be read: File name too long; a stack's grants lie in grants/<stack>/"),
    ("config-namespace", "config:\n  drawbrige:grants: x\n", "Pulumi.stack.yaml:2:3 config.drawbrige:grants: is nobody's key; did you mean drawbridge:grants?"),
    ("config-list", "- a\n", "Pulumi.stack.yaml:1:1 must be a mapping of keys to values; it starts with config:"),
    ("config-text", "config: x\n", "Pulumi.stack.yaml:1:9 config: must be a mapping, as drawbridge:grants: grants/stack"),
    ("config-misspelt", "confg:\n  drawbridge:grants: x\n", "Pulumi.stack.yaml:1:1 confg: is no key of Pulumi's; allowed: one of config, encryptedkey, encryptionsalt, environment, secretsprovider; did you mean config?"),
    ("config-top", "drawbridge:grants: x\n", "Pulumi.stack.yaml:1:1 drawbridge:grants: belongs under config:"),
    ("config-duplicate", "config:\n  drawbridge:sid_suffix: a\n  drawbridge:sid_suffix: b\n", "Pulumi.stack.yaml:3:3 config.drawbridge:sid_suffix: is given twice, first on line 2; keep one"),
    ("config-tab", "config:\n\tdrawbridge:sid_suffix: a\n", f"Pulumi.stack.yaml:2:1 {NOT_YAML} a tab cannot indent; use spaces"),
    ("config-anchor", "config:\n  drawbridge:sid_suffix: &a b\n", f"Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: {ALIAS}"),
    ("config-several", "config:\n  drawbridge:grant: x\n  drawbridge:sid_suffix: a-b\n  drawbridge:grants: 1\n",
     "Pulumi.stack.yaml:2:3 config.drawbridge:grant: is no key of ours; allowed: one of grants, sid_suffix; did you mean grants?",
     "Pulumi.stack.yaml:3:26 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else",
     "Pulumi.stack.yaml:4:22 config.drawbridge:grants: must be text; put quotes around it"),
    ("config-latin-1", "config:\n  drawbridge:sid_suffix: ü\n".encode("latin-1"), f"Pulumi.stack.yaml:2:26 {NOT_UTF_8}"),
]  # fmt: skip

# Whole folders.
FOLDERS: list[tuple[Any, ...]] = [
    ("two-of-one-name", {"storage.yaml": GOOD, "a.yaml": READING, "b.yaml": READING.replace("berlin/", "hamburg/")}, "b.yaml:1:7 name: street-v7 is also the name in grants/stack/a.yaml; give one of the grants another"),
    ("two-of-one-name-and-more", {"storage.yaml": GOOD, "a.yaml": READING, "b.yaml": READING.replace("storage: street", "storage: steet"), "c.yaml": READING.replace("read-only", "all")},
     "b.yaml:1:7 name: street-v7 is also the name in grants/stack/a.yaml; give one of the grants another",
     "b.yaml:3:10 storage: steet is not in storage.yaml; known: one of street, wide; did you mean street?",
     "c.yaml:1:7 name: street-v7 is also the name in grants/stack/a.yaml; give one of the grants another",
     "c.yaml:4:9 access: must be one of read-only, read-write"),
    ("two-write-everywhere", {"storage.yaml": GOOD, "a.yaml": GRANT + "write: everywhere\nintegration: a\n", "b.yaml": GRANT.replace("street-v7", "street-v7-b").replace("berlin/", "hamburg/") + "write: everywhere\n"},
     "a.yaml:7:8 write: everywhere is for a bucket's only V7 grant, and street-v7-b lets V7 into street too; leave it out",
     "b.yaml:7:8 write: everywhere is for a bucket's only V7 grant, and street-v7 lets V7 into street too; leave it out"),
    ("one-writes-everywhere", {"storage.yaml": GOOD, "a.yaml": GRANT + "write: everywhere\nintegration: a\n", "b.yaml": READING.replace("street-v7", "street-v7-b").replace("berlin/", "hamburg/")}, "a.yaml:7:8 write: everywhere is for a bucket's only V7 grant, and street-v7-b lets V7 into street too; leave it out"),
    ("two-principals", {"storage.yaml": GOOD, "a.yaml": READING + "principal: arn:aws:iam::111122223333:role/a\nintegration: a\n", "b.yaml": READING.replace("street-v7", "street-v7-b")},
     "a.yaml:6:12 principal: differs from that of street-v7-b, and the V7 grants on one bucket share a statement; give both the same",
     "b.yaml:1:1 principal: differs from that of street-v7, and the V7 grants on one bucket share a statement; give both the same"),
    ("registered-by-another", {"storage.yaml": GOOD, "a.yaml": READING + "auto_registration: true\nintegration: a\n", "b.yaml": GRANT.replace("street-v7", "street-v7-b").replace("berlin/", "hamburg/").replace("darwin/", "berlin/b/")}, f"a.yaml:5:12 prefixes[0]: V7 writes to berlin/b/ by the grant street-v7-b, inside berlin/, where new objects are registered automatically, so that its own thumbnails would be {AGAIN}; let it read and write in folders apart"),
    ("same-mistake-in-two-files", {"storage.yaml": GOOD, "a.yaml": READING + "mirrax: true\n", "b.yaml": READING.replace("street-v7", "street-v7-b") + "mirrax: true\n"},
     f"a.yaml:6:1 mirrax: {NO_KEY}; did you mean mirax?",
     f"b.yaml:6:1 mirrax: {NO_KEY}; did you mean mirax?"),
    ("no-storage-yaml", {"g.yaml": READING}, "storage.yaml:1:1 does not exist; it names the places this stack knows"),
    ("storages-yaml", {"storages.yaml": GOOD.replace("aws", "asw"), "g.yaml": READING.replace("street\n", "steet\n")},
     "g.yaml:3:10 storage: steet is not in storage.yaml; known: one of street, wide; did you mean street?",
     "storage.yaml:1:1 does not exist; did you mean to call storages.yaml storage.yaml?",
     "storages.yaml:2:16 street.kind: must be one of aws, wasabi; did you mean aws?"),
    ("storages-yaml-twice", {"storages.yaml": "", "storag.yaml": ""},
     "storag.yaml:1:1 is empty; it starts with platform: v7",
     "storage.yaml:1:1 does not exist; it names the places this stack knows",
     "storages.yaml:1:1 is empty; it starts with platform: v7"),
    ("grant-called-storages", {"storages.yaml": READING}, "storage.yaml:1:1 does not exist; it names the places this stack knows"),
    ("storage-yml", {"storage.yml": entry(AWS), "g.yaml": READING}, "storage.yml:1:1 must be called storage.yaml"),
    ("storage-capitals", {"Storage.yaml": entry(AWS), "g.yaml": READING}, "Storage.yaml:1:1 must be called storage.yaml"),
    ("no-entry", {"storage.yaml": "", "g.yaml": READING}, "g.yaml:3:10 storage: street is not in storage.yaml; known: none; add an entry there"),
    ("dots-for-v7", {"storage.yaml": entry(AWS.replace("street-imagery", "street.imagery")), "g.yaml": READING}, "g.yaml:3:10 storage: has the bucket street.imagery, and V7 cannot reach a name with dots (virtual-host-style HTTPS); use another bucket"),
    ("too-many-prefixes", {"storage.yaml": entry(AWS), "g.yaml": READING.replace("[berlin/]", "[" + ", ".join(f"patients/{i:04}-{'x' * 20}/" for i in range(500)) + "]")}, "storage.yaml:1:1 street: the bucket policy would have 33,917 bytes, and 20,480 are allowed; fewer prefixes are needed in street-v7"),
    ("many-mistakes", {"storage.yaml": "a:\n" + "".join(f"n{i}: {{kind: aws}}\n" for i in range(3)), "a.yaml": "name: [", "b.yaml": GRANT.replace("read-write", "all"), "c.yaml": one("storage", "nowhere").replace("berlin/", "berlin")},
     f"a.yaml:1:8 {NOT_YAML} did not find expected node content while parsing a flow node; a value is missing, or a bracket or comma too many",
     "b.yaml:3:10 storage: street is not in storage.yaml; known: one of a, n0, n1, n2",
     "b.yaml:4:9 access: must be one of read-only, read-write",
     "c.yaml:1:7 name: street-v7 is also the name in grants/stack/b.yaml; give one of the grants another",
     "c.yaml:3:10 storage: nowhere is not in storage.yaml; known: one of a, n0, n1, n2",
     "c.yaml:5:12 prefixes[0]: must end in /, since a prefix means a folder; write berlin/",
     "storage.yaml:1:3 a: is empty; it starts with kind: aws or wasabi",
     "storage.yaml:2:5 n0.bucket: is missing: the bucket's name, without s3://",
     "storage.yaml:2:5 n0.region: is missing: AWS's code of the region that the bucket lies in",
     "storage.yaml:3:5 n1.bucket: is missing: the bucket's name, without s3://",
     "storage.yaml:3:5 n1.region: is missing: AWS's code of the region that the bucket lies in",
     "storage.yaml:4:5 n2.bucket: is missing: the bucket's name, without s3://",
     "storage.yaml:4:5 n2.region: is missing: AWS's code of the region that the bucket lies in"),
    ("grant-of-a-broken-storage", {"storage.yaml": entry(AWS.replace("eu-central-1", "here")), "g.yaml": READING}, f"storage.yaml:1:53 street.region: {AWS_REGION}"),
    ("dots-in-two", {"storage.yaml": "street: {" + AWS.replace("street-imagery", "street.imagery") + "}\n", "g.yaml": GRANT.replace("read-write", "read-only")},
     "g.yaml:3:10 storage: has the bucket street.imagery, and V7 cannot reach a name with dots (virtual-host-style HTTPS); use another bucket",
     "g.yaml:6:15 write_prefix: has no meaning with access: read-only; leave it out, or use read-write"),
]  # fmt: skip

ROWS = {
    row.id: row
    for row in (
        *(Broken(name, {"storage.yaml": GOOD, "g.yaml": text}, tuple(said)) for name, text, *said in GRANTS),
        *(Broken(name, {"storage.yaml": text}, tuple(said)) for name, text, *said in STORAGES),
        *(Broken(name, {"storage.yaml": GOOD}, tuple(said), text) for name, text, *said in CONFIGS),
        *(Broken(name, files, tuple(said)) for name, files, *said in FOLDERS),
    )
}
