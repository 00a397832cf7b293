/* What the client and the server share: a connection, and messages as oslo.messaging has them. */

#ifndef SHARED_H
#define SHARED_H

#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stddef.h>
#include <stdint.h>

#define TOPIC "measured"
#define EXCHANGE "openstack"

/* Ends the program, and says why. */
_Noreturn void die(const char *what, const char *why);

/* Ends the program unless a function of librabbitmq succeeded. */
void must(const char *what, int status);
void must_reply(const char *what, amqp_rpc_reply_t reply);

/* Connects to `amqp://user:password@host:port/vhost`, without heartbeats: who waits, waits for long. */
amqp_connection_state_t connect_to(const char *url);
void open_channel(amqp_connection_state_t connection, amqp_channel_t channel);

/* Publishes JSON with the properties that Python's oslo.messaging sets. No expiration is null. */
void publish(amqp_connection_state_t connection, const char *exchange, amqp_bytes_t routing_key,
             int mandatory, const char *expiration, amqp_bytes_t body);

/* What came. */
enum incoming { NOTHING_WHOLE, A_CONFIRMATION, A_MESSAGE };
struct received {
    uint64_t tag;
    int multiple;
    amqp_bytes_t body;
};

/* Waits for a frame. A message is there with its last one, until the next call. What was published while
 * more was there to be read leaves together, before this waits. */
enum incoming receive(amqp_connection_state_t connection, struct received *received);

/* The text of a field of a message that is JSON inside of JSON; empty when there is none. */
amqp_bytes_t field(amqp_bytes_t message, const char *name);

#endif
