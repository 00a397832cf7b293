/* Tests of the C++ header, run natively over the played host. */
#include <cstdio>
#include <cstdlib>
#include <ranges>

#include <oslo_messaging.hpp>
#include <oslo_messaging_notify.hpp>
#include <oslo_messaging_testing.h>

#define CHECK(condition)                                                                \
    do {                                                                                \
        if (!(condition)) {                                                             \
            std::fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
            std::exit(1);                                                               \
        }                                                                               \
    } while (0)

using namespace std::chrono_literals;

int main() {
    oslo_testing_grant("default");
    oslo_testing_method("echo", oslo_testing_result("7"));
    {
        auto client = oslo::Client::open("default", {.topic = "demo"},
                                         oslo::Options().timeout(5s));
        CHECK(client && client->timeout() == 5s && client->transport() == "default");
        CHECK(oslo::transports() == std::vector<std::string>{"default"});

        /* Options from a list that only the run knows. */
        std::vector<std::pair<std::string, std::string>> wanted = {{"server", "one"},
                                                                   {"version", "1.5"}};
        oslo::Options options;
        for (const auto &[name, value] : wanted) {
            name == "server" ? options.server(value) : options.version(value);
        }
        CHECK(client->call("{}", "echo", "{}", options).value() == "7");
        CHECK(std::string(oslo_testing_sent(0)->server) == "one");
        CHECK(client->prepare(options.server().retry(3))->target().server == std::nullopt);
        CHECK(client->prepare(options)->retry() == 3u);
        CHECK(client->prepare(options)->target().version == "1.5");

        auto refused = client->call("{}", "none", "{}");
        CHECK(!refused && refused.error().outcome() == OSLO_EXECUTED);
        CHECK(refused.error().is_remote("oslo_messaging.rpc.dispatcher", "NoSuchMethod"));
        /* Results are copied with their errors, and an error goes where it is wanted. */
        auto copied = refused;
        oslo::Error kept = std::move(refused.error());
        CHECK(copied.error().describe() == kept.describe() && kept.kind() == OSLO_ERROR_REMOTE);
        CHECK(refused.error().kind() == OSLO_OK && *refused.error().message() == '\0');
        CHECK(client->cast("{}", "echo", "{}"));

        auto results = oslo::call_all(std::vector<oslo::Request>{
            {.client = *client, .method = "echo"}, {.client = *client, .method = "none"}});
        CHECK(results.size() == 2 && results[0].value() == "7" && !results[1]);

        std::vector<oslo::Pending> calls;
        for (int i : std::views::iota(0, 3)) {
            calls.push_back(client->start_call("{}", i == 1 ? "none" : "echo", "{}", options));
        }
        CHECK(oslo::wait_any(calls) == 0u && calls[0].is_over());
        CHECK(calls[0].finish().value() == "7" && !calls[0].finish());
        CHECK(oslo::wait_any(calls) == 1u && !calls[1].finish());
        CHECK(client->start_cast("{}", "echo", "{}").finish());
        calls[2].cancel();
        CHECK(oslo::wait_any(calls) == std::nullopt);
        auto dropped = client->start_call("{}", "echo", "{}");
        CHECK(!oslo::remaining());

        auto notifier = oslo::Notifier::open("default", "compute.host-1");
        CHECK(notifier && notifier->transport() == "default");
        CHECK(notifier->publisher_id() == "compute.host-1");
        CHECK(notifier->timeout(5s).retry(3).warn("{}", "a.b", "7"));
        CHECK(oslo_testing_notified(0)->priority == OSLO_PRIORITY_WARN);
        CHECK(oslo_testing_notified(0)->timeout == OSLO_SECONDS(5));
        CHECK(notifier->topics(std::vector<std::string>{"one", "two"}));
        CHECK((notifier->topics() == std::vector<std::string>{"one", "two"}));
        CHECK(!notifier->topics(std::vector<std::string>{}) && notifier->default_topics());
        CHECK(notifier->topics() == std::vector<std::string>{"notifications"});
        auto wrong = notifier->info("{}", "\xff", "7");
        CHECK(!wrong && wrong.error().outcome() == OSLO_NOT_EXECUTED);
        CHECK(!oslo::Notifier::open("secret"));
    }
    CHECK(oslo_testing_open() == 0);
    oslo_testing_reset();
}
