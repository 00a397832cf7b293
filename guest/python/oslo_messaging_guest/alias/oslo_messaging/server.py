"""Upstream's module of this name."""

from oslo_messaging_guest.remote import MessagingServerError
from oslo_messaging_guest.server import MessageHandlingServer
from oslo_messaging_guest.serving import ExecutorLoadFailure, ServerListenError, TaskTimeout

__all__ = ['ExecutorLoadFailure', 'MessageHandlingServer', 'MessagingServerError',
           'ServerListenError', 'TaskTimeout']
