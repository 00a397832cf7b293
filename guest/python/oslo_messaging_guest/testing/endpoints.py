"""The endpoints of a plugin among the servers of a transport that is played."""

import asyncio
import json
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from ..dispatcher import Described, Request
from ..failure import is_of_the_method, told
from ..remote import NoSuchMethod, UnsupportedVersion
from ..server import RPCServer
from ..serving import ExpectedException
from ..target import Target
from .bindings import Err
from .host import fits


class ServedEndpoints:
    """Dispatches as the host does."""

    def __init__(self, server: RPCServer) -> None:
        self._server = server

    def has_namespace(self, namespace: str | None) -> bool:
        """Whether it answers messages of this namespace."""
        return any(namespace in _namespaces(it) for it in self._server.dispatcher.described())

    def answer(self, settings: dict[str, Any], context: Any, method: str,
               args: dict[str, Any]) -> tuple[float, str | Err]:
        """The seconds that a method takes, and its result as text, or an error."""
        from .server import remote

        dispatcher = self._server.dispatcher
        try:
            request = self._found(settings, context, method, args)
        except (NoSuchMethod, UnsupportedVersion) as failure:
            return 0, remote(failure, 'oslo_messaging.rpc.dispatcher')
        try:
            return 0, finished(dispatcher.run_async(request))
        except ExpectedException as wrapped:
            return 0, remote(told(wrapped.expected.with_traceback(None)))
        except BaseException as failure:
            if not is_of_the_method(failure):
                raise
            return 0, remote(told(failure.with_traceback(None)))

    def _found(self, settings: dict[str, Any], context: Any, method: str,
               args: dict[str, Any]) -> Request:
        version, namespace = settings['version'], settings['namespace']
        is_served = False
        for place, endpoint in enumerate(self._server.dispatcher.described()):
            if namespace in _namespaces(endpoint) and fits(
                    endpoint.version or '1.0', version or '1.0'):
                is_served = True
                if method in endpoint.methods:
                    monitor = settings['call_monitor_timeout']
                    target = self._server.target
                    return Request(
                        place, method, json.dumps(args), json.dumps(context), namespace, version,
                        None if monitor is None else monitor / 10**9, '0' * 32,
                        Target(target.exchange or 'openstack', target.topic, server=target.server))
        if is_served:
            raise NoSuchMethod(method)
        raise UnsupportedVersion(version or '1.0', method)


def _namespaces(endpoint: Described) -> list[str | None]:
    return [endpoint.namespace, *endpoint.legacy_namespaces]


def finished(running: Coroutine[Any, Any, Any]) -> Any:
    """What it gives, in a loop of its own, and in a thread of its own when the caller has one."""
    if asyncio._get_running_loop() is None:
        return asyncio.run(running)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, running).result()
