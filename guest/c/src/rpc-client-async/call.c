#include <stdlib.h>

#include "flight.h"

typedef oslo_messaging_rpc_client_async_method_client_call_args_t call_args;
typedef oslo_messaging_rpc_client_async_method_client_cast_args_t cast_args;

/* Copies the texts of a message, which the host reads when it gets to it. */
static char *keep(oslo_raw_message *message) {
    oslo_raw_text *texts[] = {&message->context, &message->method, &message->args};
    size_t len = message->context.len + message->method.len + message->args.len;
    char *kept = oslo_allocate(len, 1);
    char *at = kept;
    for (size_t i = 0; i < 3; i++) {
        memcpy(at, texts[i]->ptr, texts[i]->len);
        texts[i]->ptr = (uint8_t *)at;
        at += texts[i]->len;
    }
    return kept;
}

static oslo_call *start(oslo_async_client *client, oslo_str context, oslo_str method,
                        oslo_str args, void *tag, bool is_cast) {
    oslo_call *call = oslo_allocate(1, sizeof *call);
    call->is_cast = is_cast;
    call->tag = tag;
    oslo_raw_message message;
    if (client == NULL) {
        oslo_refuse("client", "is NULL", &call->refusal);
    } else {
        oslo_lend_message(context, method, args, &message, &call->refusal);
    }
    if (call->refusal.kind != OSLO_OK) {
        oslo_flight_end(call);
        return call;
    }
    call->client = client;
    client->users++;
    call->texts = keep(&message);
    oslo_messaging_rpc_client_async_borrow_client_t self =
        oslo_messaging_rpc_client_async_borrow_client(client->handle);
    if (is_cast) {
        call->arguments.cast = (cast_args){self, message.context, message.method, message.args};
        oslo_flight_board(call, oslo_messaging_rpc_client_async_method_client_cast(
                                    &call->arguments.cast, &call->outcome.cast));
    } else {
        call->arguments.call = (call_args){self, message.context, message.method, message.args};
        oslo_flight_board(call, oslo_messaging_rpc_client_async_method_client_call(
                                    &call->arguments.call, &call->outcome.call));
    }
    return call;
}

oslo_call *oslo_call_start(oslo_async_client *client, oslo_str context, oslo_str method,
                           oslo_str args, void *tag) {
    return start(client, context, method, args, tag, false);
}

oslo_call *oslo_cast_start(oslo_async_client *client, oslo_str context, oslo_str method,
                           oslo_str args, void *tag) {
    return start(client, context, method, args, tag, true);
}

oslo_call *oslo_wait(void) {
    oslo_flight_wait(NULL);
    oslo_call *call = oslo_flight_first();
    if (call != NULL) {
        oslo_flight_leave(call);
    }
    return call;
}

void *oslo_call_tag(const oslo_call *call) {
    return call == NULL ? NULL : call->tag;
}

/* Takes the outcome from where the host wrote it. */
static bool take(oslo_call *call, oslo_text *reply, oslo_error *error) {
    if (call->client == NULL) {
        if (error != NULL) {
            *error = call->refusal;
        } else {
            oslo_error_free(&call->refusal);
        }
        return false;
    }
    if (call->is_cast) {
        if (call->outcome.cast.is_err) {
            oslo_take_error(&call->outcome.cast.val.err, error);
            return false;
        }
        return oslo_succeed(error);
    }
    if (call->outcome.call.is_err) {
        oslo_take_error(&call->outcome.call.val.err, error);
        return false;
    }
    oslo_text text = oslo_take_text(call->outcome.call.val.ok);
    if (reply != NULL) {
        *reply = text;
    } else {
        oslo_text_free(&text);
    }
    return oslo_succeed(error);
}

bool oslo_call_finish(oslo_call *call, oslo_text *reply, oslo_error *error) {
    if (reply != NULL) {
        memset(reply, 0, sizeof *reply);
    }
    if (call == NULL) {
        return oslo_refuse("call", "is NULL", error);
    }
    oslo_flight_wait(call);
    if (call->state == OSLO_CALL_ENDED) {
        oslo_flight_leave(call);
    }
    bool succeeded = take(call, reply, error);
    oslo_async_client_release(call->client);
    free(call);
    return succeeded;
}

void oslo_call_cancel(oslo_call *call) {
    if (call == NULL) {
        return;
    }
    if (call->state != OSLO_CALL_IN_FLIGHT || oslo_flight_cancel(call)) {
        oslo_call_finish(call, NULL, NULL);
        return;
    }
    oslo_async_client_release(call->client);
    free(call);
}
