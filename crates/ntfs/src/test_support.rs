//! Small volumes, made by the tests themselves: clusters and records of 1024 bytes.

use crate::Volume;
use crate::names::UpperCase;
use shellsift_disk::ReadAt;
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) const CLUSTER: usize = 1024;
const MFT: usize = 4;
const RECORDS: usize = 64;
pub(crate) const FOLDER: u16 = 3;
pub(crate) const FILE: u16 = 1;
pub(crate) const DELETED: u16 = 0;
pub(crate) const ROOT: u64 = 5 | 5 << 48;

pub(crate) fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

fn bytes_of(units: &[u16]) -> Vec<u8> {
    units.iter().flat_map(|unit| unit.to_le_bytes()).collect()
}

fn padded(mut attribute: Vec<u8>) -> Vec<u8> {
    attribute.resize(attribute.len().next_multiple_of(8), 0);
    let length = attribute.len() as u32;
    attribute[4..8].copy_from_slice(&length.to_le_bytes());
    attribute
}

/// An attribute whose content lies in the record.
pub(crate) fn resident(kind: u32, name: &str, content: &[u8]) -> Vec<u8> {
    let name = bytes_of(&wide(name));
    let mut out = kind.to_le_bytes().to_vec();
    out.extend([0, 0, 0, 0, 0, name.len() as u8 / 2, 24, 0, 0, 0, 0, 0]);
    out.extend((content.len() as u32).to_le_bytes());
    out.extend((24 + name.len() as u16).next_multiple_of(8).to_le_bytes());
    out.extend([0, 0]);
    out.extend(name);
    out.resize(out.len().next_multiple_of(8), 0);
    out.extend(content);
    padded(out)
}

/// Where an attribute lies whose content lies in clusters.
#[derive(Default)]
pub(crate) struct NonResident<'a> {
    pub(crate) flags: u16,
    pub(crate) unit: u8,
    pub(crate) size: u64,
    pub(crate) valid: Option<u64>,
    pub(crate) first: u64,
    /// Count and place.
    pub(crate) runs: &'a [(u32, Option<u64>)],
}

pub(crate) fn in_clusters(kind: u32, name: &str, non_resident: &NonResident<'_>) -> Vec<u8> {
    let name = bytes_of(&wide(name));
    let pairs_at = (64 + name.len()).next_multiple_of(8) as u16;
    let mut out = kind.to_le_bytes().to_vec();
    out.extend([0, 0, 0, 0, 1, name.len() as u8 / 2, 64, 0]);
    out.extend(non_resident.flags.to_le_bytes());
    out.extend([0, 0]);
    out.extend(non_resident.first.to_le_bytes());
    let clusters: u64 = non_resident.runs.iter().map(|run| u64::from(run.0)).sum();
    out.extend((non_resident.first + clusters).wrapping_sub(1).to_le_bytes());
    out.extend(pairs_at.to_le_bytes());
    out.extend([non_resident.unit, 0, 0, 0, 0, 0]);
    for value in [clusters * CLUSTER as u64, non_resident.size, non_resident.valid.unwrap_or(non_resident.size)] {
        out.extend(value.to_le_bytes());
    }
    out.extend(name);
    out.resize(usize::from(pairs_at), 0);
    let mut last = 0;
    for (count, place) in non_resident.runs {
        out.push(if place.is_some() { 0x84 } else { 0x04 });
        out.extend(count.to_le_bytes());
        if let Some(place) = place {
            out.extend((*place as i64 - last).to_le_bytes());
            last = *place as i64;
        }
    }
    out.push(0);
    padded(out)
}

pub(crate) fn standard(times: [u64; 4], attributes: u32) -> Vec<u8> {
    let mut content: Vec<u8> = times.iter().flat_map(|time| time.to_le_bytes()).collect();
    content.extend(attributes.to_le_bytes());
    content.resize(72, 0);
    resident(0x10, "", &content)
}

pub(crate) fn name_of(parent: u64, space: u8, units: &[u16], times: [u64; 4]) -> Vec<u8> {
    resident(0x30, "", &name_content(parent, space, units, times))
}

pub(crate) fn name_content(parent: u64, space: u8, units: &[u16], times: [u64; 4]) -> Vec<u8> {
    let mut content = parent.to_le_bytes().to_vec();
    content.extend(times.iter().flat_map(|time| time.to_le_bytes()));
    content.resize(64, 0);
    content.extend([units.len() as u8, space]);
    content.extend(bytes_of(units));
    content
}

/// A long name with times of 1.
pub(crate) fn named(parent: u64, name: &str) -> Vec<u8> {
    name_of(parent, 1, &wide(name), [1; 4])
}

/// A volume that is made.
pub(crate) struct Image {
    records: BTreeMap<usize, Vec<u8>>,
    data: Vec<u8>,
    used: Vec<bool>,
    pub(crate) with_upper_case: bool,
    /// The folder that the root says it lies in.
    pub(crate) root_in: u64,
    /// Which records the `$MFT` says are in use.
    pub(crate) mft_bits: Vec<u8>,
    /// How many records there is room for.
    count: usize,
}

impl Image {
    pub(crate) fn new() -> Self {
        Self::with_room(RECORDS)
    }

    /// With room for so many records.
    pub(crate) fn with_room(count: usize) -> Self {
        let data = vec![0; (MFT + count) * CLUSTER];
        let used = vec![true; MFT + count];
        let (records, mft_bits) = (BTreeMap::new(), Vec::new());
        Self { records, data, used, with_upper_case: false, root_in: ROOT, mft_bits, count }
    }

