//! Host functions on Windows: Win32 functions that std does not provide, and therefore unsafe code.
#![allow(unsafe_code)] // a handful of Win32 calls, each with its reason beside it

use std::path::PathBuf;
use windows_sys::Win32::Storage::FileSystem::{GetDriveTypeW, GetLogicalDrives};
use windows_sys::Win32::System::Registry::{HKEY_LOCAL_MACHINE, RRF_RT_REG_SZ, RegGetValueW};
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

/// A text (REG_SZ) of the live registry below HKEY_LOCAL_MACHINE; `None` if it is not there or longer than a path can be.
pub fn registry_text(key: &str, value: &str) -> Option<String> {
    let wide = |text: &str| text.encode_utf16().chain([0]).collect::<Vec<u16>>();
    let (key, value) = (wide(key), wide(value));
    let mut text = vec![0u16; 32_768];
    let mut bytes = u32::try_from(text.len() * 2).ok()?;
    // SAFETY: both names end with a zero; the buffer is as long as `bytes` says, which the call replaces by what it wrote.
    let status = unsafe {
        RegGetValueW(
            HKEY_LOCAL_MACHINE,
            key.as_ptr(),
            value.as_ptr(),
            RRF_RT_REG_SZ,
            std::ptr::null_mut(),
            text.as_mut_ptr().cast(),
            &raw mut bytes,
        )
    };
    if status != 0 {
        return None;
    }
    let length = text.iter().position(|&unit| unit == 0).unwrap_or(0);
    Some(String::from_utf16_lossy(&text[..length]))
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
