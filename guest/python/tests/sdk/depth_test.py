"""Values that are nested too deeply end a level at a time."""

import unittest
import weakref

from oslo_messaging_guest import depth, dispatcher


class Level(list):
    """A list that can be seen to be there."""


def nested(levels):
    value = Level()
    for _ in range(levels):
        value = Level([{'value': value}])
    return value


class Depth(unittest.TestCase):
    def test_a_result_ends_from_the_outside(self):
        class Endpoint:
            def deep(self, ctxt):
                value = nested(300)
                ended.extend(weakref.ref(it, lambda it: order.append(ended.index(it)))
                             for it in levels(value))
                return value

        ended, order = [], []
        found = dispatcher.RPCDispatcher([Endpoint()], None)
        with self.assertRaises(RecursionError):
            found.run(dispatcher.Request(0, 'deep', '{}', '{}'))
        self.assertEqual((len(ended), order), (301, []))
        depth.let_go()
        self.assertEqual(order, list(range(301)))

    def test_what_contains_itself_is_held_once(self):
        value = [1]
        value.append((value, {'value': value}))
        depth.hold(value)
        self.assertEqual(len(depth._held), 3)
        depth.let_go()
        self.assertEqual(value[0], 1)


def levels(value):
    while True:
        yield value
        if not value:
            return
        value = value[0]['value']


if __name__ == '__main__':
    unittest.main()
