//! Plugins that are one function.

/// A command whose `run` is this code, which leaves 0 for success or 1.
pub(crate) fn component(imports: &str, code: &str) -> Vec<u8> {
    let text = format!(
        r#"(component
            {imports}
            (core module $m (func (export "run") (result i32) {code}))
            (core instance $i (instantiate $m))
            (func $run (result (result)) (canon lift (core func $i "run")))
            (instance $r (export "run" (func $run)))
            (export "wasi:cli/run@0.2.0" (instance $r)))"#
    );
    wat::parse_str(text).expect("the text is well-formed")
}
