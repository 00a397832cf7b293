/*
 * Many calls in flight from one plugin.
 *
 * A call is started, and goes on while others are started. `oslo_wait` returns the calls one by
 * one as they end, and `oslo_call_finish` gives what came of one and frees it.
 *
 *     for (size_t i = 0; i < 100; i++)
 *         oslo_call_start(client, OSLO_STR("{}"), OSLO_STR("ping"), OSLO_STR("{}"), NULL);
 *     for (oslo_call *call; (call = oslo_wait()) != NULL;)
 *         if (oslo_call_finish(call, &reply, &error)) ...
 *
 * Use it from an exported `async func` only: the host traps a plugin that waits in another one.
 * Every call must be finished or cancelled before that function returns.
 *
 * Who owns what: as in `oslo_messaging.h`. A call keeps copies of the texts it was given, and keeps
 * its client alive, so that both may be freed while it is in flight.
 */
#ifndef OSLO_MESSAGING_ASYNC_H
#define OSLO_MESSAGING_ASYNC_H

#include "oslo_messaging_error.h"
#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As `oslo_client`, for calls in flight. */
typedef struct oslo_async_client oslo_async_client;

/* A message in flight: a call or a cast. */
typedef struct oslo_call oslo_call;

/* These three, and the two at the end, are as those without `async` in `oslo_messaging.h`. */
bool oslo_async_client_open(oslo_str transport, const oslo_target *target,
                            const oslo_setting *settings, size_t count, oslo_async_client **client,
                            oslo_error *error);
bool oslo_async_client_prepare(const oslo_async_client *client, const oslo_setting *settings,
                               size_t count, oslo_async_client **prepared, oslo_error *error);
void oslo_async_client_free(oslo_async_client *client);

/* Starts a call. The result is never NULL: what is wrong with an argument is the error with which
 * the call ends. `tag` is whatever the caller wants to know the call by. */
oslo_call *oslo_call_start(oslo_async_client *client, oslo_str context, oslo_str method,
                           oslo_str args, void *tag);

/* Starts a cast, which ends when the broker has the message. */
oslo_call *oslo_cast_start(oslo_async_client *client, oslo_str context, oslo_str method,
                           oslo_str args, void *tag);

/* Waits until a call ends, and returns it: each one once, in the order in which they end. NULL
 * when every call was returned, finished or cancelled. */
oslo_call *oslo_wait(void);

/* The tag that a call was started with. */
void *oslo_call_tag(const oslo_call *call);

/* Gives what came of a call, and frees it; waits for it if it is still in flight. The reply of a
 * cast is none. */
bool oslo_call_finish(oslo_call *call, oslo_text *reply, oslo_error *error);

/* Forgets a call, and frees it. Whether the method is executed is then unknown. NULL is fine. */
void oslo_call_cancel(oslo_call *call);

bool oslo_async_client_can_send_version(const oslo_async_client *client, oslo_str version,
                                        bool *can, oslo_error *error);
bool oslo_async_remaining(uint64_t *nanoseconds);

#ifdef __cplusplus
}
#endif

#endif
