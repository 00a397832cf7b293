/* The names of priorities. */
#include "oslo_messaging_priority.h"

static const char *const NAMES[OSLO_PRIORITIES] = {
    [OSLO_AUDIT] = "audit",       [OSLO_DEBUG] = "debug", [OSLO_INFO] = "info",
    [OSLO_WARN] = "warn",         [OSLO_ERROR] = "error", [OSLO_CRITICAL] = "critical",
    [OSLO_SAMPLE] = "sample",
};

const char *oslo_priority_name(oslo_priority priority) {
    size_t index = (size_t)priority;
    return index < OSLO_PRIORITIES ? NAMES[index] : NULL;
}

bool oslo_priority_of(oslo_str name, oslo_priority *priority) {
    for (size_t i = 0; i < OSLO_PRIORITIES; i++) {
        if (name.len == strlen(NAMES[i]) && memcmp(name.ptr, NAMES[i], name.len) == 0) {
            *priority = (oslo_priority)i;
            return true;
        }
    }
    return false;
}
