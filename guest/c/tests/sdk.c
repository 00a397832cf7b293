/* Tests of the SDK, run natively over the played host. */
#include <stdio.h>
#include <stdlib.h>

#include <oslo_messaging_limits.h>
#include <oslo_messaging_notification.h>
#include <oslo_messaging_notify.h>
#include <oslo_messaging_pending.h>
#include <oslo_messaging_serve.h>
#include <oslo_messaging_testing.h>

#define CHECK(condition)                                                              \
    do {                                                                              \
        if (!(condition)) {                                                           \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);   \
            exit(1);                                                                  \
        }                                                                             \
    } while (0)

static const oslo_str NOTHING = {"{}", 2};

static bool is(const char *text, const char *expected) {
    return expected == NULL ? text == NULL : text != NULL && strcmp(text, expected) == 0;
}

static oslo_client *opened(const oslo_options *options) {
    oslo_target target = {.topic = OSLO_STR("demo"), .version = OSLO_STR("1.5")};
    oslo_client *client;
    oslo_testing_grant("default");
    CHECK(oslo_client_open(OSLO_STR("default"), &target, options, &client, NULL));
    return client;
}

static void finish(oslo_client *client) {
    oslo_client_free(client);
    CHECK(oslo_testing_open() == 0);
    oslo_testing_reset();
}

static void a_setting_has_three_states(void) {
    oslo_options *options = oslo_options_new();
    oslo_options_set_server(options, OSLO_STR("one"));
    oslo_options_set_timeout(options, OSLO_SECONDS(5));
    oslo_client *client = opened(options);
    oslo_options_free(options);
    oslo_testing_method("echo", oslo_testing_result("7"));

    CHECK(oslo_client_call(client, NOTHING, OSLO_STR("echo"), NOTHING, NULL, NULL, NULL));
    CHECK(is(oslo_testing_sent(0)->server, "one"));
    CHECK(oslo_testing_sent(0)->timeout == OSLO_SECONDS(5));

    options = oslo_options_new();
    oslo_options_set_server(options, OSLO_STR("two"));
    oslo_options_set_default(options, OSLO_TIMEOUT);
    CHECK(oslo_client_call(client, NOTHING, OSLO_STR("echo"), NOTHING, options, NULL, NULL));
    CHECK(is(oslo_testing_sent(1)->server, "two"));
    CHECK(oslo_testing_sent(1)->timeout == OSLO_SECONDS(60));
    /* The last one counts. */
    oslo_options_set_default(options, OSLO_SERVER);
    CHECK(oslo_client_call(client, NOTHING, OSLO_STR("echo"), NOTHING, options, NULL, NULL));
    CHECK(is(oslo_testing_sent(2)->server, NULL));
    oslo_options_free(options);
    /* And the client is what it was. */
    CHECK(oslo_client_call(client, NOTHING, OSLO_STR("echo"), NOTHING, NULL, NULL, NULL));
    CHECK(is(oslo_testing_sent(3)->server, "one"));
    finish(client);
}

