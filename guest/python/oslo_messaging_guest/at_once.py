"""Many calls at the same time, without `async`."""

from collections.abc import Iterable
from typing import Any

from . import _wit, errors
from .host_client import Options
from .request import Request


def call_all(requests: Iterable[Request], return_exceptions: bool) -> list[Any]:
    """Makes the calls of requests; see `RPCClient.call_all`."""
    requests = list(requests)
    interface = _wit.needed('rpc')
    records: list[Any] = []
    try:
        for request in requests:
            if not isinstance(request, Request):
                raise TypeError('`requests` are what `request` of a client gives, not '
                                f'{ascii(request)[:200]}')
            # A client that was made at the build is opened here.
            with request.context._errors():
                records.append(_record(interface, request))
        results = interface.call_all(records)
    finally:
        for record in records:
            if record.options is not None:
                record.options.__exit__(None, None, None)
        # What is borrowed goes.
        records.clear()
    outcomes = [_outcome(*pair) for pair in zip(requests, results, strict=True)]
    failed = next((it for it in outcomes if isinstance(it, Failure)), None)
    if failed is None or return_exceptions:
        return [it.error if isinstance(it, Failure) else it for it in outcomes]
    try:
        raise failed.error
    finally:
        # A traceback holds this frame, and must not hold the exception through it.
        del failed, outcomes


def _record(interface: Any, request: Request) -> Any:
    host = request.context._client()
    # Given back when all calls have ended.
    given = Options(host.changes(request.values)).__enter__()
    return interface.Request(
        host.raw(), request.ctxt_text, request.method, request.args_text, given)


class Failure:
    """An exception among results."""

    def __init__(self, error: Exception) -> None:
        self.error = error


def _outcome(request: Request, result: Any) -> Any:
    context = request.context
    if _wit.is_error(result):
        return Failure(errors.exception(result.value, context.target, context.transport))
    try:
        return context._decode(request.ctxt, result.value)
    except Exception as error:
        return Failure(error)
