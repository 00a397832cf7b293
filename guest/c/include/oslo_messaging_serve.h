/*
 * Serving methods: a plugin that is called, by Python clients as one of their own servers.
 *
 * A plugin whose world exports `rpc-endpoint` defines `oslo_endpoints` and `oslo_endpoint_count`:
 *
 *     static bool context(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
 *         (void)exception;
 *         *result = oslo_text_copy(request->context);
 *         return true;
 *     }
 *
 *     static const oslo_method methods[] = {{"context", context}};
 *     const oslo_endpoint oslo_endpoints[] = {{.version = "1.5", OSLO_METHODS(methods)}};
 *     const size_t oslo_endpoint_count = 1;
 *
 * The host finds the method by namespace and version, and answers itself what no endpoint has. An
 * instance runs one method at a time; whether the next request finds the same instance is the host's
 * choice.
 */
#ifndef OSLO_MESSAGING_SDK_SERVE_H
#define OSLO_MESSAGING_SDK_SERVE_H

#include "oslo_messaging_error.h"
#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A request. Its texts are borrowed, and are there until the method returns. */
typedef struct oslo_served {
    /* The method, and its keyword arguments: a JSON object as a rule. */
    oslo_str method, args;
    /* What the caller says beside the arguments, a JSON object. A call that is made on behalf of this
     * one gets it as its context. */
    oslo_str context;
    /* What the caller asked for; none where it said nothing. No version counts as `1.0`. */
    oslo_str namespace_name, version;
    /* The id of the message; none when its sender gave it none. */
    oslo_str message_id;
    /* The server that got it. */
    oslo_str exchange, topic, server;
    /* Whether the caller monitors the call, and how many nanoseconds it waits for a sign of life,
     * which the host sends. */
    bool monitored;
    uint64_t call_monitor_timeout;
} oslo_served;

/* An exception for the caller. Its texts are owned, and are freed by the SDK. Make it with
 * `oslo_raise`, and change what is to be different. */
typedef struct oslo_exception {
    /* The module and the name of its class, and what it prints as. */
    oslo_text type_module, type_name, message;
    /* A JSON array and a JSON object. When there are none, the message is the only argument, and
     * there are no keyword arguments. */
    oslo_text args, kwargs;
    /* Whether it is raised as a matter of course, so that it is no error in the host's log. */
    bool expected;
} oslo_exception;

/* Runs a method: gives a result, which is JSON, and returns true; or an exception and returns false.
 * A result that was not given is `null`. */
typedef bool (*oslo_method_function)(const oslo_served *request, oslo_text *result,
                                     oslo_exception *exception);

/* A method and its name; neither is NULL, of which the host tells its operator. */
typedef struct oslo_method {
    const char *name;
    oslo_method_function run;
} oslo_method;

/* Methods under one namespace and version. */
typedef struct oslo_endpoint {
    /* NULL: the unnamed one. */
    const char *namespace_name;
    /* Further namespaces that the methods are called by, NULL among them for the unnamed one. */
    const char *const *legacy_namespaces;
    size_t legacy_namespace_count;
    /* `major.minor`; NULL: `1.0`. */
    const char *version;
    const oslo_method *methods;
    size_t method_count;
} oslo_endpoint;

/* The fields of an endpoint for an array of methods. */
#define OSLO_METHODS(array) .methods = (array), .method_count = sizeof(array) / sizeof((array)[0])

/* What a plugin that serves defines. */
extern const oslo_endpoint oslo_endpoints[];
extern const size_t oslo_endpoint_count;

/* Makes an exception of a class, which prints as a message. Returns false, for the method to return. */
bool oslo_raise(oslo_exception *exception, const char *type_module, const char *type_name,
                oslo_str message);

/* An owned copy of a text; none for none. */
oslo_text oslo_text_copy(oslo_str text);

/* Makes the exception that a method raises for what a call of its own has met: a remote one as it is,
 * anything else as a client in Python has it. Returns false. */
bool oslo_raise_error(oslo_exception *exception, const oslo_error *error);

#ifdef __cplusplus
}
#endif

#endif
