#include <stdlib.h>

#include "convert.h"

bool oslo_lend_target(const oslo_target *target, oslo_raw_target *raw, oslo_error *error) {
    static const oslo_target NOTHING;
    if (target == NULL) {
        target = &NOTHING;
    }
    raw->fanout = target->fanout;
    return oslo_lend_optional(target->exchange, "exchange", &raw->exchange, error) &&
           oslo_lend_optional(target->topic, "topic", &raw->topic, error) &&
           oslo_lend_optional(target->namespace_name, "namespace", &raw->namespace_, error) &&
           oslo_lend_optional(target->version, "version", &raw->version, error) &&
           oslo_lend_optional(target->server, "server", &raw->server, error);
}

static oslo_str text_of(const oslo_setting *setting) {
    oslo_str none = {NULL, 0};
    return setting->has_value ? setting->value.text : none;
}

static oslo_world_option_bool_t flag_of(const oslo_setting *setting) {
    oslo_world_option_bool_t flag = {setting->has_value,
                                     setting->has_value && setting->value.flag};
    return flag;
}

static oslo_messaging_types_option_duration_t duration_of(const oslo_setting *setting) {
    oslo_messaging_types_option_duration_t duration = {
        setting->has_value, setting->has_value ? setting->value.nanoseconds : 0};
    return duration;
}

static bool lend_setting(const oslo_setting *setting, oslo_raw_setting *raw, oslo_error *error) {
    /* The cases of the WIT package are in the same order. */
    raw->tag = (uint8_t)setting->name;
    switch (setting->name) {
    case OSLO_EXCHANGE:
        return oslo_lend_optional(text_of(setting), "exchange", &raw->val.exchange, error);
    case OSLO_TOPIC:
        return oslo_lend_optional(text_of(setting), "topic", &raw->val.topic, error);
    case OSLO_NAMESPACE:
        return oslo_lend_optional(text_of(setting), "namespace", &raw->val.namespace_, error);
    case OSLO_VERSION:
        return oslo_lend_optional(text_of(setting), "version", &raw->val.version, error);
    case OSLO_SERVER:
        return oslo_lend_optional(text_of(setting), "server", &raw->val.server, error);
    case OSLO_VERSION_CAP:
        return oslo_lend_optional(text_of(setting), "version-cap", &raw->val.version_cap, error);
    case OSLO_FANOUT:
        raw->val.fanout = flag_of(setting);
        return true;
    case OSLO_AT_LEAST_ONCE:
        raw->val.at_least_once = flag_of(setting);
        return true;
    case OSLO_TIMEOUT:
        raw->val.timeout = duration_of(setting);
        return true;
    case OSLO_CALL_MONITOR_TIMEOUT:
        raw->val.call_monitor_timeout = duration_of(setting);
        return true;
    case OSLO_RETRY:
        raw->val.retry.is_some = setting->has_value;
        raw->val.retry.val = setting->has_value ? setting->value.count : 0;
        return true;
    }
    /* The host would end the plugin. */
    return oslo_refuse("settings", "has a setting whose name is none of `oslo_setting_name`",
                       error);
}

bool oslo_lend_settings(const oslo_setting *settings, size_t count, oslo_raw_setting **raw,
                        oslo_error *error) {
    *raw = NULL;
    if (count == 0) {
        return true;
    }
    if (settings == NULL) {
        return oslo_refuse("settings", "is NULL and its count is not 0", error);
    }
    *raw = oslo_allocate(count, sizeof **raw);
    for (size_t i = 0; i < count; i++) {
        if (!lend_setting(&settings[i], &(*raw)[i], error)) {
            free(*raw);
            *raw = NULL;
            return false;
        }
    }
    return true;
}

_Static_assert(OSLO_AT_LEAST_ONCE == OSLO_MESSAGING_TYPES_SETTING_AT_LEAST_ONCE &&
                   OSLO_TIMEOUT == OSLO_MESSAGING_TYPES_SETTING_TIMEOUT,
               "settings are in the order of the WIT package");
