/* The export `rpc-endpoint`, from the endpoints that a plugin defines. */
#include "oslo_messaging_serve.h"

#include <stdlib.h>
#include <string.h>

#include "convert.h"

typedef exports_oslo_messaging_rpc_endpoint_list_endpoint_t raw_endpoints;
typedef exports_oslo_messaging_rpc_endpoint_endpoint_t raw_endpoint;
typedef exports_oslo_messaging_rpc_endpoint_exception_t raw_exception;

/* What the host is given is freed by the generated code. Of names and of what an exception says, bytes
 * that are no UTF-8 become `?`, because the host would end the plugin for them. */
static void give(oslo_raw_text *raw, oslo_text text) {
    oslo_make_utf8(&text);
    raw->ptr = (uint8_t *)text.ptr;
    raw->len = text.len;
}

static void give_copy(oslo_raw_text *raw, const char *text) {
    give(raw, oslo_text_copy(oslo_str_of(text)));
}

static void give_optional(oslo_world_option_string_t *raw, const char *text) {
    raw->is_some = text != NULL;
    if (text != NULL) {
        give_copy(&raw->val, text);
    }
}

/* What is wrong with an endpoint; NULL: nothing. */
static const char *mistake(const oslo_endpoint *endpoint) {
    if (endpoint->methods == NULL && endpoint->method_count > 0) {
        return "none: the endpoint has methods that are NULL";
    }
    if (endpoint->legacy_namespaces == NULL && endpoint->legacy_namespace_count > 0) {
        return "none: the endpoint has legacy namespaces that are NULL";
    }
    for (size_t i = 0; i < endpoint->method_count; i++) {
        if (endpoint->methods[i].name == NULL) {
            return "none: a method of the endpoint has NULL for its `name`";
        }
        if (endpoint->methods[i].run == NULL) {
            return "none: a method of the endpoint has NULL for its `run`";
        }
    }
    return NULL;
}

void exports_oslo_messaging_rpc_endpoint_endpoints(raw_endpoints *ret) {
    ret->len = oslo_endpoint_count;
    ret->ptr = oslo_allocate(ret->len, sizeof *ret->ptr);
    for (size_t i = 0; i < ret->len; i++) {
        const oslo_endpoint *endpoint = &oslo_endpoints[i];
        raw_endpoint *raw = &ret->ptr[i];
        const char *wrong = mistake(endpoint);
        if (wrong != NULL) {
            /* What no host takes for a version, so that its operator is told. */
            *raw = (raw_endpoint){0};
            give_optional(&raw->version, wrong);
            continue;
        }
        give_optional(&raw->namespace_, endpoint->namespace_name);
        give_optional(&raw->version, endpoint->version);
        raw->legacy_namespaces.len = endpoint->legacy_namespace_count;
        raw->legacy_namespaces.ptr =
            oslo_allocate(endpoint->legacy_namespace_count, sizeof *raw->legacy_namespaces.ptr);
        for (size_t k = 0; k < endpoint->legacy_namespace_count; k++) {
            give_optional(&raw->legacy_namespaces.ptr[k], endpoint->legacy_namespaces[k]);
        }
        raw->methods.len = endpoint->method_count;
        raw->methods.ptr = oslo_allocate(endpoint->method_count, sizeof *raw->methods.ptr);
        for (size_t k = 0; k < endpoint->method_count; k++) {
            give_copy(&raw->methods.ptr[k], endpoint->methods[k].name);
        }
    }
}

/* The function of a method; NULL if there is none, which only a host with a mistake asks for. */
static oslo_method_function find(uint32_t endpoint, oslo_str name) {
    if (endpoint >= oslo_endpoint_count) {
        return NULL;
    }
    const oslo_endpoint *found = &oslo_endpoints[endpoint];
    for (size_t i = 0; i < found->method_count; i++) {
        oslo_str own = oslo_str_of(found->methods[i].name);
        if (own.len == name.len && memcmp(own.ptr, name.ptr, own.len) == 0) {
            return found->methods[i].run;
        }
    }
    return NULL;
}

/* One JSON string in an array: what an exception has for arguments that was given none. */
static oslo_text only_argument(const oslo_text *message) {
    static const char HEX[] = "0123456789abcdef";
    char *json = oslo_allocate(message->len * 6 + 5, 1);
    size_t at = 0;
    json[at++] = '[';
    json[at++] = '"';
    for (size_t i = 0; i < message->len; i++) {
        unsigned char byte = (unsigned char)message->ptr[i];
        if (byte == '"' || byte == '\\') {
            json[at++] = '\\';
            json[at++] = (char)byte;
        } else if (byte < 0x20) {
            memcpy(&json[at], "\\u00", 4);
            json[at + 4] = HEX[byte >> 4];
            json[at + 5] = HEX[byte & 15];
            at += 6;
        } else {
            json[at++] = (char)byte;
        }
    }
    json[at++] = '"';
    json[at++] = ']';
    oslo_text args = {json, at};
    return args;
}

