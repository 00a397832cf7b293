"""Messages for `RPCClient.call_all`."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .client import CallContext


@dataclass(frozen=True)
class Request:
    """One call, made with `request` of a client or of what its `prepare` returned."""

    context: 'CallContext'
    #: The settings that held when it was made.
    values: tuple[Any, ...]
    ctxt: Any
    #: What is sent.
    ctxt_text: str
    method: str
    args_text: str
