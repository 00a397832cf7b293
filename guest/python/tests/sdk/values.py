"""Values that services put into messages, each made anew: some can be read only once."""

import array
import collections
import dataclasses
import datetime
import decimal
import enum
import fractions
import functools
import io
import ipaddress
import itertools
import pathlib
import types
import uuid
import zoneinfo
from unittest import mock
from xmlrpc import client as xmlrpc

import netaddr
from oslo_context import context
from oslo_i18n import _message


UUID = uuid.UUID(int=7)


class Plain:
    kind = 'of the class'

    def __init__(self):
        self.x = 1
        self._hidden = {'when': datetime.date(2026, 1, 2)}


class WithDict(Plain):
    def to_dict(self):
        return {'a': 1}


class Slots:
    __slots__ = ('x',)


class Items:
    """What has `items`, as the models of a database do."""

    def __init__(self, entries):
        self.entries = entries

    def items(self):
        return self.entries.items()


class IterItems:
    """What has upstream's older name of it."""

    def iteritems(self):
        return iter([('a', 1)])


class Rows:
    """What can be iterated over, and has attributes."""

    def __init__(self):
        self.count = 2

    def __iter__(self):
        return iter([1, Plain])


class Broken:
    """What looks as if it could be iterated over."""

    def __iter__(self):
        raise TypeError('no')

    def __str__(self):
        return 'broken'


class Failing:
    def __init__(self, failure):
        self.failure = failure

    def items(self):
        raise self.failure


class Fault(Exception):
    def __init__(self, message, code=None):
        super().__init__(message)
        self.code = code


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 9


class Word(enum.StrEnum):
    YES = 'yes'


class Named(collections.namedtuple('Named', 'a b')):
    pass


@dataclasses.dataclass
class Data:
    a: int = 1
    b: list = dataclasses.field(default_factory=lambda: [uuid.UUID(int=1)])


def function(value=None):
    return value


def numbers():
    yield 1


async def later():
    return 1


def message(text='%(n)s disks of %(host)s', **params):
    """A text that is translated when somebody reads it."""
    made = _message.Message(text, domain='nova')
    return made % params if params else made


def frame():
    try:
        raise KeyError('k')
    except KeyError as error:
        return error.__traceback__


