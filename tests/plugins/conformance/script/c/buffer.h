/* A text that grows. */
#ifndef BUFFER_H
#define BUFFER_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef struct buffer {
    char *ptr;
    size_t len, room;
} buffer;

static inline void put_n(buffer *to, const char *text, size_t len) {
    if (to->len + len > to->room) {
        to->room = (to->len + len) * 2;
        to->ptr = realloc(to->ptr, to->room);
        if (to->ptr == NULL) {
            abort();
        }
    }
    if (len > 0) {
        memcpy(to->ptr + to->len, text, len);
        to->len += len;
    }
}

static inline void put(buffer *to, const char *text) {
    put_n(to, text, strlen(text));
}

static inline void put_number(buffer *to, uint64_t number) {
    char digits[20];
    size_t at = sizeof digits;
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    put_n(to, digits + at, sizeof digits - at);
}

/* As a JSON string. */
static inline void put_quoted(buffer *to, const char *text, size_t len) {
    static const char HEX[] = "0123456789abcdef";
    put(to, "\"");
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            put(to, "\\");
            put_n(to, text + i, 1);
        } else if (c < 0x20) {
            char escape[] = {'\\', 'u', '0', '0', HEX[c >> 4], HEX[c & 15]};
            put_n(to, escape, sizeof escape);
        } else {
            put_n(to, text + i, 1);
        }
    }
    put(to, "\"");
}

#endif
