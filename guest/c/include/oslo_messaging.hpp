/*
 * The same in C++23, header only: what is freed by hand in C frees itself, and what can fail is a
 * `std::expected`. No exception is thrown. `oslo_messaging.h` says what the functions do.
 *
 *     auto compute = oslo::Client::open("default", {.topic = OSLO_STR("compute")});
 *     if (!compute) return fail(compute.error().message());
 *     auto reply = compute->prepare({oslo::server("host-1")}).and_then([](auto client) {
 *         return client.call("{}", "free_memory", R"({"unit": "MiB"})");
 *     });
 */
#ifndef OSLO_MESSAGING_HPP
#define OSLO_MESSAGING_HPP

#include <chrono>
#include <cstdint>
#include <expected>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oslo_messaging.h"

namespace oslo {

/* Borrows a text, which is never none. */
inline oslo_str borrow(std::string_view text) {
    return {text.data() == nullptr ? "" : text.data(), text.size()};
}

/* Why a call or cast did not succeed. */
class Error {
public:
    /* Takes over what is in a C error. */
    explicit Error(oslo_error error) : error_(error) {}
    Error(Error &&other) noexcept : error_(std::exchange(other.error_, {})) {}
    Error &operator=(Error &&other) noexcept {
        std::swap(error_, other.error_);
        return *this;
    }
    ~Error() { oslo_error_free(&error_); }

    oslo_error_kind kind() const { return error_.kind; }
    const char *message() const { return oslo_error_message(&error_); }
    /* Its kind and details; valid for as long as the error is. */
    const oslo_error &raw() const { return error_; }
    bool is_remote(const char *module_name, const char *class_name) const {
        return oslo_error_is_remote(&error_, module_name, class_name);
    }
    bool was_executed() const { return oslo_error_was_executed(&error_); }
    bool may_have_been_executed() const { return oslo_error_may_have_been_executed(&error_); }

    /* The message, and before it the class of an exception. */
    std::string describe() const {
        std::string text(oslo_error_describe(&error_, nullptr, 0), '\0');
        oslo_error_describe(&error_, text.data(), text.size() + 1);
        return text;
    }

private:
    oslo_error error_;
};

template <typename T> using Result = std::expected<T, Error>;

/* Settings. With `std::nullopt`, or nothing, they go back to the default. */
using Setting = oslo_setting;
using Text = std::optional<std::string_view>;
using Duration = std::optional<std::chrono::nanoseconds>;

namespace detail {

inline Setting text(oslo_setting_name name, Text value) {
    return value ? oslo_set_text(name, borrow(*value)) : oslo_unset(name);
}

/* No time can be less than none. */
inline Setting duration(oslo_setting_name name, Duration value) {
    if (!value) {
        return oslo_unset(name);
    }
    auto count = value->count();
    return oslo_set_duration(name, count < 0 ? 0 : static_cast<std::uint64_t>(count));
}

inline Setting flag(oslo_setting_name name, std::optional<bool> value) {
    return value ? oslo_set_flag(name, *value) : oslo_unset(name);
}

inline std::string take(oslo_text &text) {
    std::string taken(text.ptr == nullptr ? "" : text.ptr, text.len);
    oslo_text_free(&text);
    return taken;
}

} // namespace detail

inline Setting exchange(Text name = {}) { return detail::text(OSLO_EXCHANGE, name); }
inline Setting topic(Text name = {}) { return detail::text(OSLO_TOPIC, name); }
inline Setting name_space(Text name = {}) { return detail::text(OSLO_NAMESPACE, name); }
inline Setting version(Text version = {}) { return detail::text(OSLO_VERSION, version); }
inline Setting server(Text name = {}) { return detail::text(OSLO_SERVER, name); }
inline Setting version_cap(Text version = {}) { return detail::text(OSLO_VERSION_CAP, version); }
inline Setting fanout(std::optional<bool> on = {}) { return detail::flag(OSLO_FANOUT, on); }
inline Setting at_least_once(std::optional<bool> on = {}) {
    return detail::flag(OSLO_AT_LEAST_ONCE, on);
}
inline Setting timeout(Duration limit = {}) { return detail::duration(OSLO_TIMEOUT, limit); }
inline Setting call_monitor_timeout(Duration limit = {}) {
    return detail::duration(OSLO_CALL_MONITOR_TIMEOUT, limit);
}
inline Setting retry(std::optional<std::uint32_t> count = {}) {
    return count ? oslo_set_retry(*count) : oslo_unset(OSLO_RETRY);
}

/* A list of settings; it borrows their texts until the end of the call that takes it. */
using Settings = std::initializer_list<Setting>;

/* Sends messages to one target over one transport. */
class Client {
public:
    static Result<Client> open(std::string_view transport, const oslo_target &target,
                               Settings settings = {}) {
        Client client;
        oslo_error error;
        if (!oslo_client_open(borrow(transport), &target, settings.begin(), settings.size(),
                              &client.client_, &error)) {
            return std::unexpected(Error(error));
        }
        return client;
    }

    Client(Client &&other) noexcept : client_(std::exchange(other.client_, nullptr)) {}
    Client &operator=(Client &&other) noexcept {
        std::swap(client_, other.client_);
        return *this;
    }
    ~Client() { oslo_client_free(client_); }

    Result<Client> prepare(Settings settings) const {
        Client prepared;
        oslo_error error;
        if (!oslo_client_prepare(client_, settings.begin(), settings.size(), &prepared.client_,
                                 &error)) {
            return std::unexpected(Error(error));
        }
        return prepared;
    }

    Result<std::string> call(std::string_view context, std::string_view method,
                             std::string_view args) const {
        oslo_text reply;
        oslo_error error;
        if (!oslo_client_call(client_, borrow(context), borrow(method), borrow(args), &reply,
                              &error)) {
            return std::unexpected(Error(error));
        }
        return detail::take(reply);
    }

    Result<void> cast(std::string_view context, std::string_view method,
                      std::string_view args) const {
        oslo_error error;
        if (!oslo_client_cast(client_, borrow(context), borrow(method), borrow(args), &error)) {
            return std::unexpected(Error(error));
        }
        return {};
    }

    /* What `oslo_request` points to is borrowed. */
    std::vector<Result<std::string>> call_all(std::span<const oslo_request> requests) const {
        std::vector<oslo_result> results(requests.size());
        oslo_client_call_all(client_, requests.data(), requests.size(), results.data());
        std::vector<Result<std::string>> all;
        all.reserve(results.size());
        for (oslo_result &result : results) {
            if (result.error.kind == OSLO_OK) {
                all.emplace_back(detail::take(result.reply));
            } else {
                all.emplace_back(std::unexpected(Error(result.error)));
            }
        }
        return all;
    }

    Result<bool> can_send_version(Text version = {}) const {
        bool can = false;
        oslo_error error;
        oslo_str asked = version ? borrow(*version) : oslo_str{nullptr, 0};
        if (!oslo_client_can_send_version(client_, asked, &can, &error)) {
            return std::unexpected(Error(error));
        }
        return can;
    }

    /* For the functions of `oslo_messaging.h`; it stays this client's. */
    const oslo_client *raw() const { return client_; }

private:
    Client() = default;
    oslo_client *client_ = nullptr;
};

/* What is left of the time that the host gave to this run of the plugin; none without a limit. */
inline Duration remaining() {
    std::uint64_t left = 0;
    if (!oslo_remaining(&left)) {
        return std::nullopt;
    }
    constexpr auto most = static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count());
    return std::chrono::nanoseconds(static_cast<std::int64_t>(left < most ? left : most));
}

} // namespace oslo

#endif
