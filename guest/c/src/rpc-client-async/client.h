/* What a client with calls in flight is. */
#ifndef OSLO_ASYNC_CLIENT_H
#define OSLO_ASYNC_CLIENT_H

#include "convert.h"
#include "oslo_messaging_async.h"

/* The host ends a plugin that drops a client whose calls are in flight, so that a client is dropped
 * with the last of those who use it: its owner and its calls. */
struct oslo_async_client {
    oslo_messaging_rpc_client_async_own_client_t handle;
    size_t users;
};

/* One user less. */
void oslo_async_client_release(oslo_async_client *client);

#endif
