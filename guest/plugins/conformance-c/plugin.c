/* Runs a script through the SDK; see the world `conformance` in tests/wit. */
#include <oslo_messaging.h>
#include <oslo_world.h>

#include "../script/c/script.h"

static void send(oslo_client *client, yyjson_val *step, bool is_call, buffer *outcome) {
    message message;
    oslo_text reply = {NULL, 0};
    oslo_error error;
    if (!read_message(step, &message, outcome)) {
        free_message(&message);
        return;
    }
    oslo_client *prepared = NULL;
    bool is_ready = true;
    if (message.has_settings) {
        is_ready = oslo_client_prepare(client, message.settings.ptr, message.settings.count,
                                       &prepared, &error);
    }
    if (is_ready) {
        oslo_client *sender = message.has_settings ? prepared : client;
        if (is_call) {
            oslo_client_call(sender, message.context, message.method, message.args, &reply, &error);
        } else {
            oslo_client_cast(sender, message.context, message.method, message.args, &error);
        }
    }
    put_outcome(outcome, &reply, &error);
    oslo_client_free(prepared);
    free_message(&message);
}

static void call_all(oslo_client *client, yyjson_val *step, buffer *outcome) {
    yyjson_val *given = yyjson_obj_get(step, "requests");
    size_t count = yyjson_arr_size(given);
    message *messages = calloc(count + 1, sizeof *messages);
    oslo_request *requests = calloc(count + 1, sizeof *requests);
    oslo_result *results = calloc(count + 1, sizeof *results);
    size_t index, max;
    yyjson_val *value;
    bool good = true;
    yyjson_arr_foreach(given, index, max, value) {
        good = good && read_message(value, &messages[index], outcome);
        requests[index] = (oslo_request){
            .context = messages[index].context,
            .method = messages[index].method,
            .args = messages[index].args,
            .settings = messages[index].settings.ptr,
            .setting_count = messages[index].settings.count,
        };
    }
    if (good) {
        oslo_client_call_all(client, requests, count, results);
        put(outcome, "{\"ok\":[");
        for (size_t i = 0; i < count; i++) {
            put(outcome, i == 0 ? "" : ",");
            put_outcome(outcome, &results[i].reply, &results[i].error);
        }
        put(outcome, "]}");
    }
    for (size_t i = 0; i < count; i++) {
        free_message(&messages[i]);
    }
    free(results);
    free(requests);
    free(messages);
}

static void prepare(oslo_client *client, yyjson_val *step, clients *all, buffer *outcome) {
    settings settings;
    oslo_client *prepared;
    oslo_error error;
    if (!read_settings(yyjson_obj_get(step, "settings"), &settings, outcome)) {
        return;
    }
    if (oslo_client_prepare(client, settings.ptr, settings.count, &prepared, &error)) {
        add_client(all, prepared);
    }
    put_outcome(outcome, NULL, &error);
    free(settings.ptr);
}

static void can_send(oslo_client *client, yyjson_val *step, buffer *outcome) {
    bool can;
    oslo_error error;
    if (oslo_client_can_send_version(client, text_member(step, "version"), &can, &error)) {
        const char *answer = can ? "true" : "false";
        put_ok(outcome, answer, strlen(answer));
    } else {
        put_outcome(outcome, NULL, &error);
    }
}

static void remaining(buffer *outcome) {
    uint64_t nanoseconds;
    put(outcome, "{\"ok\":");
    if (oslo_remaining(&nanoseconds)) {
        put_number(outcome, nanoseconds);
    } else {
        put(outcome, "null");
    }
    put(outcome, "}");
}

static void run(yyjson_val *step, clients *all, buffer *outcome) {
    const char *op = yyjson_get_str(yyjson_obj_get(step, "op"));
    void **place = find_client(all, step, outcome);
    if (place == NULL) {
        return;
    }
    if (op == NULL) {
        put_refusal(outcome, "missing field `op`", "");
    } else if (strcmp(op, "call") == 0) {
        send(*place, step, true, outcome);
    } else if (strcmp(op, "cast") == 0) {
        send(*place, step, false, outcome);
    } else if (strcmp(op, "call-all") == 0) {
        call_all(*place, step, outcome);
    } else if (strcmp(op, "prepare") == 0) {
        prepare(*place, step, all, outcome);
    } else if (strcmp(op, "can-send-version") == 0) {
        can_send(*place, step, outcome);
    } else if (strcmp(op, "remaining") == 0) {
        remaining(outcome);
    } else if (strcmp(op, "drop") == 0) {
        oslo_client_free(*place);
        *place = NULL;
        put_ok(outcome, "null", 4);
    } else {
        put_refusal(outcome, "this plugin does not know the op ", op);
    }
}

static oslo_client *open(yyjson_val *script, buffer *outcome) {
    yyjson_val *given = yyjson_obj_get(script, "open");
    oslo_str transport = text_member(given, "transport");
    oslo_target target = read_target(yyjson_obj_get(given, "target"));
    settings settings;
    oslo_client *client;
    oslo_error error;
    if (!read_settings(yyjson_obj_get(given, "settings"), &settings, outcome)) {
        return NULL;
    }
    if (!oslo_client_open(transport.ptr == NULL ? OSLO_STR("default") : transport, &target,
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
        oslo_client *client = open(yyjson_doc_get_root(doc), &text);
        if (client != NULL) {
            add_client(&all, client);
            run_steps(yyjson_doc_get_root(doc), &all, run, &text);
        }
    }
    put(&text, "]");
    for (size_t i = 0; i < all.count; i++) {
        oslo_client_free(all.ptr[i]);
    }
    free(all.ptr);
    yyjson_doc_free(doc);
    oslo_world_string_free(script);
    outcomes->ptr = (uint8_t *)text.ptr;
    outcomes->len = text.len;
}
