"""What the guard costs: head_object with and without it, in one process; less than 10 ms more."""

from __future__ import annotations

import sys
import time
from typing import Any

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from moto.s3.models import s3_backends
from werkzeug.test import EnvironBuilder, run_wsgi_app

from sandbox.guard.judges import Judges
from sandbox.guard.layer import Guard
from sandbox.guard.signature import Key
from tools.judge.install import install

ACCOUNT, REGION, BUCKET, PATH = "121212121212", "eu-central-1", "measured", "/measured/a"
KEY = Key("AKIAADMINISTRATOR222", "secret")
TIMES, MOST = 500, 10.0
POLICY = (
    b'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "258327614892"}, '
    b'"Action": "s3:GetObject", "Resource": "arn:aws:s3:::measured/*"}]}'
)


def main() -> int:
    """Prints the milliseconds of a request; 1 where the guard takes too many."""
    backend = s3_backends[ACCOUNT]["aws"]
    backend.create_bucket(BUCKET, REGION).policy = POLICY
    backend.put_object(BUCKET, "a", b"x")
    bare = DomainDispatcherApplication(create_backend_app)
    with Judges([str(word) for word in install()]) as judges:
        guarded = Guard(bare, judges, ACCOUNT, KEY)
        for app in (bare, guarded):  # warms up
            _milliseconds(app)
        without, beside = _milliseconds(bare), _milliseconds(guarded)
    sys.stdout.write(f"head_object: {without:.2f} ms, {beside:.2f} ms with the guard; at most {MOST:g} ms more\n")
    return 1 if beside - without >= MOST else 0


def _milliseconds(app: Any) -> float:
    """The mean of a request, which is signed anew each time."""
    taken = 0.0
    for _ in range(TIMES):
        request = AWSRequest("HEAD", f"http://localhost{PATH}")
        S3SigV4Auth(Credentials(KEY.key_id, KEY.secret), "s3", REGION).add_auth(request)
        environ = EnvironBuilder(path=PATH, method="HEAD", headers=list(request.headers.items())).get_environ()
        environ |= {"REQUEST_URI": PATH, "REMOTE_ADDR": "127.0.0.1", "HTTP_X_MOTO_ACCOUNT_ID": ACCOUNT}
        began = time.perf_counter()
        _, status, _ = run_wsgi_app(app, environ)
        taken += time.perf_counter() - began
        if not status.startswith("200"):
            raise SystemExit(f"{PATH} was answered with {status}")
    return taken / TIMES * 1000


if __name__ == "__main__":
    sys.exit(main())