/* Every setter, built at run time from names and values. */
static void options_are_built_at_run_time(void) {
    static const struct {
        const char *name;
        void (*set)(oslo_options *, oslo_str);
        oslo_option option;
    } TEXTS[] = {
        {"exchange", oslo_options_set_exchange, OSLO_EXCHANGE},
        {"topic", oslo_options_set_topic, OSLO_TOPIC},
        {"namespace", oslo_options_set_namespace, OSLO_NAMESPACE},
        {"version", oslo_options_set_version, OSLO_VERSION},
        {"server", oslo_options_set_server, OSLO_SERVER},
        {"version-cap", oslo_options_set_version_cap, OSLO_VERSION_CAP},
    };
    oslo_client *client = opened(NULL);
    oslo_options *options = oslo_options_new();
    for (size_t i = 0; i < sizeof TEXTS / sizeof *TEXTS; i++) {
        oslo_error error;
        TEXTS[i].set(options, OSLO_STR("\xff"));
        CHECK(!oslo_client_call(client, NOTHING, OSLO_STR("echo"), NOTHING, options, NULL, &error));
        CHECK(error.kind == OSLO_ERROR_INVALID_ARGUMENT && error.outcome == OSLO_NOT_EXECUTED);
        CHECK(is(error.detail.invalid_argument.argument.ptr, TEXTS[i].name));
        oslo_error_free(&error);
        /* What is not UTF-8 is forgotten when it is set again. */
        TEXTS[i].set(options, OSLO_STR("1.5"));
    }
    oslo_options_set_fanout(options, true);
    oslo_options_set_retry(options, 3);
    oslo_options_set_call_monitor_timeout(options, OSLO_SECONDS(2));
    oslo_options_set_mandatory(options, true);
    oslo_options_set_reply_bytes(options, 1000);
    oslo_options_set_timeout(options, 7);

    oslo_client *prepared;
    CHECK(oslo_client_prepare(client, options, &prepared, NULL));
    oslo_options_free(options);
    uint32_t retry;
    uint64_t monitor;
    bool mandatory;
    oslo_owned_target target = oslo_client_target(prepared);
    CHECK(is(target.exchange.ptr, "1.5") && is(target.topic.ptr, "1.5"));
    CHECK(is(target.namespace_name.ptr, "1.5") && is(target.version.ptr, "1.5"));
    CHECK(is(target.server.ptr, "1.5") && target.fanout);
    oslo_owned_target_free(&target);
    oslo_text text = oslo_client_version_cap(prepared);
    CHECK(is(text.ptr, "1.5"));
    oslo_text_free(&text);
    text = oslo_client_transport(prepared);
    CHECK(is(text.ptr, "default"));
    oslo_text_free(&text);
    CHECK(oslo_client_retry(prepared, &retry) && retry == 3);
    CHECK(oslo_client_call_monitor_timeout(prepared, &monitor) && monitor == OSLO_SECONDS(2));
    CHECK(oslo_client_mandatory(prepared, &mandatory) && mandatory);
    CHECK(oslo_client_reply_bytes(prepared) == 1000 && oslo_client_timeout(prepared) == 7);

    /* All the way back. */
    options = oslo_options_new();
    for (int option = OSLO_EXCHANGE; option <= OSLO_REPLY_BYTES; option++) {
        oslo_options_set_default(options, (oslo_option)option);
    }
    oslo_client *bare;
    CHECK(oslo_client_prepare(prepared, options, &bare, NULL));
    target = oslo_client_target(bare);
    CHECK(target.topic.ptr == NULL && target.server.ptr == NULL && !target.fanout);
    oslo_owned_target_free(&target);
    CHECK(!oslo_client_retry(bare, NULL) && !oslo_client_mandatory(bare, NULL));
    CHECK(!oslo_client_call_monitor_timeout(bare, NULL));
    CHECK(oslo_client_version_cap(bare).ptr == NULL);

    oslo_error error;
    oslo_options_set_default(options, (oslo_option)99);
    CHECK(!oslo_client_prepare(bare, options, NULL, &error));
    CHECK(is(error.detail.invalid_argument.argument.ptr, "options"));
    oslo_error_free(&error);
    oslo_options_free(options);
    oslo_client_free(bare);
    oslo_client_free(prepared);
    finish(client);
}

