//! What programs say of themselves: version, signature, exports. Their bytes are the attacker's: every reader here is bounded
//! and takes what is left of a truncated file.

pub mod shape;
#[cfg(test)]
pub(crate) mod test_support;
pub mod version;
