/* Verbs, calls in flight and limits, as the host has them. */
#include <stdlib.h>

#include "convert.h"
#include "played.h"

bool oslo_messaging_rpc_call(oslo_messaging_rpc_borrow_client_t client,
                             oslo_messaging_rpc_json_t *context, oslo_world_string_t *method,
                             oslo_messaging_rpc_json_t *args,
                             oslo_messaging_rpc_borrow_options_t *options,
                             oslo_messaging_rpc_json_t *ret, oslo_messaging_rpc_error_t *err) {
    return oslo_played_send(client.__handle, context, method, args, options, false, ret, err);
}

bool oslo_messaging_rpc_cast(oslo_messaging_rpc_borrow_client_t client,
                             oslo_messaging_rpc_json_t *context, oslo_world_string_t *method,
                             oslo_messaging_rpc_json_t *args,
                             oslo_messaging_rpc_borrow_options_t *options,
                             oslo_messaging_rpc_error_t *err) {
    oslo_world_string_t nothing;
    if (!oslo_played_send(client.__handle, context, method, args, options, true, &nothing, err)) {
        return false;
    }
    free(nothing.ptr);
    return true;
}

void oslo_messaging_rpc_call_all(oslo_messaging_rpc_list_request_t *requests,
                                 oslo_messaging_rpc_list_result_json_error_t *ret) {
    ret->len = requests->len;
    ret->ptr = ret->len == 0 ? NULL : calloc(ret->len, sizeof *ret->ptr);
    for (size_t i = 0; i < ret->len; i++) {
        oslo_messaging_rpc_request_t *one = &requests->ptr[i];
        ret->ptr[i].is_err = !oslo_played_send(
            one->client.__handle, &one->context, &one->method, &one->args,
            one->options.is_some ? &one->options.val : NULL, false, &ret->ptr[i].val.ok,
            &ret->ptr[i].val.err);
    }
}

static played_list all_pendings;

static bool start(int32_t client, oslo_world_string_t *context, oslo_world_string_t *method,
                  oslo_world_string_t *args, oslo_messaging_client_borrow_options_t *options,
                  bool is_cast, oslo_messaging_rpc_poll_own_pending_t *ret) {
    oslo_messaging_rpc_poll_result_json_error_t *end = calloc(1, sizeof *end);
    if (end == NULL) {
        abort();
    }
    /* A union: written by one of them. */
    oslo_world_string_t reply = {NULL, 0};
    oslo_messaging_types_error_t error;
    end->is_err =
        !oslo_played_send(client, context, method, args, options, is_cast, &reply, &error);
    if (end->is_err) {
        end->val.err = error;
    } else {
        end->val.ok = reply;
    }
    ret->__handle = (int32_t)oslo_played_add(&all_pendings, end);
    oslo_played_open++;
    return true;
}

bool oslo_messaging_rpc_poll_start_call(oslo_messaging_rpc_poll_borrow_client_t client,
                                        oslo_messaging_rpc_poll_json_t *context,
                                        oslo_world_string_t *method,
                                        oslo_messaging_rpc_poll_json_t *args,
                                        oslo_messaging_rpc_poll_borrow_options_t *options,
                                        oslo_messaging_rpc_poll_own_pending_t *ret,
                                        oslo_messaging_rpc_poll_error_t *err) {
    (void)err;
    return start(client.__handle, context, method, args, options, false, ret);
}

bool oslo_messaging_rpc_poll_start_cast(oslo_messaging_rpc_poll_borrow_client_t client,
                                        oslo_messaging_rpc_poll_json_t *context,
                                        oslo_world_string_t *method,
                                        oslo_messaging_rpc_poll_json_t *args,
                                        oslo_messaging_rpc_poll_borrow_options_t *options,
                                        oslo_messaging_rpc_poll_own_pending_t *ret,
                                        oslo_messaging_rpc_poll_error_t *err) {
    (void)err;
    return start(client.__handle, context, method, args, options, true, ret);
}

oslo_messaging_rpc_poll_borrow_pending_t
oslo_messaging_rpc_poll_borrow_pending(oslo_messaging_rpc_poll_own_pending_t own) {
    oslo_messaging_rpc_poll_borrow_pending_t lent = {own.__handle};
    return lent;
}

oslo_messaging_rpc_poll_own_pollable_t
oslo_messaging_rpc_poll_method_pending_subscribe(oslo_messaging_rpc_poll_borrow_pending_t self) {
    oslo_messaging_rpc_poll_own_pollable_t own = {self.__handle};
    oslo_played_open++;
    return own;
}

/* Ends that nobody has taken are whole; taken ones are all zero. */
bool oslo_messaging_rpc_poll_method_pending_take(
    oslo_messaging_rpc_poll_borrow_pending_t self,
    oslo_messaging_rpc_poll_result_json_error_t *ret) {
    oslo_messaging_rpc_poll_result_json_error_t *end =
        oslo_played_get(&all_pendings, self.__handle);
    *ret = *end;
    memset(end, 0, sizeof *end);
    return true;
}

void oslo_messaging_rpc_poll_pending_drop_own(oslo_messaging_rpc_poll_own_pending_t own) {
    oslo_messaging_rpc_poll_result_json_error_t *end =
        oslo_played_take(&all_pendings, own.__handle);
    if (end->is_err) {
        oslo_take_error(&end->val.err, NULL);
    } else {
        free(end->val.ok.ptr);
    }
    free(end);
    oslo_played_open--;
}

/* Nothing takes time: what was started has ended. */
wasi_io_poll_borrow_pollable_t wasi_io_poll_borrow_pollable(wasi_io_poll_own_pollable_t own) {
    wasi_io_poll_borrow_pollable_t lent = {own.__handle};
    return lent;
}

bool wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable_t self) {
    (void)self;
    return true;
}

void wasi_io_poll_poll(wasi_io_poll_list_borrow_pollable_t *in, oslo_world_list_u32_t *ret) {
    ret->len = in->len;
    ret->ptr = calloc(in->len, sizeof *ret->ptr);
    for (size_t i = 0; i < in->len; i++) {
        ret->ptr[i] = (uint32_t)i;
    }
}

void wasi_io_poll_pollable_drop_own(wasi_io_poll_own_pollable_t own) {
    (void)own;
    oslo_played_open--;
}

bool oslo_messaging_limits_remaining(uint64_t *ret) {
    (void)ret;
    return false;
}

uint64_t oslo_messaging_limits_request_bytes(void) {
    return 16u << 20;
}

uint64_t oslo_messaging_limits_reply_bytes(void) {
    return 64u << 20;
}

uint64_t oslo_messaging_limits_held_reply_bytes(void) {
    return 128u << 20;
}

uint32_t oslo_messaging_limits_calls_in_flight(void) {
    return 128;
}

uint32_t oslo_messaging_limits_pending_calls(void) {
    return 1024;
}

uint32_t oslo_messaging_limits_requests(void) {
    return 1024;
}
