/* What came of a step, as JSON; its form is described at the worlds in tests/wit. */
#ifndef OUTCOME_H
#define OUTCOME_H

#include <oslo_messaging_error.h>

#include "buffer.h"

/* Of a step that gives JSON. */
void put_ok(buffer *to, const char *json, size_t len);

/* Of a step that failed. */
void put_error(buffer *to, const oslo_error *error);

/* Of a step that gives JSON or failed; frees both. A reply that is none stands for null. */
void put_outcome(buffer *to, oslo_text *reply, oslo_error *error);

/* Of a step that does not make sense. */
void put_refusal(buffer *to, const char *message, const char *detail);

/* A member of an object, after another one: its name, or with a text, null if there is none. */
void put_name(buffer *to, const char *name);
void put_text(buffer *to, const char *name, const oslo_text *text);

#endif
