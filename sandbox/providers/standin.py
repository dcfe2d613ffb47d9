"""What all stand-ins share: resource types and functions, and loud failure on what they do not know."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any

from pulumi.provider.experimental import provider as api
from pulumi.provider.experimental.property_value import PropertyValue

Properties = dict[str, Any]


class Unknown(Exception):
    """A resource type, property or function that the stand-in does not have."""


class Gone(Exception):
    """The resource does not exist in the cloud."""


class ResourceType(ABC):
    """One resource type; properties are in the provider's own spelling (camelCase).

    `inputs` are all properties that it takes, `defaults` what the provider fills in, `computed` what the cloud decides
    where the program does not, `replace` those that make another resource.
    """

    name: str
    inputs: frozenset[str]
    defaults: Mapping[str, Any] = {}
    computed: frozenset[str] = frozenset()
    replace: frozenset[str] = frozenset()

    @abstractmethod
    def create(self, cloud: Any, inputs: Properties) -> str | tuple[str, Properties]:
        """Makes it and returns its id; with secrets that are told only now, if there are any."""

    @abstractmethod
    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """The inputs as they are in the cloud, with what only the cloud knows; raises Gone."""

    def known(self, cloud: Any, identity: str, properties: Properties) -> Properties:
        """The same of one whose properties are known; only where these say more than its id is it another reading."""
        return self.read(cloud, identity, properties.get("region"))

    @abstractmethod
    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Brings it to the new inputs."""

    @abstractmethod
    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Removes it."""


class StandIn(api.Provider):
    """A provider whose `cloud` is made once it is configured."""

    def __init__(self, name: str, types: Mapping[str, ResourceType], functions: Mapping[str, Any]) -> None:
        self.name, self.types, self.functions = name, types, functions
        self.cloud: Any = None

    def connect(self, config: Mapping[str, str]) -> Any:
        """The clients that resource types work with."""
        raise NotImplementedError

    async def configure(self, request: api.ConfigureRequest) -> api.ConfigureResponse:
        """Takes the configuration; a key that is not understood is an error."""
        prefix = f"{self.name}:config:"
        self.cloud = self.connect({key.removeprefix(prefix): value for key, value in request.variables.items()})
        return api.ConfigureResponse(accept_secrets=True, supports_preview=True, accept_outputs=True)

    async def check(self, request: api.CheckRequest) -> api.CheckResponse:
        """Refuses unknown properties by name and fills in defaults."""
        kind = self._type(request.type)
        failures = [
            api.CheckFailure(name, f"the sandbox's stand-in for {kind.name} does not know the property {name}")
            for name in sorted(set(request.new_inputs) - kind.inputs)
        ]
        return api.CheckResponse({**_value_map(kind.defaults), **request.new_inputs}, failures)

    async def diff(self, request: api.DiffRequest) -> api.DiffResponse:
        """Compares every input with the state, which a refresh has brought up to date."""
        kind = self._type(request.type)
        old, new = _plain_map(request.old_state), _plain_map(request.new_inputs)
        changed = sorted(
            name
            for name in kind.inputs - set(request.ignore_changes)
            if (old.get(name) != new[name] if name in new else name in old and name not in kind.computed)
        )
        replaced = [name for name in changed if name in kind.replace]
        return api.DiffResponse(changes=bool(changed), replaces=replaced, diffs=changed)

    async def create(self, request: api.CreateRequest) -> api.CreateResponse:
        """Makes the resource and reads it back."""
        kind = self._type(request.type)
        if request.preview:
            return api.CreateResponse("", request.properties)
        inputs = _plain_map(request.properties)
        made = await asyncio.to_thread(kind.create, self.cloud, inputs)
        identity, told = made if isinstance(made, tuple) else (made, {})
        live = await asyncio.to_thread(kind.known, self.cloud, identity, inputs)
        return api.CreateResponse(identity, {**_value_map(live), **_value_map(told, told), **request.properties})

    async def read(self, request: api.ReadRequest) -> api.ReadResponse:
        """The resource as it is; an empty id when it is gone. Also how a resource is imported."""
        kind = self._type(request.type)
        properties = _plain_map(request.properties)
        try:
            if properties:
                live = await asyncio.to_thread(kind.known, self.cloud, request.resource_id, properties)
            else:
                live = await asyncio.to_thread(kind.read, self.cloud, request.resource_id, None)
        except Gone:
            return api.ReadResponse("")
        # Without a state this is an import: what only the provider knows comes from its defaults.
        before = request.properties or _value_map(kind.defaults)
        inputs = {name: value for name, value in {**_plain_map(before), **live}.items() if name in kind.inputs}
        if request.inputs:
            inputs = {name: value for name, value in inputs.items() if name in request.inputs}
        gone = {name for name in request.properties if name in kind.inputs - kind.defaults.keys() and name not in live}
        state = {name: value for name, value in before.items() if name not in gone}
        secret = {name for name, value in before.items() if value.contains_secret()}
        found = {**state, **_value_map(live, secret)}
        return api.ReadResponse(request.resource_id, found, _value_map(inputs, secret))

    async def update(self, request: api.UpdateRequest) -> api.UpdateResponse:
        """Brings the resource to its new inputs and reads it back."""
        kind = self._type(request.type)
        if request.preview:
            return api.UpdateResponse({**request.olds, **request.news})
        inputs = _plain_map(request.news)
        await asyncio.to_thread(kind.update, self.cloud, request.resource_id, inputs)
        live = await asyncio.to_thread(kind.known, self.cloud, request.resource_id, inputs)
        told = {name: value for name, value in request.olds.items() if value.contains_secret()}
        return api.UpdateResponse({**told, **_value_map(live), **request.news})

    async def delete(self, request: api.DeleteRequest) -> None:
        """Removes the resource."""
        kind = self._type(request.type)
        await asyncio.to_thread(kind.delete, self.cloud, request.resource_id, _plain_map(request.properties))

    async def invoke(self, request: api.InvokeRequest) -> api.InvokeResponse:
        """Calls a function."""
        if request.tok not in self.functions:
            raise Unknown(f"the sandbox's stand-in for {self.name} does not know the function {request.tok}")
        answer = await asyncio.to_thread(self.functions[request.tok].call, self.cloud, _plain_map(request.args))
        return api.InvokeResponse(_value_map(answer))

    def _type(self, name: str) -> ResourceType:
        if name not in self.types:
            raise Unknown(f"the sandbox's stand-in for {self.name} does not know the resource type {name}")
        return self.types[name]


def _plain(value: PropertyValue) -> Any:
    content = value.value
    if isinstance(content, Mapping):
        return {key: _plain(item) for key, item in content.items()}
    if isinstance(content, list | tuple):
        return [_plain(item) for item in content]
    return int(content) if isinstance(content, float) and content.is_integer() else content


def _plain_map(values: Mapping[str, PropertyValue]) -> Properties:
    return {name: _plain(value) for name, value in values.items()}


def _value(content: Any) -> PropertyValue:
    if isinstance(content, Mapping):
        return PropertyValue({key: _value(item) for key, item in content.items()})
    if isinstance(content, list | tuple):
        return PropertyValue([_value(item) for item in content])
    return PropertyValue(float(content) if isinstance(content, int) and not isinstance(content, bool) else content)


def _value_map(values: Mapping[str, Any], secret: Collection[str] = ()) -> dict[str, PropertyValue]:
    return {name: _value(value).with_secret(name in secret) for name, value in values.items()}
