/*
 * Why a call or cast did not succeed.
 *
 * `oslo_error.outcome` answers, for every kind of error, the question that decides whether it may
 * be sent again: was the method executed.
 *
 * Who owns what: a function that fails fills the `oslo_error` it was given, and the caller frees
 * it with `oslo_error_free`. Every text in it is valid until then.
 */
#ifndef OSLO_MESSAGING_SDK_ERROR_H
#define OSLO_MESSAGING_SDK_ERROR_H

#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What happened; the member of `oslo_error.detail` that has more, if any. */
typedef enum oslo_error_kind {
    OSLO_OK,                     /* nothing went wrong */
    OSLO_ERROR_TIMEOUT,          /* time was up: `timeout` */
    OSLO_ERROR_NO_SUCH_TARGET,   /* no server's queue would take the message: `no_such_target` */
    OSLO_ERROR_DELIVERY_FAILURE, /* the broker refused it, or broke */
    OSLO_ERROR_REMOTE,           /* the method raised an exception: `remote` */
    OSLO_ERROR_VERSION_CAP,      /* the version does not fit the client's cap: `version_cap` */
    OSLO_ERROR_INVALID_TARGET,   /* no topic, or a call with fanout */
    OSLO_ERROR_INVALID_ARGUMENT, /* an argument or setting is unusable: `invalid_argument` */
    OSLO_ERROR_ACCESS_DENIED,    /* the host's policy says no: `access_denied` */
    OSLO_ERROR_LIMIT_EXCEEDED,   /* a limit of the host: `limit_exceeded` */
    OSLO_ERROR_INVALID_REPLY,    /* a reply that makes no sense, or is larger than may be */
    OSLO_ERROR_OTHER,            /* anything else; nothing but its outcome can be relied on */
} oslo_error_kind;

/* What is known about the method. */
typedef enum oslo_outcome {
    OSLO_NO_OUTCOME,   /* there is no error */
    OSLO_NOT_EXECUTED, /* it was not executed and will not be: sending it again is safe */
    OSLO_UNKNOWN,      /* it may be executed, now or later, or not at all */
    OSLO_EXECUTED,     /* it was, or a server looked for it and said why it cannot be */
} oslo_outcome;

/* What a call was waiting for when its time was up. */
typedef enum oslo_waiting_for {
    OSLO_WAITING_FOR_ADMISSION,  /* a place among the calls that the host lets run at once */
    OSLO_WAITING_FOR_CONNECTION, /* a connection to a broker */
    OSLO_WAITING_FOR_CONFIRM,    /* the broker's word that it has the message */
    OSLO_WAITING_FOR_REPLY,      /* the server's reply */
    OSLO_WAITING_FOR_HEARTBEAT,  /* the next sign of life of a monitored call */
    OSLO_WAITING_FOR_OTHER,      /* something that this version has no name for */
} oslo_waiting_for;

typedef struct oslo_timeout_detail {
    oslo_waiting_for waiting_for;
    uint64_t limit; /* nanoseconds; it may be shorter than what was asked for */
} oslo_timeout_detail;

typedef struct oslo_no_such_target_detail {
    oslo_text exchange;
    oslo_text routing_key; /* `topic`, or `topic.server` */
} oslo_no_such_target_detail;

/* The exception that the server raised. What it prints as is `oslo_error.message`. */
typedef struct oslo_remote_detail {
    oslo_text type_name;   /* such as `ValueError` */
    oslo_text type_module; /* such as `builtins` */
    oslo_text args;        /* a JSON array */
    oslo_text kwargs;      /* a JSON object */
    oslo_texts traceback;  /* empty unless the host grants it */
} oslo_remote_detail;

typedef struct oslo_version_cap_detail {
    oslo_text version; /* the target's; none when it has none */
    oslo_text version_cap;
} oslo_version_cap_detail;

typedef struct oslo_invalid_argument_detail {
    oslo_text argument; /* such as `args` or `version-cap` */
} oslo_invalid_argument_detail;

typedef struct oslo_access_denied_detail {
    oslo_text rule; /* the operator's rule that decided, or `default` */
} oslo_access_denied_detail;

typedef struct oslo_limit_exceeded_detail {
    oslo_text limit; /* such as `request-bytes` */
} oslo_limit_exceeded_detail;

typedef struct oslo_error {
    oslo_error_kind kind;
    oslo_outcome outcome;
    oslo_text message; /* for people */
    union {
        oslo_timeout_detail timeout;
        oslo_no_such_target_detail no_such_target;
        oslo_remote_detail remote;
        oslo_version_cap_detail version_cap;
        oslo_invalid_argument_detail invalid_argument;
        oslo_access_denied_detail access_denied;
        oslo_limit_exceeded_detail limit_exceeded;
    } detail;
} oslo_error;

/* Frees what is in an error and leaves `OSLO_OK` in its place. NULL and `OSLO_OK` are fine, and so
 * is a second time. */
void oslo_error_free(oslo_error *error);

/* What went wrong, for people. Never NULL; valid for as long as the error is. */
const char *oslo_error_message(const oslo_error *error);

/* Writes what went wrong into a buffer, cut short to `size` bytes with the NUL, and returns how
 * long it is without the NUL, as `snprintf` does. It is the message, except that an exception is
 * written as Python does: `module.Type: message`, without the module if it is `builtins`. */
size_t oslo_error_describe(const oslo_error *error, char *buffer, size_t size);

/* Whether it is the exception of this type, such as `builtins` and `ValueError`. */
bool oslo_error_is_remote(const oslo_error *error, const char *type_module, const char *type_name);

/* The names of the WIT package, such as `no-such-target`; static, never NULL. */
const char *oslo_error_kind_name(oslo_error_kind kind);
const char *oslo_outcome_name(oslo_outcome outcome);
const char *oslo_waiting_for_name(oslo_waiting_for waiting_for);

#ifdef __cplusplus
}
#endif

#endif
