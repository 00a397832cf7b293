"""Upstream's package of this name."""

from . import dispatcher, filter, listener, log_handler, logger, messaging, middleware, notifier
from .dispatcher import NotificationResult
from .filter import *
from .listener import *
from .log_handler import *
from .logger import *
from .notifier import *

__all__ = ['LoggingErrorNotificationHandler', 'LoggingNotificationHandler', 'NotificationFilter',
           'NotificationResult', 'Notifier', 'PublishErrorsHandler',
           'get_batch_notification_listener', 'get_notification_listener',
           'get_notification_transport']
