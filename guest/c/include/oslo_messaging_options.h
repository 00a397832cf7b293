/*
 * Settings for a client, or for one message.
 *
 *     oslo_options *options = oslo_options_new();
 *     oslo_options_set_server(options, OSLO_STR("host-1"));
 *     oslo_options_set_timeout(options, OSLO_SECONDS(5));
 *     if (oslo_client_call(compute, context, method, args, options, &reply, &error)) ...
 *     oslo_options_free(options);
 *
 * A setting has three states: not set here, it stays what the client has; set to a value, it is
 * replaced; set to its default, it goes back to what is said at it. When a setting is set twice, the
 * last one counts.
 *
 * Setting never fails. What is wrong with a value is the error of the function that gets the
 * options: `invalid-argument`, with the name of the setting as its argument.
 *
 * Who owns what: options are the caller's, who frees them with `oslo_options_free`, at once after
 * the function that took them if they are not needed again. They may be used any number of times.
 */
#ifndef OSLO_MESSAGING_SDK_OPTIONS_H
#define OSLO_MESSAGING_SDK_OPTIONS_H

#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct oslo_options oslo_options;

/* Options that change nothing. Never NULL: when the plugin has more than 4096 of them open,
 * whatever gets these fails with `limit-exceeded` (`options`). */
oslo_options *oslo_options_new(void);

/* Frees options. NULL is fine. */
void oslo_options_free(oslo_options *options);

/* The setters read their texts and keep none. Options that are NULL stay so, and a text that is none
 * is as with `oslo_options_set_default`. */

/* The exchange of the target. Default: the transport's. */
void oslo_options_set_exchange(oslo_options *options, oslo_str exchange);

/* The topic of the target. Default: no topic, so that sending is refused. */
void oslo_options_set_topic(oslo_options *options, oslo_str topic);

/* The namespace of the target. Default: the servers' unnamed one. */
void oslo_options_set_namespace(oslo_options *options, oslo_str namespace_name);

/* The version of the target, `major.minor` or `major.minor.revision`. Default: no version. */
void oslo_options_set_version(oslo_options *options, oslo_str version);

/* The server of the target. Default: any server of the topic. */
void oslo_options_set_server(oslo_options *options, oslo_str server);

/* Whether a cast goes to every server of the topic. Default: it does not. */
void oslo_options_set_fanout(oslo_options *options, bool fanout);

/* How many nanoseconds a call or cast may take in all, counted from the moment it is made. The host
 * may make it shorter, never longer; zero times out at once. Default: the transport's, 60 s unless
 * the operator set another. */
void oslo_options_set_timeout(oslo_options *options, uint64_t nanoseconds);

/* The highest version that may be sent; anything else is refused with `version-cap`. Default: no
 * cap. */
void oslo_options_set_version_cap(oslo_options *options, oslo_str version_cap);

/* How many times a failed attempt to connect may be repeated; 0: not at all. What the broker may
 * already have is never sent again. Default: until the timeout. */
void oslo_options_set_retry(oslo_options *options, uint32_t times);

/* Asks the server for signs of life while a call runs, and gives up when none came for so many
 * nanoseconds, at least 2 s. The timeout still ends the call. Default: no monitoring. */
void oslo_options_set_call_monitor_timeout(oslo_options *options, uint64_t nanoseconds);

/* Whether to fail with `no-such-target` at once when no server's queue exists to take the message
 * (upstream calls it `at_least_once`). Default: calls do, casts do not. */
void oslo_options_set_mandatory(oslo_options *options, bool mandatory);

/* The largest reply in bytes that there is room for; a larger one is `invalid-reply`, and the
 * method was executed. Default: the host's limit. */
void oslo_options_set_reply_bytes(oslo_options *options, uint64_t bytes);

/* The settings by name. */
typedef enum oslo_option {
    OSLO_EXCHANGE,
    OSLO_TOPIC,
    OSLO_NAMESPACE,
    OSLO_VERSION,
    OSLO_SERVER,
    OSLO_FANOUT,
    OSLO_TIMEOUT,
    OSLO_VERSION_CAP,
    OSLO_RETRY,
    OSLO_CALL_MONITOR_TIMEOUT,
    OSLO_MANDATORY,
    OSLO_REPLY_BYTES,
} oslo_option;

/* Sets a setting back to its default, whatever the client has. */
void oslo_options_set_default(oslo_options *options, oslo_option option);

#ifdef __cplusplus
}
#endif

#endif
