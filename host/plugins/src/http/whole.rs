//! A body in one piece: one that comes in crumbs takes no more room than another.

use std::error::Error;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Body;

/// The whole of it, unless it has more than so many bytes. Its trailers are left out.
///
/// # Errors
/// [`LengthLimitError`](http_body_util::LengthLimitError) of what has more, and the body's own.
pub(crate) async fn whole<B>(body: B, most: usize) -> Result<Bytes, Box<dyn Error + Send + Sync>>
where
    B: Body<Data = Bytes>,
    B::Error: Into<Box<dyn Error + Send + Sync>>,
{
    let mut body = pin!(Limited::new(body, most));
    let mut whole = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(data) = frame?.into_data() {
            whole.extend_from_slice(&data);
        }
    }
    Ok(whole.freeze())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures_util::stream;
    use http_body_util::{LengthLimitError, StreamBody};
    use hyper::body::Frame;

    use super::*;

    #[tokio::test]
    async fn crumbs_become_one_piece() {
        let crumbs = |count: usize| {
            let frame = || Ok::<_, Infallible>(Frame::data(Bytes::from_static(b"x")));
            StreamBody::new(stream::iter((0..count).map(move |_| frame())))
        };
        let body = whole(crumbs(10_000), 10_000).await.unwrap();
        assert_eq!(body, "x".repeat(10_000));
        let error = whole(crumbs(10_001), 10_000).await.unwrap_err();
        assert!(error.is::<LengthLimitError>(), "{error}");
    }
}
