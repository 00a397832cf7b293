/* Serves the methods of tests/python/served_endpoints.py. */
#include <oslo_messaging.h>
#include <oslo_messaging_serve.h>
#include <stdlib.h>
#include <yyjson.h>

/* Arguments, of which a method takes these and no others. */
typedef struct args {
    yyjson_doc *doc;
    yyjson_val *values[3];
} args;

static bool read_args(const oslo_served *request, const char *const *names, size_t count,
                      args *args, oslo_exception *exception) {
    *args = (struct args){0};
    args->doc = yyjson_read(request->args.ptr, request->args.len, 0);
    yyjson_val *root = yyjson_doc_get_root(args->doc);
    bool fits = yyjson_is_obj(root) && yyjson_obj_size(root) == count;
    for (size_t i = 0; i < count; i++) {
        args->values[i] = yyjson_obj_get(root, names[i]);
        fits = fits && args->values[i] != NULL;
    }
    if (!fits) {
        yyjson_doc_free(args->doc);
        return oslo_raise(exception, "builtins", "TypeError",
                          OSLO_STR("other arguments than those of the method"));
    }
    return true;
}

static bool read_none(const oslo_served *request, oslo_exception *exception) {
    args args;
    if (!read_args(request, NULL, 0, &args, exception)) {
        return false;
    }
    yyjson_doc_free(args.doc);
    return true;
}

static oslo_text written(yyjson_val *value) {
    oslo_text text = {NULL, 0};
    text.ptr = yyjson_val_write(value, 0, &text.len);
    return text;
}

static oslo_text of_integer(int64_t value) {
    yyjson_val json;
    json.tag = 0;
    yyjson_set_sint(&json, value);
    return written(&json);
}

static oslo_text of_text(oslo_str text) {
    yyjson_val json;
    json.tag = 0;
    yyjson_set_strn(&json, text.ptr, text.len);
    return written(&json);
}

static bool echo(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    static const char *const NAMES[] = {"value"};
    args args;
    if (!read_args(request, NAMES, 1, &args, exception)) {
        return false;
    }
    *result = written(args.values[0]);
    yyjson_doc_free(args.doc);
    return true;
}

static bool add(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    static const char *const NAMES[] = {"a", "b"};
    args args;
    if (!read_args(request, NAMES, 2, &args, exception)) {
        return false;
    }
    *result = of_integer(yyjson_get_sint(args.values[0]) + yyjson_get_sint(args.values[1]));
    yyjson_doc_free(args.doc);
    return true;
}

static bool none(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    (void)result;
    return read_none(request, exception);
}

static bool count(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    static int64_t counted;
    if (!read_none(request, exception)) {
        return false;
    }
    *result = of_integer(++counted);
    return true;
}

static bool context(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    *result = oslo_text_copy(request->context);
    return read_none(request, exception);
}

static bool monitored(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    if (request->monitored) {
        *result = of_integer((int64_t)(request->call_monitor_timeout / OSLO_SECONDS(1)));
    }
    return read_none(request, exception);
}

static bool whoami(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    *result = of_text(request->server);
    return read_none(request, exception);
}

static bool first(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    *result = of_text(OSLO_STR("1.5"));
    return read_none(request, exception);
}

static bool second(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    *result = of_text(OSLO_STR("2.3"));
    return read_none(request, exception);
}

/* A text with another in its middle. */
static oslo_text around(const char *before, yyjson_val *value, const char *after) {
    oslo_text middle = {(char *)yyjson_get_str(value), yyjson_get_len(value)};
    size_t first = strlen(before), last = strlen(after);
    oslo_text text = {malloc(first + middle.len + last + 1), first + middle.len + last};
    if (text.ptr == NULL) {
        abort();
    }
    memcpy(text.ptr, before, first);
    memcpy(text.ptr + first, middle.ptr, middle.len);
    memcpy(text.ptr + first + middle.len, after, last + 1);
    return text;
}

