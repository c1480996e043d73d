//! What each built-in rule costs: `cargo bench --bench rules`.
//!
//! Each rule is compiled alone and scans ordinary text; its cost is the ratio to the time that SHA-256 of the same text takes,
//! the fastest of several rounds each, in one run. A rule above the bound fails the bench. Costs do not add up: in the whole
//! set the rules share one search for their rarest words.
#![allow(clippy::print_stdout, clippy::unwrap_used)] // a bench speaks on standard output, and one that panics has failed

#[path = "../tests/suite/support/fixture.rs"]
mod fixture;
#[allow(dead_code)] // the other bench writes the tree to disk
mod tree;

use sha2::{Digest, Sha256};
use shellsift_yara::{Compiler, Rules, Scanner};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many times as long as hashing the text a rule may take.
const BOUND: f64 = 4.0;
/// Rounds, of which the fastest counts.
const ROUNDS: usize = 5;
/// How much ordinary text is scanned, in bytes: pages, controls, configuration and scripts as Exchange has them.
const ORDINARY: usize = 4 << 20;
/// How many times the samples of every family stand behind it.
const SAMPLES: usize = 4;

fn main() -> ExitCode {
    // `cargo test --all-targets` runs benches too, but without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("run it with: cargo bench --bench rules");
        return ExitCode::SUCCESS;
    }
    let text = corpus();
    println!("{:.1} MB of server code and scripts, the fastest of {ROUNDS} rounds\n", text.len() as f64 / 1e6);
    let rules: Vec<(String, Rules)> = folders().iter().flat_map(|folder| rules_of(folder)).collect();
    let mut costs: Vec<(f64, &str)> = Vec::new();
    for (name, rule) in &rules {
        // Side by side, so that a busy machine slows both.
        let (mut own, mut base) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            base = base.min(time_of(|| {
                std::hint::black_box(Sha256::digest(&text));
            }));
            own = own.min(time(rule, &text));
        }
        costs.push((own.as_secs_f64() / base.as_secs_f64(), name));
    }
    costs.sort_by(|a, b| b.0.total_cmp(&a.0));
    costs.iter().for_each(|(cost, name)| println!("{cost:7.2} x  {name}"));
    let slow = costs.iter().filter(|(cost, _)| *cost > BOUND).count();
    println!(
        "\n{} rules, bound {BOUND} x: {}",
        costs.len(),
        if slow == 0 { "holds".into() } else { format!("{slow} MISSED it") }
    );
    if slow == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn time(rules: &Rules, text: &[u8]) -> Duration {
    let mut scanner = Scanner::new(rules);
    scanner.fast_scan(true).max_matches_per_pattern(64); // as the program does
    time_of(|| {
        scanner.scan(text).unwrap();
    })
}

fn time_of(work: impl FnOnce()) -> Duration {
    let begin = Instant::now();
    work();
    begin.elapsed()
}

fn compiled(source: &str) -> Rules {
    let mut compiler = Compiler::new();
    compiler.add_source(source).unwrap();
    compiler.build()
}

fn folders() -> Vec<PathBuf> {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let listed = ["webshells", "techniques"].map(|kind| std::fs::read_dir(signatures.join(kind)).unwrap());
    let mut folders: Vec<PathBuf> = listed.into_iter().flatten().map(|entry| entry.unwrap().path()).collect();
    folders.retain(|path| path.is_dir());
    folders.sort();
    folders
}

/// The rules of a folder, each compiled with the private ones of its file and no other.
fn rules_of(folder: &Path) -> Vec<(String, Rules)> {
    let texts =
        ["rules.yar", "programs.yar"].map(|file| std::fs::read_to_string(folder.join(file)).unwrap_or_default());
    let of_file = |text: &String| {
        let mut chunks: Vec<String> = Vec::new();
        for line in text.lines() {
            if line.starts_with("rule ") || line.starts_with("private rule ") {
                chunks.push(String::new());
            }
            if let Some(chunk) = chunks.last_mut() {
                chunk.push_str(line);
                chunk.push('\n');
            }
        }
        let (private, public): (Vec<_>, Vec<_>) = chunks.into_iter().partition(|chunk| chunk.starts_with("private "));
        let one = |chunk: &String| {
            let name = chunk.split_whitespace().nth(1).unwrap().trim_matches(['{', ':']).to_owned();
            (name, compiled(&format!("{}{chunk}", private.concat())))
        };
        public.iter().map(one).collect::<Vec<_>>()
    };
    texts.iter().flat_map(of_file).collect()
}

/// Ordinary text, and the samples, in which rules have something to find.
fn corpus() -> Vec<u8> {
    let mut text = tree::server_code(ORDINARY);
    for folder in folders() {
        for kind in ["match", "ignore"] {
            let Ok(samples) = std::fs::read_dir(folder.join(kind)) else { continue };
            for sample in samples {
                let sample = fixture::decode(&std::fs::read(sample.unwrap().path()).unwrap());
                (0..SAMPLES).for_each(|_| text.extend(&sample));
            }
        }
    }
    text
}
