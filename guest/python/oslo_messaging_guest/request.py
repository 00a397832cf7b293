"""Messages for `RPCClient.call_all`."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Request:
    """One call, made with `request` of a client or of what its `prepare` returned."""

    #: What the client that it was made with shares with all that was prepared from it.
    origin: object
    settings: tuple[Any, ...]
    ctxt: Any
    method: str
    #: The texts that are sent.
    context: str
    args: str