    /// Stores bytes in new clusters and says where.
    pub(crate) fn store(&mut self, bytes: &[u8]) -> u64 {
        let place = self.data.len() / CLUSTER;
        self.data.extend(bytes);
        self.data.resize(self.data.len().next_multiple_of(CLUSTER), 0);
        self.used.resize(self.data.len() / CLUSTER, true);
        place as u64
    }

    pub(crate) fn free(&mut self, place: u64, count: usize) {
        self.used[place as usize..place as usize + count].fill(false);
    }

    /// Sets a record that continues no other.
    pub(crate) fn record(&mut self, number: usize, sequence: u16, flags: u16, attributes: &[Vec<u8>]) {
        self.part(number, sequence, flags, 0, attributes);
    }

    pub(crate) fn part(&mut self, number: usize, sequence: u16, flags: u16, base: u64, attributes: &[Vec<u8>]) {
        let mut out = b"FILE\x30\0\x03\0".to_vec();
        out.resize(16, 0);
        for value in [sequence, 1, 56, flags] {
            out.extend(value.to_le_bytes());
        }
        let used = 56 + attributes.iter().map(Vec::len).sum::<usize>() + 8;
        out.extend((used as u32).to_le_bytes());
        out.extend(1024_u32.to_le_bytes());
        out.extend(base.to_le_bytes());
        out.resize(56, 0);
        out.extend(attributes.iter().flatten());
        out.extend([0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]);
        assert!(out.len() <= 1024, "too much for a record");
        out.resize(1024, 0);
        self.records.insert(number, out);
    }

    /// Writes bytes into a record, before its sectors are marked.
    pub(crate) fn patch(&mut self, number: usize, at: usize, bytes: &[u8]) {
        let record = self.records.get_mut(&number).expect("set before");
        record[at..at + bytes.len()].copy_from_slice(bytes);
    }

    pub(crate) fn build(mut self) -> Vec<u8> {
        let size = (self.count * 1024) as u64;
        let mft = NonResident { size, runs: &[(self.count as u32, Some(MFT as u64))], ..NonResident::default() };
        let mut of_mft = vec![standard([7; 4], 6), named(ROOT, "$MFT"), in_clusters(0x80, "", &mft)];
        if !self.mft_bits.is_empty() {
            of_mft.push(resident(0xB0, "", &self.mft_bits));
        }
        self.record(0, 1, FILE, &of_mft);
        let information = resident(0x70, "", &[0, 0, 0, 0, 0, 0, 0, 0, 3, 1, 1, 0]);
        self.record(3, 3, FILE, &[named(ROOT, "$Volume"), resident(0x60, "", &bytes_of(&wide("DATA"))), information]);
        self.record(5, 5, FOLDER, &[standard([8; 4], 6), named(self.root_in, ".")]);
        if self.with_upper_case {
            let upper = UpperCase::common();
            let table: Vec<u8> = (0..=u16::MAX).flat_map(|unit| upper.of(unit).to_le_bytes()).collect();
            let place = self.store(&table);
            let non_resident =
                NonResident { size: table.len() as u64, runs: &[(128, Some(place))], ..NonResident::default() };
            self.record(10, 10, FILE, &[named(ROOT, "$UpCase"), in_clusters(0x80, "", &non_resident)]);
        }
        let mut bitmap = vec![0_u8; self.used.len().div_ceil(8)];
        for (at, _) in self.used.iter().enumerate().filter(|(_, used)| **used) {
            bitmap[at / 8] |= 1 << (at % 8);
        }
        self.record(6, 6, FILE, &[named(ROOT, "$Bitmap"), resident(0x80, "", &bitmap)]);
        let mut image = self.data;
        for (number, mut record) in self.records {
            for sector in 1..=2 {
                let end = record[512 * sector - 2..512 * sector].to_vec();
                record[48 + 2 * sector..50 + 2 * sector].copy_from_slice(&end);
                record[512 * sector - 2..512 * sector].copy_from_slice(&[9, 9]);
            }
            record[48..50].copy_from_slice(&[9, 9]);
            let at = (MFT + number) * CLUSTER;
            image[at..at + 1024].copy_from_slice(&record);
            if number == 0 {
                image[2 * CLUSTER..3 * CLUSTER].copy_from_slice(&record);
            }
        }
        let sectors = image.len() as u64 / 512;
        let mut boot = b"\xEB\x52\x90NTFS    \x00\x02\x02".to_vec();
        boot.resize(40, 0);
        for value in [sectors, MFT as u64, 2] {
            boot.extend(value.to_le_bytes());
        }
        boot.extend([0xF6, 0, 0, 0, 0xF6, 0, 0, 0]);
        boot.extend(0x1122_3344_5566_7788_u64.to_le_bytes());
        boot.resize(510, 0);
        boot.extend([0x55, 0xAA]);
        image[..512].copy_from_slice(&boot);
        image.extend(boot);
        image
    }

    pub(crate) fn open(self) -> Volume {
        open(self.build()).expect("a volume")
    }
}

pub(crate) fn open(image: Vec<u8>) -> Result<Volume, crate::Unopened> {
    let source: Arc<dyn ReadAt> = Arc::new(image);
    Volume::open(source)
}

/// All bytes of a stream.
pub(crate) fn all(volume: &Volume, number: u64, name: &str) -> Result<Vec<u8>, String> {
    let stream = volume.open_stream(number, &wide(name)).map_err(|error| error.to_string())?;
    let mut bytes = vec![0xEE; usize::try_from(stream.len()).expect("small")];
    let read = stream.read_at(&mut bytes, 0).map_err(|error| error.to_string())?;
    assert_eq!(read, bytes.len());
    Ok(bytes)
}
