"""The stand-in for pulumi-minio: one file per resource type, found by RESOURCE."""
