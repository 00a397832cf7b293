/* The export `notification-endpoint`, from the endpoint that a plugin defines. */
#include "oslo_messaging_notification.h"

#include "convert.h"

typedef oslo_messaging_notification_borrow_filter_t raw_filter;

/* Whether a text of an endpoint, which is C's, can be given to the host. */
static bool is_right(const char *text) {
    return text != NULL && oslo_is_utf8(oslo_str_of(text));
}

static oslo_raw_text lend(const char *text) {
    oslo_str given = oslo_str_of(text);
    oslo_raw_text raw = {(uint8_t *)given.ptr, given.len};
    return raw;
}

/* What is wrong with the endpoint; NULL: nothing. */
static const char *mistake(const oslo_notification_endpoint *endpoint) {
    if (endpoint->handle == NULL) {
        return "none: the endpoint has NULL for its `handle`";
    }
    if (endpoint->priorities == NULL && endpoint->priority_count > 0) {
        return "none: the endpoint has priorities that are NULL";
    }
    for (size_t i = 0; i < endpoint->priority_count; i++) {
        if (oslo_priority_name(endpoint->priorities[i]) == NULL) {
            return "unknown";
        }
    }
    if (endpoint->publisher_id != NULL && !is_right(endpoint->publisher_id)) {
        return "none: the endpoint has a `publisher_id` that is not UTF-8";
    }
    if (endpoint->event_type != NULL && !is_right(endpoint->event_type)) {
        return "none: the endpoint has an `event_type` that is not UTF-8";
    }
    if (endpoint->rules == NULL && endpoint->rule_count > 0) {
        return "none: the endpoint has rules that are NULL";
    }
    for (size_t i = 0; i < endpoint->rule_count; i++) {
        if (!is_right(endpoint->rules[i].name) || !is_right(endpoint->rules[i].regex)) {
            return "none: a rule of the endpoint has a `name` or `regex` that is NULL or not UTF-8";
        }
    }
    return NULL;
}

static void add_priority(raw_filter filter, const char *priority) {
    oslo_raw_text name = lend(priority);
    oslo_messaging_notification_method_filter_add_priority(filter, &name);
}

static void add(raw_filter filter, const oslo_rule *rule) {
    oslo_raw_text name = lend(rule->name), regex = lend(rule->regex);
    switch (rule->part) {
    case OSLO_OF_CONTEXT:
        oslo_messaging_notification_method_filter_add_context(filter, &name, &regex);
        return;
    case OSLO_OF_METADATA:
        oslo_messaging_notification_method_filter_add_metadata(filter, &name, &regex);
        return;
    case OSLO_OF_PAYLOAD:
        oslo_messaging_notification_method_filter_add_payload(filter, &name, &regex);
        return;
    }
}

exports_oslo_messaging_notification_endpoint_own_filter_t
exports_oslo_messaging_notification_endpoint_filter_rule(void) {
    const oslo_notification_endpoint *endpoint = &oslo_notifications;
    oslo_messaging_notification_own_filter_t own =
        oslo_messaging_notification_constructor_filter();
    raw_filter filter = oslo_messaging_notification_borrow_filter(own);
    const char *wrong = mistake(endpoint);
    if (wrong != NULL) {
        /* What no host takes for a priority, so that its operator is told. */
        add_priority(filter, wrong);
        return own;
    }
    for (size_t i = 0; i < endpoint->priority_count; i++) {
        add_priority(filter, oslo_priority_name(endpoint->priorities[i]));
    }
    if (endpoint->publisher_id != NULL) {
        oslo_raw_text regex = lend(endpoint->publisher_id);
        oslo_messaging_notification_method_filter_set_publisher_id(filter, &regex);
    }
    if (endpoint->event_type != NULL) {
        oslo_raw_text regex = lend(endpoint->event_type);
        oslo_messaging_notification_method_filter_set_event_type(filter, &regex);
    }
    for (size_t i = 0; i < endpoint->rule_count; i++) {
        add(filter, &endpoint->rules[i]);
    }
    return own;
}

typedef struct texts {
    oslo_text publisher_id, event_type, message_id, timestamp, context, payload;
} texts;

#define OF(function) oslo_messaging_notification_method_notification_##function

/* False for a priority that this SDK has no name for. */
static bool take(oslo_messaging_notification_own_notification_t own, texts *taken,
                 oslo_notification *notification) {
    oslo_messaging_notification_borrow_notification_t told =
        oslo_messaging_notification_borrow_notification(own);
    oslo_raw_text raw;
    bool is_some = OF(publisher_id)(told, &raw);
    taken->publisher_id = oslo_take_if(is_some, raw);
    is_some = OF(event_type)(told, &raw);
    taken->event_type = oslo_take_if(is_some, raw);
    is_some = OF(message_id)(told, &raw);
    taken->message_id = oslo_take_if(is_some, raw);
    is_some = OF(timestamp)(told, &raw);
    taken->timestamp = oslo_take_if(is_some, raw);
    OF(context)(told, &raw);
    taken->context = oslo_take_text(raw);
    OF(payload)(told, &raw);
    taken->payload = oslo_take_text(raw);
    *notification = (oslo_notification){
        .publisher_id = oslo_text_str(&taken->publisher_id),
        .event_type = oslo_text_str(&taken->event_type),
        .message_id = oslo_text_str(&taken->message_id),
        .timestamp = oslo_text_str(&taken->timestamp),
        .context = oslo_text_str(&taken->context),
        .payload = oslo_text_str(&taken->payload),
        .redelivered = OF(redelivered)(told),
    };
    OF(priority)(told, &raw);
    oslo_text name = oslo_take_text(raw);
    bool is_known = oslo_priority_of(oslo_text_str(&name), &notification->priority);
    oslo_text_free(&name);
    oslo_messaging_notification_notification_drop_own(own);
    return is_known;
}

bool exports_oslo_messaging_notification_endpoint_handle(
    exports_oslo_messaging_notification_endpoint_own_notification_t own) {
    texts taken;
    oslo_notification notification;
    bool is_done = !take(own, &taken, &notification) ||
                   oslo_notifications.handle(&notification) == OSLO_HANDLED;
    oslo_text *all[] = {&taken.publisher_id, &taken.event_type, &taken.message_id,
                        &taken.timestamp,    &taken.context,    &taken.payload};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        oslo_text_free(all[i]);
    }
    return is_done;
}
