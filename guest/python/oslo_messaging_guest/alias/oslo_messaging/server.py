"""Upstream's module of this name."""

from oslo_messaging_guest.remote import MessagingServerError
from oslo_messaging_guest.server import MessageHandlingServer, ordered
from oslo_messaging_guest.serving import ExecutorLoadFailure, ServerListenError, TaskTimeout

#: The seconds after which upstream's servers complain of waiting for themselves; here they do not wait.
DEFAULT_LOG_AFTER = 30

__all__ = ['ExecutorLoadFailure', 'MessageHandlingServer', 'MessagingServerError',
           'ServerListenError', 'TaskTimeout', 'ordered']
