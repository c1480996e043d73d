use super::block::BLOCK_BYTES;
use super::*;

const BLOCKS: u64 = 64;

/// A volume of 64 blocks, each filled with its number.
struct Written(Vec<u8>);

/// What a descriptor says: original block, relative position, place in bytes, flags, bitmap.
type Descriptor = (u64, u64, u64, u32, u32);

impl Written {
    fn new() -> Self {
        let mut bytes: Vec<u8> = (0..BLOCKS).flat_map(|block| vec![block as u8; BLOCK_BYTES]).collect();
        let header = HEADER_AT as usize;
        bytes[header..header + 512].fill(0);
        Self(bytes).put(HEADER_AT, &MAGIC).put(HEADER_AT + 16, &[2, 0, 0, 0, 1]).number(HEADER_AT + 48, 10 * BLOCK)
    }

    fn put(mut self, at: u64, bytes: &[u8]) -> Self {
        self.0[at as usize..at as usize + bytes.len()].copy_from_slice(bytes);
        self
    }

    fn number(self, at: u64, number: u64) -> Self {
        self.put(at, &number.to_le_bytes())
    }

    /// An empty block of a list, which leads to another one.
    fn block(self, block: u64, kind: u8, next: u64) -> Self {
        let at = block * BLOCK;
        let empty = vec![0; BLOCK_BYTES];
        self.put(at, &empty)
            .put(at, &MAGIC)
            .put(at + 16, &[1, 0, 0, 0, kind])
            .number(at + 32, at)
            .number(at + 40, next * BLOCK)
    }

    /// The entries of a copy in the catalog at block 10, and its store from a block on: header, bitmap, descriptors.
    fn copy(self, number: u8, created: u64, store: u64, unused: &[u8], descriptors: &[Descriptor]) -> Self {
        let entry = 10 * BLOCK + HEAD as u64 + u64::from(number) * 256;
        let mut written = if number == 0 { self.block(10, 2, 0) } else { self };
        written = written
            .number(entry, 2)
            .number(entry + 8, BLOCKS * BLOCK)
            .put(entry + 16, &[number + 1; 16])
            .number(entry + 48, created);
        let entry = entry + 128;
        written = written.number(entry, 3).number(entry + 8, (store + 2) * BLOCK).put(entry + 16, &[number + 1; 16]);
        written = written.number(entry + 32, store * BLOCK).number(entry + 48, (store + 1) * BLOCK);
        let about = store * BLOCK + HEAD as u64;
        written = written.block(store, 4, 0).put(about + 16, &[0xA0 + number; 16]).put(about + 32, &[0xB0; 16]);
        written = written.put(about + 56, &[9]).put(about + 64, &[4, 0, b'S', 0, b'1', 0]);
        written = written.block(store + 1, 6, 0).put((store + 1) * BLOCK + HEAD as u64, unused).block(store + 2, 3, 0);
        for (at, (original, relative, place, flags, bitmap)) in descriptors.iter().enumerate() {
            let entry = (store + 2) * BLOCK + HEAD as u64 + 32 * at as u64;
            written = written.number(entry, original * BLOCK).number(entry + 8, *relative).number(entry + 16, *place);
            written = written.put(entry + 24, &flags.to_le_bytes()).put(entry + 28, &bitmap.to_le_bytes());
        }
        written
    }

    fn open(self) -> Shadows {
        Shadows::open(Arc::new(self.0)).expect("readable").expect("prepared for copies")
    }
}

/// The first byte of each 512 bytes of a block.
fn sectors(volume: &dyn ReadAt, block: u64) -> Vec<u8> {
    let mut bytes = vec![0; BLOCK_BYTES];
    read_exact_at(volume, &mut bytes, block * BLOCK).expect("a block");
    assert!(bytes.chunks(512).all(|sector| sector.iter().all(|byte| *byte == sector[0])), "block {block}");
    bytes.iter().step_by(512).copied().collect()
}

fn at(block: u64) -> u64 {
    block * BLOCK
}

