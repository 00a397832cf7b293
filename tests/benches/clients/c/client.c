/* The client that ours is compared with: one thread, one connection, librabbitmq's own frames, and the
 * acknowledgements and confirmations that ours has.
 *
 *     client URL
 *
 * Reads lines `call|cast AT_ONCE BYTES COUNT` and answers each with a line of JSON: what that took. */

#define _GNU_SOURCE
#include "shared.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { PUBLISH = 1, REPLIES = 2, MOST_AT_ONCE = 1024, ACK_AFTER = 128, PREFETCH = 512 };

static char reply_queue[64];
static char request[1 << 20];

/* Everything sent so far, and of that everything confirmed: the broker's own numbers. */
static unsigned long long published, confirmed;

/* The last reply of those not acknowledged, and how many they are. */
static uint64_t last_reply;
static unsigned unacknowledged;

/* The work of a line. */
static double *latencies;
static double began[MOST_AT_ONCE];
static unsigned done;

static double seconds(struct timeval time) { return (double)time.tv_sec + (double)time.tv_usec / 1e6; }

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void send_request(amqp_connection_state_t connection, int is_call, unsigned slot,
                         const char *value) {
    char waits[160] = "";
    if (is_call) {
        snprintf(waits, sizeof waits, "\\\"_msg_id\\\": \\\"%08x%024llx\\\", \\\"_reply_q\\\": \\\"%s\\\", "
                 "\\\"_timeout\\\": null, ", slot, published, reply_queue);
    }
    int length = snprintf(request, sizeof request,
                          "{\"oslo.version\": \"2.0\", \"oslo.message\": \"{\\\"method\\\": \\\"echo\\\", "
                          "\\\"args\\\": {\\\"value\\\": \\\"%s\\\"}, \\\"version\\\": \\\"1.0\\\", %s"
                          "\\\"_unique_id\\\": \\\"%032llx\\\"}\"}",
                          value, waits, published);
    if (length < 0 || (size_t)length >= sizeof request) {
        die("a request", "it is too large");
    }
    began[slot] = now();
    publish(connection, EXCHANGE, amqp_cstring_bytes(TOPIC), is_call, is_call ? "60000" : NULL,
            (amqp_bytes_t){.len = (size_t)length, .bytes = request});
    published++;
}

static void finish(unsigned slot) { latencies[done++] = now() - began[slot]; }

static void acknowledge(amqp_connection_state_t connection, unsigned after) {
    if (unacknowledged >= after) {
        must("acknowledging", amqp_basic_ack(connection, REPLIES, last_reply, 1));
        unacknowledged = 0;
    }
}

/* Reads one frame. The slot that got its reply, or none. */
static int next_reply(amqp_connection_state_t connection) {
    struct received received;
    switch (receive(connection, &received)) {
    case A_CONFIRMATION:
        /* All goes to one queue, which confirms in turn. */
        if (received.multiple ? received.tag <= confirmed : received.tag != confirmed + 1) {
            die("a confirmation", "it is out of turn");
        }
        confirmed = received.tag;
        return -1;
    case A_MESSAGE: {
        amqp_bytes_t id = field(received.body, "_msg_id");
        char slot[9] = "";
        if (id.len != 32) {
            die("a reply", "it has no _msg_id");
        }
        memcpy(slot, id.bytes, 8);
        last_reply = received.tag;
        unacknowledged++;
        acknowledge(connection, ACK_AFTER);
        return (int)strtoul(slot, NULL, 16);
    }
    default:
        return -1;
    }
}

static void call(amqp_connection_state_t connection, unsigned at_once, unsigned count,
                 const char *value) {
    unsigned sent = 0;
    for (; sent < at_once && sent < count; sent++) {
        send_request(connection, 1, sent, value);
    }
    while (done < count) {
        int slot = next_reply(connection);
        if (slot < 0) {
            continue;
        }
        if ((unsigned)slot >= at_once) {
            die("a reply", "nobody asked for it");
        }
        finish((unsigned)slot);
        if (sent < count) {
            send_request(connection, 1, (unsigned)slot, value);
            sent++;
        }
    }
}

static void cast(amqp_connection_state_t connection, unsigned at_once, unsigned count,
                 const char *value) {
    unsigned long long first = published;
    while (done < count) {
        while (published - confirmed < at_once && published - first < count) {
            send_request(connection, 0, (unsigned)((published - first) % at_once), value);
        }
        next_reply(connection);
        while (first + done < confirmed) {
            finish(done % at_once);
        }
    }
}

static void work(amqp_connection_state_t connection, const char *verb, unsigned at_once,
                 unsigned bytes, unsigned count) {
    char *value = malloc(bytes + 1);
    latencies = malloc(count * sizeof *latencies);
    if (value == NULL || latencies == NULL || at_once == 0 || at_once > MOST_AT_ONCE) {
        die("the work", "it is too much");
    }
    memset(value, 'x', bytes);
    value[bytes] = '\0';
    done = 0;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    double begin = now();
    if (strcmp(verb, "cast") == 0) {
        cast(connection, at_once, count, value);
    } else {
        call(connection, at_once, count, value);
    }
    double took = now() - begin;
    getrusage(RUSAGE_SELF, &after);
    printf("{\"seconds\": %.9f, \"processor\": %.9f, \"switches\": %ld, \"latencies\": [", took,
           seconds(after.ru_utime) + seconds(after.ru_stime) - seconds(before.ru_utime) -
               seconds(before.ru_stime),
           after.ru_nvcsw - before.ru_nvcsw);
    for (unsigned at = 0; at < done; at++) {
        printf("%s%.1f", at == 0 ? "" : ",", latencies[at] * 1e6);
    }
    puts("]}");
    fflush(stdout);
    free(value);
    free(latencies);
    /* Not measured, as elsewhere: what is still owed. */
    acknowledge(connection, 1);
    while (confirmed < published) {
        next_reply(connection);
    }
}

int main(int count, char **words) {
    if (count != 2) {
        die("usage", "client URL");
    }
    amqp_connection_state_t connection = connect_to(words[1]);
    open_channel(connection, PUBLISH);
    open_channel(connection, REPLIES);
    amqp_confirm_select(connection, PUBLISH);
    must_reply("confirmations", amqp_get_rpc_reply(connection));
    snprintf(reply_queue, sizeof reply_queue, "reply_c_%ld_%ld", (long)time(NULL), (long)clock());
    amqp_bytes_t queue = amqp_cstring_bytes(reply_queue);
    amqp_table_entry_t expires = {
        .key = amqp_cstring_bytes("x-expires"),
        .value = {.kind = AMQP_FIELD_KIND_I32, .value = {.i32 = 1800000}},
    };
    amqp_queue_declare(connection, REPLIES, queue, 0, 0, 0, 0,
                       (amqp_table_t){.num_entries = 1, .entries = &expires});
    must_reply("declaring the reply queue", amqp_get_rpc_reply(connection));
    amqp_basic_qos(connection, REPLIES, 0, PREFETCH, 0);
    must_reply("a prefetch", amqp_get_rpc_reply(connection));
    amqp_basic_consume(connection, REPLIES, queue, amqp_empty_bytes, 0, 0, 0, amqp_empty_table);
    must_reply("consuming replies", amqp_get_rpc_reply(connection));

    char verb[8];
    unsigned at_once, bytes, calls;
    puts("ready");
    fflush(stdout);
    while (scanf("%7s %u %u %u", verb, &at_once, &bytes, &calls) == 4) {
        work(connection, verb, at_once, bytes, calls);
    }
    amqp_connection_close(connection, AMQP_REPLY_SUCCESS);
    return 0;
}
