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

static bool read_setting(const char *name, yyjson_val *value, oslo_setting *setting) {
    /* In the order of `oslo_setting_name`, with what the value is. */
    static const struct {
        const char *name;
        char kind;
    } KNOWN[] = {
        {"exchange", 't'}, {"topic", 't'},   {"namespace", 't'}, {"version", 't'},
        {"server", 't'},   {"fanout", 'f'},  {"timeout", 'd'},   {"version-cap", 't'},
        {"retry", 'c'},    {"call-monitor-timeout", 'd'},        {"at-least-once", 'f'},
    };
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (strcmp(name, KNOWN[i].name) != 0) {
            continue;
        }
        *setting = oslo_unset((oslo_setting_name)i);
        setting->has_value = !yyjson_is_null(value);
        uint64_t number = 0;
        switch (yyjson_is_null(value) ? 'n' : KNOWN[i].kind) {
        case 't':
            setting->value.text = (oslo_str){yyjson_get_str(value), yyjson_get_len(value)};
            return yyjson_is_str(value);
        case 'f':
            setting->value.flag = yyjson_get_bool(value);
            return yyjson_is_bool(value);
        case 'd':
            return read_number(value, UINT64_MAX, &setting->value.nanoseconds);
        case 'c':
            if (!read_number(value, UINT32_MAX, &number)) {
                return false;
            }
            setting->value.count = (uint32_t)number;
            return true;
        default:
            return true;
        }
    }
    return false;
}

static bool add_settings(yyjson_val *object, settings *all, buffer *outcome) {
    size_t index, max;
    yyjson_val *key, *value;
    if (!yyjson_is_obj(object)) {
        put_refusal(outcome, "settings are an object or a list of them", "");
        return false;
    }
    oslo_setting *more =
        realloc(all->ptr, (all->count + yyjson_obj_size(object) + 1) * sizeof *more);
    if (more == NULL) {
        abort();
    }
    all->ptr = more;
    yyjson_obj_foreach(object, index, max, key, value) {
        if (!read_setting(yyjson_get_str(key), value, &all->ptr[all->count])) {
            put_refusal(outcome, "there is no such setting, or not with such a value: ",
                        yyjson_get_str(key));
            return false;
        }
        all->count++;
    }
    return true;
}

bool read_settings(yyjson_val *value, settings *all, buffer *outcome) {
    size_t index, max;
    yyjson_val *object;
    *all = (settings){NULL, 0};
    bool good = true;
    if (yyjson_is_arr(value)) {
        yyjson_arr_foreach(value, index, max, object) {
            good = good && add_settings(object, all, outcome);
        }
    } else if (value != NULL) {
        good = add_settings(value, all, outcome);
    }
    if (!good) {
        free(all->ptr);
        *all = (settings){NULL, 0};
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
    yyjson_val *given = yyjson_obj_get(step, "settings");
    message->has_settings = given != NULL;
    if (!read_settings(given, &message->settings, outcome)) {
        return false;
    }
    message->context = json_member(step, "context-text", "context", &message->written[0]);
    message->args = json_member(step, "args-text", "args", &message->written[1]);
    return true;
}

void free_message(message *message) {
    free(message->written[0]);
    free(message->written[1]);
    free(message->settings.ptr);
    memset(message, 0, sizeof *message);
}

void add_client(clients *all, void *client) {
    all->ptr = realloc(all->ptr, (all->count + 1) * sizeof *all->ptr);
    if (all->ptr == NULL) {
        abort();
    }
    all->ptr[all->count++] = client;
}

void **find_client(const clients *all, yyjson_val *step, buffer *outcome) {
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

void run_steps(yyjson_val *script, clients *all, run_step *run, buffer *outcomes) {
    size_t index, max;
    yyjson_val *step;
    yyjson_arr_foreach(yyjson_obj_get(script, "steps"), index, max, step) {
        put(outcomes, index == 0 ? "" : ",");
        run(step, all, outcomes);
    }
}
