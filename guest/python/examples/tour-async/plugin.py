"""A hundred calls in flight from one instance of a plugin, and what errors look like there.

It talks to the demo endpoints: `[TOPIC [TRANSPORT]]`, which default to `demo` and `default`.
"""

import asyncio
import time
from typing import Any

import oslo_messaging_guest as messaging
from oslo_messaging_guest import Outcome, aio

CALLS = 100


async def main(arguments: list[str]) -> int:
    topic, transport = (*arguments, *('demo', 'default')[len(arguments):])[:2]
    target = messaging.Target(topic=topic, version='1.5')
    print(f'    target           {target} on the transport `{transport}`')
    try:
        client = aio.get_rpc_client(messaging.get_rpc_transport(name=transport), target)
        one = await one_call(client)
        await many_calls(client, one)
        await errors(client)
    except (messaging.MessagingException, AssertionError) as error:
        print(f'\nUNEXPECTED: {error}')
        return 1
    print('\nAll steps did what they should.')
    return 0


async def one_call(client: aio.RPCClient) -> float:
    start = time.monotonic()
    await nap(client)
    elapsed = time.monotonic() - start
    print(f' 1. one call         sleep(seconds=0.5)  ->  after {int(elapsed * 1000)} ms')
    return elapsed


async def many_calls(client: aio.RPCClient, one: float) -> None:
    in_flight = most = 0

    async def counted() -> None:
        nonlocal in_flight, most
        in_flight += 1
        most = max(most, in_flight)
        await nap(client)
        in_flight -= 1

    start = time.monotonic()
    await asyncio.gather(*(counted() for _ in range(CALLS)))
    elapsed = time.monotonic() - start
    print(f' 2. {CALLS} calls        sleep(seconds=0.5) each  ->  {most} in flight at once, all done '
          f'after {int(elapsed * 1000)} ms: {elapsed / one:.1f} times as long as one')


async def errors(client: aio.RPCClient) -> None:
    """Three calls that fail, at the same time: no failure touches another call."""
    ended: tuple[Any, ...] = await asyncio.gather(
        client.call({}, 'divide', a=1, b=0),
        client.prepare(timeout=0.3).call({}, 'sleep', seconds=1.5),
        client.prepare(server='nobody').call({}, 'whoami'),
        return_exceptions=True)
    divide, late, nobody = ended
    assert isinstance(divide, ZeroDivisionError), f'divide(a=1, b=0) gave {divide!r}'
    remote: Any = divide.__cause__
    print(f' 3. remote error     divide(a=1, b=0)  ->  the server raised {remote.exc_type}: '
          f'{remote.value}')
    assert isinstance(late, messaging.MessagingTimeout), f'sleep(seconds=1.5) gave {late!r}'
    fate = ('may have been executed' if late.outcome is Outcome.UNKNOWN
            else 'was not executed')
    print(f' 4. timeout          sleep(seconds=1.5) with a timeout of 300 ms  ->  {late}; it {fate}')
    assert isinstance(nobody, messaging.NoSuchTarget), f'whoami() gave {nobody!r}'
    print(f' 5. no such target   whoami() sent to server `nobody`  ->  {nobody}')


async def nap(client: aio.RPCClient) -> None:
    await client.call({}, 'sleep', seconds=0.5)
