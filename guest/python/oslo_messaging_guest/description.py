"""What holds for the messages of a client."""

from dataclasses import dataclass
from typing import Any

from .target import Target

_BILLION = 1_000_000_000


@dataclass(frozen=True)
class Description:
    """What the host says of a client, which knows what the operator allows."""

    #: The name that the transport was granted under.
    transport: str
    target: Target
    #: Seconds that a call or cast may take in all: never more than the host allows.
    timeout: float
    version_cap: str | None
    retry: int | None
    #: Seconds without a sign of life; None: calls are not monitored.
    call_monitor_timeout: float | None
    #: Whether messages that no queue takes fail at once; None: calls do and casts do not.
    mandatory: bool | None
    #: The largest reply, in bytes.
    reply_bytes: int


def describe(client: Any) -> Description:
    """What a client of the bindings says."""
    target, monitor = client.target(), client.call_monitor_timeout()
    return Description(
        transport=client.transport(),
        target=Target(target.exchange, target.topic, target.namespace, target.version,
                      target.server, target.fanout),
        timeout=client.timeout() / _BILLION,
        version_cap=client.version_cap(),
        retry=client.retry(),
        call_monitor_timeout=None if monitor is None else monitor / _BILLION,
        mandatory=client.mandatory(),
        reply_bytes=client.reply_bytes())
