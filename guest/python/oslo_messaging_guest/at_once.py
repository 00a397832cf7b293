"""Many calls at the same time, without `async`."""

import contextlib
from collections.abc import Iterable
from typing import Any

from . import _wit, errors
from .host_client import options
from .request import Request


def call_all(requests: Iterable[Request], return_exceptions: bool) -> list[Any]:
    """Makes the calls of requests; see `RPCClient.call_all`."""
    requests = list(requests)
    interface = _wit.needed('rpc')
    with contextlib.ExitStack() as all_options:
        records = []
        for request in requests:
            host = request.context._client()
            given = all_options.enter_context(options(host.changes(request.values)))
            records.append(interface.Request(
                host.raw(), request.ctxt_text, request.method, request.args_text, given))
        results = interface.call_all(records)
        # What is borrowed goes first.
        del records
    outcomes = [_outcome(*pair) for pair in zip(requests, results, strict=True)]
    failed = next((it for it in outcomes if isinstance(it, Failure)), None)
    if failed is None or return_exceptions:
        return [it.error if isinstance(it, Failure) else it for it in outcomes]
    try:
        raise failed.error
    finally:
        # A traceback holds this frame, and must not hold the exception through it.
        del failed, outcomes


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
