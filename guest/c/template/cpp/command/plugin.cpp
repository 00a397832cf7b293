/* NAME: asks the demo servers for an answer. */
#include <cstdio>

#include "plugin.hpp"

int main() {
    auto client = oslo::Client::open("default", {.topic = "demo", .version = "1.5"});
    auto sum = client ? add(*client, 2, 3) : std::unexpected(std::move(client.error()));
    if (!sum) {
        std::fprintf(stderr, "%s\n", sum.error().message());
        return 1;
    }
    std::printf("2 + 3 = %s\n", sum->c_str());
    return 0;
}

oslo::Result<std::string> add(const oslo::Client &client, int a, int b) {
    auto args = R"({"a": )" + std::to_string(a) + R"(, "b": )" + std::to_string(b) + "}";
    return client.call("{}", "add", args);
}
