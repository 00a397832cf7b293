/* Between the SDK's types and the generated ones. */
#ifndef OSLO_CONVERT_H
#define OSLO_CONVERT_H

#include "oslo_messaging_error.h"
#include "oslo_messaging_types.h"
#include "oslo_world.h"

/* What generated functions take: borrowed texts, written as if they were owned. */
typedef oslo_world_string_t oslo_raw_text;
typedef oslo_messaging_types_target_t oslo_raw_target;
typedef oslo_messaging_types_error_t oslo_raw_error;

/* Memory that the caller frees, never NULL. */
void *oslo_allocate(size_t count, size_t size);

/* Takes a text from the host, which has the NUL because of our `cabi_realloc`. */
oslo_text oslo_take_text(oslo_raw_text text);

/* The same for a text that may be absent. */
oslo_text oslo_take_if(bool is_some, oslo_raw_text text);
oslo_text oslo_take_optional(oslo_world_option_string_t text);

/* Takes a list of texts. */
oslo_texts oslo_take_texts(oslo_raw_text *texts, size_t count);

/* Whether a text can be given to the host, which would end the plugin for anything but UTF-8. */
bool oslo_is_utf8(oslo_str text);

/* Writes `?` over each byte that is part of no UTF-8 character. */
void oslo_make_utf8(oslo_text *text);

/* Borrows a text; false, with the error, if it is not UTF-8. */
bool oslo_lend_text(oslo_str text, const char *argument, oslo_raw_text *raw, oslo_error *error);

/* The same for a text that may be absent. */
bool oslo_lend_optional(oslo_str text, const char *argument, oslo_world_option_string_t *raw,
                        oslo_error *error);

/* The three texts of a message, where an absent context or args is an empty object. */
typedef struct oslo_raw_message {
    oslo_raw_text context, method, args;
} oslo_raw_message;

bool oslo_lend_message(oslo_str context, oslo_str method, oslo_str args, oslo_raw_message *raw,
                       oslo_error *error);

/* Takes an error from the host. The place may be NULL. */
void oslo_take_error(oslo_raw_error *raw, oslo_error *error);

/* Makes an error about an argument: its name in backticks, then the complaint. Returns false. */
bool oslo_refuse(const char *argument, const char *complaint, oslo_error *error);

/* Success: there is no error. Returns true. */
bool oslo_succeed(oslo_error *error);

/* Gives a reply and an error, either of which the caller may not want. Returns whether it is the
 * reply. */
bool oslo_give(oslo_text reply, oslo_error came, oslo_text *reply_place, oslo_error *error_place);

#endif
