/* Runs a script through the SDK, with calls in flight by `rpc-async`; see the world
 * `conformance-async` in tests/wit. */
#include "../script/c/in_flight.c"
#include "../script/c/outcome.c"
#include "../script/c/script.c"
#include "../script/c/steps.c"
