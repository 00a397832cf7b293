//! Bodies that a peer has compressed. What oslo.messaging calls gzip is a zlib
//! stream.

use std::borrow::Cow;
use std::io::Read;
#[cfg(feature = "rabbit")]
use std::io::Write;

use super::envelope::Malformed;
#[cfg(feature = "rabbit")]
use crate::config::Compression;

/// What the header `compression` says of a message that is compressed so.
#[cfg(feature = "rabbit")]
pub(crate) const fn compression_header(compression: Compression) -> &'static str {
    match compression {
        Compression::Bzip2 => BZIP2,
        Compression::Gzip => GZIP,
    }
}

#[cfg(feature = "rabbit")]
pub(crate) fn compress(compression: Compression, body: &[u8]) -> Vec<u8> {
    let compressed = match compression {
        Compression::Bzip2 => {
            let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
        Compression::Gzip => {
            let mut encoder =
                flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(body).and_then(|()| encoder.finish())
        }
    };
    // Writing into a vector cannot fail.
    compressed.unwrap_or_default()
}

/// The body as it was before it was compressed with this method, the header `compression`, if it had
/// at most so many bytes.
pub(crate) fn decompress<'a>(
    compression: Option<&str>,
    body: &'a [u8],
    most: usize,
) -> Result<Cow<'a, [u8]>, Malformed> {
    match begin_decompressing(compression, body, most)? {
        Decompressed::Whole(body) => Ok(body),
        Decompressed::Beginning(_) => Err(Malformed::TOO_LARGE),
    }
}

/// As [`decompress`], with the beginning of a body that is larger.
pub(crate) fn begin_decompressing<'a>(
    compression: Option<&str>,
    body: &'a [u8],
    most: usize,
) -> Result<Decompressed<'a>, Malformed> {
    match compression {
        None => Ok(Decompressed::Whole(Cow::Borrowed(body))),
        Some(GZIP) => read(flate2::read::ZlibDecoder::new(body), most),
        Some(BZIP2) => read(bzip2::read::BzDecoder::new(body), most),
        Some(_) => Err(Malformed("the body is compressed with an unknown method")),
    }
}

/// What comes out of a compressed body.
pub(crate) enum Decompressed<'a> {
    /// There is more.
    Beginning(Vec<u8>),
    Whole(Cow<'a, [u8]>),
}

fn read<'a>(decoder: impl Read, most: usize) -> Result<Decompressed<'a>, Malformed> {
    let mut body = Vec::new();
    let limit = (most as u64).saturating_add(1);
    match decoder.take(limit).read_to_end(&mut body) {
        Ok(length) if length > most => Ok(Decompressed::Beginning(body)),
        Ok(_) => Ok(Decompressed::Whole(Cow::Owned(body))),
        Err(_) => Err(Malformed("the body cannot be decompressed")),
    }
}

const BZIP2: &str = "application/x-bz2";
const GZIP: &str = "application/x-gzip";
/// The most that a server decompresses: RabbitMQ 3's own limit for a message. More can only be a trap.
pub(crate) const LARGEST: usize = 128 * 1024 * 1024;

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
        let error = decompress(Some("application/x-gzip"), &bomb, LARGEST).unwrap_err();
        assert!(error.to_string().contains("too large"), "{error}");
    }

    #[cfg(feature = "rabbit")]
    #[test]
    fn what_is_compressed_is_decompressed() {
        for (compression, magic) in [(Compression::Gzip, b"\x78"), (Compression::Bzip2, b"B")] {
            for body in [&b""[..], b"x", &[b'a'; 100_000]] {
                let compressed = compress(compression, body);
                assert!(compressed.starts_with(magic), "{compression:?}");
                assert!(compressed.len() < 1000, "{}", compressed.len());
                let header = Some(compression_header(compression));
                let found = decompress(header, &compressed, LARGEST).unwrap();
                assert_eq!(*found, *body, "{compression:?}");
            }
        }
    }

    #[test]
    fn nonsense_is_refused() {
        let decompress = |compression, body| decompress(compression, body, LARGEST);
        assert_eq!(*decompress(None, b"x").unwrap(), *b"x");
        decompress(Some("application/x-gzip"), b"nonsense").unwrap_err();
        decompress(Some("application/x-bz2"), b"nonsense").unwrap_err();
        decompress(Some("application/x-lzma"), b"").unwrap_err();
    }
}
