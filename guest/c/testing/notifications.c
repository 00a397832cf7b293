/* Notifiers, as the host has them, and what was sent with them. */
#include <stdio.h>
#include <stdlib.h>

#include "played.h"

typedef struct played_notifier {
    char *transport, *publisher_id;
    char **topics;
    size_t topic_count;
    uint64_t timeout;
} played_notifier;

static played_list all_notifiers, notified;
static oslo_testing_end end_of_all;

static void *allocate(size_t count, size_t size) {
    void *made = calloc(count == 0 ? 1 : count, size);
    if (made == NULL) {
        abort();
    }
    return made;
}

static char *copy(const oslo_world_string_t *text) {
    return oslo_played_copy((const char *)text->ptr, text->len);
}

static void free_topics(char **topics, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(topics[i]);
    }
    free(topics);
}

static bool refuse(oslo_messaging_types_error_t *error, const char *argument, const char *why) {
    oslo_testing_end end =
        oslo_testing_error(OSLO_ERROR_INVALID_ARGUMENT, OSLO_NOT_EXECUTED, why);
    return oslo_played_fail(error, end, argument);
}

static void set_topics(played_notifier *notifier, const oslo_world_list_string_t *topics) {
    free_topics(notifier->topics, notifier->topic_count);
    notifier->topic_count = topics == NULL ? 1 : topics->len;
    notifier->topics = allocate(notifier->topic_count, sizeof *notifier->topics);
    for (size_t i = 0; i < notifier->topic_count; i++) {
        notifier->topics[i] = topics == NULL ? oslo_played_copy("notifications", 13)
                                             : copy(&topics->ptr[i]);
    }
}

bool oslo_messaging_notifier_static_notifier_open(oslo_world_string_t *transport,
                                                  oslo_world_string_t *maybe_publisher_id,
                                                  oslo_messaging_notifier_own_notifier_t *ret,
                                                  oslo_messaging_notifier_error_t *err) {
    char *name = copy(transport);
    if (!oslo_played_is_granted(name)) {
        char message[256];
        snprintf(message, sizeof message, "no transport `%s` is granted", name);
        free(name);
        oslo_testing_end end =
            oslo_testing_error(OSLO_ERROR_ACCESS_DENIED, OSLO_NOT_EXECUTED, message);
        return oslo_played_fail(err, end, "default");
    }
    played_notifier *notifier = allocate(1, sizeof *notifier);
    notifier->transport = name;
    notifier->publisher_id = maybe_publisher_id == NULL ? NULL : copy(maybe_publisher_id);
    notifier->timeout = OSLO_SECONDS(60);
    set_topics(notifier, NULL);
    ret->__handle = (int32_t)oslo_played_add(&all_notifiers, notifier);
    oslo_played_open++;
    return true;
}

void oslo_messaging_notifier_notifier_drop_own(oslo_messaging_notifier_own_notifier_t own) {
    played_notifier *notifier = oslo_played_take(&all_notifiers, own.__handle);
    free_topics(notifier->topics, notifier->topic_count);
    free(notifier->transport);
    free(notifier->publisher_id);
    free(notifier);
    oslo_played_open--;
}

oslo_messaging_notifier_borrow_notifier_t
oslo_messaging_notifier_borrow_notifier(oslo_messaging_notifier_own_notifier_t own) {
    oslo_messaging_notifier_borrow_notifier_t lent = {own.__handle};
    return lent;
}

bool oslo_messaging_notifier_method_notifier_set_topics(
    oslo_messaging_notifier_borrow_notifier_t self, oslo_world_list_string_t *maybe_topics,
    oslo_messaging_notifier_error_t *err) {
    for (size_t i = 0; maybe_topics != NULL && i < maybe_topics->len; i++) {
        if (maybe_topics->ptr[i].len == 0) {
            return refuse(err, "topics", "a topic is empty");
        }
    }
    if (maybe_topics != NULL && maybe_topics->len == 0) {
        return refuse(err, "topics", "there has to be one");
    }
    set_topics(oslo_played_get(&all_notifiers, self.__handle), maybe_topics);
    return true;
}

