/*
 * Handling notifications: a plugin that is told what happens elsewhere.
 *
 * A plugin whose world exports `notification-endpoint` defines `oslo_notifications`:
 *
 *     static oslo_notification_result handle(const oslo_notification *notification) {
 *         return remember(notification->event_type, notification->payload) ? OSLO_HANDLED
 *                                                                          : OSLO_REQUEUE;
 *     }
 *
 *     static const oslo_rule rules[] = {{OSLO_OF_PAYLOAD, "state", "^active$"}};
 *     const oslo_notification_endpoint oslo_notifications = {
 *         .event_type = "^compute[.]instance[.]",
 *         OSLO_RULES(rules),
 *         .handle = handle,
 *     };
 *
 * The operator says of which transport, exchange, topics and pool; the plugin says which of them. An
 * instance handles one notification at a time; whether the next one finds the same instance is the
 * host's choice. One is acknowledged when the function has returned: each comes at least once.
 */
#ifndef OSLO_MESSAGING_SDK_NOTIFICATION_H
#define OSLO_MESSAGING_SDK_NOTIFICATION_H

#include "oslo_messaging_priority.h"
#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Something that happened. Its texts are borrowed, and are there until the function returns. What is
 * absent in the message, or no text where there should be one, is none. */
typedef struct oslo_notification {
    oslo_priority priority;
    /* Who says it, such as `compute.host-1`, and what happened. */
    oslo_str publisher_id, event_type;
    /* The id of the notification, the same for all copies of it, and when it was sent, as its sender
     * wrote it: Python writes `2026-01-02 03:04:05.000600`, in UTC. */
    oslo_str message_id, timestamp;
    /* What the sender says beside the payload, a JSON object, and what is told, which is JSON. */
    oslo_str context, payload;
    /* Whether it was handed out before. */
    bool redelivered;
} oslo_notification;

/* What becomes of a notification. */
typedef enum oslo_notification_result {
    OSLO_HANDLED, /* it is done with */
    OSLO_REQUEUE, /* it should come again; if the operator does not allow that, it is forgotten */
} oslo_notification_result;

/* What a rule is about. */
typedef enum oslo_rule_part {
    OSLO_OF_CONTEXT,
    OSLO_OF_METADATA, /* its names are `message_id` and `timestamp` */
    OSLO_OF_PAYLOAD,  /* which then has to be an object */
} oslo_rule_part;

/* What the value of a name has to match; neither is NULL. */
typedef struct oslo_rule {
    oslo_rule_part part;
    const char *name;
    const char *regex;
} oslo_rule;

/* Which notifications a plugin wants, and what handles them: those of its priorities that match all of
 * its regular expressions. One matches from the beginning of a text, and need not reach its end. The
 * host says to its operator what is no regular expression, and that there is no `handle`. */
typedef struct oslo_notification_endpoint {
    /* NULL: all of them. */
    const oslo_priority *priorities;
    size_t priority_count;
    /* NULL: any. */
    const char *publisher_id;
    const char *event_type;
    /* All of them have to match. */
    const oslo_rule *rules;
    size_t rule_count;
    oslo_notification_result (*handle)(const oslo_notification *notification);
} oslo_notification_endpoint;

/* The fields of an endpoint for an array. */
#define OSLO_WANTED(array) .priorities = (array), .priority_count = sizeof(array) / sizeof((array)[0])
#define OSLO_RULES(array) .rules = (array), .rule_count = sizeof(array) / sizeof((array)[0])

/* What a plugin that handles notifications defines. */
extern const oslo_notification_endpoint oslo_notifications;

#ifdef __cplusplus
}
#endif

#endif
