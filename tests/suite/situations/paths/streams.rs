//! Alternate data streams, and folders that cannot be listed.

use super::super::{AUTH, Answer, Server, Situation};
use crate::support::stand_in;

/// An alternate data stream, as copies that keep extended attributes have it.
fn stream(server: &Server, path: &str, name: &str, bytes: &[u8]) {
    #[cfg(target_os = "linux")]
    {
        let flags = rustix::fs::XattrFlags::empty();
        rustix::fs::setxattr(server.at(path), format!("user.{name}"), bytes, flags).unwrap();
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (server, path, name, bytes);
}

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "paths/stream_of_a_page",
        what: "Code in an alternate data stream of a text file that a page includes",
        plant: |server| {
            server.write(r"C:\inetpub\wwwroot\readme.txt", "a");
            stream(server, r"C:\inetpub\wwwroot\readme.txt", "x.aspx", &stand_in());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\readme.txt",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: Some(|server| {
            server.write(r"C:\inetpub\wwwroot\readme.txt", "a");
            stream(server, r"C:\inetpub\wwwroot\readme.txt", "Zone.Identifier", b"[ZoneTransfer]\r\nZoneId=3\r\n");
        }),
    },
    Situation {
        id: "paths/stream_named_as_of_the_system",
        what: "Code in a stream with the name of a system stream",
        plant: |server| {
            server.write(r"C:\inetpub\wwwroot\readme.txt", "a");
            stream(server, r"C:\inetpub\wwwroot\readme.txt", "Zone.Identifier", &stand_in());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot\readme.txt",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/stream_of_a_folder",
        what: "Code in a stream of a web folder",
        plant: |server| {
            stream(server, r"C:\inetpub\wwwroot", "x.aspx", &stand_in());
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\inetpub\wwwroot",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/stream_of_a_known_file",
        what: "An executable in a stream of a known-good page",
        plant: |server| {
            stream(server, &format!(r"{AUTH}\logon.aspx"), "p", b"MZ\x90\0inert");
        },
        more: &[],
        answer: Answer::Finding {
            path: r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa\auth\logon.aspx",
            reason: "location/alternate_data_stream",
            level: "high",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/unlistable_folder",
        what: "A folder on the path of a virtual directory, or a system folder, cannot be listed",
        plant: |_| (),
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/discovery.rs::folders_that_cannot_be_listed_are_gaps_and_what_lies_behind_them_is_opened",
            says: "gap `folder_unreadable`; configured paths behind it are opened directly",
        },
        ordinary: None,
    },
    Situation {
        id: "paths/nested_mount",
        what: "Another file system is mounted inside the target",
        plant: |_| (),
        more: &[],
        answer: Answer::Elsewhere {
            test: "crates/evidence/src/directory/unix.rs::what_is_mounted_inside_a_target_is_reported",
            says: "scanned as part of the target, with a notice before the run",
        },
        ordinary: None,
    },
];
