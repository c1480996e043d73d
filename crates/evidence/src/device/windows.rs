//! Devices on Windows: Win32 functions that std does not provide, and therefore unsafe code.
#![allow(unsafe_code)] // a handful of Win32 calls, each with its reason beside it

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::os::windows::fs::OpenOptionsExt;
use std::os::windows::io::AsRawHandle;
use std::path::{Component, Path, Prefix};
use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::Security::{
    AdjustTokenPrivileges, LookupPrivilegeValueW, SE_BACKUP_NAME, SE_PRIVILEGE_ENABLED, TOKEN_ADJUST_PRIVILEGES,
    TOKEN_PRIVILEGES,
};
use windows_sys::Win32::Storage::FileSystem::{
    FILE_FLAG_BACKUP_SEMANTICS, FILE_SHARE_DELETE, FILE_SHARE_READ, FILE_SHARE_WRITE,
};
use windows_sys::Win32::System::IO::DeviceIoControl;
use windows_sys::Win32::System::Threading::{GetCurrentProcess, OpenProcessToken};

/// Asks a volume or a disk for its length in bytes (winioctl.h).
const IOCTL_DISK_GET_LENGTH_INFO: u32 = 0x0007_405C;
/// Lets reads through this handle go up to the end of the partition (winioctl.h): the copy of the boot sector of NTFS lies behind what
/// its volume gives out otherwise. Changes nothing on the volume.
const FSCTL_ALLOW_EXTENDED_DASD_IO: u32 = 0x0009_0083;

/// A path of the device namespace with one name (`\\.\C:`, `\\.\PhysicalDrive0`), a volume by its GUID, or a device by its path, such as
/// a shadow copy (`\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1`). With a path behind it, each is a file on the device.
pub(super) fn is_device(path: &Path) -> bool {
    let mut parts = path.components();
    let Some(Component::Prefix(prefix)) = parts.next() else { return false };
    let rest: Vec<_> = parts.filter(|part| !matches!(part, Component::RootDir)).collect();
    let ends_open = path.as_os_str().as_encoded_bytes().last().is_some_and(|last| matches!(last, b'\\' | b'/'));
    match prefix.kind() {
        _ if ends_open => false,
        Prefix::DeviceNS(_) => rest.is_empty(),
        Prefix::Verbatim(name) if name.eq_ignore_ascii_case("GLOBALROOT") => rest.len() == 2,
        Prefix::Verbatim(name) => {
            rest.is_empty() && name.to_str().is_some_and(|name| name.to_ascii_lowercase().starts_with("volume{"))
        }
        _ => false,
    }
}

/// The device and its length in bytes. Opened for reading only and with every share mode, so that nobody else is kept from it.
pub(super) fn open(device: &Path) -> io::Result<(File, u64)> {
    enable_backup_privilege();
    let mut file = OpenOptions::new()
        .read(true)
        .share_mode(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(device)?;
    let _ = control(&file, FSCTL_ALLOW_EXTENDED_DASD_IO, None);
    let mut length = 0;
    let length = match control(&file, IOCTL_DISK_GET_LENGTH_INFO, Some(&mut length)) {
        Ok(()) => u64::try_from(length).map_err(|_| io::ErrorKind::InvalidData)?,
        // What has an end all the same: under Wine a device can be a file.
        Err(error) => file.seek(SeekFrom::End(0)).map_err(|_| error)?,
    };
    Ok((file, length))
}

/// Asks a device for something that is answered by one number, or by nothing.
fn control(device: &File, code: u32, answer: Option<&mut i64>) -> io::Result<()> {
    let (into, size) = match answer {
        Some(number) => ((&raw mut *number).cast(), 8),
        None => (std::ptr::null_mut(), 0),
    };
    let mut written = 0;
    // SAFETY: the handle is open and synchronous; there is no input; the output is null or the eight bytes of a live number.
    let done = unsafe {
        DeviceIoControl(
            device.as_raw_handle().cast(),
            code,
            std::ptr::null(),
            0,
            into,
            size,
            &raw mut written,
            std::ptr::null_mut(),
        )
    };
    match done {
        0 => Err(io::Error::last_os_error()),
        _ if written != size => Err(io::ErrorKind::InvalidData.into()),
        _ => Ok(()),
    }
}

/// Makes use of the right to read everything for a backup, where the process has it: administrators do, and it is off at first. Without
/// it the device says itself whether it may be opened.
fn enable_backup_privilege() {
    let mut token: HANDLE = std::ptr::null_mut();
    // SAFETY: a pseudo handle, and a pointer to a live handle.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES, &raw mut token) } == 0 {
        return;
    }
    let mut privileges = TOKEN_PRIVILEGES { PrivilegeCount: 1, ..TOKEN_PRIVILEGES::default() };
    privileges.Privileges[0].Attributes = SE_PRIVILEGE_ENABLED;
    // SAFETY: the name is a constant that ends with a zero, the pointers are to live structures, and the token is open until it is
    // closed here, once.
    unsafe {
        if LookupPrivilegeValueW(std::ptr::null(), SE_BACKUP_NAME, &raw mut privileges.Privileges[0].Luid) != 0 {
            AdjustTokenPrivileges(token, 0, &raw const privileges, 0, std::ptr::null_mut(), std::ptr::null_mut());
        }
        CloseHandle(token);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_told_from_files_on_them() {
        let devices = [
            r"\\.\C:",
            r"\\.\PhysicalDrive0",
            r"\\?\Volume{11111111-2222-3333-4444-555555555555}",
            r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1",
        ];
        for path in devices {
            assert!(is_device(Path::new(path)), "{path}");
        }
        let others =
            [r"C:", r"C:\", r"\\.\C:\", r"\\.\C:\x", r"\\?\C:\x", r"\\?\Volume{1}\", r"\\server\share", r"\\.\pipe\x"];
        for path in others {
            assert!(!is_device(Path::new(path)), "{path}");
        }
        let shadow = r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1\";
        assert!(!is_device(Path::new(shadow)));
    }
}
