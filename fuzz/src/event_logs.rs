//! Event logs: an input is the used part of one chunk, or the parameters of a cmdlet.

use crate::logs::HitAggregator;
use crate::logs::checks::cmdlets::{Call, KnownFolders, NEEDLES, judge};
use crate::logs::events::{Context, examine_stream};
use crate::model::ServerPath;

const FILE_HEADER: usize = 4_096;
const CHUNK: usize = 65_536;

/// Any chunk is read: problems are reported up to a bound, and never twice as many hits as records have
/// room. Any parameters are judged.
pub fn events(data: &[u8]) {
    let mut file = vec![0; FILE_HEADER];
    file[..8].copy_from_slice(b"ElfFile\0");
    file[120] = 1;
    file.extend(data);
    file.resize(FILE_HEADER + data.len().next_multiple_of(CHUNK), 0);
    let context = Context { folders: KnownFolders::default(), is_normal_module: &|name| name.len() > 9 };
    let (mut aggregate, mut problems) = (HitAggregator::default(), Vec::new());
    let path = ServerPath::drive('C').join("a.evtx");
    let span = examine_stream(&mut file.as_slice(), &path, None, &context, &mut aggregate, &mut problems);
    assert_eq!(span.bytes, file.len() as u64);
    assert!(span.first <= span.last && problems.len() <= 11);
    let records = file.windows(4).filter(|four| four == b"**\0\0").count();
    let hits = aggregate.into_hits().0;
    assert!(hits.iter().map(|hit| hit.count).sum::<u64>() <= 2 * records as u64, "{hits:?}");

    let text = String::from_utf8_lossy(data);
    let (cmdlet, parameters) = text.split_once(' ').unwrap_or((&text, ""));
    let call = Call { cmdlet, parameters, success: None, computer: "EX1.example.local" };
    if judge(&call, &KnownFolders::default()).is_some() {
        let folded = text.to_ascii_lowercase();
        assert!(NEEDLES.iter().any(|needle| folded.contains(&needle.to_ascii_lowercase())), "{text}");
    }
}
