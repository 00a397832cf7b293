#include "client.h"

#include <stdlib.h>

bool oslo_check_client(const oslo_client *client, oslo_error *error) {
    return client != NULL || oslo_refuse("client", "is NULL", error);
}

/* Gives a client to whoever wants it. */
static bool give(oslo_messaging_client_own_client_t handle, oslo_client **client,
                 oslo_error *error) {
    if (client == NULL) {
        oslo_messaging_client_client_drop_own(handle);
    } else {
        *client = oslo_allocate(1, sizeof **client);
        (*client)->handle = handle;
        (*client)->users = 1;
    }
    return oslo_succeed(error);
}

static bool lend_target(const oslo_target *target, oslo_raw_target *raw, oslo_error *error) {
    static const oslo_target NOTHING;
    if (target == NULL) {
        target = &NOTHING;
    }
    raw->fanout = target->fanout;
    return oslo_lend_optional(target->exchange, "exchange", &raw->exchange, error) &&
           oslo_lend_optional(target->topic, "topic", &raw->topic, error) &&
           oslo_lend_optional(target->namespace_name, "namespace", &raw->namespace_, error) &&
           oslo_lend_optional(target->version, "version", &raw->version, error) &&
           oslo_lend_optional(target->server, "server", &raw->server, error);
}

bool oslo_client_open(oslo_str transport, const oslo_target *target, const oslo_options *options,
                      oslo_client **client, oslo_error *error) {
    oslo_raw_text name;
    oslo_raw_target raw_target;
    oslo_raw_options place, *raw_options;
    if (client != NULL) {
        *client = NULL;
    }
    if (!oslo_lend_text(transport, "transport", &name, error) ||
        !lend_target(target, &raw_target, error) ||
        !oslo_lend_options(options, &place, &raw_options, error)) {
        return false;
    }
    oslo_messaging_client_own_client_t handle;
    oslo_raw_error raw;
    if (!oslo_messaging_client_static_client_open(&name, &raw_target, raw_options, &handle, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    return give(handle, client, error);
}

bool oslo_client_prepare(const oslo_client *client, const oslo_options *options,
                         oslo_client **prepared, oslo_error *error) {
    oslo_raw_options place, *raw_options;
    if (prepared != NULL) {
        *prepared = NULL;
    }
    if (!oslo_check_client(client, error) ||
        !oslo_lend_options(options, &place, &raw_options, error)) {
        return false;
    }
    /* To prepare with nothing is to copy, for which the host wants options as well. */
    oslo_options *nothing = options == NULL ? oslo_options_new() : NULL;
    if (nothing != NULL) {
        oslo_lend_options(nothing, &place, &raw_options, NULL);
    }
    oslo_messaging_client_own_client_t handle;
    oslo_raw_error raw;
    bool is_prepared = oslo_messaging_client_method_client_prepare(oslo_lend_client(client),
                                                                   *raw_options, &handle, &raw);
    oslo_options_free(nothing);
    if (!is_prepared) {
        oslo_take_error(&raw, error);
        return false;
    }
    return give(handle, prepared, error);
}

void oslo_client_free(oslo_client *client) {
    if (client != NULL && --client->users == 0) {
        oslo_messaging_client_client_drop_own(client->handle);
        free(client);
    }
}

bool oslo_client_can_send_version(const oslo_client *client, oslo_str version, bool *can,
                                  oslo_error *error) {
    oslo_world_option_string_t asked;
    if (!oslo_check_client(client, error) ||
        !oslo_lend_optional(version, "version", &asked, error)) {
        return false;
    }
    bool answer;
    oslo_raw_error raw;
    if (!oslo_messaging_client_method_client_can_send_version(
            oslo_lend_client(client), asked.is_some ? &asked.val : NULL, &answer, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    if (can != NULL) {
        *can = answer;
    }
    return oslo_succeed(error);
}
