//! Versions as the host reads them.

/// Major and minor, if it is a version; a third part says nothing here.
pub(super) fn read(text: &str) -> Option<(u64, u64)> {
    let mut parts = text.split('.');
    let (major, minor, revision) = (parts.next()?, parts.next()?, parts.next());
    let number = |text: &str| {
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        digits.then(|| text.parse().ok())?
    };
    if let Some(revision) = revision {
        number(revision)?;
    }
    if parts.next().is_some() {
        return None;
    }
    Some((number(major)?, number(minor)?))
}

/// Whether a version may be sent under a cap.
pub(super) fn fits(cap: (u64, u64), version: Option<(u64, u64)>) -> bool {
    version.is_some_and(|(major, minor)| major == cap.0 && minor <= cap.1)
}
