/*
 * How urgent notifications are.
 */
#ifndef OSLO_MESSAGING_SDK_PRIORITY_H
#define OSLO_MESSAGING_SDK_PRIORITY_H

#include "oslo_messaging_types.h"

#ifdef __cplusplus
extern "C" {
#endif

/* They mean what their names say, and nothing more. Listeners get those that they ask for. */
typedef enum oslo_priority {
    OSLO_PRIORITY_AUDIT,
    OSLO_PRIORITY_DEBUG,
    OSLO_PRIORITY_INFO,
    OSLO_PRIORITY_WARN,
    OSLO_PRIORITY_ERROR,
    OSLO_PRIORITY_CRITICAL,
    OSLO_PRIORITY_SAMPLE,
} oslo_priority;

/* How many there are. */
#define OSLO_PRIORITY_COUNT 7

/* Its name, such as `audit`; NULL for what is no priority. Static. */
const char *oslo_priority_name(oslo_priority priority);

/* The priority of a name; false, and nothing is written, if there is none. */
bool oslo_priority_of(oslo_str name, oslo_priority *priority);

#ifdef __cplusplus
}
#endif

#endif
