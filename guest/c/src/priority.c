/* The names of priorities. */
#include "oslo_messaging_priority.h"

static const char *const NAMES[OSLO_PRIORITY_COUNT] = {
    [OSLO_PRIORITY_AUDIT] = "audit",       [OSLO_PRIORITY_DEBUG] = "debug",
    [OSLO_PRIORITY_INFO] = "info",         [OSLO_PRIORITY_WARN] = "warn",
    [OSLO_PRIORITY_ERROR] = "error",       [OSLO_PRIORITY_CRITICAL] = "critical",
    [OSLO_PRIORITY_SAMPLE] = "sample",
};

const char *oslo_priority_name(oslo_priority priority) {
    size_t index = (size_t)priority;
    return index < OSLO_PRIORITY_COUNT ? NAMES[index] : NULL;
}

bool oslo_priority_of(oslo_str name, oslo_priority *priority) {
    for (size_t i = 0; i < OSLO_PRIORITY_COUNT; i++) {
        if (name.len == strlen(NAMES[i]) && memcmp(name.ptr, NAMES[i], name.len) == 0) {
            *priority = (oslo_priority)i;
            return true;
        }
    }
    return false;
}
