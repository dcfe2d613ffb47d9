"""What the guard costs: `python -m tests.sandbox.guard.measure` times head_object with and without it, in one process."""

from __future__ import annotations

import sys
import time
from typing import Any

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.test import run_wsgi_app

from drawbridge.proof.judge import Judge
from sandbox.guard.layer import Guard
from sandbox.guard.signature import Key
from tests.sandbox.guard.test_inside import ACCOUNT, ADMINISTRATOR, environ, signed_request
from tools.judge.install import install

TIMES = 500
POLICY = (
    b'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "258327614892"}, '
    b'"Action": "s3:GetObject", "Resource": "arn:aws:s3:::measured/*"}]}'
)


def milliseconds(app: Any, key: Key, method: str, path: str) -> float:
    """The mean of a request."""
    began = time.perf_counter()
    for _ in range(TIMES):
        made = environ(method, path, signed_request(key, method, path))
        _, status, _ = run_wsgi_app(app, {**made, "HTTP_X_MOTO_ACCOUNT_ID": ACCOUNT})
        assert status.startswith("200"), status
    return (time.perf_counter() - began) / TIMES * 1000


def main() -> None:
    """Makes an object, and looks at it many times."""
    from moto.s3.models import s3_backends

    backend = s3_backends[ACCOUNT]["aws"]
    backend.create_bucket("measured", "eu-central-1").policy = POLICY
    backend.put_object("measured", "a", b"x")
    bare = DomainDispatcherApplication(create_backend_app)
    with Judge([str(word) for word in install()]) as judge:
        guarded = Guard(bare, judge, ACCOUNT, ADMINISTRATOR)
        for app in (bare, guarded):
            milliseconds(app, ADMINISTRATOR, "HEAD", "/measured/a")
        without = milliseconds(bare, ADMINISTRATOR, "HEAD", "/measured/a")
        beside = milliseconds(guarded, ADMINISTRATOR, "HEAD", "/measured/a")
    sys.stdout.write(f"head_object: {without:.2f} ms without the guard, {beside:.2f} ms with it\n")


if __name__ == "__main__":
    main()
