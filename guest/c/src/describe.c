#include "oslo_messaging_error.h"

const char *oslo_error_message(const oslo_error *error) {
    return error == NULL || error->message.ptr == NULL ? "" : error->message.ptr;
}

/* Appends what fits, and counts what would. */
static size_t append(char *buffer, size_t size, size_t at, const char *text) {
    for (; *text != '\0'; text++, at++) {
        if (at + 1 < size) {
            buffer[at] = *text;
        }
    }
    if (size > 0) {
        buffer[at < size ? at : size - 1] = '\0';
    }
    return at;
}

size_t oslo_error_describe(const oslo_error *error, char *buffer, size_t size) {
    size_t at = append(buffer, size, 0, "");
    if (error != NULL && error->kind == OSLO_ERROR_REMOTE) {
        const oslo_remote_detail *remote = &error->detail.remote;
        if (remote->type_module.len > 0 && strcmp(remote->type_module.ptr, "builtins") != 0) {
            at = append(buffer, size, at, remote->type_module.ptr);
            at = append(buffer, size, at, ".");
        }
        at = append(buffer, size, at, remote->type_name.ptr);
        if (error->message.len > 0) {
            at = append(buffer, size, at, ": ");
        }
    }
    return append(buffer, size, at, oslo_error_message(error));
}

bool oslo_error_is_remote(const oslo_error *error, const char *type_module,
                          const char *type_name) {
    return error != NULL && error->kind == OSLO_ERROR_REMOTE && type_module != NULL &&
           type_name != NULL && strcmp(error->detail.remote.type_module.ptr, type_module) == 0 &&
           strcmp(error->detail.remote.type_name.ptr, type_name) == 0;
}

#define NAME(names, index) \
    ((size_t)(index) < sizeof(names) / sizeof *(names) ? (names)[index] : "unknown")

const char *oslo_error_kind_name(oslo_error_kind kind) {
    static const char *const NAMES[] = {
        "ok",           "timeout",       "no-such-target",   "delivery-failure",
        "remote",       "version-cap",   "invalid-target",   "invalid-argument",
        "access-denied", "limit-exceeded", "invalid-reply",    "other",
    };
    return NAME(NAMES, kind);
}

const char *oslo_outcome_name(oslo_outcome outcome) {
    static const char *const NAMES[] = {"none", "not-executed", "unknown", "executed"};
    return NAME(NAMES, outcome);
}

const char *oslo_waiting_for_name(oslo_waiting_for waiting_for) {
    static const char *const NAMES[] = {"admission", "connection", "confirm",
                                        "reply",     "heartbeat",  "other"};
    return NAME(NAMES, waiting_for);
}
