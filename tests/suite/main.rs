//! The tests that run the program, or the library as a whole; one file per subject.
#![allow(clippy::unwrap_used)] // a test that panics has failed
#![allow(clippy::print_stdout)] // a test that was not tried says so

mod adversarial;
mod architecture;
mod bad_input;
mod baseline;
mod behaviours;
mod catalogue;
mod check_documents;
mod code_regressions;
mod command_line;
mod compiled;
mod decoding;
mod deleted;
mod discovery;
mod event_logs;
mod evidence;
mod false_clean;
mod formats;
mod health;
mod health_files;
mod health_history;
mod images;
mod logs;
mod outputs;
mod reach;
mod records;
mod refresh;
mod registry;
mod results;
mod servers;
mod shadow;
mod situations;
mod support;
mod timeline;
