"""Upstream's module of this name."""

from oslo_messaging_guest.exceptions import (
    ConfigurationError,
    InvalidTarget,
    MessageDeliveryFailure,
    MessageUndeliverable,
    MessagingException,
    MessagingTimeout,
)

__all__ = ['ConfigurationError', 'InvalidTarget', 'MessageDeliveryFailure',
           'MessageUndeliverable', 'MessagingException', 'MessagingTimeout']
