/*
 * Many calls in flight from one plugin.
 *
 * A call is started, and goes on while others are started, or while the plugin computes. `oslo_wait`
 * returns the calls one by one as they end, and `oslo_pending_finish` gives what came of one and
 * frees it.
 *
 *     for (size_t i = 0; i < 100; i++)
 *         oslo_start_call(client, OSLO_STR("{}"), OSLO_STR("ping"), OSLO_STR("{}"), NULL, NULL);
 *     for (oslo_pending *call; (call = oslo_wait()) != NULL;)
 *         if (oslo_pending_finish(call, &reply, &error)) ...
 *
 * A program with `main` has it without further ado. A world of your own needs `rpc-poll` or
 * `rpc-async` of `oslo:messaging` for it. With `rpc-poll` it works in any exported function. With
 * `rpc-async` only in an exported `async func`, because the host traps a plugin that waits in
 * another one, and every call must be finished or cancelled before that function returns.
 *
 * Who owns what: as in `oslo_messaging.h`. Texts, client and options may be freed as soon as the
 * call is started.
 */
#ifndef OSLO_MESSAGING_SDK_PENDING_H
#define OSLO_MESSAGING_SDK_PENDING_H

#include "oslo_messaging.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A message in flight: a call or a cast. */
typedef struct oslo_pending oslo_pending;

/* Starts a call, whose timeout counts from here. The result is never NULL: what is wrong with an
 * argument is the error with which the call ends. `tag` is whatever the caller wants to know the
 * call by. */
oslo_pending *oslo_start_call(const oslo_client *client, oslo_str context, oslo_str method,
                              oslo_str args, const oslo_options *options, void *tag);

/* Starts a cast, which ends when the broker has the message. */
oslo_pending *oslo_start_cast(const oslo_client *client, oslo_str context, oslo_str method,
                              oslo_str args, const oslo_options *options, void *tag);

/* Waits until a call ends, and returns it: each one once, in the order in which they end. NULL
 * when every call was returned, finished or cancelled. */
oslo_pending *oslo_wait(void);

/* Waits until one of these has ended, and returns its index; NULL among them is passed over. Those
 * that have ended already count, whether `oslo_wait` returned them or not. `count` when all are
 * NULL. */
size_t oslo_wait_any(oslo_pending *const *pendings, size_t count);

/* Whether it has ended, without waiting. True for NULL. */
bool oslo_pending_is_over(oslo_pending *pending);

/* The tag that it was started with. */
void *oslo_pending_tag(const oslo_pending *pending);

/* Gives what came of it, and frees it; waits for it if it is still in flight. The reply of a cast
 * is none. */
bool oslo_pending_finish(oslo_pending *pending, oslo_text *reply, oslo_error *error);

/* Forgets it, and frees it. Whether the method is executed is then unknown. NULL is fine. */
void oslo_pending_cancel(oslo_pending *pending);

#ifdef __cplusplus
}
#endif

#endif
