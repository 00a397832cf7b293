#include <stdlib.h>

#include "convert.h"

void *oslo_allocate(size_t count, size_t size) {
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL) {
        abort();
    }
    return memory;
}

/* What an empty text points to; it is not freed. */
static char EMPTY[1];

void oslo_text_free(oslo_text *text) {
    if (text == NULL) {
        return;
    }
    if (text->len > 0) {
        free(text->ptr);
    }
    text->ptr = NULL;
    text->len = 0;
}

void oslo_texts_free(oslo_texts *texts) {
    if (texts == NULL) {
        return;
    }
    for (size_t i = 0; i < texts->count; i++) {
        oslo_text_free(&texts->ptr[i]);
    }
    free(texts->ptr);
    texts->ptr = NULL;
    texts->count = 0;
}

oslo_text oslo_take_text(oslo_raw_text text) {
    /* The host allocates nothing for an empty text. */
    oslo_text taken = {text.len == 0 ? EMPTY : (char *)text.ptr, text.len};
    return taken;
}

oslo_text oslo_take_if(bool is_some, oslo_raw_text text) {
    oslo_text none = {NULL, 0};
    return is_some ? oslo_take_text(text) : none;
}

oslo_text oslo_take_optional(oslo_world_option_string_t text) {
    return oslo_take_if(text.is_some, text.val);
}

oslo_texts oslo_take_texts(oslo_raw_text *texts, size_t count) {
    oslo_texts taken = {NULL, 0};
    if (count > 0) {
        taken.ptr = oslo_allocate(count, sizeof *taken.ptr);
        taken.count = count;
        for (size_t i = 0; i < count; i++) {
            taken.ptr[i] = oslo_take_text(texts[i]);
        }
        free(texts);
    }
    return taken;
}

/* The length of the UTF-8 character at the start of a text that is not empty; 0 if there is none.
 * Neither overlong forms nor surrogates nor what is beyond U+10FFFF. */
static size_t character(const unsigned char *at, size_t left) {
    static const struct {
        unsigned char first, last, low, high;
        size_t len;
    } FORMS[] = {
        {0x00, 0x7f, 0x80, 0xbf, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
        {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
        {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
    };
    for (size_t i = 0; i < sizeof FORMS / sizeof *FORMS; i++) {
        if (at[0] < FORMS[i].first || at[0] > FORMS[i].last) {
            continue;
        }
        if (FORMS[i].len > left) {
            return 0;
        }
        if (FORMS[i].len > 1 && (at[1] < FORMS[i].low || at[1] > FORMS[i].high)) {
            return 0;
        }
        for (size_t k = 2; k < FORMS[i].len; k++) {
            if (at[k] < 0x80 || at[k] > 0xbf) {
                return 0;
            }
        }
        return FORMS[i].len;
    }
    return 0;
}

bool oslo_is_utf8(oslo_str text) {
    for (size_t at = 0; at < text.len;) {
        size_t len = character((const unsigned char *)text.ptr + at, text.len - at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

void oslo_make_utf8(oslo_text *text) {
    for (size_t at = 0; at < text->len;) {
        size_t len = character((const unsigned char *)text->ptr + at, text->len - at);
        if (len == 0) {
            text->ptr[at] = '?';
            len = 1;
        }
        at += len;
    }
}

bool oslo_lend_text(oslo_str text, const char *argument, oslo_raw_text *raw, oslo_error *error) {
    if (text.ptr == NULL) {
        return oslo_refuse(argument, "is missing: its text is NULL", error);
    }
    if (!oslo_is_utf8(text)) {
        return oslo_refuse(argument, "is not UTF-8", error);
    }
    raw->ptr = (uint8_t *)text.ptr;
    raw->len = text.len;
    return true;
}

bool oslo_lend_optional(oslo_str text, const char *argument, oslo_world_option_string_t *raw,
                        oslo_error *error) {
    raw->is_some = text.ptr != NULL;
    return !raw->is_some || oslo_lend_text(text, argument, &raw->val, error);
}

bool oslo_lend_message(oslo_str context, oslo_str method, oslo_str args, oslo_raw_message *raw,
                       oslo_error *error) {
    oslo_str nothing = OSLO_STR("{}");
    return oslo_lend_text(context.ptr == NULL ? nothing : context, "context", &raw->context,
                          error) &&
           oslo_lend_text(method, "method", &raw->method, error) &&
           oslo_lend_text(args.ptr == NULL ? nothing : args, "args", &raw->args, error);
}