/// Two copies: the older one at 20, the newer one at 30; what they kept lies from 40 on.
fn two() -> Written {
    let older =
        [(2, 0, at(40), 0, 0), (3, at(4), 0, FORWARD, 0), (6, at(7), 0, FORWARD, 0), (50, 0, at(49), UNUSED, 0)];
    let newer = [(2, 0, at(41), 0, 0), (4, 0, at(42), 0, 0), (5, 0, at(43), 0, 0)];
    Written::new().copy(0, 200, 30, &[0x80, 1], &newer).copy(1, 100, 20, &[0xFF; 8], &older)
}

const FORWARD: u32 = 1;
const OVERLAY: u32 = 2;
const UNUSED: u32 = 4;

#[test]
fn copies_are_listed_with_the_oldest_first() {
    let shadows = two().open();
    assert_eq!(shadows.problems(), Vec::<String>::new());
    let copies = shadows.copies();
    assert_eq!(copies.iter().map(|copy| copy.created).collect::<Vec<_>>(), [100, 200]);
    let older = &copies[0];
    assert_eq!((older.store, older.id, older.set), (Guid([2; 16]), Some(Guid([0xA1; 16])), Some(Guid([0xB0; 16]))));
    assert_eq!(
        (older.size, older.attributes, older.machine.as_deref(), older.stored),
        (BLOCKS * BLOCK, Some(9), Some("S1"), true)
    );
    let id = Guid([0x69, 0x0B, 0x0F, 0x60, 0xDF, 0x5B, 0xE3, 0x11, 0x9D, 0x6C, 0, 0x50, 0x56, 0xC0, 0, 8]);
    assert_eq!(id.to_string(), "{600f0b69-5bdf-11e3-9d6c-005056c00008}");
    let bare: Arc<dyn ReadAt> = Arc::new(vec![0; BLOCK_BYTES]);
    assert!(Shadows::open(bare).expect("readable").is_none());
    assert!(Shadows::open(Arc::new(Vec::new())).expect("readable").is_none());
    let empty = Written::new().number(HEADER_AT + 48, 0).open();
    assert!(empty.copies().is_empty() && empty.problems().is_empty() && empty.volume(0).is_err());
}

#[test]
fn blocks_come_from_their_own_store_a_newer_one_or_the_volume() {
    let shadows = two().open();
    let older = shadows.volume(0).expect("the older one");
    let newer = shadows.volume(1).expect("the newer one");
    let first = |volume: &ShadowVolume, block| sectors(volume, block)[0];
    // 3 is what the newer copy has as 4; 6 is 7 of the present volume; 50 is not in use.
    for (block, old, new) in [(1, 1, 1), (2, 40, 41), (3, 42, 3), (4, 42, 42), (5, 43, 43), (6, 7, 6), (50, 50, 50)] {
        assert_eq!((first(&older, block), first(&newer, block)), (old, new), "{block}");
    }
    // Unused in the newest copy: zeros, but not seen through an older one.
    assert_eq!((first(&newer, 7), first(&newer, 8), first(&older, 7), first(&older, 8)), (0, 0, 7, 8));
    let changed =
        |volume: &ShadowVolume| volume.changed().iter().map(|part| (part.start, part.end)).collect::<Vec<_>>();
    assert_eq!(changed(&older), [(at(2), at(7))]);
    assert_eq!(changed(&newer), [(at(2), at(3)), (at(4), at(6))]);
    let mut across = vec![0; 3 * BLOCK_BYTES];
    assert_eq!(older.read_at(&mut across, at(1) + 5).expect("read"), across.len());
    assert_eq!([across[0], across[BLOCK_BYTES], across[2 * BLOCK_BYTES]], [1, 40, 42]);
    assert_eq!(older.read_at(&mut across, BLOCKS * BLOCK - 3).expect("read"), 3);
    assert_eq!(older.read_at(&mut across, u64::MAX).expect("read"), 0);
}

