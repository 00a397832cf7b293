/* What a client is. */
#ifndef OSLO_CLIENT_H
#define OSLO_CLIENT_H

#include "convert.h"
#include "oslo_messaging.h"

struct oslo_client {
    oslo_messaging_rpc_client_own_client_t handle;
};

#endif
