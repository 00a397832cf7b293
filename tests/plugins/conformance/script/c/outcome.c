#include "outcome.h"

#include <yyjson.h>

static bool is_json(const char *text, size_t len) {
    yyjson_doc *doc = yyjson_read(text, len, YYJSON_READ_NUMBER_AS_RAW);
    yyjson_doc_free(doc);
    return doc != NULL;
}

void put_ok(buffer *to, const char *json, size_t len) {
    if (!is_json(json, len)) {
        put_refusal(to, "the host gave what is not JSON: ", json);
        return;
    }
    put(to, "{\"ok\":");
    put_n(to, json, len);
    put(to, "}");
}

void put_refusal(buffer *to, const char *message, const char *detail) {
    buffer text = {NULL, 0, 0};
    put(&text, message);
    put(&text, detail);
    put(to, "{\"error\":{\"case\":\"script\",\"message\":");
    put_quoted(to, text.ptr, text.len);
    put(to, "}}");
    free(text.ptr);
}

void put_name(buffer *to, const char *name) {
    put(to, ",\"");
    put(to, name);
    put(to, "\":");
}

void put_text(buffer *to, const char *name, const oslo_text *text) {
    put_name(to, name);
    if (text->ptr == NULL) {
        put(to, "null");
    } else {
        put_quoted(to, text->ptr, text->len);
    }
}

static void put_word(buffer *to, const char *name, const char *word) {
    put_name(to, name);
    put_quoted(to, word, strlen(word));
}

/* What is JSON already; quoted, in a form that no test expects, if it is not. */
static void put_json(buffer *to, const char *name, const oslo_text *json) {
    put_name(to, name);
    if (is_json(json->ptr, json->len)) {
        put_n(to, json->ptr, json->len);
    } else {
        put_quoted(to, json->ptr, json->len);
    }
}

static void put_remote(buffer *to, const oslo_remote_detail *remote) {
    put_text(to, "type-name", &remote->type_name);
    put_text(to, "type-module", &remote->type_module);
    put_json(to, "args", &remote->args);
    put_json(to, "kwargs", &remote->kwargs);
    put_name(to, "traceback");
    put(to, "[");
    for (size_t i = 0; i < remote->traceback.count; i++) {
        put(to, i == 0 ? "" : ",");
        put_quoted(to, remote->traceback.ptr[i].ptr, remote->traceback.ptr[i].len);
    }
    put(to, "]");
}

void put_error(buffer *to, const oslo_error *error) {
    const char *kind = oslo_error_kind_name(error->kind);
    put(to, "{\"error\":{\"case\":");
    put_quoted(to, kind, strlen(kind));
    put_text(to, "message", &error->message);
    switch (error->kind) {
    case OSLO_ERROR_TIMEOUT:
        put_word(to, "waiting-for", oslo_waiting_for_name(error->detail.timeout.waiting_for));
        put_word(to, "outcome", oslo_outcome_name(error->outcome));
        put_name(to, "limit");
        put_number(to, error->detail.timeout.limit);
        break;
    case OSLO_ERROR_NO_SUCH_TARGET:
        put_text(to, "exchange", &error->detail.no_such_target.exchange);
        put_text(to, "routing-key", &error->detail.no_such_target.routing_key);
        break;
    case OSLO_ERROR_DELIVERY_FAILURE:
    case OSLO_ERROR_OTHER:
        put_word(to, "outcome", oslo_outcome_name(error->outcome));
        break;
    case OSLO_ERROR_REMOTE:
        put_remote(to, &error->detail.remote);
        break;
    case OSLO_ERROR_VERSION_CAP:
        put_text(to, "version", &error->detail.version_cap.version);
        put_text(to, "version-cap", &error->detail.version_cap.version_cap);
        break;
    case OSLO_ERROR_INVALID_ARGUMENT:
        put_text(to, "argument", &error->detail.invalid_argument.argument);
        break;
    case OSLO_ERROR_ACCESS_DENIED:
        put_text(to, "rule", &error->detail.access_denied.rule);
        break;
    case OSLO_ERROR_LIMIT_EXCEEDED:
        put_text(to, "limit", &error->detail.limit_exceeded.limit);
        break;
    default:
        break;
    }
    put(to, "}}");
}

void put_outcome(buffer *to, oslo_text *reply, oslo_error *error) {
    if (error->kind != OSLO_OK) {
        put_error(to, error);
    } else if (reply == NULL || reply->ptr == NULL) {
        put_ok(to, "null", 4);
    } else {
        put_ok(to, reply->ptr, reply->len);
    }
    oslo_text_free(reply);
    oslo_error_free(error);
}
