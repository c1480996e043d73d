//! Measures the program on a tree like that of an Exchange server: see benches/README.md. `cargo bench --bench scan`.
#![allow(clippy::print_stdout)] // a program to be run by hand; what it prints is its result

#[path = "../tests/suite/support/fixture.rs"]
mod fixture;
#[allow(dead_code)] // the other bench asks for text alone
mod tree;

use shellsift::evidence::{Directory, Evidence};
use shellsift::model::ServerPath;
use shellsift::{scan, targets};
use std::fs::{self, File};
use std::hint::black_box;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

/// Threads of every program that is measured, so that ratios mean the same on a larger machine.
const THREADS: &str = "2";
/// Rounds of what is fast, unless SHELLSIFT_BENCH_ROUNDS says otherwise.
const ROUNDS: usize = 5;
/// Rounds of what is slow.
const SLOW_ROUNDS: usize = 2;
/// Runs for the first finding.
const STARTS: usize = 11;

/// The whole scan over `xargs sha256sum`, at most.
const SCAN_TO_SHA256SUM: f64 = 0.7;
/// `yr` with signature-base's webshell rules over the whole scan, at least.
const YR_TO_SCAN: f64 = 5.0;
/// Start-up to the first finding, at most.
const FIRST_FINDING: Duration = Duration::from_millis(150);
/// Peak memory, at most: so much, and so much a surveyed file.
const MEMORY: (u64, u64) = (64_000_000, 200);

/// Files of signature-base with webshell rules.
const WEBSHELL_RULES: &[&str] = &[
    "apt_laudanum_webshells.yar",
    "cn_pentestset_webshells.yar",
    "gen_cn_webshells.yar",
    "gen_webshell_csharp.yar",
    "gen_webshells.yar",
    "gen_webshells_ext_vars.yar",
    "thor-webshells.yar",
];
/// The first letters of the names of further ones.
const WEBSHELL_PREFIXES: &[&str] = &["apt_webshell_", "webshell_"];
/// External variables that they use.
const VARIABLES: &[&str] = &["filename", "filepath", "extension", "filetype", "owner"];

fn main() -> ExitCode {
    // `cargo test --all-targets` runs benches too, but without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("run it with: cargo bench --bench scan");
        return ExitCode::SUCCESS;
    }
    if !cfg!(target_os = "linux") {
        println!("needs Linux: find, xargs, sha256sum and /proc");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(held) if held || !is_set("SHELLSIFT_BENCH_STRICT") => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            println!("the bench could not run: {error}");
            ExitCode::from(2)
        }
    }
}

