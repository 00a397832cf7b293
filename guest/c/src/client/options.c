#include <stdlib.h>

#include "client.h"

#define HOST(setter) oslo_messaging_client_method_options_set_##setter

oslo_options *oslo_options_new(void) {
    oslo_options *options = oslo_allocate(1, sizeof *options);
    options->handle = oslo_messaging_client_constructor_options();
    options->users = 1;
    return options;
}

void oslo_options_free(oslo_options *options) {
    if (options != NULL && --options->users == 0) {
        oslo_messaging_client_options_drop_own(options->handle);
        free(options);
    }
}

typedef void text_setter(oslo_raw_options options, oslo_raw_text *maybe_text);

static oslo_raw_options lend(const oslo_options *options) {
    return oslo_messaging_client_borrow_options(options->handle);
}

static void set_text(oslo_options *options, oslo_option option, text_setter *set, oslo_str text) {
    if (options == NULL) {
        return;
    }
    bool good = text.ptr == NULL || oslo_is_utf8(text);
    uint32_t bit = (uint32_t)1 << option;
    options->not_utf8 = good ? options->not_utf8 & ~bit : options->not_utf8 | bit;
    if (good) {
        oslo_raw_text raw = {(uint8_t *)text.ptr, text.len};
        set(lend(options), text.ptr == NULL ? NULL : &raw);
    }
}

void oslo_options_set_exchange(oslo_options *options, oslo_str exchange) {
    set_text(options, OSLO_EXCHANGE, HOST(exchange), exchange);
}

void oslo_options_set_topic(oslo_options *options, oslo_str topic) {
    set_text(options, OSLO_TOPIC, HOST(topic), topic);
}

void oslo_options_set_namespace(oslo_options *options, oslo_str namespace_name) {
    set_text(options, OSLO_NAMESPACE, HOST(namespace), namespace_name);
}

void oslo_options_set_version(oslo_options *options, oslo_str version) {
    set_text(options, OSLO_VERSION, HOST(version), version);
}

void oslo_options_set_server(oslo_options *options, oslo_str server) {
    set_text(options, OSLO_SERVER, HOST(server), server);
}

void oslo_options_set_version_cap(oslo_options *options, oslo_str version_cap) {
    set_text(options, OSLO_VERSION_CAP, HOST(version_cap), version_cap);
}

void oslo_options_set_fanout(oslo_options *options, bool fanout) {
    if (options != NULL) {
        HOST(fanout)(lend(options), &fanout);
    }
}

void oslo_options_set_timeout(oslo_options *options, uint64_t nanoseconds) {
    if (options != NULL) {
        HOST(timeout)(lend(options), &nanoseconds);
    }
}

void oslo_options_set_retry(oslo_options *options, uint32_t times) {
    if (options != NULL) {
        HOST(retry)(lend(options), &times);
    }
}

void oslo_options_set_call_monitor_timeout(oslo_options *options, uint64_t nanoseconds) {
    if (options != NULL) {
        HOST(call_monitor_timeout)(lend(options), &nanoseconds);
    }
}

void oslo_options_set_mandatory(oslo_options *options, bool mandatory) {
    if (options != NULL) {
        HOST(mandatory)(lend(options), &mandatory);
    }
}

void oslo_options_set_reply_bytes(oslo_options *options, uint64_t bytes) {
    if (options != NULL) {
        HOST(reply_bytes)(lend(options), &bytes);
    }
}

/* The settings that are texts. */
static const struct {
    oslo_option option;
    const char *name;
    text_setter *set;
} TEXTS[] = {
    {OSLO_EXCHANGE, "exchange", HOST(exchange)},
    {OSLO_TOPIC, "topic", HOST(topic)},
    {OSLO_NAMESPACE, "namespace", HOST(namespace)},
    {OSLO_VERSION, "version", HOST(version)},
    {OSLO_SERVER, "server", HOST(server)},
    {OSLO_VERSION_CAP, "version-cap", HOST(version_cap)},
};

#define TEXT_COUNT (sizeof TEXTS / sizeof *TEXTS)

void oslo_options_set_default(oslo_options *options, oslo_option option) {
    if (options == NULL) {
        return;
    }
    switch (option) {
    case OSLO_FANOUT:
        HOST(fanout)(lend(options), NULL);
        return;
    case OSLO_TIMEOUT:
        HOST(timeout)(lend(options), NULL);
        return;
    case OSLO_RETRY:
        HOST(retry)(lend(options), NULL);
        return;
    case OSLO_CALL_MONITOR_TIMEOUT:
        HOST(call_monitor_timeout)(lend(options), NULL);
        return;
    case OSLO_MANDATORY:
        HOST(mandatory)(lend(options), NULL);
        return;
    case OSLO_REPLY_BYTES:
        HOST(reply_bytes)(lend(options), NULL);
        return;
    default:
        break;
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if (TEXTS[i].option == option) {
            set_text(options, option, TEXTS[i].set, oslo_str_none());
            return;
        }
    }
    options->unknown = true;
}

bool oslo_lend_options(const oslo_options *options, oslo_raw_options *place,
                       oslo_raw_options **raw, oslo_error *error) {
    *raw = NULL;
    if (options == NULL) {
        return true;
    }
    for (size_t i = 0; i < TEXT_COUNT; i++) {
        if ((options->not_utf8 >> TEXTS[i].option & 1) != 0) {
            return oslo_refuse(TEXTS[i].name, "is not UTF-8", error);
        }
    }
    if (options->unknown) {
        return oslo_refuse("options", "have a default set that is none of `oslo_option`", error);
    }
    *place = lend(options);
    *raw = place;
    return true;
}
