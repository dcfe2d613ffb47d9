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


def main(name: str, pid_file: Path, certificate: Path) -> None:
    """Binds a free port of the loopback, says so in the pid file, and serves until it is stopped."""
    from moto.server import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

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


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))
