//! Where compiled plugins are kept from one run to the next.

use std::sync::Arc;

use oslo_messaging_plugins::{Functions, Kept};
use wasmtime::{Cache, CacheConfig};

use crate::args::CacheArgs;
use crate::failure::{Exit, Failure};

/// Opens the cache.
pub(crate) fn open(args: &CacheArgs) -> Result<Kept, Failure> {
    if let Some(folder) = &args.cache {
        return Kept::in_folder(folder).map_err(|error| unusable(args, &error));
    }
    let components = Cache::new(CacheConfig::new()).map_err(|error| unusable(args, &error))?;
    // Not in one with others: wasmtime removes what it does not know.
    let functions = components
        .directory()
        .with_file_name("oslo-plugin/functions");
    let functions = Functions::in_folder(functions, Functions::LIMIT);
    Ok(Kept {
        functions: Some(Arc::new(functions)),
        components: Some(components),
    })
}

/// Opens the cache, where it was named or the user has a place for one: being without costs a user
/// who has no home only time.
pub(crate) fn open_if_there(args: &CacheArgs, no_cache: bool) -> Result<Kept, Failure> {
    if no_cache {
        return Ok(Kept::default());
    }
    match open(args) {
        Ok(kept) => Ok(kept),
        Err(failure) if args.cache.is_some() => Err(failure),
        Err(failure) => {
            tracing::warn!("compiled plugins are not kept: {}", failure.message);
            Ok(Kept::default())
        }
    }
}

fn unusable(args: &CacheArgs, error: &wasmtime::Error) -> Failure {
    match &args.cache {
        Some(folder) => Failure::new(
            Exit::InvalidArgument,
            format!("the cache {} cannot be used: {error:#}", folder.display()),
        ),
        None => Failure::new(
            Exit::InvalidArgument,
            format!("there is no folder for compiled plugins: {error:#}"),
        )
        .remedy("name one with --cache"),
    }
}
