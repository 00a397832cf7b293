/* The steps that send something, with calls in flight. */
#include <oslo_messaging_pending.h>

#include "script.h"

/* Starts the message of a step; NULL, with the outcome, if there is nothing to wait for. */
static oslo_pending *start(oslo_client *client, yyjson_val *step, bool is_call, buffer *outcome) {
    message message;
    oslo_pending *pending = NULL;
    if (read_message(step, &message, outcome)) {
        pending = (is_call ? oslo_start_call : oslo_start_cast)(
            client, message.context, message.method, message.args, message.options, NULL);
    }
    free_message(&message);
    return pending;
}

static void finish(oslo_pending *pending, buffer *outcome) {
    oslo_text reply;
    oslo_error error;
    oslo_pending_finish(pending, &reply, &error);
    put_outcome(outcome, &reply, &error);
}

/* A message in flight, or NULL with an outcome. */
static oslo_pending *begin(const clients *all, yyjson_val *step, buffer *outcome) {
    const char *op = yyjson_get_str(yyjson_obj_get(step, "op"));
    oslo_client **place = find_client(all, step, outcome);
    if (place == NULL) {
        return NULL;
    }
    if (op == NULL) {
        put_refusal(outcome, "missing field `op`", "");
    } else if (strcmp(op, "call") == 0 || strcmp(op, "cast") == 0) {
        return start(*place, step, op[2] == 'l', outcome);
    } else if (!ask(*place, step, op, outcome)) {
        put_refusal(outcome, "this plugin does not know, or not here, the op ", op);
    }
    return NULL;
}

static void concurrently(const clients *all, yyjson_val *given, buffer *outcome) {
    struct begun {
        oslo_pending *pending;
        buffer outcome;
    } *begun = calloc(yyjson_arr_size(given) + 1, sizeof *begun);
    size_t index, max;
    yyjson_val *step;
    yyjson_arr_foreach(given, index, max, step) {
        begun[index].pending = begin(all, step, &begun[index].outcome);
    }
    /* In the order of the steps, whatever the order in which they end. */
    put(outcome, "{\"ok\":[");
    for (size_t i = 0; i < yyjson_arr_size(given); i++) {
        put(outcome, i == 0 ? "" : ",");
        if (begun[i].pending != NULL) {
            finish(begun[i].pending, outcome);
        } else {
            put_n(outcome, begun[i].outcome.ptr, begun[i].outcome.len);
        }
        free(begun[i].outcome.ptr);
    }
    put(outcome, "]}");
    free(begun);
}

bool send(const clients *all, oslo_client *client, yyjson_val *step, const char *op,
          buffer *outcome) {
    if (strcmp(op, "call") == 0 || strcmp(op, "cast") == 0) {
        oslo_pending *pending = start(client, step, op[2] == 'l', outcome);
        if (pending != NULL) {
            finish(pending, outcome);
        }
    } else if (strcmp(op, "concurrently") == 0) {
        concurrently(all, yyjson_obj_get(step, "steps"), outcome);
    } else if (strcmp(op, "cancel") == 0) {
        oslo_pending *pending = begin(all, yyjson_obj_get(step, "step"), outcome);
        if (pending != NULL) {
            oslo_pending_cancel(pending);
            put_ok(outcome, "null", 4);
        }
    } else {
        return false;
    }
    return true;
}
