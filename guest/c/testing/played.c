#include "played.h"

#include <stdlib.h>

played_list oslo_played_transports;
size_t oslo_played_open;

typedef struct method {
    char *name;
    oslo_testing_end end;
    oslo_testing_handler *handler;
    void *data;
} method;

static played_list methods, sent;

char *oslo_played_copy(const char *text, size_t len) {
    char *copy = malloc(len + 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

size_t oslo_played_add(played_list *list, void *thing) {
    list->ptr = realloc(list->ptr, (list->count + 1) * sizeof *list->ptr);
    if (list->ptr == NULL) {
        abort();
    }
    list->ptr[list->count++] = thing;
    return list->count;
}

void *oslo_played_get(const played_list *list, int32_t handle) {
    if (handle < 1 || (size_t)handle > list->count || list->ptr[handle - 1] == NULL) {
        abort(); /* the host would end the plugin */
    }
    return list->ptr[handle - 1];
}

void *oslo_played_take(played_list *list, int32_t handle) {
    void *thing = oslo_played_get(list, handle);
    list->ptr[handle - 1] = NULL;
    return thing;
}

bool oslo_played_is_granted(const char *transport) {
    for (size_t i = 0; i < oslo_played_transports.count; i++) {
        if (strcmp(oslo_played_transports.ptr[i], transport) == 0) {
            return true;
        }
    }
    return false;
}

void oslo_testing_grant(const char *transport) {
    if (!oslo_played_is_granted(transport)) {
        oslo_played_add(&oslo_played_transports, oslo_played_copy(transport, strlen(transport)));
    }
}

void oslo_played_forget(played_list *list) {
    free(list->ptr);
    list->ptr = NULL;
    list->count = 0;
}

void oslo_testing_reset(void) {
    for (size_t i = 0; i < oslo_played_transports.count; i++) {
        free(oslo_played_transports.ptr[i]);
    }
    for (size_t i = 0; i < methods.count; i++) {
        free(((method *)methods.ptr[i])->name);
        free(methods.ptr[i]);
    }
    for (size_t i = 0; i < sent.count; i++) {
        oslo_testing_message *message = sent.ptr[i];
        const char *texts[] = {message->transport, message->exchange, message->topic,
                               message->namespace_name, message->version, message->server,
                               message->context, message->method, message->args};
        for (size_t k = 0; k < sizeof texts / sizeof *texts; k++) {
            free((char *)texts[k]);
        }
        free(message);
    }
    oslo_played_forget(&oslo_played_transports);
    oslo_played_forget(&methods);
    oslo_played_forget(&sent);
    oslo_played_forget_notifications();
}

size_t oslo_testing_open(void) {
    return oslo_played_open;
}

size_t oslo_testing_sent_count(void) {
    return sent.count;
}

const oslo_testing_message *oslo_testing_sent(size_t index) {
    return index < sent.count ? sent.ptr[index] : NULL;
}

oslo_testing_end oslo_testing_result(const char *json) {
    oslo_testing_end end = {OSLO_OK, OSLO_NO_OUTCOME, json, NULL, NULL};
    return end;
}

oslo_testing_end oslo_testing_exception(const char *type_module, const char *type_name,
                                        const char *message) {
    oslo_testing_end end = {OSLO_ERROR_REMOTE, OSLO_EXECUTED, message, type_module, type_name};
    return end;
}

oslo_testing_end oslo_testing_error(oslo_error_kind kind, oslo_outcome outcome,
                                    const char *message) {
    oslo_testing_end end = {kind, outcome, message, NULL, NULL};
    return end;
}

static method *find(const char *name) {
    for (size_t i = 0; i < methods.count; i++) {
        method *one = methods.ptr[i];
        if (strcmp(one->name, name) == 0) {
            return one;
        }
    }
    return NULL;
}

static method *serve(const char *name) {
    method *one = find(name);
    if (one == NULL) {
        one = calloc(1, sizeof *one);
        if (one == NULL) {
            abort();
        }
        one->name = oslo_played_copy(name, strlen(name));
        oslo_played_add(&methods, one);
    }
    one->handler = NULL;
    return one;
}

void oslo_testing_method(const char *name, oslo_testing_end end) {
    serve(name)->end = end;
}

void oslo_testing_handle(const char *name, oslo_testing_handler *handler, void *data) {
    method *one = serve(name);
    one->handler = handler;
    one->data = data;
}

static oslo_testing_end run(const oslo_testing_message *message) {
    method *one = find(message->method);
    if (one == NULL) {
        return oslo_testing_exception("oslo_messaging.rpc.dispatcher", "NoSuchMethod",
                                      "no such method is served");
    }
    return one->handler != NULL ? one->handler(message, one->data) : one->end;
}

/* Whether it is known before a server has the message. */
static bool is_early(const oslo_testing_end *end) {
    return end->kind != OSLO_OK && end->kind != OSLO_ERROR_REMOTE &&
           end->kind != OSLO_ERROR_INVALID_REPLY;
}

bool oslo_played_is_object(const oslo_world_string_t *text) {
    size_t start = 0, end = text->len;
    while (start < end && strchr(" \t\r\n", text->ptr[start]) != NULL) {
        start++;
    }
    while (end > start && strchr(" \t\r\n", text->ptr[end - 1]) != NULL) {
        end--;
    }
    return end - start >= 2 && text->ptr[start] == '{' && text->ptr[end - 1] == '}';
}

static char *taken(char **text) {
    char *it = *text;
    *text = NULL;
    return it;
}

bool oslo_played_send(int32_t client, const oslo_world_string_t *context,
                      const oslo_world_string_t *method, const oslo_world_string_t *args,
                      const oslo_messaging_client_borrow_options_t *options, bool is_cast,
                      oslo_world_string_t *ret, oslo_messaging_types_error_t *error) {
    const played_client *found;
    played_settings settings;
    oslo_testing_end wrong = {OSLO_OK, OSLO_NOT_EXECUTED, NULL, NULL, NULL};
    const char *detail = "";
    if (!oslo_played_effective(client, options, &found, &settings, error)) {
        return false;
    }
    if (!oslo_played_is_object(context) || !oslo_played_is_object(args)) {
        wrong.kind = OSLO_ERROR_INVALID_ARGUMENT;
        wrong.text = "it must be a JSON object, such as {}";
        detail = oslo_played_is_object(context) ? "args" : "context";
    } else if (settings.topic == NULL || *settings.topic == '\0') {
        wrong.kind = OSLO_ERROR_INVALID_TARGET;
        wrong.text = "a topic is needed";
    } else if (settings.fanout && !is_cast) {
        wrong.kind = OSLO_ERROR_INVALID_TARGET;
        wrong.text = "a call cannot be fanout";
    } else if (settings.version_cap != NULL &&
               !oslo_played_passes(settings.version, settings.version_cap)) {
        wrong.kind = OSLO_ERROR_VERSION_CAP;
        wrong.text = "the target's version does not fit the cap";
        wrong.type_name = settings.version;
        detail = settings.version_cap;
    }
    if (wrong.kind != OSLO_OK) {
        oslo_played_fail(error, wrong, detail);
        oslo_played_free_settings(&settings);
        return false;
    }
    oslo_testing_message *message = calloc(1, sizeof *message);
    if (message == NULL) {
        abort();
    }
    message->is_cast = is_cast;
    message->transport = oslo_played_copy(found->transport, strlen(found->transport));
    message->exchange = taken(&settings.exchange);
    message->topic = taken(&settings.topic);
    message->namespace_name = taken(&settings.namespace_name);
    message->version = taken(&settings.version);
    message->server = taken(&settings.server);
    message->fanout = settings.fanout;
    message->context = oslo_played_copy((char *)context->ptr, context->len);
    message->method = oslo_played_copy((char *)method->ptr, method->len);
    message->args = oslo_played_copy((char *)args->ptr, args->len);
    message->timeout = settings.timeout;
    oslo_played_free_settings(&settings);
    oslo_played_add(&sent, message);

    oslo_testing_end end = run(message);
    if (end.kind == OSLO_OK || (is_cast && !is_early(&end))) {
        *ret = oslo_played_give(is_cast ? "null" : end.text);
        return true;
    }
    return oslo_played_fail(error, end, "");
}
