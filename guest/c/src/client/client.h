/* What clients and options are. */
#ifndef OSLO_CLIENT_H
#define OSLO_CLIENT_H

#include "convert.h"
#include "oslo_messaging.h"

/* The host ends a plugin that drops what a call of `rpc-async` has borrowed, so that clients and
 * options are dropped with the last of those who use them: their owner and such calls. */
struct oslo_client {
    oslo_messaging_client_own_client_t handle;
    size_t users;
};

struct oslo_options {
    oslo_messaging_client_own_options_t handle;
    size_t users;
    uint32_t not_utf8; /* the settings whose text is not, a bit each */
    bool unknown;      /* whether one was set back that does not exist */
};

static inline oslo_messaging_client_borrow_client_t oslo_lend_client(const oslo_client *client) {
    return oslo_messaging_client_borrow_client(client->handle);
}

/* Options as the host takes them, NULL for none; `place` is where they are then. False, with the
 * error, if something is wrong with one that the host must not see. */
typedef oslo_messaging_client_borrow_options_t oslo_raw_options;
bool oslo_lend_options(const oslo_options *options, oslo_raw_options *place,
                       oslo_raw_options **raw, oslo_error *error);

/* Refuses a client that is NULL; false, with the error. */
bool oslo_check_client(const oslo_client *client, oslo_error *error);

#endif
