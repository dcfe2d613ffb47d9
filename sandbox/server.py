"""One moto server over https in a process of its own: `python -m sandbox.server NAME PID_FILE CERTIFICATE`."""

from __future__ import annotations

import json
import os
import ssl
import sys
import uuid
from pathlib import Path

import psutil

from sandbox.folder import write_private

TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}


def main(name: str, pid_file: Path, certificate: Path) -> None:
    """Binds a free port of the loopback, says so in the pid file, and serves until it is stopped."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    _mend_denials()
    _know_dry_runs()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    server = make_server(
        "127.0.0.1",
        0,
        DomainDispatcherApplication(create_backend_app),
        threaded=True,
        request_handler=MotoRequestHandler,
        ssl_context=context,
    )
    process = psutil.Process()
    about = {
        "name": name,
        "pid": os.getpid(),
        "started": process.create_time(),
        "port": server.port,
        # Nothing is kept over a restart: a new instance is an empty cloud.
        "instance": uuid.uuid4().hex,
    }
    write_private(pid_file, json.dumps(about, indent=2))
    server.serve_forever()


def _mend_denials() -> None:
    """Moto applies a Deny whatever its Condition says, so a TLS-only statement would refuse every object request.

    Here every request comes over TLS, so such a statement never applies.
    """
    from moto.iam.access_control import IAMPolicy, PermissionResult
    from moto.s3.models import FakeBucket

    def get_permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
        policy = json.loads(bucket.policy or b"{}")
        statements = policy.get("Statement", [])
        statements = [statements] if isinstance(statements, dict) else statements
        applying = [part for part in statements if part.get("Condition") != TLS_ONLY]
        if not applying:
            return PermissionResult.NEUTRAL
        return IAMPolicy(json.dumps({**policy, "Statement": applying})).is_action_permitted(action, resource)

    FakeBucket.get_permission = get_permission  # type: ignore[assignment,method-assign]


def _know_dry_runs() -> None:
    """Moto makes a KMS grant even when it is only asked whether it could be made."""
    from moto.core.exceptions import JsonRESTError
    from moto.kms.responses import KmsResponse

    create = KmsResponse.create_grant

    def create_grant(response: KmsResponse) -> str:
        if response._get_param("DryRun"):
            raise JsonRESTError("DryRunOperationException", "The request would have succeeded, but DryRun is set.")
        return create(response)

    KmsResponse.create_grant = create_grant  # type: ignore[assignment,method-assign]


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
