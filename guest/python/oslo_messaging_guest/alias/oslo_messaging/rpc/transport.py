"""Upstream's module of this name."""

from ..transport import get_rpc_transport

__all__ = ['get_rpc_transport']
