//! Archives that would take time or memory out of all proportion, or hide what is in them.

use super::make::{self, Zipped, gzip, tar, tarred, zip, zipped};
use super::{all, open, opened, problems, root};
use crate::archive::Format;
use crate::evidence::Evidence;

#[test]
fn a_member_that_claims_to_reach_over_others_does_not_hide_them() {
    let mut bytes = zip(&[zipped("a.aspx", b"first"), zipped("b.aspx", b"second"), zipped("c/", b"")]);
    let entry = memchr::memmem::find(&bytes, b"PK\x01\x02").expect("a directory");
    bytes[entry + 20..entry + 24].copy_from_slice(&0x7fff_ffffu32.to_le_bytes());
    let archive = open(bytes, Format::Zip);
    let found = all(&archive);
    assert!(found[0].contains("is outside the archive"), "{found:?}");
    assert_eq!((&found[1..], problems(&archive)), (&["b.aspx: second".to_owned()][..], Vec::new()));
}

#[test]
fn what_is_a_folder_by_its_mode_alone_is_read_where_it_has_content() {
    let folder = |name: &str, content: &[u8]| Zipped { mode: 0o040_755, ..zipped(name, content) };
    let archive = open(zip(&[folder("a.aspx", b"page"), folder("b", b""), zipped("b/x", b"y")]), Format::Zip);
    assert_eq!((all(&archive), problems(&archive).len()), (vec!["a.aspx: page".to_owned(), "b/x: y".to_owned()], 0));
}

#[test]
fn an_empty_directory_behind_an_archive_hides_nothing() {
    let empty = [&b"PK\x05\x06"[..], &[0; 18]].concat();
    let archive = open([zip(&[zipped("a.aspx", b"page")]), empty.clone()].concat(), Format::Zip);
    assert_eq!(all(&archive), ["a.aspx: page"]);
    let cut = make::tarred("x", b'0', "", b"no archive");
    assert_eq!(all(&open([cut, empty.clone()].concat(), Format::Zip)), [""; 0]);
    assert!(open(empty, Format::Zip).is_empty());
}

#[test]
fn a_cut_zip_archive_that_unpacks_out_of_all_proportion_is_left() {
    let streamed = |sizes: &[usize]| {
        let mut streamed = Vec::new();
        for (number, size) in sizes.iter().enumerate() {
            let content = vec![b'a'; *size];
            let packed = make::deflate(&content);
            streamed.extend(b"PK\x03\x04\x14\0\x08\0\x08\0\0\0\0\0");
            streamed.extend([0; 12]);
            streamed.extend([1, 0, 0, 0, b'0' + number as u8]);
            streamed.extend(&packed);
            streamed.extend(b"PK\x07\x08");
            for number in [make::crc(&content), packed.len() as u32, content.len() as u32] {
                streamed.extend(number.to_le_bytes());
            }
        }
        let archive = open(streamed, Format::Zip);
        (archive.len(), problems(&archive).remove(0))
    };
    // The bounds are 8 MiB of one and 16 MiB of all in tests.
    let (few, message) = streamed(&[6 << 20, 6 << 20, 100]);
    assert!(few == 3 && message.ends_with("may be truncated"), "{message}");
    let (many, message) = streamed(&[6 << 20; 6]);
    assert!(many == 3 && message.ends_with("the rest unpacks to more than 250 times its size"), "{message}");
    let (one, _) = streamed(&[30 << 20, 100]);
    assert_eq!(one, 1);
}

#[test]
fn a_gzip_header_may_be_long_but_has_an_end() {
    let packed = gzip(&tar(&[tarred("x", b'0', "", b"content")]));
    let named = |name: &[u8]| [&packed[..10], name, &packed[14..]].concat();
    assert_eq!(&packed[10..15], b"name\0");
    for length in [0, 255, 256, 257, 65_000] {
        assert_eq!(all(&open(named(&vec![b'n'; length]), Format::TarGzip)), ["x: content"], "{length}");
    }
    let error = opened(named(&vec![b'n'; 70_000]), Format::TarGzip).err().map(|error| error.to_string());
    assert_eq!(error.as_deref(), Some("it has a gzip header that does not end"));
    assert!(opened([&packed[..10], b"nnn"].concat(), Format::TarGzip).is_err());
}

#[test]
fn a_name_that_is_too_long_moves_no_other_in_a_7z_archive() {
    let long = "n".repeat(100_000);
    let files: [(&str, &[u8]); 3] = [("a", b"first"), (&long, b"long"), ("b", b"last")];
    let archive = open(make::seven(&files, &[0], &[], b"firstlonglast"), Format::SevenZip);
    assert_eq!((all(&archive), problems(&archive).len()), (vec!["a: first".to_owned(), "b: last".to_owned()], 1));
}

#[test]
fn members_of_a_large_block_are_not_unpacked_again_without_end() {
    let content = vec![b'a'; 2 << 20];
    let names: Vec<String> = (0..20).map(|number| format!("{number:02}")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), content.as_slice())).collect();
    let stored = make::seven(&files, &[0], &[], &content.repeat(20));
    let packed = make::seven(&files, &[4, 1, 8], &[], &make::deflate(&content.repeat(20)));
    let errors = |archive: &[u8], order: &mut dyn Iterator<Item = &String>| {
        let archive = open(archive.to_vec(), Format::SevenZip);
        let read = |name: &String| {
            let mut reader = archive.open(&root().join(name)).expect("there").reader;
            std::io::copy(&mut reader, &mut std::io::sink()).map_err(|error| error.to_string())
        };
        order.filter_map(|name| read(name).err()).collect::<Vec<_>>()
    };
    assert_eq!(errors(&stored, &mut names.iter()), [""; 0]);
    assert_eq!(errors(&stored, &mut names.iter().chain(&names).chain(&names)), [""; 0]);
    // From its end on each of them needs all that lies before it: 380 MiB, where four times the block and 4 MiB are allowed in tests.
    let refused = errors(&stored, &mut names.iter().rev());
    assert!(!refused.is_empty() && refused.iter().all(|why| why.contains("unpacked too often")), "{refused:?}");
    // A block that unpacks to a thousand times its size: 16 MiB beside the first one of each member are read in tests.
    let refused = errors(&packed, &mut names.iter());
    assert!(
        (3..=6).contains(&refused.len()) && refused.iter().all(|why| why.contains("more than 250 times")),
        "{refused:?}"
    );
}

#[test]
fn a_7z_header_that_states_more_than_can_be_held_is_refused() {
    let archive = |body: &[u8]| {
        let header = [&[1, 4, 7, 0x0b][..], body].concat();
        let mut start = [0; 8].to_vec();
        start.extend((header.len() as u64).to_le_bytes());
        start.extend(make::crc(&header).to_le_bytes());
        let sum = make::crc(&start).to_le_bytes();
        let file = [b"7z\xbc\xaf\x27\x1c\0\x04", &sum[..], &start, &header].concat();
        opened(file, Format::SevenZip).err().map(|error| error.to_string()).expect("refused")
    };
    let blocks = |count: u32| [&[0xf0][..], &count.to_le_bytes(), &vec![0; 2_000_000]].concat();
    assert_eq!(archive(&blocks(500_001)), "it has more members than can be read: unpack it first");
    assert_eq!(archive(&blocks(500_000)), "its header is damaged");
}
