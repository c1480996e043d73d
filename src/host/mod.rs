//! The machine that the program runs on: drives, registry, host name, and resource use. It is not evidence by itself:
//! on a live server `settings` makes it the target.

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

pub use platform::{RegistryKey, background_io, drives, host_name, lower_priority, system_drive};
