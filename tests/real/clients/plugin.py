"""The clients of services as a plugin: its arguments are a client and its service, or `watch`."""

import absent

absent.install()

# Written by `gather.py`.
import order  # noqa: F401
import calls


def main(arguments: list[str]) -> None:
    if arguments == ['watch']:
        calls.watch()
    else:
        name, service = arguments
        calls.run(name, service)
