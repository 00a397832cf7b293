"""The host's errors as exceptions."""

import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from . import _wit, exceptions
from .depth import check_text
from .outcome import Outcome
from .remote import RemoteError, rebuild

if TYPE_CHECKING:
    from .target import Target
    from .transport import Transport

# Where the host's name of an argument is not the caller's.
_ARGUMENTS = {
    'context': 'ctxt',
    'version-cap': 'version_cap',
    'call-monitor-timeout': 'call_monitor_timeout',
    'mandatory': 'transport_options',
    'reply-bytes': 'reply_bytes',
    'publisher-id': 'publisher_id',
    'event-type': 'event_type',
}


class Errors:
    """Turns the host's error, if the block ends with one, into an exception."""

    def __init__(self, target: 'Target', transport: Any) -> None:
        """
        :param transport: where something is sent; None: nothing is
        """
        self._target = target
        self._transport = transport

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: Any, traceback: Any) -> None:
        if error is not None and _wit.is_error(error):
            # The bindings raise it out of a frame that also has it in a variable: without this, the
            # cycle would keep the host's client until the collector runs. For the same reason ours
            # is in no variable here for longer than it takes.
            error.with_traceback(None)
            try:
                raise exception(error.value, self._target, self._transport)
            except Exception as failure:
                # What the caller handles: the bindings' own exception says nothing to an author.
                failure.__context__ = error.__context__
                raise


def exception(error: Any, target: 'Target', transport: 'Transport') -> Exception:
    """The exception for a case of `types.error`, which the bindings give as an object of a class
    of its own."""
    types = _wit.needed('types')
    for case, made in _CASES.items():
        if isinstance(error, getattr(types, f'Error_{case}')):
            return made(error.value, target, transport)
    raise TypeError(f'{type(error).__name__} is no case of the host\'s errors')


def _timeout(detail: Any, target: 'Target', transport: 'Transport') -> Exception:
    return exceptions.MessagingTimeout(
        detail.message, waiting_for=_name(detail.waiting_for), outcome=_outcome(detail),
        limit=detail.limit / 1_000_000_000)


def _no_such_target(detail: Any, target: 'Target', transport: 'Transport') -> Exception:
    kind = exceptions.NobodyInTime if transport.nobody_times_out else exceptions.NoSuchTarget
    return kind(detail.message, detail.exchange, detail.routing_key)


def _remote(detail: Any, target: 'Target', transport: 'Transport') -> Exception:
    args, kwargs, is_whole = [detail.args], {}, False
    try:
        check_text(detail.args)
        check_text(detail.kwargs)
        args, kwargs, is_whole = json.loads(detail.args), json.loads(detail.kwargs), True
    except (ValueError, RecursionError):
        # Too deeply nested, or a number that Python does not read: it stays text, and the
        # exception cannot be rebuilt.
        pass
    error = RemoteError(
        detail.type_name, detail.message, list(detail.traceback), module=detail.type_module,
        remote_args=args, remote_kwargs=kwargs, is_whole=is_whole)
    return rebuild(error, transport.allowed_remote_exmods)


def _invalid_target(detail: Any, target: 'Target', transport: 'Transport') -> Exception:
    return exceptions.InvalidTarget(detail.message.removesuffix(f': {target}'), target)


def _invalid_argument(detail: Any, target: 'Target', transport: 'Transport') -> Exception:
    argument = _ARGUMENTS.get(detail.argument, detail.argument)
    return exceptions.InvalidArgument(argument, f'`{argument}`: {detail.message}')


_CASES: dict[str, Callable[[Any, 'Target', 'Transport'], Exception]] = {
    'Timeout': _timeout,
    'NoSuchTarget': _no_such_target,
    'DeliveryFailure': lambda detail, *_: exceptions.MessageDeliveryFailure(
        detail.message, outcome=_outcome(detail)),
    'Remote': _remote,
    'VersionCap': lambda detail, *_: exceptions.RPCVersionCapError(
        detail.version, detail.version_cap, detail.message),
    'InvalidTarget': _invalid_target,
    'InvalidArgument': _invalid_argument,
    'AccessDenied': lambda detail, *_: exceptions.AccessDenied(detail.message, detail.rule),
    'LimitExceeded': lambda detail, *_: exceptions.LimitExceeded(detail.message, detail.limit),
    'InvalidReply': lambda detail, *_: exceptions.InvalidReply(detail.message),
    'Other': lambda detail, target, _: exceptions.ClientSendError(
        target, detail.message, _outcome(detail)),
}


def _outcome(detail: Any) -> Outcome:
    return Outcome(_name(detail.outcome))


def _name(value: Any) -> str:
    return str(value.name).lower().replace('_', '-')
