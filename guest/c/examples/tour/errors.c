#include <stdio.h>
#include <time.h>

#include <oslo_messaging_pending.h>
#include <yyjson.h>

#include "report.h"
#include "steps.h"

static const oslo_str NOTHING = {"{}", 2};

static long long milliseconds(void) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

/* Calls a method, and gives the error that it should end with. */
static bool fails(const oslo_client *client, const oslo_options *options, oslo_str method,
                  oslo_str args, oslo_error *error) {
    return !oslo_client_call(client, NOTHING, method, args, options, NULL, error);
}

static void remote(const oslo_client *client, const char *what, const char *tried, oslo_str method,
                   oslo_str args, const char *module, const char *type) {
    oslo_error error;
    fails(client, NULL, method, args, &error);
    if (oslo_error_is_remote(&error, module, type)) {
        char text[512];
        oslo_error_describe(&error, text, sizeof text);
        done(what, tried, "the server raised %s", text);
        oslo_error_free(&error);
    } else {
        failed_with(what, tried, &error);
    }
}

/* An error that says that nothing happened. */
static void refused(const char *what, const char *tried, oslo_error_kind kind, oslo_error *error) {
    if (error->kind == kind) {
        done(what, tried, "%s; %s", oslo_error_message(error), fate(error));
        oslo_error_free(error);
    } else {
        failed_with(what, tried, error);
    }
}

static void timeout(const oslo_client *client) {
    const char *tried = "sleep(seconds=1.5) with a timeout of 300 ms";
    oslo_options *soon = oslo_options_new();
    oslo_options_set_timeout(soon, OSLO_MILLISECONDS(300));
    oslo_error error;
    long long start = milliseconds();
    fails(client, soon, OSLO_STR("sleep"), OSLO_STR("{\"seconds\": 1.5}"), &error);
    oslo_options_free(soon);
    if (error.kind == OSLO_ERROR_TIMEOUT) {
        done("timeout", tried, "gave up after %lld ms; %s", milliseconds() - start, fate(&error));
        oslo_error_free(&error);
    } else {
        failed_with("timeout", tried, &error);
    }
}

static void wrong_type(const oslo_client *client) {
    const char *what = "wrong type", *tried = "echo(value=\"hello\") wanted as a number";
    oslo_text reply;
    oslo_error error;
    if (!oslo_client_call(client, NOTHING, OSLO_STR("echo"), OSLO_STR("{\"value\": \"hello\"}"),
                          NULL, &reply, &error)) {
        failed_with(what, tried, &error);
        return;
    }
    yyjson_doc *doc = yyjson_read(reply.ptr, reply.len, 0);
    if (!yyjson_is_uint(yyjson_doc_get_root(doc))) {
        done(what, tried, "the reply does not fit a number: it is the %s %s",
             yyjson_get_type_desc(yyjson_doc_get_root(doc)), reply.ptr);
    } else {
        failed(what, tried, "it is the number %s", reply.ptr);
    }
    yyjson_doc_free(doc);
    oslo_text_free(&reply);
}

void errors(const oslo_client *client) {
    oslo_error error;
    remote(client, "remote error", "divide(a=1, b=0)", OSLO_STR("divide"),
           OSLO_STR("{\"a\": 1, \"b\": 0}"), "builtins", "ZeroDivisionError");
    remote(client, "unknown method", "no_such_method()", OSLO_STR("no_such_method"), NOTHING,
           "oslo_messaging.rpc.dispatcher", "NoSuchMethod");

    oslo_options *capped = oslo_options_new();
    oslo_options_set_version_cap(capped, OSLO_STR("1.5"));
    oslo_options_set_version(capped, OSLO_STR("2.0"));
    fails(client, capped, OSLO_STR("echo"), OSLO_STR("{\"value\": 1}"), &error);
    oslo_options_free(capped);
    refused("version cap", "echo() of version 2.0 under the cap 1.5", OSLO_ERROR_VERSION_CAP,
            &error);

    timeout(client);

    oslo_options *nobody = oslo_options_new();
    oslo_options_set_server(nobody, OSLO_STR("nobody"));
    fails(client, nobody, OSLO_STR("whoami"), NOTHING, &error);
    oslo_options_free(nobody);
    refused("no such target", "whoami() sent to server `nobody`", OSLO_ERROR_NO_SUCH_TARGET,
            &error);

    wrong_type(client);
}

void at_once(const oslo_client *client) {
    enum { CALLS = 10 };
    const char *what = "calls at once", *tried = "10 times sleep(seconds=0.2)";
    long long start = milliseconds();
    for (int i = 0; i < CALLS; i++) {
        oslo_start_call(client, NOTHING, OSLO_STR("sleep"), OSLO_STR("{\"seconds\": 0.2}"), NULL,
                        NULL);
    }
    int good = 0;
    for (oslo_pending *call; (call = oslo_wait()) != NULL;) {
        good += oslo_pending_finish(call, NULL, NULL);
    }
    long long elapsed = milliseconds() - start;
    if (good == CALLS) {
        done(what, tried, "%d results after %lld ms", good, elapsed);
    } else {
        failed(what, tried, "%d of %d calls failed", CALLS - good, CALLS);
    }
}
