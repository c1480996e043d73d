use crate::testing::{bytes, error_at, opened, refused, survives, volume};
use crate::verify;
use std::io::Write;
use std::ops::ControlFlow;

const CHUNK: usize = 8 * 512;

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Packed,
    Plain,
    Smart,
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("packed");
    encoder.finish().expect("packed")
}

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    let sum = adler2::adler32_slice(&bytes);
    bytes.extend(sum.to_le_bytes());
    bytes
}

struct Segment(Vec<u8>);

impl Segment {
    fn new(number: u16) -> Self {
        let mut bytes = b"EVF\x09\r\n\xff\0\x01".to_vec();
        bytes.extend(number.to_le_bytes());
        bytes.extend([0, 0]);
        Self(bytes)
    }

    fn section(&mut self, kind: &str, data: &[u8]) {
        let at = self.0.len() as u64;
        let is_last = matches!(kind, "next" | "done");
        let size = 76 + data.len() as u64;
        let mut header = vec![0; 72];
        header[..kind.len()].copy_from_slice(kind.as_bytes());
        header[16..24].copy_from_slice(&if is_last { at } else { at + size }.to_le_bytes());
        header[24..32].copy_from_slice(&size.to_le_bytes());
        self.0.extend(sealed(header));
        self.0.extend(data);
    }

    fn chunks(&mut self, content: &[u8], kind: Kind) {
        let parts: Vec<(bool, Vec<u8>)> = content
            .chunks(CHUNK)
            .enumerate()
            .map(|(index, part)| match kind {
                Kind::Plain => (false, sealed(part.to_vec())),
                Kind::Packed if index % 3 == 2 => (false, sealed(part.to_vec())),
                _ => (true, zlib(part)),
            })
            .collect();
        let data: Vec<u8> = parts.iter().flat_map(|(_, bytes)| bytes.clone()).collect();
        let base = if kind == Kind::Smart { 0 } else { self.0.len() };
        let mut head = (parts.len() as u32).to_le_bytes().to_vec();
        head.extend([0; 4]);
        head.extend((base as u64).to_le_bytes());
        head.extend([0; 4]);
        let mut at = if kind == Kind::Smart { self.0.len() + 76 + 24 + 4 * parts.len() } else { 76 };
        let mut offsets = Vec::new();
        for (is_packed, bytes) in &parts {
            offsets.extend((at as u32 | if *is_packed { 1 << 31 } else { 0 }).to_le_bytes());
            at += bytes.len();
        }
        if kind == Kind::Smart {
            return self.section("table", &[sealed(head), offsets, data].concat());
        }
        let table = [sealed(head), sealed(offsets)].concat();
        self.section("sectors", &data);
        self.section("table", &table);
        self.section("table2", &table);
    }
}

fn geometry(length: usize, kind: Kind) -> Vec<u8> {
    let mut bytes = vec![0; if kind == Kind::Smart { 90 } else { 1048 }];
    bytes[4..8].copy_from_slice(&(length.div_ceil(CHUNK) as u32).to_le_bytes());
    bytes[8..12].copy_from_slice(&8u32.to_le_bytes());
    bytes[12..16].copy_from_slice(&512u32.to_le_bytes());
    bytes[16..20].copy_from_slice(&(length as u32 / 512).to_le_bytes());
    sealed(bytes)
}

/// An image in so many segments.
fn image(content: &[u8], segments: usize, kind: Kind) -> Vec<(String, Vec<u8>)> {
    let per_segment = content.len().div_ceil(CHUNK).div_ceil(segments) * CHUNK;
    let mut files = Vec::new();
    for (index, part) in content.chunks(per_segment).enumerate() {
        let mut segment = Segment::new(index as u16 + 1);
        if index == 0 {
            segment.section("header", &zlib(b"1\nmain\nc\tm\n7\t2021 3 20 10 0 0\n"));
            segment.section("volume", &geometry(content.len(), kind));
        }
        // Two tables in a segment.
        let half = part.len().div_ceil(2).next_multiple_of(CHUNK).min(part.len());
        segment.chunks(&part[..half], kind);
        if half < part.len() {
            segment.chunks(&part[half..], kind);
        }
        if (index + 1) * per_segment >= content.len() {
            let mut hash: Vec<u8> = <md5::Md5 as md5::Digest>::digest(content).to_vec();
            hash.extend([0; 16]);
            segment.section("hash", &sealed(hash));
            segment.section("done", &[]);
        } else {
            segment.section("next", &[]);
        }
        let letter = if kind == Kind::Smart { 's' } else { 'E' };
        files.push((format!("disk.{letter}{:02}", index + 1), segment.0));
    }
    files
}

