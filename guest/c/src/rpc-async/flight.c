/* Flies messages by the `async func`s of `rpc-async`. */
#include <stdlib.h>

#include "pending/pending.h"

typedef oslo_messaging_rpc_async_call_args_t call_args;
typedef oslo_messaging_rpc_async_cast_args_t cast_args;

typedef struct flight {
    oslo_pending *pending;
    /* What the host has borrowed until it has ended. */
    oslo_client *client;
    oslo_options *options; /* NULL if there are none */
    char *texts;
    uint32_t subtask;
    /* What the host reads when it gets to it. */
    union {
        call_args call;
        cast_args cast;
    } arguments;
    /* Where the host writes. */
    union {
        oslo_messaging_rpc_async_result_json_error_t call;
        oslo_messaging_rpc_async_result_void_error_t cast;
    } came;
} flight;

/* One set of what the host has, made with the first call of a run and dropped with the last, so
 * that nothing of it is left when the exported function returns. */
static oslo_world_waitable_set_t set;
static size_t in_flight;

/* Those in flight by the numbers that the host gives, which are small. */
static flight **by_subtask;
static size_t room;

static void remember(flight *one) {
    if (one->subtask >= room) {
        size_t wanted = room == 0 ? 64 : room * 2;
        while (wanted <= one->subtask) {
            wanted *= 2;
        }
        by_subtask = realloc(by_subtask, wanted * sizeof *by_subtask);
        if (by_subtask == NULL) {
            abort();
        }
        room = wanted;
    }
    by_subtask[one->subtask] = one;
}

/* Copies the texts of a message, which the host reads when it gets to it. */
static char *keep(oslo_raw_message *message) {
    oslo_raw_text *texts[] = {&message->context, &message->method, &message->args};
    char *kept = oslo_allocate(message->context.len + message->method.len + message->args.len, 1);
    char *at = kept;
    for (size_t i = 0; i < 3; i++) {
        memcpy(at, texts[i]->ptr, texts[i]->len);
        texts[i]->ptr = (uint8_t *)at;
        at += texts[i]->len;
    }
    return kept;
}

/* The host is done with it. */
static void drop(flight *one) {
    one->pending->flight = NULL;
    oslo_client_free(one->client);
    oslo_options_free(one->options);
    free(one->texts);
    free(one);
}

/* Takes it out of the set. */
static void leave_set(flight *one) {
    oslo_world_waitable_join(one->subtask, 0);
    oslo_world_subtask_drop(one->subtask);
    if (--in_flight == 0) {
        oslo_world_waitable_set_drop(set);
    }
}

/* Takes what came of it from where the host wrote it. */
static void take(flight *one) {
    oslo_pending *pending = one->pending;
    if (pending->is_cast) {
        if (one->came.cast.is_err) {
            oslo_take_error(&one->came.cast.val.err, &pending->error);
        }
    } else if (one->came.call.is_err) {
        oslo_take_error(&one->came.call.val.err, &pending->error);
    } else {
        pending->reply = oslo_take_text(one->came.call.val.ok);
    }
    drop(one);
}

void oslo_flight_start(oslo_pending *pending, const oslo_client *client,
                       const oslo_raw_message *message, const oslo_options *options) {
    flight *one = oslo_allocate(1, sizeof *one);
    oslo_raw_message texts = *message;
    oslo_raw_options place, *raw_options;
    oslo_messaging_rpc_async_option_borrow_options_t lent;
    oslo_lend_options(options, &place, &raw_options, NULL);
    lent.is_some = raw_options != NULL;
    if (lent.is_some) {
        lent.val = place;
    }
    one->pending = pending;
    one->texts = keep(&texts);
    /* To their owners they are not theirs to change; who counts their users does. */
    one->client = (oslo_client *)client;
    one->client->users++;
    one->options = (oslo_options *)options;
    if (one->options != NULL) {
        one->options->users++;
    }
    pending->flight = one;
    oslo_world_subtask_status_t status;
    if (pending->is_cast) {
        one->arguments.cast = (cast_args){oslo_lend_client(client), texts.context, texts.method,
                                          texts.args, lent};
        status = oslo_messaging_rpc_async_cast(&one->arguments.cast, &one->came.cast);
    } else {
        one->arguments.call = (call_args){oslo_lend_client(client), texts.context, texts.method,
                                          texts.args, lent};
        status = oslo_messaging_rpc_async_call(&one->arguments.call, &one->came.call);
    }
    if (OSLO_WORLD_SUBTASK_STATE(status) == OSLO_WORLD_SUBTASK_RETURNED) {
        /* It ended at once, and there is no subtask. */
        take(one);
        oslo_landed(pending);
        return;
    }
    if (in_flight++ == 0) {
        set = oslo_world_waitable_set_new();
    }
    one->subtask = OSLO_WORLD_SUBTASK_HANDLE(status);
    pending->state = OSLO_IN_FLIGHT;
    remember(one);
    oslo_world_waitable_join(one->subtask, set);
}

/* Lets land what an event is about. */
static void land(const oslo_world_event_t *event) {
    if (event->event == OSLO_WORLD_EVENT_SUBTASK && event->code == OSLO_WORLD_SUBTASK_RETURNED) {
        flight *ended = by_subtask[event->waitable];
        oslo_pending *pending = ended->pending;
        leave_set(ended);
        take(ended);
        oslo_landed(pending);
    }
}

bool oslo_flight_wait(void) {
    if (in_flight == 0) {
        return false;
    }
    oslo_world_event_t event;
    oslo_world_waitable_set_wait(set, &event);
    land(&event);
    return true;
}

void oslo_flight_look(void) {
    while (in_flight > 0) {
        oslo_world_event_t event;
        oslo_world_waitable_set_poll(set, &event);
        if (event.event == OSLO_WORLD_EVENT_NONE) {
            return;
        }
        land(&event);
    }
}

void oslo_flight_cancel(oslo_pending *pending) {
    flight *one = pending->flight;
    oslo_world_waitable_join(one->subtask, 0);
    oslo_world_subtask_status_t status = oslo_world_subtask_cancel(one->subtask);
    leave_set(one);
    if (OSLO_WORLD_SUBTASK_STATE(status) == OSLO_WORLD_SUBTASK_RETURNED) {
        take(one); /* it ended before that */
    } else {
        drop(one);
    }
}
