"""How the servers handle requests: connections are kept, and a URL's query, which may be signed, is never logged."""

from __future__ import annotations

from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler


class Handler(MotoRequestHandler):
    """Moto's, with a shorter line for each request."""

    protocol_version = "HTTP/1.1"  # else every request begins with a TLS handshake

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Method, path and status; of a request line that is none, the status alone."""
        del size
        path = str(getattr(self, "path", "")).partition("?")[0]
        self.log("info", "%r %s", f"{self.command or ''} {path}", code)

    def log_error(self, format: str, *args: Any) -> None:
        """What was wrong, up to a query in it."""
        self.log("error", "%s", (format % args).partition("?")[0])
