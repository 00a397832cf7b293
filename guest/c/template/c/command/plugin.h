#ifndef PLUGIN_H
#define PLUGIN_H

#include <oslo_messaging.h>

/* Asks for the sum. */
bool add(oslo_client *client, int a, int b, oslo_text *sum, oslo_error *error);

#endif
