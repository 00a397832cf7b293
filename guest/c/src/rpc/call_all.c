#include <stdlib.h>

#include "client/client.h"

static bool lend_request(const oslo_request *request, oslo_messaging_rpc_request_t *raw,
                         oslo_error *error) {
    oslo_raw_message message;
    oslo_raw_options *raw_options;
    if (!oslo_check_client(request->client, error) ||
        !oslo_lend_message(request->context, request->method, request->args, &message, error) ||
        !oslo_lend_options(request->options, &raw->options.val, &raw_options, error)) {
        return false;
    }
    raw->client = oslo_lend_client(request->client);
    raw->context = message.context;
    raw->method = message.method;
    raw->args = message.args;
    raw->options.is_some = raw_options != NULL;
    return oslo_succeed(error);
}

void oslo_call_all(const oslo_request *requests, size_t count, oslo_result *results) {
    if (requests == NULL || results == NULL) {
        return;
    }
    /* What cannot be sent is not, and its result is the error; `places` says whose results come. */
    oslo_messaging_rpc_request_t *sent = oslo_allocate(count, sizeof *sent);
    size_t *places = oslo_allocate(count, sizeof *places);
    size_t sent_count = 0;
    for (size_t i = 0; i < count; i++) {
        memset(&results[i], 0, sizeof results[i]);
        if (lend_request(&requests[i], &sent[sent_count], &results[i].error)) {
            places[sent_count++] = i;
        }
    }
    if (sent_count > 0) {
        oslo_messaging_rpc_list_request_t list = {sent, sent_count};
        oslo_messaging_rpc_list_result_json_error_t came;
        oslo_messaging_rpc_call_all(&list, &came);
        for (size_t i = 0; i < came.len && i < sent_count; i++) {
            oslo_result *result = &results[places[i]];
            if (came.ptr[i].is_err) {
                oslo_take_error(&came.ptr[i].val.err, &result->error);
            } else {
                result->reply = oslo_take_text(came.ptr[i].val.ok);
            }
        }
        if (came.len > 0) {
            free(came.ptr);
        }
    }
    free(places);
    free(sent);
}
