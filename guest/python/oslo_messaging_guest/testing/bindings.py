"""What componentize-py generates of `types`, for hosts that are played."""

import enum
from dataclasses import dataclass, make_dataclass
from types import SimpleNamespace
from typing import Any


class Err(Exception):
    """What functions of the host raise for an error of theirs."""

    def __init__(self, value: Any) -> None:
        super().__init__(value)
        self.value = value


@dataclass
class Ok:
    """A success among results."""

    value: Any


class Outcome(enum.Enum):
    """`types.outcome`."""

    NOT_EXECUTED = 0
    UNKNOWN = 1
    EXECUTED = 2


class WaitingFor(enum.Enum):
    """`types.waiting-for`."""

    ADMISSION = 0
    CONNECTION = 1
    CONFIRM = 2
    REPLY = 3
    HEARTBEAT = 4
    OTHER = 5


_RECORDS = {
    'Timeout': ('waiting_for', 'outcome', 'limit', 'message'),
    'NoSuchTarget': ('exchange', 'routing_key', 'message'),
    'DeliveryFailure': ('outcome', 'message'),
    'Remote': ('type_name', 'type_module', 'message', 'args', 'kwargs', 'traceback'),
    'VersionCap': ('version', 'version_cap', 'message'),
    'InvalidTarget': ('message',),
    'InvalidArgument': ('argument', 'message'),
    'AccessDenied': ('rule', 'message'),
    'LimitExceeded': ('limit', 'message'),
    'InvalidReply': ('message',),
    'Other': ('outcome', 'message'),
}
_CASES = {name: (make_dataclass(f'Error_{name}', ['value']), make_dataclass(name, fields))
          for name, fields in _RECORDS.items()}

Target = make_dataclass(
    'Target', ['exchange', 'topic', 'namespace', 'version', 'server', 'fanout'])
Request = make_dataclass('Request', ['client', 'context', 'method', 'args', 'options'])

TYPES = SimpleNamespace(Target=Target, Outcome=Outcome, WaitingFor=WaitingFor,
                        **{f'Error_{name}': kind for name, (kind, _) in _CASES.items()})


def error(case: str, *fields: Any) -> Err:
    """An error of the host, by the name of its case and the fields of its record in order."""
    kind, record = _CASES[case]
    return Err(kind(record(*fields)))
