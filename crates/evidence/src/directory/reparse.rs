//! Files whose content a filter of Windows keeps elsewhere, as a mount shows them: ntfs-3g has no content for them and makes them a
//! symbolic link to `unsupported reparse tag 0x80000017` (its reparse.c), which leads nowhere and is none.
//!
//! Tags: [MS-FSCC] 2.1.2.1.

/// What a name is that stands for such a file, and what to say of it.
struct Filtered {
    tag: u32,
    /// Bits that tell variants of one filter apart.
    variants: u32,
    what: &'static str,
    why: &'static str,
}

const fn filtered(tag: u32, what: &'static str, why: &'static str) -> Filtered {
    Filtered { tag, variants: 0, what, why }
}

/// What a file is called whose content some filter of the system would have to bring.
pub const REPARSE_POINT: &str = "reparse point";

const FILTERS: &[Filtered] = &[
    filtered(
        0x8000_0017,
        "WOF-compressed file",
        "its content is compressed by the Windows Overlay Filter (compact /exe, CompactOS), which this mount cannot read; scan the image \
itself",
    ),
    filtered(
        0x8000_0013,
        "deduplicated file",
        "its content is deduplicated (chunk store in System Volume Information) and was not read; copy it on a Windows Server with the \
volume attached",
    ),
    Filtered {
        tag: 0x9000_001A,
        variants: 0x0000_F000,
        what: "cloud placeholder",
        why: "it is a placeholder of a cloud provider (OneDrive, Azure Files): its content is not on this volume, or was not read",
    },
    filtered(
        0x8000_0021,
        "cloud placeholder",
        "it is a placeholder of OneDrive: its content is not on this volume, or was not read",
    ),
    filtered(
        0x8000_0015,
        "cloud placeholder",
        "it is a placeholder of a cloud provider: its content is not on this volume",
    ),
    filtered(
        0x8000_001E,
        "cloud placeholder",
        "it is a placeholder of Azure File Sync: its content is not on this volume",
    ),
    filtered(0xC000_0004, "archived file", "hierarchical storage management moved its content to other storage"),
    filtered(0x8000_0006, "archived file", "hierarchical storage management moved its content to other storage"),
    filtered(
        0x8000_0007,
        "single-instance file",
        "its content is in the common store of Single Instance Storage and was not read",
    ),
    filtered(0x8000_0008, "file of a mounted WIM image", "its content is in a WIM image and was not read"),
    filtered(
        0x8000_0018,
        "file of a container layer",
        "its content is in a layer of a Windows container and was not read",
    ),
    Filtered {
        tag: 0x9000_0018,
        variants: 0x0000_F000,
        what: "file of a container layer",
        why: "its content is in a layer of a Windows container and was not read",
    },
    filtered(
        0x9000_001C,
        "projected file",
        "a projection filter (ProjFS, VFS for Git) brings its content, which was not read",
    ),
];

/// Names and programs that hold no content of their own, whatever shows them: they stay links.
const WITHOUT_CONTENT: &[u32] = &[
    0xA000_0003, // mount point, junction
    0xA000_000C, // symbolic link
    0xA000_001D, // symbolic link of WSL
    0x8000_001B, // alias of an app
    0x8000_0023, // socket of WSL
    0x8000_0024, // FIFO of WSL
    0x8000_0025, // character device of WSL
    0x8000_0026, // block device of WSL
];

const OTHER: Filtered = filtered(
    0,
    REPARSE_POINT,
    "its content is stored elsewhere (deduplicated, or a placeholder) and was not retrieved",
);

/// What the file with this reparse tag is, if a filter would have to bring its content.
fn filter(tag: u32) -> Option<&'static Filtered> {
    if WITHOUT_CONTENT.contains(&tag) {
        return None;
    }
    Some(FILTERS.iter().find(|known| tag & !known.variants == known.tag).unwrap_or(&OTHER))
}

/// The tag in the target that ntfs-3g makes up: `unsupported reparse tag 0x80000017`, `unsupported reparse point` before 2017.
#[cfg_attr(windows, allow(dead_code, reason = "Windows tells the tag itself"))]
pub(super) fn of_target(target: &str) -> Option<&'static str> {
    let rest = target.trim_end_matches('\0').strip_prefix("unsupported reparse ")?;
    match rest.strip_prefix("tag 0x") {
        Some(hex) => u32::from_str_radix(hex.trim(), 16).ok().and_then(of_tag),
        None => Some(OTHER.what),
    }
}

/// What the file with this tag is called, if a filter would have to bring its content.
pub(super) fn of_tag(tag: u32) -> Option<&'static str> {
    filter(tag).map(|filtered| filtered.what)
}

/// Why the content of something of this kind ([`crate::evidence::model::EntryKind::Other`]) was not read; `None` for what has no content
/// to read: a device, a socket.
pub fn unread(what: &str) -> Option<&'static str> {
    FILTERS.iter().chain([&OTHER]).find(|filtered| filtered.what == what).map(|filtered| filtered.why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_filter_holds_is_no_link_and_has_a_reason() {
        for (tag, what) in [
            ("0x80000017", "WOF-compressed file"),
            ("0x80000013", "deduplicated file"),
            ("0x9000001a", "cloud placeholder"),
            ("0x9000601A", "cloud placeholder"),
            ("0x90001018", "file of a container layer"),
            ("0x80000009", REPARSE_POINT),
            ("0x00001234", REPARSE_POINT),
        ] {
            assert_eq!(of_target(&format!("unsupported reparse tag {tag}")), Some(what), "{tag}");
            assert!(unread(what).is_some_and(|why| !why.is_empty()));
        }
        assert_eq!(of_target("unsupported reparse point"), Some(REPARSE_POINT));
    }

    #[test]
    fn opening_such_a_file_by_name_is_an_error_that_names_the_filter() {
        use crate::evidence::{Memory, Resolver};
        use crate::model::{ProblemKind, ServerPath};
        let config = r"C:\Windows\System32\inetsrv\config\applicationHost.config";
        let evidence = Memory::new().other(config, "WOF-compressed file").other(r"C:\pipe", "fifo");
        let resolver = Resolver::new(&evidence);
        let path = |text: &str| ServerPath::from_windows(text).expect("absolute");
        assert_eq!(resolver.files(&path(&config.to_lowercase())), []);
        assert_eq!(resolver.files(&path(r"C:\pipe")), []);
        let mut problems = Vec::new();
        resolver.report(&mut problems);
        assert_eq!((problems.len(), problems[0].kind), (1, ProblemKind::FileUnreadable));
        assert_eq!(problems[0].path, Some(path(config)));
    }

    #[test]
    fn links_and_what_has_no_content_stay_what_they_are() {
        for target in [
            "unsupported reparse tag 0xa000001d",
            "unsupported reparse tag 0x8000001b",
            "unsupported reparse tag 0x",
            "unsupported reparse tag 0x1ffffffff",
            "unsupported",
            "C:\\inetpub",
            "",
        ] {
            assert_eq!(of_target(target), None, "{target}");
        }
        assert_eq!(unread("socket"), None);
    }
}
