"""Endpoints, and the requests that are dispatched to their methods."""

import contextvars
import inspect
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .depth import check_text, hold, let_go
from .exceptions import InvalidArgument
from .failure import report
from .message import to_text
from .serializer import NoOpSerializer, Serializer
from .serving import DefaultRPCAccessPolicy, RPCAccessPolicyBase
from .target import Target
from .values import required_text, text


@dataclass(frozen=True)
class Request:
    """A request that a method was found for. Texts are JSON, as they came."""

    #: The place of its endpoint among those of the server.
    endpoint: int
    method: str
    args: str
    context: str
    #: What the caller asked for.
    namespace: str | None = None
    version: str | None = None
    #: The seconds that the caller waits for a sign of life, which the host sends.
    call_monitor_timeout: float | None = None
    message_id: str | None = None
    #: The server that got it, with exchange, topic and name.
    served_by: Target | None = None


def current_request() -> Request:
    """The request whose method runs.

    :raises RuntimeError: outside of a method
    """
    try:
        return _current.get()
    except LookupError:
        raise RuntimeError('there is no request: this is for methods of endpoints, while they '
                           'run') from None


_current: contextvars.ContextVar[Request] = contextvars.ContextVar('oslo_messaging_request')


@dataclass(frozen=True)
class Described:
    """An endpoint as the host knows it."""

    namespace: str | None
    legacy_namespaces: list[str | None]
    version: str | None
    methods: list[str]


class DispatcherBase:
    """Base class of dispatchers."""


class PingEndpoint:
    """What answers a ping, for servers that are told to; in a plugin its host answers."""

    def oslo_rpc_server_ping(self, ctxt: Any, **kwargs: Any) -> str:
        """Says that it is there."""
        return 'pong'


class RPCDispatcher(DispatcherBase):
    """Runs methods of endpoints. Which of them a request is for is the host's to find.

    :param endpoints: objects whose methods take a context and keyword arguments; a `target` says
                      their namespace and version
    :param serializer: what converts arguments, results and contexts
    :param access_policy: a class that says which methods may be called
    """

    def __init__(self, endpoints: Sequence[Any], serializer: Serializer | None,
                 access_policy: type[RPCAccessPolicyBase] | None = None) -> None:
        for endpoint in endpoints:
            target = getattr(endpoint, 'target', None)
            if target and not isinstance(target, Target):
                raise TypeError(
                    "'target' is a reserved Endpoint attribute used for namespace and version "
                    'filtering.  It must be of type oslo_messaging.Target. Do not define an '
                    f"Endpoint method named 'target': endpoint={endpoint}")
        policy = DefaultRPCAccessPolicy if access_policy is None else access_policy
        if not issubclass(policy, RPCAccessPolicyBase):
            raise TypeError('access_policy must be a subclass of RPCAccessPolicyBase')
        self.endpoints = endpoints
        self.serializer = NoOpSerializer() if serializer is None else serializer
        self.access_policy = policy()

    def described(self) -> list[Described]:
        """What the host is told of the endpoints.

        Methods are those that an endpoint has at this moment. What begins with two underscores is
        Python's own, and is left out whatever the policy says.
        """
        described = []
        for endpoint in self.endpoints:
            try:
                described.append(self._described(endpoint))
            except InvalidArgument as error:
                # In the bindings it would say nothing of what is wrong.
                raise TypeError(f'{error}: endpoint={_name(endpoint)}') from None
        return described

    def _described(self, endpoint: Any) -> Described:
        target = getattr(endpoint, 'target', None) or Target()
        namespace, *legacy = target.accepted_namespaces
        methods = [required_text('method', name) for name in dir(endpoint)
                   if not name.startswith('__') and self._is_allowed(endpoint, name)]
        return Described(text('namespace', namespace),
                         [text('legacy_namespaces', it) for it in legacy],
                         text('version', target.version), methods)

    def _is_allowed(self, endpoint: Any, name: str) -> bool:
        try:
            return bool(self.access_policy.is_allowed(endpoint, name))
        except Exception as error:
            # Mostly a property, which is no method. What nobody allowed is not served.
            report(f'`{name}` of {_name(endpoint)} is not served, because the access policy failed:',
                   error)
            return False

    def run(self, request: Request) -> str:
        """The JSON text of what a method returns; what it raises comes through.

        :raises RuntimeError: when it is an `async def`
        """
        token = _current.set(request)
        try:
            result, ctxt = self._call(request)
            if inspect.iscoroutine(result):
                result.close()
                raise RuntimeError(
                    f'`{request.method}` is an `async def`, which a plugin waits for whose world '
                    'exports `rpc-endpoint-async`: make it a `def`, or change the world')
            return self._text(ctxt, result)
        finally:
            _current.reset(token)

    async def run_async(self, request: Request) -> str:
        """The same for methods of which some are `async def`."""
        token = _current.set(request)
        try:
            result, ctxt = self._call(request)
            if inspect.isawaitable(result):
                result = await result
            return self._text(ctxt, result)
        finally:
            _current.reset(token)

    def _call(self, request: Request) -> tuple[Any, Any]:
        """What the method gives, and its context."""
        let_go()
        check_text(request.context)
        check_text(request.args)
        context = json.loads(request.context)
        # As upstream tells it.
        context['client_timeout'] = _seconds(request.call_monitor_timeout)
        ctxt = self.serializer.deserialize_context(context)
        args = {name: self.serializer.deserialize_entity(ctxt, value)
                for name, value in json.loads(request.args).items()}
        method = getattr(self.endpoints[request.endpoint], request.method)
        return method(ctxt, **args), ctxt

    def _text(self, ctxt: Any, result: Any) -> str:
        entity = self.serializer.serialize_entity(ctxt, result)
        try:
            return to_text(entity)
        except RecursionError:
            if isinstance(entity, (dict, list, tuple)):
                hold(entity)
            raise


def _name(endpoint: Any) -> str:
    # Its own `__repr__` may fail.
    return f'{type(endpoint).__module__}.{type(endpoint).__qualname__}'


def _seconds(timeout: float | None) -> float | None:
    whole = timeout is not None and timeout == int(timeout)
    return int(timeout) if whole and timeout is not None else timeout
