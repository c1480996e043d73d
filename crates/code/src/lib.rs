//! Reads server-side code: what a page is made of, and what its code does.

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
