"""Runs `inventory.py` as a plugin: its argument is the topic."""

import inventory
from oslo_messaging_guest import get_rpc_transport


def main(arguments: list[str]) -> None:
    (topic,) = arguments
    inventory.run(get_rpc_transport(), topic)
