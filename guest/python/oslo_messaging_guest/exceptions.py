"""Why a call or cast did not succeed: upstream's exceptions, and ours for what it lacks.

Every one says how far the message got, in its attribute `delivery`.
"""

import enum
from typing import Any


class Delivery(str, enum.Enum):
    """How far a message got."""

    #: It never left the host: nothing was executed, and sending it again is safe.
    NOT_SENT = 'not-sent'
    #: The broker, and so a server, may have it: sending it again may execute it twice.
    MAYBE_DELIVERED = 'maybe-delivered'
    #: A server took the request and dealt with it.
    EXECUTED = 'executed'


class MessagingException(Exception):
    """Base class of what this package raises."""

    delivery: Delivery = Delivery.NOT_SENT


class MessagingTimeout(MessagingException):
    """Time was up."""

    def __init__(self, message: str = '', *, waiting_for: str | None = None,
                 delivery: Delivery = Delivery.MAYBE_DELIVERED,
                 limit: float | None = None) -> None:
        super().__init__(message)
        #: `admission`, `connection`, `confirm`, `reply` or `heartbeat`.
        self.waiting_for = waiting_for
        self.delivery = delivery
        #: The limit that was reached, in seconds; it may be shorter than what was asked for.
        self.limit = limit


class MessageDeliveryFailure(MessagingException):
    """The message could not be handed to the broker, or it is unknown whether it was."""

    def __init__(self, message: str = '', *,
                 delivery: Delivery = Delivery.MAYBE_DELIVERED) -> None:
        super().__init__(message)
        self.delivery = delivery


class MessageUndeliverable(Exception):
    """No queue takes a message that asked for one."""

    def __init__(self, exception: Any, exchange: str, routing_key: str, message: Any) -> None:
        super().__init__(message)
        self.exception = exception
        self.exchange = exchange
        self.routing_key = routing_key
        self.message = message


class NoSuchTarget(MessageUndeliverable, MessagingException):
    """No server's queue exists that would take the message: nobody was there.

    Upstream would let a call wait for its whole timeout; `TransportOptions(at_least_once=False)`
    does so here.
    """

    def __init__(self, message: str, exchange: str, routing_key: str) -> None:
        super().__init__(None, exchange, routing_key, message)


class InvalidTarget(MessagingException, ValueError):
    """The target cannot be sent to: it has no topic, or a call has fanout."""

    def __init__(self, msg: str, target: Any) -> None:
        super().__init__(f'{msg}:{target}')
        self.target = target
        #: The text without the target.
        self.reason = msg


class InvalidArgument(MessagingException, ValueError):
    """An argument or a setting is unusable; `argument` names it."""

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class InvalidTransportURL(MessagingException):
    """A plugin asked for a transport by address; only the host knows those."""

    def __init__(self, url: str, msg: str) -> None:
        super().__init__(msg)
        self.url = url


class RPCVersionCapError(MessagingException):
    """The target's version does not fit the client's version cap."""

    def __init__(self, version: str | None, version_cap: str, message: str | None = None) -> None:
        super().__init__(message or (
            f'Requested message version, {version} is incompatible.  It needs to be equal in '
            f'major version and less than or equal in minor version as the specified version cap '
            f'{version_cap}.'))
        self.version = version
        self.version_cap = version_cap


class ClientSendError(MessagingException):
    """The host could not send, for a reason that has no exception of its own."""

    def __init__(self, target: Any, ex: Any) -> None:
        super().__init__(f'Failed to send to target "{target}": {ex}')
        self.target = target
        self.ex = ex


class AccessDenied(MessagingException):
    """The host does not let this plugin do this; `rule` is the operator's rule that decided."""

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class LimitExceeded(MessagingException):
    """A limit that the host set on this plugin was reached; `limit` names it."""

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class InvalidReply(MessagingException):
    """A reply came, and it is not what oslo.messaging sends or what JSON can hold."""

    delivery = Delivery.EXECUTED


def delivery_of(error: BaseException) -> Delivery:
    """How far the message got whose call raised this, whatever its class.

    A remote exception that was rebuilt as its own class has a `RemoteError` as its cause.
    """
    for candidate in (error, error.__cause__):
        if isinstance(candidate, MessagingException):
            return candidate.delivery
    return Delivery.NOT_SENT