LEAVES = {
    'none': lambda: None,
    'true': lambda: True,
    'int': lambda: 7,
    'big int': lambda: 2**80,
    'float': lambda: 2.5,
    'small float': lambda: 1e-300,
    'nan': lambda: float('nan'),
    'infinity': lambda: float('-inf'),
    'text': lambda: 'caf\xe9 \u2713 \U0001d11e "\n',
    'surrogate': lambda: 'a\ud800b',
    'empty text': lambda: '',
    'bytes': lambda: b'caf\xc3\xa9',
    'bytes that are no text': lambda: b'\xff',
    'bytearray': lambda: bytearray(b'ab'),
    'memoryview': lambda: memoryview(b'ab'),
    'array': lambda: array.array('d', [1.5, 2]),
    'decimal': lambda: decimal.Decimal('1.50'),
    'decimal nan': lambda: decimal.Decimal('NaN'),
    'decimal exponent': lambda: decimal.Decimal('1E+30'),
    'fraction': lambda: fractions.Fraction(1, 3),
    'complex': lambda: 1j,
    'uuid': lambda: UUID,
    'path': lambda: pathlib.PurePosixPath('/etc/nova'),
    'date': lambda: datetime.date(2026, 1, 2),
    'datetime': lambda: datetime.datetime(2026, 1, 2, 3, 4, 5, 6),
    'datetime utc': lambda: datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC),
    'datetime zone': lambda: datetime.datetime(
        2026, 7, 2, tzinfo=zoneinfo.ZoneInfo('Europe/Berlin')),
    'datetime early': lambda: datetime.datetime(987, 6, 5),
    'time': lambda: datetime.time(3, 4),
    'timedelta': lambda: datetime.timedelta(days=1),
    'xmlrpc datetime': lambda: xmlrpc.DateTime('20260102T03:04:05'),
    'xmlrpc binary': lambda: xmlrpc.Binary(b'ab'),
    'ipaddress 4': lambda: ipaddress.ip_address('192.0.2.7'),
    'ipaddress 6': lambda: ipaddress.ip_address('2001:db8::7'),
    'ipaddress network 4': lambda: ipaddress.ip_network('192.0.2.0/30'),
    'ipaddress network 6': lambda: ipaddress.ip_network('2001:db8::/126'),
    'ipaddress interface 4': lambda: ipaddress.ip_interface('192.0.2.7/24'),
    'ipaddress interface 6': lambda: ipaddress.ip_interface('2001:db8::7/64'),
    'netaddr 4': lambda: netaddr.IPAddress('192.0.2.7'),
    'netaddr 6': lambda: netaddr.IPAddress('2001:db8::7'),
    'netaddr network 4': lambda: netaddr.IPNetwork('192.0.2.7/24'),
    'netaddr network 6': lambda: netaddr.IPNetwork('2001:db8::/32'),
    'netaddr range': lambda: netaddr.IPRange('192.0.2.1', '192.0.2.9'),
    'netaddr glob': lambda: netaddr.IPGlob('192.0.2.*'),
    'netaddr set': lambda: netaddr.IPSet(['192.0.2.0/30']),
    'netaddr mac': lambda: netaddr.EUI('00-1B-77-49-54-FD'),
    'exception': lambda: ValueError('no', 7),
    'exception of a service': lambda: Fault('gone', code=404),
    'exception group': lambda: ExceptionGroup('two', [ValueError('a'), Fault('b')]),
    'exception that ends programs': lambda: KeyboardInterrupt(),
    'message': lambda: message('No valid host'),
    'message with parameters': lambda: message(n=3, host=message('h1')),
    'message of an exception': lambda: Fault(message(n=3, host='h1')),
    'enum': lambda: Color.RED,
    'int enum': lambda: Level.HIGH,
    'text enum': lambda: Word.YES,
    'named tuple': lambda: Named(1, decimal.Decimal('2')),
    'dataclass': Data,
    'instance': Plain,
    'instance with to_dict': WithDict,
    'instance with slots': Slots,
    'instance without attributes': object,
    'namespace': lambda: types.SimpleNamespace(a=1, b=Plain()),
    'context of oslo': lambda: context.RequestContext(
        user_id='u', project_id='p', request_id='req-1', global_request_id=None),
    'items': lambda: Items({'a': 1, 7: uuid.UUID(int=7)}),
    'items of items': lambda: Items({'a': Items({'b': Items({'c': Items({'d': Items({})})})})}),
    'items that fail': lambda: Failing(LookupError('gone')),
    'items that are none': lambda: mock.Mock(spec=['items'], items=lambda: 7),
    'iteritems': IterItems,
    'rows': Rows,
    'broken': Broken,
    'mock': lambda: mock.MagicMock(name='m', spec=dict),
    'iterator': lambda: iter('ab'),
    'generator': numbers,
    'generator function': lambda: numbers,
    'partial of a generator function': lambda: functools.partial(numbers),
    'partial': lambda: functools.partial(function, 1),
    'map': lambda: map(str, [1, 2]),
    'zip': lambda: zip('ab', [1, uuid.UUID(int=1)]),
    'count': lambda: itertools.count(5),
    'islice': lambda: itertools.islice(itertools.count(), 3),
    'range': lambda: range(3),
    'module': lambda: enum,
    'class': lambda: Plain,
    'function': lambda: function,
    'lambda': lambda: lambda: 1,
    'method': lambda: Plain().__init__,
    'bound method': lambda: Items({}).items,
    'builtin': lambda: len,
    'slot wrapper': lambda: object.__init__,
    'property': lambda: property(function),
    'code': lambda: function.__code__,
    'traceback': frame,
    'frame': lambda: frame().tb_frame,
    'coroutine function': lambda: later,
    'file in memory': lambda: io.StringIO('a\nb'),
    'bytes in memory': lambda: io.BytesIO(b'ab'),
    'pattern': lambda: __import__('re').compile('a'),
    'ellipsis': lambda: ...,
    'string subclass': lambda: type('Text', (str,), {})('a'),
    'int subclass': lambda: type('Number', (int,), {})(3),
    'dict subclass': lambda: collections.OrderedDict(b=1, a={2}),
    'defaultdict': lambda: collections.defaultdict(list, {'a': [1]}),
    'counter': lambda: collections.Counter('aab'),
    'chain map': lambda: collections.ChainMap({'a': 1}, {'b': Plain}),
    'user dict': lambda: collections.UserDict({1: {2}}),
    'user list': lambda: collections.UserList([{2}]),
    'user text': lambda: collections.UserString('ab'),
    'mapping proxy': lambda: types.MappingProxyType({'a': 1}),
    'dict keys': lambda: {'a': 1}.keys(),
    'dict items': lambda: {'a': 1}.items(),
    'deque': lambda: collections.deque([1, {2}]),
    'frozenset': lambda: frozenset([3]),
    'empty': lambda: [[], (), {}, set(), frozenset()],
}

_PUT_INTO = {
    'list': lambda it: [it, 1],
    'tuple': lambda it: (it,),
    'set': lambda it: {it},
    'iterator': lambda it: iter([it]),
    'deque': lambda it: collections.deque([it]),
    'dict': lambda it: {'a': it, 7: it, None: 1, True: 2, 2.5: 3},
    'key': lambda it: {it: 1},
    'key of items': lambda it: Items({it: it}),
    'items': lambda it: Items({'a': it}),
    'attribute': lambda it: types.SimpleNamespace(a=it),
    'exception': lambda it: Fault('gone', it),
    'lists': lambda it: [[[[[[it]]]]]],
    'both': lambda it: [{'a': Items({'b': [it]})}, types.SimpleNamespace(c={'d': it})],
}


def all_values():
    """Names, and functions that make the values: each leaf alone and in everything it fits into."""
    for name, make in LEAVES.items():
        yield name, make
        for into, put in _PUT_INTO.items():
            if not fails(lambda: put(make())):
                yield f'{name} in {into}', lambda put=put, make=make: put(make())


def fails(action):
    """Whether a value cannot be made, as a set cannot have a list in it."""
    try:
        action()
    except TypeError:
        return True
    return False


def _itself(kind, put):
    def make():
        value = kind()
        put(value)
        return value
    return make


class _Node:
    def __init__(self):
        self.name = 'n'


CYCLES = {
    'list': _itself(list, lambda it: it.append(it)),
    'dict': _itself(dict, lambda it: it.update(a=it)),
    'items': _itself(lambda: Items({}), lambda it: it.entries.update(a=it, b=1)),
    'instance': _itself(_Node, lambda it: setattr(it, 'me', it)),
    'instance in a list': _itself(_Node, lambda it: setattr(it, 'all', [it, {'a': it}])),
    'deque': _itself(collections.deque, lambda it: it.append(it)),
}

ENDLESS = {
    'repeat': lambda: itertools.repeat(1),
    'cycle': lambda: itertools.cycle('ab'),
    'network': lambda: ipaddress.ip_network('2001:db8::/64'),
    'network in a list': lambda: [ipaddress.ip_network('10.0.0.0/8')],
}
