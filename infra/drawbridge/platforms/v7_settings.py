"""V7 Darwin's own configuration: the form's fields as a sheet and as JSON, and scripts that register items."""

import json
from collections.abc import Mapping, Sequence

from drawbridge import templates
from drawbridge.access import Access, altogether
from drawbridge.auth.interface import Wanted
from drawbridge.platforms.interface import Settings

PROVIDERS = {"aws": "AWS S3", "wasabi": "Wasabi"}  # as V7's form calls them
SHEET, FIELDS = "v7-storage-integration.md", "v7-storage-integration.json"
UPLOADER = "v7-uploader.env"
SCRIPTS = ("v7-register-rest.py", "v7-register-darwin-py.py")


def slug(name: str) -> str:
    """What items are registered with: lower case, hyphens for spaces (docs.v7labs.com, "Troubleshooting")."""
    return name.lower().replace(" ", "-")


def settings(
    grant: str,
    *,
    kind: str,
    bucket: str,
    region: str,
    endpoint: str,
    integration: str,
    writes_to: str,
    form_prefix: str,
    accesses: Sequence[Access],
    others: Mapping[str, Sequence[Access]],
    uploader: Wanted | None,
    uploads_to: str,
) -> Settings:
    """The fields of V7's form "New Storage Integration"; `writes_to` is "" where V7 only reads.

    `others` are the accesses of its other grants on the bucket, by grant. `uploader` is who puts thumbnails and frames
    under `uploads_to` where V7 writes nothing.
    """
    everything = [*accesses, *(access for found in others.values() for access in found)]
    (may,) = altogether(everything).values()
    fields = {
        "Storage provider": PROVIDERS[kind],
        "Name": integration,
        "S3 Bucket": bucket,
        "S3 Prefix": form_prefix,
        "S3 Region": region,
    }
    sheet = templates.text(
        f"{SHEET}.j2",
        grant=grant,
        fields=fields,
        slug=slug(integration),
        principal=accesses[0].principal,
        own=altogether(accesses)[accesses[0].principal],
        others=sorted(others),
        altogether=may,
        writes_to=writes_to,
        uploads_to=uploads_to,
    )
    scripts = {
        name: templates.text(
            f"{name}.j2",
            grant=grant,
            integration=integration,
            slug=slug(integration),
            read_only=not writes_to,
            bucket=bucket,
            folders=may["read"],
        )
        for name in SCRIPTS
    }
    content = {"form": fields, "slug": slug(integration)}
    keys = {}
    if uploader:
        access_key, secret_key = (str(uploader.token(what, uploader.newest)) for what in ("access_key", "secret_key"))
        given = {"region": region, "endpoint": endpoint, "access_key": access_key, "secret_key": secret_key}
        keys[UPLOADER] = templates.text(f"{UPLOADER}.j2", grant=grant, bucket=bucket, uploads_to=uploads_to, **given)
    return Settings(
        files={SHEET: sheet, FIELDS: json.dumps(content, indent=2, ensure_ascii=False) + "\n", **scripts, **keys},
        hint="Settings > Storage > New Storage Integration in V7 Darwin",
    )
