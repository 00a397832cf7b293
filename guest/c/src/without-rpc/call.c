/* Verbs that wait, in a world that has no interface `rpc`: they are started and waited for. */
#include <stdlib.h>

#include "convert.h"
#include "oslo_messaging_pending.h"

bool oslo_client_call(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      const oslo_options *options, oslo_text *reply, oslo_error *error) {
    oslo_pending *call = oslo_start_call(client, context, method, args, options, NULL);
    return oslo_pending_finish(call, reply, error);
}

bool oslo_client_cast(const oslo_client *client, oslo_str context, oslo_str method, oslo_str args,
                      const oslo_options *options, oslo_error *error) {
    oslo_pending *cast = oslo_start_cast(client, context, method, args, options, NULL);
    return oslo_pending_finish(cast, NULL, error);
}

void oslo_call_all(const oslo_request *requests, size_t count, oslo_result *results) {
    if (requests == NULL || results == NULL) {
        return;
    }
    oslo_pending **calls = oslo_allocate(count, sizeof(oslo_pending *));
    for (size_t i = 0; i < count; i++) {
        calls[i] = oslo_start_call(requests[i].client, requests[i].context, requests[i].method,
                                   requests[i].args, requests[i].options, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        oslo_pending_finish(calls[i], &results[i].reply, &results[i].error);
    }
    free(calls);
}
