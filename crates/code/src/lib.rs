//! Reads server-side code (ASP.NET, classic ASP, PHP, JSP): what encodings lie over it ([`decode`]), what a page is made of
//! ([`structure`]), and what its code does ([`reading`]). Nothing of it is ever run; every reader is bounded in time and memory.
//!
//! ```
//! use shellsift_code::reading::{Budget, read};
//!
//! let page = br#"<%@ Page Language="C#" %><% System.Diagnostics.Process.Start(Request["inert"]); %>"#;
//! let reading = read(page, "x.aspx", Budget::default());
//! let event = &reading.flow.events[0];
//! assert_eq!(reading.callee(event), b"start");
//! ```

pub mod api_model;
mod blank;
pub mod client;
pub mod context;
pub mod decode;
pub mod evaluate;
pub mod flow;
pub mod lex;
pub mod page;
pub mod parse;
pub mod reading;
pub mod structure;
pub mod token;
pub mod tree;

use crate as code;
use shellsift_model as model;
