/* The parts of the tour. */
#ifndef STEPS_H
#define STEPS_H

#include <oslo_messaging.h>

/* Call, context, cast. */
void messages(const oslo_client *client);

/* To one server, to every server, to a namespace. */
void addressing(const oslo_client *client);

/* What goes wrong, and how it is told apart. */
void errors(const oslo_client *client);

/* Several calls at the same time. */
void at_once(const oslo_client *client);

#endif
