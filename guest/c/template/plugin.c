/* NAME: asks the demo servers for an answer. */
#include <stdio.h>

#include <oslo_messaging.h>

int main(void) {
    oslo_target target = {.topic = OSLO_STR("demo"), .version = OSLO_STR("1.5")};
    oslo_client *client;
    oslo_text reply;
    oslo_error error;

    bool answered = oslo_client_open(OSLO_STR("default"), &target, NULL, &client, &error) &&
                    oslo_client_call(client, OSLO_STR("{}"), OSLO_STR("add"),
                                     OSLO_STR("{\"a\": 2, \"b\": 3}"), NULL, &reply, &error);
    oslo_client_free(client);
    if (!answered) {
        fprintf(stderr, "%s\n", oslo_error_message(&error));
        oslo_error_free(&error);
        return 1;
    }
    printf("2 + 3 = %s\n", reply.ptr);
    oslo_text_free(&reply);
    return 0;
}
