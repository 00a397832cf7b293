#include "script.h"

oslo_str text_member(yyjson_val *object, const char *name) {
    yyjson_val *value = yyjson_obj_get(object, name);
    oslo_str text = {yyjson_get_str(value), yyjson_get_len(value)};
    return text;
}

oslo_target read_target(yyjson_val *object) {
    oslo_target target = {
        .exchange = text_member(object, "exchange"),
        .topic = text_member(object, "topic"),
        .namespace_name = text_member(object, "namespace"),
        .version = text_member(object, "version"),
        .server = text_member(object, "server"),
        .fanout = yyjson_get_bool(yyjson_obj_get(object, "fanout")),
    };
    return target;
}

/* An unsigned number up to a limit. */
static bool read_number(yyjson_val *value, uint64_t limit, uint64_t *number) {
    const char *digits = yyjson_get_raw(value);
    *number = 0;
    for (size_t i = 0; digits != NULL && i < yyjson_get_len(value); i++) {
        unsigned digit = (unsigned)(digits[i] - '0');
        if (digit > 9 || *number > (limit - digit) / 10) {
            return false;
        }
        *number = *number * 10 + digit;
    }
    return digits != NULL;
}

/* A setting: null sets it back to its default. */
static bool set(oslo_options *options, const char *name, yyjson_val *value) {
    static const struct {
        const char *name;
        oslo_option option;
        void (*set)(oslo_options *, oslo_str);
    } TEXTS[] = {
        {"exchange", OSLO_EXCHANGE, oslo_options_set_exchange},
        {"topic", OSLO_TOPIC, oslo_options_set_topic},
        {"namespace", OSLO_NAMESPACE, oslo_options_set_namespace},
        {"version", OSLO_VERSION, oslo_options_set_version},
        {"server", OSLO_SERVER, oslo_options_set_server},
        {"version-cap", OSLO_VERSION_CAP, oslo_options_set_version_cap},
    };
    static const struct {
        const char *name;
        oslo_option option;
        void (*set)(oslo_options *, bool);
    } FLAGS[] = {
        {"fanout", OSLO_FANOUT, oslo_options_set_fanout},
        {"mandatory", OSLO_MANDATORY, oslo_options_set_mandatory},
    };
    static const struct {
        const char *name;
        oslo_option option;
        void (*set)(oslo_options *, uint64_t);
    } NUMBERS[] = {
        {"timeout", OSLO_TIMEOUT, oslo_options_set_timeout},
        {"call-monitor-timeout", OSLO_CALL_MONITOR_TIMEOUT, oslo_options_set_call_monitor_timeout},
        {"reply-bytes", OSLO_REPLY_BYTES, oslo_options_set_reply_bytes},
    };
    bool is_null = yyjson_is_null(value);
    uint64_t number = 0;
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        if (strcmp(name, TEXTS[i].name) == 0) {
            oslo_str text = {yyjson_get_str(value), yyjson_get_len(value)};
            is_null ? oslo_options_set_default(options, TEXTS[i].option)
                    : TEXTS[i].set(options, text);
            return is_null || yyjson_is_str(value);
        }
    }
    for (size_t i = 0; i < sizeof FLAGS / sizeof *FLAGS; i++) {
        if (strcmp(name, FLAGS[i].name) == 0) {
            is_null ? oslo_options_set_default(options, FLAGS[i].option)
                    : FLAGS[i].set(options, yyjson_get_bool(value));
            return is_null || yyjson_is_bool(value);
        }
    }
    for (size_t i = 0; i < sizeof NUMBERS / sizeof *NUMBERS; i++) {
        if (strcmp(name, NUMBERS[i].name) == 0) {
            bool good = is_null || read_number(value, UINT64_MAX, &number);
            is_null ? oslo_options_set_default(options, NUMBERS[i].option)
                    : NUMBERS[i].set(options, number);
            return good;
        }
    }
    if (strcmp(name, "retry") != 0 || (!is_null && !read_number(value, UINT32_MAX, &number))) {
        return false;
    }
    is_null ? oslo_options_set_default(options, OSLO_RETRY)
            : oslo_options_set_retry(options, (uint32_t)number);
    return true;
}

static bool set_all(oslo_options *options, yyjson_val *object, buffer *outcome) {
    size_t index, max;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(object)) {
        put_refusal(outcome, "settings are an object or a list of them", "");
        return false;
    }
    yyjson_obj_foreach(object, index, max, key, value) {
        if (!set(options, yyjson_get_str(key), value)) {
            put_refusal(outcome, "there is no such setting, or not with such a value: ",
                        yyjson_get_str(key));
            return false;
        }
    }
    return true;
}

bool read_options(yyjson_val *value, oslo_options **options, buffer *outcome) {
    size_t index, max;
    yyjson_val *object;
    *options = NULL;
    if (value == NULL) {
        return true;
    }
    bool good = true;
    *options = oslo_options_new();
    if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, index, max, object) {
            good = good && set_all(*options, object, outcome);
        }
    } else {
        good = set_all(*options, value, outcome);
    }
    if (!good) {
        oslo_options_free(*options);
        *options = NULL;
    }
    return good;
}

/* A text given as it is, or written from JSON; none if neither is there. */
static oslo_str json_member(yyjson_val *step, const char *as_text, const char *as_json,
                            char **written) {
    oslo_str text = text_member(step, as_text);
    yyjson_val *value = yyjson_obj_get(step, as_json);
    if (text.ptr == NULL && value != NULL) {
        *written = yyjson_val_write(value, 0, &text.len);
        text.ptr = *written;
    }
    return text;
}

bool read_message(yyjson_val *step, message *message, buffer *outcome) {
    memset(message, 0, sizeof *message);
    message->method = text_member(step, "method");
    if (message->method.ptr == NULL) {
        put_refusal(outcome, "missing field `method`", "");
        return false;
    }
    if (!read_options(yyjson_obj_get(step, "settings"), &message->options, outcome)) {
        return false;
    }
    message->context = json_member(step, "context-text", "context", &message->written[0]);
    message->args = json_member(step, "args-text", "args", &message->written[1]);
    return true;
}

void free_message(message *message) {
    free(message->written[0]);
    free(message->written[1]);
    oslo_options_free(message->options);
    memset(message, 0, sizeof *message);
}

void add_client(clients *all, oslo_client *client) {
    all->ptr = realloc(all->ptr, (all->count + 1) * sizeof *all->ptr);
    if (all->ptr == NULL) {
        abort();
    }
    all->ptr[all->count++] = client;
}

oslo_client **find_client(const clients *all, yyjson_val *step, buffer *outcome) {
    yyjson_val *given = yyjson_obj_get(step, "client");
    uint64_t number = 0;
    if (given == NULL) {
        for (size_t i = 0; i < all->count; i++) {
            number = all->ptr[i] == NULL ? number : i;
        }
    } else if (!read_number(given, SIZE_MAX, &number) || number >= all->count) {
        put_refusal(outcome, "there is no such client", "");
        return NULL;
    }
    if (all->ptr[number] == NULL) {
        put_refusal(outcome, "the client was dropped", "");
        return NULL;
    }
    return &all->ptr[number];
}