fn named(files: &[(String, Vec<u8>)]) -> Vec<(&str, Vec<u8>)> {
    files.iter().map(|(name, bytes)| (&**name, bytes.clone())).collect()
}

fn is_verified(disk: &crate::Disk) -> bool {
    let verified = verify(disk, &mut |_, _| ControlFlow::Continue(())).expect("readable");
    verified.expect("a hash").is_sound()
}

#[test]
fn images_of_all_writers_with_a_short_last_chunk() {
    let content = volume(9 * CHUNK + 3 * 512);
    for (kind, segments) in
        [(Kind::Packed, 1), (Kind::Packed, 3), (Kind::Plain, 1), (Kind::Plain, 4), (Kind::Smart, 1), (Kind::Smart, 2)]
    {
        let files = image(&content, segments, kind);
        let disk = opened(&named(&files));
        assert_eq!((disk.problems.len(), disk.parts.len()), (0, segments), "{:?}", disk.problems);
        assert_eq!(bytes(&disk), content);
        assert!(is_verified(&disk));
        assert_eq!(disk.kind, if kind == Kind::Smart { "S01" } else { "E01" });
        assert_eq!(disk.facts[1].value, "2021-03-20 10:00:00 (local time)");
    }
}

#[test]
fn altered_chunks_are_errors_and_the_others_are_read() {
    let content = volume(6 * CHUNK);
    for kind in [Kind::Packed, Kind::Plain] {
        let mut files = image(&content, 1, kind);
        let at = files[0].1.windows(7).position(|part| part == b"sectors").expect("there") + 76 + 50;
        files[0].1[at] ^= 1;
        let disk = opened(&named(&files));
        assert!(error_at(&disk, 100).contains("its chunk 0 (bytes 0 to 4096 of the disk)"));
        let mut buffer = vec![0; CHUNK];
        disk.data.read_at(&mut buffer, CHUNK as u64).expect("the next one");
        assert_eq!(buffer, content[CHUNK..2 * CHUNK]);
        assert!(verify(&disk, &mut |_, _| ControlFlow::Continue(())).is_err());
    }
    let mut files = image(&content, 1, Kind::Packed);
    let at = files[0].1.windows(4).position(|part| part == b"hash").expect("there") + 76;
    files[0].1[at] ^= 1;
    assert!(!is_verified(&opened(&named(&files))));
    assert!(verify(&opened(&named(&files)), &mut |_, _| ControlFlow::Break(())).expect("ended").is_none());
}

#[test]
fn missing_segments_are_named_and_what_precedes_is_read() {
    let content = volume(8 * CHUNK);
    let mut files = image(&content, 4, Kind::Packed);
    files.remove(2);
    let disk = opened(&named(&files));
    assert_eq!(disk.problems.len(), 1);
    assert!(disk.problems[0].starts_with("its segment disk.E03 is missing"), "{:?}", disk.problems);
    let mut buffer = vec![0; 4 * CHUNK];
    disk.data.read_at(&mut buffer, 0).expect("two segments");
    assert_eq!(buffer, content[..4 * CHUNK]);
    assert_eq!(error_at(&disk, 4 * CHUNK as u64), "its segment disk.E03 is missing");
    let second = vec![files[1].clone(), files[0].clone()];
    assert!(refused(&named(&second)).contains("specify the first one, disk.E01"));
    files[1].0 = "disk.E05".to_owned();
    assert!(opened(&named(&files)).problems[0].contains("disk.E02 is missing"));
    let (wrong, last) = (image(&content, 4, Kind::Packed)[2].1.clone(), files.len() - 1);
    files[last] = ("disk.E02".to_owned(), wrong);
    assert!(opened(&named(&files)).problems[0].contains("disk.E02 is not the next segment"));
}