static void every_error_has_an_outcome(void) {
    static const struct {
        oslo_error_kind kind;
        oslo_outcome given, expected;
    } CASES[] = {
        {OSLO_ERROR_TIMEOUT, OSLO_UNKNOWN, OSLO_UNKNOWN},
        {OSLO_ERROR_TIMEOUT, OSLO_NOT_EXECUTED, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_NO_SUCH_TARGET, OSLO_UNKNOWN, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_DELIVERY_FAILURE, OSLO_UNKNOWN, OSLO_UNKNOWN},
        {OSLO_ERROR_DELIVERY_FAILURE, OSLO_NOT_EXECUTED, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_VERSION_CAP, OSLO_UNKNOWN, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_INVALID_TARGET, OSLO_UNKNOWN, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_INVALID_ARGUMENT, OSLO_UNKNOWN, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_ACCESS_DENIED, OSLO_UNKNOWN, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_LIMIT_EXCEEDED, OSLO_UNKNOWN, OSLO_NOT_EXECUTED},
        {OSLO_ERROR_INVALID_REPLY, OSLO_UNKNOWN, OSLO_EXECUTED},
        {OSLO_ERROR_OTHER, OSLO_EXECUTED, OSLO_EXECUTED},
        {OSLO_ERROR_OTHER, OSLO_UNKNOWN, OSLO_UNKNOWN},
        {OSLO_ERROR_OTHER, OSLO_NOT_EXECUTED, OSLO_NOT_EXECUTED},
    };
    oslo_client *client = opened(NULL);
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        oslo_error error;
        oslo_testing_method("m", oslo_testing_error(CASES[i].kind, CASES[i].given, "why"));
        CHECK(!oslo_client_call(client, NOTHING, OSLO_STR("m"), NOTHING, NULL, NULL, &error));
        CHECK(error.kind == CASES[i].kind && error.outcome == CASES[i].expected);
        CHECK(is(oslo_error_message(&error), "why"));
        oslo_error_free(&error);
        CHECK(error.kind == OSLO_OK && error.outcome == OSLO_NO_OUTCOME);
    }
    finish(client);
}

static void exceptions_describe_themselves(void) {
    oslo_client *client = opened(NULL);
    oslo_error error;
    char text[64];
    oslo_testing_method("m", oslo_testing_exception("nova", "Boom", "it broke"));
    CHECK(!oslo_client_call(client, NOTHING, OSLO_STR("m"), NOTHING, NULL, NULL, &error));
    CHECK(oslo_error_is_remote(&error, "nova", "Boom") && error.outcome == OSLO_EXECUTED);
    CHECK(oslo_error_describe(&error, text, sizeof text) == 19 && is(text, "nova.Boom: it broke"));
    CHECK(oslo_error_describe(&error, text, 5) == 19 && is(text, "nova"));
    CHECK(oslo_error_describe(&error, NULL, 0) == 19);
    oslo_error_free(&error);
    CHECK(!oslo_client_call(client, NOTHING, OSLO_STR("n"), NOTHING, NULL, NULL, &error));
    CHECK(oslo_error_is_remote(&error, "oslo_messaging.rpc.dispatcher", "NoSuchMethod"));
    oslo_error_free(&error);
    finish(client);
}

static void requests_go_to_their_own_clients(void) {
    oslo_client *client = opened(NULL), *two;
    oslo_options *options = oslo_options_new();
    oslo_options_set_server(options, OSLO_STR("two"));
    CHECK(oslo_client_prepare(client, options, &two, NULL));
    oslo_testing_method("echo", oslo_testing_result("7"));
    oslo_request requests[] = {
        {.client = client, .method = OSLO_STR("echo")},
        {.client = NULL, .method = OSLO_STR("echo")},
        {.client = two, .method = OSLO_STR("echo")},
        {.client = client, .method = OSLO_STR("\xff")},
        {.client = client, .method = OSLO_STR("echo"), .options = options},
        {.client = client, .method = OSLO_STR("none")},
    };
    oslo_result results[6];
    oslo_call_all(requests, 6, results);
    static const oslo_error_kind KINDS[] = {
        OSLO_OK, OSLO_ERROR_INVALID_ARGUMENT, OSLO_OK, OSLO_ERROR_INVALID_ARGUMENT,
        OSLO_OK, OSLO_ERROR_REMOTE,
    };
    for (size_t i = 0; i < 6; i++) {
        CHECK(results[i].error.kind == KINDS[i]);
        oslo_result_free(&results[i]);
    }
    CHECK(oslo_testing_sent_count() == 4);
    CHECK(is(oslo_testing_sent(0)->server, NULL) && is(oslo_testing_sent(1)->server, "two"));
    CHECK(is(oslo_testing_sent(2)->server, "two"));
    oslo_options_free(options);
    oslo_client_free(two);
    finish(client);
}

