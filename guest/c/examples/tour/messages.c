#include <stdio.h>
#include <time.h>
#include <yyjson.h>

#include "report.h"
#include "steps.h"

#define CONTEXT OSLO_STR("{\"user\": \"tourist\"}")
#define COUNT(array) (sizeof(array) / sizeof *(array))

static const oslo_str NOTHING = {"{}", 2};

/* The arguments of `remember`, with a word that no earlier tour of the same servers has used. */
static oslo_str remember(const char *prefix, char *word, size_t word_size, char *args,
                         size_t args_size) {
    struct timespec now = {0, 0};
    clock_gettime(CLOCK_REALTIME, &now);
    snprintf(word, word_size, "%s-%llx%08lx", prefix, (unsigned long long)now.tv_sec, now.tv_nsec);
    snprintf(args, args_size, "{\"word\": \"%s\"}", word);
    return oslo_str_of(args);
}

static void call(const oslo_client *client, const char *tried, oslo_str method, oslo_str args) {
    oslo_text reply;
    oslo_error error;
    if (oslo_client_call(client, CONTEXT, method, args, NULL, &reply, &error)) {
        done("call", tried, "%s", reply.ptr);
        oslo_text_free(&reply);
    } else {
        failed_with("call", tried, &error);
    }
}

void messages(const oslo_client *client) {
    call(client, "echo(value=\"hello\")", OSLO_STR("echo"), OSLO_STR("{\"value\": \"hello\"}"));
    call(client, "add(a=2, b=3)", OSLO_STR("add"), OSLO_STR("{\"a\": 2, \"b\": 3}"));

    char word[64], args[96];
    oslo_error error;
    if (oslo_client_cast(client, CONTEXT, OSLO_STR("remember"),
                         remember("cast", word, sizeof word, args, sizeof args), NULL,
                         &error)) {
        done("cast", "remember(word=...)",
             "the broker has it; one server will run it, nobody reports back");
    } else {
        failed_with("cast", "remember(word=...)", &error);
    }
}

static void one_server(const oslo_client *client) {
    const char *what = "one server", *tried = "whoami() sent to server `two`";
    oslo_options *options = oslo_options_new();
    oslo_text reply;
    oslo_error error;
    oslo_options_set_server(options, OSLO_STR("two"));
    if (!oslo_client_call(client, NOTHING, OSLO_STR("whoami"), NOTHING, options, &reply, &error)) {
        failed_with(what, tried, &error);
    } else {
        yyjson_doc *doc = yyjson_read(reply.ptr, reply.len, 0);
        yyjson_val *name = yyjson_doc_get_root(doc);
        if (yyjson_equals_str(name, "two")) {
            done(what, tried, "%s", yyjson_get_str(name));
        } else {
            failed(what, tried, "%s answered", reply.ptr);
        }
        yyjson_doc_free(doc);
    }
    oslo_text_free(&reply);
    oslo_options_free(options);
}

/* Whether the client's server remembers a word. */
static bool knows(const oslo_client *client, const char *word, oslo_error *error) {
    oslo_text reply;
    if (!oslo_client_call(client, NOTHING, OSLO_STR("recall"), NOTHING, NULL, &reply, error)) {
        return false;
    }
    bool found = false;
    size_t index, max;
    yyjson_val *known;
    yyjson_doc *doc = yyjson_read(reply.ptr, reply.len, 0);
    yyjson_arr_foreach(yyjson_doc_get_root(doc), index, max, known) {
        found = found || yyjson_equals_str(known, word);
    }
    yyjson_doc_free(doc);
    oslo_text_free(&reply);
    return found;
}

/* Casts are not answered, so the server is asked until it knows the word. */
static bool heard(const oslo_client *client, oslo_str name, const char *word, oslo_error *error) {
    oslo_options *options = oslo_options_new();
    oslo_client *server;
    bool found = false;
    oslo_options_set_server(options, name);
    bool prepared = oslo_client_prepare(client, options, &server, error);
    oslo_options_free(options);
    if (!prepared) {
        return false;
    }
    memset(error, 0, sizeof *error);
    for (int tries = 0; tries < 40 && !found && error->kind == OSLO_OK; tries++) {
        found = knows(server, word, error);
        if (!found && error->kind == OSLO_OK) {
            oslo_client_call(server, NOTHING, OSLO_STR("sleep"), OSLO_STR("{\"seconds\": 0.05}"),
                             NULL, NULL, error);
        }
    }
    oslo_client_free(server);
    return found;
}

static void every_server(const oslo_client *client) {
    const char *what = "fan-out cast", *tried = "remember(word=...) sent to every server";
    const oslo_str SERVERS[] = {OSLO_STR("one"), OSLO_STR("two"), OSLO_STR("three")};
    char word[64], args[96];
    oslo_options *options = oslo_options_new();
    oslo_error error;
    oslo_options_set_fanout(options, true);
    bool good = oslo_client_cast(client, NOTHING, OSLO_STR("remember"),
                                 remember("fanout", word, sizeof word, args, sizeof args), options,
                                 &error);
    oslo_options_free(options);
    for (size_t i = 0; good && i < COUNT(SERVERS); i++) {
        good = heard(client, SERVERS[i], word, &error);
    }
    if (good) {
        done(what, tried, "one, two, three remember it");
    } else if (error.kind == OSLO_OK) {
        failed(what, tried, "a server never got it");
    } else {
        failed_with(what, tried, &error);
    }
}

void addressing(const oslo_client *client) {
    one_server(client);
    every_server(client);

    const char *tried = "status() of namespace `admin`, version 2.0";
    oslo_options *admin = oslo_options_new();
    oslo_text reply;
    oslo_error error;
    oslo_options_set_namespace(admin, OSLO_STR("admin"));
    oslo_options_set_version(admin, OSLO_STR("2.0"));
    if (oslo_client_call(client, NOTHING, OSLO_STR("status"), NOTHING, admin, &reply, &error)) {
        done("namespace", tried, "%s", reply.ptr);
        oslo_text_free(&reply);
    } else {
        failed_with("namespace", tried, &error);
    }
    oslo_options_free(admin);
}
