/* Runs a script through the SDK, with calls in flight by `rpc-poll`; see the world
 * `conformance-poll` in tests/wit. */
#include "../script/c/in_flight.c"
#include "../script/c/outcome.c"
#include "../script/c/script.c"
#include "../script/c/steps.c"
