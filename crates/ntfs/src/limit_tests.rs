//! What a volume may make a reader do, and what of damage is reported.

use crate::Known;
use crate::test_support::*;

#[test]
fn a_damaged_record_is_reported_as_one_of_a_file_unless_the_mft_says_that_it_is_free() {
    let reported = |bits: &[u8]| {
        let mut image = Image::new();
        image.mft_bits = bits.to_vec();
        image.record(20, 1, FILE, &[named(ROOT, "page.aspx")]);
        image.record(22, 1, FILE, &[named(ROOT, "other.aspx")]);
        image.patch(20, 0, b"BAAD");
        image.patch(22, 0, b"\xDE\xAD\xBE\xEF");
        let volume = image.open();
        volume.problems().iter().filter_map(|one| Some((one.number?, one.in_use))).collect::<Vec<_>>()
    };
    assert_eq!(reported(&[0xFF, 0xFF, 0x10, 0, 0, 0, 0, 0]), [(20, true), (22, false)]);
    assert_eq!(reported(&[0xFF, 0xFF, 0, 0, 0, 0, 0, 0]), [(20, false), (22, false)]);
    assert_eq!(reported(&[]), [(20, true), (22, true)], "nothing says that no file is there");
}

#[test]
fn paths_end_where_those_of_windows_do() {
    // Each folder lies in the one before.
    let chain = |count: usize, length: usize| {
        let mut image = Image::with_room(count + 60);
        for number in 40..40 + count {
            let parent = if number == 40 { ROOT } else { (number as u64 - 1) | 1 << 48 };
            image.record(number, 1, FOLDER, &[name_of(parent, 1, &vec![u16::from(b'a'); length], [1; 4])]);
        }
        let path = image.open().path_of(39 + count as u64);
        (path.known, path.parts.len())
    };
    assert_eq!(chain(100, 255), (Known::Root, 100));
    assert_eq!(chain(140, 255).0, Known::TooDeep);
    assert_eq!(chain(1_000, 1), (Known::Root, 1_000));
    assert_eq!(chain(1_100, 1), (Known::TooDeep, 1_024));
}

#[test]
fn a_file_of_a_thousand_streams_is_read_and_more_are_a_problem() {
    let with = |parts: usize| {
        let mut image = Image::with_room(200);
        image.record(40, 1, FILE, &[named(ROOT, "f"), resident(0x80, "", b"content")]);
        for part in 0..parts {
            let streams: Vec<Vec<u8>> =
                (0..16).map(|stream| resident(0x80, &format!("{part}.{stream}"), b"x")).collect();
            image.part(41 + part, 1, FILE, 40 | 1 << 48, &streams);
        }
        let record = image.open().record(40).expect("read");
        (record.streams.len(), record.problems)
    };
    assert_eq!(with(60), (961, Vec::new()));
    assert_eq!(with(70), (1_024, vec!["it has more than 1024 streams: the rest is not read"]));
}
