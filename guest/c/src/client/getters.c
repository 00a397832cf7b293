#include "client.h"

#define HOST(getter) oslo_messaging_client_method_client_##getter

static const oslo_text NONE;

oslo_text oslo_client_transport(const oslo_client *client) {
    if (client == NULL) {
        return NONE;
    }
    oslo_raw_text name;
    HOST(transport)(oslo_lend_client(client), &name);
    return oslo_take_text(name);
}

oslo_owned_target oslo_client_target(const oslo_client *client) {
    oslo_owned_target target = {NONE, NONE, NONE, NONE, NONE, false};
    if (client != NULL) {
        oslo_raw_target raw;
        HOST(target)(oslo_lend_client(client), &raw);
        target.exchange = oslo_take_optional(raw.exchange);
        target.topic = oslo_take_optional(raw.topic);
        target.namespace_name = oslo_take_optional(raw.namespace_);
        target.version = oslo_take_optional(raw.version);
        target.server = oslo_take_optional(raw.server);
        target.fanout = raw.fanout;
    }
    return target;
}

void oslo_owned_target_free(oslo_owned_target *target) {
    if (target != NULL) {
        oslo_text_free(&target->exchange);
        oslo_text_free(&target->topic);
        oslo_text_free(&target->namespace_name);
        oslo_text_free(&target->version);
        oslo_text_free(&target->server);
    }
}

uint64_t oslo_client_timeout(const oslo_client *client) {
    return client == NULL ? 0 : HOST(timeout)(oslo_lend_client(client));
}

oslo_text oslo_client_version_cap(const oslo_client *client) {
    oslo_raw_text cap;
    if (client == NULL || !HOST(version_cap)(oslo_lend_client(client), &cap)) {
        return NONE;
    }
    return oslo_take_text(cap);
}

bool oslo_client_retry(const oslo_client *client, uint32_t *times) {
    uint32_t set;
    bool is_set = client != NULL && HOST(retry)(oslo_lend_client(client), &set);
    if (is_set && times != NULL) {
        *times = set;
    }
    return is_set;
}

bool oslo_client_call_monitor_timeout(const oslo_client *client, uint64_t *nanoseconds) {
    uint64_t set;
    bool is_set = client != NULL && HOST(call_monitor_timeout)(oslo_lend_client(client), &set);
    if (is_set && nanoseconds != NULL) {
        *nanoseconds = set;
    }
    return is_set;
}

bool oslo_client_mandatory(const oslo_client *client, bool *mandatory) {
    bool set;
    bool is_set = client != NULL && HOST(mandatory)(oslo_lend_client(client), &set);
    if (is_set && mandatory != NULL) {
        *mandatory = set;
    }
    return is_set;
}

uint64_t oslo_client_reply_bytes(const oslo_client *client) {
    return client == NULL ? 0 : HOST(reply_bytes)(oslo_lend_client(client));
}

oslo_texts oslo_transports(void) {
    oslo_world_list_string_t names;
    oslo_messaging_client_transports(&names);
    return oslo_take_texts(names.ptr, names.len);
}
