"""A server of a transport that is played: methods with results, exceptions and delays."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .. import exceptions
from ..failure import Failure
from ..message import to_text
from ..outcome import Outcome
from ..remote import NoSuchMethod, UnsupportedVersion
from ..serializer import NoOpSerializer, Serializer
from . import bindings
from .bindings import Err, error
from .host import fits


@dataclass
class Method:
    """What a method does, and how long that takes."""

    function: Callable[..., Any]
    delay: float


class Server:
    """Answers messages to its target. Made by `Transport.server`."""

    def __init__(self, namespace: str | None = None, version: str | None = None,
                 serializer: Serializer | None = None) -> None:
        self.namespace = namespace
        self.version = version
        self.serializer = NoOpSerializer() if serializer is None else serializer
        self._methods: dict[str, Method] = {}

    def has_namespace(self, namespace: str | None) -> bool:
        """Whether it answers messages of this namespace."""
        return self.namespace == namespace

    def returns(self, method: str, result: Any, delay: float = 0) -> None:
        """Calls of this method return this, after so many seconds."""
        self.runs(method, lambda ctxt, **args: result, delay)

    def raises(self, method: str, failure: BaseException, delay: float = 0) -> None:
        """Calls of this method fail with this.

        A `MessagingException`, such as `MessagingTimeout(outcome=Outcome.NOT_EXECUTED)`, is what
        the host reports. Any other is an exception of the server, and arrives as one does.
        """
        def fail(ctxt: Any, **args: Any) -> Any:
            raise failure

        self.runs(method, fail, delay)

    def runs(self, method: str, function: Callable[..., Any], delay: float = 0) -> None:
        """Calls of this method are calls of `function(ctxt, **args)`."""
        self._methods[method] = Method(function, delay)

    def answer(self, settings: dict[str, Any], context: Any, method: str,
               args: dict[str, Any]) -> tuple[float, str | Err]:
        """The seconds that a method takes, and its result as text, or an error."""
        found = self._methods.get(method)
        try:
            self._check(settings, method, found)
        except Exception as failure:
            return 0, remote(failure, 'oslo_messaging.rpc.dispatcher')
        assert found is not None
        ctxt = self.serializer.deserialize_context(context)
        entities = {name: self.serializer.deserialize_entity(ctxt, value)
                    for name, value in args.items()}
        try:
            result = found.function(ctxt, **entities)
        except exceptions.MessagingException as failure:
            return found.delay, of_the_host(failure.with_traceback(None))
        except Exception as failure:
            # It may be raised again, and would keep all of its callers until then.
            return found.delay, remote(failure.with_traceback(None))
        return found.delay, to_text(self.serializer.serialize_entity(ctxt, result))

    def _check(self, settings: dict[str, Any], method: str, found: Method | None) -> None:
        version = settings['version'] or '1.0'
        if settings['namespace'] != self.namespace or not fits(self.version, version):
            raise UnsupportedVersion(version, method)
        if found is None:
            raise NoSuchMethod(method)


def remote(failure: BaseException, module: str | None = None) -> Err:
    """The host's error for an exception of a server."""
    sent = Failure.of(failure)
    return error('Remote', sent.type_name, module or sent.type_module, sent.message, sent.args,
                 sent.kwargs, [])


def of_the_host(failure: exceptions.MessagingException) -> Err:
    """The host's error that becomes this exception."""
    text = str(failure)
    outcome = bindings.Outcome[(failure.outcome or Outcome.UNKNOWN).name]
    match failure:
        case exceptions.NoSuchTarget():
            return error('NoSuchTarget', failure.exchange, failure.routing_key, failure.message)
        case exceptions.MessagingTimeout():
            waiting = bindings.WaitingFor[(failure.waiting_for or 'reply').upper()]
            return error('Timeout', waiting, outcome, round((failure.limit or 0) * 10**9), text)
        case exceptions.MessageDeliveryFailure():
            return error('DeliveryFailure', outcome, text)
        case exceptions.AccessDenied():
            return error('AccessDenied', failure.rule, text)
        case exceptions.LimitExceeded():
            return error('LimitExceeded', failure.limit, text)
        case exceptions.InvalidReply():
            return error('InvalidReply', text)
        case _:
            return error('Other', outcome, text)
