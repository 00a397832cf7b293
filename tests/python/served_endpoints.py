"""Endpoints that a service and a plugin serve alike: this file is imported by both, unchanged."""

import oslo_messaging

import peer_errors


class Endpoint:
    """The methods of the unnamed namespace."""

    target = oslo_messaging.Target(version='1.5')

    def __init__(self, transport, whoami):
        """`whoami` gives the name of the server."""
        self._transport = transport
        self._whoami = whoami
        self._counted = 0

    def echo(self, ctxt, value):
        return value

    def add(self, ctxt, a, b):
        return a + b

    def none(self, ctxt):
        pass

    def count(self, ctxt):
        """How often it was called."""
        self._counted += 1
        return self._counted

    def context(self, ctxt):
        """What the caller says beside the arguments."""
        return {name: value for name, value in ctxt.items() if name != 'client_timeout'}

    def monitored(self, ctxt):
        """How long the caller waits for a sign of life."""
        return ctxt['client_timeout']

    def whoami(self, ctxt):
        return self._whoami()

    def which(self, ctxt):
        return '1.5'

    def quota(self, ctxt, resource, limit):
        raise peer_errors.QuotaExceeded('quota exceeded', resource, limit=limit)

    def fail_value(self, ctxt):
        raise ValueError('boom', 42)

    @oslo_messaging.expected_exceptions(LookupError)
    def fail_expected(self, ctxt):
        raise LookupError('no such thing')

    def relay(self, ctxt, topic, name, args):
        """Calls on behalf of its caller."""
        client = oslo_messaging.get_rpc_client(
            self._transport, oslo_messaging.Target(topic=topic))
        return client.call(ctxt, name, **args)

    def _private(self, ctxt):
        return 'nobody can call this'


class Named:
    """The methods of a namespace."""

    target = oslo_messaging.Target(namespace='ns', legacy_namespaces=['old'], version='2.1')

    def hello(self, ctxt, who):
        return f'hello {who}'


class Second:
    """A version that is not compatible with the first."""

    target = oslo_messaging.Target(version='2.3')

    def which(self, ctxt):
        return '2.3'
