/// x
#[derive(Debug)]
pub struct TransportUrl;
/// x
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct UrlError;

impl std::str::FromStr for TransportUrl {
    type Err = UrlError;
    fn from_str(_: &str) -> Result<Self, UrlError> {
        Ok(Self)
    }
}
