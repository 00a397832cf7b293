/* NAME: serves a method. */
#include <stdio.h>

#include <oslo_messaging_serve.h>
#include <yyjson.h>

static bool divide(const oslo_served *request, oslo_text *result, oslo_exception *exception) {
    yyjson_doc *args = yyjson_read(request->args.ptr, request->args.len, 0);
    yyjson_val *a = yyjson_obj_get(yyjson_doc_get_root(args), "a");
    yyjson_val *b = yyjson_obj_get(yyjson_doc_get_root(args), "b");
    bool are_numbers = yyjson_is_num(a) && yyjson_is_num(b);
    double dividend = yyjson_get_num(a), divisor = yyjson_get_num(b);
    yyjson_doc_free(args);
    if (!are_numbers) {
        return oslo_raise(exception, "builtins", "TypeError", OSLO_STR("a and b are numbers"));
    }
    if (divisor == 0) {
        oslo_raise(exception, "builtins", "ZeroDivisionError", OSLO_STR("division by zero"));
        /* A matter of course, and no error in the host's log. */
        exception->expected = true;
        return false;
    }
    char quotient[32];
    int len = snprintf(quotient, sizeof quotient, "%.17g", dividend / divisor);
    *result = oslo_text_copy((oslo_str){quotient, (size_t)len});
    return true;
}

static const oslo_method methods[] = {{"divide", divide}};
const oslo_endpoint oslo_endpoints[] = {{.version = "1.0", OSLO_METHODS(methods)}};
const size_t oslo_endpoint_count = 1;
