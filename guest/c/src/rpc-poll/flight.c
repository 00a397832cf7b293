/* Flies messages by `rpc-poll`: the host runs them, and says which have ended. */
#include <stdlib.h>

#include "pending/pending.h"

typedef struct flight {
    oslo_messaging_rpc_poll_own_pending_t handle;
    oslo_messaging_rpc_poll_own_pollable_t pollable;
    size_t place; /* in the list of them */
    oslo_pending *pending;
} flight;

/* All in flight, in any order. */
static flight **flights;
static size_t count, room;

static void remember(flight *one) {
    if (count == room) {
        room = room == 0 ? 16 : room * 2;
        flights = realloc(flights, room * sizeof *flights);
        if (flights == NULL) {
            abort();
        }
    }
    one->place = count;
    flights[count++] = one;
}

/* What is dropped no more is in flight. */
static void drop(flight *one) {
    flights[one->place] = flights[--count];
    flights[one->place]->place = one->place;
    wasi_io_poll_pollable_drop_own(one->pollable);
    oslo_messaging_rpc_poll_pending_drop_own(one->handle);
    one->pending->flight = NULL;
    free(one);
}

/* Takes the end of one, if it has ended. */
static void take(flight *one) {
    oslo_messaging_rpc_poll_result_json_error_t came;
    oslo_pending *pending = one->pending;
    if (!oslo_messaging_rpc_poll_method_pending_take(
            oslo_messaging_rpc_poll_borrow_pending(one->handle), &came)) {
        return;
    }
    if (came.is_err) {
        oslo_take_error(&came.val.err, &pending->error);
    } else {
        pending->reply = oslo_take_text(came.val.ok);
        if (pending->is_cast) {
            oslo_text_free(&pending->reply);
        }
    }
    drop(one);
    oslo_landed(pending);
}

void oslo_flight_start(oslo_pending *pending, const oslo_client *client,
                       const oslo_raw_message *message, const oslo_options *options) {
    oslo_messaging_rpc_poll_own_pending_t handle;
    oslo_raw_message texts = *message;
    oslo_raw_options place, *raw_options;
    oslo_raw_error raw;
    oslo_lend_options(options, &place, &raw_options, NULL);
    bool started =
        (pending->is_cast ? oslo_messaging_rpc_poll_start_cast
                          : oslo_messaging_rpc_poll_start_call)(
            oslo_lend_client(client), &texts.context, &texts.method, &texts.args, raw_options,
            &handle, &raw);
    if (!started) {
        oslo_take_error(&raw, &pending->error);
        oslo_landed(pending);
        return;
    }
    flight *one = oslo_allocate(1, sizeof *one);
    one->handle = handle;
    one->pollable = oslo_messaging_rpc_poll_method_pending_subscribe(
        oslo_messaging_rpc_poll_borrow_pending(handle));
    one->pending = pending;
    pending->flight = one;
    pending->state = OSLO_IN_FLIGHT;
    remember(one);
}

bool oslo_flight_wait(void) {
    if (count == 0) {
        return false;
    }
    wasi_io_poll_list_borrow_pollable_t list = {
        oslo_allocate(count, sizeof(wasi_io_poll_borrow_pollable_t)), count};
    /* Landing changes the order of the others. */
    flight **asked = oslo_allocate(count, sizeof(flight *));
    for (size_t i = 0; i < count; i++) {
        asked[i] = flights[i];
        list.ptr[i] = wasi_io_poll_borrow_pollable(flights[i]->pollable);
    }
    oslo_world_list_u32_t ready;
    wasi_io_poll_poll(&list, &ready);
    for (size_t i = 0; i < ready.len; i++) {
        take(asked[ready.ptr[i]]);
    }
    if (ready.len > 0) {
        free(ready.ptr);
    }
    free(asked);
    free(list.ptr);
    return true;
}

void oslo_flight_look(void) {
    for (size_t i = count; i-- > 0;) {
        if (wasi_io_poll_method_pollable_ready(wasi_io_poll_borrow_pollable(flights[i]->pollable))) {
            take(flights[i]);
        }
    }
}

void oslo_flight_cancel(oslo_pending *pending) {
    drop(pending->flight);
}
