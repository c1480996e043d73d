//! What programs say of themselves: version, exports, and by whom they are signed. Their bytes are the attacker's: every reader
//! here is bounded and takes what is left of a truncated file.

pub mod authenticode;
pub mod cil;
mod der;
mod headers;
mod rsa_signature;
pub mod shape;
pub mod strong_name;
#[cfg(test)]
pub(crate) mod test_support;
pub mod version;

use crate as pe;
