/* Runs a script through the SDK; see the world `conformance` in tests/wit. */
#include <oslo_messaging.h>

#include "../script/c/script.h"

static void one(const oslo_client *client, yyjson_val *step, bool is_call, buffer *outcome) {
    message message;
    oslo_text reply = {NULL, 0};
    oslo_error error;
    if (read_message(step, &message, outcome)) {
        if (is_call) {
            oslo_client_call(client, message.context, message.method, message.args,
                             message.options, &reply, &error);
        } else {
            oslo_client_cast(client, message.context, message.method, message.args,
                             message.options, &error);
        }
        put_outcome(outcome, &reply, &error);
    }
    free_message(&message);
}

/* A request without a client of its own has that of the step. */
static bool read_request(const clients *all, oslo_client *client, yyjson_val *value,
                         message *message, oslo_request *request, buffer *outcome) {
    if (yyjson_obj_get(value, "client") != NULL) {
        oslo_client **place = find_client(all, value, outcome);
        if (place == NULL) {
            return false;
        }
        client = *place;
    }
    if (!read_message(value, message, outcome)) {
        return false;
    }
    *request = (oslo_request){
        .client = client,
        .context = message->context,
        .method = message->method,
        .args = message->args,
        .options = message->options,
    };
    return true;
}

static void call_all(const clients *all, oslo_client *client, yyjson_val *step, buffer *outcome) {
    yyjson_val *given = yyjson_obj_get(step, "requests");
    size_t count = yyjson_arr_size(given);
    message *messages = calloc(count + 1, sizeof *messages);
    oslo_request *requests = calloc(count + 1, sizeof *requests);
    oslo_result *results = calloc(count + 1, sizeof *results);
    size_t index, max;
    yyjson_val *value;
    bool good = true;
    yyjson_arr_foreach(given, index, max, value) {
        good = good && read_request(all, client, value, &messages[index], &requests[index],
                                    outcome);
    }
    if (good) {
        oslo_call_all(requests, count, results);
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

bool send(const clients *all, oslo_client *client, yyjson_val *step, const char *op,
          buffer *outcome) {
    if (strcmp(op, "call") == 0 || strcmp(op, "cast") == 0) {
        one(client, step, op[2] == 'l', outcome);
    } else if (strcmp(op, "call-all") == 0) {
        call_all(all, client, step, outcome);
    } else {
        return false;
    }
    return true;
}
