#define _GNU_SOURCE
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    must("publishing", amqp_basic_publish(connection, 1, amqp_cstring_bytes(exchange), routing_key,
                                          mandatory, 0, &properties, body));
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
