"""Broken keys of Pulumi.<stack>.yaml."""

from __future__ import annotations

import json
from typing import Any

from tests.broken.row import configs
from tests.broken.words import ALIAS, BOUNDARY, IAM_PATH, IAM_PREFIX, NO_TAG, NO_TOKEN, NOT_UTF_8, NOT_YAML, OURS, TAGS


def key(name: str, value: str) -> str:
    """A file with one key of ours."""
    return f"config:\n  drawbridge:{name}: {value}\n"


def iam(setting: str, value: str) -> str:
    """A file with one setting for IAM."""
    return key(f"iam_{setting}", value)


_CONFIGS: list[tuple[Any, ...]] = [
    ("config-unknown-key", "config:\n  aws:region: eu-central-1\n  drawbridge:grant: x\n", f"Pulumi.stack.yaml:3:3 config.drawbridge:grant: {OURS}; did you mean grants?"),
    ("config-sid-suffix", "config:\n  drawbridge:sid_suffix: a-b\n", "Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else"),
    ("config-sid-suffix-long", "config:\n  drawbridge:sid_suffix: " + "a" * 33 + "\n", "Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else"),
    ("config-sid-suffix-number", "config:\n  drawbridge:sid_suffix: 007\n", "Pulumi.stack.yaml:2:26 config.drawbridge:sid_suffix: must be text; put quotes around it"),
    ("config-sid-suffix-misspelt", "config:\n  drawbridge:sid-suffix: a\n", f"Pulumi.stack.yaml:2:3 config.drawbridge:sid-suffix: {OURS}; did you mean sid_suffix?"),
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
     f"Pulumi.stack.yaml:2:3 config.drawbridge:grant: {OURS}; did you mean grants?",
     "Pulumi.stack.yaml:3:26 config.drawbridge:sid_suffix: must be at most 32 letters and digits, since a Sid takes nothing else",
     "Pulumi.stack.yaml:4:22 config.drawbridge:grants: must be text; put quotes around it"),
    ("config-latin-1", "config:\n  drawbridge:sid_suffix: ü\n".encode("latin-1"), f"Pulumi.stack.yaml:2:26 {NOT_UTF_8}"),
    ("iam-path-bare", iam("path", "platforms"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-open", iam("path", "/platforms"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-double-slash", iam("path", "/org//platforms/"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-star", iam("path", "'/*/'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-space", iam("path", "/our platforms/"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-long", iam("path", "/" + "x" * 511 + "/"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-empty", iam("path", "''"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: {IAM_PATH}"),
    ("iam-path-null", iam("path", ""), "Pulumi.stack.yaml:2:23 config.drawbridge:iam_path: must be text; put quotes around it"),
    ("iam-path-number", iam("path", "1"), "Pulumi.stack.yaml:2:24 config.drawbridge:iam_path: must be text; put quotes around it"),
    ("iam-path-misspelt", iam("paths", "/platforms/"), f"Pulumi.stack.yaml:2:3 config.drawbridge:iam_paths: {OURS}; did you mean iam_path?"),
    ("iam-name-prefix-long", iam("name_prefix", "x" * 31), f"Pulumi.stack.yaml:2:31 config.drawbridge:iam_name_prefix: {IAM_PREFIX}"),
    ("iam-name-prefix-space", iam("name_prefix", "our team-"), f"Pulumi.stack.yaml:2:31 config.drawbridge:iam_name_prefix: {IAM_PREFIX}"),
    ("iam-name-prefix-slash", iam("name_prefix", "team/"), f"Pulumi.stack.yaml:2:31 config.drawbridge:iam_name_prefix: {IAM_PREFIX}"),
    ("iam-name-prefix-number", iam("name_prefix", "7"), "Pulumi.stack.yaml:2:31 config.drawbridge:iam_name_prefix: must be text; put quotes around it"),
    ("iam-name-prefix-misspelt", iam("nameprefix", "team-"), f"Pulumi.stack.yaml:2:3 config.drawbridge:iam_nameprefix: {OURS}; did you mean iam_name_prefix?"),
    ("iam-boundary-name", iam("permissions_boundary", "boundary"), f"Pulumi.stack.yaml:2:40 config.drawbridge:iam_permissions_boundary: {BOUNDARY}"),
    ("iam-boundary-role", iam("permissions_boundary", "arn:aws:iam::111122223333:role/boundary"), f"Pulumi.stack.yaml:2:40 config.drawbridge:iam_permissions_boundary: {BOUNDARY}"),
    ("iam-boundary-china", iam("permissions_boundary", "arn:aws-cn:iam::111122223333:policy/boundary"), f"Pulumi.stack.yaml:2:40 config.drawbridge:iam_permissions_boundary: {BOUNDARY}"),
    ("iam-boundary-list", iam("permissions_boundary", "[a]"), "Pulumi.stack.yaml:2:40 config.drawbridge:iam_permissions_boundary: must be one text, not a list"),
    ("iam-boundary-misspelt", iam("permission_boundary", "arn:aws:iam::aws:policy/ReadOnlyAccess"), f"Pulumi.stack.yaml:2:3 config.drawbridge:iam_permission_boundary: {OURS}; did you mean iam_permissions_boundary?"),
    ("iam-tags-word", iam("tags", "team"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: {TAGS}"),
    ("iam-tags-mapping", iam("tags", "{team: imaging}"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: {TAGS}"),
    ("iam-tags-list", iam("tags", "'[\"team\"]'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: {TAGS}"),
    ("iam-tags-number-inside", iam("tags", "'{\"team\": 7}'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: {TAGS}"),
    ("iam-tags-deep", iam("tags", "'" + "[" * 100_000 + "'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: {TAGS}"),
    ("iam-tags-of-aws", iam("tags", "'{\"AWS:team\": \"imaging\"}'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has the tag AWS:team, {NO_TAG}"),
    ("iam-tags-character", iam("tags", "'{\"team\": \"imaging!\"}'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has the tag team, {NO_TAG}"),
    ("iam-tags-no-name", iam("tags", "'{\"\": \"imaging\"}'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has the tag '', {NO_TAG}"),
    ("iam-tags-long", iam("tags", "'{\"team\": \"" + "x" * 257 + "\"}'"), f"Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has the tag team, {NO_TAG}"),
    ("iam-tags-of-ours", iam("tags", "'{\"Drawbridge\": \"x\"}'"), "Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has the tag Drawbridge, which is ours; name it otherwise"),
    ("iam-tags-twice", iam("tags", "'{\"Team\": \"x\", \"team\": \"y\"}'"), "Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has the tags Team and team, which are the same to IAM; leave one out"),
    ("iam-tags-many", iam("tags", "'" + json.dumps({f"t{one}": "" for one in range(50)}) + "'"), "Pulumi.stack.yaml:2:24 config.drawbridge:iam_tags: has 50 tags, and at most 49 are allowed"),
    ("iam-tags-misspelt", iam("tag", "x"), f"Pulumi.stack.yaml:2:3 config.drawbridge:iam_tag: {OURS}; did you mean iam_tags?"),
    ("handed-in-secret-in-clear", key("street-lightly-input.secret_key.1", "hunter2hunter2"), "Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.secret_key.1: must be a secret; pulumi config set --secret drawbridge:street-lightly-input.secret_key.1 asks for it"),
    ("handed-in-external-id-in-clear", key("street-lightly-input.external_id.2", "hunter2hunter2"), "Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.external_id.2: must be a secret; pulumi config set --secret drawbridge:street-lightly-input.external_id.2 asks for it"),
    ("handed-in-list", key("street-lightly-input.secret_key.1", "[hunter2hunter2]"), "Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.secret_key.1: must be a secret; pulumi config set --secret drawbridge:street-lightly-input.secret_key.1 asks for it"),
    ("handed-in-mapping", key("street-lightly-input.access_key.1", "{secret: hunter2hunter2}"), "Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.access_key.1: must be the key's id, as a text"),
    ("handed-in-access-key-number", key("street-lightly-input.access_key.1", "12345678"), "Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.access_key.1: must be the key's id, as a text"),
    ("handed-in-access-key-empty", key("street-lightly-input.access_key.1", "''"), "Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.access_key.1: must be the key's id, as a text"),
    ("handed-in-without-generation", key("street-lightly-input.secret_key", "hunter2hunter2"), f"Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.secret_key: {NO_TOKEN}"),
    ("handed-in-generation-zero", key("street-lightly-input.secret_key.0", "hunter2hunter2"), f"Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.secret_key.0: {NO_TOKEN}"),
    ("handed-in-generation-padded", key("street-lightly-input.secret_key.01", "hunter2hunter2"), f"Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.secret_key.01: {NO_TOKEN}"),
    ("handed-in-another-word", key("street-lightly-input.secret.1", "hunter2hunter2"), f"Pulumi.stack.yaml:2:3 config.drawbridge:street-lightly-input.secret.1: {NO_TOKEN}"),
    ("handed-in-capitals", key("Street-lightly.secret_key.1", "hunter2hunter2"), f"Pulumi.stack.yaml:2:3 config.drawbridge:Street-lightly.secret_key.1: {NO_TOKEN}"),
    ("handed-in-underscores", key("street_lightly_input.secret_key.1", "hunter2hunter2"), f"Pulumi.stack.yaml:2:3 config.drawbridge:street_lightly_input.secret_key.1: {NO_TOKEN}"),
]  # fmt: skip

ROWS = configs(_CONFIGS)
