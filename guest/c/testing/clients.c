/* Clients and options, as the host has them. */
#include <stdlib.h>

#include "played.h"

/* Settings, and which of them were set. */
typedef struct played_options {
    played_settings settings;
    bool exchange, topic, namespace_name, version, server, version_cap, fanout, timeout, retry,
        monitor, mandatory, reply_bytes;
} played_options;

static played_list all_clients, all_options;

static void *make(size_t size) {
    void *made = calloc(1, size);
    if (made == NULL) {
        abort();
    }
    oslo_played_open++;
    return made;
}

oslo_messaging_client_own_options_t oslo_messaging_client_constructor_options(void) {
    oslo_messaging_client_own_options_t own = {
        (int32_t)oslo_played_add(&all_options, make(sizeof(played_options)))};
    return own;
}

oslo_messaging_client_borrow_options_t
oslo_messaging_client_borrow_options(oslo_messaging_client_own_options_t own) {
    oslo_messaging_client_borrow_options_t lent = {own.__handle};
    return lent;
}

oslo_messaging_client_borrow_client_t
oslo_messaging_client_borrow_client(oslo_messaging_client_own_client_t own) {
    oslo_messaging_client_borrow_client_t lent = {own.__handle};
    return lent;
}

void oslo_messaging_client_options_drop_own(oslo_messaging_client_own_options_t own) {
    played_options *options = oslo_played_take(&all_options, own.__handle);
    oslo_played_free_settings(&options->settings);
    free(options);
    oslo_played_open--;
}

void oslo_messaging_client_client_drop_own(oslo_messaging_client_own_client_t own) {
    played_client *client = oslo_played_take(&all_clients, own.__handle);
    oslo_played_free_settings(&client->settings);
    free(client->transport);
    free(client);
    oslo_played_open--;
}

static void replace(char **text, const oslo_world_string_t *with) {
    free(*text);
    *text = with == NULL ? NULL : oslo_played_copy((const char *)with->ptr, with->len);
}

#define TEXT(setter, field)                                                    \
    void oslo_messaging_client_method_options_set_##setter(                    \
        oslo_messaging_client_borrow_options_t self, oslo_world_string_t *text) { \
        played_options *options = oslo_played_get(&all_options, self.__handle); \
        options->field = true;                                                 \
        replace(&options->settings.field, text);                               \
    }

TEXT(exchange, exchange)
TEXT(topic, topic)
TEXT(namespace, namespace_name)
TEXT(version, version)
TEXT(server, server)
TEXT(version_cap, version_cap)

#define VALUE(setter, type, field, has, ifnone)                                \
    void oslo_messaging_client_method_options_set_##setter(                    \
        oslo_messaging_client_borrow_options_t self, type *value) {            \
        played_options *options = oslo_played_get(&all_options, self.__handle); \
        options->field = true;                                                 \
        options->settings.has = value != NULL;                                 \
        options->settings.field = value != NULL ? *value : ifnone;             \
    }

void oslo_messaging_client_method_options_set_fanout(oslo_messaging_client_borrow_options_t self,
                                                     bool *fanout) {
    played_options *options = oslo_played_get(&all_options, self.__handle);
    options->fanout = true;
    options->settings.fanout = fanout != NULL && *fanout;
}

static const uint64_t TIMEOUT = 60000000000u, REPLY_BYTES = 64u << 20;

VALUE(timeout, uint64_t, timeout, has_timeout, TIMEOUT)
VALUE(retry, uint32_t, retry, has_retry, 0)
VALUE(call_monitor_timeout, uint64_t, monitor, has_monitor, 0)
VALUE(mandatory, bool, mandatory, has_mandatory, false)
VALUE(reply_bytes, uint64_t, reply_bytes, has_reply_bytes, REPLY_BYTES)

static char *copied(const char *text) {
    return text == NULL ? NULL : oslo_played_copy(text, strlen(text));
}

void oslo_played_copy_settings(const played_settings *from, played_settings *to) {
    *to = *from;
    to->exchange = copied(from->exchange);
    to->topic = copied(from->topic);
    to->namespace_name = copied(from->namespace_name);
    to->version = copied(from->version);
    to->server = copied(from->server);
    to->version_cap = copied(from->version_cap);
}

