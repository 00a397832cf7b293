//! Bodies that a peer has compressed (dossier §3.2). What oslo.messaging calls gzip is a zlib
//! stream.

use std::borrow::Cow;
use std::io::Read;
#[cfg(feature = "rabbit")]
use std::io::Write;

use super::envelope::Malformed;

/// How bodies are compressed (option `kombu_compression`).
#[cfg(feature = "rabbit")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// bzip2.
    Bzip2,
    /// What oslo.messaging calls `gzip`.
    Gzip,
}

#[cfg(feature = "rabbit")]
impl Compression {
    /// What the header `compression` says.
    pub(crate) const fn header(self) -> &'static str {
        match self {
            Self::Bzip2 => BZIP2,
            Self::Gzip => GZIP,
        }
    }

    pub(crate) fn compress(self, body: &[u8]) -> Vec<u8> {
        let compressed = match self {
            Self::Bzip2 => {
                let mut encoder =
                    bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
                encoder.write_all(body).and_then(|()| encoder.finish())
            }
            Self::Gzip => {
                let mut encoder =
                    flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
                encoder.write_all(body).and_then(|()| encoder.finish())
            }
        };
        // Writing into a vector cannot fail.
        compressed.unwrap_or_default()
    }
}

/// The body as it was before it was compressed with this method, the header `compression`.
pub(crate) fn decompress<'a>(
    compression: Option<&str>,
    body: &'a [u8],
) -> Result<Cow<'a, [u8]>, Malformed> {
    match compression {
        None => Ok(Cow::Borrowed(body)),
        Some(GZIP) => read(flate2::read::ZlibDecoder::new(body)),
        Some(BZIP2) => read(bzip2::read::BzDecoder::new(body)),
        Some(_) => Err(Malformed("the body is compressed with an unknown method")),
    }
}

fn read<'a>(decoder: impl Read) -> Result<Cow<'a, [u8]>, Malformed> {
    let mut body = Vec::new();
    match decoder.take(LARGEST + 1).read_to_end(&mut body) {
        Ok(length) if length as u64 > LARGEST => Err(Malformed(
            "the body is larger than 128 MiB when decompressed",
        )),
        Ok(_) => Ok(Cow::Owned(body)),
        Err(_) => Err(Malformed("the body cannot be decompressed")),
    }
}

const BZIP2: &str = "application/x-bz2";
const GZIP: &str = "application/x-gzip";
/// RabbitMQ's own limit for a message (its `max_message_size`): more can only be a trap.
const LARGEST: u64 = 128 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn a_small_body_that_grows_without_end_is_refused() {
        let mut bomb = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        for _ in 0..129 {
            bomb.write_all(&vec![0; 1024 * 1024]).unwrap();
        }
        let bomb = bomb.finish().unwrap();
        assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
        let error = decompress(Some("application/x-gzip"), &bomb).unwrap_err();
        assert!(error.to_string().contains("larger"), "{error}");
    }

    #[cfg(feature = "rabbit")]
    #[test]
    fn what_is_compressed_is_decompressed() {
        for (compression, magic) in [(Compression::Gzip, b"\x78"), (Compression::Bzip2, b"B")] {
            for body in [&b""[..], b"x", &[b'a'; 100_000]] {
                let compressed = compression.compress(body);
                assert!(compressed.starts_with(magic), "{compression:?}");
                assert!(compressed.len() < 1000, "{}", compressed.len());
                let found = decompress(Some(compression.header()), &compressed).unwrap();
                assert_eq!(*found, *body, "{compression:?}");
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        assert_eq!(*decompress(None, b"x").unwrap(), *b"x");
        decompress(Some("application/x-gzip"), b"nonsense").unwrap_err();
        decompress(Some("application/x-bz2"), b"nonsense").unwrap_err();
        decompress(Some("application/x-lzma"), b"").unwrap_err();
    }
}
