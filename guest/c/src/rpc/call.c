#include "client/client.h"

bool oslo_client_call(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      const oslo_options *options, oslo_text *reply, oslo_error *error) {
    oslo_raw_message message;
    oslo_raw_options place, *raw_options;
    if (reply != NULL) {
        memset(reply, 0, sizeof *reply);
    }
    if (!oslo_check_client(client, error) ||
        !oslo_lend_message(context, method, args, &message, error) ||
        !oslo_lend_options(options, &place, &raw_options, error)) {
        return false;
    }
    oslo_raw_text raw_reply;
    oslo_raw_error raw;
    if (!oslo_messaging_rpc_call(oslo_lend_client(client), &message.context, &message.method,
                                 &message.args, raw_options, &raw_reply, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    oslo_error none;
    oslo_succeed(&none);
    return oslo_give(oslo_take_text(raw_reply), none, reply, error);
}

bool oslo_client_cast(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      const oslo_options *options, oslo_error *error) {
    oslo_raw_message message;
    oslo_raw_options place, *raw_options;
    if (!oslo_check_client(client, error) ||
        !oslo_lend_message(context, method, args, &message, error) ||
        !oslo_lend_options(options, &place, &raw_options, error)) {
        return false;
    }
    oslo_raw_error raw;
    if (!oslo_messaging_rpc_cast(oslo_lend_client(client), &message.context, &message.method,
                                 &message.args, raw_options, &raw)) {
        oslo_take_error(&raw, error);
        return false;
    }
    return oslo_succeed(error);
}
