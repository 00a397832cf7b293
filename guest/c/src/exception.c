/* Exceptions for callers, which a plugin's methods make in its native tests as well. */
#include <stdlib.h>
#include <string.h>

#include "convert.h"
#include "oslo_messaging_serve.h"

oslo_text oslo_text_copy(oslo_str text) {
    oslo_text copy = {NULL, 0};
    if (text.ptr != NULL) {
        copy.ptr = oslo_allocate(text.len + 1, 1);
        copy.len = text.len;
        memcpy(copy.ptr, text.ptr, text.len);
        if (text.len == 0) {
            /* As every empty text, it is not freed. */
            free(copy.ptr);
            copy.ptr = "";
        }
    }
    return copy;
}

bool oslo_raise(oslo_exception *exception, const char *type_module, const char *type_name,
                oslo_str message) {
    *exception = (oslo_exception){
        .type_module = oslo_text_copy(oslo_str_of(type_module)),
        .type_name = oslo_text_copy(oslo_str_of(type_name)),
        .message = oslo_text_copy(message),
    };
    return false;
}

bool oslo_raise_error(oslo_exception *exception, const oslo_error *error) {
    oslo_str message = oslo_str_of(oslo_error_message(error));
    static const struct {
        oslo_error_kind kind;
        const char *module, *name;
    } KNOWN[] = {
        {OSLO_ERROR_TIMEOUT, "oslo_messaging.exceptions", "MessagingTimeout"},
        {OSLO_ERROR_NO_SUCH_TARGET, "oslo_messaging.exceptions", "MessageUndeliverable"},
        {OSLO_ERROR_DELIVERY_FAILURE, "oslo_messaging.exceptions", "MessageDeliveryFailure"},
        {OSLO_ERROR_INVALID_TARGET, "oslo_messaging.exceptions", "InvalidTarget"},
        {OSLO_ERROR_VERSION_CAP, "oslo_messaging.rpc.client", "RPCVersionCapError"},
    };
    if (error->kind == OSLO_ERROR_REMOTE) {
        const oslo_remote_detail *remote = &error->detail.remote;
        *exception = (oslo_exception){
            .type_module = oslo_text_copy(oslo_text_str(&remote->type_module)),
            .type_name = oslo_text_copy(oslo_text_str(&remote->type_name)),
            .message = oslo_text_copy(oslo_text_str(&error->message)),
            .args = oslo_text_copy(oslo_text_str(&remote->args)),
            .kwargs = oslo_text_copy(oslo_text_str(&remote->kwargs)),
        };
        return false;
    }
    for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++) {
        if (KNOWN[i].kind == error->kind) {
            return oslo_raise(exception, KNOWN[i].module, KNOWN[i].name, message);
        }
    }
    return oslo_raise(exception, "builtins", "RuntimeError", message);
}
