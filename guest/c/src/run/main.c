/* Starts `main` from the export `wasi:cli/run` of WASI 0.3, which is an `async func`, so that the
 * program may wait for calls in flight. */
#include <stdio.h>

#include "oslo_world.h"

/* The C library's: fetches the arguments and calls `main`, whichever form it has. */
int __main_void(void);

bool exports_wasi_cli_0_3_0_run_run(void) {
    int code = __main_void();
    /* The host starts a library, at whose end nobody else does this. */
    fflush(NULL);
    return code == 0;
}
