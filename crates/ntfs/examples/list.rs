//! Lists a volume: `list IMAGE [--time | --deleted]`. Each stream of each name is a line of tab-separated fields: record, sequence,
//! state, kind, path, stream, size, sha256 (or why not), the times of `$STANDARD_INFORMATION` as they are stored, attributes, the
//! reparse point, every `$FILE_NAME`.
#![allow(clippy::print_stdout, clippy::print_stderr)] // it is a program that prints

use sha2::{Digest as _, Sha256};
use shellsift_disk::{LocalFile, ReadAt};
use shellsift_ntfs::{FileName, Known, Path, Record, Stream, Times, Volume};
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Instant;

/// Streams larger than this are not hashed.
const LIMIT: u64 = 64 << 20;

/// As in JSON; halves of a pair are escaped as they are.
fn text(units: &[u16]) -> String {
    char::decode_utf16(units.iter().copied()).fold(String::new(), |mut out, decoded| {
        match decoded {
            Ok(c @ ('"' | '\\')) => out.extend(['\\', c]),
            Ok(c @ ' '..='~') => out.push(c),
            Ok(c) => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
            Err(half) => drop(write!(out, "\\u{:04x}", half.unpaired_surrogate())),
        }
        out
    })
}

fn path_text(path: &Path) -> String {
    let parts: Vec<_> = path.parts.iter().map(|part| text(part)).collect();
    let above = if path.known == Known::Root { "" } else { "?/" };
    format!("{above}{}", parts.join("/"))
}

fn times_text(times: Times, between: &str) -> String {
    [times.created, times.modified, times.changed, times.accessed].map(|time| time.to_string()).join(between)
}

fn digest(stream: &Stream) -> String {
    if stream.len() > LIMIT {
        return "?".into();
    }
    let (mut hash, mut buffer, mut at, mut broken) = (Sha256::new(), vec![0; 1 << 20], 0, String::new());
    loop {
        match stream.read_some(&mut buffer, at) {
            Ok(0) => break,
            Ok(read) => {
                hash.update(&buffer[..read]);
                at += read as u64;
            }
            Err(error) => {
                let _ = write!(broken, "! {error} ");
                at = error.range.end;
            }
        }
    }
    if broken.is_empty() { hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect() } else { broken }
}

fn print(volume: &Volume, record: &Record, paths: &[(&FileName, Path)]) {
    let names: Vec<_> = record
        .names
        .iter()
        .map(|name| {
            let parent = name.parent;
            format!(
                "{:?}|{}-{}|{}|{}",
                name.space,
                parent.number,
                parent.sequence,
                text(&name.units),
                times_text(name.times, "|")
            )
        })
        .collect();
    let mut lines = Vec::new();
    if record.folder || record.streams.is_empty() {
        lines.push(("\0".into(), "-".to_owned(), "-".to_owned(), String::new()));
    }
    for stream in &record.streams {
        let digest = match volume.open_stream(record.number, &stream.name) {
            Ok(opened) => digest(&opened),
            Err(error) => format!("! {error}"),
        };
        let marks = format!(
            "{}{}{}{}",
            if stream.resident { "resident," } else { "" },
            if stream.compressed { "compressed," } else { "" },
            if stream.sparse { "sparse," } else { "" },
            if stream.encrypted { "encrypted," } else { "" },
        );
        lines.push((text(&stream.name), stream.size.to_string(), digest, marks));
    }
    let kind = if record.folder { "folder" } else { "file" };
    let state = if record.in_use { "live" } else { "deleted" };
    for (_, path) in paths {
        for (stream, size, digest, marks) in &lines {
            println!(
                "{}\t{}\t{state}\t{kind}\t{}\t{stream}\t{size}\t{digest}\t{}\t{marks}{:#x}\t{:?}\t{}",
                record.number,
                record.sequence,
                path_text(path),
                times_text(record.times, "\t"),
                record.attributes,
                record.reparse,
                names.join(" ; "),
            );
        }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args().collect();
    let image = arguments.get(1).ok_or("usage: list IMAGE [--time | --deleted]")?;
    let mode = arguments.get(2).map_or("", String::as_str);
    let started = Instant::now();
    let source: Arc<dyn ReadAt> = Arc::new(LocalFile::new(std::fs::File::open(image)?)?);
    let volume = Volume::open(source)?;
    if mode == "--time" {
        let opened = started.elapsed();
        let (mut count, mut units, mut sum) = (0_u64, 0, 0_u64);
        for number in volume.numbers() {
            let times = volume.entry(number).unwrap_or_else(|| unreachable!()).times;
            for name in volume.names(number) {
                sum = sum.wrapping_add(times.created ^ name.times.created);
                units += volume.path_of_name(&name).parts.iter().map(Vec::len).sum::<usize>();
                count += 1;
            }
        }
        println!("{count} names, {units} units, {sum:x}: opened {opened:?}, all {:?}", started.elapsed());
        return Ok(());
    }
    eprintln!("{:?}", volume.facts());
    for problem in volume.problems() {
        let path = problem.name.clone().map(|(parent, name)| path_text(&volume.path_in(parent, name)));
        eprintln!("{problem:?} {path:?}");
    }
    eprintln!("orphans: {:?}", volume.orphans().map(|number| path_text(&volume.path_of(number))).collect::<Vec<_>>());
    if mode == "--deleted" {
        for number in volume.deleted() {
            let deleted = volume.deleted_file(number)?;
            let paths: Vec<_> =
                deleted.paths.iter().map(|path| (path_text(path), path.known, path.in_deleted_folder)).collect();
            println!("{number}\t{paths:?}");
            for (stream, state) in &deleted.streams {
                let read = volume.open_deleted(number, &stream.name).map(|stream| digest(&stream));
                println!("\t{:?}\t{}\t{state:?}\t{read:?}", text(&stream.name), stream.size);
            }
        }
        for number in volume.numbers().filter(|number| volume.entry(*number).is_some_and(|entry| entry.folder)) {
            for name in volume.remnants(number)? {
                println!("{number}\tremnant\t{}\t{name:?}", text(&name.units));
            }
        }
        for number in volume.numbers().filter(|number| volume.entry(*number).is_some_and(|entry| entry.has_slack)) {
            let slack = volume.slack(number)?;
            println!("{number}\tslack\t{:?}", String::from_utf8_lossy(&slack));
        }
        return Ok(());
    }
    for number in volume.numbers().chain(volume.deleted()) {
        let record = match volume.record(number) {
            Ok(record) => record,
            Err(error) => {
                eprintln!("{number}: {error}");
                continue;
            }
        };
        if !record.problems.is_empty() {
            eprintln!("{number}: {:?}", record.problems);
        }
        let long = record.names.iter().filter(|name| name.space != shellsift_ntfs::Namespace::Dos);
        let paths: Vec<_> = long.map(|name| (name, volume.path_in(name.parent, name.units.clone()))).collect();
        print(&volume, &record, &paths);
    }
    Ok(())
}
