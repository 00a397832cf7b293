/* Tests of NAME, without a component. */
#include <assert.h>

#include <oslo_messaging_notification.h>

int main(void) {
    oslo_notification told = {.priority = OSLO_PRIORITY_INFO,
                              .event_type = OSLO_STR("compute.instance.create.end"),
                              .payload = OSLO_STR("{\"id\": 7}")};
    assert(oslo_notifications.handle(&told) == OSLO_HANDLED);
    told.payload = OSLO_STR("{}");
    assert(oslo_notifications.handle(&told) == OSLO_REQUEUE);
    return 0;
}
