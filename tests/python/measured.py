"""Makes calls or casts with some threads, and prints the time and the processor time they took.

    measured.py URL TOPIC call|cast COUNT THREADS
"""

import sys
import threading
import time

import oslo_messaging

import peer


def main():
    url, topic, verb, count, threads = sys.argv[1:]
    share = int(count) // int(threads)
    transport = oslo_messaging.get_rpc_transport(peer.configure([]), url=url)
    client = oslo_messaging.get_rpc_client(transport, oslo_messaging.Target(topic=topic))
    send = getattr(client, verb)
    beginning = threading.Barrier(int(threads) + 1)

    def work():
        # Connecting is not measured.
        client.call({}, 'echo', value='warm')
        beginning.wait()
        for _ in range(share):
            send({}, 'echo', value='sixteen letters.')

    workers = [threading.Thread(target=work) for _ in range(int(threads))]
    for worker in workers:
        worker.start()
    beginning.wait()
    began, used = time.monotonic(), time.process_time()
    for worker in workers:
        worker.join()
    peer.say(seconds=time.monotonic() - began, processor=time.process_time() - used)


if __name__ == '__main__':
    main()
