"""What came of a step: `{'ok': VALUE}`, or `{'error': DETAIL}` as the world's text has it."""

from typing import Any

import oslo_messaging_guest as messaging


def ok(value: Any) -> dict[str, Any]:
    return {'ok': value}


def failed(error: Exception) -> dict[str, Any]:
    """The outcome of a step that raised."""
    return {'error': _detail(error)}


def _detail(error: Exception) -> dict[str, Any]:
    # Python's own exceptions are raised as themselves; the cause is what came.
    if isinstance(error.__cause__, messaging.RemoteError):
        error = error.__cause__
    match error:
        case messaging.MessagingTimeout():
            return {'case': 'timeout', 'waiting-for': error.waiting_for,
                    'outcome': error.outcome.value,
                    'limit': None if error.limit is None else round(error.limit * 1_000_000_000),
                    'message': str(error)}
        case messaging.NoSuchTarget():
            return {'case': 'no-such-target', 'exchange': error.exchange,
                    'routing-key': error.routing_key, 'message': error.message}
        case messaging.MessageDeliveryFailure():
            return {'case': 'delivery-failure', 'outcome': error.outcome.value,
                    'message': str(error)}
        case messaging.RemoteError():
            return {'case': 'remote', 'type-name': error.exc_type, 'type-module': error.module,
                    'message': error.value, 'args': error.remote_args,
                    'kwargs': error.remote_kwargs, 'traceback': error.traceback}
        case messaging.RPCVersionCapError():
            return {'case': 'version-cap', 'version': error.version,
                    'version-cap': error.version_cap, 'message': str(error)}
        case messaging.InvalidTarget():
            return {'case': 'invalid-target', 'message': error.reason}
        case messaging.InvalidArgument():
            return {'case': 'invalid-argument', 'argument': _argument(error.argument),
                    'message': str(error)}
        case messaging.AccessDenied():
            return {'case': 'access-denied', 'rule': error.rule, 'message': str(error)}
        case messaging.LimitExceeded():
            return {'case': 'limit-exceeded', 'limit': error.limit, 'message': str(error)}
        case messaging.InvalidReply():
            return {'case': 'invalid-reply', 'message': str(error)}
        case messaging.ClientSendError():
            return {'case': 'other', 'outcome': error.outcome and error.outcome.value,
                    'message': str(error.ex)}
        case _:
            return {'case': 'script', 'message': repr(error)}


def _argument(name: str) -> str:
    """The host's name of an argument that has another one in Python."""
    names = {'ctxt': 'context', 'transport_options': 'mandatory'}
    return names.get(name, name.replace('_', '-'))
