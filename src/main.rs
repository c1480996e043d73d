//! Parse, run, turn the result into an exit code.

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    let cli = shellsift::cli::Cli::parse();
    match shellsift::run::run(&cli) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            if !error.is_closed_pipe() {
                complain(&error);
            }
            ExitCode::from(2)
        }
    }
}

/// A message may carry a hostile path.
#[allow(clippy::print_stderr)] // the one place that speaks to the user outside a report
fn complain(error: &shellsift::error::Error) {
    eprintln!("shellsift: {}", shellsift::report::text::plain(&error.to_string()));
}
