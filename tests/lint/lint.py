"""Runs under parliament's own Python: policy documents by name in, what is wrong with each out, both as JSON."""

import json
import sys
import warnings

warnings.simplefilter("ignore")  # of pkg_resources, which parliament uses

from parliament import analyze_policy_string  # noqa: E402

documents = json.load(sys.stdin)
found = {
    name: [f"{finding.issue}: {finding.detail}" for finding in analyze_policy_string(json.dumps(document)).findings]
    for name, document in documents.items()
}
json.dump({name: findings for name, findings in found.items() if findings}, sys.stdout)
