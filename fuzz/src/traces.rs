//! What Windows remembers: registry hives, the change journal, the recycle bin, shadow copies.

use shellsift_disk::{ReadAt, shadow::Shadows};
use shellsift_ntfs::{logfile, recycle, usn};
use shellsift_registry::{Hive, facts};
use std::io;
use std::sync::Arc;

/// A hive and its log: the first two bytes say how many sectors the hive has, what is behind them is the log. What is read is bounded,
/// and a second run reads the same.
pub fn hives(data: &[u8]) {
    let Some((sectors, rest)) = data.split_first_chunk() else { return };
    let (hive, log) = rest.split_at((usize::from(u16::from_le_bytes(*sectors)) * 512).min(rest.len()));
    let read = || {
        let hive = Hive::new(hive.to_vec(), &[log]).ok()?;
        let keys: Vec<(String, usize)> = hive.root().walk().map(|key| (key.name(), key.values().count())).collect();
        assert!(keys.len() <= rest.len() / 76 + 1);
        let facts = (facts::system(&hive), facts::software(&hive));
        assert!(hive.problems().len() <= 101);
        Some((keys, facts, hive.problems()))
    };
    assert_eq!(read(), read());
}

/// A piece of the journal, and a file of the recycle bin. Records are not more than there is room for; histories hold no more events
/// than records tell.
pub fn journal(data: &[u8]) {
    if let Ok(discarded) = recycle::read(data) {
        assert!(2 * discarded.path.len() <= data.len());
    }
    let journal = usn::Journal::whole(Arc::new(data.to_vec()));
    let mut records = journal.records();
    let count = records.by_ref().count();
    assert!(count <= data.len() / 60 && records.skipped().damaged <= data.len() as u64);
    let folded = usn::fold(&journal, |_| true);
    assert_eq!((folded.records, folded.skipped), (count as u64, records.skipped()));
    assert!(folded.histories.iter().map(|history| history.events.len()).sum::<usize>() <= 9 * count);
}

/// The log of the file system. What it tells is bounded, and a second run tells the same.
pub fn log_file(data: &[u8]) {
    let geometry = logfile::Geometry { cluster: 4_096, record: 1_024 };
    let read = || logfile::LogFile::read(&data.to_vec(), geometry).ok();
    let first = read();
    if let Some(log) = &first {
        assert!(log.records <= data.len() as u64 / 48 && log.names.len() as u64 <= 64 * log.records);
    }
    assert_eq!(first, read());
}

/// The volume that the input begins at its header for shadow copies, with zeros around it.
struct Volume(Vec<u8>);

const HEADER: u64 = 0x1E00;

impl ReadAt for Volume {
    fn len(&self) -> u64 {
        1 << 20
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        let count = usize::try_from(self.len().saturating_sub(at)).unwrap_or(0).min(buffer.len());
        for (byte, at) in buffer[..count].iter_mut().zip(at..) {
            let inside = at.checked_sub(HEADER).and_then(|at| self.0.get(at as usize));
            *byte = inside.copied().unwrap_or_default();
        }
        Ok(count)
    }
}

/// Copies are bounded, and one reads the same bytes whatever is asked for at once.
pub fn shadow(data: &[u8]) {
    let Ok(Some(shadows)) = Shadows::open(Arc::new(Volume(data.to_vec()))) else { return };
    for number in 0..shadows.copies().len().min(4) {
        let Ok(volume) = shadows.volume(number) else { continue };
        let mut whole = vec![0; 3 * 0x4000];
        if volume.read_at(&mut whole, 0x3000).is_err() {
            continue;
        }
        let mut half = vec![0; 0x4000];
        assert!(volume.read_at(&mut half, 0x5000).is_ok());
        assert!(volume.len() < 0x9000 || half == whole[0x2000..0x6000]);
        assert!(volume.changed().iter().all(|part| part.start < part.end && part.end <= volume.len()));
    }
}
