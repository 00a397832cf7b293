"""No network: what would reach for it raises OSError, where the C library would trap."""

import _socket
import socket
import types

from .phase import only_at_build

# What only converts.
_HARMLESS = {'CMSG_LEN', 'CMSG_SPACE', 'getdefaulttimeout', 'htonl', 'htons', 'inet_aton', 'inet_ntoa',
             'inet_ntop', 'inet_pton', 'ntohl', 'ntohs', 'setdefaulttimeout'}


def install() -> None:
    """Puts a check before every function that reaches for the network."""
    for name, original in list(vars(_socket).items()):
        if isinstance(original, types.BuiltinFunctionType) and name not in _HARMLESS:
            checked = only_at_build(f'socket.{name}', 'network', original)
            setattr(_socket, name, checked)
            if getattr(socket, name, None) is original:
                setattr(socket, name, checked)
    socket.socket.__init__ = only_at_build(  # type: ignore[method-assign]
        'socket.socket', 'network', socket.socket.__init__)
