/* A fast server of oslo.messaging's RPC with one method, which returns its argument `value`. So neither
 * client that is measured against it has its own server to thank.
 *
 *     responder URL
 *
 * Prints that it is ready, and serves until it is killed. */

#include "shared.h"

#include <stdio.h>
#include <string.h>

static void listen_on(amqp_connection_state_t connection) {
    amqp_bytes_t queue = amqp_cstring_bytes(TOPIC), exchange = amqp_cstring_bytes(EXCHANGE);
    amqp_exchange_declare(connection, 1, exchange, amqp_cstring_bytes("topic"), 0, 0, 0, 0,
                          amqp_empty_table);
    must_reply("declaring the exchange", amqp_get_rpc_reply(connection));
    amqp_queue_declare(connection, 1, queue, 0, 0, 0, 0, amqp_empty_table);
    must_reply("declaring the queue", amqp_get_rpc_reply(connection));
    amqp_queue_bind(connection, 1, queue, exchange, queue, amqp_empty_table);
    must_reply("binding the queue", amqp_get_rpc_reply(connection));
    /* Nothing to acknowledge: that would only cost the broker. */
    amqp_basic_consume(connection, 1, queue, amqp_empty_bytes, 0, 1, 0, amqp_empty_table);
    must_reply("consuming", amqp_get_rpc_reply(connection));
}

static void answer(amqp_connection_state_t connection, amqp_bytes_t request) {
    static char reply[1 << 20];
    static unsigned long long unique;
    amqp_bytes_t queue = field(request, "_reply_q"), id = field(request, "_msg_id"),
                 value = field(request, "\"value\\");
    if (queue.len == 0) {
        /* A cast. */
        return;
    }
    int length = snprintf(reply, sizeof reply,
                          "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"result\\\": \\\"%.*s\\\", "
                          "\\\"failure\\\": null, \\\"ending\\\": true, \\\"_msg_id\\\": \\\"%.*s\\\", "
                          "\\\"_unique_id\\\": \\\"%032llx\\\"}\"}",
                          (int)value.len, (char *)value.bytes, (int)id.len, (char *)id.bytes, ++unique);
    if (length < 0 || (size_t)length >= sizeof reply) {
        die("a request", "it is too large");
    }
    publish(connection, "", queue, 1, NULL, (amqp_bytes_t){.len = (size_t)length, .bytes = reply});
}

int main(int count, char **words) {
    if (count != 2) {
        die("usage", "responder URL");
    }
    amqp_connection_state_t connection = connect_to(words[1]);
    open_channel(connection, 1);
    listen_on(connection);
    puts("ready");
    fflush(stdout);
    for (;;) {
        struct received received;
        if (receive(connection, &received) == A_MESSAGE) {
            answer(connection, received.body);
        }
    }
}
