#include "oslo_messaging_limits.h"

#include <stddef.h>

#include "oslo_world.h"

bool oslo_remaining(uint64_t *nanoseconds) {
    uint64_t left;
    bool limited = oslo_messaging_limits_remaining(&left);
    if (limited && nanoseconds != NULL) {
        *nanoseconds = left;
    }
    return limited;
}

uint64_t oslo_limit_request_bytes(void) {
    return oslo_messaging_limits_request_bytes();
}

uint64_t oslo_limit_reply_bytes(void) {
    return oslo_messaging_limits_reply_bytes();
}

uint64_t oslo_limit_held_reply_bytes(void) {
    return oslo_messaging_limits_held_reply_bytes();
}

uint32_t oslo_limit_calls_in_flight(void) {
    return oslo_messaging_limits_calls_in_flight();
}

uint32_t oslo_limit_pending_calls(void) {
    return oslo_messaging_limits_pending_calls();
}

uint32_t oslo_limit_requests(void) {
    return oslo_messaging_limits_requests();
}
