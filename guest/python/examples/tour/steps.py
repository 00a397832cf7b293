"""The steps of the tour."""

import json
import secrets
import time
from typing import Any

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, RPCClient, outcome_of
from report import Report

SERVERS = ('one', 'two', 'three')


def messages(client: RPCClient, report: Report) -> None:
    """Call, context, cast."""
    context = {'user': 'tourist'}
    report.step('call', 'echo(value="hello")',
                lambda: json.dumps(client.call(context, 'echo', value='hello')))
    report.step('call', 'add(a=2, b=3)', lambda: client.call(context, 'add', a=2, b=3))

    def cast() -> str:
        client.cast(context, 'remember', word=unique('cast'))
        return 'the broker has it; one server will run it, nobody reports back'

    report.step('cast', 'remember(word=...)', cast)


def addressing(client: RPCClient, report: Report) -> None:
    """To one server, to every server, to a namespace."""
    report.step('one server', 'whoami() sent to server `two`',
                lambda: client.prepare(server='two').call({}, 'whoami'))

    def fanout() -> str:
        word = unique('fanout')
        client.prepare(fanout=True).cast({}, 'remember', word=word)
        return heard_by_all(client, word)

    report.step('fan-out cast', 'remember(word=...) sent to every server', fanout)

    def status() -> str:
        result = client.prepare(namespace='admin', version='2.0').call({}, 'status')
        return json.dumps(result, separators=(',', ':'))

    report.step('namespace', 'status() of namespace `admin`, version 2.0', status)


def errors(client: RPCClient, report: Report) -> None:
    """What goes wrong, and how it is told apart."""
    report.expect(
        ZeroDivisionError, 'remote error', 'divide(a=1, b=0)',
        lambda: client.call({}, 'divide', a=1, b=0), raised)
    report.expect(
        messaging.RemoteError, 'unknown method', 'no_such_method()',
        lambda: client.call({}, 'no_such_method'), raised)
    report.expect(
        messaging.RPCVersionCapError, 'version cap', 'echo() of version 2.0 under the cap 1.5',
        lambda: client.prepare(version_cap='1.5', version='2.0').call({}, 'echo', value=1),
        refused)
    start = time.monotonic()
    report.expect(
        messaging.MessagingTimeout, 'timeout', 'sleep(seconds=1.5) with a timeout of 300 ms',
        lambda: client.prepare(timeout=0.3).call({}, 'sleep', seconds=1.5),
        lambda error: f'gave up after {milliseconds(start)} ms; {fate(error)}')
    report.expect(
        messaging.NoSuchTarget, 'no such target', 'whoami() sent to server `nobody`',
        lambda: client.prepare(server='nobody').call({}, 'whoami'), refused)

    numbers = messaging.get_rpc_client(client.transport, client.target, serializer=Numbers())
    report.expect(
        ValueError, 'wrong type', 'echo(value="hello") wanted as a number',
        lambda: numbers.call({}, 'echo', value='hello'),
        lambda error: f'the reply does not fit `int`: {error}')


def at_once(client: RPCClient, report: Report) -> None:
    """Several calls at the same time, without `async`."""
    start = time.monotonic()

    def calls() -> str:
        results = client.call_all(client.request({}, 'sleep', seconds=0.2) for _ in range(10))
        return f'{len(results)} results after {milliseconds(start)} ms'

    report.step('calls at once', '10 times sleep(seconds=0.2)', calls)


class Numbers(messaging.NoOpSerializer):
    """Wants every result to be a number."""

    def deserialize_entity(self, ctxt: Any, entity: Any) -> int:
        return int(entity)


def heard_by_all(client: RPCClient, word: str) -> str:
    """Casts are not answered, so each server is asked until it knows the word."""
    for server in SERVERS:
        one = client.prepare(server=server)
        for _ in range(40):
            if word in one.call({}, 'recall'):
                break
            one.call({}, 'sleep', seconds=0.05)
        else:
            raise LookupError(f'server `{server}` never got it')
    return f"{', '.join(SERVERS)} remember it"


def raised(error: Exception) -> str:
    """A remote exception, which is the cause of one that was rebuilt as itself."""
    remote = error if isinstance(error, messaging.RemoteError) else error.__cause__
    assert isinstance(remote, messaging.RemoteError)
    module = '' if remote.module == 'builtins' else f'{remote.module}.'
    return f'the server raised {module}{remote.exc_type}: {remote.value}'


def refused(error: Exception) -> str:
    return f'{error}; {fate(error)}'


def fate(error: Exception) -> str:
    return {
        Outcome.NOT_EXECUTED: 'nothing was executed',
        Outcome.UNKNOWN: 'it may have been executed',
        Outcome.EXECUTED: 'it was executed',
        None: 'nobody knows whether it was executed',
    }[outcome_of(error)]


def milliseconds(start: float) -> int:
    return int((time.monotonic() - start) * 1000)


def unique(prefix: str) -> str:
    """A word that no earlier tour of the same servers has used."""
    return f'{prefix}-{secrets.token_hex(8)}'