void oslo_played_free_settings(played_settings *settings) {
    char *texts[] = {settings->exchange, settings->topic,  settings->namespace_name,
                     settings->version,  settings->server, settings->version_cap};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        free(texts[i]);
    }
    memset(settings, 0, sizeof *settings);
}

static void apply_text(bool is_set, char **to, const char *from) {
    if (is_set) {
        free(*to);
        *to = copied(from);
    }
}

#define APPLY(field, has)                                \
    if (options->field) {                                \
        to->field = options->settings.field;             \
        to->has = options->settings.has;                 \
    }

static void apply(const played_options *options, played_settings *to) {
    const played_settings *from = &options->settings;
    apply_text(options->exchange, &to->exchange, from->exchange);
    apply_text(options->topic, &to->topic, from->topic);
    apply_text(options->namespace_name, &to->namespace_name, from->namespace_name);
    apply_text(options->version, &to->version, from->version);
    apply_text(options->server, &to->server, from->server);
    apply_text(options->version_cap, &to->version_cap, from->version_cap);
    if (options->fanout) {
        to->fanout = from->fanout;
    }
    APPLY(timeout, has_timeout)
    APPLY(retry, has_retry)
    APPLY(monitor, has_monitor)
    APPLY(mandatory, has_mandatory)
    APPLY(reply_bytes, has_reply_bytes)
}

static bool refuse(const char *argument, const char *complaint, played_settings *settings,
                   oslo_messaging_types_error_t *error) {
    oslo_testing_end end =
        oslo_testing_error(OSLO_ERROR_INVALID_ARGUMENT, OSLO_NOT_EXECUTED, complaint);
    oslo_played_free_settings(settings);
    return oslo_played_fail(error, end, argument);
}

static bool check(played_settings *settings, oslo_messaging_types_error_t *error) {
    const char *complaint = oslo_played_check_version(settings->version);
    if (complaint != NULL) {
        return refuse("version", complaint, settings, error);
    }
    complaint = oslo_played_check_version(settings->version_cap);
    return complaint == NULL || refuse("version-cap", complaint, settings, error);
}

bool oslo_played_effective(int32_t handle, const oslo_messaging_client_borrow_options_t *options,
                           const played_client **found, played_settings *settings,
                           oslo_messaging_types_error_t *error) {
    *found = oslo_played_get(&all_clients, handle);
    oslo_played_copy_settings(&(*found)->settings, settings);
    if (options != NULL) {
        apply(oslo_played_get(&all_options, options->__handle), settings);
    }
    return check(settings, error);
}

static oslo_messaging_client_own_client_t own(const char *transport, played_settings settings) {
    played_client *client = make(sizeof *client);
    client->transport = copied(transport);
    client->settings = settings;
    oslo_messaging_client_own_client_t handle = {(int32_t)oslo_played_add(&all_clients, client)};
    return handle;
}

static char *optional(const oslo_world_option_string_t *text) {
    return text->is_some ? oslo_played_copy((const char *)text->val.ptr, text->val.len) : NULL;
}

bool oslo_messaging_client_static_client_open(oslo_world_string_t *transport,
                                              oslo_messaging_client_target_t *target,
                                              oslo_messaging_client_borrow_options_t *options,
                                              oslo_messaging_client_own_client_t *ret,
                                              oslo_messaging_client_error_t *err) {
    char *name = oslo_played_copy((const char *)transport->ptr, transport->len);
    played_settings settings = {
        .exchange = optional(&target->exchange),
        .topic = optional(&target->topic),
        .namespace_name = optional(&target->namespace_),
        .version = optional(&target->version),
        .server = optional(&target->server),
        .fanout = target->fanout,
        .timeout = TIMEOUT,
        .reply_bytes = REPLY_BYTES,
    };
    bool good = oslo_played_is_granted(name);
    if (!good) {
        oslo_played_free_settings(&settings);
        oslo_played_fail(err,
                         oslo_testing_error(OSLO_ERROR_ACCESS_DENIED, OSLO_NOT_EXECUTED,
                                            "no such transport is granted"),
                         "default");
    } else {
        if (options != NULL) {
            apply(oslo_played_get(&all_options, options->__handle), &settings);
        }
        good = check(&settings, err);
    }
    if (good) {
        *ret = own(name, settings);
    }
    free(name);
    return good;
}

