"""The host's errors as exceptions."""

import json
from collections.abc import Collection
from typing import Any

from . import exceptions
from .exceptions import Delivery
from .remote import RemoteError, rebuild

# Where the host's name of an argument is not the caller's.
_ARGUMENTS = {
    'context': 'ctxt',
    'version-cap': 'version_cap',
    'call-monitor-timeout': 'call_monitor_timeout',
    'at-least-once': 'transport_options',
}


def exception(error: Any, target: Any, allowed_remote_exmods: Collection[str] = ()) -> Exception:
    """The exception for a case of `types.error`, which the bindings give as an object of a class
    of its own."""
    failure = _exception(error, target, allowed_remote_exmods)
    # The bindings' own exception says nothing to an author.
    failure.__suppress_context__ = True
    return failure


def _exception(error: Any, target: Any, allowed_remote_exmods: Collection[str]) -> Exception:
    detail = error.value
    match type(error).__name__.removeprefix('Error_'):
        case 'Timeout':
            return exceptions.MessagingTimeout(
                detail.message, waiting_for=_name(detail.waiting_for),
                delivery=Delivery(_name(detail.delivery)), limit=detail.limit / 1_000_000_000)
        case 'NoSuchTarget':
            return exceptions.NoSuchTarget(detail.message, detail.exchange, detail.routing_key)
        case 'DeliveryFailure':
            return exceptions.MessageDeliveryFailure(
                detail.message, delivery=Delivery(_name(detail.delivery)))
        case 'Remote':
            return rebuild(_remote(detail), allowed_remote_exmods)
        case 'VersionCap':
            return exceptions.RPCVersionCapError(
                detail.version, detail.version_cap, detail.message)
        case 'InvalidTarget':
            return exceptions.InvalidTarget(detail.removesuffix(f': {target}'), target)
        case 'InvalidArgument':
            argument = _ARGUMENTS.get(detail.argument, detail.argument)
            return exceptions.InvalidArgument(argument, f'`{argument}`: {detail.message}')
        case 'AccessDenied':
            return exceptions.AccessDenied(detail.message, detail.rule)
        case 'LimitExceeded':
            return exceptions.LimitExceeded(detail.message, detail.limit)
        case 'InvalidReply':
            return exceptions.InvalidReply(detail)
        case _:
            return exceptions.ClientSendError(target, detail)


def _name(value: Any) -> str:
    return str(value.name).lower().replace('_', '-')


def _remote(detail: Any) -> RemoteError:
    return RemoteError(
        detail.class_, detail.message, list(detail.traceback), module=detail.module,
        remote_args=json.loads(detail.args), remote_kwargs=json.loads(detail.kwargs))
