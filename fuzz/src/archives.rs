//! Archives and what collectors left in them.

use crate::evidence::archive::{Archive, Format};
use crate::evidence::{Evidence, Listed, open_within};
use crate::model::{EntryKind, ServerPath};
use std::io::Read;
use std::sync::Arc;

/// How much is read of one file, and how many are.
const MOST_BYTES: u64 = 1 << 20;
const MOST_FILES: usize = 200;

/// An archive of any format, as itself and as a collection: it ends, and no name leads out.
pub fn archives(data: &[u8]) {
    let Some((first, bytes)) = data.split_first() else { return };
    let format = match first % 4 {
        0 => Format::Zip,
        1 => Format::Tar,
        2 => Format::TarGzip,
        _ => Format::SevenZip,
    };
    let root = ServerPath::analysis(std::path::Path::new("/case/a"));
    let Ok(archive) = Archive::open(Arc::new(bytes.to_vec()), format, root.clone(), "/case/a") else { return };
    walk(&archive, root.clone());
    let inner: Arc<dyn Evidence> = Arc::new(archive);
    if let Some(Ok(collection)) = open_within(&inner, &root, "/case/a") {
        for source in collection.sources() {
            walk(&collection, source.shown_as);
        }
        collection.holdings();
    }
}

fn walk(evidence: &dyn Evidence, root: ServerPath) {
    let mut files = 0;
    let mut open = vec![root.clone()];
    while let Some(folder) = open.pop() {
        let mut entries = Vec::new();
        let listed = evidence.list(&folder, &|_| true, &mut |listed| {
            if let Listed::Entry(entry) = listed {
                entries.push(entry);
            }
        });
        assert!(listed.is_ok(), "a folder that was listed is there");
        for entry in entries {
            let path = folder.join(&entry.name);
            assert!(
                path.below_exactly(&root).is_some() && entry.name != ".." && !entry.name.contains(['/', '\\', '\0'])
            );
            assert_eq!(evidence.stat(&path).map(|stat| stat.kind).ok().as_ref(), Some(&entry.kind));
            match entry.kind {
                EntryKind::Folder => open.push(path),
                EntryKind::File if files < MOST_FILES => {
                    files += 1;
                    if let Ok(content) = evidence.open(&path) {
                        let _ = std::io::copy(&mut content.reader.take(MOST_BYTES), &mut std::io::sink());
                    }
                }
                _ => {}
            }
        }
    }
    evidence.problems();
}
