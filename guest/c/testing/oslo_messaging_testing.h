/*
 * Plays the host, so that a plugin's code is tested natively: with the machine's own compiler,
 * without a component and without a broker.
 *
 *     oslo_testing_grant("default");
 *     oslo_testing_method("free_memory", oslo_testing_result("512"));
 *     oslo_testing_method("reboot", oslo_testing_exception("builtins", "ValueError", "no"));
 *
 *     assert(free_memory("host-1") == 512);            // what is tested
 *     assert(strcmp(oslo_testing_sent(0)->server, "host-1") == 0);
 *     assert(oslo_testing_open() == 0);                // it freed everything
 *     oslo_testing_reset();
 *
 * The SDK is the real one; only what it calls is played. Refused is what a host refuses before it
 * sends: transports that were not granted, targets without a topic, calls with fanout, versions
 * above a cap, arguments that do not look like an object (nothing else of JSON is looked at).
 * Nothing takes time: a method that is to time out fails with `OSLO_ERROR_TIMEOUT`.
 *
 * `pkg-config --cflags --libs oslo-messaging-testing` says what to compile a test with.
 */
#ifndef OSLO_MESSAGING_TESTING_H
#define OSLO_MESSAGING_TESTING_H

#include "oslo_messaging.h"
#include "oslo_messaging_notify.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Grants a transport of this name. */
void oslo_testing_grant(const char *transport);

/* Forgets transports, methods, what was sent and how notifications end. */
void oslo_testing_reset(void);

/* A message that the plugin sent. Texts are NULL where nothing is set, and valid until the reset. */
typedef struct oslo_testing_message {
    bool is_cast;
    const char *transport;
    const char *exchange, *topic, *namespace_name, *version, *server;
    bool fanout;
    const char *context, *method, *args;
    uint64_t timeout; /* nanoseconds */
} oslo_testing_message;

/* How many messages were sent, and each of them by its index; NULL when there is none. */
size_t oslo_testing_sent_count(void);
const oslo_testing_message *oslo_testing_sent(size_t index);

/* How many clients, notifiers, options and calls in flight the plugin has not freed. */
size_t oslo_testing_open(void);

/* How a call ends. Texts need to live until it has. */
typedef struct oslo_testing_end {
    oslo_error_kind kind;     /* OSLO_OK: with a result */
    oslo_outcome outcome;     /* of a timeout, a delivery failure or another error */
    const char *text;         /* the result's JSON, or the error's message */
    const char *type_module;  /* of an exception */
    const char *type_name;
} oslo_testing_end;

/* With a result, as JSON. */
oslo_testing_end oslo_testing_result(const char *json);

/* With an exception of the server. */
oslo_testing_end oslo_testing_exception(const char *type_module, const char *type_name,
                                        const char *message);

/* With an error of this kind. The outcome counts for the kinds that have none of their own. */
oslo_testing_end oslo_testing_error(oslo_error_kind kind, oslo_outcome outcome,
                                    const char *message);

/* Serves a method that always ends so, in place of an earlier one of this name. What is not served
 * raises `NoSuchMethod`, as a server does. Of a cast only what is known before a server has it
 * comes back. */
void oslo_testing_method(const char *name, oslo_testing_end end);

/* Serves a method whose end a function decides. */
typedef oslo_testing_end oslo_testing_handler(const oslo_testing_message *message, void *data);
void oslo_testing_handle(const char *name, oslo_testing_handler *handler, void *data);

/* A notification that the plugin sent. Texts are NULL where nothing is set, and valid until the reset. */
typedef struct oslo_testing_notification {
    oslo_priority priority;
    const char *transport, *publisher_id;
    const char *const *topics;
    size_t topic_count;
    const char *context, *event_type, *payload;
    uint64_t timeout; /* nanoseconds */
} oslo_testing_notification;

/* How many notifications were sent, those that failed included, and each of them by its index; NULL when
 * there is none. */
size_t oslo_testing_notified_count(void);
const oslo_testing_notification *oslo_testing_notified(size_t index);

/* From now on notifications end so: with any result, or with an error. */
void oslo_testing_notifications_end(oslo_testing_end end);

#ifdef __cplusplus
}
#endif

#endif
