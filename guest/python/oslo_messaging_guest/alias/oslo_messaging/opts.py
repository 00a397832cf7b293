"""Upstream's module of this name, for generators of sample configurations."""

from typing import Any

__all__ = ['list_opts', 'set_defaults']


def list_opts() -> list[tuple[str | None, list[Any]]]:
    """None: what can be configured about transports is the operator's."""
    return []


def set_defaults(conf: Any, executor_thread_pool_size: int | None = None) -> None:
    """Nothing: it is about servers, and a plugin has none."""
