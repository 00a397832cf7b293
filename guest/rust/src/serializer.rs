use std::error::Error as StdError;

use serde_json::Value;

/// Converts what goes to servers and comes from them, as upstream's `Serializer` does.
///
/// A service with objects of its own (OpenStack's versioned objects, for example) gives its clients
/// a serializer that turns an entity into what its peers expect, and back. Each argument is one
/// entity and so is the result. The context that the entity functions get is the caller's own, not
/// the one that [`serialize_context`](Self::serialize_context) made of it.
///
/// Every function gives back what it got unless it is written otherwise.
///
/// ```
/// use oslo_messaging_guest::{BoxError, Serializer};
/// use serde_json::{Value, json};
///
/// /// Wraps every argument with the name of the service, and unwraps the result.
/// #[derive(Clone)]
/// struct Wrapped;
///
/// impl Serializer for Wrapped {
///     fn serialize_entity(&self, _context: &Value, entity: Value) -> Result<Value, BoxError> {
///         Ok(json!({ "service": "compute", "data": entity }))
///     }
///
///     fn deserialize_entity(&self, _context: &Value, mut entity: Value) -> Result<Value, BoxError> {
///         entity.get_mut("data").map(Value::take).ok_or_else(|| "a result without `data`".into())
///     }
/// }
/// ```
pub trait Serializer {
    /// Whether the functions change nothing, so that arguments and results need not pass through
    /// [`Value`]. Only a serializer that overrides none of them may say so.
    const UNCHANGED: bool = false;

    /// What is sent for one argument.
    ///
    /// # Errors
    /// What a caller then finds in [`Error::Serialize`](crate::Error::Serialize).
    fn serialize_entity(&self, context: &Value, entity: Value) -> Result<Value, BoxError> {
        let _ = context;
        Ok(entity)
    }

    /// What a caller gets for a result that came.
    ///
    /// # Errors
    /// What a caller then finds in [`Error::UnexpectedReply`](crate::Error::UnexpectedReply).
    fn deserialize_entity(&self, context: &Value, entity: Value) -> Result<Value, BoxError> {
        let _ = context;
        Ok(entity)
    }

    /// What is sent for the context.
    ///
    /// # Errors
    /// What a caller then finds in [`Error::Serialize`](crate::Error::Serialize).
    fn serialize_context(&self, context: Value) -> Result<Value, BoxError> {
        Ok(context)
    }
}

/// The serializer of a client that was given none: what `serde` makes of a value is what is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Plain;

impl Serializer for Plain {
    const UNCHANGED: bool = true;
}

/// Whatever a [`Serializer`] has to complain about.
pub type BoxError = Box<dyn StdError + Send + Sync>;
