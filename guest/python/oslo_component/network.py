"""No network: what would reach for it raises OSError, where the C library would trap."""

import _socket
import socket

from .phase import only_at_build

_NAMES = ('getaddrinfo', 'gethostbyaddr', 'gethostbyname', 'gethostbyname_ex', 'gethostname',
          'getnameinfo', 'socketpair')


def install() -> None:
    """Puts a check before every function that reaches for the network."""
    for name in _NAMES:
        original = getattr(_socket, name, None)
        if original is not None:
            checked = only_at_build(f'socket.{name}', 'network', original)
            setattr(_socket, name, checked)
            if getattr(socket, name, None) is original:
                setattr(socket, name, checked)
    socket.socket.__init__ = only_at_build(  # type: ignore[method-assign]
        'socket.socket', 'network', socket.socket.__init__)
