//! Unpacks a fixture server to try the program on: `unpack fixtures/servers/compromised_2019 target/compromised_2019`.
//!
//! The samples in it are inert, but antivirus software may still flag them.
#![allow(clippy::print_stdout)] // a program to be run by hand

#[path = "../../../tests/suite/support/fixture.rs"]
mod fixture;

use std::path::Path;

fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [server, to] = arguments.as_slice() else {
        println!("usage: unpack fixtures/servers/NAME FOLDER");
        std::process::exit(2);
    };
    let count = fixture::unpack(Path::new(server), Path::new(to))?;
    println!("{count} files and folders in {to}");
    Ok(())
}
