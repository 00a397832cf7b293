"""The notifier with `async` methods, for a plugin that does other things meanwhile."""

from typing import Any

from . import _wit, errors
from .base_notifier import BaseNotifier
from .exceptions import MessagingException
from .in_flight import Refused, kept


class Notifier(BaseNotifier):
    """As `oslo_messaging_guest.Notifier`.

    Cancelling a method gives up waiting, and leaves unknown whether the notification was sent.
    """

    async def audit(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `audit`."""
        await self._notify(ctxt, event_type, payload, 'AUDIT')

    async def debug(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `debug`."""
        await self._notify(ctxt, event_type, payload, 'DEBUG')

    async def info(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `info`."""
        await self._notify(ctxt, event_type, payload, 'INFO')

    async def warn(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `warn`."""
        await self._notify(ctxt, event_type, payload, 'WARN')

    warning = warn

    async def error(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `error`."""
        await self._notify(ctxt, event_type, payload, 'ERROR')

    async def critical(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `critical`."""
        await self._notify(ctxt, event_type, payload, 'CRITICAL')

    async def sample(self, ctxt: Any, event_type: str, payload: Any) -> None:
        """Notifies with the priority `sample`, which is for what happens often."""
        await self._notify(ctxt, event_type, payload, 'SAMPLE')

    async def _notify(self, ctxt: Any, event_type: str, payload: Any, priority: str) -> None:
        notified = self._encoded(ctxt, event_type, payload)
        try:
            if self._sends(priority):
                await self._send(priority.lower(), *notified.texts())
        except MessagingException as error:
            if not self._logs(error):
                raise

    async def _send(self, priority: str, *texts: str) -> None:
        send = _wit.needed('notifier_async').notify
        came = await kept(_sent(send, self, priority, *texts))
        if isinstance(came, Refused):
            raise errors.exception(came.error, self._target(), self.transport)


async def _sent(send: Any, notifier: Notifier, priority: str, *texts: str) -> Any:
    # The host's notifier is borrowed until it has ended: it stays here for as long.
    try:
        raw = notifier._raw()
        return await send(raw, priority, *texts)
    except Exception as error:
        if not _wit.is_error(error):
            raise
        error.with_traceback(None)
        return Refused(getattr(error, 'value'))
