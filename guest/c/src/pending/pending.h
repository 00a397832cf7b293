/* What a message in flight is, and what it is flown by: `rpc-poll` or `rpc-async`. */
#ifndef OSLO_PENDING_H
#define OSLO_PENDING_H

#include "client/client.h"
#include "oslo_messaging_pending.h"

typedef enum oslo_pending_state {
    OSLO_IN_FLIGHT, /* the host has it */
    OSLO_ENDED,     /* what came of it is there, and `oslo_wait` is yet to return it */
    OSLO_RETURNED,  /* ended, and returned */
} oslo_pending_state;

struct oslo_pending {
    oslo_pending_state state;
    bool is_cast;
    void *tag;
    oslo_pending *previous, *next; /* among those that ended */
    /* What came of it; no error: it succeeded. */
    oslo_text reply;
    oslo_error error;
    void *flight; /* what flies it knows of it, while it is in flight */
};

/* Starts it. It is in flight afterwards, or has landed. */
void oslo_flight_start(oslo_pending *pending, const oslo_client *client,
                       const oslo_raw_message *message, const oslo_options *options);

/* Waits until something lands; false if nothing is in flight. */
bool oslo_flight_wait(void);

/* Lets what has ended land, without waiting. */
void oslo_flight_look(void);

/* Takes one in flight back. What came of it is unknown, and nothing of it is left. */
void oslo_flight_cancel(oslo_pending *pending);

/* Called when what came of it is there. */
void oslo_landed(oslo_pending *pending);

#endif
