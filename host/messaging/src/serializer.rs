//! What arguments, results and contexts become on their way.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use serde_json::value::RawValue;

use crate::raw::Entries;

/// Converts what a client and its servers say to each other (upstream
/// `oslo_messaging/serializer.py`, `Serializer`). Both ends have to have the same one.
///
/// Everything is one JSON value as text. What is not overridden passes untouched, so that an empty
/// implementation is upstream's `NoOpSerializer`. The context beside an entity is, at a client, the
/// one that its caller gave, and at a server the one that
/// [`deserialize_context`](Self::deserialize_context) made.
///
/// ```
/// use std::borrow::Cow;
///
/// use oslo_messaging::{RpcClient, Serializer, SerializerError, Target, Transport};
/// use serde_json::value::{RawValue, to_raw_value};
///
/// /// Keeps the caller's token to itself.
/// #[derive(Debug)]
/// struct WithoutToken;
///
/// impl Serializer for WithoutToken {
///     fn serialize_context<'a>(
///         &self,
///         context: &'a RawValue,
///     ) -> Result<Cow<'a, RawValue>, SerializerError> {
///         let mut context: serde_json::Map<_, _> = serde_json::from_str(context.get())?;
///         context.remove("auth_token");
///         Ok(Cow::Owned(to_raw_value(&context)?))
///     }
/// }
///
/// let transport = Transport::memory();
/// let client = RpcClient::with_serializer(&transport, Target::topic("compute"), WithoutToken);
/// # drop(client);
/// ```
pub trait Serializer: fmt::Debug + Send + Sync {
    /// What a client's context, a JSON object, is sent as: an object as well.
    ///
    /// # Errors
    ///
    /// When it cannot be converted; nothing is sent.
    fn serialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        Ok(Cow::Borrowed(context))
    }

    /// What a context that a server got, a JSON object, is for its methods: an object as well.
    ///
    /// # Errors
    ///
    /// When it cannot be converted; the caller gets a `ValueError`.
    fn deserialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        Ok(Cow::Borrowed(context))
    }

    /// What one argument, a result or a payload is sent as.
    ///
    /// # Errors
    ///
    /// When it cannot be converted. The call, cast or notification is not sent; the caller of a method
    /// with such a result gets a `ValueError`.
    fn serialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        let _ = context;
        Ok(Cow::Borrowed(entity))
    }

    /// What one argument that a server got, a result that a client got, or a payload that a listener got
    /// is read as.
    ///
    /// # Errors
    ///
    /// When it cannot be converted. An argument's caller gets a `ValueError`, a call with such a
    /// result [`Error::InvalidReply`](crate::Error::InvalidReply), and such a notification counts as one
    /// to requeue.
    fn deserialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        let _ = context;
        Ok(Cow::Borrowed(entity))
    }
}

/// Why a [`Serializer`] cannot convert a value.
pub type SerializerError = Box<dyn StdError + Send + Sync>;

/// For a client and a server to have the same one.
impl<S: Serializer + ?Sized> Serializer for Arc<S> {
    fn serialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        (**self).serialize_context(context)
    }

    fn deserialize_context<'a>(
        &self,
        context: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        (**self).deserialize_context(context)
    }

    fn serialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        (**self).serialize_entity(context, entity)
    }

    fn deserialize_entity<'a>(
        &self,
        context: &RawValue,
        entity: &'a RawValue,
    ) -> Result<Cow<'a, RawValue>, SerializerError> {
        (**self).deserialize_entity(context, entity)
    }
}

/// An object of arguments, each converted by itself; an error names the argument.
pub(crate) fn convert_each<'a>(
    args: &'a RawValue,
    convert: impl Fn(&RawValue) -> Result<Box<RawValue>, SerializerError>,
) -> Result<Box<RawValue>, (Cow<'a, str>, SerializerError)> {
    let unnamed = |error: serde_json::Error| (Cow::Borrowed(""), error.into());
    let mut converted = Entries::default();
    for (name, value) in Entries::read(args).map_err(unnamed)?.0 {
        match convert(&value) {
            Ok(value) => converted.push(name, Cow::Owned(value)),
            Err(error) => return Err((name, error)),
        }
    }
    converted.write().map_err(unnamed)
}
