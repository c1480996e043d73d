use crate::testing::{bytes, files, opened, refused, survives, volume};
use crate::vmdk::tests::stream;

fn tar(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (name, content) in members {
        let mut header = vec![0; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
        header[156] = b'0';
        header[257..263].copy_from_slice(b"ustar\0");
        bytes.extend(header);
        bytes.extend(*content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

#[test]
fn disks_of_a_virtual_machine() {
    let (first, second) = (volume(100_352), volume(50_176));
    let (one, two) = (stream(&first), stream(&second));
    let ova = tar(&[("vm.ovf", b"<Envelope/>"), ("vm-disk1.vmdk", &one)]);
    let disk = opened(&[("vm.ova", ova.clone())]);
    assert_eq!((disk.kind, bytes(&disk)), ("OVA", first.clone()));
    assert_eq!(disk.parts.iter().map(|part| &*part.name).collect::<Vec<_>>(), ["vm.ova", "vm-disk1.vmdk"]);
    let two = tar(&[("vm.ovf", b"<Envelope/>"), ("a.vmdk", &one), ("b.VMDK", &two)]);
    let disks = crate::open_all(&files(&[("vm.ova", two.clone())]), "vm.ova").expect("opened");
    assert_eq!(disks.iter().map(bytes).collect::<Vec<_>>(), [first, second]);
    assert!(refused(&[("vm.ova", two)]).contains("it contains 2 disks"));
    assert!(refused(&[("a.tar", tar(&[("x.vmdk", &one)]))]).contains("no virtual machine"));
    assert!(refused(&[("a.ova", tar(&[("x.ovf", b"")]))]).contains("contains no disk"));
    assert!(refused(&[("a.ova", ova[..3000].to_vec())]).contains("vm-disk1.vmdk is outside the file"));
    survives(&[("vm.ova", ova)], 0, (0..600).step_by(3).chain(1024..1500));
}

#[test]
fn members_with_one_name_are_refused() {
    let one = stream(&volume(50_176));
    let twins = tar(&[("vm.ovf", b""), ("a.vmdk", &one), ("A.vmdk", &one)]);
    assert!(refused(&[("a.ova", twins)]).contains("two members with the name a.vmdk"));
}
