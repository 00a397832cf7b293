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
        if (remote->module_name.len > 0 && strcmp(remote->module_name.ptr, "builtins") != 0) {
            at = append(buffer, size, at, remote->module_name.ptr);
            at = append(buffer, size, at, ".");
        }
        at = append(buffer, size, at, remote->class_name.ptr);
        if (error->message.len > 0) {
            at = append(buffer, size, at, ": ");
        }
    }
    return append(buffer, size, at, oslo_error_message(error));
}

bool oslo_error_is_remote(const oslo_error *error, const char *module_name,
                          const char *class_name) {
    return error != NULL && error->kind == OSLO_ERROR_REMOTE && module_name != NULL &&
           class_name != NULL && strcmp(error->detail.remote.module_name.ptr, module_name) == 0 &&
           strcmp(error->detail.remote.class_name.ptr, class_name) == 0;
}

bool oslo_error_was_executed(const oslo_error *error) {
    return error != NULL &&
           (error->kind == OSLO_ERROR_REMOTE || error->kind == OSLO_ERROR_INVALID_REPLY);
}

bool oslo_error_may_have_been_executed(const oslo_error *error) {
    if (error == NULL) {
        return false;
    }
    switch (error->kind) {
    case OSLO_ERROR_TIMEOUT:
        return error->detail.timeout.delivery == OSLO_MAYBE_DELIVERED;
    case OSLO_ERROR_DELIVERY_FAILURE:
        return error->detail.delivery_failure.delivery == OSLO_MAYBE_DELIVERED;
    default:
        return false;
    }
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

const char *oslo_delivery_name(oslo_delivery delivery) {
    static const char *const NAMES[] = {"not-sent", "maybe-delivered"};
    return NAME(NAMES, delivery);
}

const char *oslo_waiting_for_name(oslo_waiting_for waiting_for) {
    static const char *const NAMES[] = {"admission", "connection", "confirm", "reply", "heartbeat"};
    return NAME(NAMES, waiting_for);
}