void oslo_messaging_notifier_method_notifier_set_timeout(
    oslo_messaging_notifier_borrow_notifier_t self,
    oslo_messaging_notifier_duration_t *maybe_timeout) {
    played_notifier *notifier = oslo_played_get(&all_notifiers, self.__handle);
    notifier->timeout = maybe_timeout == NULL ? OSLO_SECONDS(60) : *maybe_timeout;
}

void oslo_messaging_notifier_method_notifier_set_retry(
    oslo_messaging_notifier_borrow_notifier_t self, uint32_t *maybe_retry) {
    (void)oslo_played_get(&all_notifiers, self.__handle), (void)maybe_retry;
}

void oslo_messaging_notifier_method_notifier_transport(
    oslo_messaging_notifier_borrow_notifier_t self, oslo_world_string_t *ret) {
    played_notifier *notifier = oslo_played_get(&all_notifiers, self.__handle);
    *ret = oslo_played_give(notifier->transport);
}

bool oslo_messaging_notifier_method_notifier_publisher_id(
    oslo_messaging_notifier_borrow_notifier_t self, oslo_world_string_t *ret) {
    played_notifier *notifier = oslo_played_get(&all_notifiers, self.__handle);
    if (notifier->publisher_id != NULL) {
        *ret = oslo_played_give(notifier->publisher_id);
    }
    return notifier->publisher_id != NULL;
}

void oslo_messaging_notifier_method_notifier_topics(
    oslo_messaging_notifier_borrow_notifier_t self, oslo_world_list_string_t *ret) {
    played_notifier *notifier = oslo_played_get(&all_notifiers, self.__handle);
    ret->len = notifier->topic_count;
    ret->ptr = allocate(ret->len, sizeof *ret->ptr);
    for (size_t i = 0; i < ret->len; i++) {
        ret->ptr[i] = oslo_played_give(notifier->topics[i]);
    }
}

bool oslo_messaging_notifier_notify(oslo_messaging_notifier_borrow_notifier_t notifier,
                                    oslo_world_string_t *priority,
                                    oslo_messaging_notifier_json_t *context,
                                    oslo_world_string_t *event_type,
                                    oslo_messaging_notifier_json_t *payload,
                                    oslo_messaging_notifier_error_t *err) {
    played_notifier *from = oslo_played_get(&all_notifiers, notifier.__handle);
    oslo_testing_notification *sent = allocate(1, sizeof *sent);
    if (!oslo_played_is_object(context)) {
        free(sent);
        return refuse(err, "context", "it must be a JSON object, such as {}");
    }
    oslo_str name = {(char *)priority->ptr, priority->len};
    (void)oslo_priority_of(name, &sent->priority);
    sent->transport = oslo_played_copy(from->transport, strlen(from->transport));
    sent->publisher_id = from->publisher_id == NULL
                             ? NULL
                             : oslo_played_copy(from->publisher_id, strlen(from->publisher_id));
    sent->topic_count = from->topic_count;
    char **topics = allocate(from->topic_count, sizeof *topics);
    for (size_t i = 0; i < from->topic_count; i++) {
        topics[i] = oslo_played_copy(from->topics[i], strlen(from->topics[i]));
    }
    sent->topics = (const char *const *)topics;
    sent->context = copy(context);
    sent->event_type = copy(event_type);
    sent->payload = copy(payload);
    sent->timeout = from->timeout;
    oslo_played_add(&notified, sent);
    return end_of_all.kind == OSLO_OK || oslo_played_fail(err, end_of_all, "");
}

void oslo_testing_notifications_end(oslo_testing_end end) {
    end_of_all = end;
}

size_t oslo_testing_notified_count(void) {
    return notified.count;
}

const oslo_testing_notification *oslo_testing_notified(size_t index) {
    return index < notified.count ? notified.ptr[index] : NULL;
}

void oslo_played_forget_notifications(void) {
    for (size_t i = 0; i < notified.count; i++) {
        oslo_testing_notification *sent = notified.ptr[i];
        const char *texts[] = {sent->transport, sent->publisher_id, sent->context,
                               sent->event_type, sent->payload};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            free((char *)texts[k]);
        }
        free_topics((char **)sent->topics, sent->topic_count);
        free(sent);
    }
    oslo_played_forget(&notified);
    end_of_all = (oslo_testing_end){0};
}