bool oslo_messaging_client_method_client_prepare(oslo_messaging_client_borrow_client_t self,
                                                 oslo_messaging_client_borrow_options_t options,
                                                 oslo_messaging_client_own_client_t *ret,
                                                 oslo_messaging_client_error_t *err) {
    const played_client *client;
    played_settings settings;
    if (!oslo_played_effective(self.__handle, &options, &client, &settings, err)) {
        return false;
    }
    *ret = own(client->transport, settings);
    return true;
}

bool oslo_messaging_client_method_client_can_send_version(
    oslo_messaging_client_borrow_client_t self, oslo_world_string_t *version, bool *ret,
    oslo_messaging_client_error_t *err) {
    const played_client *client = oslo_played_get(&all_clients, self.__handle);
    char *asked = version == NULL ? copied(client->settings.version)
                                  : oslo_played_copy((const char *)version->ptr, version->len);
    const char *complaint = oslo_played_check_version(asked);
    *ret = oslo_played_passes(asked, client->settings.version_cap);
    free(asked);
    if (complaint != NULL) {
        return oslo_played_fail(
            err, oslo_testing_error(OSLO_ERROR_INVALID_ARGUMENT, OSLO_NOT_EXECUTED, complaint),
            "version");
    }
    return true;
}

static const played_settings *of(oslo_messaging_client_borrow_client_t self) {
    return &((const played_client *)oslo_played_get(&all_clients, self.__handle))->settings;
}

void oslo_messaging_client_method_client_transport(oslo_messaging_client_borrow_client_t self,
                                                   oslo_world_string_t *ret) {
    const played_client *client = oslo_played_get(&all_clients, self.__handle);
    *ret = oslo_played_give(client->transport);
}

static oslo_world_option_string_t given(const char *text) {
    oslo_world_option_string_t given = {text != NULL, {NULL, 0}};
    if (text != NULL) {
        given.val = oslo_played_give(text);
    }
    return given;
}

void oslo_messaging_client_method_client_target(oslo_messaging_client_borrow_client_t self,
                                                oslo_messaging_client_target_t *ret) {
    const played_settings *settings = of(self);
    ret->exchange = given(settings->exchange);
    ret->topic = given(settings->topic);
    ret->namespace_ = given(settings->namespace_name);
    ret->version = given(settings->version);
    ret->server = given(settings->server);
    ret->fanout = settings->fanout;
}

uint64_t oslo_messaging_client_method_client_timeout(oslo_messaging_client_borrow_client_t self) {
    return of(self)->timeout;
}

bool oslo_messaging_client_method_client_version_cap(oslo_messaging_client_borrow_client_t self,
                                                     oslo_world_string_t *ret) {
    const char *cap = of(self)->version_cap;
    if (cap != NULL) {
        *ret = oslo_played_give(cap);
    }
    return cap != NULL;
}

#define GETTER(name, type, field, has)                                                          \
    bool oslo_messaging_client_method_client_##name(oslo_messaging_client_borrow_client_t self, \
                                                    type *ret) {                                \
        *ret = of(self)->field;                                                                 \
        return of(self)->has;                                                                   \
    }

GETTER(retry, uint32_t, retry, has_retry)
GETTER(call_monitor_timeout, uint64_t, monitor, has_monitor)
GETTER(mandatory, bool, mandatory, has_mandatory)

uint64_t
oslo_messaging_client_method_client_reply_bytes(oslo_messaging_client_borrow_client_t self) {
    return of(self)->reply_bytes;
}

void oslo_messaging_client_transports(oslo_world_list_string_t *ret) {
    ret->len = oslo_played_transports.count;
    ret->ptr = ret->len == 0 ? NULL : calloc(ret->len, sizeof *ret->ptr);
    for (size_t i = 0; i < ret->len; i++) {
        ret->ptr[i] = oslo_played_give(oslo_played_transports.ptr[i]);
    }
}
