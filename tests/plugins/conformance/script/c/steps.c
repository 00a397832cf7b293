/* The steps that send nothing, and the function that runs a script. */
#include <oslo_messaging_limits.h>
#include <oslo_world.h>

#include "script.h"

static void put_optional_number(buffer *to, const char *name, bool is_set, uint64_t number) {
    put_name(to, name);
    if (is_set) {
        put_number(to, number);
    } else {
        put(to, "null");
    }
}

static void describe(const oslo_client *client, buffer *outcome) {
    oslo_text transport = oslo_client_transport(client);
    oslo_owned_target target = oslo_client_target(client);
    oslo_text cap = oslo_client_version_cap(client);
    uint32_t retry = 0;
    uint64_t monitor = 0;
    bool mandatory = false;
    bool has_retry = oslo_client_retry(client, &retry);
    bool has_monitor = oslo_client_call_monitor_timeout(client, &monitor);
    bool has_mandatory = oslo_client_mandatory(client, &mandatory);
    put(outcome, "{\"ok\":{\"transport\":");
    put_quoted(outcome, transport.ptr, transport.len);
    put_name(outcome, "target");
    put(outcome, "{\"fanout\":");
    put(outcome, target.fanout ? "true" : "false");
    put_text(outcome, "exchange", &target.exchange);
    put_text(outcome, "topic", &target.topic);
    put_text(outcome, "namespace", &target.namespace_name);
    put_text(outcome, "version", &target.version);
    put_text(outcome, "server", &target.server);
    put(outcome, "}");
    put_optional_number(outcome, "timeout", true, oslo_client_timeout(client));
    put_text(outcome, "version-cap", &cap);
    put_optional_number(outcome, "retry", has_retry, retry);
    put_optional_number(outcome, "call-monitor-timeout", has_monitor, monitor);
    put_name(outcome, "mandatory");
    put(outcome, !has_mandatory ? "null" : mandatory ? "true" : "false");
    put_optional_number(outcome, "reply-bytes", true, oslo_client_reply_bytes(client));
    put(outcome, "}}");
    oslo_text_free(&transport);
    oslo_text_free(&cap);
    oslo_owned_target_free(&target);
}

static void limits(buffer *outcome) {
    put(outcome, "{\"ok\":{\"request-bytes\":");
    put_number(outcome, oslo_limit_request_bytes());
    put_optional_number(outcome, "reply-bytes", true, oslo_limit_reply_bytes());
    put_optional_number(outcome, "held-reply-bytes", true, oslo_limit_held_reply_bytes());
    put_optional_number(outcome, "calls-in-flight", true, oslo_limit_calls_in_flight());
    put_optional_number(outcome, "pending-calls", true, oslo_limit_pending_calls());
    put_optional_number(outcome, "requests", true, oslo_limit_requests());
    put(outcome, "}}");
}

static void transports(buffer *outcome) {
    oslo_texts names = oslo_transports();
    put(outcome, "{\"ok\":[");
    for (size_t i = 0; i < names.count; i++) {
        put(outcome, i == 0 ? "" : ",");
        put_quoted(outcome, names.ptr[i].ptr, names.ptr[i].len);
    }
    put(outcome, "]}");
    oslo_texts_free(&names);
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

static void can_send(const oslo_client *client, yyjson_val *step, buffer *outcome) {
    bool can;
    oslo_error error;
    if (oslo_client_can_send_version(client, text_member(step, "version"), &can, &error)) {
        const char *answer = can ? "true" : "false";
        put_ok(outcome, answer, strlen(answer));
    } else {
        put_outcome(outcome, NULL, &error);
    }
}

bool ask(const oslo_client *client, yyjson_val *step, const char *op, buffer *outcome) {
    if (strcmp(op, "can-send-version") == 0) {
        can_send(client, step, outcome);
    } else if (strcmp(op, "describe") == 0) {
        describe(client, outcome);
    } else if (strcmp(op, "limits") == 0) {
        limits(outcome);
    } else if (strcmp(op, "remaining") == 0) {
        remaining(outcome);
    } else if (strcmp(op, "transports") == 0) {
        transports(outcome);
    } else {
        return false;
    }
    return true;
}

static void prepare(const oslo_client *client, yyjson_val *step, clients *all, buffer *outcome) {
    oslo_options *options;
    oslo_client *prepared;
    oslo_error error;
    if (!read_options(yyjson_obj_get(step, "settings"), &options, outcome)) {
        return;
    }
    if (oslo_client_prepare(client, options, &prepared, &error)) {
        add_client(all, prepared);
    }
    put_outcome(outcome, NULL, &error);
    oslo_options_free(options);
}

static void run(yyjson_val *step, clients *all, buffer *outcome) {
    const char *op = yyjson_get_str(yyjson_obj_get(step, "op"));
    oslo_client **place = find_client(all, step, outcome);
    if (place == NULL) {
        return;
    }
    if (op == NULL) {
        put_refusal(outcome, "missing field `op`", "");
    } else if (strcmp(op, "prepare") == 0) {
        prepare(*place, step, all, outcome);
    } else if (strcmp(op, "drop") == 0) {
        oslo_client_free(*place);
        *place = NULL;
        put_ok(outcome, "null", 4);
    } else if (!ask(*place, step, op, outcome) && !send(all, *place, step, op, outcome)) {
        put_refusal(outcome, "this plugin does not know the op ", op);
    }
}

static oslo_client *open(yyjson_val *script, buffer *outcome) {
    yyjson_val *given = yyjson_obj_get(script, "open");
    oslo_str transport = text_member(given, "transport");
    oslo_target target = read_target(yyjson_obj_get(given, "target"));
    oslo_options *options;
    oslo_client *client;
    oslo_error error;
    if (!read_options(yyjson_obj_get(given, "settings"), &options, outcome)) {
        return NULL;
    }
    if (!oslo_client_open(transport.ptr == NULL ? OSLO_STR("default") : transport, &target, options,
                          &client, &error)) {
        put_outcome(outcome, NULL, &error);
    }
    oslo_options_free(options);
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
            size_t index, max;
            yyjson_val *step;
            add_client(&all, client);
            yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(doc), "steps"), index, max, step) {
                put(&text, index == 0 ? "" : ",");
                run(step, &all, &text);
            }
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
