"""The notifier with plain methods, each of which returns when the broker has the notification."""

from typing import Any

from . import _wit
from .base_notifier import BaseNotifier
from .errors import Errors


class Notifier(BaseNotifier):
    """Tells whoever wants to know that something happened.

    What is sent before anybody listens is kept. Of a context listeners see what its method
    `redacted_copy` returns, as upstream has it: of a dictionary nothing.

    Its methods raise what `RPCClient.cast` raises, where upstream's logs it, and their exceptions say
    with `outcome` whether a topic may have the notification.
    """

    def audit(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `audit`."""
        self._notify(ctxt, event_type, payload, 'AUDIT')

    def debug(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `debug`."""
        self._notify(ctxt, event_type, payload, 'DEBUG')

    def info(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `info`."""
        self._notify(ctxt, event_type, payload, 'INFO')

    def warn(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `warn`."""
        self._notify(ctxt, event_type, payload, 'WARN')

    warning = warn

    def error(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `error`."""
        self._notify(ctxt, event_type, payload, 'ERROR')

    def critical(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `critical`."""
        self._notify(ctxt, event_type, payload, 'CRITICAL')

    def sample(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `sample`, which is for what happens often."""
        self._notify(ctxt, event_type, payload, 'SAMPLE')

    def _notify(self, ctxt: Any, event_type: str, payload: Any, priority: str) -> None:
        notified = self._encoded(ctxt, event_type, payload)
        try:
            if self._sends(priority):
                self._send(priority.lower(), *notified.texts())
        except _wit.NoHost:
            raise
        except Exception as error:
            if not self._logs(error):
                raise

    def _send(self, priority: str, *texts: str) -> None:
        interface = _wit.needed('notifier')
        with Errors(self._target(), self.transport):
            interface.notify(self._raw(), priority, *texts)
