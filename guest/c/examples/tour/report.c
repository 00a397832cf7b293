#include "report.h"

#include <stdarg.h>
#include <stdio.h>

static int steps, surprises;

void done(const char *what, const char *tried, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    printf("%2d. %-16s %s  ->  ", ++steps, what, tried);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

void failed(const char *what, const char *tried, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    surprises++;
    printf("%2d. %-16s %s  ->  UNEXPECTED: ", ++steps, what, tried);
    vprintf(format, arguments);
    printf("\n");
    va_end(arguments);
}

void failed_with(const char *what, const char *tried, oslo_error *error) {
    char text[512];
    oslo_error_describe(error, text, sizeof text);
    failed(what, tried, "%s", error->kind == OSLO_OK ? "it succeeded" : text);
    oslo_error_free(error);
}

const char *fate(const oslo_error *error) {
    switch (error->outcome) {
    case OSLO_EXECUTED:
        return "it was executed";
    case OSLO_NOT_EXECUTED:
        return "nothing was executed";
    default:
        return "it may have been executed";
    }
}

int finish(void) {
    if (surprises == 0) {
        printf("\nAll %d steps did what they should.\n", steps);
        return 0;
    }
    printf("\n%d of %d steps did not do what they should.\n", surprises, steps);
    return 1;
}
