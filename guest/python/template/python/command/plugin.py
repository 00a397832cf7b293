"""NAME: a plugin that calls a service."""

import oslo_messaging_guest as messaging


def main(arguments: list[str]) -> None:
    target = messaging.Target(topic='demo', version='1.5')
    client = messaging.get_rpc_client(messaging.get_rpc_transport(), target)
    name = arguments[0] if arguments else 'world'
    try:
        print(client.prepare(timeout=5).call({'user': 'NAME'}, 'echo', value=f'hello {name}'))
    except messaging.MessagingTimeout as error:
        print(f'no answer ({error.outcome}): {error}')
