"""What the host allows this plugin."""

from dataclasses import dataclass

from . import _wit

_BILLION = 1_000_000_000


@dataclass(frozen=True)
class Limits:
    """They stay the same for as long as an instance lives; what is over one is an error."""

    #: The largest request: the texts of context, method and arguments together.
    request_bytes: int
    #: The largest reply.
    reply_bytes: int
    #: What may have come for calls at once that the plugin does not have yet.
    held_reply_bytes: int
    #: Calls and casts that run at the same time; further ones wait, inside their own timeout.
    calls_in_flight: int
    #: Calls and casts that run or wait.
    pending_calls: int
    #: Requests in one `call_all`.
    requests: int


def limits() -> Limits:
    """What the host allows."""
    interface = _wit.needed('limits')
    return Limits(**{name: getattr(interface, name)() for name in Limits.__dataclass_fields__})


def remaining() -> float | None:
    """The seconds left of the time that the host gave to this run of the plugin; None: no limit.

    A call never takes longer than this, whatever its timeout says.
    """
    left = _wit.needed('limits').remaining()
    return None if left is None else left / _BILLION


def transports() -> list[str]:
    """The names of the transports that the host granted, in alphabetical order."""
    return list(_wit.needed('client').transports())
