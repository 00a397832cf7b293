/*
 * Notifiers in C++23, header only. `oslo_messaging_notify.h` says what the functions do.
 *
 *     auto notifier = oslo::Notifier::open("default", "compute.host-1");
 *     if (!notifier) return fail(notifier.error().message());
 *     auto sent = notifier->info("{}", "compute.instance.create.end", R"({"id": 7})");
 */
#ifndef OSLO_MESSAGING_NOTIFY_HPP
#define OSLO_MESSAGING_NOTIFY_HPP

#include "oslo_messaging.hpp"
#include "oslo_messaging_notify.h"

namespace oslo {

/* Sends notifications over one transport. */
class Notifier {
public:
    static Result<Notifier> open(std::string_view transport, Text publisher_id = {}) {
        Notifier notifier;
        oslo_error error;
        if (!oslo_notifier_open(borrow(transport), detail::text(publisher_id), &notifier.notifier_,
                                &error)) {
            return std::unexpected(Error(error));
        }
        return notifier;
    }

    Notifier(Notifier &&other) noexcept : notifier_(std::exchange(other.notifier_, nullptr)) {}
    Notifier &operator=(Notifier &&other) noexcept {
        std::swap(notifier_, other.notifier_);
        return *this;
    }
    ~Notifier() { oslo_notifier_free(notifier_); }

    Result<void> topics(std::span<const std::string> topics) {
        std::vector<oslo_str> raw;
        raw.reserve(topics.size());
        for (const std::string &topic : topics) {
            raw.push_back(borrow(topic));
        }
        static const oslo_str NOTHING = {nullptr, 0};
        return set_topics(raw.empty() ? &NOTHING : raw.data(), raw.size());
    }
    /* The first that the operator granted. */
    Result<void> default_topics() { return set_topics(nullptr, 0); }
    Notifier &timeout(Duration limit = {}) {
        std::optional<std::uint64_t> given = limit.transform(detail::nanoseconds);
        oslo_notifier_set_timeout(notifier_, given ? &*given : nullptr);
        return *this;
    }
    Notifier &retry(std::optional<std::uint32_t> times = {}) {
        oslo_notifier_set_retry(notifier_, times ? &*times : nullptr);
        return *this;
    }

    Result<void> notify(oslo_priority priority, std::string_view context,
                        std::string_view event_type, std::string_view payload) const {
        oslo_error error;
        if (!oslo_notify(notifier_, priority, borrow(context), borrow(event_type), borrow(payload),
                         &error)) {
            return std::unexpected(Error(error));
        }
        return {};
    }
    Result<void> audit(std::string_view context, std::string_view event_type,
                       std::string_view payload) const {
        return notify(OSLO_PRIORITY_AUDIT, context, event_type, payload);
    }
    Result<void> debug(std::string_view context, std::string_view event_type,
                       std::string_view payload) const {
        return notify(OSLO_PRIORITY_DEBUG, context, event_type, payload);
    }
    Result<void> info(std::string_view context, std::string_view event_type,
                      std::string_view payload) const {
        return notify(OSLO_PRIORITY_INFO, context, event_type, payload);
    }
    Result<void> warn(std::string_view context, std::string_view event_type,
                      std::string_view payload) const {
        return notify(OSLO_PRIORITY_WARN, context, event_type, payload);
    }
    Result<void> error(std::string_view context, std::string_view event_type,
                       std::string_view payload) const {
        return notify(OSLO_PRIORITY_ERROR, context, event_type, payload);
    }
    Result<void> critical(std::string_view context, std::string_view event_type,
                          std::string_view payload) const {
        return notify(OSLO_PRIORITY_CRITICAL, context, event_type, payload);
    }
    Result<void> sample(std::string_view context, std::string_view event_type,
                        std::string_view payload) const {
        return notify(OSLO_PRIORITY_SAMPLE, context, event_type, payload);
    }

    std::string transport() const {
        oslo_text name = oslo_notifier_transport(notifier_);
        return detail::take(name);
    }
    std::optional<std::string> publisher_id() const {
        oslo_text id = oslo_notifier_publisher_id(notifier_);
        return detail::take_optional(id);
    }
    std::vector<std::string> topics() const {
        oslo_texts names = oslo_notifier_topics(notifier_);
        return detail::take_all(names);
    }

    /* For the functions of C; it stays this notifier's. */
    const oslo_notifier *raw() const { return notifier_; }

private:
    Notifier() = default;

    Result<void> set_topics(const oslo_str *topics, std::size_t count) {
        oslo_error error;
        if (!oslo_notifier_set_topics(notifier_, topics, count, &error)) {
            return std::unexpected(Error(error));
        }
        return {};
    }

    oslo_notifier *notifier_ = nullptr;
};

} // namespace oslo

#endif
