/*
 * The same in C++23, header only: what is freed by hand in C frees itself, and what can fail is a
 * `std::expected`. No exception is thrown. `oslo_messaging.h` says what the functions do.
 *
 *     auto compute = oslo::Client::open("default", {.topic = "compute"});
 *     if (!compute) return fail(compute.error().message());
 *     auto reply = compute->call("{}", "free_memory", R"({"unit": "MiB"})",
 *                                oslo::Options().server("host-1").timeout(5s));
 *
 * Calls in flight, as in `oslo_messaging_pending.h`:
 *
 *     auto call = compute->start_call("{}", "free_memory", "{}");
 *     ...
 *     auto reply = call.finish();     // a call that is dropped before is cancelled
 */
#ifndef OSLO_MESSAGING_HPP
#define OSLO_MESSAGING_HPP

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oslo_messaging.h"
#include "oslo_messaging_limits.h"
#include "oslo_messaging_pending.h"

namespace oslo {

/* Borrows a text, which is never none. */
inline oslo_str borrow(std::string_view text) {
    return {text.data() == nullptr ? "" : text.data(), text.size()};
}

/* Why a call or cast did not succeed. Copies share what is in it. */
class Error {
public:
    /* Takes over what is in a C error. */
    explicit Error(oslo_error error) : error_(new oslo_error(error), free) {}

    oslo_error_kind kind() const { return raw().kind; }
    const char *message() const { return oslo_error_message(&raw()); }
    /* Whether the method was executed, which decides whether it may be sent again. */
    oslo_outcome outcome() const { return raw().outcome; }
    /* Its kind and details; valid for as long as the error, or a copy of it, is. One that was moved
     * away is `OSLO_OK`. */
    const oslo_error &raw() const {
        static const oslo_error NONE{};
        return error_ ? *error_ : NONE;
    }
    bool is_remote(const char *type_module, const char *type_name) const {
        return oslo_error_is_remote(&raw(), type_module, type_name);
    }

    /* The message, and before it the type of an exception. */
    std::string describe() const {
        std::string text(oslo_error_describe(&raw(), nullptr, 0), '\0');
        oslo_error_describe(&raw(), text.data(), text.size() + 1);
        return text;
    }

private:
    static void free(oslo_error *error) {
        oslo_error_free(error);
        delete error;
    }

    std::shared_ptr<const oslo_error> error_;
};

template <typename T> using Result = std::expected<T, Error>;

using Text = std::optional<std::string_view>;
using Duration = std::optional<std::chrono::nanoseconds>;

namespace detail {

inline oslo_str text(Text value) { return value ? borrow(*value) : oslo_str_none(); }

/* No time can be less than none. */
inline std::uint64_t nanoseconds(std::chrono::nanoseconds value) {
    return value.count() < 0 ? 0 : static_cast<std::uint64_t>(value.count());
}

inline std::chrono::nanoseconds duration(std::uint64_t nanoseconds) {
    constexpr auto most = static_cast<std::uint64_t>(std::chrono::nanoseconds::max().count());
    return std::chrono::nanoseconds(
        static_cast<std::int64_t>(nanoseconds < most ? nanoseconds : most));
}

inline std::string take(oslo_text &text) {
    std::string taken(text.ptr == nullptr ? "" : text.ptr, text.len);
    oslo_text_free(&text);
    return taken;
}

inline std::optional<std::string> take_optional(oslo_text &text) {
    return text.ptr == nullptr ? std::nullopt : std::optional(take(text));
}

inline std::vector<std::string> take_all(oslo_texts &texts) {
    std::vector<std::string> taken;
    for (std::size_t i = 0; i < texts.count; i++) {
        taken.push_back(take(texts.ptr[i]));
    }
    oslo_texts_free(&texts);
    return taken;
}

} // namespace detail

/* Settings for a client or for one message, set one by one as the program goes. What is not set is
 * inherited; with `std::nullopt`, or nothing, a setting goes back to its default. */
class Options {
public:
    Options() : options_(oslo_options_new()) {}
    Options(Options &&other) noexcept : options_(std::exchange(other.options_, nullptr)) {}
    Options &operator=(Options &&other) noexcept {
        std::swap(options_, other.options_);
        return *this;
    }
    ~Options() { oslo_options_free(options_); }

    Options &exchange(Text name = {}) { return set(oslo_options_set_exchange, name); }
    Options &topic(Text name = {}) { return set(oslo_options_set_topic, name); }
    Options &name_space(Text name = {}) { return set(oslo_options_set_namespace, name); }
    Options &version(Text version = {}) { return set(oslo_options_set_version, version); }
    Options &server(Text name = {}) { return set(oslo_options_set_server, name); }
    Options &version_cap(Text version = {}) { return set(oslo_options_set_version_cap, version); }
    Options &fanout(std::optional<bool> on = {}) {
        return set(oslo_options_set_fanout, OSLO_FANOUT, on);
    }
    Options &mandatory(std::optional<bool> on = {}) {
        return set(oslo_options_set_mandatory, OSLO_MANDATORY, on);
    }
    Options &timeout(Duration limit = {}) {
        return set(oslo_options_set_timeout, OSLO_TIMEOUT, limit.transform(detail::nanoseconds));
    }
    Options &call_monitor_timeout(Duration limit = {}) {
        return set(oslo_options_set_call_monitor_timeout, OSLO_CALL_MONITOR_TIMEOUT,
                   limit.transform(detail::nanoseconds));
    }
    Options &retry(std::optional<std::uint32_t> times = {}) {
        return set(oslo_options_set_retry, OSLO_RETRY, times);
    }
    Options &reply_bytes(std::optional<std::uint64_t> bytes = {}) {
        return set(oslo_options_set_reply_bytes, OSLO_REPLY_BYTES, bytes);
    }

