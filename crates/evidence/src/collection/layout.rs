//! How collection tools lay out the volumes of a server, and how such a folder is recognised.

use crate::evidence::Resolver;
use crate::evidence::kind::{Collected, Layout, Unopened, quoted};
use crate::model::ServerPath;
use crate::model::server_path::{fold, same_name};

/// How many servers a refusal names.
pub(super) const NAMED: usize = 3;

/// What to do with a folder in which the volumes of several servers lie: one run is about one.
pub(super) fn refuse_hosts(target: &str, volumes: &[Collected]) -> Unopened {
    let mut hosts: Vec<&ServerPath> = volumes.iter().map(|volume| &volume.host).collect();
    hosts.dedup();
    let mut words = format!("{target} contains the collections of {} servers; scan them one by one: ", hosts.len());
    for (at, host) in hosts.iter().take(NAMED).enumerate() {
        let of_host: Vec<&Collected> = volumes.iter().filter(|volume| volume.host == **host).collect();
        let letters: Vec<String> = of_host.iter().map(|volume| format!("{}:", volume.letter)).collect();
        let separator = if at > 0 { "; " } else { "" };
        words += &format!("{separator}{}: shellsift scan {}", letters.join(", "), quoted(&host.to_string()));
    }
    if hosts.len() > NAMED {
        words += &format!("; and {} more servers", hosts.len() - NAMED);
    }
    words += " (--target-type folder examines every file by content alone)";
    Unopened::Refused(words)
}

/// How deep below the given folder volumes are looked for: that is a collection of `uploads/auto/C%3A` in a folder of its own.
const DEPTH: usize = 4;
/// How many folders are listed for that. A collection has few folders above its volumes.
const MOST: usize = 4096;

/// What the root of a volume of Windows holds, of which a folder of any other use would hardly have one by chance.
const OF_A_VOLUME: &[&str] = &[
    "inetpub",
    "program files",
    "program files (x86)",
    "programdata",
    "perflogs",
    "$extend",
    "$recycle.bin",
    "system volume information",
];
/// The same inside `Windows`, whose own name is a word of English.
const OF_WINDOWS: &[&str] = &["system32", "microsoft.net", "syswow64"];

/// What the name of a folder says of being a volume.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    /// It is one: nothing else is called so.
    Certain(char),
    /// It may be one.
    Possible(char),
    No,
}

impl Name {
    pub(super) fn is_certain(self) -> bool {
        matches!(self, Self::Certain(_))
    }
}

/// Whether a folder holds what was read of a shadow copy: `%5C%5C%3F%5CGLOBALROOT%5CDevice%5CHarddiskVolumeShadowCopy1`.
pub(super) fn is_shadow_copy(name: &str) -> bool {
    fold(name).contains("harddiskvolumeshadowcopy")
}

/// The volumes that lie in a folder which is none itself, each server's together, in the order of their letters; none if the folder is
/// a volume or an installation of Exchange.
pub(super) fn volumes(layout: &Layout<'_>) -> Vec<Collected> {
    let folder = layout.folder;
    if layout.is_server {
        return Vec::new();
    }
    let resolver = Resolver::new(layout.evidence);
    let mut found: Vec<Collected> = Vec::new();
    let mut listed = 0;
    let mut level = vec![folder.clone()];
    for _ in 0..DEPTH {
        let mut next = Vec::new();
        for folder in std::mem::take(&mut level) {
            let (mut beside, mut here) = (Vec::new(), 0);
            let children = resolver.folders_in(&folder);
            listed += children.len();
            if listed > MOST {
                return Vec::new();
            }
            for child in children {
                if is_shadow_copy(child.name()) {
                    continue;
                }
                let letter = match name_of_a_volume(child.name()) {
                    Name::Certain(letter) => Some(letter),
                    Name::Possible(letter) if holds_a_volume(&resolver, &child, false) => Some(letter),
                    Name::Possible(letter) => {
                        beside.push((letter, child.clone()));
                        None
                    }
                    Name::No => holds_a_volume(&resolver, &child, true).then_some('C'),
                };
                match letter {
                    Some(letter) => {
                        here += 1;
                        found.push(Collected { letter, host: host_of(&child), path: child });
                    }
                    None => next.push(child),
                }
            }
            // Beside a volume, what is called like another is one, whatever was collected of it.
            if here > 0 {
                next.retain(|folder| !beside.iter().any(|(_, path)| path == folder));
                found.extend(beside.into_iter().map(|(letter, path)| Collected { letter, host: host_of(&path), path }));
            }
        }
        level = next;
    }
    // The volume of data that an installation lies on may hold such a folder too: a copy that somebody keeps there.
    let own = |root: &ServerPath| !found.iter().any(|volume| root.below(&volume.path).is_some());
    if !found.is_empty() && (layout.installations)().iter().any(own) {
        return Vec::new();
    }
    found.sort_by(|a, b| (&a.host, a.letter, &a.path).cmp(&(&b.host, b.letter, &b.path)));
    found
}

