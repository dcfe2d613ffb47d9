"""Bodies: what was signed of them is compared with what came, and aws-chunked ones are taken out of their chunks.

https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html and sigv4-streaming-trailers.html
"""

from __future__ import annotations

import hashlib
import hmac
import re

from botocore.httpchecksum import Crc32Checksum, Sha1Checksum, Sha256Checksum

from sandbox.guard.answers import Refused, unknown
from sandbox.guard.request import Request
from sandbox.guard.signature import UNSIGNED, Signer, mismatch

SIGNED = {"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"}
STREAMING = {*SIGNED, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"}
CHECKSUM = "x-amz-checksum-"
CHECKSUMS = {"crc32": Crc32Checksum, "sha1": Sha1Checksum, "sha256": Sha256Checksum}
_EMPTY = hashlib.sha256(b"").hexdigest()
_CHUNK = re.compile(rb"([0-9a-fA-F]{1,8})(?:;chunk-signature=([0-9a-f]{64}))?\r\n")
_TRAILER = re.compile(rb"([A-Za-z0-9-]+):([^\r\n]*)\r?\n(?:\r?\n)?")


def content(request: Request, claimed: str, signer: Signer | None = None) -> tuple[bytes, dict[str, str]]:
    """The body itself and the checksums that follow it; refuses one that is not what was signed or summed up."""
    trailers: dict[str, str] = {}
    body = request.body
    if claimed in STREAMING:
        if claimed in SIGNED and signer is None:
            raise mismatch()
        body, trailers = _unchunked(request, claimed, signer)
    elif re.fullmatch("[0-9a-f]{64}", claimed):
        if not hmac.compare_digest(hashlib.sha256(body).hexdigest(), claimed):
            message = "The provided 'x-amz-content-sha256' header does not match what was computed."
            raise Refused(400, "XAmzContentSHA256Mismatch", message)
    elif claimed != UNSIGNED:
        message = f"x-amz-content-sha256 must be {UNSIGNED}, {', '.join(sorted(STREAMING))}, or a valid sha256 value."
        raise Refused(400, "InvalidArgument", message)
    given = {name: value for name, value in request.headers.items() if name.startswith(CHECKSUM)}
    # On completing a multipart upload they are those of the object, not of this body.
    if request.method == "PUT":
        for name, value in {**given, **trailers}.items():
            _summed_up(name.removeprefix(CHECKSUM), value, body)
    return body, trailers


def _summed_up(algorithm: str, value: str, body: bytes) -> None:
    if algorithm in ("algorithm", "type", "mode"):
        return
    if algorithm not in CHECKSUMS:
        raise unknown(f"the checksum {algorithm}")
    checksum = CHECKSUMS[algorithm]()
    checksum.update(body)
    if not hmac.compare_digest(checksum.b64digest(), value):
        raise Refused(400, "BadDigest", f"The {algorithm.upper()} you specified did not match the calculated checksum.")


def _unchunked(request: Request, claimed: str, signer: Signer | None) -> tuple[bytes, dict[str, str]]:
    wrong = Refused(400, "IncompleteBody", "The request body terminated unexpectedly")
    raw, position, parts, before = request.body, 0, [], signer.seed if signer else ""
    while True:
        head = _CHUNK.match(raw, position)
        if not head or bool(head[2]) != (claimed in SIGNED):
            raise wrong
        size = int(head[1], 16)
        position = head.end() + size
        chunk = raw[head.end() : position]
        if len(chunk) != size:
            raise wrong
        if signer and head[2]:
            hashed = hashlib.sha256(chunk).hexdigest()
            before = _chained(signer.part("PAYLOAD", before, _EMPTY, hashed), head[2].decode())
        if not size:
            break
        if raw[position : position + 2] != b"\r\n":
            raise wrong
        position += 2
        parts.append(chunk)
    body = b"".join(parts)
    if request.headers.get("x-amz-decoded-content-length") != str(len(body)):
        raise wrong
    return body, _trailers(request, claimed, signer, before, raw[position:], wrong)


def _trailers(
    request: Request, claimed: str, signer: Signer | None, before: str, rest: bytes, wrong: Refused
) -> dict[str, str]:
    found: dict[str, str] = {}
    position = 0
    while rest[position:] not in (b"", b"\r\n"):
        line = _TRAILER.match(rest, position)
        if not line:
            raise wrong
        found[line[1].decode().lower()] = line[2].decode("latin-1").strip()
        position = line.end()
    signature = found.pop("x-amz-trailer-signature", "")
    promised = {name.strip().lower() for name in request.headers.get("x-amz-trailer", "").split(",")} - {""}
    if set(found) != promised or not all(name.startswith(CHECKSUM) for name in found):
        raise Refused(400, "MalformedTrailerError", "The request contained trailing data that was not well-formed.")
    if signer and claimed.endswith("PAYLOAD-TRAILER") and claimed in SIGNED:
        text = "".join(f"{name}:{value}\n" for name, value in sorted(found.items()))
        _chained(signer.part("TRAILER", before, hashlib.sha256(text.encode()).hexdigest()), signature)
    return found


def _chained(expected: str, given: str) -> str:
    if not hmac.compare_digest(expected, given):
        raise mismatch()
    return expected
