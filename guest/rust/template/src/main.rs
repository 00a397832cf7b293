//! A plugin that calls one method. It takes the topic as its argument, `demo` if there is none.

use oslo_messaging_guest::{Client, Error, Target};
use serde_json::json;

fn main() -> Result<(), Error> {
    let topic = std::env::args().nth(1).unwrap_or_else(|| "demo".to_owned());
    let client = Client::open("default", Target::topic(topic).version("1.5"))?;
    let sum: i64 = client.call(&json!({}), "add", &json!({"a": 40, "b": 2}))?;
    println!("40 + 2 = {sum}");
    Ok(())
}
