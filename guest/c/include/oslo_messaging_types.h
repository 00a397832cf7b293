/*
 * Texts and targets: what the other headers of the SDK are made of.
 *
 * Who owns what: an `oslo_str` is borrowed. It is read during the function that takes it and never
 * kept, so that it may live on the stack. An `oslo_text` is owned by whoever has it, and is freed
 * with `oslo_text_free`. Nothing else in this file owns memory.
 *
 * When memory is exhausted the plugin ends with `abort`, as every component does.
 */
#ifndef OSLO_MESSAGING_SDK_TYPES_H
#define OSLO_MESSAGING_SDK_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of the SDK, which is that of the WIT package it speaks. */
#define OSLO_MESSAGING_VERSION_MAJOR 0
#define OSLO_MESSAGING_VERSION_MINOR 1
#define OSLO_MESSAGING_VERSION_PATCH 0
#define OSLO_MESSAGING_VERSION "0.1.0"

/* A borrowed text in UTF-8, not necessarily with a NUL at its end. `ptr` is NULL when there is
 * none, which is not the same as an empty one. */
typedef struct oslo_str {
    const char *ptr;
    size_t len;
} oslo_str;

/* A borrowed text of a literal. */
#ifdef __cplusplus
#define OSLO_STR(literal) (::oslo_str{"" literal, sizeof(literal) - 1})
#else
#define OSLO_STR(literal) ((oslo_str){"" literal, sizeof(literal) - 1})
#endif

/* A borrowed text of a C string; none for NULL. */
static inline oslo_str oslo_str_of(const char *text) {
    oslo_str result = {text, text == NULL ? 0 : strlen(text)};
    return result;
}

/* No text. */
static inline oslo_str oslo_str_none(void) {
    oslo_str result = {NULL, 0};
    return result;
}

/* An owned text in UTF-8. There is a NUL after its last byte, which `len` does not count. `ptr` is
 * NULL when there is none. */
typedef struct oslo_text {
    char *ptr;
    size_t len;
} oslo_text;

/* Frees a text and leaves none in its place. NULL and none are fine. */
void oslo_text_free(oslo_text *text);

/* Borrows a text. It is valid for as long as the text is. */
static inline oslo_str oslo_text_str(const oslo_text *text) {
    oslo_str result = {text->ptr, text->len};
    return result;
}

/* Several owned texts; `ptr` is NULL when there are none. */
typedef struct oslo_texts {
    oslo_text *ptr;
    size_t count;
} oslo_texts;

/* Frees texts and leaves none in their place. NULL and none are fine. */
void oslo_texts_free(oslo_texts *texts);

/* Where a message goes. What is left out of an initialiser is not set; a message needs a topic
 * when it is sent.
 *
 *     oslo_target target = {.topic = OSLO_STR("compute"), .version = OSLO_STR("2.5")};
 */
typedef struct oslo_target {
    oslo_str exchange;       /* none: the transport's default, `openstack` unless the operator set
                              * another; a fanout cast ignores it */
    oslo_str topic;          /* the name of the service */
    oslo_str namespace_name; /* of the methods; none: the unnamed one */
    oslo_str version;        /* `major.minor`; none: servers take it for 1.0 */
    oslo_str server;         /* one server of the topic; none: any of them */
    bool fanout;             /* every server of the topic; only for casts */
} oslo_target;

/* Lengths of time are nanoseconds. */
#define OSLO_MILLISECONDS(n) ((uint64_t)(n) * 1000000u)
#define OSLO_SECONDS(n) ((uint64_t)(n) * 1000000000u)

#ifdef __cplusplus
}
#endif

#endif
