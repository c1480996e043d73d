//! Folders on Windows: Win32 functions that std does not provide, and therefore unsafe code.
#![allow(unsafe_code)] // a handful of Win32 calls, each with its reason beside it

use super::{Created, Each, Facts, Kind, Offers, Opened};
use crate::evidence::{Content, Stream};
use crate::model::server_path::escape_name;
use crate::model::{Attributes, Timestamp};
use std::ffi::{OsStr, OsString};
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::os::windows::ffi::{OsStrExt, OsStringExt};
use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
use std::os::windows::io::AsRawHandle;
use std::path::{Path, PathBuf};
use windows_sys::Win32::Foundation::{
    ERROR_HANDLE_EOF, ERROR_INVALID_PARAMETER, FILETIME, GENERIC_READ, HANDLE, INVALID_HANDLE_VALUE,
};
use windows_sys::Win32::Storage::FileSystem::{
    BY_HANDLE_FILE_INFORMATION, FILE_BASIC_INFO, FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OPEN_REPARSE_POINT,
    FILE_FLAG_SEQUENTIAL_SCAN, FILE_WRITE_ATTRIBUTES, FileBasicInfo, FindClose, FindFirstStreamW, FindNextStreamW,
    FindStreamInfoStandard, GetFileInformationByHandle, GetFileInformationByHandleEx, GetVolumeInformationW,
    GetVolumePathNamesForVolumeNameW, SetFileTime, WIN32_FIND_STREAM_DATA,
};

const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;

/// The name of the file system of the volume that a folder lies on.
fn file_system(folder: &Path) -> Option<String> {
    let root: PathBuf = folder.components().take(2).collect();
    let root: Vec<u16> = root.as_os_str().encode_wide().chain([0]).collect();
    let mut name = [0u16; 64];
    let (no_text, no_number) = (std::ptr::null_mut(), std::ptr::null_mut());
    let length = name.len() as u32;
    // SAFETY: the root ends with a zero; the buffer is as long as is said; what is not asked for is null.
    let done = unsafe {
        GetVolumeInformationW(root.as_ptr(), no_text, 0, no_number, no_number, no_number, name.as_mut_ptr(), length)
    };
    let length = name.iter().position(|&unit| unit == 0)?;
    (done != 0).then(|| String::from_utf16_lossy(&name[..length]))
}

pub(super) fn offers(folder: &Path) -> Offers {
    let share = folder.to_string_lossy().starts_with(r"\\?\UNC\");
    let system = file_system(folder);
    let name = system.as_deref().unwrap_or("unknown file system");
    Offers {
        kind: if share { format!("network share ({name})") } else { format!("windows volume ({name})") },
        created: Created::Metadata,
        changed_and_accessed: true,
        inode: name == "NTFS", // elsewhere the file index is no MFT record number
        moves_access_times: false,
        streams: None,
    }
}

/// They come with the facts.
pub(super) fn attributes(_: &dyn Fn() -> PathBuf, _: &Offers) -> Attributes {
    Attributes::default()
}

/// Any reparse point: a junction leads elsewhere, and reading a placeholder would fetch it from somewhere.
fn is_reparse_point(metadata: &Metadata) -> bool {
    metadata.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0
}

/// Never called: no source on Windows is ntfs-3g.
pub(super) fn ntfs3g_created(_: &Path) -> Option<Timestamp> {
    None
}

/// The system resolves short names by itself.
pub(super) fn short_name(_: &Path) -> Option<String> {
    None
}

/// Mount points are links here, which are seen as such.
pub(super) fn mounted_inside(_: &Path) -> Vec<PathBuf> {
    Vec::new()
}

/// Lists a folder. It was a folder when it was listed; a link by now would lead elsewhere.
pub(super) fn list(local_path: &Path, each: Each<'_>) -> io::Result<()> {
    let metadata = std::fs::symlink_metadata(local_path)?;
    if !metadata.is_dir() || is_reparse_point(&metadata) {
        return Err(io::Error::new(io::ErrorKind::NotADirectory, "no longer a folder"));
    }
    for item in std::fs::read_dir(local_path)? {
        let item = item?;
        let is_file = item.file_type().is_ok_and(|kind| kind.is_file());
        each(&item.file_name(), is_file, &|| Ok(of_metadata(&item.metadata()?)))?;
    }
    Ok(())
}

/// What the system says of one path, links not followed.
pub(super) fn facts(local_path: &Path) -> io::Result<Facts> {
    Ok(of_metadata(&std::fs::symlink_metadata(local_path)?))
}

fn of_metadata(metadata: &Metadata) -> Facts {
    let reparse = is_reparse_point(metadata);
    Facts {
        kind: match () {
            () if metadata.is_file() && reparse => Kind::Reparse,
            () if metadata.file_type().is_symlink() || reparse => Kind::Link,
            () if metadata.is_dir() => Kind::Folder,
            () if metadata.is_file() => Kind::File,
            () => Kind::Other("device"),
        },
        size: metadata.len(),
        created: metadata.created().ok().map(Into::into),
        modified: metadata.modified().ok().map(Into::into),
        accessed: metadata.accessed().ok().map(Into::into),
        changed: None, // only known from an open handle; see `open`
        inode: None,
        attributes: Attributes(metadata.file_attributes()),
    }
}

fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}

