"""The host's errors as exceptions."""

import json
from typing import TYPE_CHECKING, Any

from . import exceptions
from .outcome import Outcome
from .remote import RemoteError, rebuild

if TYPE_CHECKING:
    from .target import Target
    from .transport import RPCTransport

# Where the host's name of an argument is not the caller's.
_ARGUMENTS = {
    'context': 'ctxt',
    'version-cap': 'version_cap',
    'call-monitor-timeout': 'call_monitor_timeout',
    'mandatory': 'transport_options',
    'reply-bytes': 'reply_bytes',
}


def exception(error: Any, target: 'Target', transport: 'RPCTransport') -> Exception:
    """The exception for a case of `types.error`, which the bindings give as an object of a class
    of its own."""
    failure = _exception(error, target, transport)
    # The bindings' own exception says nothing to an author.
    failure.__suppress_context__ = True
    return failure


def _exception(error: Any, target: 'Target', transport: 'RPCTransport') -> Exception:
    detail = error.value
    match type(error).__name__.removeprefix('Error_'):
        case 'Timeout':
            return exceptions.MessagingTimeout(
                detail.message, waiting_for=_name(detail.waiting_for),
                outcome=_outcome(detail), limit=detail.limit / 1_000_000_000)
        case 'NoSuchTarget':
            kind = (exceptions.NobodyInTime if transport.nobody_times_out
                    else exceptions.NoSuchTarget)
            return kind(detail.message, detail.exchange, detail.routing_key)
        case 'DeliveryFailure':
            return exceptions.MessageDeliveryFailure(detail.message, outcome=_outcome(detail))
        case 'Remote':
            return rebuild(_remote(detail), transport.allowed_remote_exmods)
        case 'VersionCap':
            return exceptions.RPCVersionCapError(
                detail.version, detail.version_cap, detail.message)
        case 'InvalidTarget':
            return exceptions.InvalidTarget(detail.message.removesuffix(f': {target}'), target)
        case 'InvalidArgument':
            argument = _ARGUMENTS.get(detail.argument, detail.argument)
            return exceptions.InvalidArgument(argument, f'`{argument}`: {detail.message}')
        case 'AccessDenied':
            return exceptions.AccessDenied(detail.message, detail.rule)
        case 'LimitExceeded':
            return exceptions.LimitExceeded(detail.message, detail.limit)
        case 'InvalidReply':
            return exceptions.InvalidReply(detail.message)
        case _:
            return exceptions.ClientSendError(target, detail.message, _outcome(detail))


def _outcome(detail: Any) -> Outcome:
    return Outcome(_name(detail.outcome))


def _name(value: Any) -> str:
    return str(value.name).lower().replace('_', '-')


def _remote(detail: Any) -> RemoteError:
    args, kwargs, is_whole = [detail.args], {}, False
    try:
        args, kwargs, is_whole = json.loads(detail.args), json.loads(detail.kwargs), True
    except (ValueError, RecursionError):
        # Too deeply nested, or a number that Python does not read: it stays text, and the
        # exception cannot be rebuilt.
        pass
    return RemoteError(
        detail.type_name, detail.message, list(detail.traceback), module=detail.type_module,
        remote_args=args, remote_kwargs=kwargs, is_whole=is_whole)
