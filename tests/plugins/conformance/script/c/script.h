/* Reading a script. Numbers are kept as they are written, so that a test sees every digit. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <oslo_messaging.h>
#include <yyjson.h>

#include "outcome.h"

/* A member of an object that is a text; none if it is absent or something else. */
oslo_str text_member(yyjson_val *object, const char *name);

/* A target, every field of which may be absent. */
oslo_target read_target(yyjson_val *object);

/* Options of settings, which are an object or a list of them; none if they are absent. What is wrong
 * is the outcome. */
bool read_options(yyjson_val *value, oslo_options **options, buffer *outcome);

/* One message. */
typedef struct message {
    oslo_str context, method, args;
    char *written[2]; /* what context and args point to, if it was written here */
    oslo_options *options;
} message;

/* What is wrong is the outcome. The message is to be freed in any case. */
bool read_message(yyjson_val *step, message *message, buffer *outcome);
void free_message(message *message);

/* The clients by their numbers; NULL is one that was dropped. */
typedef struct clients {
    oslo_client **ptr;
    size_t count;
} clients;

void add_client(clients *all, oslo_client *client);

/* The place of the client of a step; NULL, with the outcome, if there is none. */
oslo_client **find_client(const clients *all, yyjson_val *step, buffer *outcome);

/* A step that leaves the list of clients alone and sends nothing; false if its op is another. */
bool ask(const oslo_client *client, yyjson_val *step, const char *op, buffer *outcome);

/* A step that sends something, which each plugin does in its own way; false if its op is another. */
bool send(const clients *all, oslo_client *client, yyjson_val *step, const char *op,
          buffer *outcome);

#endif
