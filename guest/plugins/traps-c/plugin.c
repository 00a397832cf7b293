/* What could end a plugin in C, or make it grow, and does not: one line each. It talks to the demo
 * endpoints; a line that starts with `BAD` is a failure. */
#include <stdio.h>

#include <oslo_messaging.h>

static const oslo_str NOTHING = {"{}", 2};
static int failures;

static void say(bool good, const char *what, const char *came) {
    printf("%s %s: %s\n", good ? "ok " : "BAD", what, came);
    failures += !good;
}

/* The error should be of this kind and about this argument. Freed twice, which must do no harm. */
static void refused(const char *what, bool succeeded, const char *argument, oslo_error *error) {
    bool good = !succeeded && error->kind == OSLO_ERROR_INVALID_ARGUMENT &&
                strcmp(error->detail.invalid_argument.argument.ptr, argument) == 0;
    say(good, what, oslo_error_message(error));
    oslo_error_free(error);
    oslo_error_free(error);
}

static void arguments(oslo_client *client) {
    oslo_error error;
    oslo_str ping = OSLO_STR("echo");
    oslo_str latin1 = OSLO_STR("{\"name\": \"J\xf6rg\"}");
    oslo_str surrogate = OSLO_STR("\xed\xa0\x80");
    oslo_str none = {NULL, 0};
    refused("a context in Latin-1", oslo_client_call(client, latin1, ping, NOTHING, NULL, &error),
            "context", &error);
    refused("a surrogate in a method",
            oslo_client_cast(client, NOTHING, surrogate, NOTHING, &error), "method", &error);
    refused("no method", oslo_client_call(client, NOTHING, none, NOTHING, NULL, &error), "method",
            &error);
    refused("no client", oslo_client_call(NULL, NOTHING, ping, NOTHING, NULL, &error), "client",
            &error);
    refused("JSON that is cut off",
            oslo_client_call(client, NOTHING, ping, OSLO_STR("{\"value\": "), NULL, &error), "args",
            &error);

    oslo_client *prepared;
    oslo_setting unknown[] = {oslo_unset((oslo_setting_name)99)};
    refused("a setting that does not exist",
            oslo_client_prepare(client, unknown, 1, &prepared, &error), "settings", &error);
    refused("settings that are NULL", oslo_client_prepare(client, NULL, 3, &prepared, &error),
            "settings", &error);
    oslo_setting cap[] = {oslo_set_version_cap(OSLO_STR("one"))};
    refused("a cap that is no version", oslo_client_prepare(client, cap, 1, &prepared, &error),
            "version-cap", &error);
    say(prepared == NULL, "a client that was refused", prepared == NULL ? "it is NULL" : "it is");
    oslo_client_free(prepared);

    oslo_request requests[] = {{.method = ping, .context = latin1},
                               {.method = ping, .args = OSLO_STR("{\"value\": 7}")}};
    oslo_result results[2];
    oslo_client_call_all(client, requests, 2, results);
    bool good = results[0].error.kind == OSLO_ERROR_INVALID_ARGUMENT && results[1].reply.len == 1;
    say(good, "one bad call among good ones", oslo_error_message(&results[0].error));
    oslo_result_free(&results[0]);
    oslo_result_free(&results[1]);
}

static void access(void) {
    oslo_client *client;
    oslo_error error;
    bool opened = oslo_client_open(OSLO_STR("secret"), NULL, NULL, 0, &client, &error);
    say(!opened && error.kind == OSLO_ERROR_ACCESS_DENIED, "a transport that was not granted",
        oslo_error_message(&error));
    oslo_error_free(&error);
}

static void texts(oslo_client *client) {
    oslo_text reply;
    bool good = oslo_client_call(client, NOTHING, OSLO_STR("echo"),
                                 OSLO_STR("{\"value\": \"\xe2\x82\xac\"}"), &reply, NULL);
    good = good && strlen(reply.ptr) == reply.len;
    say(good, "a reply ends with NUL", good ? reply.ptr : "it does not");
    oslo_text_free(&reply);
    oslo_text_free(&reply);
    /* Thrown away, results and errors. */
    oslo_client_call(client, NOTHING, OSLO_STR("echo"), OSLO_STR("{\"value\": 1}"), NULL, NULL);
    oslo_client_call(client, NOTHING, OSLO_STR("no_such_method"), NOTHING, NULL, NULL);
    say(true, "results that nobody wants", "nothing happened");
}

/* One of everything that allocates. */
static void round_of_calls(oslo_client *client) {
    oslo_text reply;
    oslo_error error;
    oslo_client *one;
    oslo_setting settings[] = {oslo_set_server(OSLO_STR("one")), oslo_unset(OSLO_TIMEOUT)};
    oslo_client_prepare(client, settings, 2, &one, &error);
    oslo_client_call(one, NOTHING, OSLO_STR("echo"), OSLO_STR("{\"value\": [1, 2, 3]}"), &reply,
                     &error);
    oslo_text_free(&reply);
    oslo_client_call(one, NOTHING, OSLO_STR("divide"), OSLO_STR("{\"a\": 1, \"b\": 0}"), &reply,
                     &error);
    oslo_error_free(&error);
    oslo_setting capped[] = {oslo_set_version_cap(OSLO_STR("1.0"))};
    oslo_client *old;
    oslo_client_prepare(one, capped, 1, &old, &error);
    oslo_client_free(one);
    oslo_client_cast(old, NOTHING, OSLO_STR("echo"), NOTHING, &error);
    oslo_error_free(&error);
    oslo_client_free(old);
    oslo_request request = {.method = OSLO_STR("no_such_method"), .settings = settings,
                            .setting_count = 1};
    oslo_result result;
    oslo_client_call_all(client, &request, 1, &result);
    oslo_result_free(&result);
}

static void leaks(oslo_client *client) {
    for (int i = 0; i < 100; i++) {
        round_of_calls(client);
    }
    size_t before = __builtin_wasm_memory_size(0);
    for (int i = 0; i < 2500; i++) {
        round_of_calls(client);
    }
    bool good = __builtin_wasm_memory_size(0) == before;
    say(good, "10000 messages", good ? "memory did not grow" : "memory grew");
}

int main(void) {
    oslo_target target = {.topic = OSLO_STR("demo"), .version = OSLO_STR("1.5")};
    oslo_client *client;
    oslo_error error;
    if (!oslo_client_open(OSLO_STR("default"), &target, NULL, 0, &client, &error)) {
        say(false, "a client", oslo_error_message(&error));
        oslo_error_free(&error);
        return 1;
    }
    arguments(client);
    access();
    texts(client);
    leaks(client);
    oslo_client_free(client);
    oslo_client_free(NULL);
    oslo_error_free(NULL);
    oslo_text_free(NULL);
    oslo_result_free(NULL);
    return failures == 0 ? 0 : 1;
}
