//! A plugin that serves a method.

use oslo_messaging_guest::serve::{Endpoint, Exception, Request};
use serde::Deserialize;

#[derive(Deserialize)]
struct Divide {
    a: f64,
    b: f64,
}

fn divide(_: Request, Divide { a, b }: Divide) -> Result<f64, Exception> {
    if b == 0.0 {
        let exception = Exception::new("builtins", "ZeroDivisionError", "division by zero");
        // A matter of course, and no error in the host's log.
        return Err(exception.expected());
    }
    Ok(a / b)
}

fn endpoints() -> Vec<Endpoint> {
    vec![Endpoint::new().version("1.0").method("divide", divide)]
}

oslo_messaging_guest::serve!(endpoints);

#[cfg(test)]
mod tests {
    use oslo_messaging_guest::testing::Server;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_divides() {
        let server = Server::new(endpoints());
        assert_eq!(server.call("divide", &json!({"a": 7, "b": 2})).unwrap(), 3.5);
        let exception = server.call("divide", &json!({"a": 7, "b": 0})).unwrap_err();
        assert_eq!(exception.message(), "division by zero");
    }
}
