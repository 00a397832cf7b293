"""A tour of what a client can do, for whoever reads its output: one line a step.

It talks to the demo endpoints: `[TOPIC [TRANSPORT]]`, which default to `demo` and `default`.
"""

import steps
from report import Report

from oslo_messaging_guest import MessagingException, Target, get_rpc_client, get_rpc_transport


def main(arguments: list[str]) -> int:
    topic, transport = (*arguments, *('demo', 'default')[len(arguments):])[:2]
    target = Target(topic=topic, version='1.5')
    report = Report()
    report.note('target', f'{target} on the transport `{transport}`')
    try:
        client = get_rpc_client(get_rpc_transport(name=transport), target)
    except MessagingException as error:
        report.failed('open', 'a client of the transport', error)
        return report.finish()
    steps.messages(client, report)
    steps.addressing(client, report)
    steps.errors(client, report)
    steps.at_once(client, report)
    return report.finish()
