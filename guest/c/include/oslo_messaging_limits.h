/*
 * What the host allows this plugin. Nobody needs to ask: what is over a limit is an error that says
 * so. All but the first stay the same for as long as the plugin runs.
 */
#ifndef OSLO_MESSAGING_SDK_LIMITS_H
#define OSLO_MESSAGING_SDK_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is left of the time that the host gave to this run of the plugin. False when it set no
 * limit, and then `*nanoseconds` is not written. */
bool oslo_remaining(uint64_t *nanoseconds);

/* The largest request in bytes: context, method and arguments together. */
uint64_t oslo_limit_request_bytes(void);

/* The largest reply in bytes. */
uint64_t oslo_limit_reply_bytes(void);

/* How many bytes of replies may have come that the plugin does not have yet, of `oslo_call_all` and
 * of calls in flight. */
uint64_t oslo_limit_held_reply_bytes(void);

/* How many calls and casts run at the same time; further ones wait for their turn. */
uint32_t oslo_limit_calls_in_flight(void);

/* How many calls and casts may run or wait for their turn. */
uint32_t oslo_limit_pending_calls(void);

/* How many requests go into one `oslo_call_all`. */
uint32_t oslo_limit_requests(void);

#ifdef __cplusplus
}
#endif

#endif
