//! Reads programs of Windows and .NET assemblies: version, exports, by whom they are signed, and what the IL of their methods does, as
//! C# ([`cil`]). Their bytes are the attacker's: every reader here is bounded and takes what is left of a truncated file.
//!
//! ```
//! // A file that ends inside its headers: what was read before the end is kept, and the end is reported.
//! let bytes = b"MZ";
//! let shape = shellsift_pe::shape::read(bytes, bytes.len() as u64).unwrap();
//! assert_eq!(shape.broken.as_deref(), Some("the file ends inside its headers"));
//! assert!(!shellsift_pe::cil::is_assembly(bytes));
//! ```

pub mod authenticode;
mod bytes;
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
