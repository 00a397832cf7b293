//! What goes into the log of texts that others chose: their beginning.

/// As much of a text as the log gets.
pub(crate) fn cut(text: &str) -> &str {
    text.get(..text.floor_char_boundary(MOST))
        .unwrap_or_default()
}

/// As [`cut`], of several texts one after another.
pub(crate) fn cut_all<T: AsRef<str>>(texts: &[T]) -> String {
    let mut all = String::new();
    for text in texts {
        let left = MOST.saturating_sub(all.len());
        let text = text.as_ref();
        all.push_str(
            text.get(..text.floor_char_boundary(left))
                .unwrap_or_default(),
        );
    }
    all
}

const MOST: usize = 16 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept() {
        assert_eq!(cut("short"), "short");
        let long = "\u{e9}".repeat(MOST);
        assert_eq!(cut(&format!("x{long}")).len(), MOST - 1);
        let lines = ["one\n", "two\n", &long, "three"];
        let all = cut_all(&lines);
        assert!(
            all.starts_with("one\ntwo\n\u{e9}") && all.len() == MOST,
            "{}",
            all.len()
        );
    }
}