static void calls_in_flight(void) {
    oslo_client *client = opened(NULL);
    oslo_testing_method("echo", oslo_testing_result("7"));
    int tags[3];
    oslo_text reply;
    oslo_error error;
    oslo_start_call(client, NOTHING, OSLO_STR("echo"), NOTHING, NULL, &tags[0]);
    oslo_start_call(client, NOTHING, OSLO_STR("none"), NOTHING, NULL, &tags[1]);
    oslo_start_cast(client, NOTHING, OSLO_STR("echo"), NOTHING, NULL, &tags[2]);
    for (int i = 0; i < 3; i++) {
        oslo_pending *pending = oslo_wait();
        CHECK(oslo_pending_tag(pending) == &tags[i]);
        CHECK(oslo_pending_finish(pending, &reply, &error) == (i != 1));
        CHECK(i == 0 ? is(reply.ptr, "7") : reply.ptr == NULL);
        oslo_text_free(&reply);
        oslo_error_free(&error);
    }
    CHECK(oslo_wait() == NULL);

    /* Cancelled in flight, cancelled after the end, finished without being waited for. */
    oslo_pending *all[4];
    for (int i = 0; i < 3; i++) {
        all[i] = oslo_start_call(client, NOTHING, OSLO_STR("echo"), NOTHING, NULL, NULL);
    }
    all[3] = NULL;
    oslo_pending_cancel(all[0]);
    all[0] = NULL;
    CHECK(oslo_wait_any(all, 4) == 1);
    CHECK(oslo_pending_is_over(all[1]) && oslo_pending_is_over(NULL));
    oslo_pending_cancel(all[1]);
    oslo_pending_cancel(NULL);
    CHECK(oslo_pending_finish(all[2], NULL, NULL));
    CHECK(oslo_wait_any(all, 1) == 1 && oslo_wait_any(NULL, 3) == 3);
    CHECK(!oslo_pending_finish(NULL, &reply, &error) && reply.ptr == NULL);
    oslo_error_free(&error);
    CHECK(oslo_wait() == NULL);

    /* What is wrong with an argument comes at the end. */
    oslo_pending *wrong = oslo_start_call(NULL, NOTHING, OSLO_STR("echo"), NOTHING, NULL, NULL);
    CHECK(wrong != NULL && oslo_wait() == wrong && !oslo_pending_finish(wrong, NULL, &error));
    CHECK(is(error.detail.invalid_argument.argument.ptr, "client"));
    oslo_error_free(&error);
    finish(client);
}

static void what_a_host_refuses_is_refused(void) {
    oslo_client *client = opened(NULL);
    oslo_error error;
    CHECK(!oslo_client_open(OSLO_STR("other"), NULL, NULL, NULL, &error));
    CHECK(error.kind == OSLO_ERROR_ACCESS_DENIED);
    oslo_error_free(&error);

    oslo_options *options = oslo_options_new();
    oslo_options_set_version_cap(options, OSLO_STR("1.4"));
    CHECK(!oslo_client_cast(client, NOTHING, OSLO_STR("m"), NOTHING, options, &error));
    CHECK(error.kind == OSLO_ERROR_VERSION_CAP);
    CHECK(is(error.detail.version_cap.version.ptr, "1.5"));
    CHECK(is(error.detail.version_cap.version_cap.ptr, "1.4"));
    oslo_error_free(&error);
    oslo_options_set_version(options, OSLO_STR("latest"));
    CHECK(!oslo_client_cast(client, NOTHING, OSLO_STR("m"), NOTHING, options, &error));
    CHECK(error.kind == OSLO_ERROR_INVALID_ARGUMENT);
    oslo_error_free(&error);
    oslo_options_free(options);

    options = oslo_options_new();
    oslo_options_set_fanout(options, true);
    CHECK(!oslo_client_call(client, NOTHING, OSLO_STR("m"), NOTHING, options, NULL, &error));
    CHECK(error.kind == OSLO_ERROR_INVALID_TARGET);
    oslo_error_free(&error);
    CHECK(oslo_client_cast(client, NOTHING, OSLO_STR("m"), NOTHING, options, NULL));
    oslo_options_free(options);

    CHECK(!oslo_client_call(client, NOTHING, OSLO_STR("m"), OSLO_STR("[]"), NULL, NULL, &error));
    CHECK(is(error.detail.invalid_argument.argument.ptr, "args"));
    oslo_error_free(&error);
    bool can;
    CHECK(oslo_client_can_send_version(client, OSLO_STR("9.9"), &can, NULL) && can);
    CHECK(!oslo_client_can_send_version(client, OSLO_STR("one"), &can, NULL));
    CHECK(oslo_testing_sent_count() == 1 && oslo_testing_sent(0)->fanout);
    finish(client);
}

