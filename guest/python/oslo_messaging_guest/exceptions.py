"""Why a call or cast did not succeed: upstream's exceptions, and ours for what it lacks.

Every one says whether the method was executed, in its attribute `outcome`.
"""

from typing import Any

from .outcome import Outcome


class MessagingException(Exception):
    """Base class of what this package raises."""

    #: Whether the method was executed; None: nothing is known, or it was about no message.
    outcome: Outcome | None = None


class MessagingTimeout(MessagingException):
    """Time was up."""

    outcome = Outcome.UNKNOWN

    def __init__(self, message: str = '', *, waiting_for: str | None = None,
                 outcome: Outcome = Outcome.UNKNOWN, limit: float | None = None) -> None:
        super().__init__(message)
        #: `admission`, `connection`, `confirm`, `reply`, `heartbeat` or `other`.
        self.waiting_for = waiting_for
        self.outcome = outcome
        #: The limit that was reached, in seconds; it may be shorter than what was asked for.
        self.limit = limit


class MessageDeliveryFailure(MessagingException):
    """The message could not be handed to the broker, or it is unknown whether it was."""

    outcome = Outcome.UNKNOWN

    def __init__(self, message: str = '', *, outcome: Outcome = Outcome.UNKNOWN) -> None:
        super().__init__(message)
        self.outcome = outcome


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

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, message: str, exchange: str, routing_key: str) -> None:
        super().__init__(None, exchange, routing_key, message)


class NobodyInTime(NoSuchTarget, MessagingTimeout):
    """Nobody was there, for handlers that wait for a `MessagingTimeout`.

    Raised in the place of `NoSuchTarget`, as early, where the transport has `nobody_times_out`.
    """

    def __init__(self, message: str, exchange: str, routing_key: str) -> None:
        NoSuchTarget.__init__(self, message, exchange, routing_key)
        self.outcome = Outcome.NOT_EXECUTED
        # It did not wait for anything.
        self.waiting_for = None
        self.limit = None


class InvalidTarget(MessagingException, ValueError):
    """The target cannot be sent to: it has no topic, or a call has fanout."""

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, msg: str, target: Any) -> None:
        super().__init__(f'{msg}:{target}')
        self.target = target
        #: The text without the target.
        self.reason = msg


class InvalidArgument(MessagingException, ValueError):
    """An argument or a setting is unusable; `argument` names it."""

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, argument: str, message: str) -> None:
        super().__init__(message)
        self.argument = argument


class RPCVersionCapError(MessagingException):
    """The target's version does not fit the client's version cap."""

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, version: str | None, version_cap: str, message: str | None = None) -> None:
        super().__init__(message or (
            f'Requested message version, {version} is incompatible.  It needs to be equal in '
            f'major version and less than or equal in minor version as the specified version cap '
            f'{version_cap}.'))
        self.version = version
        self.version_cap = version_cap


class ClientSendError(MessagingException):
    """The host could not send, for a reason that has no exception of its own."""

    def __init__(self, target: Any, ex: Any, outcome: Outcome = Outcome.UNKNOWN) -> None:
        super().__init__(f'Failed to send to target "{target}": {ex}')
        self.target = target
        self.ex = ex
        self.outcome = outcome


class AccessDenied(MessagingException):
    """The host does not let this plugin do this; `rule` is the operator's rule that decided."""

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, message: str, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


class LimitExceeded(MessagingException):
    """A limit that the host set on this plugin was reached; `limit` names it."""

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, message: str, limit: str) -> None:
        super().__init__(message)
        self.limit = limit


class InvalidReply(MessagingException):
    """A reply came, and it is not what oslo.messaging sends or what JSON can hold."""

    outcome = Outcome.EXECUTED


class InvalidTransportURL(MessagingException):
    """A plugin asked for a transport by address; only the host knows those."""

    outcome = Outcome.NOT_EXECUTED

    def __init__(self, url: str, msg: str) -> None:
        super().__init__(msg)
        self.url = url


class ConfigurationError(Exception):
    """Upstream's, for handlers that name it: a plugin has no configuration of a broker."""


class NotInPlugin(MessagingException, NotImplementedError):
    """Something of oslo.messaging that a plugin cannot do was used."""

    outcome = Outcome.NOT_EXECUTED
