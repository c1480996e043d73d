//! Host functions on Windows: Win32 functions that std does not provide, and therefore unsafe code.
#![allow(unsafe_code)] // a handful of Win32 calls, each with its reason beside it

use std::path::PathBuf;
use std::ptr::{null, null_mut};
use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetLogicalDrives};
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WOW64_64KEY, RegCloseKey, RegEnumKeyExW, RegEnumValueW, RegOpenKeyExW,
    RegQueryInfoKeyW, RegQueryValueExW,
};
use windows_sys::Win32::System::Threading::{
    BELOW_NORMAL_PRIORITY_CLASS, GetCurrentProcess, GetCurrentThread, SetPriorityClass, SetThreadPriority,
    THREAD_MODE_BACKGROUND_BEGIN,
};

const DRIVE_FIXED: u32 = 3;

/// The fixed drives of this machine; network, optical and removable ones are not the server.
pub fn drives() -> Vec<(char, PathBuf)> {
    // SAFETY: no arguments.
    let present = unsafe { GetLogicalDrives() };
    let mut drives = Vec::new();
    for (bit, letter) in ('A'..='Z').enumerate() {
        let root: Vec<u16> = format!("{letter}:\\\0").encode_utf16().collect();
        // SAFETY: the text ends with a zero and lives through the call.
        if present & (1 << bit) != 0 && unsafe { GetDriveTypeW(root.as_ptr()) } == DRIVE_FIXED {
            drives.push((letter, PathBuf::from(format!("{letter}:\\"))));
        }
    }
    drives
}

/// The drive that this machine's Windows runs from: `C:\`.
pub fn system_drive() -> Option<PathBuf> {
    let drive = std::env::var("SystemDrive").ok()?;
    Some(PathBuf::from(format!("{drive}\\")))
}

/// Characters of the longest name of a value, with a zero; names of keys are shorter (winreg.h).
const MAX_NAME: usize = 16_384;
/// Keys or values of a key that are listed.
const MOST_NAMES: u32 = 100_000;
/// Bytes of a value that are read; larger ones are left out.
const MOST_BYTES: u32 = 16 << 20;

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// The functions that list what lies in a key: the key, a number, room for a name and its length, and what they also say if asked.
type Enumerate<A, B, C> =
    unsafe extern "system" fn(HKEY, u32, *mut u16, *mut u32, *const u32, *mut A, *mut B, *mut C) -> u32;

/// A key of the live registry, opened for reading.
pub struct RegistryKey(HKEY);

impl RegistryKey {
    /// A key below `HKEY_LOCAL_MACHINE`, of the 64-bit registry; `None` if it is not there or not to be read.
    pub fn of_machine(path: &str) -> Option<Self> {
        Self::open(HKEY_LOCAL_MACHINE, path)
    }

    fn open(above: HKEY, path: &str) -> Option<Self> {
        let path = wide(path);
        let mut key: HKEY = null_mut();
        // SAFETY: the path ends with a zero; `above` is open; a key that the call gives is closed when it is dropped.
        let status = unsafe { RegOpenKeyExW(above, path.as_ptr(), 0, KEY_READ | KEY_WOW64_64KEY, &raw mut key) };
        (status == 0).then_some(Self(key))
    }

    /// The key at a path below it.
    pub fn at(&self, path: &str) -> Option<Self> {
        Self::open(self.0, path)
    }

    /// The names of the keys right below it.
    pub fn key_names(&self) -> Vec<String> {
        self.names(RegEnumKeyExW)
    }

    /// The names of its values.
    pub fn value_names(&self) -> Vec<String> {
        self.names(RegEnumValueW)
    }

    fn names<A, B, C>(&self, next: Enumerate<A, B, C>) -> Vec<String> {
        let mut name = vec![0; MAX_NAME];
        let mut names = Vec::new();
        for index in 0..MOST_NAMES {
            let mut length = MAX_NAME as u32;
            let (reserved, a, b, c) = (null(), null_mut(), null_mut(), null_mut());
            // SAFETY: `name` has room for `length` characters, which the call replaces by what it wrote; nothing else is asked for.
            let status = unsafe { next(self.0, index, name.as_mut_ptr(), &raw mut length, reserved, a, b, c) };
            if status != 0 {
                break;
            }
            names.push(String::from_utf16_lossy(name.get(..length as usize).unwrap_or_default()));
        }
        names
    }

    /// The type and the bytes of a value; `None` if it is not there, or larger than 16 MiB.
    pub fn value(&self, name: &str) -> Option<(u32, Vec<u8>)> {
        let name = wide(name);
        let (mut kind, mut length) = (0, 0);
        // What is written in between may be larger: then it is asked for once more.
        for _ in 0..3 {
            let mut bytes = vec![0; length as usize];
            let into = if bytes.is_empty() { null_mut() } else { bytes.as_mut_ptr() };
            // SAFETY: the name ends with a zero; `into` has room for `length` bytes, or is null, and the call replaces `length` by the
            // length of the value.
            let status =
                unsafe { RegQueryValueExW(self.0, name.as_ptr(), null(), &raw mut kind, into, &raw mut length) };
            match status {
                0 if !bytes.is_empty() || length == 0 => {
                    bytes.truncate(length as usize);
                    return Some((kind, bytes));
                }
                // ERROR_MORE_DATA, or the length of what is there.
                0 | 234 if length <= MOST_BYTES => {}
                _ => return None,
            }
        }
        None
    }

    /// When it, one of its values or the list of its keys was last changed, as FILETIME; 0 if that is not known.
    pub fn last_written(&self) -> u64 {
        let mut time = windows_sys::Win32::Foundation::FILETIME { dwLowDateTime: 0, dwHighDateTime: 0 };
        let none: *mut u32 = null_mut();
        // SAFETY: nothing but the time is asked for.
        unsafe {
            RegQueryInfoKeyW(self.0, null_mut(), none, null(), none, none, none, none, none, none, none, &raw mut time);
        }
        u64::from(time.dwHighDateTime) << 32 | u64::from(time.dwLowDateTime)
    }
}

impl Drop for RegistryKey {
    fn drop(&mut self) {
        // SAFETY: it was opened by this type, and is closed once.
        unsafe {
            RegCloseKey(self.0);
        }
    }
}

/// The name of this machine.
pub fn host_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// Less CPU for the process, background I/O for the calling thread, so that the server's own work goes first. By thread,
/// since background mode for a whole process also caps its working set at 32 MB.
pub fn lower_priority() {
    // SAFETY: a pseudo handle and a constant.
    unsafe { SetPriorityClass(GetCurrentProcess(), BELOW_NORMAL_PRIORITY_CLASS) };
    background_io();
}

/// Background I/O for the calling thread.
pub fn background_io() {
    // SAFETY: a pseudo handle and a constant.
    unsafe { SetThreadPriority(GetCurrentThread(), THREAD_MODE_BACKGROUND_BEGIN) };
}