#[test]
fn a_damaged_table_is_read_from_its_copy() {
    let content = volume(5 * CHUNK);
    let files = image(&content, 1, Kind::Packed);
    let places: Vec<usize> = {
        let bytes = &files[0].1;
        (0..bytes.len() - 6)
            .filter(|at| bytes[*at..].starts_with(b"table\0") || bytes[*at..].starts_with(b"table2"))
            .collect()
    };
    for within in [76, 76 + 24] {
        let mut first = files.clone();
        first[0].1[places[0] + within] ^= 1;
        assert_eq!(bytes(&opened(&named(&first))), content, "{within}");
        let mut both = first;
        both[0].1[places[1] + within] ^= 1;
        let both = named(&both);
        let text = if within == 76 { refused(&both) } else { error_at(&opened(&both), 0) };
        assert!(text.contains("does not match its checksum"), "{text}");
    }
    let mut copy = files.clone();
    copy[0].1[places[1] + 76] ^= 1;
    assert_eq!(bytes(&opened(&named(&copy))), content);
}

#[test]
fn what_does_not_match_its_checksum_is_reported() {
    let content = volume(2 * CHUNK);
    let altered = |kind: &str, within: usize| {
        let mut files = image(&content, 1, Kind::Packed);
        let at = files[0].1.windows(kind.len()).position(|part| part == kind.as_bytes()).expect("there");
        files[0].1[at + within] ^= 1;
        opened(&named(&files)).problems
    };
    assert_eq!(altered("volume", 76 + 60), ["its volume section does not match its checksum"]);
    assert_eq!(altered("hash", 76 + 20), ["its stored hash does not match its checksum"]);
    assert!(altered("done", 72)[0].ends_with("does not match its checksum; all chunks of the disk are there"));
}

#[test]
fn read_errors_of_the_acquisition_are_reported() {
    let content = volume(2 * CHUNK);
    let mut segment = Segment::new(1);
    segment.section("volume", &geometry(content.len(), Kind::Plain));
    segment.chunks(&content, Kind::Plain);
    let mut errors = vec![0; 516];
    errors[0] = 1;
    let mut errors = sealed(errors);
    errors.extend(sealed([5u32.to_le_bytes(), 3u32.to_le_bytes()].concat()));
    segment.section("error2", &errors);
    segment.section("done", &[]);
    let disk = opened(&[("a.E01", segment.0)]);
    assert_eq!(disk.problems, ["3 sectors could not be read when it was acquired and are zeros in it, the first is 5"]);
}

#[test]
fn no_alteration_ends_in_a_panic() {
    let content = volume(6 * CHUNK);
    for kind in [Kind::Packed, Kind::Smart] {
        let files = image(&content, 2, kind);
        let files = named(&files);
        for index in 0..2 {
            let bytes = &files[index].1;
            let sections: Vec<usize> = (0..bytes.len())
                .filter(|at| bytes[*at..].starts_with(b"table") || bytes[*at..].starts_with(b"volume"))
                .collect();
            let near = sections.into_iter().flat_map(|at| (at..at + 130).step_by(3));
            survives(&files, index, near.chain((0..bytes.len()).step_by(151)));
        }
    }
}

#[test]
fn what_many_sections_say_is_bounded() {
    let content = volume(2 * CHUNK);
    let mut segment = Segment::new(1);
    for _ in 0..16 {
        segment.section("header", &zlib(b"nothing"));
    }
    segment.section("header", &zlib(b"1\nmain\nc\tm\n7\t2021 3 20 10 0 0\n"));
    segment.section("volume", &geometry(content.len(), Kind::Plain));
    segment.chunks(&content, Kind::Plain);
    for _ in 0..1500 {
        segment.section("hash", &[7; 36]);
    }
    segment.section("done", &[]);
    let disk = opened(&[("a.E01", segment.0)]);
    assert_eq!((bytes(&disk), disk.facts.len(), disk.problems.len()), (content, 0, 1001));
    assert_eq!(disk.problems[1000], "it has more problems, which are not listed");
}
