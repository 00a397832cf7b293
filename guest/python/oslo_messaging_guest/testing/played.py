"""A transport whose servers are played."""

import asyncio
import json
import time
from dataclasses import dataclass
from typing import Any, Self

from .. import _wit
from ..serializer import Serializer
from ..server import RPCServer
from ..target import Target
from ..values import NAMES
from . import bindings
from .bindings import Err, error
from .endpoints import ServedEndpoints
from .host import Player, checked, fits, host
from .notifications import Notifications
from .server import Server


@dataclass
class Request:
    """A message that was sent."""

    is_cast: bool
    target: Target
    context: Any
    method: str
    args: dict[str, Any]
    #: The seconds that it might have taken.
    timeout: float


class Transport(Notifications):
    """A granted transport, from `with` to the end of the block.

    Messages to a target without a server end as they would: calls raise `NoSuchTarget`, or wait in
    vain with `TransportOptions(at_least_once=False)`.

    :param name: the name that it is granted under
    :param timeout: the seconds that calls may take of which nothing else is said
    :param real_time: whether delays take their time; if not, they are added up in `waited`
    """

    def __init__(self, name: str = 'default', timeout: float = 60.0,
                 real_time: bool = False) -> None:
        super().__init__()
        self.name = name
        self.timeout = timeout
        self.real_time = real_time
        #: What was sent, in order.
        self.requests: list[Request] = []
        #: The seconds that calls waited.
        self.waited = 0.0
        self._servers: list[
            tuple[tuple[str, str, str | None], Server | ServedEndpoints]] = []

    def server(self, topic: str, server: str | None = None, exchange: str = 'openstack',
               namespace: str | None = None, version: str | None = None,
               serializer: Serializer | None = None) -> Server:
        """A server of a topic, which has no methods yet.

        :param server: its name; None: it answers whatever name is asked for
        :param version: the version that it implements; None: any
        :param serializer: what it converts arguments and results with
        """
        made = Server(namespace, version, serializer)
        self._servers.append(((exchange, topic, server), made))
        return made

    def serve(self, server: RPCServer) -> None:
        """Has messages to the target of a plugin's own server run the methods of its endpoints."""
        target = server.target
        if not target.topic:
            raise ValueError(f'{target} has no topic, under which its endpoints could be called')
        key = (target.exchange or 'openstack', target.topic, target.server)
        self._servers.append((key, ServedEndpoints(server)))

    def __enter__(self) -> Self:
        if self.name in _played:
            raise RuntimeError(f'the transport `{self.name}` is played already')
        _played[self.name] = self
        if len(_played) == 1:
            _before.append(_wit.play(host(_played)))
        return self

    def __exit__(self, *_: object) -> None:
        del _played[self.name]
        if not _played:
            _wit.play(_before.pop())

    def wait(self, seconds: float) -> None:
        """Lets a length of time pass."""
        self.waited += seconds
        if self.real_time:
            time.sleep(seconds)

    async def wait_async(self, seconds: float) -> None:
        """The same beside other tasks."""
        self.waited += seconds
        await asyncio.sleep(seconds if self.real_time else 0)

    def answer(self, settings: dict[str, Any], context: str, method: str, args: str,
               is_cast: bool) -> tuple[float, str | Err]:
        """What comes of a message, and after how many seconds."""
        try:
            request = self._checked(settings, context, method, args, is_cast)
        except Err as refused:
            return 0, refused
        self.requests.append(request)
        return self._delivered(settings, request)

    def _checked(self, settings: dict[str, Any], context: str, method: str, args: str,
                 is_cast: bool) -> Request:
        checked(settings)
        texts = {name: _object(name, text) for name, text in
                 {'context': context, 'args': args}.items()}
        if not settings['topic']:
            raise error('InvalidTarget', 'a topic is required to send')
        if settings['fanout'] and not is_cast:
            raise error('InvalidTarget', 'a call cannot be used with fanout')
        cap, version = settings['version_cap'], settings['version']
        if not fits(cap, version):
            raise error('VersionCap', version, cap, f'{version} does not fit the cap {cap}')
        target = Target(*[settings[name] for name in NAMES[:6]])
        limit = settings['timeout']
        return Request(is_cast, target, texts['context'], method, texts['args'],
                       self.timeout if limit is None else limit / 10**9)

    def _delivered(self, settings: dict[str, Any], request: Request) -> tuple[float, str | Err]:
        exchange = settings['exchange'] or 'openstack'
        asked, fanout = settings['server'], settings['fanout']
        servers = [made for (its_exchange, topic, server), made in self._servers
                   if topic == settings['topic'] and (fanout or (
                       its_exchange == exchange and (not asked or server in (None, asked))))]
        if not servers:
            return self._lost(settings, request, exchange)
        # One method runs once, whatever number of servers there is; a fanout runs it on each.
        answers = [it.answer(settings, request.context, request.method, request.args)
                   for it in (servers if fanout else _best(servers, settings))]
        if request.is_cast:
            return 0, 'null'
        seconds, came = answers[0]
        if seconds >= request.timeout:
            return self._late(request)
        return seconds, came

    def _lost(self, settings: dict[str, Any], request: Request,
              exchange: str) -> tuple[float, str | Err]:
        mandatory = settings['mandatory']
        if mandatory is None:
            mandatory = not request.is_cast
        if mandatory and not settings['fanout']:
            key = '.'.join(it for it in (settings['topic'], settings['server']) if it)
            return 0, error('NoSuchTarget', exchange, key,
                            f'no queue takes messages to `{key}` of exchange `{exchange}`')
        return (0, 'null') if request.is_cast else self._late(request)

    def _late(self, request: Request) -> tuple[float, str | Err]:
        return request.timeout, error(
            'Timeout', bindings.WaitingFor.REPLY, bindings.Outcome.UNKNOWN,
            round(request.timeout * 10**9), f'no reply came in {request.timeout} s')


def _best(servers: list[Server | ServedEndpoints],
          settings: dict[str, Any]) -> list[Server | ServedEndpoints]:
    """One that has the namespace, as endpoints of one server are played by several of these."""
    fitting = [it for it in servers if it.has_namespace(settings['namespace'])]
    return (fitting or servers)[:1]


def _object(name: str, text: str) -> dict[str, Any]:
    value = json.loads(text)
    if not isinstance(value, dict):
        raise error('InvalidArgument', name, 'it must be a JSON object')
    return value


_played: dict[str, Player] = {}
_before: list[_wit.Host] = []
