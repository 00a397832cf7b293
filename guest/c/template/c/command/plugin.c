/* NAME: asks the demo servers for an answer. */
#include <stdio.h>

#include "plugin.h"

int main(void) {
    oslo_target target = {.topic = OSLO_STR("demo"), .version = OSLO_STR("1.5")};
    oslo_client *client;
    oslo_text sum;
    oslo_error error;

    bool answered = oslo_client_open(OSLO_STR("default"), &target, NULL, &client, &error) &&
                    add(client, 2, 3, &sum, &error);
    oslo_client_free(client);
    if (!answered) {
        fprintf(stderr, "%s\n", oslo_error_message(&error));
        oslo_error_free(&error);
        return 1;
    }
    printf("2 + 3 = %s\n", sum.ptr);
    oslo_text_free(&sum);
    return 0;
}

bool add(oslo_client *client, int a, int b, oslo_text *sum, oslo_error *error) {
    char args[64];
    int len = snprintf(args, sizeof args, "{\"a\": %d, \"b\": %d}", a, b);
    return oslo_client_call(client, OSLO_STR("{}"), OSLO_STR("add"), (oslo_str){args, (size_t)len},
                            NULL, sum, error);
}
