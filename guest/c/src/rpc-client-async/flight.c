#include "flight.h"

#include <stdlib.h>

/* One set of what the host has, made with the first call of a run and dropped with the last, so
 * that nothing of it is left when the exported function returns. */
static oslo_world_waitable_set_t in_flight_set;
static size_t in_flight;

/* The calls by the numbers that the host gives, which are small. */
static oslo_call **by_subtask;
static size_t room;

/* Those that ended, in the order in which they did. */
static oslo_call *first, *last;

static void remember(oslo_call *call) {
    if (call->subtask >= room) {
        size_t wanted = room == 0 ? 64 : room * 2;
        while (wanted <= call->subtask) {
            wanted *= 2;
        }
        by_subtask = realloc(by_subtask, wanted * sizeof *by_subtask);
        if (by_subtask == NULL) {
            abort();
        }
        room = wanted;
    }
    by_subtask[call->subtask] = call;
}

/* The host is done with it. */
static void land(oslo_call *call) {
    oslo_world_waitable_join(call->subtask, 0);
    oslo_world_subtask_drop(call->subtask);
    if (--in_flight == 0) {
        oslo_world_waitable_set_drop(in_flight_set);
    }
    free(call->texts);
    call->texts = NULL;
}

void oslo_flight_board(oslo_call *call, oslo_world_subtask_status_t status) {
    if (OSLO_WORLD_SUBTASK_STATE(status) == OSLO_WORLD_SUBTASK_RETURNED) {
        /* It ended at once, and there is no subtask. */
        free(call->texts);
        call->texts = NULL;
        oslo_flight_end(call);
        return;
    }
    if (in_flight++ == 0) {
        in_flight_set = oslo_world_waitable_set_new();
    }
    call->subtask = OSLO_WORLD_SUBTASK_HANDLE(status);
    call->state = OSLO_CALL_IN_FLIGHT;
    remember(call);
    oslo_world_waitable_join(call->subtask, in_flight_set);
}

void oslo_flight_end(oslo_call *call) {
    call->state = OSLO_CALL_ENDED;
    call->previous = last;
    call->next = NULL;
    if (last != NULL) {
        last->next = call;
    } else {
        first = call;
    }
    last = call;
}

void oslo_flight_leave(oslo_call *call) {
    if (call->previous != NULL) {
        call->previous->next = call->next;
    } else {
        first = call->next;
    }
    if (call->next != NULL) {
        call->next->previous = call->previous;
    } else {
        last = call->previous;
    }
    call->state = OSLO_CALL_RETURNED;
}

void oslo_flight_wait(const oslo_call *call) {
    while (in_flight > 0 && (call != NULL ? call->state == OSLO_CALL_IN_FLIGHT : first == NULL)) {
        oslo_world_event_t event;
        oslo_world_waitable_set_wait(in_flight_set, &event);
        if (event.event == OSLO_WORLD_EVENT_SUBTASK &&
            event.code == OSLO_WORLD_SUBTASK_RETURNED) {
            oslo_call *ended = by_subtask[event.waitable];
            land(ended);
            oslo_flight_end(ended);
        }
    }
}

bool oslo_flight_cancel(oslo_call *call) {
    oslo_world_waitable_join(call->subtask, 0);
    oslo_world_subtask_status_t status = oslo_world_subtask_cancel(call->subtask);
    land(call);
    call->state = OSLO_CALL_RETURNED;
    return OSLO_WORLD_SUBTASK_STATE(status) == OSLO_WORLD_SUBTASK_RETURNED;
}

oslo_call *oslo_flight_first(void) {
    return first;
}
