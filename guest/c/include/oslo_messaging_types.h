/*
 * Texts, targets and settings: what the other headers of the SDK are made of.
 *
 * Who owns what: an `oslo_str` is borrowed. It is read during the function that takes it and never
 * kept, so that it may live on the stack. An `oslo_text` is owned by whoever has it, and is freed
 * with `oslo_text_free`. Nothing else in this file owns memory.
 *
 * When memory is exhausted the plugin ends with `abort`, as every component does.
 */
#ifndef OSLO_MESSAGING_TYPES_H
#define OSLO_MESSAGING_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A borrowed text in UTF-8, not necessarily with a NUL at its end. `ptr` is NULL when there is
 * none, which is not the same as an empty one. */
typedef struct oslo_str {
    const char *ptr;
    size_t len;
} oslo_str;

/* A borrowed text of a literal. */
#ifdef __cplusplus
#define OSLO_STR(literal) (::oslo_str{"" literal, sizeof(literal) - 1})
#else
#define OSLO_STR(literal) ((oslo_str){"" literal, sizeof(literal) - 1})
#endif

/* A borrowed text of a C string; none for NULL. */
static inline oslo_str oslo_str_of(const char *text) {
    oslo_str result = {text, text == NULL ? 0 : strlen(text)};
    return result;
}

/* An owned text in UTF-8. There is a NUL after its last byte, which `len` does not count. `ptr` is
 * NULL when there is none. */
typedef struct oslo_text {
    char *ptr;
    size_t len;
} oslo_text;

/* Frees a text and leaves none in its place. NULL and none are fine. */
void oslo_text_free(oslo_text *text);

/* Borrows a text. It is valid for as long as the text is. */
static inline oslo_str oslo_text_str(const oslo_text *text) {
    oslo_str result = {text->ptr, text->len};
    return result;
}

/* Where a message goes. What is left out of an initialiser is not set; a message needs a topic
 * when it is sent.
 *
 *     oslo_target target = {.topic = OSLO_STR("compute"), .version = OSLO_STR("2.5")};
 */
typedef struct oslo_target {
    oslo_str exchange;       /* none: the transport's default */
    oslo_str topic;          /* the name of the service */
    oslo_str namespace_name; /* of the methods; none: the unnamed one */
    oslo_str version;        /* `major.minor`; none: servers take it for 1.0 */
    oslo_str server;         /* one server of the topic; none: any of them */
    bool fanout;             /* every server of the topic; only for casts */
} oslo_target;

/* The settings of a client; README.md of the repository says what each of them does. */
typedef enum oslo_setting_name {
    OSLO_EXCHANGE,
    OSLO_TOPIC,
    OSLO_NAMESPACE,
    OSLO_VERSION,
    OSLO_SERVER,
    OSLO_FANOUT,
    OSLO_TIMEOUT,
    OSLO_VERSION_CAP,
    OSLO_RETRY,
    OSLO_CALL_MONITOR_TIMEOUT,
    OSLO_AT_LEAST_ONCE,
} oslo_setting_name;

/* One setting in a list of them. Each has three states: not in the list, it stays as it is; in the
 * list with a value, it is replaced; in the list without, it goes back to the default. The last one
 * in the list counts. Made with the functions below, or with an initialiser:
 *
 *     oslo_setting settings[] = {oslo_set_server(OSLO_STR("host-1")), oslo_unset(OSLO_TIMEOUT)};
 *     oslo_setting settings[] = {{.name = OSLO_RETRY, .has_value = true, .value.count = 3}};
 */
typedef struct oslo_setting {
    oslo_setting_name name;
    bool has_value;
    union {
        oslo_str text;        /* exchange, topic, namespace, version, server, version cap */
        uint64_t nanoseconds; /* timeout, call monitor timeout */
        uint32_t count;       /* retry */
        bool flag;            /* fanout, at least once */
    } value;
} oslo_setting;

/* Lengths of time are nanoseconds. */
#define OSLO_MILLISECONDS(n) ((uint64_t)(n) * 1000000u)
#define OSLO_SECONDS(n) ((uint64_t)(n) * 1000000000u)

/* Back to the default. */
static inline oslo_setting oslo_unset(oslo_setting_name name) {
    oslo_setting setting;
    memset(&setting, 0, sizeof setting);
    setting.name = name;
    return setting;
}

/* A setting that is a text; none is as with `oslo_unset`. */
static inline oslo_setting oslo_set_text(oslo_setting_name name, oslo_str text) {
    oslo_setting setting = oslo_unset(name);
    setting.has_value = text.ptr != NULL;
    setting.value.text = text;
    return setting;
}

static inline oslo_setting oslo_set_exchange(oslo_str exchange) {
    return oslo_set_text(OSLO_EXCHANGE, exchange);
}

static inline oslo_setting oslo_set_topic(oslo_str topic) {
    return oslo_set_text(OSLO_TOPIC, topic);
}

static inline oslo_setting oslo_set_namespace(oslo_str namespace_name) {
    return oslo_set_text(OSLO_NAMESPACE, namespace_name);
}

static inline oslo_setting oslo_set_version(oslo_str version) {
    return oslo_set_text(OSLO_VERSION, version);
}

static inline oslo_setting oslo_set_server(oslo_str server) {
    return oslo_set_text(OSLO_SERVER, server);
}

static inline oslo_setting oslo_set_version_cap(oslo_str version_cap) {
    return oslo_set_text(OSLO_VERSION_CAP, version_cap);
}

/* A setting that is a yes or no. */
static inline oslo_setting oslo_set_flag(oslo_setting_name name, bool flag) {
    oslo_setting setting = oslo_unset(name);
    setting.has_value = true;
    setting.value.flag = flag;
    return setting;
}

static inline oslo_setting oslo_set_fanout(bool fanout) {
    return oslo_set_flag(OSLO_FANOUT, fanout);
}

static inline oslo_setting oslo_set_at_least_once(bool at_least_once) {
    return oslo_set_flag(OSLO_AT_LEAST_ONCE, at_least_once);
}

/* A setting that is a length of time. */
static inline oslo_setting oslo_set_duration(oslo_setting_name name, uint64_t nanoseconds) {
    oslo_setting setting = oslo_unset(name);
    setting.has_value = true;
    setting.value.nanoseconds = nanoseconds;
    return setting;
}

static inline oslo_setting oslo_set_timeout(uint64_t nanoseconds) {
    return oslo_set_duration(OSLO_TIMEOUT, nanoseconds);
}

static inline oslo_setting oslo_set_call_monitor_timeout(uint64_t nanoseconds) {
    return oslo_set_duration(OSLO_CALL_MONITOR_TIMEOUT, nanoseconds);
}

static inline oslo_setting oslo_set_retry(uint32_t count) {
    oslo_setting setting = oslo_unset(OSLO_RETRY);
    setting.has_value = true;
    setting.value.count = count;
    return setting;
}

#ifdef __cplusplus
}
#endif

#endif
