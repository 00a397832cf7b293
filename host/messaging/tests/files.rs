//! Configuration files and transport URLs as oslo.config and oslo.messaging read them: the real
//! libraries read the very same ones in the same run.

#[path = "files/documented.rs"]
mod documented;
#[path = "files/names.rs"]
mod names;
#[path = "files/reading.rs"]
mod reading;
#[path = "files/upstream.rs"]
mod upstream;
#[path = "files/urls.rs"]
mod urls;
