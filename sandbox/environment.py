"""The environment of the sandbox's commands: its own backend, profiles and CA, nothing of the user's clouds."""

from __future__ import annotations

import configparser
import io
import os
import secrets
import string
from collections.abc import Mapping
from pathlib import Path

from drawbridge import private
from drawbridge.verify.endpoints import VARIABLE, Endpoints, Reach
from sandbox.folder import Folder
from sandbox.servers import SERVERS, Running, find
from sandbox.vendors import VENDORS

# What a shell may carry of real clouds, other stacks and other certificate authorities.
FOREIGN = ("AWS_", "AZURE_", "ARM_", "GOOGLE_", "GCLOUD_", "CLOUDSDK_", "WASABI_", "MINIO_", "PULUMI_", "MOTO_")
FOREIGN_NAMES = {
    VARIABLE,
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "PYTHONHOME",
}
SLOW = {"PYTHONDONTWRITEBYTECODE"}  # without compiled modules every start takes twice as long
PROFILES = {("sandbox" if store == "aws" else store): server for store, server in SERVERS.items()}  # profile -> server
MINIO = "minio"  # the profile with the keys that its provider is given too
REGION = "eu-central-1"


def clean() -> dict[str, str]:
    """The user's environment without foreign settings."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(FOREIGN) and name.upper() not in FOREIGN_NAMES | SLOW
    }


def environment(folder: Folder) -> dict[str, str]:
    """What Pulumi, the program and its providers are started with."""
    engine = folder.root / ".venv" / "bin" / "pulumi"
    # The CLI looks for its helpers beside itself, so its real folder comes first, then our Python.
    paths = [str(Path(engine).resolve().parent)] if engine.exists() else []
    paths += [str(folder.root / ".venv" / "bin"), os.environ.get("PATH", os.defpath)]
    return (
        clean()
        | _minio(folder)
        | {
            "PATH": os.pathsep.join(paths),
            "VIRTUAL_ENV": str(folder.root / ".venv"),
            "AWS_CONFIG_FILE": str(folder.aws_config),
            "AWS_SHARED_CREDENTIALS_FILE": str(folder.aws_credentials),
            "AWS_EC2_METADATA_DISABLED": "true",
            VARIABLE: str(folder.endpoints),
            "PULUMI_HOME": str(folder.state / "pulumi"),
            "PULUMI_BACKEND_URL": (folder.state / "backend").as_uri(),
            "PULUMI_CONFIG_PASSPHRASE_FILE": str(folder.passphrase),
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # Every SDK that is installed would be asked for as a plugin; the stand-ins are all there is.
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }
    )


def _minio(folder: Folder) -> dict[str, str]:
    """What pulumi-minio takes from its environment; nothing before the server runs."""
    running, keys = find(folder, SERVERS[MINIO]), credentials(folder)
    if not running:
        return {}
    return {
        "MINIO_ENDPOINT": running.url.removeprefix("https://"),
        "MINIO_ENABLE_HTTPS": "true",
        "MINIO_CACERT_FILE": str(folder.ca),
        "MINIO_USER": keys[MINIO]["aws_access_key_id"],
        "MINIO_PASSWORD": keys[MINIO]["aws_secret_access_key"],
    }


def credentials(folder: Folder) -> configparser.ConfigParser:
    """The keys of all profiles, as far as they were made."""
    keys = configparser.ConfigParser(interpolation=None)
    keys.read(folder.aws_credentials)
    return keys


def write_keys(folder: Folder) -> None:
    """Makes the keys of the administrators and of the platforms' principals, once; the servers read them."""
    keys = credentials(folder)
    firsts = {server: profile for profile, server in reversed(PROFILES.items())}
    for profile in (*PROFILES, *(vendor.source for vendor in VENDORS)):
        # A server has one administrator, whatever it is called by those who come.
        first = firsts.get(PROFILES.get(profile, ""), profile)
        if first != profile:
            keys[profile] = dict(keys[first])
        elif not keys.has_section(profile):
            alphabet = string.ascii_uppercase + "234567"
            keys[profile] = {
                "aws_access_key_id": "AKIA" + "".join(secrets.choice(alphabet) for _ in range(16)),
                "aws_secret_access_key": secrets.token_urlsafe(30),
            }
    private.write(folder.aws_credentials, _text(keys))


def write_profiles(folder: Folder, servers: Mapping[str, Running]) -> None:
    """Writes the AWS profiles and the map of the endpoints as they are now."""
    config = configparser.ConfigParser(interpolation=None)
    for profile, server in PROFILES.items():
        config[f"profile {profile}"] = _profile(folder, servers[server])
    for vendor in VENDORS:
        for profile in {vendor.profile, vendor.source}:
            config[f"profile {profile}"] = _profile(folder, servers[vendor.server])
        if vendor.kind == "role":
            config[f"profile {vendor.profile}"].update({"role_arn": vendor.arn, "source_profile": vendor.source})
    private.write(folder.aws_config, _text(config))
    endpoints = Endpoints(
        ca=str(folder.ca),
        stores={
            store: Reach(endpoint=servers[server].url, plain=servers[server].plain_url)
            for store, server in SERVERS.items()
        },
        principals={vendor.arn: vendor.profile for vendor in VENDORS},
    )
    private.write(folder.endpoints, endpoints.model_dump_json(indent=2))


def _profile(folder: Folder, server: Running) -> dict[str, str]:
    return {"region": REGION, "endpoint_url": server.url, "ca_bundle": str(folder.ca)}


def _text(parser: configparser.ConfigParser) -> str:
    buffer = io.StringIO()
    parser.write(buffer)
    return buffer.getvalue()
