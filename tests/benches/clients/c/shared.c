#define _GNU_SOURCE
#include "shared.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

static int is_corked;

void die(const char *what, const char *why) {
    fprintf(stderr, "%s: %s\n", what, why);
    exit(1);
}

void must(const char *what, int status) {
    if (status < 0) {
        die(what, amqp_error_string2(status));
    }
}

void must_reply(const char *what, amqp_rpc_reply_t reply) {
    if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION) {
        die(what, amqp_error_string2(reply.library_error));
    }
    if (reply.reply_type != AMQP_RESPONSE_NORMAL) {
        die(what, "the broker refused it");
    }
}

amqp_connection_state_t connect_to(const char *url) {
    struct amqp_connection_info to;
    char *parsed = strdup(url);
    must("the URL", amqp_parse_url(parsed, &to));
    amqp_connection_state_t connection = amqp_new_connection();
    amqp_socket_t *socket = amqp_tcp_socket_new(connection);
    if (socket == NULL) {
        die("the socket", "out of memory");
    }
    must("connecting", amqp_socket_open(socket, to.host, to.port));
    must_reply("logging in", amqp_login(connection, to.vhost, 0, 131072, 0, AMQP_SASL_METHOD_PLAIN,
                                        to.user, to.password));
    free(parsed);
    return connection;
}

void open_channel(amqp_connection_state_t connection, amqp_channel_t channel) {
    amqp_channel_open(connection, channel);
    must_reply("opening a channel", amqp_get_rpc_reply(connection));
}

/* Whether the kernel holds back what is written, for one packet instead of many. */
static void cork(amqp_connection_state_t connection, int on) {
    if (on != is_corked) {
        is_corked = on;
        setsockopt(amqp_get_sockfd(connection), IPPROTO_TCP, TCP_CORK, &on, sizeof on);
    }
}

void publish(amqp_connection_state_t connection, const char *exchange, amqp_bytes_t routing_key,
             int mandatory, const char *expiration, amqp_bytes_t body) {
    amqp_basic_properties_t properties = {
        ._flags = AMQP_BASIC_CONTENT_TYPE_FLAG | AMQP_BASIC_CONTENT_ENCODING_FLAG |
                  AMQP_BASIC_HEADERS_FLAG | AMQP_BASIC_DELIVERY_MODE_FLAG |
                  AMQP_BASIC_PRIORITY_FLAG,
        .content_type = amqp_cstring_bytes("application/json"),
        .content_encoding = amqp_cstring_bytes("utf-8"),
        .headers = amqp_empty_table,
        .delivery_mode = 2,
        .priority = 0,
    };
    if (expiration != NULL) {
        properties._flags |= AMQP_BASIC_EXPIRATION_FLAG;
        properties.expiration = amqp_cstring_bytes(expiration);
    }
    if (amqp_data_in_buffer(connection)) {
        cork(connection, 1);
    }
    must("publishing", amqp_basic_publish(connection, 1, amqp_cstring_bytes(exchange), routing_key,
                                          mandatory, 0, &properties, body));
}

static void next_frame(amqp_connection_state_t connection, amqp_frame_t *frame) {
    amqp_maybe_release_buffers(connection);
    if (is_corked) {
        struct timeval at_once = {0, 0};
        int status = amqp_simple_wait_frame_noblock(connection, frame, &at_once);
        if (status != AMQP_STATUS_TIMEOUT) {
            must("receiving", status);
            return;
        }
        cork(connection, 0);
    }
    must("receiving", amqp_simple_wait_frame(connection, frame));
}

enum incoming receive(amqp_connection_state_t connection, struct received *received) {
    static char body[1 << 20];
    static size_t size, length;
    static uint64_t tag;
    amqp_frame_t frame;
    next_frame(connection, &frame);
    if (frame.frame_type == AMQP_FRAME_METHOD && frame.payload.method.id == AMQP_BASIC_ACK_METHOD) {
        amqp_basic_ack_t *ack = frame.payload.method.decoded;
        received->tag = ack->delivery_tag;
        received->multiple = ack->multiple;
        return A_CONFIRMATION;
    }
    if (frame.frame_type == AMQP_FRAME_METHOD &&
        frame.payload.method.id == AMQP_BASIC_DELIVER_METHOD) {
        amqp_basic_deliver_t *deliver = frame.payload.method.decoded;
        tag = deliver->delivery_tag;
        length = 0;
    } else if (frame.frame_type == AMQP_FRAME_HEADER) {
        size = frame.payload.properties.body_size;
        if (size > sizeof body) {
            die("a message", "it is too large");
        }
    } else if (frame.frame_type == AMQP_FRAME_BODY) {
        amqp_bytes_t part = frame.payload.body_fragment;
        memcpy(body + length, part.bytes, part.len);
        length += part.len;
        if (length == size) {
            received->tag = tag;
            received->body = (amqp_bytes_t){.len = size, .bytes = body};
            return A_MESSAGE;
        }
    } else {
        die("receiving", "the broker refused something");
    }
    return NOTHING_WHOLE;
}

amqp_bytes_t field(amqp_bytes_t message, const char *name) {
    char *end = (char *)message.bytes + message.len;
    char *at = memmem(message.bytes, message.len, name, strlen(name));
    if (at == NULL) {
        return amqp_empty_bytes;
    }
    at += strlen(name);
    /* Between a name and its text: the quotes with their escapes, the colon, perhaps a space. */
    while (at < end && strchr("\\\": ", *at) != NULL) {
        at++;
    }
    char *after = at;
    while (after < end && *after != '\\' && *after != '"') {
        after++;
    }
    return (amqp_bytes_t){.len = (size_t)(after - at), .bytes = at};
}
