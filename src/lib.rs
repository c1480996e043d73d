//! Finds webshells on Microsoft Exchange and IIS servers, live or on a mounted image; offline and read-only.
//!
//! The way of a file: [`evidence`] says where it comes from, [`targets`] which folders matter, [`scan`] walks, reads and
//! hashes, [`decode`] undoes encodings, [`detect`] runs the checks (with [`code`], which reads server-side code, and [`catalogue`],
//! which holds what is known), [`verdict`] scores, [`report`] writes the results. [`run`] ties them together for the command line.
//!
//! Another program needs [`Scanner`] alone. One buffer:
//!
//! ```
//! # fn main() -> Result<(), shellsift::error::Error> {
//! let scanner = shellsift::Scanner::new()?;
//! let page = b"<%@ Page Language=\"C#\" %><% System.Diagnostics.Process.Start(\"cmd.exe\", Request[\"inert\"]); %>";
//! let scan = scanner.buffer("x.aspx", page);
//! for finding in &scan.findings {
//!     println!("{:?} {} {}", finding.level, finding.artefact.path, finding.reasons[0].title);
//! }
//! assert_eq!(scan.findings.len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! One folder, as a mounted image or a copy of a server:
//!
//! ```
//! # fn main() -> Result<(), shellsift::error::Error> {
//! let scanner = shellsift::Scanner::new()?;
//! let scan = scanner.folder(std::path::Path::new("fixtures/logs"))?;
//! for finding in &scan.findings {
//!     println!("{:?} {} {}", finding.level, finding.artefact.path, finding.reasons[0].title);
//! }
//! // What could not be examined is a problem; everything else was examined.
//! println!("{} files examined, {} problems", scan.coverage.examined, scan.problems.len());
//! # Ok(())
//! # }
//! ```

pub mod catalogue;
pub mod checks;
pub mod cli;
pub mod detect;
pub mod error;
pub mod health;
pub mod host;
pub mod inputs;
pub mod logs;
pub mod progress;
pub mod run;
pub mod scan;
pub mod scanner;
pub mod settings;
pub mod targets;
pub mod verdict;

pub use scanner::Scanner;

pub use shellsift_code as code;
pub use shellsift_code::decode;
pub use shellsift_evidence as evidence;
pub use shellsift_evidence::watch;
pub use shellsift_iis as config;
pub use shellsift_model as model;
pub use shellsift_pe as pe;
pub use shellsift_report as report;
pub use shellsift_response as response;
pub use shellsift_signing as signing;
#[cfg(test)]
#[path = "../crates/pe/src/test_support.rs"]
pub(crate) mod pe_test_support;
