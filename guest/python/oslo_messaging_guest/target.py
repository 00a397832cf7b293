"""Where a message goes."""

from typing import Any

_FIELDS = ('exchange', 'topic', 'namespace', 'version', 'server', 'fanout')


class Target:
    """The destination of messages, with upstream's fields.

    :param exchange: the scope of the topic; None: the transport's default
    :param topic: the name of the service; needed to send
    :param namespace: the namespace of the methods; None: the unnamed one
    :param version: the version the caller was written for, `major.minor`
    :param server: one server of the topic; None: any
    :param fanout: whether a cast goes to every server of the topic
    :param legacy_namespaces: for servers; kept and not used
    """

    def __init__(self, exchange: str | None = None, topic: str | None = None,
                 namespace: str | None = None, version: str | None = None,
                 server: str | None = None, fanout: bool | None = None,
                 legacy_namespaces: list[str] | None = None) -> None:
        self.exchange = exchange
        self.topic = topic
        self.namespace = namespace
        self.version = version
        self.server = server
        self.fanout = fanout
        if isinstance(legacy_namespaces, str):
            # It would be taken for a list of its letters.
            raise TypeError('`legacy_namespaces` is a list of strings or None, not a string: '
                            f'[{ascii(legacy_namespaces)}]')
        self.accepted_namespaces = [namespace, *(legacy_namespaces or [])]

    def __call__(self, **overrides: Any) -> 'Target':
        """A copy with some fields replaced."""
        return Target(**{**{name: getattr(self, name) for name in _FIELDS}, **overrides})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Target) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        given = ((name, getattr(self, name)) for name in _FIELDS)
        return f"<Target {', '.join(f'{name}={value}' for name, value in given if value)}>"
