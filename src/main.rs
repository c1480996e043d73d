//! Parse, run, turn the result into an exit code.

use std::io::Write;
use std::process::ExitCode;

/// The stack of the thread that runs, whatever the limit on the first one's is (`ulimit -s`).
const STACK: usize = 16 << 20;

fn main() -> ExitCode {
    let started = std::thread::Builder::new().stack_size(STACK).spawn(run);
    match started {
        // The hook has reported a panic.
        Ok(thread) => thread.join().unwrap_or(ExitCode::from(2)),
        Err(_) => run(),
    }
}

fn run() -> ExitCode {
    // A panic's own message may quote the evidence; the place in our code says enough.
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        // The system has no thread left: reported by whoever needed it.
        if place.contains("library/std/src/thread/") {
            return;
        }
        complain(&format!("internal error at {place}; please report it"));
    }));
    let cli = match shellsift::cli::parse(std::env::args_os().collect()) {
        Ok(cli) => cli,
        Err(error) => {
            complain(&error);
            return ExitCode::from(2);
        }
    };
    match shellsift::run::run(&cli) {
        Ok(exit) => ExitCode::from(exit.code()),
        Err(error) => {
            if !error.is_closed_pipe() {
                complain(&error.to_string());
            }
            ExitCode::from(error.exit_code())
        }
    }
}

/// A message may contain a malicious path.
fn complain(message: &str) {
    // Whoever reads it may be gone, which is no reason for a panic.
    let _ = writeln!(std::io::stderr(), "shellsift: {}", shellsift::report::text::plain(message));
}
