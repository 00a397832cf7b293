#include "client.h"

#include <stdlib.h>

static oslo_messaging_rpc_client_borrow_client_t lend(const oslo_client *client) {
    return oslo_messaging_rpc_client_borrow_client(client->handle);
}

static bool refuse_client(oslo_error *error) {
    return oslo_refuse("client", "is NULL", error);
}

/* Gives a client to whoever wants it. */
static bool give(oslo_messaging_rpc_client_own_client_t handle, oslo_client **client,
                 oslo_error *error) {
    if (client == NULL) {
        oslo_messaging_rpc_client_client_drop_own(handle);
    } else {
        *client = oslo_allocate(1, sizeof **client);
        (*client)->handle = handle;
    }
    return oslo_succeed(error);
}

bool oslo_client_open(oslo_str transport, const oslo_target *target, const oslo_setting *settings,
                      size_t count, oslo_client **client, oslo_error *error) {
    oslo_raw_text name;
    oslo_raw_target raw_target;
    oslo_messaging_rpc_client_list_setting_t list = {NULL, count};
    if (client != NULL) {
        *client = NULL;
    }
    if (!oslo_lend_text(transport, "transport", &name, error) ||
        !oslo_lend_target(target, &raw_target, error) ||
        !oslo_lend_settings(settings, count, &list.ptr, error)) {
        return false;
    }
    oslo_messaging_rpc_client_own_client_t handle;
    oslo_raw_error raw;
    bool opened =
        oslo_messaging_rpc_client_static_client_open(&name, &raw_target, &list, &handle, &raw);
    free(list.ptr);
    if (!opened) {
        oslo_take_error(&raw, error);
        return false;
    }
    return give(handle, client, error);
}

bool oslo_client_prepare(const oslo_client *client, const oslo_setting *settings, size_t count,
                         oslo_client **prepared, oslo_error *error) {
    oslo_messaging_rpc_client_list_setting_t list = {NULL, count};
    if (prepared != NULL) {
        *prepared = NULL;
    }
    if (client == NULL) {
        return refuse_client(error);
    }
    if (!oslo_lend_settings(settings, count, &list.ptr, error)) {
        return false;
    }
    oslo_messaging_rpc_client_own_client_t handle;
    oslo_raw_error raw;
    bool is_prepared =
        oslo_messaging_rpc_client_method_client_prepare(lend(client), &list, &handle, &raw);
    free(list.ptr);
    if (!is_prepared) {
        oslo_take_error(&raw, error);
        return false;
    }
    return give(handle, prepared, error);
}

void oslo_client_free(oslo_client *client) {
    if (client != NULL) {
        oslo_messaging_rpc_client_client_drop_own(client->handle);
        free(client);
    }
}

bool oslo_client_call(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      oslo_text *reply, oslo_error *error) {
    if (reply != NULL) {
        memset(reply, 0, sizeof *reply);
    }
    if (client == NULL) {
        return refuse_client(error);
    }
    oslo_raw_message message;
    if (!oslo_lend_message(context, method, args, &message, error)) {
        return false;
    }
    oslo_raw_text raw_reply;
    oslo_raw_error raw;
    if (!oslo_messaging_rpc_client_method_client_call(lend(client), &message.context,
                                                      &message.method, &message.args, &raw_reply,
                                                      &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    oslo_text text = oslo_take_text(raw_reply);
    if (reply != NULL) {
        *reply = text;
    } else {
        oslo_text_free(&text);
    }
    return oslo_succeed(error);
}

bool oslo_client_cast(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      oslo_error *error) {
    if (client == NULL) {
        return refuse_client(error);
    }
    oslo_raw_message message;
    if (!oslo_lend_message(context, method, args, &message, error)) {
        return false;
    }
    oslo_raw_error raw;
    if (!oslo_messaging_rpc_client_method_client_cast(lend(client), &message.context,
                                                      &message.method, &message.args, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    return oslo_succeed(error);
}

bool oslo_client_can_send_version(const oslo_client *client, oslo_str version, bool *can,
                                  oslo_error *error) {
    if (client == NULL) {
        return refuse_client(error);
    }
    oslo_world_option_string_t asked;
    if (!oslo_lend_optional(version, "version", &asked, error)) {
        return false;
    }
    bool answer;
    oslo_raw_error raw;
    if (!oslo_messaging_rpc_client_method_client_can_send_version(
            lend(client), asked.is_some ? &asked.val : NULL, &answer, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    if (can != NULL) {
        *can = answer;
    }
    return oslo_succeed(error);
}

bool oslo_remaining(uint64_t *nanoseconds) {
    uint64_t left;
    bool limited = oslo_messaging_rpc_client_remaining(&left);
    if (limited && nanoseconds != NULL) {
        *nanoseconds = left;
    }
    return limited;
}