    /* For the functions of C; they stay this object's. */
    const oslo_options *raw() const { return options_; }

private:
    Options &set(void (*setter)(oslo_options *, oslo_str), Text value) {
        setter(options_, detail::text(value));
        return *this;
    }
    template <typename T>
    Options &set(void (*setter)(oslo_options *, T), oslo_option option, std::optional<T> value) {
        value ? setter(options_, *value) : oslo_options_set_default(options_, option);
        return *this;
    }

    oslo_options *options_;
};

/* A message in flight. It is cancelled when it is destroyed before it was finished. */
class Pending {
public:
    /* Takes over a C one, which is not to be used any more. */
    explicit Pending(oslo_pending *pending) : pending_(pending) {}
    Pending(Pending &&other) noexcept : pending_(std::exchange(other.pending_, nullptr)) {}
    Pending &operator=(Pending &&other) noexcept {
        std::swap(pending_, other.pending_);
        return *this;
    }
    ~Pending() { oslo_pending_cancel(pending_); }

    /* Whether it has ended, without waiting; true once it was finished. */
    bool is_over() const { return oslo_pending_is_over(pending_); }

    /* Gives what came of it, once; waits for it if it is still in flight. A cast gives an empty
     * text. */
    Result<std::string> finish() {
        oslo_text reply;
        oslo_error error;
        if (!oslo_pending_finish(std::exchange(pending_, nullptr), &reply, &error)) {
            return std::unexpected(Error(error));
        }
        return detail::take(reply);
    }

    /* Forgets it. Whether the method is executed is then unknown. */
    void cancel() { oslo_pending_cancel(std::exchange(pending_, nullptr)); }

    /* It stays this object's; NULL once it was finished or cancelled. */
    oslo_pending *raw() const { return pending_; }

private:
    oslo_pending *pending_;
};

/* Waits until one of these has ended, and returns its index; those that were finished or cancelled
 * are passed over, and nothing is returned when all of them were. */
inline std::optional<std::size_t> wait_any(std::span<const Pending> pendings) {
    std::vector<oslo_pending *> raw;
    raw.reserve(pendings.size());
    for (const Pending &pending : pendings) {
        raw.push_back(pending.raw());
    }
    std::size_t index = oslo_wait_any(raw.data(), raw.size());
    return index == raw.size() ? std::nullopt : std::optional(index);
}

class Client;

/* One message of `call_all`. All of it is borrowed. */
struct Request {
    const Client &client;
    std::string_view method;
    std::string_view args = "{}";
    std::string_view context = "{}";
    const Options *options = nullptr; /* for this message only */
};

/* Where messages go; what is left out is not set. */
struct Target {
    std::optional<std::string> exchange = {}; /* the transport's default */
    std::optional<std::string> topic = {};    /* the name of the service */
    std::optional<std::string> name_space = {};
    std::optional<std::string> version = {}; /* `major.minor` */
    std::optional<std::string> server = {};  /* any of them */
    bool fanout = false;                     /* every server; only for casts */
};

/* Sends messages to one target over one transport. */
class Client {
public:
    static Result<Client> open(std::string_view transport, const Target &target,
                               const Options &options) {
        return open(transport, target, options.raw());
    }
    static Result<Client> open(std::string_view transport, const Target &target) {
        return open(transport, target, nullptr);
    }

    Client(Client &&other) noexcept : client_(std::exchange(other.client_, nullptr)) {}
    Client &operator=(Client &&other) noexcept {
        std::swap(client_, other.client_);
        return *this;
    }
    ~Client() { oslo_client_free(client_); }

    Result<Client> prepare(const Options &options) const {
        Client prepared;
        oslo_error error;
        if (!oslo_client_prepare(client_, options.raw(), &prepared.client_, &error)) {
            return std::unexpected(Error(error));
        }
        return prepared;
    }

    Result<std::string> call(std::string_view context, std::string_view method,
                             std::string_view args) const {
        return call(context, method, args, nullptr);
    }
    Result<std::string> call(std::string_view context, std::string_view method,
                             std::string_view args, const Options &options) const {
        return call(context, method, args, options.raw());
    }

    Result<void> cast(std::string_view context, std::string_view method,
                      std::string_view args) const {
        return cast(context, method, args, nullptr);
    }
    Result<void> cast(std::string_view context, std::string_view method, std::string_view args,
                      const Options &options) const {
        return cast(context, method, args, options.raw());
    }