/// Measures everything; `true` if every target holds.
fn run() -> io::Result<bool> {
    let folder = bench_folder();
    let tree = folder.join("tree");
    let written = tree::ensure(&tree)?;
    let mut targets = Targets { held: true };

    // Warms the page cache, and is measured for memory, which watching would disturb in a timed run.
    let journal = folder.join("journal.jsonl");
    read_all(&tree)?;
    let peak = peak_memory(scan_command(&tree).args(["-f", "jsonl", "--force", "-o"]).arg(&journal))?;
    let outcome = Outcome::read(&journal)?;
    println!(
        "tree: {} files, {:.1} MB; examined {}, findings {}, problems {}",
        written.files,
        written.bytes as f64 / 1e6,
        outcome.examined,
        outcome.findings,
        outcome.problems
    );
    assert_eq!(
        (outcome.findings, outcome.problems),
        (0, 0),
        "the tree holds nothing to find: see {}",
        journal.display()
    );
    assert!(outcome.examined >= written.files, "{} of {} files examined", outcome.examined, written.files);

    let rounds = std::env::var("SHELLSIFT_BENCH_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(ROUNDS);
    let mut fast = fast_contestants(&tree)?;
    measure(&mut fast, rounds.max(1))?;
    let mut slow = slow_contestants(&tree)?;
    measure(&mut slow, SLOW_ROUNDS.min(rounds.max(1)))?;
    print_table(&fast, &slow, written.bytes);

    println!();
    let scan_seconds = find(&fast, SHELLSIFT).map(Contestant::median);
    match find(&fast, SHELLSIFT).zip(find(&fast, SHA256SUM)) {
        Some((scan, sha256sum)) => {
            targets.at_most("whole scan / sha256sum", scan.against(sha256sum), SCAN_TO_SHA256SUM, "x")
        }
        None => println!("whole scan / sha256sum: not measured"),
    }
    match scan_seconds.zip(find(&slow, YR_SIGNATURE_BASE).map(Contestant::median)) {
        Some((scan, yr)) => targets.at_least("yr with signature-base / whole scan", yr / scan, YR_TO_SCAN, "x"),
        None => println!("yr with signature-base / whole scan: not measured"),
    }
    let known_seconds = find(&fast, SHELLSIFT_KNOWN).map(Contestant::median);
    if let Some((scan, yr)) = known_seconds.zip(find(&slow, YR_SIGNATURE_BASE).map(Contestant::median)) {
        targets.at_least(
            "yr with signature-base / scan of a server that is all known good",
            yr / scan,
            YR_TO_SCAN,
            "x",
        );
    }
    let first = first_finding(&folder.join("compromised_2019"))?;
    targets.at_most("first finding, ms", first.as_secs_f64() * 1e3, FIRST_FINDING.as_secs_f64() * 1e3, "ms");
    targets.memory("peak memory on the tree", peak, outcome.examined);
    if is_set("SHELLSIFT_BENCH_MILLION") {
        let million = folder.join("million");
        let files = tree::ensure_million(&million)?;
        let begin = Instant::now();
        let mut command = scan_command(&million);
        let peak = peak_memory(command.args(["--as", "folder", "-f", "jsonl", "--force", "-o"]).arg(&journal))?;
        let seconds = begin.elapsed().as_secs_f64();
        let outcome = Outcome::read(&journal)?;
        assert_eq!((outcome.examined, outcome.problems), (files, 0), "every file is examined");
        targets.memory(&format!("peak memory on {files} files ({seconds:.1} s)"), peak, files);
    } else {
        println!(
            "peak memory on a million files: not measured (SHELLSIFT_BENCH_MILLION=1 does, and writes a million files)"
        );
    }
    fs::remove_file(&journal)?;
    Ok(targets.held)
}

fn is_set(variable: &str) -> bool {
    std::env::var_os(variable).is_some_and(|value| !value.is_empty() && value != "0")
}

/// `target/bench`, wherever `target` is.
fn bench_folder() -> PathBuf {
    let temporary = Path::new(env!("CARGO_TARGET_TMPDIR"));
    temporary.parent().unwrap_or(temporary).join("bench")
}

/// Reads every file once.
fn read_all(tree: &Path) -> io::Result<()> {
    let mut buffer = vec![0; 1 << 20];
    for entry in walkdir::WalkDir::new(tree) {
        let entry = entry?;
        if entry.file_type().is_file() {
            let mut file = File::open(entry.path())?;
            while file.read(&mut buffer)? > 0 {}
        }
    }
    Ok(())
}

/// `shellsift scan` of a tree, without a format.
fn scan_command(tree: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_shellsift"));
    command.arg("scan").arg(tree).args(["-q", "--threads", THREADS]).stdout(Stdio::null());
    command
}

/// What a journal says at its end.
struct Outcome {
    examined: u64,
    findings: u64,
    problems: u64,
}

impl Outcome {
    fn read(journal: &Path) -> io::Result<Self> {
        let mut outcome = Outcome { examined: 0, findings: 0, problems: 0 };
        for line in BufReader::new(File::open(journal)?).lines() {
            let record: serde_json::Value = serde_json::from_str(&line?)?;
            match record["shellsift"]["record"].as_str() {
                Some("finding") => outcome.findings += 1,
                Some("problem") => outcome.problems += 1,
                Some("coverage") => {
                    outcome.examined = record["shellsift"]["coverage"]["examined"].as_u64().unwrap_or(0)
                }
                _ => {}
            }
        }
        Ok(outcome)
    }
}

const FIND: &str = "find -printf '%s' (names and sizes)";
const SURVEY: &str = "shellsift, the walk alone";
const SHA256SUM: &str = "find | xargs -P2 sha256sum";
/// The same where a table knows the files, as it does those of a server of a known build.
const SHELLSIFT_KNOWN: &str = "shellsift scan, all of it known good";
const SHELLSIFT: &str = "shellsift scan";
const YR: &str = "yr scan, the same rules";
const YR_SIGNATURE_BASE: &str = "yr scan, signature-base's webshell rules";
const SHELLSIFT_SIGNATURE_BASE: &str = "shellsift scan with these rules as well";

/// Something to measure, with its times so far.
struct Contestant {
    name: &'static str,
    run: Box<dyn FnMut() -> io::Result<()>>,
    seconds: Vec<f64>,
}

impl Contestant {
    fn new(name: &'static str, run: impl FnMut() -> io::Result<()> + 'static) -> Self {
        Self { name, run: Box::new(run), seconds: Vec::new() }
    }

    /// A command that must end with one of these codes.
    fn command(name: &'static str, mut command: Command, codes: &'static [i32]) -> Self {
        command.stdout(Stdio::null()).stderr(Stdio::null());
        Self::new(name, move || {
            let status = command.status()?;
            match status.code() {
                Some(code) if codes.contains(&code) => Ok(()),
                _ => Err(io::Error::other(format!("{name}: {status}"))),
            }
        })
    }

    fn median(&self) -> f64 {
        median(&self.seconds)
    }

    fn fastest(&self) -> f64 {
        self.seconds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    /// The median of the ratios to another one in the same round; of the medians where the rounds differ.
    fn against(&self, other: &Contestant) -> f64 {
        if self.seconds.len() != other.seconds.len() {
            return self.median() / other.median();
        }
        median(&self.seconds.iter().zip(&other.seconds).map(|(a, b)| a / b).collect::<Vec<_>>())
    }
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len() % 2 == 1 { sorted[middle] } else { (sorted[middle - 1] + sorted[middle]) / 2.0 }
}

fn find<'c>(contestants: &'c [Contestant], name: &str) -> Option<&'c Contestant> {
    contestants.iter().find(|contestant| contestant.name == name)
}