static bool quota(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    static const char *const NAMES[] = {"resource", "limit"};
    args args;
    (void)result;
    if (!read_args(request, NAMES, 2, &args, exception)) {
        return false;
    }
    oslo_text message = around("('quota exceeded', '", args.values[0], "')");
    oslo_raise(exception, "peer_errors", "QuotaExceeded", oslo_text_str(&message));
    oslo_text_free(&message);
    exception->args = around("[\"quota exceeded\", \"", args.values[0], "\"]");
    yyjson_doc_free(args.doc);
    exception->kwargs = oslo_text_copy(OSLO_STR("{\"limit\": 20}"));
    return false;
}

static bool fail_value(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    (void)request, (void)result;
    oslo_raise(exception, "builtins", "ValueError", OSLO_STR("('boom', 42)"));
    exception->args = oslo_text_copy(OSLO_STR("[\"boom\", 42]"));
    return false;
}

static bool fail_expected(const oslo_served *request, oslo_text *result,
                          oslo_exception *exception) {
    (void)request, (void)result;
    oslo_raise(exception, "builtins", "LookupError", OSLO_STR("no such thing"));
    exception->expected = true;
    return false;
}

/* Calls on behalf of its caller. */
static bool relay(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    static const char *const NAMES[] = {"topic", "name", "args"};
    args args;
    if (!read_args(request, NAMES, 3, &args, exception)) {
        return false;
    }
    oslo_target target = {.topic = oslo_str_of(yyjson_get_str(args.values[0]))};
    oslo_str name = oslo_str_of(yyjson_get_str(args.values[1]));
    oslo_text given = written(args.values[2]);
    oslo_client *client = NULL;
    oslo_error error;
    bool is_good = oslo_client_open(OSLO_STR("default"), &target, NULL, &client, &error) &&
                   oslo_client_call(client, request->context, name, oslo_text_str(&given), NULL,
                                    result, &error);
    if (!is_good) {
        oslo_raise_error(exception, &error);
        oslo_error_free(&error);
    }
    oslo_client_free(client);
    oslo_text_free(&given);
    yyjson_doc_free(args.doc);
    return is_good;
}

static bool hello(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    static const char *const NAMES[] = {"who"};
    args args;
    if (!read_args(request, NAMES, 1, &args, exception)) {
        return false;
    }
    *result = around("\"hello ", args.values[0], "\"");
    yyjson_doc_free(args.doc);
    return true;
}

/* What no other language can do: texts that are not UTF-8. */
static bool latin(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    *result = oslo_text_copy(OSLO_STR("\"\xc3\xa9 \xe9\""));
    return read_none(request, exception);
}

static bool fail_latin(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    (void)request, (void)result;
    return oslo_raise(exception, "builtins", "ValueError", OSLO_STR("\xc3\xa9 \xe9 \xf0\x9f\x98"));
}

static const oslo_method FIRST[] = {
    {"echo", echo},           {"add", add},
    {"none", none},           {"count", count},
    {"context", context},     {"monitored", monitored},
    {"whoami", whoami},       {"which", first},
    {"quota", quota},         {"fail_value", fail_value},
    {"relay", relay},         {"fail_expected", fail_expected},
    {"latin", latin},         {"fail_latin", fail_latin},
};
static const oslo_method NAMED[] = {{"hello", hello}};
static const oslo_method SECOND[] = {{"which", second}};
static const char *const OLD[] = {"old"};

const oslo_endpoint oslo_endpoints[] = {
    {.version = "1.5", OSLO_METHODS(FIRST)},
    {.namespace_name = "ns",
     .legacy_namespaces = OLD,
     .legacy_namespace_count = 1,
     .version = "2.1",
     OSLO_METHODS(NAMED)},
    {.version = "2.3", OSLO_METHODS(SECOND)},
};
const size_t oslo_endpoint_count = sizeof oslo_endpoints / sizeof *oslo_endpoints;
