/* Runs a script through the SDK; see the world `conformance-async` in tests/wit. */
#include <oslo_messaging_async.h>
#include <oslo_world.h>

#include "../script/c/script.h"

/* Starts the message of a step; NULL, with the outcome, if there is nothing to wait for. */
static oslo_call *start(oslo_async_client *client, yyjson_val *step, bool is_call,
                        buffer *outcome) {
    message message;
    oslo_call *call = NULL;
    oslo_async_client *prepared = NULL;
    oslo_error error;
    if (!read_message(step, &message, outcome)) {
        free_message(&message);
        return NULL;
    }
    if (message.has_settings &&
        !oslo_async_client_prepare(client, message.settings.ptr, message.settings.count, &prepared,
                                   &error)) {
        put_outcome(outcome, NULL, &error);
    } else {
        oslo_async_client *sender = message.has_settings ? prepared : client;
        call = (is_call ? oslo_call_start : oslo_cast_start)(sender, message.context,
                                                             message.method, message.args, NULL);
    }
    /* Both go on living in the call. */
    oslo_async_client_free(prepared);
    free_message(&message);
    return call;
}

static void finish(oslo_call *call, buffer *outcome) {
    oslo_text reply;
    oslo_error error;
    oslo_call_finish(call, &reply, &error);
    put_outcome(outcome, &reply, &error);
}

static void can_send(oslo_async_client *client, yyjson_val *step, buffer *outcome) {
    bool can;
    oslo_error error;
    if (oslo_async_client_can_send_version(client, text_member(step, "version"), &can, &error)) {
        const char *answer = can ? "true" : "false";
        put_ok(outcome, answer, strlen(answer));
    } else {
        put_outcome(outcome, NULL, &error);
    }
}

static void remaining(buffer *outcome) {
    uint64_t nanoseconds;
    put(outcome, "{\"ok\":");
    if (oslo_async_remaining(&nanoseconds)) {
        put_number(outcome, nanoseconds);
    } else {
        put(outcome, "null");
    }
    put(outcome, "}");
}

/* A step that leaves the list of clients alone: a call in flight, or its outcome. */
static oslo_call *begin(oslo_async_client *client, yyjson_val *step, const char *op,
                        buffer *outcome) {
    if (op == NULL) {
        put_refusal(outcome, "missing field `op`", "");
    } else if (strcmp(op, "call") == 0 || strcmp(op, "cast") == 0) {
        return start(client, step, op[2] == 'l', outcome);
    } else if (strcmp(op, "can-send-version") == 0) {
        can_send(client, step, outcome);
    } else if (strcmp(op, "remaining") == 0) {
        remaining(outcome);
    } else {
        put_refusal(outcome, "this plugin does not know, or not here, the op ", op);
    }
    return NULL;
}

static void concurrently(clients *all, yyjson_val *given, buffer *outcome) {
    struct begun {
        oslo_call *call;
        buffer outcome;
    } *begun = calloc(yyjson_arr_size(given) + 1, sizeof *begun);
    size_t index, max;
    yyjson_val *step;
    yyjson_arr_foreach(given, index, max, step) {
        void **place = find_client(all, step, &begun[index].outcome);
        if (place != NULL) {
            begun[index].call = begin(*place, step, yyjson_get_str(yyjson_obj_get(step, "op")),
                                      &begun[index].outcome);
        }
    }
    /* In the order of the steps, whatever the order in which they end. */
    put(outcome, "{\"ok\":[");
    for (size_t i = 0; i < yyjson_arr_size(given); i++) {
        put(outcome, i == 0 ? "" : ",");
        if (begun[i].call != NULL) {
            finish(begun[i].call, outcome);
        } else {
            put_n(outcome, begun[i].outcome.ptr, begun[i].outcome.len);
        }
        free(begun[i].outcome.ptr);
    }
    put(outcome, "]}");
    free(begun);
}

static void prepare(oslo_async_client *client, yyjson_val *step, clients *all, buffer *outcome) {
    settings settings;
    oslo_async_client *prepared;
    oslo_error error;
    if (!read_settings(yyjson_obj_get(step, "settings"), &settings, outcome)) {
        return;
    }
    if (oslo_async_client_prepare(client, settings.ptr, settings.count, &prepared, &error)) {
        add_client(all, prepared);
    }
    put_outcome(outcome, NULL, &error);
    free(settings.ptr);
}

static void run(yyjson_val *step, clients *all, buffer *outcome) {
    const char *op = yyjson_get_str(yyjson_obj_get(step, "op"));
    void **place = find_client(all, step, outcome);
    if (place == NULL) {
        return;
    }
    if (op != NULL && strcmp(op, "concurrently") == 0) {
        concurrently(all, yyjson_obj_get(step, "steps"), outcome);
    } else if (op != NULL && strcmp(op, "prepare") == 0) {
        prepare(*place, step, all, outcome);
    } else if (op != NULL && strcmp(op, "drop") == 0) {
        oslo_async_client_free(*place);
        *place = NULL;
        put_ok(outcome, "null", 4);
    } else {
        oslo_call *call = begin(*place, step, op, outcome);
        if (call != NULL) {
            finish(call, outcome);
        }
    }
}

static oslo_async_client *open(yyjson_val *script, buffer *outcome) {
    yyjson_val *given = yyjson_obj_get(script, "open");
    oslo_str transport = text_member(given, "transport");
    oslo_target target = read_target(yyjson_obj_get(given, "target"));
    settings settings;
    oslo_async_client *client;
    oslo_error error;
    if (!read_settings(yyjson_obj_get(given, "settings"), &settings, outcome)) {
        return NULL;
    }
    if (!oslo_async_client_open(transport.ptr == NULL ? OSLO_STR("default") : transport, &target,
                                settings.ptr, settings.count, &client, &error)) {
        put_outcome(outcome, NULL, &error);
    }
    free(settings.ptr);
    return client;
}

void exports_oslo_world_run(oslo_world_string_t *script, oslo_world_string_t *outcomes) {
    buffer text = {NULL, 0, 0};
    clients all = {NULL, 0};
    yyjson_doc *doc =
        yyjson_read((const char *)script->ptr, script->len, YYJSON_READ_NUMBER_AS_RAW);
    put(&text, "[");
    if (doc == NULL) {
        put_refusal(&text, "the script is not JSON", "");
    } else {
        oslo_async_client *client = open(yyjson_doc_get_root(doc), &text);
        if (client != NULL) {
            add_client(&all, client);
            run_steps(yyjson_doc_get_root(doc), &all, run, &text);
        }
    }
    put(&text, "]");
    for (size_t i = 0; i < all.count; i++) {
        oslo_async_client_free(all.ptr[i]);
    }
    free(all.ptr);
    yyjson_doc_free(doc);
    oslo_world_string_free(script);
    outcomes->ptr = (uint8_t *)text.ptr;
    outcomes->len = text.len;
}
