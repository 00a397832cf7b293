/* Tests of NAME, without a component. */
#include <cassert>

#include <oslo_messaging_testing.h>

#include "plugin.hpp"

int main() {
    oslo_testing_grant("default");
    oslo_testing_method("add", oslo_testing_result("5"));
    {
        auto client = oslo::Client::open("default", {.topic = "demo"});
        assert(client);
        auto sum = add(*client, 2, 3);
        assert(sum && *sum == "5");
    }
    assert(std::string_view(oslo_testing_sent(0)->args) == R"({"a": 2, "b": 3})");
    assert(oslo_testing_open() == 0);
    oslo_testing_reset();
    return 0;
}