/// The tag of a reparse point: Windows tells links from others itself.
pub(super) fn reparse_tag(_: &Path) -> Option<u32> {
    None
}

/// The drive that a volume has by its GUID: `\\?\Volume{...}\folder` is `D:\folder`. `None` if it has no letter.
pub(super) fn drive_of_volume(target: &str) -> Option<String> {
    let at = target.to_ascii_lowercase().find("volume{")?;
    let end = target[at..].find('}')? + at + 1;
    let volume = wide(OsStr::new(&format!(r"\\?\{}\", &target[at..end])));
    let mut names = vec![0u16; 4096];
    let mut length = 0;
    let room = u32::try_from(names.len()).ok()?;
    // SAFETY: the name ends with a zero; the buffer is as long as is said, and the call writes how much it used.
    let done = unsafe { GetVolumePathNamesForVolumeNameW(volume.as_ptr(), names.as_mut_ptr(), room, &raw mut length) };
    if done == 0 {
        return None;
    }
    let paths = names.split(|unit| *unit == 0).map(String::from_utf16_lossy);
    let drive = paths.take_while(|path| !path.is_empty()).find(|path| path.len() == 3 && path.ends_with(r":\"))?;
    Some(format!("{drive}{}", target[end..].trim_start_matches('\\')))
}

/// The alternate data streams of a file or folder, without the unnamed one.
pub(super) fn streams(local_path: &Path) -> io::Result<Vec<Stream>> {
    struct Search(HANDLE);
    impl Drop for Search {
        fn drop(&mut self) {
            // SAFETY: the handle came from FindFirstStreamW and is closed once.
            unsafe { FindClose(self.0) };
        }
    }
    let path = wide(local_path.as_os_str());
    let mut data = WIN32_FIND_STREAM_DATA::default();
    // SAFETY: the path ends with a zero, the pointer is to a live structure of the type that the information level asks for.
    let handle = unsafe { FindFirstStreamW(path.as_ptr(), FindStreamInfoStandard, (&raw mut data).cast(), 0) };
    if handle == INVALID_HANDLE_VALUE {
        let error = io::Error::last_os_error();
        // A folder without streams, or a file system that has none.
        let none = [ERROR_HANDLE_EOF, ERROR_INVALID_PARAMETER].map(|code| i32::try_from(code).ok());
        return if none.contains(&error.raw_os_error()) { Ok(Vec::new()) } else { Err(error) };
    }
    let search = Search(handle);
    let mut streams = Vec::new();
    loop {
        // `:name:$DATA`, and `::$DATA` for the content itself.
        let length = data.cStreamName.iter().position(|&unit| unit == 0).unwrap_or(data.cStreamName.len());
        let text = escape_name(&OsString::from_wide(&data.cStreamName[..length]));
        let name = text.trim_start_matches(':').split(':').next().unwrap_or_default();
        if !name.is_empty() && text.starts_with(':') && !text.starts_with("::") {
            streams.push(Stream { name: name.to_owned(), size: u64::try_from(data.StreamSize).unwrap_or(0) });
        }
        // SAFETY: the handle is open, the pointer as above.
        if unsafe { FindNextStreamW(search.0, (&raw mut data).cast()) } == 0 {
            return Ok(streams);
        }
    }
}

pub(super) fn open_stream(local_path: &Path, name: &OsStr) -> io::Result<Content> {
    let mut path = local_path.as_os_str().to_owned();
    path.push(":");
    path.push(name);
    let opened = open(Path::new(&path))?;
    let size = opened.file.metadata()?.len();
    Ok(Content { reader: Box::new(opened.file), size, changed: None, inode: None, holes: 0 })
}

/// The `\\?\` form, in which paths past 260 characters, reserved names and trailing dots are plain names. The mounted
/// folder was canonicalised, which gives that form already; a bare drive gets it here.
pub(super) fn verbatim(local_path: PathBuf) -> PathBuf {
    let text = local_path.as_os_str().to_string_lossy();
    if text.starts_with(r"\\") {
        return local_path;
    }
    let mut verbatim = std::ffi::OsString::from(r"\\?\");
    verbatim.push(local_path.as_os_str());
    PathBuf::from(verbatim)
}

/// Opens with every share mode (std's default, never narrowed), without following a reparse point, and asks the system to
/// leave the access time alone.
pub(super) fn open(local_path: &Path) -> io::Result<Opened> {
    let flags = FILE_FLAG_SEQUENTIAL_SCAN | FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
    let with = |access: u32| OpenOptions::new().access_mode(access).custom_flags(flags).open(local_path);
    let file = match with(GENERIC_READ | FILE_WRITE_ATTRIBUTES) {
        Ok(file) => {
            keep_access_time(&file);
            file
        }
        // A right that only spares the access time must never cost the content: a read-only volume refuses it.
        Err(_) => with(GENERIC_READ)?,
    };
    if is_reparse_point(&file.metadata()?) {
        // It was a file when it was listed. Its own data would be read here, which is not what its name leads to.
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "now a reparse point"));
    }
    let (changed, inode) = (change_time(&file), record_number(&file));
    Ok(Opened { file, changed, inode })
}

/// A FILETIME of -1 tells NTFS not to record accesses through this handle (MS-FSCC 2.4.7, SetFileTime). Changes nothing
/// else; where it fails the access time moves as with any reader.
fn keep_access_time(file: &File) {
    let never = FILETIME { dwLowDateTime: u32::MAX, dwHighDateTime: u32::MAX };
    // SAFETY: the handle is open for the length of the call, the pointers are null or to a live FILETIME.
    unsafe { SetFileTime(file.as_raw_handle().cast(), std::ptr::null(), &never, std::ptr::null()) };
}

fn change_time(file: &File) -> Option<Timestamp> {
    let mut info = FILE_BASIC_INFO::default();
    let size = u32::try_from(size_of::<FILE_BASIC_INFO>()).ok()?;
    // SAFETY: the handle is open, and the buffer is a FILE_BASIC_INFO of the size that is given.
    let done = unsafe {
        GetFileInformationByHandleEx(file.as_raw_handle().cast(), FileBasicInfo, (&raw mut info).cast(), size)
    };
    if done == 0 {
        return None;
    }
    Timestamp::from_filetime(u64::try_from(info.ChangeTime).ok()?)
}

/// The MFT record number: the low 48 bits of the file index.
fn record_number(file: &File) -> Option<u64> {
    let mut info = BY_HANDLE_FILE_INFORMATION::default();
    // SAFETY: the handle is open, and the pointer is to a live structure of the type that the call fills.
    let done = unsafe { GetFileInformationByHandle(file.as_raw_handle().cast(), &raw mut info) };
    (done != 0).then_some((u64::from(info.nFileIndexHigh) << 32 | u64::from(info.nFileIndexLow)) & 0xffff_ffff_ffff)
}
