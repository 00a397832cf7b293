#include <stdlib.h>

#include "convert.h"

bool oslo_succeed(oslo_error *error) {
    if (error != NULL) {
        memset(error, 0, sizeof *error);
    }
    return true;
}

static oslo_text copy(const char *first, const char *second, const char *third) {
    size_t lengths[] = {strlen(first), strlen(second), strlen(third)};
    oslo_text text;
    text.len = lengths[0] + lengths[1] + lengths[2];
    text.ptr = oslo_allocate(text.len + 1, 1);
    memcpy(text.ptr, first, lengths[0]);
    memcpy(text.ptr + lengths[0], second, lengths[1]);
    memcpy(text.ptr + lengths[0] + lengths[1], third, lengths[2]);
    return text;
}

bool oslo_refuse(const char *argument, const char *complaint, oslo_error *error) {
    if (error != NULL) {
        memset(error, 0, sizeof *error);
        error->kind = OSLO_ERROR_INVALID_ARGUMENT;
        oslo_text name = copy("`", argument, "` ");
        error->message = copy(name.ptr, complaint, "");
        oslo_text_free(&name);
        error->detail.invalid_argument.argument = copy(argument, "", "");
    }
    return false;
}

static oslo_remote_detail take_remote(const oslo_messaging_types_remote_error_t *raw) {
    oslo_remote_detail remote = {
        .class_name = oslo_take_text(raw->class_),
        .module_name = oslo_take_text(raw->module),
        .args = oslo_take_text(raw->args),
        .kwargs = oslo_take_text(raw->kwargs),
        .traceback_count = raw->traceback.len,
    };
    if (raw->traceback.len > 0) {
        remote.traceback = oslo_allocate(raw->traceback.len, sizeof *remote.traceback);
        for (size_t i = 0; i < raw->traceback.len; i++) {
            remote.traceback[i] = oslo_take_text(raw->traceback.ptr[i]);
        }
        free(raw->traceback.ptr);
    }
    return remote;
}

void oslo_take_error(oslo_raw_error *raw, oslo_error *error) {
    if (error == NULL) {
        oslo_messaging_types_error_free(raw);
        return;
    }
    memset(error, 0, sizeof *error);
    /* The cases of the WIT package are in the same order, after `OSLO_OK`. */
    error->kind = (oslo_error_kind)(raw->tag + 1);
    oslo_raw_text message = {NULL, 0};
    switch (error->kind) {
    case OSLO_OK:
        break;
    case OSLO_ERROR_TIMEOUT:
        message = raw->val.timeout.message;
        error->detail.timeout.waiting_for = (oslo_waiting_for)raw->val.timeout.waiting_for;
        error->detail.timeout.delivery = (oslo_delivery)raw->val.timeout.delivery;
        error->detail.timeout.limit = raw->val.timeout.limit;
        break;
    case OSLO_ERROR_NO_SUCH_TARGET:
        message = raw->val.no_such_target.message;
        error->detail.no_such_target.exchange = oslo_take_text(raw->val.no_such_target.exchange);
        error->detail.no_such_target.routing_key =
            oslo_take_text(raw->val.no_such_target.routing_key);
        break;
    case OSLO_ERROR_DELIVERY_FAILURE:
        message = raw->val.delivery_failure.message;
        error->detail.delivery_failure.delivery = (oslo_delivery)raw->val.delivery_failure.delivery;
        break;
    case OSLO_ERROR_REMOTE:
        message = raw->val.remote.message;
        error->detail.remote = take_remote(&raw->val.remote);
        break;
    case OSLO_ERROR_VERSION_CAP:
        message = raw->val.version_cap.message;
        if (raw->val.version_cap.version.is_some) {
            error->detail.version_cap.version = oslo_take_text(raw->val.version_cap.version.val);
        }
        error->detail.version_cap.version_cap = oslo_take_text(raw->val.version_cap.version_cap);
        break;
    case OSLO_ERROR_INVALID_TARGET:
        message = raw->val.invalid_target;
        break;
    case OSLO_ERROR_INVALID_ARGUMENT:
        message = raw->val.invalid_argument.message;
        error->detail.invalid_argument.argument =
            oslo_take_text(raw->val.invalid_argument.argument);
        break;
    case OSLO_ERROR_ACCESS_DENIED:
        message = raw->val.access_denied.message;
        error->detail.access_denied.rule = oslo_take_text(raw->val.access_denied.rule);
        break;
    case OSLO_ERROR_LIMIT_EXCEEDED:
        message = raw->val.limit_exceeded.message;
        error->detail.limit_exceeded.limit = oslo_take_text(raw->val.limit_exceeded.limit);
        break;
    case OSLO_ERROR_INVALID_REPLY:
        message = raw->val.invalid_reply;
        break;
    case OSLO_ERROR_OTHER:
        message = raw->val.other;
        break;
    }
    error->message = oslo_take_text(message);
}

void oslo_error_free(oslo_error *error) {
    if (error == NULL) {
        return;
    }
    oslo_text_free(&error->message);
    switch (error->kind) {
    case OSLO_ERROR_NO_SUCH_TARGET:
        oslo_text_free(&error->detail.no_such_target.exchange);
        oslo_text_free(&error->detail.no_such_target.routing_key);
        break;
    case OSLO_ERROR_REMOTE: {
        oslo_remote_detail *remote = &error->detail.remote;
        oslo_text_free(&remote->class_name);
        oslo_text_free(&remote->module_name);
        oslo_text_free(&remote->args);
        oslo_text_free(&remote->kwargs);
        for (size_t i = 0; i < remote->traceback_count; i++) {
            oslo_text_free(&remote->traceback[i]);
        }
        free(remote->traceback);
        break;
    }
    case OSLO_ERROR_VERSION_CAP:
        oslo_text_free(&error->detail.version_cap.version);
        oslo_text_free(&error->detail.version_cap.version_cap);
        break;
    case OSLO_ERROR_INVALID_ARGUMENT:
        oslo_text_free(&error->detail.invalid_argument.argument);
        break;
    case OSLO_ERROR_ACCESS_DENIED:
        oslo_text_free(&error->detail.access_denied.rule);
        break;
    case OSLO_ERROR_LIMIT_EXCEEDED:
        oslo_text_free(&error->detail.limit_exceeded.limit);
        break;
    default: /* nothing but the message is owned */
        break;
    }
    memset(error, 0, sizeof *error);
}

_Static_assert(OSLO_ERROR_OTHER == OSLO_MESSAGING_TYPES_ERROR_OTHER + 1 &&
                   OSLO_ERROR_REMOTE == OSLO_MESSAGING_TYPES_ERROR_REMOTE + 1 &&
                   OSLO_WAITING_FOR_HEARTBEAT == OSLO_MESSAGING_TYPES_WAITING_FOR_HEARTBEAT &&
                   OSLO_MAYBE_DELIVERED == OSLO_MESSAGING_TYPES_DELIVERY_MAYBE_DELIVERED,
               "errors are in the order of the WIT package");