    Pending start_call(std::string_view context, std::string_view method,
                       std::string_view args) const {
        return Pending(oslo_start_call(client_, borrow(context), borrow(method), borrow(args),
                                       nullptr, nullptr));
    }
    Pending start_call(std::string_view context, std::string_view method, std::string_view args,
                       const Options &options) const {
        return Pending(oslo_start_call(client_, borrow(context), borrow(method), borrow(args),
                                       options.raw(), nullptr));
    }

    Pending start_cast(std::string_view context, std::string_view method,
                       std::string_view args) const {
        return Pending(oslo_start_cast(client_, borrow(context), borrow(method), borrow(args),
                                       nullptr, nullptr));
    }
    Pending start_cast(std::string_view context, std::string_view method, std::string_view args,
                       const Options &options) const {
        return Pending(oslo_start_cast(client_, borrow(context), borrow(method), borrow(args),
                                       options.raw(), nullptr));
    }

    Result<bool> can_send_version(Text version = {}) const {
        bool can = false;
        oslo_error error;
        if (!oslo_client_can_send_version(client_, detail::text(version), &can, &error)) {
            return std::unexpected(Error(error));
        }
        return can;
    }

    std::string transport() const {
        oslo_text name = oslo_client_transport(client_);
        return detail::take(name);
    }
    Target target() const {
        oslo_owned_target raw = oslo_client_target(client_);
        return {detail::take_optional(raw.exchange),       detail::take_optional(raw.topic),
                detail::take_optional(raw.namespace_name), detail::take_optional(raw.version),
                detail::take_optional(raw.server),         raw.fanout};
    }
    std::chrono::nanoseconds timeout() const {
        return detail::duration(oslo_client_timeout(client_));
    }
    std::optional<std::string> version_cap() const {
        oslo_text cap = oslo_client_version_cap(client_);
        return detail::take_optional(cap);
    }
    std::optional<std::uint32_t> retry() const {
        std::uint32_t times;
        return oslo_client_retry(client_, &times) ? std::optional(times) : std::nullopt;
    }
    Duration call_monitor_timeout() const {
        std::uint64_t limit;
        return oslo_client_call_monitor_timeout(client_, &limit) ? Duration(detail::duration(limit))
                                                                 : std::nullopt;
    }
    std::optional<bool> mandatory() const {
        bool mandatory;
        return oslo_client_mandatory(client_, &mandatory) ? std::optional(mandatory) : std::nullopt;
    }
    std::uint64_t reply_bytes() const { return oslo_client_reply_bytes(client_); }

    /* For the functions of C; it stays this client's. */
    const oslo_client *raw() const { return client_; }

private:
    Client() = default;

    static Result<Client> open(std::string_view transport, const Target &target,
                               const oslo_options *options) {
        Client client;
        oslo_error error;
        oslo_target raw = {detail::text(target.exchange),   detail::text(target.topic),
                           detail::text(target.name_space), detail::text(target.version),
                           detail::text(target.server),     target.fanout};
        if (!oslo_client_open(borrow(transport), &raw, options, &client.client_, &error)) {
            return std::unexpected(Error(error));
        }
        return client;
    }

    Result<std::string> call(std::string_view context, std::string_view method,
                             std::string_view args, const oslo_options *options) const {
        oslo_text reply;
        oslo_error error;
        if (!oslo_client_call(client_, borrow(context), borrow(method), borrow(args), options,
                              &reply, &error)) {
            return std::unexpected(Error(error));
        }
        return detail::take(reply);
    }

    Result<void> cast(std::string_view context, std::string_view method, std::string_view args,
                      const oslo_options *options) const {
        oslo_error error;
        if (!oslo_client_cast(client_, borrow(context), borrow(method), borrow(args), options,
                              &error)) {
            return std::unexpected(Error(error));
        }
        return {};
    }

    oslo_client *client_ = nullptr;
};

/* Many calls in flight at the same time, by whichever clients. Returns when the last one has ended,
 * with a result for each, in the order of the requests. */
inline std::vector<Result<std::string>> call_all(std::span<const Request> requests) {
    std::vector<oslo_request> raw;
    raw.reserve(requests.size());
    for (const Request &request : requests) {
        raw.push_back({request.client.raw(), borrow(request.context), borrow(request.method),
                       borrow(request.args),
                       request.options == nullptr ? nullptr : request.options->raw()});
    }
    std::vector<oslo_result> results(raw.size());
    oslo_call_all(raw.data(), raw.size(), results.data());
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

/* The names of the transports that the host granted. */
inline std::vector<std::string> transports() {
    oslo_texts names = oslo_transports();
    return detail::take_all(names);
}

/* What is left of the time that the host gave to this run of the plugin; none without a limit. */
inline Duration remaining() {
    std::uint64_t left = 0;
    return oslo_remaining(&left) ? Duration(detail::duration(left)) : std::nullopt;
}

} // namespace oslo

#endif
