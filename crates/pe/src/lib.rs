//! Reads programs of Windows and .NET assemblies: version, exports, and what the IL of their methods does, as C# ([`cil`]). Their bytes are the attacker's: every reader here is bounded and takes what is left of a truncated file.
//!
//! ```
//! // A file that ends inside its headers: what was read before the end is kept, and the end is reported.
//! let bytes = b"MZ";
//! let shape = shellsift_pe::shape::read(bytes, bytes.len() as u64).unwrap();
//! assert_eq!(shape.broken.as_deref(), Some("the file ends inside its headers"));
//! assert!(!shellsift_pe::cil::is_assembly(bytes));
//! ```

pub mod bytes;
pub mod cil;
pub mod headers;
pub mod shape;
#[cfg(test)]
pub(crate) mod test_support;
pub mod version;
