//! Writes event logs for fixtures and tests: the file, its chunks, and records in BinXML with templates as Windows writes
//! them (layout: MS-EVEN6 and libevtx's description of the format). Needs nothing of the library under test.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used)] // shared by unit tests and the suite

use std::collections::BTreeMap;

const FILE_HEADER: usize = 4_096;
pub const CHUNK: usize = 65_536;
const CHUNK_HEADER: usize = 512;

/// An event to be written.
#[derive(Clone, Copy)]
pub struct Record<'r> {
    pub provider: &'r str,
    pub id: u16,
    pub level: u8,
    pub channel: &'r str,
    /// `S-1-5-18`.
    pub user: &'r str,
    /// RFC 3339.
    pub time: &'r str,
    pub data: Data<'r>,
}

/// What an event says.
#[derive(Clone, Copy)]
pub enum Data<'r> {
    /// Values without names, as older programs write them: one value of the type "list of strings".
    List(&'r [&'r str]),
    /// Values with names.
    Named(&'r [(&'r str, &'r str)]),
    /// An element of the program's own, with an element for each value.
    Own(&'r str, &'r [(&'r str, &'r str)]),
}

/// A log with these records, in as many chunks as they need; record numbers start at 1.
pub fn log(computer: &str, records: &[Record<'_>]) -> Vec<u8> {
    log_from(1, computer, records)
}

/// The same with another first record number.
pub fn log_from(first: u64, computer: &str, records: &[Record<'_>]) -> Vec<u8> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for (number, record) in (first..).zip(records) {
        if !chunks.last_mut().is_some_and(|chunk| chunk.add(number, computer, record)) {
            let mut chunk = Chunk::new(number);
            assert!(chunk.add(number, computer, record), "record {number} is larger than a chunk");
            chunks.push(chunk);
        }
    }
    let mut file = vec![0; FILE_HEADER];
    put(&mut file, 0, b"ElfFile\0");
    put(&mut file, 16, &(chunks.len().saturating_sub(1) as u64).to_le_bytes());
    put(&mut file, 24, &(first + records.len() as u64).to_le_bytes());
    put(&mut file, 32, &128_u32.to_le_bytes());
    put(&mut file, 36, &1_u16.to_le_bytes());
    put(&mut file, 38, &3_u16.to_le_bytes());
    put(&mut file, 40, &(FILE_HEADER as u16).to_le_bytes());
    put(&mut file, 42, &(chunks.len() as u16).to_le_bytes());
    let sum = evtx::checksum_ieee(&file[..120]);
    put(&mut file, 124, &sum.to_le_bytes());
    chunks.into_iter().for_each(|chunk| file.extend(chunk.close()));
    file
}

/// Makes the checksums of a chunk right again that was changed on purpose.
pub fn seal(chunk: &mut [u8]) {
    let free = u32::from_le_bytes(chunk[48..52].try_into().unwrap()) as usize;
    let sum = evtx::checksum_ieee(&chunk[CHUNK_HEADER..free.clamp(CHUNK_HEADER, chunk.len())]);
    put(chunk, 52, &sum.to_le_bytes());
    let sum = evtx::checksum_ieee(&[&chunk[..120], &chunk[128..CHUNK_HEADER]].concat());
    put(chunk, 124, &sum.to_le_bytes());
}

fn put(bytes: &mut [u8], at: usize, what: &[u8]) {
    bytes[at..at + what.len()].copy_from_slice(what);
}

/// 100 ns since 1601.
fn filetime(time: &str) -> u64 {
    let time: jiff::Timestamp = time.parse().unwrap();
    u64::try_from(time.as_nanosecond() / 100 + 116_444_736_000_000_000).unwrap()
}

/// Names and templates that a chunk holds once and records point to.
#[derive(Clone)]
struct Tables {
    names: BTreeMap<String, u32>,
    buckets: Vec<u32>,
    /// By provider and names of the values.
    templates: BTreeMap<String, u32>,
    template_buckets: Vec<u32>,
}

impl Tables {
    fn new() -> Self {
        let (names, templates) = (BTreeMap::new(), BTreeMap::new());
        Self { names, buckets: vec![0; 64], templates, template_buckets: vec![0; 32] }
    }
}

struct Chunk {
    bytes: Vec<u8>,
    first: u64,
    last: u64,
    last_record: usize,
    tables: Tables,
}

impl Chunk {
    fn new(first: u64) -> Self {
        Self { bytes: vec![0; CHUNK_HEADER], first, last: first, last_record: CHUNK_HEADER, tables: Tables::new() }
    }

    /// Adds a record if there is room.
    fn add(&mut self, number: u64, computer: &str, record: &Record<'_>) -> bool {
        let start = self.bytes.len();
        let mut out = Writer { bytes: Vec::new(), base: start, tables: self.tables.clone() };
        out.bytes.extend(b"**\0\0\0\0\0\0");
        out.bytes.extend(number.to_le_bytes());
        out.bytes.extend(filetime(record.time).to_le_bytes());
        out.event(number, computer, record);
        let size = (out.bytes.len() + 4) as u32;
        put(&mut out.bytes, 4, &size.to_le_bytes());
        out.bytes.extend(size.to_le_bytes());
        if start + out.bytes.len() > CHUNK {
            return false;
        }
        (self.last, self.last_record, self.tables) = (number, start, out.tables);
        self.bytes.extend(out.bytes);
        true
    }

    fn close(mut self) -> Vec<u8> {
        let free = self.bytes.len() as u32;
        self.bytes.resize(CHUNK, 0);
        let chunk = &mut self.bytes;
        put(chunk, 0, b"ElfChnk\0");
        for (at, number) in [(8, self.first), (16, self.last), (24, self.first), (32, self.last)] {
            put(chunk, at, &number.to_le_bytes());
        }
        put(chunk, 40, &128_u32.to_le_bytes());
        put(chunk, 44, &(self.last_record as u32).to_le_bytes());
        put(chunk, 48, &free.to_le_bytes());
        for (at, offset) in (128..).step_by(4).zip(self.tables.buckets.iter().chain(&self.tables.template_buckets)) {
            put(chunk, at, &offset.to_le_bytes());
        }
        seal(chunk);
        self.bytes
    }
}

/// Writes one record; knows where in the chunk it stands.
struct Writer {
    bytes: Vec<u8>,
    base: usize,
    tables: Tables,
}

/// A value of a record: its type and bytes.
type Value = (u8, Vec<u8>);

const STRING: u8 = 0x01;
const STRINGS: u8 = 0x81;

fn string(text: &str) -> Value {
    (STRING, text.encode_utf16().flat_map(u16::to_le_bytes).collect())
}

fn strings(items: &[&str]) -> Value {
    let units = items.iter().flat_map(|item| item.encode_utf16().chain([0]));
    (STRINGS, units.flat_map(u16::to_le_bytes).collect())
}

/// `S-1-5-18` in binary.
fn sid(text: &str) -> Value {
    let numbers: Vec<u32> = text.split('-').skip(2).map(|number| number.parse().unwrap()).collect();
    let mut bytes = vec![1, numbers.len() as u8 - 1, 0, 0, 0, 0, 0, numbers[0] as u8];
    numbers[1..].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
    (0x13, bytes)
}

impl Writer {
    fn here(&self) -> u32 {
        (self.base + self.bytes.len()) as u32
    }

    fn event(&mut self, number: u64, computer: &str, record: &Record<'_>) {
        let mut values = vec![
            string(record.provider),
            (0x06, record.id.to_le_bytes().to_vec()),
            (0x04, vec![record.level]),
            (0x11, filetime(record.time).to_le_bytes().to_vec()),
            (0x0A, number.to_le_bytes().to_vec()),
            string(record.channel),
            string(computer),
            sid(record.user),
        ];
        let own: &[(&str, &str)] = match record.data {
            Data::List(items) => {
                values.push(strings(items));
                &[]
            }
            Data::Named(items) | Data::Own(_, items) => items,
        };
        values.extend(own.iter().map(|(_, value)| string(value)));
        let kind = match record.data {
            Data::List(_) => "list".to_owned(),
            Data::Named(_) => format!("named {:?}", own.iter().map(|(name, _)| name).collect::<Vec<_>>()),
            Data::Own(element, _) => format!("{element} {:?}", own.iter().map(|(name, _)| name).collect::<Vec<_>>()),
        };
        self.bytes.extend([0x0F, 1, 1, 0]); // the start of a fragment
        self.bytes.extend([0x0C, 1]); // a use of a template
        let known = self.tables.templates.get(&kind).copied();
        let number = self.tables.templates.len() as u32;
        self.bytes.extend(number.to_le_bytes());
        let definition = known.unwrap_or(self.here() + 4);
        self.bytes.extend(definition.to_le_bytes());
        if known.is_none() {
            self.template(kind, number, definition, &values, record);
        }
        self.bytes.extend((values.len() as u32).to_le_bytes());
        for (kind, bytes) in &values {
            self.bytes.extend((bytes.len() as u16).to_le_bytes());
            self.bytes.extend([*kind, 0]);
        }
        values.iter().for_each(|(_, bytes)| self.bytes.extend(bytes));
        self.bytes.push(0);
    }

    /// The definition of a template, which stands in the record that uses it first.
    fn template(&mut self, kind: String, number: u32, definition: u32, values: &[Value], record: &Record<'_>) {
        self.tables.templates.insert(kind, definition);
        let bucket = &mut self.tables.template_buckets[number as usize % 32];
        let next = std::mem::replace(bucket, definition);
        self.bytes.extend(next.to_le_bytes());
        let mut guid = [0xE5; 16];
        put(&mut guid, 0, &number.to_le_bytes());
        self.bytes.extend(guid);
        let size = self.bytes.len();
        self.bytes.extend([0; 4]);
        self.bytes.extend([0x0F, 1, 1, 0]);
        self.open("Event", &[("xmlns", At::Text("http://schemas.microsoft.com/win/2004/08/events/event"))], |out| {
            out.open("System", &[], |out| {
                out.open("Provider", &[("Name", At::Value(0, STRING))], |_| {});
                out.open("EventID", &[], |out| out.value(1, 0x06));
                out.open("Level", &[], |out| out.value(2, 0x04));
                out.open("TimeCreated", &[("SystemTime", At::Value(3, 0x11))], |_| {});
                out.open("EventRecordID", &[], |out| out.value(4, 0x0A));
                out.open("Channel", &[], |out| out.value(5, STRING));
                out.open("Computer", &[], |out| out.value(6, STRING));
                out.open("Security", &[("UserID", At::Value(7, 0x13))], |_| {});
            });
            match record.data {
                Data::List(_) => out.open("EventData", &[], |out| out.open("Data", &[], |out| out.value(8, STRINGS))),
                Data::Named(items) => out.open("EventData", &[], |out| {
                    for (place, (name, _)) in (8..).zip(items) {
                        out.open("Data", &[("Name", At::Text(name))], |out| out.value(place, STRING));
                    }
                }),
                Data::Own(element, items) => out.open("UserData", &[], |out| {
                    out.open(element, &[], |out| {
                        for (place, (name, _)) in (8..).zip(items) {
                            out.open(name, &[], |out| out.value(place, STRING));
                        }
                    });
                }),
            }
        });
        self.bytes.push(0);
        let length = (self.bytes.len() - size - 4) as u32;
        put(&mut self.bytes, size, &length.to_le_bytes());
        assert!(values.len() >= 8, "the values of the system part");
    }

    /// An element with what `inside` writes; closed at once if it writes nothing.
    fn open(&mut self, name: &str, attributes: &[(&str, At<'_>)], inside: impl FnOnce(&mut Self)) {
        self.bytes.extend([if attributes.is_empty() { 0x01 } else { 0x41 }, 0xFF, 0xFF]);
        let size = self.bytes.len();
        self.bytes.extend([0; 4]);
        self.name(name);
        if !attributes.is_empty() {
            let list = self.bytes.len();
            self.bytes.extend([0; 4]);
            for (place, (name, at)) in (1..).zip(attributes) {
                self.bytes.push(if place < attributes.len() { 0x46 } else { 0x06 });
                self.name(name);
                match at {
                    At::Text(text) => {
                        self.bytes.extend([0x05, STRING]);
                        self.bytes.extend((text.encode_utf16().count() as u16).to_le_bytes());
                        self.bytes.extend(string(text).1);
                    }
                    At::Value(place, kind) => self.value(*place, *kind),
                }
            }
            let length = (self.bytes.len() - list - 4) as u32;
            put(&mut self.bytes, list, &length.to_le_bytes());
        }
        let start = self.bytes.len();
        self.bytes.push(0x02);
        inside(self);
        if self.bytes.len() == start + 1 {
            self.bytes[start] = 0x03;
        } else {
            self.bytes.push(0x04);
        }
        let length = (self.bytes.len() - size - 4) as u32;
        put(&mut self.bytes, size, &length.to_le_bytes());
    }

    /// A place that a value of the record goes to.
    fn value(&mut self, place: u16, kind: u8) {
        self.bytes.push(0x0D);
        self.bytes.extend(place.to_le_bytes());
        self.bytes.push(kind);
    }

    /// A name: where it stands, and the name itself where it is used for the first time.
    fn name(&mut self, name: &str) {
        if let Some(known) = self.tables.names.get(name) {
            self.bytes.extend(known.to_le_bytes());
            return;
        }
        let offset = self.here() + 4;
        let hash =
            name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(65_599).wrapping_add(unit.into())) as u16;
        let bucket = &mut self.tables.buckets[usize::from(hash) % 64];
        let next = std::mem::replace(bucket, offset);
        self.tables.names.insert(name.to_owned(), offset);
        self.bytes.extend(offset.to_le_bytes());
        self.bytes.extend(next.to_le_bytes());
        self.bytes.extend(hash.to_le_bytes());
        self.bytes.extend((name.encode_utf16().count() as u16).to_le_bytes());
        self.bytes.extend(string(name).1);
        self.bytes.extend([0; 2]);
    }
}

/// The value of an attribute.
enum At<'a> {
    Text(&'a str),
    Value(u16, u8),
}
