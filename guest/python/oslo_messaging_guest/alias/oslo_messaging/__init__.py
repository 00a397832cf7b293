"""The name that code written for oslo.messaging imports, in a plugin.

Everything that such code touches while it is imported is here. What a plugin cannot do, such as
to listen in batches, raises `NotInPlugin` when it is used.
"""

from . import (
    conffixture,
    dispatcher,
    exceptions,
    notify,
    opts,
    rpc,
    serializer,
    server,
    target,
    transport,
    version,
)
from .exceptions import *
from .notify import *
from .rpc import *
from .serializer import *
from .server import *
from .target import *
from .transport import *
