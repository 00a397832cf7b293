#include "client.h"

#include <stdlib.h>

static oslo_messaging_rpc_client_async_borrow_client_t lend(const oslo_async_client *client) {
    return oslo_messaging_rpc_client_async_borrow_client(client->handle);
}

static bool give(oslo_messaging_rpc_client_async_own_client_t handle, oslo_async_client **client,
                 oslo_error *error) {
    if (client == NULL) {
        oslo_messaging_rpc_client_async_client_drop_own(handle);
    } else {
        *client = oslo_allocate(1, sizeof **client);
        (*client)->handle = handle;
        (*client)->users = 1;
    }
    return oslo_succeed(error);
}

bool oslo_async_client_open(oslo_str transport, const oslo_target *target,
                            const oslo_setting *settings, size_t count, oslo_async_client **client,
                            oslo_error *error) {
    oslo_raw_text name;
    oslo_raw_target raw_target;
    oslo_messaging_rpc_client_async_list_setting_t list = {NULL, count};
    if (client != NULL) {
        *client = NULL;
    }
    if (!oslo_lend_text(transport, "transport", &name, error) ||
        !oslo_lend_target(target, &raw_target, error) ||
        !oslo_lend_settings(settings, count, &list.ptr, error)) {
        return false;
    }
    oslo_messaging_rpc_client_async_own_client_t handle;
    oslo_raw_error raw;
    bool opened = oslo_messaging_rpc_client_async_static_client_open(&name, &raw_target, &list,
                                                                     &handle, &raw);
    free(list.ptr);
    if (!opened) {
        oslo_take_error(&raw, error);
        return false;
    }
    return give(handle, client, error);
}

bool oslo_async_client_prepare(const oslo_async_client *client, const oslo_setting *settings,
                               size_t count, oslo_async_client **prepared, oslo_error *error) {
    oslo_messaging_rpc_client_async_list_setting_t list = {NULL, count};
    if (prepared != NULL) {
        *prepared = NULL;
    }
    if (client == NULL) {
        return oslo_refuse("client", "is NULL", error);
    }
    if (!oslo_lend_settings(settings, count, &list.ptr, error)) {
        return false;
    }
    oslo_messaging_rpc_client_async_own_client_t handle;
    oslo_raw_error raw;
    bool is_prepared =
        oslo_messaging_rpc_client_async_method_client_prepare(lend(client), &list, &handle, &raw);
    free(list.ptr);
    if (!is_prepared) {
        oslo_take_error(&raw, error);
        return false;
    }
    return give(handle, prepared, error);
}

void oslo_async_client_release(oslo_async_client *client) {
    if (client != NULL && --client->users == 0) {
        oslo_messaging_rpc_client_async_client_drop_own(client->handle);
        free(client);
    }
}

void oslo_async_client_free(oslo_async_client *client) {
    oslo_async_client_release(client);
}

bool oslo_async_client_can_send_version(const oslo_async_client *client, oslo_str version,
                                        bool *can, oslo_error *error) {
    if (client == NULL) {
        return oslo_refuse("client", "is NULL", error);
    }
    oslo_world_option_string_t asked;
    if (!oslo_lend_optional(version, "version", &asked, error)) {
        return false;
    }
    bool answer;
    oslo_raw_error raw;
    if (!oslo_messaging_rpc_client_async_method_client_can_send_version(
            lend(client), asked.is_some ? &asked.val : NULL, &answer, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    if (can != NULL) {
        *can = answer;
    }
    return oslo_succeed(error);
}

bool oslo_async_remaining(uint64_t *nanoseconds) {
    uint64_t left;
    bool limited = oslo_messaging_rpc_client_async_remaining(&left);
    if (limited && nanoseconds != NULL) {
        *nanoseconds = left;
    }
    return limited;
}
