/*
 * Calls methods of oslo.messaging servers from a WebAssembly plugin in C or C++.
 *
 *     oslo_target target = {.topic = OSLO_STR("compute"), .version = OSLO_STR("2.5")};
 *     oslo_client *compute;
 *     oslo_error error;
 *     oslo_text reply;
 *     if (!oslo_client_open(OSLO_STR("default"), &target, NULL, &compute, &error)) ...
 *     if (oslo_client_call(compute, OSLO_STR("{}"), OSLO_STR("free_memory"),
 *                          OSLO_STR("{\"unit\": \"MiB\"}"), NULL, &reply, &error)) {
 *         printf("%s MiB are free\n", reply.ptr);
 *         oslo_text_free(&reply);
 *     } else {
 *         printf("%s\n", oslo_error_message(&error));
 *         oslo_error_free(&error);
 *     }
 *     oslo_client_free(compute);
 *
 * A function that can fail returns true when it did not. What it gives goes to the places that its
 * last arguments point to, which it overwrites without reading them. Exactly one of them is then
 * to be freed: the result after true, the error after false; freeing the other is fine. Any of
 * these arguments may be NULL, and what would go there is thrown away.
 *
 * Values travel as JSON text; use any JSON library. Texts that are passed in are borrowed, must be
 * UTF-8 (it is checked) and are not kept. `oslo_messaging_pending.h` has many calls in flight, with
 * the same clients.
 */
#ifndef OSLO_MESSAGING_SDK_H
#define OSLO_MESSAGING_SDK_H

#include "oslo_messaging_error.h"
#include "oslo_messaging_options.h"
#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sends messages to one target over one transport. It is cheap: the host keeps the connections. */
typedef struct oslo_client oslo_client;

/* A client of the transport that the host granted under this name, with these options as its
 * settings; NULL for none. Nothing is connected or sent yet. Without a target nothing of one is
 * set. On success `*client` is the caller's, to free with `oslo_client_free`; otherwise it is
 * NULL. */
bool oslo_client_open(oslo_str transport, const oslo_target *target, const oslo_options *options,
                      oslo_client **client, oslo_error *error);

/* A copy of a client with some settings replaced. Either may be freed first. For one message
 * options of that message do. */
bool oslo_client_prepare(const oslo_client *client, const oslo_options *options,
                         oslo_client **prepared, oslo_error *error);

/* Frees a client. NULL is fine, and so are calls of its that are in flight: they go on. */
void oslo_client_free(oslo_client *client);

/* Calls a method and waits for its result. `context` and `args` are JSON objects; none stands for
 * an empty one. The options, or NULL, are for this message only. `*reply` is the JSON that the
 * method returned, the caller's to free. */
bool oslo_client_call(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      const oslo_options *options, oslo_text *reply, oslo_error *error);

/* Asks for a method to be executed, and returns when the broker has the message. No result and no
 * exception ever comes back. */
bool oslo_client_cast(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      const oslo_options *options, oslo_error *error);

/* One message of `oslo_call_all`. All of it is borrowed. */
typedef struct oslo_request {
    const oslo_client *client;
    oslo_str context;
    oslo_str method;
    oslo_str args;
    const oslo_options *options; /* for this message only; NULL if there are none */
} oslo_request;

/* What came of it: `reply` if `error.kind` is `OSLO_OK`. */
typedef struct oslo_result {
    oslo_text reply;
    oslo_error error;
} oslo_result;

/* Many calls in flight at the same time, by whichever clients. Returns when the last one has ended.
 * `results` has room for `count` of them; every one is overwritten, in the order of the requests,
 * and is the caller's to free. One failure does not touch the others. */
void oslo_call_all(const oslo_request *requests, size_t count, oslo_result *results);

/* Frees what is in a result. NULL is fine. */
void oslo_result_free(oslo_result *result);

/* Whether a message of this version would pass the client's version cap; with none, the version of
 * the client's target. */
bool oslo_client_can_send_version(const oslo_client *client, oslo_str version, bool *can,
                                  oslo_error *error);

/* What a client is, asked of the host: with everything that options replaced. Of a client that is
 * NULL they say what is empty: no text, false, zero. Texts are the caller's to free. */

/* The name of its transport. */
oslo_text oslo_client_transport(const oslo_client *client);

/* A target that owns its texts. */
typedef struct oslo_owned_target {
    oslo_text exchange, topic, namespace_name, version, server; /* none where nothing is set */
    bool fanout;
} oslo_owned_target;

/* Where its messages go; free it with `oslo_owned_target_free`. */
oslo_owned_target oslo_client_target(const oslo_client *client);

/* Frees the texts of a target and leaves none. NULL is fine. */
void oslo_owned_target_free(oslo_owned_target *target);

/* How many nanoseconds its calls and casts may take, never more than the host allows. */
uint64_t oslo_client_timeout(const oslo_client *client);

/* The highest version that it sends; none without a cap. */
oslo_text oslo_client_version_cap(const oslo_client *client);

/* These return false, and write nothing, where nothing is set. */
bool oslo_client_retry(const oslo_client *client, uint32_t *times);
bool oslo_client_call_monitor_timeout(const oslo_client *client, uint64_t *nanoseconds);
bool oslo_client_mandatory(const oslo_client *client, bool *mandatory);

/* The largest reply in bytes that it takes. */
uint64_t oslo_client_reply_bytes(const oslo_client *client);

/* The names of the transports that the host granted, in alphabetical order; the caller's to free. */
oslo_texts oslo_transports(void);

#ifdef __cplusplus
}
#endif

#endif