static void nobody_need_ask(void) {
    oslo_client *client = opened(NULL);
    oslo_texts names = oslo_transports();
    CHECK(names.count == 1 && is(names.ptr[0].ptr, "default"));
    oslo_texts_free(&names);
    oslo_texts_free(&names);
    CHECK(!oslo_remaining(NULL) && oslo_limit_pending_calls() == 1024);
    CHECK(oslo_limit_request_bytes() < oslo_limit_reply_bytes());
    CHECK(oslo_limit_reply_bytes() < oslo_limit_held_reply_bytes());
    CHECK(oslo_limit_calls_in_flight() < oslo_limit_requests());
    CHECK(oslo_client_timeout(NULL) == 0 && oslo_client_transport(NULL).ptr == NULL);
    finish(client);
}

static oslo_testing_end doubled(const oslo_testing_message *message, void *data) {
    static char text[32];
    snprintf(text, sizeof text, "\"%s%d\"", message->args, *(int *)data);
    return oslo_testing_result(text);
}

static void methods_may_compute(void) {
    oslo_client *client = opened(NULL);
    int number = 8;
    oslo_text reply;
    oslo_testing_handle("m", doubled, &number);
    CHECK(oslo_client_call(client, NOTHING, OSLO_STR("m"), NOTHING, NULL, &reply, NULL));
    CHECK(is(reply.ptr, "\"{}8\""));
    oslo_text_free(&reply);
    finish(client);
}

/* A method, as the endpoints of a plugin have it. */
static bool half(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    if (request->args.len == 2) {
        return oslo_raise(exception, "builtins", "TypeError", OSLO_STR("of what?"));
    }
    *result = oslo_text_copy(request->context);
    return true;
}

static void methods_are_called_and_raise(void) {
    oslo_served request = {.args = OSLO_STR("{\"n\": 1}"), .context = OSLO_STR("{\"a\": 1}")};
    oslo_text result = {NULL, 0};
    oslo_exception exception;
    CHECK(half(&request, &result, &exception));
    CHECK(is(result.ptr, "{\"a\": 1}"));
    oslo_text_free(&result);
    request.args = NOTHING;
    CHECK(!half(&request, &result, &exception));
    CHECK(is(exception.type_name.ptr, "TypeError") && is(exception.message.ptr, "of what?"));
    CHECK(exception.args.ptr == NULL && !exception.expected);
    oslo_text_free(&exception.type_module);
    oslo_text_free(&exception.type_name);
    oslo_text_free(&exception.message);

    oslo_text empty = oslo_text_copy(OSLO_STR(""));
    CHECK(is(empty.ptr, ""));
    oslo_text_free(&empty);
    CHECK(oslo_text_copy(oslo_str_none()).ptr == NULL);

    oslo_error error = {.kind = OSLO_ERROR_NO_SUCH_TARGET};
    CHECK(!oslo_raise_error(&exception, &error));
    CHECK(is(exception.type_module.ptr, "oslo_messaging.exceptions"));
    CHECK(is(exception.type_name.ptr, "MessageUndeliverable"));
    oslo_text_free(&exception.type_module);
    oslo_text_free(&exception.type_name);
    oslo_text_free(&exception.message);
}

