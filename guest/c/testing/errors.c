#include <stdlib.h>

#include "played.h"

oslo_world_string_t oslo_played_give(const char *text) {
    oslo_world_string_t given = {NULL, strlen(text)};
    if (given.len > 0) {
        given.ptr = (uint8_t *)oslo_played_copy(text, given.len);
    }
    return given;
}

static oslo_messaging_types_outcome_t outcome(oslo_outcome given) {
    switch (given) {
    case OSLO_NOT_EXECUTED:
        return OSLO_MESSAGING_TYPES_OUTCOME_NOT_EXECUTED;
    case OSLO_EXECUTED:
        return OSLO_MESSAGING_TYPES_OUTCOME_EXECUTED;
    default:
        return OSLO_MESSAGING_TYPES_OUTCOME_UNKNOWN;
    }
}

bool oslo_played_fail(oslo_messaging_types_error_t *error, oslo_testing_end end,
                      const char *detail) {
    oslo_world_string_t message = oslo_played_give(end.text == NULL ? "" : end.text);
    memset(error, 0, sizeof *error);
    switch (end.kind) {
    case OSLO_ERROR_TIMEOUT:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_TIMEOUT;
        error->val.timeout.waiting_for = OSLO_MESSAGING_TYPES_WAITING_FOR_REPLY;
        error->val.timeout.outcome = outcome(end.outcome);
        error->val.timeout.message = message;
        break;
    case OSLO_ERROR_NO_SUCH_TARGET:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_NO_SUCH_TARGET;
        error->val.no_such_target.message = message;
        break;
    case OSLO_ERROR_DELIVERY_FAILURE:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_DELIVERY_FAILURE;
        error->val.delivery_failure.outcome = outcome(end.outcome);
        error->val.delivery_failure.message = message;
        break;
    case OSLO_ERROR_REMOTE:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_REMOTE;
        error->val.remote.type_module = oslo_played_give(end.type_module);
        error->val.remote.type_name = oslo_played_give(end.type_name);
        error->val.remote.message = message;
        error->val.remote.args = oslo_played_give("[]");
        error->val.remote.kwargs = oslo_played_give("{}");
        break;
    case OSLO_ERROR_VERSION_CAP:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_VERSION_CAP;
        error->val.version_cap.version.is_some = end.type_name != NULL;
        if (end.type_name != NULL) {
            error->val.version_cap.version.val = oslo_played_give(end.type_name);
        }
        error->val.version_cap.version_cap = oslo_played_give(detail);
        error->val.version_cap.message = message;
        break;
    case OSLO_ERROR_INVALID_TARGET:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_INVALID_TARGET;
        error->val.invalid_target.message = message;
        break;
    case OSLO_ERROR_INVALID_ARGUMENT:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_INVALID_ARGUMENT;
        error->val.invalid_argument.argument = oslo_played_give(detail);
        error->val.invalid_argument.message = message;
        break;
    case OSLO_ERROR_ACCESS_DENIED:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_ACCESS_DENIED;
        error->val.access_denied.rule = oslo_played_give("default");
        error->val.access_denied.message = message;
        break;
    case OSLO_ERROR_LIMIT_EXCEEDED:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_LIMIT_EXCEEDED;
        error->val.limit_exceeded.limit = oslo_played_give(detail);
        error->val.limit_exceeded.message = message;
        break;
    case OSLO_ERROR_INVALID_REPLY:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_INVALID_REPLY;
        error->val.invalid_reply.message = message;
        break;
    default:
        error->tag = OSLO_MESSAGING_TYPES_ERROR_OTHER;
        error->val.other.outcome = outcome(end.outcome);
        error->val.other.message = message;
        break;
    }
    return false;
}

/* Two or three numbers with dots between them; how many there are, 0 for anything else. */
static int numbers(const char *version, unsigned long numbers[3]) {
    int count = 0;
    while (count < 3) {
        char *end;
        if (*version < '0' || *version > '9') {
            return 0;
        }
        numbers[count++] = strtoul(version, &end, 10);
        if (*end == '\0') {
            return count >= 2 ? count : 0;
        }
        if (*end != '.') {
            return 0;
        }
        version = end + 1;
    }
    return 0;
}

const char *oslo_played_check_version(const char *version) {
    unsigned long parts[3];
    return version == NULL || numbers(version, parts) > 0
               ? NULL
               : "a version is `major.minor` or `major.minor.revision`";
}

bool oslo_played_passes(const char *version, const char *cap) {
    unsigned long asked[3] = {0}, most[3] = {0};
    if (cap == NULL) {
        return true;
    }
    return version != NULL && numbers(version, asked) > 0 && numbers(cap, most) > 0 &&
           asked[0] == most[0] && asked[1] <= most[1];
}
