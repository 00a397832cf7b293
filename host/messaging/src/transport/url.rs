/// x
#[derive(Debug)]
pub struct TransportUrl;
/// x
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct UrlError;
