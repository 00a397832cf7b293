/* Tests of NAME, without a component. */
#include <assert.h>
#include <string.h>

#include <oslo_messaging_testing.h>

#include "plugin.h"

int main(void) {
    oslo_target target = {.topic = OSLO_STR("demo")};
    oslo_client *client;
    oslo_text sum;

    oslo_testing_grant("default");
    oslo_testing_method("add", oslo_testing_result("5"));
    assert(oslo_client_open(OSLO_STR("default"), &target, NULL, &client, NULL));
    assert(add(client, 2, 3, &sum, NULL));
    assert(strcmp(sum.ptr, "5") == 0);
    assert(strcmp(oslo_testing_sent(0)->args, "{\"a\": 2, \"b\": 3}") == 0);
    oslo_text_free(&sum);
    oslo_client_free(client);
    assert(oslo_testing_open() == 0);
    oslo_testing_reset();
    return 0;
}