static void notifications_go_out(void) {
    oslo_notifier *notifier = NULL;
    oslo_error error;
    CHECK(!oslo_notifier_open(OSLO_STR("default"), OSLO_STR("me"), &notifier, &error));
    CHECK(error.kind == OSLO_ERROR_ACCESS_DENIED && notifier == NULL);
    oslo_error_free(&error);
    oslo_testing_grant("default");
    CHECK(!oslo_notifier_open(OSLO_STR("default"), OSLO_STR("\xff"), &notifier, &error));
    CHECK(is(error.detail.invalid_argument.argument.ptr, "publisher-id"));
    oslo_error_free(&error);
    CHECK(oslo_notifier_open(OSLO_STR("default"), OSLO_STR("compute.host-1"), &notifier, NULL));
    CHECK(oslo_notifier_open(OSLO_STR("default"), oslo_str_none(), NULL, NULL));
    CHECK(oslo_notify(notifier, OSLO_PRIORITY_CRITICAL, oslo_str_none(), OSLO_STR("a.b"),
                      OSLO_STR("{\"id\": 7}"), &error));
    const oslo_testing_notification *sent = oslo_testing_notified(0);
    CHECK(sent->priority == OSLO_PRIORITY_CRITICAL && is(sent->publisher_id, "compute.host-1"));
    CHECK(sent->topic_count == 1 && is(sent->topics[0], "notifications"));
    CHECK(is(sent->context, "{}") && is(sent->event_type, "a.b"));
    CHECK(is(sent->payload, "{\"id\": 7}") && sent->timeout == OSLO_SECONDS(60));

    oslo_str topics[] = {OSLO_STR("one"), OSLO_STR("two")};
    uint64_t timeout = OSLO_SECONDS(5);
    uint32_t retry = 3;
    CHECK(oslo_notifier_set_topics(notifier, topics, 2, &error));
    oslo_notifier_set_timeout(notifier, &timeout);
    oslo_notifier_set_retry(notifier, &retry);
    CHECK(oslo_notify(notifier, OSLO_PRIORITY_AUDIT, OSLO_STR(" {}\n"), OSLO_STR("c"), oslo_str_none(),
                      NULL));
    sent = oslo_testing_notified(1);
    CHECK(sent->topic_count == 2 && is(sent->topics[1], "two") && sent->timeout == timeout);
    CHECK(is(sent->payload, "null"));
    oslo_texts now = oslo_notifier_topics(notifier);
    CHECK(now.count == 2 && is(now.ptr[0].ptr, "one"));
    oslo_texts_free(&now);
    oslo_text name = oslo_notifier_transport(notifier), id = oslo_notifier_publisher_id(notifier);
    CHECK(is(name.ptr, "default") && is(id.ptr, "compute.host-1"));
    oslo_text_free(&name);
    oslo_text_free(&id);

    oslo_testing_notifications_end(
        oslo_testing_error(OSLO_ERROR_DELIVERY_FAILURE, OSLO_UNKNOWN, "the broker is away"));
    CHECK(!oslo_notify(notifier, OSLO_PRIORITY_INFO, NOTHING, OSLO_STR("c"), NOTHING, &error));
    CHECK(error.outcome == OSLO_UNKNOWN && is(oslo_error_message(&error), "the broker is away"));
    oslo_error_free(&error);
    oslo_notifier_free(notifier);
    oslo_notifier_free(NULL);
    CHECK(oslo_testing_open() == 0);
    oslo_testing_reset();
    CHECK(oslo_testing_notified_count() == 0);
}

