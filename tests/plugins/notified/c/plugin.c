/* Handles notifications as tests/python/notified_endpoints.py does. */
#include <stdlib.h>

#include <oslo_messaging_notification.h>
#include <oslo_messaging_notify.h>
#include <yyjson.h>

static int64_t counted;

/* The ids of those that are to come again. */
static char *seen[64];
static size_t seen_count;

static bool was_seen(const char *id) {
    for (size_t i = 0; i < seen_count; i++) {
        if (strcmp(seen[i], id) == 0) {
            return true;
        }
    }
    if (seen_count < sizeof seen / sizeof *seen) {
        seen[seen_count++] = strdup(id);
    }
    return false;
}

static bool starts_with(oslo_str text, const char *start) {
    size_t len = strlen(start);
    return text.len >= len && memcmp(text.ptr, start, len) == 0;
}

static bool send(oslo_notifier *notifier, oslo_priority priority, const char *context,
                 const char *event_type, yyjson_mut_doc *payload) {
    size_t len;
    char *text = yyjson_mut_write(payload, 0, &len);
    bool is_sent = oslo_notify(notifier, priority, oslo_str_of(context), oslo_str_of(event_type),
                               (oslo_str){text, len}, NULL);
    free(text);
    yyjson_mut_doc_free(payload);
    return is_sent;
}

static bool show(oslo_notifier *notifier, const oslo_notification *told, yyjson_val *payload) {
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_doc *context = yyjson_read(told->context.ptr, told->context.len, 0);
    yyjson_val *user = yyjson_obj_get(yyjson_doc_get_root(context), "user");
    yyjson_mut_obj_add_str(doc, root, "priority", oslo_priority_name(told->priority));
    yyjson_mut_obj_add_strn(doc, root, "publisher_id", told->publisher_id.ptr,
                            told->publisher_id.len);
    yyjson_mut_obj_add_strn(doc, root, "event_type", told->event_type.ptr, told->event_type.len);
    yyjson_mut_obj_add_val(doc, root, "user", yyjson_val_mut_copy(doc, user));
    yyjson_mut_obj_add_val(doc, root, "payload", yyjson_val_mut_copy(doc, payload));
    yyjson_mut_obj_add_uint(doc, root, "message_id", told->message_id.len);
    yyjson_mut_obj_add_uint(doc, root, "timestamp", told->timestamp.len);
    yyjson_mut_obj_add_int(doc, root, "count", counted);
    yyjson_doc_free(context);
    return send(notifier, told->priority, "{\"user\": \"bob\"}", "shown", doc);
}

/* Does what is wrong, and answers with what it was told of that. */
static bool do_wrong(oslo_notifier *notifier, oslo_str kind, const oslo_str *topic) {
    oslo_str nothing = OSLO_STR("{}"), event_type = OSLO_STR("e"), payload = nothing;
    oslo_priority priority = OSLO_PRIORITY_INFO;
    bool is_done = true;
    oslo_error error;
    if (starts_with(kind, "payload")) {
        payload = OSLO_STR("{\"a\":");
    } else if (starts_with(kind, "nan")) {
        payload = OSLO_STR("{\"x\": [NaN]}");
    } else if (starts_with(kind, "surrogate")) {
        event_type = OSLO_STR("\xed\xa0\xbd");
    } else if (starts_with(kind, "event-type")) {
        static char text[300];
        memset(text, 'e', sizeof text);
        event_type = (oslo_str){text, sizeof text};
    } else if (starts_with(kind, "priority")) {
        priority = (oslo_priority)99;
    } else if (starts_with(kind, "topics")) {
        is_done = oslo_notifier_set_topics(notifier, topic, 0, &error);
    } else if (starts_with(kind, "context")) {
        nothing = OSLO_STR("[]");
    }
    if (is_done && oslo_notify(notifier, priority, nothing, event_type, payload, &error)) {
        return false;
    }
    yyjson_mut_doc *doc = yyjson_mut_doc_new(NULL);
    yyjson_mut_val *root = yyjson_mut_obj(doc);
    yyjson_mut_doc_set_root(doc, root);
    yyjson_mut_obj_add_strcpy(doc, root, "argument", error.detail.invalid_argument.argument.ptr);
    yyjson_mut_obj_add_int(doc, root, "count", counted);
    yyjson_mut_obj_add_str(doc, root, "outcome", oslo_outcome_name(error.outcome));
    oslo_error_free(&error);
    return send(notifier, OSLO_PRIORITY_INFO, "{}", "refused", doc);
}

static oslo_notification_result handle(const oslo_notification *told) {
    counted++;
    yyjson_doc *doc = yyjson_read(told->payload.ptr, told->payload.len, 0);
    yyjson_val *payload = yyjson_doc_get_root(doc);
    const char *id = yyjson_get_str(yyjson_obj_get(payload, "id"));
    bool is_early = starts_with(told->event_type, "again.") || starts_with(told->event_type, "fail.");
    if (is_early && (id == NULL || !was_seen(id))) {
        yyjson_doc_free(doc);
        return OSLO_REQUEUE;
    }
    oslo_str topic = oslo_str_of(yyjson_get_str(yyjson_obj_get(payload, "answer")));
    oslo_notifier *notifier = NULL;
    bool is_good = oslo_notifier_open(OSLO_STR("default"), OSLO_STR("notified.host-1"), &notifier,
                                      NULL) &&
                   oslo_notifier_set_topics(notifier, &topic, 1, NULL);
    if (is_good && starts_with(told->event_type, "wrong.")) {
        oslo_str kind = {told->event_type.ptr + 6, told->event_type.len - 6};
        is_good = do_wrong(notifier, kind, &topic);
    } else if (is_good) {
        is_good = show(notifier, told, payload);
    }
    oslo_notifier_free(notifier);
    yyjson_doc_free(doc);
    return is_good ? OSLO_HANDLED : OSLO_REQUEUE;
}

static const oslo_priority WANTED[] = {
    OSLO_PRIORITY_AUDIT, OSLO_PRIORITY_INFO,     OSLO_PRIORITY_WARN,
    OSLO_PRIORITY_ERROR, OSLO_PRIORITY_CRITICAL, OSLO_PRIORITY_SAMPLE,
};
static const oslo_rule RULES[] = {{OSLO_OF_PAYLOAD, "answer", "."},
                                  {OSLO_OF_CONTEXT, "user", "^alice$"}};

const oslo_notification_endpoint oslo_notifications = {
    OSLO_WANTED(WANTED),
    .publisher_id = "^tester$",
    .event_type = "^(show|again|fail|wrong)[.]",
    OSLO_RULES(RULES),
    .handle = handle,
};
