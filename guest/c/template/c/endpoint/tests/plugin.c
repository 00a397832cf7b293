/* Tests of NAME, without a component: a method is a plain function. */
#include <assert.h>
#include <string.h>

#include <oslo_messaging_serve.h>

int main(void) {
    const oslo_method *divide = &oslo_endpoints[0].methods[0];
    oslo_served request = {.args = OSLO_STR("{\"a\": 7, \"b\": 2}"), .context = OSLO_STR("{}")};
    oslo_text result = {0};
    oslo_exception exception = {0};

    assert(strcmp(divide->name, "divide") == 0);
    assert(divide->run(&request, &result, &exception));
    assert(strcmp(result.ptr, "3.5") == 0);
    oslo_text_free(&result);

    request.args = OSLO_STR("{\"a\": 7, \"b\": 0}");
    assert(!divide->run(&request, &result, &exception));
    assert(strcmp(exception.type_name.ptr, "ZeroDivisionError") == 0);
    return 0;
}
