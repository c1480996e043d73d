//! Whether the signature of a Windows executable or a .NET assembly holds, and whose it is: [`authenticode`], [`strong_name`]. Offline:
//! whom to trust is what the caller knows. A crate of its own, because the arithmetic of RSA takes longer to build than all of
//! `shellsift-pe`, and reading code needs none of it.
//!
//! ```
//! // Nothing is vouched for without a signature.
//! let verified = shellsift_signing::authenticode::verify(b"MZ", |_| true);
//! assert_eq!(verified, Err("the file ends inside its headers"));
//! ```

pub mod authenticode;
mod der;
mod rsa_signature;
pub mod strong_name;

// The fixtures and their keys are those that the tests of the program take, too.
#[cfg(test)]
#[path = "../../pe/src/test_support.rs"]
pub(crate) mod test_support;
