#include "pending.h"

#include <stdlib.h>

/* Those that ended, in the order in which they did. */
static oslo_pending *first, *last;

void oslo_landed(oslo_pending *pending) {
    pending->state = OSLO_ENDED;
    pending->previous = last;
    pending->next = NULL;
    if (last != NULL) {
        last->next = pending;
    } else {
        first = pending;
    }
    last = pending;
}

/* Takes one away from those that ended. */
static void leave(oslo_pending *pending) {
    if (pending->previous != NULL) {
        pending->previous->next = pending->next;
    } else {
        first = pending->next;
    }
    if (pending->next != NULL) {
        pending->next->previous = pending->previous;
    } else {
        last = pending->previous;
    }
    pending->state = OSLO_RETURNED;
}

static oslo_pending *start(const oslo_client *client, oslo_str context, oslo_str method,
                           oslo_str args, const oslo_options *options, void *tag, bool is_cast) {
    oslo_pending *pending = oslo_allocate(1, sizeof *pending);
    oslo_raw_message message;
    oslo_raw_options place, *raw_options;
    pending->is_cast = is_cast;
    pending->tag = tag;
    if (oslo_check_client(client, &pending->error) &&
        oslo_lend_message(context, method, args, &message, &pending->error) &&
        oslo_lend_options(options, &place, &raw_options, &pending->error)) {
        oslo_flight_start(pending, client, &message, options);
    } else {
        oslo_landed(pending);
    }
    return pending;
}

oslo_pending *oslo_start_call(const oslo_client *client, oslo_str context, oslo_str method,
                              oslo_str args, const oslo_options *options, void *tag) {
    return start(client, context, method, args, options, tag, false);
}

oslo_pending *oslo_start_cast(const oslo_client *client, oslo_str context, oslo_str method,
                              oslo_str args, const oslo_options *options, void *tag) {
    return start(client, context, method, args, options, tag, true);
}

oslo_pending *oslo_wait(void) {
    while (first == NULL && oslo_flight_wait()) {
    }
    oslo_pending *pending = first;
    if (pending != NULL) {
        leave(pending);
    }
    return pending;
}

size_t oslo_wait_any(oslo_pending *const *pendings, size_t count) {
    if (pendings == NULL) {
        return count;
    }
    do {
        for (size_t i = 0; i < count; i++) {
            if (pendings[i] != NULL && pendings[i]->state != OSLO_IN_FLIGHT) {
                return i;
            }
        }
    } while (oslo_flight_wait());
    return count;
}

bool oslo_pending_is_over(oslo_pending *pending) {
    if (pending != NULL && pending->state == OSLO_IN_FLIGHT) {
        oslo_flight_look();
    }
    return pending == NULL || pending->state != OSLO_IN_FLIGHT;
}

void *oslo_pending_tag(const oslo_pending *pending) {
    return pending == NULL ? NULL : pending->tag;
}

bool oslo_pending_finish(oslo_pending *pending, oslo_text *reply, oslo_error *error) {
    if (pending == NULL) {
        if (reply != NULL) {
            memset(reply, 0, sizeof *reply);
        }
        return oslo_refuse("pending", "is NULL", error);
    }
    while (pending->state == OSLO_IN_FLIGHT && oslo_flight_wait()) {
    }
    if (pending->state == OSLO_ENDED) {
        leave(pending);
    }
    bool succeeded = oslo_give(pending->reply, pending->error, reply, error);
    free(pending);
    return succeeded;
}

void oslo_pending_cancel(oslo_pending *pending) {
    if (pending == NULL) {
        return;
    }
    if (pending->state == OSLO_IN_FLIGHT) {
        oslo_flight_cancel(pending);
    } else if (pending->state == OSLO_ENDED) {
        leave(pending);
    }
    oslo_text_free(&pending->reply);
    oslo_error_free(&pending->error);
    free(pending);
}