static void what_cannot_be_notified_is_told(void) {
    oslo_notifier *notifier;
    oslo_testing_grant("default");
    CHECK(oslo_notifier_open(OSLO_STR("default"), oslo_str_none(), &notifier, NULL));
    static const struct {
        const oslo_priority priority;
        const char *context, *event_type, *payload, *argument;
    } WRONG[] = {
        {(oslo_priority)99, "{}", "e", "{}", "priority"},
        {OSLO_PRIORITY_INFO, "[]", "e", "{}", "context"},
        {OSLO_PRIORITY_INFO, "{", "e", "{}", "context"},
        {OSLO_PRIORITY_INFO, "{\"\xff\": 1}", "e", "{}", "context"},
        {OSLO_PRIORITY_INFO, "{}", NULL, "{}", "event-type"},
        {OSLO_PRIORITY_INFO, "{}", "\xed\xa0\xbd", "{}", "event-type"},
        {OSLO_PRIORITY_INFO, "{}", "e", "\"\xff\"", "payload"},
    };
    oslo_error error;
    for (size_t i = 0; i < sizeof WRONG / sizeof *WRONG; i++) {
        CHECK(!oslo_notify(notifier, WRONG[i].priority, oslo_str_of(WRONG[i].context),
                           oslo_str_of(WRONG[i].event_type), oslo_str_of(WRONG[i].payload),
                           &error));
        CHECK(is(error.detail.invalid_argument.argument.ptr, WRONG[i].argument));
        CHECK(error.outcome == OSLO_NOT_EXECUTED);
        oslo_error_free(&error);
    }
    oslo_str topics[] = {OSLO_STR("one"), OSLO_STR("\xff")};
    for (size_t count = 0; count < 3; count += 2) {
        CHECK(!oslo_notifier_set_topics(notifier, topics, count, &error));
        CHECK(is(error.detail.invalid_argument.argument.ptr, "topics"));
        oslo_error_free(&error);
    }
    CHECK(!oslo_notify(NULL, OSLO_PRIORITY_INFO, NOTHING, OSLO_STR("e"), NOTHING, NULL));
    CHECK(!oslo_notifier_set_topics(NULL, NULL, 0, NULL));
    oslo_notifier_set_timeout(NULL, NULL);
    oslo_notifier_set_retry(NULL, NULL);
    CHECK(oslo_notifier_topics(NULL).count == 0 && oslo_notifier_transport(NULL).ptr == NULL);
    CHECK(oslo_notifier_publisher_id(NULL).ptr == NULL);
    oslo_notifier_free(notifier);
    CHECK(oslo_testing_open() == 0 && oslo_testing_notified_count() == 0);
    oslo_testing_reset();
}

static void priorities_have_names(void) {
    for (int i = 0; i < OSLO_PRIORITY_COUNT; i++) {
        oslo_priority found;
        CHECK(oslo_priority_of(oslo_str_of(oslo_priority_name((oslo_priority)i)), &found));
        CHECK(found == (oslo_priority)i);
    }
    oslo_priority untouched = OSLO_PRIORITY_WARN;
    CHECK(!oslo_priority_of(OSLO_STR("urgent"), &untouched) && untouched == OSLO_PRIORITY_WARN);
    CHECK(!oslo_priority_of(oslo_str_none(), &untouched));
    CHECK(oslo_priority_name((oslo_priority)7) == NULL);
}

/* What handles notifications, as a plugin has it. */
static oslo_notification_result handle(const oslo_notification *notification) {
    return notification->priority == OSLO_PRIORITY_ERROR ? OSLO_REQUEUE : OSLO_HANDLED;
}

static const oslo_priority WANTED[] = {OSLO_PRIORITY_INFO, OSLO_PRIORITY_ERROR};
static const oslo_rule RULES[] = {{OSLO_OF_PAYLOAD, "state", "^active$"}};
const oslo_notification_endpoint oslo_notifications = {
    .event_type = "^compute[.]", OSLO_WANTED(WANTED), OSLO_RULES(RULES), .handle = handle};

static void notifications_are_handled(void) {
    oslo_notification told = {.priority = OSLO_PRIORITY_INFO, .event_type = OSLO_STR("compute.a")};
    CHECK(oslo_notifications.handle(&told) == OSLO_HANDLED);
    told.priority = OSLO_PRIORITY_ERROR;
    CHECK(oslo_notifications.handle(&told) == OSLO_REQUEUE);
    CHECK(oslo_notifications.priority_count == 2 && oslo_notifications.rule_count == 1);
}

int main(void) {
    notifications_go_out();
    what_cannot_be_notified_is_told();
    priorities_have_names();
    notifications_are_handled();
    a_setting_has_three_states();
    options_are_built_at_run_time();
    every_error_has_an_outcome();
    exceptions_describe_themselves();
    requests_go_to_their_own_clients();
    calls_in_flight();
    what_a_host_refuses_is_refused();
    nobody_need_ask();
    methods_may_compute();
    methods_are_called_and_raise();
    return 0;
}
