/* What the parts of the played host share. */
#ifndef OSLO_PLAYED_H
#define OSLO_PLAYED_H

#include "oslo_messaging_testing.h"
#include "oslo_world.h"

/* A copy with a NUL. */
char *oslo_played_copy(const char *text, size_t len);

/* A list that grows, of things that never move. */
typedef struct played_list {
    void **ptr;
    size_t count;
} played_list;

size_t oslo_played_add(played_list *list, void *thing);
void *oslo_played_get(const played_list *list, int32_t handle);
void *oslo_played_take(played_list *list, int32_t handle);
void oslo_played_forget(played_list *list);

/* Whether a text looks like a JSON object. */
bool oslo_played_is_object(const oslo_world_string_t *text);

/* What `oslo_testing_reset` does to notifications. */
void oslo_played_forget_notifications(void);

/* Where messages go and on which terms. */
typedef struct played_settings {
    char *exchange, *topic, *namespace_name, *version, *server, *version_cap;
    bool fanout;
    bool has_timeout, has_retry, has_monitor, has_mandatory, has_reply_bytes, mandatory;
    uint32_t retry;
    uint64_t timeout, monitor, reply_bytes;
} played_settings;

void oslo_played_copy_settings(const played_settings *from, played_settings *to);
void oslo_played_free_settings(played_settings *settings);

typedef struct played_client {
    char *transport;
    played_settings settings;
} played_client;

/* What is wrong with a version, or NULL. */
const char *oslo_played_check_version(const char *version);

/* Whether a version passes a cap. */
bool oslo_played_passes(const char *version, const char *cap);

/* The client of a handle, with options on top, as new settings; false, with the error. */
bool oslo_played_effective(int32_t client, const oslo_messaging_client_borrow_options_t *options,
                           const played_client **found, played_settings *settings,
                           oslo_messaging_types_error_t *error);

/* Sends a message: true with a result in `ret`, or false with an error. */
bool oslo_played_send(int32_t client, const oslo_world_string_t *context,
                      const oslo_world_string_t *method, const oslo_world_string_t *args,
                      const oslo_messaging_client_borrow_options_t *options, bool is_cast,
                      oslo_world_string_t *ret, oslo_messaging_types_error_t *error);

/* A text as the host gives it. */
oslo_world_string_t oslo_played_give(const char *text);

/* An error as the host gives it. `detail` is the argument, rule, limit or cap. Returns false. */
bool oslo_played_fail(oslo_messaging_types_error_t *error, oslo_testing_end end,
                      const char *detail);

/* Transports that were granted. */
bool oslo_played_is_granted(const char *transport);
extern played_list oslo_played_transports;

extern size_t oslo_played_open;

#endif
