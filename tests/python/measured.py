"""A client that does what lines on standard input say, and says what that took.

    measured.py URL TOPIC

Reads lines `call|cast THREADS BYTES COUNT` and answers each with a line of JSON.
"""

import resource
import sys
import threading
import time

import oslo_messaging

import peer


def work(send, threads, value, count):
    beginning = threading.Barrier(threads + 1)
    latencies = []

    def some(share):
        own = []
        beginning.wait()
        for _ in range(share):
            began = time.monotonic()
            send({}, 'echo', value=value)
            own.append(round((time.monotonic() - began) * 1e6, 1))
        latencies.extend(own)

    workers = [threading.Thread(target=some, args=[(count + number) // threads])
               for number in range(threads)]
    for worker in workers:
        worker.start()
    before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    beginning.wait()
    for worker in workers:
        worker.join()
    seconds, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_SELF)
    peer.say(seconds=seconds,
             processor=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
             switches=after.ru_nvcsw - before.ru_nvcsw,
             latencies=latencies)


def main():
    url, topic = sys.argv[1:]
    transport = oslo_messaging.get_rpc_transport(peer.configure([]), url=url)
    client = oslo_messaging.get_rpc_client(transport, oslo_messaging.Target(topic=topic))
    client.call({}, 'echo', value='warm')
    print('ready', flush=True)
    for line in sys.stdin:
        verb, threads, size, count = line.split()
        work(getattr(client, verb), int(threads), 'x' * int(size), int(count))
    transport.cleanup()


if __name__ == '__main__':
    main()