/// The drive letter of a folder whose name only a collector of evidence writes for a volume: `C%3A`, `c:`.
pub fn collected_volume(folder: &ServerPath) -> Option<char> {
    match name_of_a_volume(folder.name()) {
        Name::Certain(letter) => Some(letter),
        Name::Possible(_) | Name::No => None,
    }
}

/// What collectors call the folder of a volume.
pub(super) fn name_of_a_volume(name: &str) -> Name {
    // Escaped by Velociraptor, or the name of a device, whose backslashes stand in angle brackets here.
    let name = fold(name).replace("%5c", "\\").replace("<5c>", "\\").replace("%3a", ":");
    let mut letters = name.strip_prefix(r"\\.\").unwrap_or(&name).chars();
    match (letters.next(), letters.next(), letters.next()) {
        (Some(letter), Some(':'), None) if letter.is_ascii_lowercase() => Name::Certain(letter.to_ascii_uppercase()),
        // 7-Zip writes `C_` for `C:` on Windows.
        (Some(letter), None | Some('_'), None) if letter.is_ascii_lowercase() => {
            Name::Possible(letter.to_ascii_uppercase())
        }
        _ if name == "sysvol" => Name::Possible('C'),
        _ => Name::No,
    }
}

/// Whether a folder holds what the root of a volume does; `whole`: what a system volume has and a folder of anything else has not.
fn holds_a_volume(resolver: &Resolver<'_>, folder: &ServerPath, whole: bool) -> bool {
    let children = resolver.folders_in(folder);
    let windows = children.iter().filter(|child| same_name(child.name(), "Windows"));
    let of_windows = |folder: &ServerPath| {
        let known = if whole { &OF_WINDOWS[..1] } else { OF_WINDOWS };
        resolver.folders_in(folder).iter().any(|child| known.contains(&fold(child.name()).as_str()))
    };
    windows.into_iter().any(of_windows)
        || !whole && children.iter().any(|child| OF_A_VOLUME.contains(&fold(child.name()).as_str()))
}

/// The folder of the server that a volume was collected from: above what collectors put around volumes.
fn host_of(volume: &ServerPath) -> ServerPath {
    let parent = volume.parent().unwrap_or_else(|| volume.clone());
    let above = |folder: &ServerPath| folder.parent().unwrap_or_else(|| folder.clone());
    let outer = above(&parent);
    match () {
        () if same_name(parent.name(), "fs") => outer,
        () if same_name(outer.name(), "uploads") => above(&outer),
        () => parent,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;

    fn path(text: &str) -> ServerPath {
        ServerPath::from_windows(text).expect("absolute")
    }

    fn collection(evidence: &Memory, folder: &ServerPath) -> Vec<Collected> {
        let resolver = Resolver::new(evidence);
        let has = |names: &str| !resolver.folders_below(folder, names).is_empty();
        let is_server = [r"Windows\System32", r"inetpub\wwwroot", r"FrontEnd\HttpProxy"].into_iter().any(has);
        let installations = || resolver.folders_below(folder, r"Exchange Server\V15");
        volumes(&Layout { evidence, folder, is_server, installations: &installations })
    }

    fn found(evidence: &Memory) -> Vec<String> {
        let volumes = collection(evidence, &path(r"C:\case"));
        volumes.iter().map(|volume| format!("{} {}", volume.letter, &volume.path.as_str()[8..])).collect()
    }

    #[test]
    fn volumes_are_recognised_as_collectors_write_them() {
        for (files, expected) in [
            (&[r"C:\case\C\inetpub\wwwroot\x.aspx", r"C:\case\D\IISLogs\x.log"][..], &["C C", "D D"][..]),
            (&[r"C:\case\MAIL01\C\Windows\System32\x.dll"], &[r"C MAIL01\C"]),
            (&[r"C:\case\2021\MAIL01\C\ProgramData\x"], &[r"C 2021\MAIL01\C"]),
            (&[r"C:\case\uploads\auto\C%3A\Users\Administrator\ntuser.dat"], &[r"C uploads\auto\C%3A"]),
            (
                &[r"C:\case\x\uploads\auto\D%3a\IISLogs\x.log", r"C:\case\x\uploads\ntfs\%5C%5C.%5CC%3A\$MFT"],
                &[r"C x\uploads\ntfs\%5C%5C.%5CC%3A", r"D x\uploads\auto\D%3a"],
            ),
            (&[r"C:\case\sysvol\Windows\System32\foo.txt"], &["C sysvol"]),
            (&[r"C:\case\c_\Windows\System32\foo.txt"], &["C c_"]),
            (&[r"C:\case\mounted\Windows\System32\x.dll"], &["C mounted"]),
        ] {
            let evidence = files.iter().fold(Memory::new(), |evidence, file| evidence.file(file, b""));
            assert_eq!(found(&evidence), expected);
        }
        for (name, letter) in
            [("C:", 'C'), ("c:", 'C'), ("X%3A", 'X'), (r"<5C><5C>.<5C>d:", 'D'), ("%5C%5C.%5CE%3A", 'E')]
        {
            assert_eq!(name_of_a_volume(name), Name::Certain(letter), "{name}");
        }
        for name in ["", "cc", "1", "C%3", "Cx", "$fs$", "%3A", "é:"] {
            assert_eq!(name_of_a_volume(name), Name::No, "{name}");
        }
    }

    #[test]
    fn a_folder_of_pages_a_volume_and_an_installation_hold_none() {
        for files in [
            // Folders that happen to have one letter, and words of English.
            &[r"C:\case\c\windows\help.aspx", r"C:\case\fs\read.cs", r"C:\case\uploads\a.png"][..],
            &[r"C:\case\site\inetpub\readme.txt"],
            // The root of a volume with a copy of another one.
            &[r"C:\case\Windows\System32\x.dll", r"C:\case\Backup\C\Windows\System32\x.dll"],
            &[r"C:\case\inetpub\wwwroot\x.aspx", r"C:\case\Backup\C\inetpub\x"],
            &[r"C:\case\Exchange Server\V15\bin\ExSetup.exe", r"C:\case\Backup\C\inetpub\x"],
            &[r"C:\case\FrontEnd\HttpProxy\x.aspx", r"C:\case\C\inetpub\x"],
            // Too deep to be laid there by a collector.
            &[r"C:\case\a\b\c\d\C\inetpub\x"],
        ] {
            let evidence = files.iter().fold(Memory::new(), |evidence, file| evidence.file(file, b""));
            assert_eq!(found(&evidence), [""; 0], "{files:?}");
        }
        let crowd = (0..MOST).fold(Memory::new(), |evidence, n| evidence.folder(&format!(r"C:\case\{n}")));
        assert_eq!(found(&crowd.file(r"C:\case\C\inetpub\x", b"")), [""; 0], "no collection has so many folders");
    }

    #[test]
    fn volumes_of_several_servers_are_kept_apart() {
        let evidence = Memory::new()
            .file(r"C:\case\A\uploads\auto\C%3A\x", b"")
            .file(r"C:\case\A\uploads\ntfs\%5C%5C.%5CC%3A\y", b"")
            .file(r"C:\case\B\fs\C:\x", b"");
        let hosts: Vec<_> = collection(&evidence, &path(r"C:\case")).into_iter().map(|volume| volume.host).collect();
        assert_eq!(hosts, [path(r"C:\case\A"), path(r"C:\case\A"), path(r"C:\case\B")]);
    }
}