/// Runs each in turn, so that whatever else the machine does falls on all of them.
fn measure(contestants: &mut [Contestant], rounds: usize) -> io::Result<()> {
    for _ in 0..rounds {
        for contestant in &mut *contestants {
            let begin = Instant::now();
            (contestant.run)()?;
            contestant.seconds.push(begin.elapsed().as_secs_f64());
        }
    }
    Ok(())
}

/// A table of the tree, as if it were a server of a build that is known.
fn learn(tree: &Path) -> io::Result<PathBuf> {
    let table = bench_folder().join("stock.csv");
    let mut build = Command::new(env!("CARGO_BIN_EXE_shellsift"));
    build.args(["baseline", "build", "--build", "bench", "--force", "-o"]).arg(&table).arg(tree);
    let output = build.output()?;
    match output.status.success() {
        true => Ok(table),
        false => Err(io::Error::other(String::from_utf8_lossy(&output.stderr).into_owned())),
    }
}

fn fast_contestants(tree: &Path) -> io::Result<Vec<Contestant>> {
    let mut find = Command::new("find");
    find.arg(tree).args(["-type", "f", "-printf", "%s\\n"]);
    let mut sha256sum = Command::new("sh");
    let pipe = format!("find \"$1\" -type f -print0 | xargs -0 -P{THREADS} -n 64 sha256sum");
    sha256sum.args(["-c", &pipe, "sh"]).arg(tree);
    let mut scan = scan_command(tree);
    scan.args(["-f", "jsonl", "-o", "/dev/null", "--force"]);
    let mut known = scan_command(tree);
    known.args(["-f", "jsonl", "-o", "/dev/null", "--force", "--baseline"]).arg(learn(tree)?);
    let walked = tree.to_owned();
    let mut contestants = vec![
        Contestant::command(FIND, find, &[0]),
        Contestant::new(SURVEY, move || survey(&walked)),
        Contestant::command(SHA256SUM, sha256sum, &[0]),
        Contestant::command(SHELLSIFT, scan, &[0]),
        Contestant::command(SHELLSIFT_KNOWN, known, &[0]),
    ];
    match yr() {
        Some(yr) => {
            let rules = own_rules()?;
            contestants.push(Contestant::command(YR, yr_command(&yr, &rules, tree), &[0]));
        }
        None => {
            println!("no yr: put yara-x-cli's yr on the PATH or name it in SHELLSIFT_BENCH_YR to measure against it")
        }
    }
    Ok(contestants)
}

