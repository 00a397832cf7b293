#include "convert.h"
#include "oslo_messaging.h"

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
        error->outcome = OSLO_NOT_EXECUTED;
        oslo_text name = copy("`", argument, "` ");
        error->message = copy(name.ptr, complaint, "");
        oslo_text_free(&name);
        error->detail.invalid_argument.argument = copy(argument, "", "");
    }
    return false;
}

bool oslo_give(oslo_text reply, oslo_error came, oslo_text *reply_place, oslo_error *error_place) {
    bool succeeded = came.kind == OSLO_OK;
    if (reply_place != NULL) {
        *reply_place = reply;
    } else {
        oslo_text_free(&reply);
    }
    if (error_place != NULL) {
        *error_place = came;
    } else {
        oslo_error_free(&came);
    }
    return succeeded;
}

static oslo_outcome outcome_of(oslo_messaging_types_outcome_t raw) {
    switch (raw) {
    case OSLO_MESSAGING_TYPES_OUTCOME_NOT_EXECUTED:
        return OSLO_NOT_EXECUTED;
    case OSLO_MESSAGING_TYPES_OUTCOME_EXECUTED:
        return OSLO_EXECUTED;
    default:
        return OSLO_UNKNOWN;
    }
}

static oslo_waiting_for waiting_for_of(oslo_messaging_types_waiting_for_t raw) {
    switch (raw) {
    case OSLO_MESSAGING_TYPES_WAITING_FOR_ADMISSION:
        return OSLO_WAITING_FOR_ADMISSION;
    case OSLO_MESSAGING_TYPES_WAITING_FOR_CONNECTION:
        return OSLO_WAITING_FOR_CONNECTION;
    case OSLO_MESSAGING_TYPES_WAITING_FOR_CONFIRM:
        return OSLO_WAITING_FOR_CONFIRM;
    case OSLO_MESSAGING_TYPES_WAITING_FOR_REPLY:
        return OSLO_WAITING_FOR_REPLY;
    case OSLO_MESSAGING_TYPES_WAITING_FOR_HEARTBEAT:
        return OSLO_WAITING_FOR_HEARTBEAT;
    default:
        return OSLO_WAITING_FOR_OTHER;
    }
}

static void take_kind(oslo_error *error, oslo_error_kind kind, oslo_outcome outcome,
                      oslo_raw_text message) {
    error->kind = kind;
    error->outcome = outcome;
    error->message = oslo_take_text(message);
}

static void take_remote(oslo_messaging_types_remote_error_t *raw, oslo_remote_detail *remote) {
    remote->type_name = oslo_take_text(raw->type_name);
    remote->type_module = oslo_take_text(raw->type_module);
    remote->args = oslo_take_text(raw->args);
    remote->kwargs = oslo_take_text(raw->kwargs);
    remote->traceback = oslo_take_texts(raw->traceback.ptr, raw->traceback.len);
}

void oslo_take_error(oslo_raw_error *raw, oslo_error *error) {
    oslo_error unwanted;
    if (error == NULL) {
        oslo_take_error(raw, &unwanted);
        oslo_error_free(&unwanted);
        return;
    }
    memset(error, 0, sizeof *error);
    switch (raw->tag) {
    case OSLO_MESSAGING_TYPES_ERROR_TIMEOUT:
        take_kind(error, OSLO_ERROR_TIMEOUT, outcome_of(raw->val.timeout.outcome),
                  raw->val.timeout.message);
        error->detail.timeout.waiting_for = waiting_for_of(raw->val.timeout.waiting_for);
        error->detail.timeout.limit = raw->val.timeout.limit;
        break;
    case OSLO_MESSAGING_TYPES_ERROR_NO_SUCH_TARGET:
        take_kind(error, OSLO_ERROR_NO_SUCH_TARGET, OSLO_NOT_EXECUTED,
                  raw->val.no_such_target.message);
        error->detail.no_such_target.exchange = oslo_take_text(raw->val.no_such_target.exchange);
        error->detail.no_such_target.routing_key =
            oslo_take_text(raw->val.no_such_target.routing_key);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_DELIVERY_FAILURE:
        take_kind(error, OSLO_ERROR_DELIVERY_FAILURE, outcome_of(raw->val.delivery_failure.outcome),
                  raw->val.delivery_failure.message);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_REMOTE:
        take_kind(error, OSLO_ERROR_REMOTE, OSLO_EXECUTED, raw->val.remote.message);
        take_remote(&raw->val.remote, &error->detail.remote);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_VERSION_CAP:
        take_kind(error, OSLO_ERROR_VERSION_CAP, OSLO_NOT_EXECUTED, raw->val.version_cap.message);
        error->detail.version_cap.version = oslo_take_optional(raw->val.version_cap.version);
        error->detail.version_cap.version_cap = oslo_take_text(raw->val.version_cap.version_cap);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_INVALID_TARGET:
        take_kind(error, OSLO_ERROR_INVALID_TARGET, OSLO_NOT_EXECUTED,
                  raw->val.invalid_target.message);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_INVALID_ARGUMENT:
        take_kind(error, OSLO_ERROR_INVALID_ARGUMENT, OSLO_NOT_EXECUTED,
                  raw->val.invalid_argument.message);
        error->detail.invalid_argument.argument =
            oslo_take_text(raw->val.invalid_argument.argument);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_ACCESS_DENIED:
        take_kind(error, OSLO_ERROR_ACCESS_DENIED, OSLO_NOT_EXECUTED,
                  raw->val.access_denied.message);
        error->detail.access_denied.rule = oslo_take_text(raw->val.access_denied.rule);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_LIMIT_EXCEEDED:
        take_kind(error, OSLO_ERROR_LIMIT_EXCEEDED, OSLO_NOT_EXECUTED,
                  raw->val.limit_exceeded.message);
        error->detail.limit_exceeded.limit = oslo_take_text(raw->val.limit_exceeded.limit);
        break;
    case OSLO_MESSAGING_TYPES_ERROR_INVALID_REPLY:
        take_kind(error, OSLO_ERROR_INVALID_REPLY, OSLO_EXECUTED, raw->val.invalid_reply.message);
        break;
    default:
        take_kind(error, OSLO_ERROR_OTHER, outcome_of(raw->val.other.outcome),
                  raw->val.other.message);
        break;
    }
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
        oslo_text_free(&remote->type_name);
        oslo_text_free(&remote->type_module);
        oslo_text_free(&remote->args);
        oslo_text_free(&remote->kwargs);
        oslo_texts_free(&remote->traceback);
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

void oslo_result_free(oslo_result *result) {
    if (result != NULL) {
        oslo_text_free(&result->reply);
        oslo_error_free(&result->error);
    }
}
