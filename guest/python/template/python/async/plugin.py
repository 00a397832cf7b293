"""NAME: a plugin with many calls in flight."""

import asyncio

from oslo_messaging_guest import Target, aio, get_rpc_transport


async def main(arguments: list[str]) -> None:
    client = aio.get_rpc_client(get_rpc_transport(), Target(topic='demo', version='1.5'))
    names = arguments or ['one', 'two', 'three']
    print(*await asyncio.gather(*(client.call({}, 'echo', value=name) for name in names)))
