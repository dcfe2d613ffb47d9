"""One guarded moto server, over https and over plain http, in a process of its own.

`python -m sandbox.server NAME PID_FILE CERTIFICATE CREDENTIALS JUDGE…`, where JUDGE… starts the judge.
"""

from __future__ import annotations

import configparser
import json
import os
import ssl
import sys
import threading
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from drawbridge import private
from sandbox.environment import PROFILES
from sandbox.servers import KINDS
from sandbox.vendors import VENDORS

if TYPE_CHECKING:
    from sandbox.guard.court import Decides
    from sandbox.guard.layer import Guard


def main(name: str, pid_file: Path, certificate: Path, credentials: Path, judge: Sequence[str]) -> None:
    """Binds two free ports of the loopback, says so in the pid file, and serves until it is stopped."""
    from werkzeug.serving import make_server

    from sandbox.guard.judges import Judges
    from sandbox.handler import Handler

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    _neutral()
    _know_dry_runs()
    with Judges(judge) as running:
        app = guarded(name, credentials, running)
        # Without TLS, so that a policy that asks for it can be tried for real.
        tls, plain = (
            make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler, ssl_context=security)
            for security in (context, None)
        )
        threading.Thread(target=plain.serve_forever, daemon=True).start()
        about = {
            "name": name,
            "pid": os.getpid(),
            "started": psutil.Process().create_time(),
            "port": tls.port,
            "plain_port": plain.port,
            # Nothing is kept over a restart: a new instance is an empty cloud.
            "instance": uuid.uuid4().hex,
        }
        private.write(pid_file, json.dumps(about, indent=2))
        tls.serve_forever()


def guarded(name: str, credentials: Path, judge: Decides) -> Guard:
    """Moto behind the guard, with what is there before any stack is."""
    from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

    from sandbox.guard import population
    from sandbox.guard.layer import Guard
    from sandbox.guard.signature import Key

    keys = configparser.ConfigParser(interpolation=None)
    keys.read(credentials)

    def key(profile: str) -> Key:
        return Key(keys[profile]["aws_access_key_id"], keys[profile]["aws_secret_access_key"])

    kind = next(kind for kind in KINDS if kind.name == name)
    population.make_buckets(kind.account, kind.regions)
    for vendor in VENDORS:
        if vendor.server == name:
            population.make(vendor, key(vendor.source))
    administrator = next(profile for profile, server in PROFILES.items() if server == name)
    app = DomainDispatcherApplication(create_backend_app)
    return Guard(app, judge, kind.account, key(administrator), is_minio="minio" in kind.stores)


def _neutral() -> None:
    """Takes moto's own opinions of bucket policies away; the guard has decided before moto is asked."""
    from moto.iam.access_control import PermissionResult
    from moto.s3 import responses
    from moto.s3.models import FakeBucket

    from sandbox.guard.public import text_is_public

    def get_permission(bucket: FakeBucket, action: str, resource: str) -> PermissionResult:
        del bucket, action, resource
        return PermissionResult.NEUTRAL

    FakeBucket.get_permission = get_permission  # type: ignore[assignment,method-assign]
    responses.bucket_policy_is_public = text_is_public  # type: ignore[attr-defined]


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
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]), Path(sys.argv[4]), sys.argv[5:])
