"""Records what Python's AMQP clients send, for the tests in this folder.

    python record.py FOLDER

It wants oslo.messaging, and py-amqp, which comes with it. A socket on loopback answers as a broker
does, and writes the bytes of each connection into a file.
"""

import pathlib
import socket
import struct
import sys
import threading
import time
from datetime import datetime, timezone
from decimal import Decimal

import amqp
import oslo_messaging
from oslo_config import cfg


class Recorder:
    def __init__(self, folder):
        self.folder = folder
        self.names = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer, _ = self.listener.accept()
            name = self.names.pop(0) if self.names else "unexpected"
            path = self.folder / f"{name}.bin"
            threading.Thread(target=serve, args=(peer, path), daemon=True).start()


def serve(peer, path):
    stream = peer.makefile("rb")
    confirmed = {}
    waiting = {}
    with path.open("wb") as record:

        def take(length):
            taken = stream.read(length)
            record.write(taken)
            record.flush()
            if len(taken) < length:
                raise EOFError
            return taken

        def say(channel, numbers, arguments=b""):
            payload = struct.pack(">HH", *numbers) + arguments
            frame = struct.pack(">BHI", 1, channel, len(payload)) + payload
            peer.sendall(frame + b"\xce")

        def confirm(channel):
            if channel in confirmed:
                confirmed[channel] += 1
                say(channel, (60, 80), struct.pack(">QB", confirmed[channel], 0))

        try:
            take(8)
            say(0, (10, 10), b"\x00\x09" + table(SERVER) + long(b"PLAIN AMQPLAIN") + long(b"en_US"))
            while True:
                kind, channel, length = struct.unpack(">BHI", take(7))
                payload = take(length)
                take(1)
                if kind == 1:
                    numbers = struct.unpack(">HH", payload[:4])
                    if numbers == (85, 10):
                        confirmed[channel] = 0
                    reply = answer(numbers, payload[4:])
                    if reply is not None:
                        say(channel, (numbers[0], ANSWERS.get(numbers, numbers[1] + 1)), reply)
                elif kind == 2:
                    waiting[channel] = struct.unpack(">Q", payload[4:12])[0]
                    if not waiting[channel]:
                        confirm(channel)
                elif kind == 3:
                    waiting[channel] -= length
                    if not waiting[channel]:
                        confirm(channel)
        except (EOFError, OSError):
            pass


def answer(numbers, arguments):
    def short(at):
        return arguments[at : at + 1 + arguments[at]]

    if numbers == (10, 11):
        return struct.pack(">HIH", 2047, 4096, 60)
    if numbers == (50, 10):
        return short(2) + struct.pack(">II", 0, 0)
    if numbers == (60, 20):
        return short(2 + len(short(2)))
    if numbers == (60, 30):
        return short(0)
    return {
        (10, 40): b"\x00",
        (10, 50): b"",
        (20, 10): bytes(4),
        (20, 40): b"",
        (40, 10): b"",
        (50, 20): b"",
        (50, 40): bytes(4),
        (60, 10): b"",
        (85, 10): b"",
    }.get(numbers)


def long(content):
    return struct.pack(">I", len(content)) + content


def table(entries):
    return long(b"".join(bytes([len(name)]) + name + b"t\x01" for name in entries))


def transport(recorder, **options):
    # Tracing options are registered on no other configuration.
    conf = cfg.CONF
    conf([])
    url = f"rabbit://guest:pass%20word@127.0.0.1:{recorder.port}/vhost"
    made = oslo_messaging.get_rpc_transport(conf, url)
    for name in OPTIONS:
        value = options.get(name, False)
        conf.set_override(name, value, "oslo_messaging_rabbit")
    return made


def client(recorder, **options):
    made = transport(recorder, **options)
    target = oslo_messaging.Target(topic="topic", version="1.0")
    rpc = oslo_messaging.get_rpc_client(made, target, timeout=2)
    rpc.cast({"user": "u"}, "note", text="a")
    rpc.prepare(fanout=True).cast({}, "note")
    try:
        rpc.call({"user": "u"}, "add", a=1, b="\u2603")
    except oslo_messaging.MessagingTimeout:
        pass
    made.cleanup()


def server(recorder, **options):
    class Endpoint:
        def add(self, context, a, b):
            return a + b

    made = transport(recorder, **options)
    target = oslo_messaging.Target(topic="topic", server="host")
    rpc = oslo_messaging.get_rpc_server(made, target, [Endpoint()], executor="threading")
    rpc.start()
    time.sleep(1.5)
    rpc.stop()
    rpc.wait()
    made.cleanup()


def everything(recorder):
    connection = amqp.Connection(
        f"127.0.0.1:{recorder.port}", "guest", "guest", login_method="PLAIN"
    )
    connection.connect()
    channel = connection.channel()
    moment = datetime(2020, 1, 2, 3, 4, 5, tzinfo=timezone.utc)
    arguments = {
        "true": True,
        "false": False,
        "int": 1800000,
        "negative": -5,
        "largest": 2147483647,
        "long": 2147483648,
        "negative-long": -(1 << 40),
        "float": 1.5,
        "text": "\u2603",
        "bytes": b"\x00\x01",
        "none": None,
        "list": [1, "a", True],
        "table": {"a": {"b": 1}},
        "time": moment,
        "decimal": Decimal("1.25"),
        "last": "here",
    }
    channel.queue_declare("every", durable=True, auto_delete=False, arguments=arguments)
    message = amqp.Message(
        b"body",
        content_type="a/b",
        content_encoding="utf-8",
        application_headers={"n": 1},
        delivery_mode=2,
        priority=3,
        correlation_id="c",
        reply_to="r",
        expiration="60000",
        message_id="m",
        timestamp=1577934245,
        type="t",
        user_id="guest",
        app_id="app",
        cluster_id="cl",
    )
    channel.basic_publish(message, "ex", "key", mandatory=True)
    channel.basic_publish(amqp.Message(b"x" * 10000), "ex", "key")
    channel.basic_publish(amqp.Message(b""), "", "key")
    channel.basic_ack(7, multiple=True)
    channel.basic_cancel("ctag")
    channel.queue_delete("every", if_unused=True)
    channel.exchange_declare(
        "ex", "topic", durable=True, auto_delete=False, arguments={"alternate-exchange": "ae"}
    )
    channel.confirm_select()
    channel.basic_qos(0, 10, False)
    channel.close()
    connection.close()


def main():
    recorder = Recorder(pathlib.Path(sys.argv[1]))
    recorder.names = ["oslo-client", "oslo-client-replies"]
    client(recorder)
    recorder.names = ["oslo-client-quorum", "oslo-client-quorum-replies"]
    client(recorder, **QUORUM)
    recorder.names = ["oslo-server"]
    server(recorder)
    recorder.names = ["oslo-server-quorum"]
    server(recorder, **QUORUM)
    recorder.names = ["py-amqp"]
    everything(recorder)


SERVER = [
    b"authentication_failure_close",
    b"basic.nack",
    b"connection.blocked",
    b"consumer_cancel_notify",
    b"publisher_confirms",
]
ANSWERS = {(10, 11): 30}
OPTIONS = ["amqp_durable_queues", "rabbit_quorum_queue", "rabbit_transient_quorum_queue"]
QUORUM = {"rabbit_quorum_queue": True, "rabbit_transient_quorum_queue": True}

main()