static void give_exception(raw_exception *raw, oslo_exception *exception) {
    if (exception->args.ptr == NULL) {
        exception->args = only_argument(&exception->message);
    }
    if (exception->kwargs.ptr == NULL) {
        exception->kwargs = oslo_text_copy(OSLO_STR("{}"));
    }
    *raw = (raw_exception){.expected = exception->expected};
    give(&raw->type_name, exception->type_name);
    give(&raw->type_module, exception->type_module);
    give(&raw->message, exception->message);
    give(&raw->args, exception->args);
    give(&raw->kwargs, exception->kwargs);
}

typedef struct texts {
    oslo_text method, args, context, namespace_name, version, message_id;
    oslo_text exchange, topic, server;
} texts;

static texts take(exports_oslo_messaging_rpc_endpoint_own_request_t own, oslo_served *request,
                  uint32_t *endpoint) {
    oslo_messaging_serving_borrow_request_t asked = oslo_messaging_serving_borrow_request(own);
    oslo_raw_text raw;
    texts taken;
    *endpoint = oslo_messaging_serving_method_request_endpoint(asked);
    oslo_messaging_serving_method_request_method(asked, &raw);
    taken.method = oslo_take_text(raw);
    oslo_messaging_serving_method_request_args(asked, &raw);
    taken.args = oslo_take_text(raw);
    oslo_messaging_serving_method_request_context(asked, &raw);
    taken.context = oslo_take_text(raw);
    bool is_some = oslo_messaging_serving_method_request_namespace(asked, &raw);
    taken.namespace_name = oslo_take_if(is_some, raw);
    is_some = oslo_messaging_serving_method_request_version(asked, &raw);
    taken.version = oslo_take_if(is_some, raw);
    is_some = oslo_messaging_serving_method_request_message_id(asked, &raw);
    taken.message_id = oslo_take_if(is_some, raw);
    oslo_raw_target target;
    oslo_messaging_serving_method_request_served_by(asked, &target);
    taken.exchange = oslo_take_optional(target.exchange);
    taken.topic = oslo_take_optional(target.topic);
    taken.server = oslo_take_optional(target.server);
    *request = (oslo_served){
        .method = oslo_text_str(&taken.method),
        .args = oslo_text_str(&taken.args),
        .context = oslo_text_str(&taken.context),
        .namespace_name = oslo_text_str(&taken.namespace_name),
        .version = oslo_text_str(&taken.version),
        .message_id = oslo_text_str(&taken.message_id),
        .exchange = oslo_text_str(&taken.exchange),
        .topic = oslo_text_str(&taken.topic),
        .server = oslo_text_str(&taken.server),
    };
    request->monitored = oslo_messaging_serving_method_request_call_monitor_timeout(
        asked, &request->call_monitor_timeout);
    oslo_messaging_serving_request_drop_own(own);
    return taken;
}

bool exports_oslo_messaging_rpc_endpoint_handle(
    exports_oslo_messaging_rpc_endpoint_own_request_t own, oslo_raw_text *ret,
    raw_exception *err) {
    oslo_served request;
    uint32_t endpoint;
    texts taken = take(own, &request, &endpoint);
    oslo_text result = {NULL, 0};
    oslo_exception exception = {0};
    oslo_method_function run = find(endpoint, request.method);
    bool is_good = run == NULL ? oslo_raise(&exception, "builtins", "RuntimeError",
                                            OSLO_STR("the plugin has no such method"))
                               : run(&request, &result, &exception);
    if (is_good && !oslo_is_utf8(oslo_text_str(&result))) {
        is_good = oslo_raise(&exception, "builtins", "ValueError",
                             OSLO_STR("the result of the method is not UTF-8"));
    }
    if (is_good) {
        give(ret, result.ptr == NULL ? oslo_text_copy(OSLO_STR("null")) : result);
    } else {
        oslo_text_free(&result);
        give_exception(err, &exception);
    }
    oslo_text *all[] = {&taken.method,     &taken.args,     &taken.context,
                        &taken.namespace_name, &taken.version,  &taken.message_id,
                        &taken.exchange,   &taken.topic,    &taken.server};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        oslo_text_free(all[i]);
    }
    return is_good;
}
