#include <stdlib.h>

#include "client.h"

typedef oslo_messaging_rpc_client_request_t raw_request;
typedef oslo_messaging_rpc_client_result_json_error_t raw_result;

static bool lend_request(const oslo_client *client, const oslo_request *request, raw_request *raw,
                         oslo_error *error) {
    oslo_raw_message message;
    if (client == NULL) {
        return oslo_refuse("client", "is NULL", error);
    }
    if (!oslo_lend_message(request->context, request->method, request->args, &message, error) ||
        !oslo_lend_settings(request->settings, request->setting_count, &raw->settings.ptr, error)) {
        return false;
    }
    raw->settings.len = request->setting_count;
    raw->context = message.context;
    raw->method = message.method;
    raw->args = message.args;
    return oslo_succeed(error);
}

void oslo_client_call_all(const oslo_client *client, const oslo_request *requests, size_t count,
                          oslo_result *results) {
    if (requests == NULL || results == NULL) {
        return;
    }
    /* What cannot be sent is not, and its result is the error; `places` says whose results come. */
    raw_request *sent = oslo_allocate(count, sizeof *sent);
    size_t *places = oslo_allocate(count, sizeof *places);
    size_t sent_count = 0;
    for (size_t i = 0; i < count; i++) {
        memset(&results[i], 0, sizeof results[i]);
        if (lend_request(client, &requests[i], &sent[sent_count], &results[i].error)) {
            places[sent_count++] = i;
        }
    }
    if (sent_count > 0) {
        oslo_messaging_rpc_client_list_request_t list = {sent, sent_count};
        oslo_messaging_rpc_client_list_result_json_error_t came;
        oslo_messaging_rpc_client_method_client_call_all(
            oslo_messaging_rpc_client_borrow_client(client->handle), &list, &came);
        for (size_t i = 0; i < came.len && i < sent_count; i++) {
            raw_result *raw = &came.ptr[i];
            oslo_result *result = &results[places[i]];
            if (raw->is_err) {
                oslo_take_error(&raw->val.err, &result->error);
            } else {
                result->reply = oslo_take_text(raw->val.ok);
            }
        }
        if (came.len > 0) {
            free(came.ptr);
        }
    }
    for (size_t i = 0; i < sent_count; i++) {
        free(sent[i].settings.ptr);
    }
    free(places);
    free(sent);
}

void oslo_result_free(oslo_result *result) {
    if (result != NULL) {
        oslo_text_free(&result->reply);
        oslo_error_free(&result->error);
    }
}