fn slow_contestants(tree: &Path) -> io::Result<Vec<Contestant>> {
    let mut contestants = Vec::new();
    let Some(folder) = std::env::var_os("SHELLSIFT_BENCH_SIGNATURE_BASE").map(PathBuf::from) else {
        println!("no signature-base: name its folder yara in SHELLSIFT_BENCH_SIGNATURE_BASE to measure with its rules");
        return Ok(contestants);
    };
    let rules = signature_base(&folder)?;
    if let Some(yr) = yr() {
        contestants.push(Contestant::command(YR_SIGNATURE_BASE, yr_command(&yr, &rules, tree), &[0]));
    }
    let mut scan = scan_command(tree);
    for file in &rules {
        scan.arg("-r").arg(file);
    }
    scan.args(["-f", "jsonl", "-o", "/dev/null", "--force"]);
    // Public rules may find something in a made-up program, and one that cannot be used is a gap.
    contestants.push(Contestant::command(SHELLSIFT_SIGNATURE_BASE, scan, &[0, 1, 3]));
    Ok(contestants)
}

/// Lists every file that would be examined, as the program does before it reads the first.
fn survey(tree: &Path) -> io::Result<()> {
    let root = ServerPath::drive('C');
    let evidence = Directory::open(tree, root.clone())?;
    let given = targets::Target { kind: targets::recognise(&evidence, &root), path: root };
    let plan = targets::discover(&evidence, &[given], &['C'], false);
    let mut problems = Vec::new();
    let survey = scan::survey(&evidence as &dyn Evidence, &plan, &AtomicBool::new(false), &mut problems);
    black_box(survey.len());
    Ok(())
}

/// The command-line program of YARA-X.
fn yr() -> Option<PathBuf> {
    if let Some(named) = std::env::var_os("SHELLSIFT_BENCH_YR") {
        return Some(PathBuf::from(named)).filter(|path| path.is_file());
    }
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join("yr")).find(|path| path.is_file())
}

fn yr_command(yr: &Path, rules: &[PathBuf], tree: &Path) -> Command {
    let mut command = Command::new(yr);
    command.args(["scan", "--recursive", "--relaxed-re-syntax", "--ignore-invalid-rules", "--disable-warnings"]);
    command.args(["--threads", THREADS]);
    for variable in VARIABLES {
        command.args(["--define", &format!("{variable}=\"\"")]);
    }
    // A name before a colon is a namespace, so each file has its own, as in the program.
    for (at, file) in rules.iter().enumerate() {
        let mut path = std::ffi::OsString::from(format!("f{at}:"));
        path.push(file);
        command.arg(path);
    }
    command.arg(tree);
    command
}

/// The rules that are built into the program.
fn own_rules() -> io::Result<Vec<PathBuf>> {
    let signatures = Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures");
    let mut rules = Vec::new();
    for kind in ["webshells", "techniques"] {
        for folder in fs::read_dir(signatures.join(kind))? {
            rules.push(folder?.path().join("rules.yar"));
        }
    }
    rules.retain(|file| file.is_file());
    rules.sort();
    Ok(rules)
}

