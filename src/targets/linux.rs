//! WSL: web folders stored as Windows files, and disk images.

use super::autostart::VolumeContext;
use super::plan::Plan;
use crate::evidence::Listed;
use crate::model::server_path::fold;
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use std::collections::BTreeSet;

/// Linux inside Windows: its web folders as they are in the file system of its first version; of its second one a disk image.
pub(super) fn linux(
    volume: &VolumeContext<'_, '_>,
    root: &ServerPath,
    roots: &mut BTreeSet<ServerPath>,
    plan: &mut Plan,
) {
    for users in volume.resolver.folders_below(root, "Users") {
        for user in volume.resolver.folders_in(&users) {
            let mut stores = Vec::new();
            for packages in volume.resolver.folders_below(&user, r"AppData\Local\Packages") {
                for package in volume.resolver.folders_in(&packages) {
                    stores.extend(volume.resolver.folders_below(&package, "LocalState"));
                }
            }
            for names in [r"AppData\Local\wsl", r"AppData\Local\Docker\wsl", r"AppData\Local\lxss"] {
                for folder in volume.resolver.folders_below(&user, names) {
                    stores.extend(volume.resolver.folders_in(&folder));
                    stores.push(folder);
                }
            }
            for store in stores {
                for name in ["ext4.vhdx", "docker_data.vhdx"] {
                    for image in volume.resolver.files_below(&store, name) {
                        disk_of_linux(&image, plan);
                    }
                }
                for rootfs in volume.resolver.folders_below(&store, "rootfs") {
                    for web in [r"var\www", "srv", r"usr\share\nginx", r"opt", r"usr\local\apache2", r"var\lib\tomcat9"]
                    {
                        roots.extend(volume.resolver.folders_below(&rootfs, web));
                    }
                }
            }
        }
    }
}

/// Reports once that a WSL disk image was not opened.
pub(super) fn disk_of_linux(image: &ServerPath, plan: &mut Plan) {
    let message = "a WSL disk image: its content was not examined";
    let problem = Problem::at(ProblemKind::ImageNotOpened, image, message);
    if !plan.problems.contains(&problem) {
        plan.problems.push(problem);
    }
}

/// Disks of Linux, and of containers, outside the folders of accounts: within the first folders of the volume.
pub(super) fn disks(volume: &VolumeContext<'_, '_>, root: &ServerPath, plan: &mut Plan) {
    const NOT_HERE: &[&str] = &[
        "windows",
        "users",
        "program files",
        "program files (x86)",
        "$recycle.bin",
        "system volume information",
        "recovery",
        "documents and settings",
        "windowsimagebackup",
        "perflogs",
        "inetpub",
    ];
    const MOST: usize = 3_000;
    let is_disk = |name: &str| {
        let name = fold(name);
        let image = name.ends_with(".vhdx") || name.ends_with(".vhd");
        image
            && ["ext4", "docker", "wsl", "ubuntu", "debian", "linux", "podman", "rancher", "swap"]
                .iter()
                .any(|of| name.contains(of))
    };
    let mut waiting: Vec<(ServerPath, u8)> = volume
        .resolver
        .folders_in(root)
        .into_iter()
        .filter(|folder| !NOT_HERE.contains(&fold(folder.name()).as_str()))
        .map(|folder| (folder, 0))
        .collect();
    let mut searched = 0;
    while let Some((folder, depth)) = waiting.pop() {
        searched += 1;
        if searched > MOST {
            break;
        }
        let mut images = Vec::new();
        // One that cannot be listed is reported where it matters.
        let _ = volume.evidence.list(&folder, &is_disk, &mut |listed| {
            if let Listed::Entry(entry) = listed {
                match entry.kind {
                    EntryKind::File if is_disk(&entry.name) => images.push(folder.join(&entry.name)),
                    EntryKind::Folder if depth < 2 => waiting.push((folder.join(&entry.name), depth + 1)),
                    _ => {}
                }
            }
        });
        for image in images.into_iter().filter(|image| !fold(image.name()).contains("swap")) {
            disk_of_linux(&image, plan);
        }
    }
}
