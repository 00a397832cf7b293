#include <stddef.h>
#include <stdlib.h>

void *cabi_realloc(void *ptr, size_t old_size, size_t align, size_t new_size);

/* How the host gets memory for what it gives us. One byte more than it asked for, which is the NUL
 * of every text, so that no text is copied to get one. */
__attribute__((__export_name__("cabi_realloc"))) void *cabi_realloc(void *ptr, size_t old_size,
                                                                    size_t align, size_t new_size) {
    (void)old_size;
    if (new_size == 0) {
        return (void *)align;
    }
    char *memory = realloc(ptr, new_size + 1);
    if (memory == NULL) {
        abort();
    }
    memory[new_size] = '\0';
    return memory;
}
