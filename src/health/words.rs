//! Names of the tables, for people.

/// `Exchange2019` in words.
pub(super) fn product_words(product: &str) -> String {
    match product.strip_prefix("Exchange") {
        Some(version) if !version.is_empty() => format!("Exchange Server {}", version.trim()),
        _ => product.to_owned(),
    }
}
