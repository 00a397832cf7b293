use serde_json::Value;

use crate::bindings::rpc_client as wit;
use crate::message::Message;
use crate::settings::Settings;

/// One message of [`Client::call_all`](crate::Client::call_all), made by
/// [`Client::request`](crate::Client::request) or [`Prepare::request`](crate::Prepare::request).
#[derive(Debug)]
#[must_use = "nothing is sent until `call_all`"]
pub struct Request {
    settings: Settings,
    method: String,
    message: Message,
}

impl Request {
    pub(crate) fn new(settings: Settings, method: &str, message: Message) -> Self {
        Self {
            settings,
            method: method.to_owned(),
            message,
        }
    }

    /// What the host gets, and the caller's context for reading the reply.
    pub(crate) fn into_parts(self) -> (wit::Request, Option<Value>) {
        let (context, args, caller) = self.message.into_parts();
        let settings = self.settings.into_list();
        (
            wit::Request {
                settings,
                context,
                method: self.method,
                args,
            },
            caller,
        )
    }
}
