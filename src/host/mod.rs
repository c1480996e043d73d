//! The machine that this program runs on: its drives, its registry, its name, and how much of it a run takes. Nothing here is
//! evidence by itself: on a live server `settings` makes it so.

#[cfg(unix)]
#[path = "unix.rs"]
mod platform;
#[cfg(windows)]
#[path = "windows.rs"]
mod platform;

pub use platform::{drives, host_name, lower_priority, registry_text, system_drive};
