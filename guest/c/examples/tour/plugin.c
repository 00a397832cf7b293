/* A tour of what a client can do, for whoever reads its output: one line a step. It talks to the
 * demo endpoints: the arguments are `[TOPIC [TRANSPORT]]`, `demo` and `default` if absent. */
#include <stdio.h>

#include "report.h"
#include "steps.h"

int main(int argc, char **argv) {
    const char *topic = argc > 1 ? argv[1] : "demo";
    const char *transport = argc > 2 ? argv[2] : "default";
    oslo_target target = {.topic = oslo_str_of(topic), .version = OSLO_STR("1.5")};
    oslo_client *client;
    oslo_error error;

    printf("    %-16s <Target topic=%s, version=1.5> on the transport `%s`\n", "target", topic,
           transport);
    if (oslo_client_open(oslo_str_of(transport), &target, NULL, &client, &error)) {
        messages(client);
        addressing(client);
        errors(client);
        at_once(client);
        oslo_client_free(client);
    } else {
        failed_with("open", "a client of the transport", &error);
    }
    return finish();
}
