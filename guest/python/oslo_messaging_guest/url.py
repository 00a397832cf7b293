"""Upstream's class for transport URLs, for code that reads or makes one."""

import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Self

from .exceptions import InvalidTransportURL


@dataclass
class TransportHost:
    """A host of a transport URL."""

    hostname: str | None = None
    port: int | None = None
    username: str | None = None
    password: str | None = None

    def __hash__(self) -> int:
        return hash((self.hostname, self.port, self.username, self.password))

    def __repr__(self) -> str:
        # Without the password, which would get into logs.
        return f'<TransportHost {self.hostname}:{self.port}>'


@dataclass(eq=False)
class TransportURL:
    """`transport://user:password@host:port,host2/virtual_host?option=value`, in pieces.

    A plugin can read and print one. It cannot open it: addresses are the host's.
    """

    conf: Any = None
    transport: str | None = 'rabbit'
    virtual_host: str | None = None
    hosts: list[TransportHost] = field(default_factory=list)
    query: dict[str, str] = field(default_factory=dict)

    @classmethod
    def parse(cls, conf: Any = None, url: str | None = None) -> Self:
        """The pieces of a text; without one, of what `conf.transport_url` says.

        :raises InvalidTransportURL: when it is none
        """
        text = url or getattr(conf, 'transport_url', None) or 'rabbit://'
        if not isinstance(text, str):
            raise InvalidTransportURL('', f'a transport URL is a string, not {type(text).__name__}')
        parts = urllib.parse.urlsplit(text)
        if not parts.scheme or ':/' not in text:
            raise InvalidTransportURL('', 'a transport URL begins with a scheme, as in rabbit://')
        hosts = [_host(part) for part in parts.netloc.split(',') if part]
        path = urllib.parse.unquote(parts.path.removeprefix('/'))
        query = {name: ','.join(values)
                 for name, values in urllib.parse.parse_qs(parts.query).items()}
        return cls(conf, parts.scheme, path or None, hosts, query)

    def __str__(self) -> str:
        text = f'{self.transport}://{",".join(_netloc(host) for host in self.hosts)}/'
        text += urllib.parse.quote(self.virtual_host or '')
        return text + (f'?{urllib.parse.urlencode(self.query)}' if self.query else '')

    def __repr__(self) -> str:
        return f'<TransportURL {self.transport} {self.hosts}>'

    def __eq__(self, other: object) -> bool:
        mine = (self.transport, self.virtual_host, self.hosts, self.query)
        return isinstance(other, TransportURL) and mine == (
            other.transport, other.virtual_host, other.hosts, other.query)

    def __hash__(self) -> int:
        return hash((self.transport, self.virtual_host, tuple(self.hosts),
                     tuple(sorted(self.query.items()))))


def _host(text: str) -> TransportHost:
    account, _, place = text.rpartition('@')
    name, _, password = account.partition(':')
    address, colon, port = place.rpartition(':')
    if not colon or ']' in port:
        address, port = place, ''
    if port and not port.isdigit():
        # The port alone: the rest may hold a password.
        raise InvalidTransportURL('', f'the port of a host is a number, not {port!r}')
    unquote = urllib.parse.unquote
    return TransportHost(
        address.strip('[]') or None, int(port) if port else None,
        unquote(name) if name else None, unquote(password) if password else None)


def _netloc(host: TransportHost) -> str:
    quote = urllib.parse.quote
    account = ''
    if host.username is not None or host.password is not None:
        account = quote(host.username or '', safe='')
        if host.password is not None:
            account += f":{quote(host.password, safe='')}"
        account += '@'
    name = host.hostname or ''
    address = f'[{name}]' if ':' in name else name
    return f'{account}{address}' + (f':{host.port}' if host.port is not None else '')
