"""Upstream's module of this name."""

from oslo_messaging_guest.dispatcher import PingEndpoint, RPCDispatcher
from oslo_messaging_guest.remote import NoSuchMethod, RPCDispatcherError, UnsupportedVersion
from oslo_messaging_guest.serving import (
    DefaultRPCAccessPolicy,
    ExpectedException,
    ExplicitRPCAccessPolicy,
    LegacyRPCAccessPolicy,
    RPCAccessPolicyBase,
)

__all__ = ['DefaultRPCAccessPolicy', 'ExpectedException', 'ExplicitRPCAccessPolicy',
           'LegacyRPCAccessPolicy', 'NoSuchMethod', 'PingEndpoint', 'RPCAccessPolicyBase',
           'RPCDispatcher', 'RPCDispatcherError', 'UnsupportedVersion']
