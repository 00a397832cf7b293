/* What calls in flight could do to a program with `main`, and do not: the same as with `async`. */
#include "../c-async/plugin.c"
