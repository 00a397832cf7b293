/* Reading a script. Numbers are kept as they are written, so that a test sees every digit. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <oslo_messaging_types.h>
#include <yyjson.h>

#include "outcome.h"

/* A member of an object that is a text; none if it is absent or something else. */
oslo_str text_member(yyjson_val *object, const char *name);

/* A target, every field of which may be absent. */
oslo_target read_target(yyjson_val *object);

typedef struct settings {
    oslo_setting *ptr;
    size_t count;
} settings;

/* Settings: an object, or a list of them; nothing if it is absent. What is wrong is the outcome. */
bool read_settings(yyjson_val *value, settings *all, buffer *outcome);

/* One message. */
typedef struct message {
    oslo_str context, method, args;
    char *written[2]; /* what context and args point to, if it was written here */
    bool has_settings;
    settings settings;
} message;

/* What is wrong is the outcome. The message is to be freed in any case. */
bool read_message(yyjson_val *step, message *message, buffer *outcome);
void free_message(message *message);

/* The clients by their numbers; NULL is one that was dropped. */
typedef struct clients {
    void **ptr;
    size_t count;
} clients;

void add_client(clients *all, void *client);

/* The place of the client of a step; NULL, with the outcome, if there is none. */
void **find_client(const clients *all, yyjson_val *step, buffer *outcome);

/* Runs the steps of a script with an opened client and its like, and frees the document. */
typedef void run_step(yyjson_val *step, clients *all, buffer *outcome);
void run_steps(yyjson_val *script, clients *all, run_step *run, buffer *outcomes);

#endif
