//! Volumes that are written to while they are read.

use crate::Unread;
use crate::test_support::*;
use shellsift_disk::ReadAt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// The unnamed stream, resident.
fn content(bytes: &[u8]) -> Vec<u8> {
    resident(0x80, "", bytes)
}

/// A volume whose record 20 is torn where it is read with others, so often.
struct Torn(Vec<u8>, AtomicUsize);

impl ReadAt for Torn {
    fn len(&self) -> u64 {
        ReadAt::len(&self.0)
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        let read = self.0.read_at(buffer, at)?;
        let end = 25 * CLUSTER; // the `$MFT` begins at cluster 4
        let last = end.checked_sub(at as usize).and_then(|end| buffer.get_mut(end.checked_sub(2)?..end));
        if let Some(last) = last
            && self.1.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
        {
            last.fill(0xAA);
        }
        Ok(read)
    }
}

#[test]
fn a_record_that_is_torn_for_a_moment_is_read_once_more() {
    for (times, problems) in [(1, 0), (2, 1)] {
        let mut image = Image::new();
        image.record(20, 1, FILE, &[named(ROOT, "page.aspx"), content(b"a page")]);
        let source: Arc<dyn ReadAt> = Arc::new(Torn(image.build(), AtomicUsize::new(times)));
        let volume = crate::Volume::open(source).expect("a volume");
        let torn = volume.problems().iter().filter(|problem| problem.reason.contains("torn"));
        assert_eq!((torn.count(), volume.find_path("page.aspx").is_some()), (problems, problems == 0));
    }
}

/// A volume that is changed while it is open.
struct InUse(Mutex<Vec<u8>>);

impl ReadAt for InUse {
    fn len(&self) -> u64 {
        ReadAt::len(&*self.0.lock().expect("free"))
    }

    fn read_at(&self, buffer: &mut [u8], at: u64) -> std::io::Result<usize> {
        self.0.lock().expect("free").read_at(buffer, at)
    }
}

#[test]
fn a_record_that_is_used_again_is_not_the_file_that_it_was() {
    let made = |name: &str, sequence: u16, base: u64| {
        let mut image = Image::new();
        image.record(20, sequence, FILE, &[named(ROOT, name), content(name.as_bytes())]);
        image.record(21, 1, FILE, &[named(ROOT, "parted")]);
        image.part(22, 1, FILE, base, &[content(b"continued")]);
        image.build()
    };
    let source = Arc::new(InUse(Mutex::new(made("page.aspx", 1, 21 | 1 << 48))));
    let volume = crate::Volume::open(Arc::clone(&source) as Arc<dyn ReadAt>).expect("a volume");
    assert_eq!(all(&volume, 20, "").as_deref(), Ok(&b"page.aspx"[..]));
    assert_eq!(all(&volume, 21, "").as_deref(), Ok(&b"continued"[..]));
    // The same file with other content is that file.
    *source.0.lock().expect("free") = made("page.aspx.1", 1, 21 | 1 << 48);
    assert_eq!(all(&volume, 20, "").as_deref(), Ok(&b"page.aspx.1"[..]));
    *source.0.lock().expect("free") = made("another.log", 2, 23 | 1 << 48);
    assert!(matches!(volume.open_stream(20, &[]), Err(Unread::Reused)));
    assert!(matches!(volume.record(20), Err(Unread::Reused)));
    assert!(matches!(volume.open_stream(21, &[]), Err(Unread::NoStream)), "its continuation is another file's");
}
