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
    refused("a context in Latin-1", oslo_client_call(client, latin1, ping, NOTHING, NULL, NULL, &error),
            "context", &error);
    refused("a surrogate in a method",
            oslo_client_cast(client, NOTHING, surrogate, NOTHING, NULL, &error), "method", &error);
    refused("no method", oslo_client_call(client, NOTHING, none, NOTHING, NULL, NULL, &error), "method",
            &error);
    refused("no client", oslo_client_call(NULL, NOTHING, ping, NOTHING, NULL, NULL, &error), "client",
            &error);
    refused("JSON that is cut off",
            oslo_client_call(client, NOTHING, ping, OSLO_STR("{\"value\": "), NULL, NULL,
                             &error), "args",
            &error);

    oslo_client *prepared;
    oslo_options *options = oslo_options_new();
    oslo_options_set_default(options, (oslo_option)99);
    refused("a setting that does not exist",
            oslo_client_prepare(client, options, &prepared, &error), "options", &error);
    oslo_options_free(options);
    options = oslo_options_new();
    oslo_options_set_server(options, latin1);
    refused("a server in Latin-1",
            oslo_client_call(client, NOTHING, ping, NOTHING, options, NULL, &error), "server",
            &error);
    oslo_options_free(options);
    options = oslo_options_new();
    oslo_options_set_version_cap(options, OSLO_STR("one"));
    refused("a cap that is no version", oslo_client_prepare(client, options, &prepared, &error),
            "version-cap", &error);
    oslo_options_free(options);
    say(prepared == NULL, "a client that was refused", prepared == NULL ? "it is NULL" : "it is");
    oslo_client_free(prepared);
    /* Nothing happens. */
    oslo_options_set_server(NULL, OSLO_STR("one"));
    oslo_options_set_default(NULL, OSLO_TIMEOUT);

    oslo_request requests[] = {{.client = client, .method = ping, .context = latin1},
                               {.client = client, .method = ping,
                                .args = OSLO_STR("{\"value\": 7}")}};
    oslo_result results[2];
    oslo_call_all(requests, 2, results);
    bool good = results[0].error.kind == OSLO_ERROR_INVALID_ARGUMENT && results[1].reply.len == 1;
    say(good, "one bad call among good ones", oslo_error_message(&results[0].error));
    oslo_result_free(&results[0]);
    oslo_result_free(&results[1]);
}

/* More options than the host lets a plugin have open, which it says of those that are too many. */
static void too_many_options(oslo_client *client) {
    enum { MANY = 4097 };
    static oslo_options *all[MANY];
    oslo_error error;
    for (int i = 0; i < MANY; i++) {
        all[i] = oslo_options_new();
    }
    bool good = !oslo_client_call(client, NOTHING, OSLO_STR("echo"), NOTHING, all[MANY - 1], NULL,
                                  &error) &&
                error.kind == OSLO_ERROR_LIMIT_EXCEEDED;
    say(good, "4097 options", oslo_error_message(&error));
    oslo_error_free(&error);
    for (int i = 0; i < MANY; i++) {
        oslo_options_free(all[i]);
    }
}

static void access(void) {
    oslo_client *client;
    oslo_error error;
    bool opened = oslo_client_open(OSLO_STR("secret"), NULL, NULL, &client, &error);
    say(!opened && error.kind == OSLO_ERROR_ACCESS_DENIED, "a transport that was not granted",
        oslo_error_message(&error));
    oslo_error_free(&error);
}

static void texts(oslo_client *client) {
    oslo_text reply;
    bool good = oslo_client_call(client, NOTHING, OSLO_STR("echo"),
                                 OSLO_STR("{\"value\": \"\xe2\x82\xac\"}"), NULL, &reply, NULL);
    good = good && strlen(reply.ptr) == reply.len;
    say(good, "a reply ends with NUL", good ? reply.ptr : "it does not");
    oslo_text_free(&reply);
    oslo_text_free(&reply);
    /* Thrown away, results and errors. */
    oslo_client_call(client, NOTHING, OSLO_STR("echo"), OSLO_STR("{\"value\": 1}"), NULL, NULL,
                     NULL);
    oslo_client_call(client, NOTHING, OSLO_STR("no_such_method"), NOTHING, NULL, NULL, NULL);
    say(true, "results that nobody wants", "nothing happened");
}

/* One of everything that allocates. */
static void round_of_calls(oslo_client *client) {
    oslo_text reply;
    oslo_error error;
    oslo_client *one, *old;
    oslo_options *options = oslo_options_new();
    oslo_options_set_server(options, OSLO_STR("one"));
    oslo_options_set_default(options, OSLO_TIMEOUT);
    oslo_client_prepare(client, options, &one, &error);
    oslo_client_call(one, NOTHING, OSLO_STR("echo"), OSLO_STR("{\"value\": [1, 2, 3]}"), NULL,
                     &reply, &error);
    oslo_text_free(&reply);
    oslo_client_call(one, NOTHING, OSLO_STR("divide"), OSLO_STR("{\"a\": 1, \"b\": 0}"), NULL,
                     &reply, &error);
    oslo_error_free(&error);
    oslo_options *capped = oslo_options_new();
    oslo_options_set_version_cap(capped, OSLO_STR("1.0"));
    oslo_client_prepare(one, capped, &old, &error);
    oslo_options_free(capped);
    oslo_client_free(one);
    oslo_client_cast(old, NOTHING, OSLO_STR("echo"), NOTHING, NULL, &error);
    oslo_error_free(&error);
    oslo_owned_target target = oslo_client_target(old);
    oslo_owned_target_free(&target);
    oslo_texts names = oslo_transports();
    oslo_texts_free(&names);
    oslo_client_free(old);
    oslo_request request = {.client = client, .method = OSLO_STR("no_such_method"),
                            .options = options};
    oslo_result result;
    oslo_call_all(&request, 1, &result);
    oslo_result_free(&result);
    oslo_options_free(options);
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
    if (!oslo_client_open(OSLO_STR("default"), &target, NULL, &client, &error)) {
        say(false, "a client", oslo_error_message(&error));
        oslo_error_free(&error);
        return 1;
    }
    arguments(client);
    too_many_options(client);
    access();
    texts(client);
    leaks(client);
    oslo_client_free(client);
    oslo_client_free(NULL);
    oslo_error_free(NULL);
    oslo_text_free(NULL);
    oslo_result_free(NULL);
    oslo_options_free(NULL);
    return failures == 0 ? 0 : 1;
}
