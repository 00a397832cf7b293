/*
 * Notifications: tells whoever wants to know that something happened. What is sent before anybody
 * listens is kept.
 *
 *     oslo_notifier *notifier;
 *     oslo_error error;
 *     if (oslo_notifier_open(OSLO_STR("default"), OSLO_STR("compute.host-1"), &notifier, &error) &&
 *         oslo_notify(notifier, OSLO_PRIORITY_INFO, OSLO_STR("{}"),
 *                     OSLO_STR("compute.instance.create.end"), OSLO_STR("{\"id\": 7}"), &error)) ...
 *     oslo_notifier_free(notifier);
 *
 * It is for worlds that import `notifier`, as those of programs do. Texts, places and errors are as in
 * `oslo_messaging.h`.
 */
#ifndef OSLO_MESSAGING_SDK_NOTIFY_H
#define OSLO_MESSAGING_SDK_NOTIFY_H

#include "oslo_messaging_error.h"
#include "oslo_messaging_priority.h"
#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Sends notifications over one transport. It is cheap: the host keeps the connections. */
typedef struct oslo_notifier oslo_notifier;

/* A notifier of the transport that the host granted under this name. The publisher id says who it is,
 * such as `compute.host-1`; none says nothing. Nothing is connected or sent yet. On success `*notifier`
 * is the caller's, to free with `oslo_notifier_free`; otherwise it is NULL. */
bool oslo_notifier_open(oslo_str transport, oslo_str publisher_id, oslo_notifier **notifier,
                        oslo_error *error);

/* Frees a notifier. NULL is fine. */
void oslo_notifier_free(oslo_notifier *notifier);

/* Which topics get a copy each of what is sent from now on. NULL: the first that the operator granted,
 * mostly `notifications`. The host may not allow others, which sending tells. */
bool oslo_notifier_set_topics(oslo_notifier *notifier, const oslo_str *topics, size_t count,
                              oslo_error *error);

/* How many nanoseconds a notification may take in all. The host may make it shorter, never longer.
 * NULL: the transport's default, 60 s unless the operator set another. */
void oslo_notifier_set_timeout(oslo_notifier *notifier, const uint64_t *nanoseconds);

/* How many times a failed attempt to connect is repeated. NULL: until the timeout. What the broker may
 * already have is never sent again. */
void oslo_notifier_set_retry(oslo_notifier *notifier, const uint32_t *times);

/* Sends a notification, and returns when the broker has it. The context is a JSON object, none for an
 * empty one, that listeners get beside the payload: all of it is sent, so leave out what they must not
 * see. The payload is JSON, mostly an object; none stands for `null`.
 *
 * It is sent once to each topic. In an error `OSLO_NOT_EXECUTED` means that no topic has it, and
 * `OSLO_UNKNOWN` that one may have it. */
bool oslo_notify(const oslo_notifier *notifier, oslo_priority priority, oslo_str context,
                 oslo_str event_type, oslo_str payload, oslo_error *error);

/* What a notifier is, asked of the host; none of one that is NULL. Texts are the caller's to free. */
oslo_text oslo_notifier_transport(const oslo_notifier *notifier);
oslo_text oslo_notifier_publisher_id(const oslo_notifier *notifier);
oslo_texts oslo_notifier_topics(const oslo_notifier *notifier);

#ifdef __cplusplus
}
#endif

#endif
