"""What turns objects into JSON values and back, with upstream's names."""

import abc
from typing import Any

from .primitive import to_primitive


class Serializer(abc.ABC):
    """Turns arguments, results and the context into what is sent, and back."""

    @abc.abstractmethod
    def serialize_entity(self, ctxt: Any, entity: Any) -> Any:
        """What is sent for an argument."""

    @abc.abstractmethod
    def deserialize_entity(self, ctxt: Any, entity: Any) -> Any:
        """What a caller gets for a result."""

    @abc.abstractmethod
    def serialize_context(self, ctxt: Any) -> Any:
        """The dictionary that is sent for a context."""

    @abc.abstractmethod
    def deserialize_context(self, ctxt: Any) -> Any:
        """The context of a dictionary; only servers need it."""


class NoOpSerializer(Serializer):
    """Leaves everything as it is."""

    def serialize_entity(self, ctxt: Any, entity: Any) -> Any:
        return entity

    def deserialize_entity(self, ctxt: Any, entity: Any) -> Any:
        return entity

    def serialize_context(self, ctxt: Any) -> Any:
        return ctxt

    def deserialize_context(self, ctxt: Any) -> Any:
        return ctxt


class JsonPayloadSerializer(NoOpSerializer):
    """Makes JSON values of objects: of an instance, a dictionary of its attributes."""

    def serialize_entity(self, ctxt: Any, entity: Any) -> Any:
        return to_primitive(entity, convert_instances=True)
