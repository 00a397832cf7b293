/// How bodies are compressed (option `kombu_compression`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// bzip2.
    Bzip2,
    /// What oslo.messaging calls `gzip`: a zlib stream.
    Gzip,
}
