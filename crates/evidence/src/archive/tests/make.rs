//! Small archives, written by hand.

/// A member of a zip archive to be written.
#[derive(Clone, Default)]
pub(crate) struct Zipped {
    pub(crate) name: Vec<u8>,
    pub(crate) content: Vec<u8>,
    pub(crate) deflated: bool,
    pub(crate) flags: u16,
    pub(crate) method: Option<u16>,
    pub(crate) extra: Vec<u8>,
    pub(crate) size: Option<u32>,
    pub(crate) check: Option<u32>,
    /// Upper half of the external attributes, of a member made on Unix.
    pub(crate) mode: u16,
    /// The place of another header to point at.
    pub(crate) at: Option<u32>,
}

pub(crate) fn zipped(name: &str, content: &[u8]) -> Zipped {
    Zipped { name: name.as_bytes().to_vec(), content: content.to_vec(), deflated: true, ..Zipped::default() }
}

pub(crate) fn crc(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

pub(crate) fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    std::io::Read::read_to_end(&mut flate2::read::DeflateEncoder::new(bytes, flate2::Compression::new(6)), &mut packed)
        .expect("packed");
    packed
}

pub(crate) fn zip(members: &[Zipped]) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for member in members {
        let packed = if member.deflated { deflate(&member.content) } else { member.content.clone() };
        let method = member.method.unwrap_or(if member.deflated { 8 } else { 0 });
        let at = member.at.unwrap_or(file.len() as u32);
        let mut common = Vec::new();
        common.extend(20u16.to_le_bytes());
        common.extend(member.flags.to_le_bytes());
        common.extend(method.to_le_bytes());
        common.extend([0, 0x50, 0x74, 0x52]); // 2021-03-20 10:00
        common.extend(member.check.unwrap_or_else(|| crc(&member.content)).to_le_bytes());
        common.extend((packed.len() as u32).to_le_bytes());
        common.extend(member.size.unwrap_or(member.content.len() as u32).to_le_bytes());
        common.extend((member.name.len() as u16).to_le_bytes());
        common.extend((member.extra.len() as u16).to_le_bytes());
        file.extend(b"PK\x03\x04");
        file.extend(&common);
        file.extend(&member.name);
        file.extend(&member.extra);
        file.extend(&packed);
        directory.extend(b"PK\x01\x02");
        directory.extend([20, if member.mode > 0 { 3 } else { 0 }]);
        directory.extend(&common);
        directory.extend([0; 6]); // comment, disk, internal attributes
        directory.extend((u32::from(member.mode) << 16).to_le_bytes());
        directory.extend(at.to_le_bytes());
        directory.extend(&member.name);
        directory.extend(&member.extra);
    }
    let at = file.len() as u32;
    let count = members.len() as u16;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend(count.to_le_bytes());
    file.extend(count.to_le_bytes());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(at.to_le_bytes());
    file.extend([0, 0]);
    file
}

/// A header of tar with its content; `name` and `link` up to 100 bytes.
pub(crate) fn tarred(name: &str, kind: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut block = [0u8; 512];
    let mut put = |at: usize, bytes: &[u8]| block[at..at + bytes.len()].copy_from_slice(bytes);
    put(0, name.as_bytes());
    put(100, b"0000644\0");
    put(124, format!("{:011o}\0", content.len()).as_bytes());
    put(136, format!("{:011o}\0", 1_614_754_761).as_bytes());
    put(148, b"        ");
    put(156, &[kind]);
    put(157, link.as_bytes());
    put(257, b"ustar\x0000");
    let mut out = signed(block).to_vec();
    out.extend(content);
    out.resize(out.len().next_multiple_of(512), 0);
    out
}

