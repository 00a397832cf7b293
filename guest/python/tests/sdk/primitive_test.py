"""JSON values of objects: those that oslo.serialization makes, value by value."""

import json
import re
import subprocess
import sys
import unittest

from oslo_serialization import jsonutils

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, message, outcome_of, testing
from oslo_messaging_guest.primitive import to_primitive
from tests.sdk import values


class Primitives(unittest.TestCase):
    def test_every_value_is_upstreams(self):
        compared = raised = 0
        for name, make in values.all_values():
            for instances in (False, True):
                with self.subTest(name, instances=instances):
                    theirs = came(lambda: jsonutils.to_primitive(make(), instances))
                    self.assertEqual(came(lambda: to_primitive(make(), instances)), theirs)
                compared += 1
                raised += 'raised' in theirs
        # Most have a form; some have none, and that is upstream's too.
        self.assertGreater(compared, 2000)
        self.assertTrue(50 < raised < compared / 2, (raised, compared))

    def test_every_message_is_upstreams(self):
        for name, make in values.all_values():
            with self.subTest(name):
                # NaN and infinity are no JSON.
                theirs = came(lambda: jsonutils.dumps({'value': make()}, allow_nan=False))
                self.assertEqual(came(lambda: message.to_text({'value': make()})), theirs)

    def test_what_goes_into_itself_is_cut_off_or_refused_as_upstream_does(self):
        for name, make in values.CYCLES.items():
            for instances in (False, True):
                with self.subTest(name, instances=instances):
                    self.assertEqual(came(lambda: to_primitive(make(), instances)),
                                     came(lambda: jsonutils.to_primitive(make(), instances)))

    def test_what_never_ends_is_refused(self):
        for name, make in values.ENDLESS.items():
            with self.subTest(name), self.assertRaisesRegex(ValueError, 'more than 262144 items'):
                to_primitive(make())

    def test_what_is_nested_deeply_is_refused(self):
        for levels, is_refused in ((190, False), (300, True)):
            deep = values.UUID
            for _ in range(levels):
                deep = [deep]
            for action in (lambda: to_primitive(iter([deep])), lambda: message.to_text(deep)):
                self.assertEqual(came(action) == 'raised RecursionError', is_refused)

    def test_nothing_is_imported_for_it(self):
        code = ('import sys, oslo_messaging_guest.primitive as it; it.to_primitive([{1}]); '
                'print(sorted({"decimal", "netaddr", "xmlrpc"} & set(sys.modules)))')
        said = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                              check=True)
        self.assertEqual(said.stdout, '[]\n')


class Messages(unittest.TestCase):
    """What a service finds, and what an author is told."""

    def setUp(self):
        self.transport = self.enterContext(testing.Transport())
        self.transport.server('compute').runs('echo', lambda ctxt, value: value)
        self.client = messaging.get_rpc_client(
            messaging.get_rpc_transport(), messaging.Target(topic='compute'))

    def test_a_message_has_the_values(self):
        sent = 0
        for name, make in values.LEAVES.items():
            try:
                theirs = json.loads(jsonutils.dumps(make(), allow_nan=False))
            except (ValueError, TypeError, LookupError, RecursionError):
                # It has no JSON form.
                continue
            with self.subTest(name):
                self.assertEqual(shown(self.client.call({'of': make()}, 'echo', value=make())),
                                 shown(theirs))
                self.assertEqual(shown(self.transport.requests[-1].context['of']), shown(theirs))
            sent += 1
        self.assertGreater(sent, 60)

    def test_a_payload_serializer_opens_instances(self):
        client = messaging.get_rpc_client(
            messaging.get_rpc_transport(), messaging.Target(topic='compute'),
            serializer=messaging.JsonPayloadSerializer())
        self.assertEqual(client.call({}, 'echo', value=[values.Plain()]),
                         jsonutils.to_primitive([values.Plain()], convert_instances=True))

    def test_a_context_is_its_to_dict_and_its_names_are_texts(self):
        class Context:
            def to_dict(self):
                return {'user': 'me', 7: values.LEAVES['decimal'](), None: 1, True: 2}

        self.client.call(Context(), 'echo', value=1)
        # In a message upstream writes them behind `_context_`.
        self.assertEqual(self.transport.requests[-1].context,
                         {'user': 'me', '7': '1.50', 'None': 1, 'True': 2})
        self.client.call(None, 'echo', value=1)
        self.assertEqual(self.transport.requests[-1].context, {})

    def test_what_has_no_form_is_named_and_was_not_sent(self):
        for value, says in (
                (object(), '`value` cannot be sent as JSON: .* builtins.object'),
                ([1, {'a': values.Plain()}], '`value` .* tests.sdk.values.Plain'),
                (b'\xff', '`value` .* codec'),
                ({(1, 2): 3}, '`value` .* keys must be'),
                (iter([object()]), 'arguments cannot be sent as JSON: .* builtins.object')):
            with self.subTest(says):
                with self.assertRaisesRegex(messaging.InvalidArgument, says) as caught:
                    self.client.call({}, 'echo', value=value)
                self.assertIs(outcome_of(caught.exception), Outcome.NOT_EXECUTED)
        with self.assertRaisesRegex(messaging.InvalidArgument, '`ctxt` .* object'):
            self.client.call({'of': object()}, 'echo', value=1)
        self.assertEqual(self.transport.requests, [])

    def test_what_a_value_raises_comes_through(self):
        with self.assertRaises(LookupError) as caught:
            self.client.call({}, 'echo', value=values.Failing(LookupError('gone')))
        self.assertIs(outcome_of(caught.exception), Outcome.NOT_EXECUTED)
        self.assertEqual(self.transport.requests, [])


def came(action):
    """What it returned, with the types of everything in it, or the class of what it raised."""
    try:
        value = action()
    except Exception as error:
        return f'raised {type(error).__name__}'
    return shown(value)


def shown(value):
    # Two objects of the same kind are at different places in memory.
    return re.sub(r" at 0x[0-9a-f]+| id=\\*'[0-9]+", '', repr(value))


if __name__ == '__main__':
    unittest.main()
