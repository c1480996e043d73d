//! The built-in known-good baseline, unpacked on first use.
//!
//! `build.rs` makes two parts of `signatures/exchange/stock.tsv.gz`: the hashes, which cannot be compressed and are used
//! where they lie in the program; and all the rest, deflated: `stock_builds.csv` and a zero byte; the paths, each as the
//! number of bytes shared with the one before, the number of its own, and these; then the columns, each whole: how many rows
//! each path has (varint), the place of each row's hash (three planes of bytes) and of its build set (two planes); the sets,
//! a byte for their width and then that many bytes each.

use super::table::{Build, BuildSet, Row, Table};
use std::borrow::Cow;

static HASHES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stock.hashes"));
static COLUMNS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/stock.z"));

/// The built-in table.
pub fn built_in() -> Table {
    let mut unpacked = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::DeflateDecoder::new(COLUMNS), &mut unpacked)
        .expect("packed by build.rs");
    let mut rest = Cursor(&unpacked);
    let builds = builds(rest.text());
    let count = rest.number() as usize;
    let (mut paths, mut path_ends) = (String::new(), Vec::with_capacity(count));
    let mut start = 0;
    for _ in 0..count {
        let (shared, own) = (rest.byte() as usize, rest.byte() as usize);
        let from = paths.len();
        paths.extend_from_within(start..start + shared);
        paths.push_str(std::str::from_utf8(rest.bytes(own)).expect("baseline paths are ASCII"));
        start = from;
        path_ends.push(paths.len() as u32);
    }
    let mut total = 0;
    let row_ends: Vec<u32> = (0..count)
        .map(|_| {
            total += rest.number();
            total
        })
        .collect();
    let total = total as usize;
    let planes: [&[u8]; 5] = std::array::from_fn(|_| rest.bytes(total));
    let plane = |n: usize, at: usize| u32::from(planes[n][at]);
    let row =
        |at| Row { hash: plane(0, at) | plane(1, at) << 8 | plane(2, at) << 16, set: plane(3, at) | plane(4, at) << 8 };
    let rows = (0..total).map(row).collect();
    let width = rest.byte() as usize;
    let sets = rest.0.chunks_exact(width).map(set).collect();
    Table::from_columns(builds, Cow::Borrowed(HASHES), (paths, path_ends), (rows, row_ends), sets)
}

fn set(bits: &[u8]) -> BuildSet {
    let mut set = BuildSet::default();
    (0..bits.len() * 8).filter(|bit| bits[bit / 8] >> (bit % 8) & 1 == 1).for_each(|bit| set.insert(bit));
    set
}

/// Columns: bit, build, product, cu, update, files; sorted by bit.
fn builds(csv: &str) -> Vec<Build> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows = reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it"));
    rows.map(|row| {
        let field = |at: usize| row.get(at).unwrap_or_default();
        let about = [field(2), field(3), field(4)].into_iter().filter(|part| !part.is_empty());
        Build { name: field(1).to_owned(), about: about.collect::<Vec<_>>().join(" ") }
    })
    .collect()
}

/// Reads what `build.rs` wrote; it cannot be short, since it is part of this program.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn bytes(&mut self, count: usize) -> &'a [u8] {
        let (head, tail) = self.0.split_at(count);
        self.0 = tail;
        head
    }

    fn byte(&mut self) -> u8 {
        self.bytes(1)[0]
    }

    fn number(&mut self) -> u32 {
        let mut value = 0;
        for shift in (0..35).step_by(7) {
            let byte = self.byte();
            value |= u32::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }

    fn text(&mut self) -> &'a str {
        let end = self.0.iter().position(|&b| b == 0).expect("ends with a zero byte");
        let text = std::str::from_utf8(self.bytes(end)).expect("the table is UTF-8");
        self.byte();
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn every_row_of_the_table_comes_out_as_it_lies_in_the_folder() {
        let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("signatures/exchange/stock.tsv.gz");
        let mut text = String::new();
        flate2::read::GzDecoder::new(std::fs::File::open(file).expect("there"))
            .read_to_string(&mut text)
            .expect("text");
        let table = built_in();
        let builds = include_str!("../../../signatures/exchange/stock_builds.csv");
        assert_eq!(table.len(), text.lines().count() - 1);
        assert_eq!(table.builds.len(), crate::catalogue::rows_of(builds));
        assert_eq!(table.builds[122].name, "15.2.721.3");
        assert_eq!(table.builds[129].about, "Exchange2019 CU8 Mar21SU");
        let mut rows = table.iter();
        for line in text.lines().skip(1) {
            let mut fields = line.split('\t');
            let mut field = || fields.next().expect("three columns");
            let (path, hash, bits) = (field(), field(), field());
            let (known, sha256, builds) = rows.next().expect("as many rows");
            assert_eq!((known, hex::encode(sha256).as_str()), (path, hash));
            let bits: u32 = bits.chars().map(|digit| digit.to_digit(16).expect("hexadecimal").count_ones()).sum();
            assert_eq!(builds.iter().count() as u32, bits, "{path}");
        }
        assert!(rows.next().is_none());
    }

    #[test]
    fn the_packed_table_is_smaller_than_eight_megabytes() {
        assert!(HASHES.len() + COLUMNS.len() < 8_000_000, "{}", HASHES.len() + COLUMNS.len());
    }
}