/// A header with the sum that it needs.
pub(crate) fn signed(mut block: [u8; 512]) -> [u8; 512] {
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

pub(crate) fn pax(records: &[(&str, &str)]) -> Vec<u8> {
    let record = |(key, value): &(&str, &str)| {
        let rest = format!(" {key}={value}\n");
        let digits = (1..9).find(|digits| (rest.len() + digits).to_string().len() == *digits).expect("short");
        format!("{}{rest}", digits + rest.len())
    };
    tarred("pax", b'x', "", records.iter().map(record).collect::<String>().as_bytes())
}

pub(crate) fn tar(members: &[Vec<u8>]) -> Vec<u8> {
    let mut file = members.concat();
    file.resize(file.len() + 1024, 0);
    file
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = b"\x1f\x8b\x08\x08\0\0\0\0\0\x03name\0".to_vec();
    packed.extend(deflate(bytes));
    packed.extend(crc(bytes).to_le_bytes());
    packed.extend((bytes.len() as u32).to_le_bytes());
    packed
}

/// A 7z archive of files in one block, whose header lies open: `coder` is the id of what packs the block, `properties` its properties.
pub(crate) fn seven(files: &[(&str, &[u8])], coder: &[u8], properties: &[u8], packed: &[u8]) -> Vec<u8> {
    let number = |value: usize| {
        if value < 0x80 { vec![value as u8] } else { [&[0xf0][..], &(value as u32).to_le_bytes()].concat() }
    };
    let whole: usize = files.iter().map(|(_, content)| content.len()).sum();
    let full: Vec<_> = files.iter().filter(|(_, content)| !content.is_empty()).collect();
    let mut header = vec![1, 4, 6, 0, 1, 9];
    header.extend(number(packed.len()));
    header.extend([0, 7, 0x0b, 1, 0, 1, coder.len() as u8 | if properties.is_empty() { 0 } else { 0x20 }]);
    header.extend(coder);
    if !properties.is_empty() {
        header.extend(number(properties.len()));
        header.extend(properties);
    }
    header.push(0x0c);
    header.extend(number(whole));
    header.extend([0, 8, 0x0d]);
    header.extend(number(full.len()));
    header.push(9);
    for (_, content) in full.iter().rev().skip(1).rev() {
        header.extend(number(content.len()));
    }
    header.extend([0x0a, 1]);
    for (_, content) in &full {
        header.extend(crc(content).to_le_bytes());
    }
    header.extend([0, 0, 5]);
    header.extend(number(files.len()));
    let mut bits = vec![0u8; files.len().div_ceil(8)];
    for (at, _) in files.iter().enumerate().filter(|(_, (_, content))| content.is_empty()) {
        bits[at / 8] |= 0x80 >> (at % 8);
    }
    header.push(0x0e);
    header.extend(number(bits.len()));
    header.extend(&bits);
    let empty = files.len() - full.len();
    header.extend([0x0f, empty.div_ceil(8) as u8]);
    header.extend(vec![0xff; empty.div_ceil(8)]);
    let names: Vec<u8> =
        files.iter().flat_map(|(name, _)| name.encode_utf16().chain([0])).flat_map(u16::to_le_bytes).collect();
    header.push(0x11);
    header.extend(number(names.len() + 1));
    header.push(0);
    header.extend(names);
    header.push(0x14);
    header.extend(number(2 + 8 * files.len()));
    header.extend([1, 0]);
    for _ in files {
        header.extend(132_592_283_613_071_234u64.to_le_bytes());
    }
    header.extend([0, 0]);
    let mut start = Vec::new();
    start.extend((packed.len() as u64).to_le_bytes());
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc(&header).to_le_bytes());
    let mut file = b"7z\xbc\xaf\x27\x1c\0\x04".to_vec();
    file.extend(crc(&start).to_le_bytes());
    file.extend(&start);
    file.extend(packed);
    file.extend(&header);
    file
}

/// LZMA2 of bytes that are not packed: one chunk that resets the dictionary.
pub(crate) fn lzma2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![1];
    packed.extend((bytes.len() as u16 - 1).to_be_bytes());
    packed.extend(bytes);
    packed.push(0);
    packed
}
