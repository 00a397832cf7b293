/* The calls in flight, and those that ended. */
#ifndef OSLO_FLIGHT_H
#define OSLO_FLIGHT_H

#include "client.h"

typedef enum oslo_call_state {
    OSLO_CALL_IN_FLIGHT, /* the host has it */
    OSLO_CALL_ENDED,     /* its outcome is there, and `oslo_wait` is yet to return it */
    OSLO_CALL_RETURNED,  /* ended, and returned */
} oslo_call_state;

struct oslo_call {
    oslo_call_state state;
    bool is_cast;
    void *tag;
    oslo_async_client *client; /* NULL when nothing was sent */
    char *texts;               /* what the arguments point into */
    uint32_t subtask;          /* while it is in flight */
    oslo_call *previous, *next; /* among those that ended */
    oslo_error refusal;        /* when nothing was sent */
    /* What the host reads when it gets to it. */
    union {
        oslo_messaging_rpc_client_async_method_client_call_args_t call;
        oslo_messaging_rpc_client_async_method_client_cast_args_t cast;
    } arguments;
    /* Where the host writes. */
    union {
        oslo_messaging_rpc_client_async_result_json_error_t call;
        oslo_messaging_rpc_client_async_result_void_error_t cast;
    } outcome;
};

/* Takes what the host says of a call that was just started. */
void oslo_flight_board(oslo_call *call, oslo_world_subtask_status_t status);

/* Adds a call to those that ended. */
void oslo_flight_end(oslo_call *call);

/* Takes a call away from those that ended. */
void oslo_flight_leave(oslo_call *call);

/* Waits until this call, or any if it is NULL, has ended. */
void oslo_flight_wait(const oslo_call *call);

/* Takes a call in flight back from the host; whether it ended before that, with an outcome. */
bool oslo_flight_cancel(oslo_call *call);

/* The first of those that ended, or NULL. */
oslo_call *oslo_flight_first(void);

#endif
