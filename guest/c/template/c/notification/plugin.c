/* NAME: handles notifications. */
#include <stdio.h>

#include <oslo_messaging_notification.h>

static oslo_notification_result handle(const oslo_notification *notification) {
    oslo_str payload = notification->payload;
    if (payload.len <= 2) {
        /* There is nothing in it yet. */
        return OSLO_REQUEUE;
    }
    printf("there is news of %.*s\n", (int)payload.len, payload.ptr);
    fflush(stdout);
    return OSLO_HANDLED;
}

static const oslo_priority wanted[] = {OSLO_PRIORITY_INFO};
const oslo_notification_endpoint oslo_notifications = {
    OSLO_WANTED(wanted),
    .event_type = "compute[.]instance[.]",
    .handle = handle,
};
