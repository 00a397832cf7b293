//! Where compiled plugins are kept from one run to the next.

use wasmtime::{Cache, CacheConfig};

use crate::args::CacheArgs;
use crate::failure::{Exit, Failure};

/// Opens the cache.
pub(crate) fn open(args: &CacheArgs) -> Result<Cache, Failure> {
    let mut config = CacheConfig::new();
    if let Some(folder) = &args.cache {
        let folder = std::path::absolute(folder).map_err(|error| unusable(args, &error))?;
        config.with_directory(folder);
    }
    Cache::new(config).map_err(|error| unusable(args, &format_args!("{error:#}")))
}

/// Opens the cache, where it was named or the user has a place for one: being without costs a user
/// who has no home only time.
pub(crate) fn open_if_there(args: &CacheArgs) -> Result<Option<Cache>, Failure> {
    match open(args) {
        Ok(cache) => Ok(Some(cache)),
        Err(failure) if args.cache.is_some() => Err(failure),
        Err(failure) => {
            tracing::warn!("compiled plugins are not kept: {}", failure.message);
            Ok(None)
        }
    }
}

fn unusable(args: &CacheArgs, error: &dyn std::fmt::Display) -> Failure {
    match &args.cache {
        Some(folder) => Failure::new(
            Exit::InvalidArgument,
            format!("the cache {} cannot be used: {error}", folder.display()),
        ),
        None => Failure::new(
            Exit::InvalidArgument,
            format!("there is no folder for compiled plugins: {error}"),
        )
        .remedy("name one with --cache"),
    }
}
