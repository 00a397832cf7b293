/* What calls in flight could do to a plugin in C, and do not: one line each. It talks to the demo
 * endpoints; a line that starts with `BAD` is a failure. */
#include <stdio.h>

#include <oslo_messaging_pending.h>

static const oslo_str NOTHING = {"{}", 2};
static int failures;

static void say(bool good, const char *what, const char *came) {
    printf("%s %s: %s\n", good ? "ok " : "BAD", what, came);
    failures += !good;
}

static oslo_pending *nap(oslo_client *client, const char *seconds, void *tag) {
    char args[64];
    snprintf(args, sizeof args, "{\"seconds\": %s}", seconds);
    /* The buffer is gone before the call ends, which has a copy. */
    return oslo_start_call(client, NOTHING, OSLO_STR("sleep"), oslo_str_of(args), NULL, tag);
}

static void order(oslo_client *client) {
    int long_one, short_one;
    nap(client, "0.3", &long_one);
    nap(client, "0.05", &short_one);
    oslo_pending *first = oslo_wait(), *second = oslo_wait(), *third = oslo_wait();
    bool good = oslo_pending_tag(first) == &short_one && oslo_pending_tag(second) == &long_one &&
                third == NULL;
    good = oslo_pending_finish(first, NULL, NULL) && good;
    good = oslo_pending_finish(second, NULL, NULL) && good;
    say(good, "calls end in their own order", good ? "the short one first" : "they do not");
}

static void cancelled(oslo_client *client) {
    oslo_pending *forgotten = nap(client, "30", NULL);
    oslo_pending *ended = nap(client, "0", NULL);
    oslo_pending *finished = nap(client, "0.1", NULL);
    oslo_text reply;
    bool good = oslo_pending_finish(finished, &reply, NULL) && reply.len > 0;
    oslo_text_free(&reply);
    oslo_pending_cancel(forgotten);
    oslo_pending_cancel(ended); /* it has ended, and nobody asked */
    oslo_pending_cancel(NULL);
    good = good && oslo_wait() == NULL;
    say(good, "calls are cancelled", good ? "nothing is left" : "something is left");
}

static void freed_early(oslo_client *client) {
    oslo_options *options = oslo_options_new(), *slow = oslo_options_new();
    oslo_client *two;
    oslo_text reply;
    oslo_error error;
    oslo_options_set_server(options, OSLO_STR("two"));
    bool prepared = oslo_client_prepare(client, options, &two, &error);
    oslo_options_free(options);
    if (!prepared) {
        say(false, "a prepared client", oslo_error_message(&error));
        oslo_error_free(&error);
        return;
    }
    oslo_options_set_timeout(slow, OSLO_SECONDS(20));
    oslo_pending *call = oslo_start_call(two, NOTHING, OSLO_STR("whoami"), NOTHING, slow, NULL);
    oslo_options_free(slow);
    oslo_client_free(two);
    bool good = oslo_pending_finish(call, &reply, &error);
    say(good, "client and options freed before their call ended", good ? reply.ptr : "the call failed");
    oslo_text_free(&reply);
    oslo_error_free(&error);
}

static void refused(oslo_client *client) {
    oslo_error error;
    oslo_str latin1 = OSLO_STR("{\"name\": \"J\xf6rg\"}");
    oslo_start_call(client, latin1, OSLO_STR("echo"), NOTHING, NULL, NULL);
    bool good = !oslo_pending_finish(oslo_wait(), NULL, &error);
    say(good, "a context in Latin-1", oslo_error_message(&error));
    oslo_error_free(&error);
    good = !oslo_pending_finish(oslo_start_cast(NULL, NOTHING, OSLO_STR("echo"), NOTHING, NULL, NULL),
                                NULL, &error);
    say(good, "no client", oslo_error_message(&error));
    oslo_error_free(&error);
    good = !oslo_pending_finish(NULL, NULL, &error);
    say(good, "no call", oslo_error_message(&error));
    oslo_error_free(&error);
}

/* One ends while the plugin looks now and then, another is waited for among several. */
static void watched(oslo_client *client) {
    oslo_pending *all[3] = {nap(client, "30", NULL), nap(client, "0.1", NULL), NULL};
    bool good = !oslo_pending_is_over(all[0]) && oslo_wait_any(all, 3) == 1;
    good = good && oslo_pending_is_over(all[1]) && oslo_pending_finish(all[1], NULL, NULL);
    all[1] = nap(client, "0.05", NULL);
    size_t looks = 0;
    while (!oslo_pending_is_over(all[1])) {
        looks++;
        oslo_client_call(client, NOTHING, OSLO_STR("echo"), OSLO_STR("{\"value\": 1}"), NULL, NULL,
                         NULL);
    }
    good = good && looks > 0 && oslo_pending_finish(all[1], NULL, NULL);
    oslo_pending_cancel(all[0]);
    good = good && oslo_wait() == NULL;
    say(good, "calls are watched", good ? "while others are made" : "something is wrong");
}

/* So many calls in flight at once, every third of which fails; how many were returned. */
static size_t flight(oslo_client *client, size_t count) {
    size_t returned = 0;
    for (size_t i = 0; i < count; i++) {
        oslo_str method = i % 3 == 0 ? OSLO_STR("no_such_method") : OSLO_STR("echo");
        oslo_start_call(client, NOTHING, method, OSLO_STR("{\"value\": [1, 2, 3]}"), NULL, NULL);
    }
    for (oslo_pending *call; (call = oslo_wait()) != NULL; returned++) {
        oslo_pending_finish(call, NULL, NULL);
    }
    return returned;
}

static void leaks(oslo_client *client) {
    for (int i = 0; i < 10; i++) {
        flight(client, 100);
    }
    size_t before = __builtin_wasm_memory_size(0);
    size_t returned = 0;
    for (int i = 0; i < 100; i++) {
        returned += flight(client, 100);
    }
    bool good = returned == 10000 && __builtin_wasm_memory_size(0) == before;
    say(good, "10000 calls, 100 in flight", good ? "memory did not grow" : "memory grew");
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
    order(client);
    cancelled(client);
    freed_early(client);
    refused(client);
    watched(client);
    leaks(client);
    oslo_client_free(client);
    return failures == 0 ? 0 : 1;
}