/// The files of a folder of signature-base that hold webshell rules.
fn signature_base(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut rules = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let by_prefix = name.ends_with(".yar") && WEBSHELL_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        if by_prefix || WEBSHELL_RULES.contains(&name.as_str()) {
            rules.push(entry.path());
        }
    }
    rules.sort();
    if rules.is_empty() {
        return Err(io::Error::other(format!("{}: no webshell rules of signature-base", folder.display())));
    }
    Ok(rules)
}

fn print_table(fast: &[Contestant], slow: &[Contestant], bytes: u64) {
    println!();
    println!("{:<42} {:>5} {:>9} {:>9} {:>8} {:>12}", "", "runs", "median s", "fastest s", "MB/s", "x sha256sum");
    let sha256sum = find(fast, SHA256SUM);
    for contestant in fast.iter().chain(slow) {
        let ratio = sha256sum.map_or(f64::NAN, |sha256sum| contestant.against(sha256sum));
        println!(
            "{:<42} {:>5} {:>9.3} {:>9.3} {:>8.0} {:>12.2}",
            contestant.name,
            contestant.seconds.len(),
            contestant.median(),
            contestant.fastest(),
            bytes as f64 / 1e6 / contestant.median(),
            ratio
        );
    }
}

/// What the figures are held against.
struct Targets {
    held: bool,
}

impl Targets {
    fn at_most(&mut self, what: &str, value: f64, bound: f64, unit: &str) {
        self.report(what, value, bound, "at most", value - bound, unit);
    }

    fn at_least(&mut self, what: &str, value: f64, bound: f64, unit: &str) {
        self.report(what, value, bound, "at least", bound - value, unit);
    }

    fn report(&mut self, what: &str, value: f64, bound: f64, side: &str, by: f64, unit: &str) {
        let verdict = if by <= 0.0 { "holds".to_owned() } else { format!("MISSED by {by:.2} {unit}") };
        self.held &= by <= 0.0;
        println!("{what}: {value:.2} {unit} ({side} {bound:.2}): {verdict}");
    }

    fn memory(&mut self, what: &str, peak: u64, files: u64) {
        let bound = MEMORY.0 + MEMORY.1 * files;
        self.at_most(what, peak as f64 / 1e6, bound as f64 / 1e6, "MB");
    }
}

/// The most memory that a command holds at any time, from the high-water mark that the kernel keeps for it.
fn peak_memory(command: &mut Command) -> io::Result<u64> {
    let mut child = command.stdout(Stdio::null()).spawn()?;
    let mut peak = 0;
    loop {
        peak = high_water(&child).unwrap_or(0).max(peak);
        if let Some(status) = child.try_wait()? {
            return match status.code() {
                Some(0 | 1) => Ok(peak),
                _ => Err(io::Error::other(format!("the scan ended with {status}"))),
            };
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

fn high_water(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

/// How long it takes until the first finding of a compromised server is on standard output; the median of some runs.
fn first_finding(server: &Path) -> io::Result<Duration> {
    let _ = fs::remove_dir_all(server);
    fixture::unpack(&fixture::server("compromised_2019"), server)?;
    let mut times = Vec::new();
    // The first run reads the fixture and the program from the disk.
    for _ in 0..=STARTS {
        let mut command = scan_command(server);
        let begin = Instant::now();
        let mut child = command.args(["-f", "jsonl"]).stdout(Stdio::piped()).spawn()?;
        let mut found = None;
        for line in BufReader::new(child.stdout.take().expect("piped")).lines() {
            let line = line?;
            let at = begin.elapsed();
            let record: serde_json::Value = serde_json::from_str(&line)?;
            if found.is_none() && record["shellsift"]["record"] == "finding" {
                found = Some(at);
            }
        }
        child.wait()?;
        times.push(found.ok_or_else(|| io::Error::other("nothing found on the compromised server"))?.as_secs_f64());
    }
    println!("first finding, each run in ms: {:.0?}", times[1..].iter().map(|time| time * 1e3).collect::<Vec<_>>());
    Ok(Duration::from_secs_f64(median(&times[1..])))
}
