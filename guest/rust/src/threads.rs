//! The threads that a component does not have. Debian's C library for WASI 0.1 says so by lacking
//! the functions, and a plugin with a library that tries for a thread would not link; newer ones
//! have functions that fail, as these do.

#![expect(
    unsafe_code,
    reason = "these names are what the standard library links to"
)]

use std::ffi::{c_int, c_void};

/// `ENOTSUP` of WASI.
const NOT_SUPPORTED: c_int = 58;

#[unsafe(no_mangle)]
extern "C" fn pthread_attr_init(_attributes: *mut c_void) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn pthread_attr_destroy(_attributes: *mut c_void) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn pthread_attr_setstacksize(_attributes: *mut c_void, _size: usize) -> c_int {
    0
}

#[unsafe(no_mangle)]
extern "C" fn pthread_create(
    _thread: *mut c_void,
    _attributes: *const c_void,
    _start: *const c_void,
    _argument: *mut c_void,
) -> c_int {
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
extern "C" fn pthread_detach(_thread: *mut c_void) -> c_int {
    NOT_SUPPORTED
}

#[unsafe(no_mangle)]
extern "C" fn pthread_join(_thread: *mut c_void, _result: *mut *mut c_void) -> c_int {
    NOT_SUPPORTED
}
