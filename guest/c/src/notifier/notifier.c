/* Notifiers, over the interface `notifier`. */
#include "oslo_messaging_notify.h"

#include <stdlib.h>

#include "convert.h"

struct oslo_notifier {
    oslo_messaging_notifier_own_notifier_t handle;
};

#define HOST(function) oslo_messaging_notifier_method_notifier_##function

static oslo_messaging_notifier_borrow_notifier_t lend(const oslo_notifier *notifier) {
    return oslo_messaging_notifier_borrow_notifier(notifier->handle);
}

static bool check(const oslo_notifier *notifier, oslo_error *error) {
    return notifier != NULL || oslo_refuse("notifier", "is NULL", error);
}

bool oslo_notifier_open(oslo_str transport, oslo_str publisher_id, oslo_notifier **notifier,
                        oslo_error *error) {
    oslo_raw_text name;
    oslo_world_option_string_t publisher;
    if (notifier != NULL) {
        *notifier = NULL;
    }
    if (!oslo_lend_text(transport, "transport", &name, error) ||
        !oslo_lend_optional(publisher_id, "publisher-id", &publisher, error)) {
        return false;
    }
    oslo_messaging_notifier_own_notifier_t handle;
    oslo_raw_error raw;
    if (!oslo_messaging_notifier_static_notifier_open(
            &name, publisher.is_some ? &publisher.val : NULL, &handle, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    if (notifier == NULL) {
        oslo_messaging_notifier_notifier_drop_own(handle);
    } else {
        *notifier = oslo_allocate(1, sizeof **notifier);
        (*notifier)->handle = handle;
    }
    return oslo_succeed(error);
}

void oslo_notifier_free(oslo_notifier *notifier) {
    if (notifier != NULL) {
        oslo_messaging_notifier_notifier_drop_own(notifier->handle);
        free(notifier);
    }
}

bool oslo_notifier_set_topics(oslo_notifier *notifier, const oslo_str *topics, size_t count,
                              oslo_error *error) {
    if (!check(notifier, error)) {
        return false;
    }
    oslo_world_list_string_t list = {NULL, count};
    bool is_lent = true;
    if (topics != NULL) {
        list.ptr = oslo_allocate(count, sizeof *list.ptr);
        for (size_t i = 0; i < count && is_lent; i++) {
            is_lent = oslo_lend_text(topics[i], "topics", &list.ptr[i], error);
        }
    }
    oslo_raw_error raw;
    bool is_set = is_lent && HOST(set_topics)(lend(notifier), topics == NULL ? NULL : &list, &raw);
    free(list.ptr);
    if (is_lent && !is_set) {
        oslo_take_error(&raw, error);
    }
    return is_set && oslo_succeed(error);
}

void oslo_notifier_set_timeout(oslo_notifier *notifier, const uint64_t *nanoseconds) {
    if (notifier != NULL) {
        uint64_t given = nanoseconds == NULL ? 0 : *nanoseconds;
        HOST(set_timeout)(lend(notifier), nanoseconds == NULL ? NULL : &given);
    }
}

void oslo_notifier_set_retry(oslo_notifier *notifier, const uint32_t *times) {
    if (notifier != NULL) {
        uint32_t given = times == NULL ? 0 : *times;
        HOST(set_retry)(lend(notifier), times == NULL ? NULL : &given);
    }
}

bool oslo_notify(const oslo_notifier *notifier, oslo_priority priority, oslo_str context,
                 oslo_str event_type, oslo_str payload, oslo_error *error) {
    const char *name = oslo_priority_name(priority);
    oslo_raw_text raw_priority, raw_context, raw_event_type, raw_payload;
    if (!check(notifier, error)) {
        return false;
    }
    if (name == NULL) {
        return oslo_refuse("priority", "is none of those that there are", error);
    }
    if (!oslo_lend_text(oslo_str_of(name), "priority", &raw_priority, error) ||
        !oslo_lend_text(context.ptr == NULL ? OSLO_STR("{}") : context, "context", &raw_context,
                        error) ||
        !oslo_lend_text(event_type, "event-type", &raw_event_type, error) ||
        !oslo_lend_text(payload.ptr == NULL ? OSLO_STR("null") : payload, "payload", &raw_payload,
                        error)) {
        return false;
    }
    oslo_raw_error raw;
    if (!oslo_messaging_notifier_notify(lend(notifier), &raw_priority, &raw_context,
                                        &raw_event_type, &raw_payload, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    return oslo_succeed(error);
}

oslo_text oslo_notifier_transport(const oslo_notifier *notifier) {
    oslo_text none = {NULL, 0};
    oslo_raw_text name;
    if (notifier == NULL) {
        return none;
    }
    HOST(transport)(lend(notifier), &name);
    return oslo_take_text(name);
}

oslo_text oslo_notifier_publisher_id(const oslo_notifier *notifier) {
    oslo_raw_text id = {NULL, 0};
    return oslo_take_if(notifier != NULL && HOST(publisher_id)(lend(notifier), &id), id);
}

oslo_texts oslo_notifier_topics(const oslo_notifier *notifier) {
    oslo_texts none = {NULL, 0};
    oslo_world_list_string_t topics;
    if (notifier == NULL) {
        return none;
    }
    HOST(topics)(lend(notifier), &topics);
    return oslo_take_texts(topics.ptr, topics.len);
}