#[test]
fn overlays_replace_sectors_of_the_own_copy() {
    let older = [
        (2, 0, at(40), 0, 0),
        (2, 0, at(44), OVERLAY, 0b10),
        (2, 1, at(9), OVERLAY, 1 << 31),
        (4, 0, at(45), OVERLAY, 1),
    ];
    let newer = [(3, 0, at(46), OVERLAY, u32::MAX), (4, 0, at(42), 0, 0)];
    let shadows = Written::new().copy(0, 200, 30, &[], &newer).copy(1, 100, 20, &[], &older).open();
    let (older, newer) = (shadows.volume(0).expect("older"), shadows.volume(1).expect("newer"));
    let two = sectors(&older, 2);
    assert_eq!([two[0], two[1], two[2], two[30], two[31]], [40, 44, 40, 40, 44]);
    let four = sectors(&older, 4);
    assert_eq!([four[0], four[1]], [45, 42]);
    assert_eq!((sectors(&newer, 3)[7], sectors(&older, 3)[7]), (46, 3));
}

#[test]
fn a_block_that_takes_the_place_of_a_forwarders_end_is_the_forwarders() {
    let only = [(3, at(4), 0, FORWARD, 0), (4, 0, at(40), 0, 0), (5, at(5), 0, FORWARD, 0)];
    let shadows = Written::new().copy(0, 200, 30, &[], &only).open();
    let volume = shadows.volume(0).expect("the copy");
    assert_eq!((sectors(&volume, 3)[0], sectors(&volume, 4)[0], sectors(&volume, 5)[0]), (40, 4, 5));
}

#[test]
fn loops_and_lost_parts_are_named() {
    let looped = two().number(at(10) + 40, at(10)).open();
    assert_eq!((looped.copies().len(), looped.problems().len()), (2, 1));
    assert!(looped.problems()[0].contains("leads back to itself"));
    let reason = |written: Written, number: usize| match written.open().volume(number) {
        Ok(_) => "read".to_owned(),
        Err(error) => error.to_string(),
    };
    assert!(
        reason(two().number(at(32) + 40, at(32)), 1).ends_with("damaged: a list leads back to itself or has no end")
    );
    // The older one needs the newer one's store, not the other way round.
    assert!(reason(two().number(at(32) + 40, u64::MAX), 0).ends_with("a list leads outside the volume"));
    assert_eq!(reason(two().number(at(22) + 40, at(9)), 1), "read");
    assert!(reason(two().number(at(22) + 40, at(9)), 0).ends_with("a list leads to a block that is not its own"));
    assert!(reason(two().put(at(32) + 128, &[1]), 1).ends_with("an entry of its list of blocks is overwritten"));
    let lost = two().number(at(10) + 128 + 128, 1).open();
    assert_eq!(lost.copies().iter().map(|copy| copy.stored).collect::<Vec<_>>(), [true, false]);
    assert!(
        matches!(lost.volume(0), Err(ShadowError::NotStored)) && matches!(lost.volume(2), Err(ShadowError::Missing))
    );
    let far = two().number(at(32) + 128 + 16, u64::MAX - 5).open();
    let mut byte = [0];
    let error = far.volume(1).expect("its lists are right").read_at(&mut byte, at(2)).expect_err("nothing there");
    assert_eq!(error.to_string(), "a block of the shadow copy is outside the volume");
}

#[test]
fn no_damage_stops_it() {
    let whole = two().0;
    let parts = [
        HEADER_AT..HEADER_AT + 64,
        at(10)..at(10) + 640,
        at(20)..at(20) + 200,
        at(21)..at(21) + 140,
        at(22)..at(22) + 256,
        at(32)..at(32) + 256,
    ];
    for position in parts.into_iter().flatten() {
        for value in [0, 1, 0x7F, 0xFF] {
            let mut bytes = whole.clone();
            bytes[position as usize] = value;
            let Some(shadows) = Shadows::open(Arc::new(bytes)).expect("readable") else { continue };
            for number in 0..shadows.copies().len() {
                let Ok(volume) = shadows.volume(number) else { continue };
                let mut buffer = vec![0; 9 * BLOCK_BYTES];
                let _ = volume.read_at(&mut buffer, 0);
                assert!(volume.changed().len() < 20 && shadows.problems().len() < 10);
            }
        }
    }
}
