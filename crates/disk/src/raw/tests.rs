use crate::testing::{bytes, opened, refused, volume};

/// The parts of a disk under these names, each of 1,000 bytes but the last.
fn parts(names: &[&'static str]) -> Vec<(&'static str, Vec<u8>)> {
    let content = volume(1000 * names.len() - 300);
    names.iter().copied().zip(content.chunks(1000).map(<[u8]>::to_vec)).collect()
}

#[test]
fn parts_are_joined_by_their_numbers() {
    let series: [&[&'static str]; 6] = [
        &["disk.001", "disk.002", "disk.003"],
        &["zero.000", "zero.001"],
        &["disk.raw.001", "disk.raw.002"],
        &["x.aa", "x.ab", "x.ac"],
        &["x.AAA", "x.AAB"],
        &["a/D.dd.01", "a/d.dd.02"],
    ];
    for names in series {
        let list = parts(names);
        let disk = opened(&list);
        assert_eq!((disk.kind, disk.parts.len()), ("raw, split", names.len()));
        assert_eq!(bytes(&disk), list.iter().flat_map(|(_, part)| part.clone()).collect::<Vec<u8>>(), "{names:?}");
    }
    let many: Vec<(String, Vec<u8>)> = (1..=1005).map(|number| (format!("m.{number:03}"), volume(512))).collect();
    let many: Vec<(&str, Vec<u8>)> = many.iter().map(|(name, bytes)| (&**name, bytes.clone())).collect();
    assert_eq!(opened(&many).data.len(), 1005 * 512, "and m.1000 behind m.999");
}

#[test]
fn a_missing_part_is_named_and_others_do_not_count() {
    let mut list = parts(&["disk.001", "disk.002", "disk.003", "disk.004"]);
    list.remove(2);
    assert_eq!(refused(&list), "disk.001: its part disk.003 is missing, and later ones are there");
    let mut cut = parts(&["disk.001", "disk.002", "disk.003"]);
    cut[1].1.pop();
    assert!(refused(&cut).contains("its part disk.002 is not as long as the first one"));
    let mut later = parts(&["disk.001", "disk.002"]);
    later.reverse();
    assert!(refused(&later).contains("begins with disk.001"));
    let mut second = parts(&["disk.000", "disk.001", "disk.002"]);
    second.swap(0, 1);
    second[0].1 = volume(1000);
    assert!(refused(&second).contains("begins with disk.000"));
    let alone = [
        ("disk.001", volume(1000)),
        ("other.002", vec![1]),
        ("disk.2", vec![1]),
        ("disk.txt", vec![1]),
        ("disk.0x2", vec![1]),
    ];
    assert_eq!((opened(&alone).kind, bytes(&opened(&alone)).len()), ("raw", 1000));
    let numbers = [("log.005", volume(1000)), ("log.006", vec![1])];
    assert_eq!(opened(&numbers).kind, "raw");
}

#[test]
fn what_is_no_disk_is_refused() {
    assert_eq!(refused(&[("a", Vec::new())]), "a: it is empty");
    assert_eq!(refused(&[("a", vec![0; 70_000])]), "a: it contains only zeros");
    assert!(refused(&[("a.txt", b"a text".repeat(1000))]).contains("not a known disk image"));
    assert!(refused(&[("a.gz", b"\x1f\x8b\x08".repeat(400))]).contains("packed with gzip"));
    assert_eq!(
        refused(&[("a.Ex01", b"EVF2\r\n\x81\0".to_vec())]),
        "a.Ex01: an EnCase 7 disk image (Ex01) is not supported"
    );
    let files = crate::testing::files(&[]);
    assert_eq!(crate::open(&files, "none").err().map(|error| error.why), Some(crate::Why::Missing));
}
