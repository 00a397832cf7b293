"""JSON values of objects, as oslo.serialization makes them."""

import datetime
import unittest
import uuid

import oslo_messaging_guest as messaging
from oslo_messaging_guest.primitive import to_primitive


class Point:
    def __init__(self):
        self.x = 1
        self._hidden = 2
        self.when = datetime.date(2026, 1, 2)


class WithDict:
    def to_dict(self):
        return {'a': {1, }, 'b': self.__class__.__name__}


class Primitives(unittest.TestCase):
    def test_values_have_upstreams_forms(self):
        for value, expected in (
                ({1: None, None: 2}, {'1': None, 'null': 2}),
                ({True: 3, 2.5: 4}, {'true': 3, '2.5': 4}),
                ((1, 2.5, 'a'), [1, 2.5, 'a']),
                (iter('ab'), ['a', 'b']),
                ({7}, [7]),
                (b'caf\xc3\xa9', 'caf\xe9'),
                (datetime.datetime(2026, 1, 2, 3, 4, 5, 6), '2026-01-02T03:04:05.000006'),
                (datetime.date(2026, 1, 2), '2026-01-02'),
                (datetime.time(3, 4), '03:04:00'),
                (uuid.UUID(int=7), '00000000-0000-0000-0000-000000000007'),
                (ValueError('no'), 'no'),
                (WithDict(), {'a': [1], 'b': 'WithDict'})):
            with self.subTest(value):
                self.assertEqual(to_primitive(value), expected)

    def test_instances_are_converted_when_asked_for(self):
        with self.assertRaisesRegex(TypeError, 'Point'):
            to_primitive(Point())
        converted = messaging.JsonPayloadSerializer().serialize_entity({}, [Point()])
        self.assertEqual(converted, [{'x': 1, 'when': '2026-01-02'}])

    def test_bytes_that_are_no_text_are_refused(self):
        with self.assertRaises(ValueError):
            to_primitive(b'\xff')


if __name__ == '__main__':
    unittest.main()
