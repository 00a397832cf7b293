/* What the conformance plugins in C share. */
#include "../script/c/outcome.c"
#include "../script/c/script.c"
#include "../script/c/steps.c"
