// The tour in C++: the same steps and lines as in C.
#include <chrono>
#include <vector>

#include <yyjson.h>

#include "report.hpp"

using namespace std::chrono_literals;
using oslo::Client;
using oslo::Error;
using oslo::Options;
using oslo::Result;
using Clock = std::chrono::steady_clock;

namespace {

// A reply that is a JSON string, without its quotes.
std::string unquoted(const std::string &json) {
    yyjson_doc *doc = yyjson_read(json.data(), json.size(), 0);
    const char *text = yyjson_get_str(yyjson_doc_get_root(doc));
    std::string result = text == nullptr ? json : text;
    yyjson_doc_free(doc);
    return result;
}

std::string milliseconds_since(Clock::time_point start) {
    auto elapsed = Clock::now() - start;
    return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(elapsed).count()) +
           " ms";
}

// A word that no earlier tour of the same servers has used.
std::string unique(const char *prefix) {
    auto now = std::chrono::system_clock::now().time_since_epoch().count();
    return std::string(prefix) + "-" + std::to_string(now);
}

std::string quoted_word(const std::string &word) { return R"({"word": ")" + word + R"("})"; }

std::string fate(const Error &error) {
    switch (error.outcome()) {
    case OSLO_EXECUTED:
        return "it was executed";
    case OSLO_NOT_EXECUTED:
        return "nothing was executed";
    default:
        return "it may have been executed";
    }
}

std::string refused(const Error &error) { return error.message() + ("; " + fate(error)); }

std::string raised(const Error &error) { return "the server raised " + error.describe(); }

void messages(const Client &client, Report &report) {
    const char *context = R"({"user": "tourist"})";
    report.step("call", "echo(value=\"hello\")",
                client.call(context, "echo", R"({"value": "hello"})"));
    report.step("call", "add(a=2, b=3)", client.call(context, "add", R"({"a": 2, "b": 3})"));
    report.step("cast", "remember(word=...)",
                client.cast(context, "remember", quoted_word(unique("cast"))).transform([] {
                    return std::string(
                        "the broker has it; one server will run it, nobody reports back");
                }));
}

// Casts are not answered, so each server is asked until it knows the word.
Result<std::string> heard_by_all(const Client &client, const std::string &word) {
    for (const char *name : {"one", "two", "three"}) {
        auto server = client.prepare(Options().server(name));
        for (int tries = 0; server && tries < 40; tries++) {
            auto words = server->call("{}", "recall", "{}");
            if (!words) {
                return words;
            }
            if (words->contains('"' + word + '"')) {
                break;
            }
            if (tries == 39) {
                return "UNEXPECTED: server `" + std::string(name) + "` never got it";
            }
            (void)server->call("{}", "sleep", R"({"seconds": 0.05})");
        }
        if (!server) {
            return std::unexpected(std::move(server.error()));
        }
    }
    return "one, two, three remember it";
}

void addressing(const Client &client, Report &report) {
    report.step("one server", "whoami() sent to server `two`",
                client.call("{}", "whoami", "{}", Options().server("two")).transform(unquoted));

    std::string word = unique("fanout");
    report.step("fan-out cast", "remember(word=...) sent to every server",
                client.cast("{}", "remember", quoted_word(word), Options().fanout(true))
                    .and_then([&] { return heard_by_all(client, word); }));

    report.step("namespace", "status() of namespace `admin`, version 2.0",
                client.call("{}", "status", "{}", Options().name_space("admin").version("2.0")));
}

void errors(const Client &client, Report &report) {
    report.fails("remote error", "divide(a=1, b=0)",
                 client.call("{}", "divide", R"({"a": 1, "b": 0})"), OSLO_ERROR_REMOTE, raised);
    report.fails("unknown method", "no_such_method()", client.call("{}", "no_such_method", "{}"),
                 OSLO_ERROR_REMOTE, raised);
    report.fails("version cap", "echo() of version 2.0 under the cap 1.5",
                 client.call("{}", "echo", R"({"value": 1})",
                             Options().version_cap("1.5").version("2.0")),
                 OSLO_ERROR_VERSION_CAP, refused);

    auto start = Clock::now();
    report.fails("timeout", "sleep(seconds=1.5) with a timeout of 300 ms",
                 client.call("{}", "sleep", R"({"seconds": 1.5})", Options().timeout(300ms)),
                 OSLO_ERROR_TIMEOUT, [&](const Error &error) {
                     return "gave up after " + milliseconds_since(start) + "; " + fate(error);
                 });

    report.fails("no such target", "whoami() sent to server `nobody`",
                 client.call("{}", "whoami", "{}", Options().server("nobody")),
                 OSLO_ERROR_NO_SUCH_TARGET, refused);

    const char *tried = "echo(value=\"hello\") wanted as a number";
    auto wrong = client.call("{}", "echo", R"({"value": "hello"})");
    if (wrong && wrong->starts_with('"')) {
        report.done("wrong type", tried,
                    "the reply does not fit a number: it is the string " + *wrong);
    } else {
        report.failed("wrong type", tried, wrong ? *wrong : wrong.error().describe());
    }
}

void at_once(const Client &client, Report &report) {
    auto start = Clock::now();
    std::vector<oslo::Pending> calls;
    for (int i = 0; i < 10; i++) {
        calls.push_back(client.start_call("{}", "sleep", R"({"seconds": 0.2})"));
    }
    while (auto ended = oslo::wait_any(calls)) {
        if (auto result = calls[*ended].finish(); !result) {
            return report.failed("calls at once", "10 times sleep(seconds=0.2)",
                                 result.error().describe());
        }
    }
    std::string came =
        std::to_string(calls.size()) + " results after " + milliseconds_since(start);
    report.done("calls at once", "10 times sleep(seconds=0.2)", came);
}

} // namespace

int main(int argc, char **argv) {
    const char *topic = argc > 1 ? argv[1] : "demo";
    const char *transport = argc > 2 ? argv[2] : "default";
    std::printf("    %-16s <Target topic=%s, version=1.5> on the transport `%s`\n", "target", topic,
                transport);
    Report report;
    auto client = Client::open(transport, {.topic = topic, .version = "1.5"});
    if (client) {
        messages(*client, report);
        addressing(*client, report);
        errors(*client, report);
        at_once(*client, report);
    } else {
        report.failed("open", "a client of the transport", client.error().describe());
    }
    return report.finish();
}
