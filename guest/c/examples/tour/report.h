/* Prints what happened, and remembers whether anything was not as it should be. */
#ifndef REPORT_H
#define REPORT_H

#include <oslo_messaging.h>

/* A step that did what it should; `format` and the rest say what came, as with `printf`. */
__attribute__((format(printf, 3, 4))) void done(const char *what, const char *tried,
                                                const char *format, ...);

/* A step that did not. */
__attribute__((format(printf, 3, 4))) void failed(const char *what, const char *tried,
                                                  const char *format, ...);

/* A step that did not, because of this error; frees it. */
void failed_with(const char *what, const char *tried, oslo_error *error);

/* What an error says about the method; a text that is never freed. */
const char *fate(const oslo_error *error);

/* The last lines; the program's exit code. */
int finish(void);

#endif
