"""A request to S3 and what it names: a bucket or an object, an operation on it, parameters and tags."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sandbox.guard import operations, store, values
from sandbox.guard.principals import Principal
from sandbox.guard.request import one_each
from sandbox.guard.signature import own_pairs
from sandbox.guard.store import Place
from sandbox.guard.visit import Visit


@dataclass(frozen=True)
class Asked:
    """A request to S3 and what it names."""

    visit: Visit
    place: Place
    sub_resource: str
    operation: operations.Operation
    parameters: Mapping[str, str]
    tags: values.Tags

    @property
    def who(self) -> Principal:
        """Whose it is."""
        return self.visit.who

    @property
    def method(self) -> str:
        """As it came."""
        return self.visit.request.method

    @property
    def headers(self) -> Mapping[str, str]:
        """As they came."""
        return self.visit.request.headers

    @property
    def creates(self) -> bool:
        """Whether it makes a bucket."""
        return self.operation.permission == "s3:CreateBucket"

    @property
    def puts_tags(self) -> bool:
        """Whether its body is the tags of an object."""
        return self.operation.version == "s3:PutObjectVersionTagging"

    @property
    def has_xml(self) -> bool:
        """Whether its body is a document that moto has to read."""
        return self.method in ("PUT", "POST") and self.sub_resource != "" and "partNumber" not in self.parameters


def read(visit: Visit) -> Asked:
    """What is asked for; refuses what is in no table, and values that are none."""
    where = store.place(visit.request.path)
    level = operations.OBJECT if where.key else operations.BUCKET if where.bucket else operations.SERVICE
    parameters = one_each(own_pairs(visit.request.parameters))
    sub_resource, operation = operations.find(level, visit.request.method, parameters)
    values.check(parameters, visit.request.headers)
    if parameters.get("list-type", "2") != "2":
        raise values.invalid()
    if sub_resource == "uploadId" and ("partNumber" in parameters) != (visit.request.method == "PUT"):
        raise values.invalid("A part has a number and an upload")
    return Asked(visit, where, sub_resource, operation, parameters, _given_tags(visit, level, sub_resource))


def _given_tags(visit: Visit, level: str, sub_resource: str) -> values.Tags:
    if level == operations.OBJECT and sub_resource == "tagging" and visit.request.method == "PUT":
        return values.tags_of_body(visit.body)
    return values.tags_of_header(visit.request.headers.get("x-amz-tagging", ""))
