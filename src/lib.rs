//! Finds webshells on Microsoft Exchange and IIS servers, live or on a mounted image; offline and read-only.
//!
//! The way of a file: [`evidence`] says where it comes from, [`targets`] which folders matter, [`scan`] walks, reads and
//! hashes, [`decode`] undoes encodings, [`detect`] looks (with [`code`], which reads server-side code, and [`catalogue`],
//! which holds what is known), [`verdict`] weighs, [`report`] tells. [`run`] ties them together for the command line.
//!
//! ```
//! use shellsift::detect::{DETECTORS, Knowledge, signatures::Signatures};
//! use shellsift::evidence::Memory;
//! use shellsift::model::{Role, ServerPath};
//! use shellsift::{catalogue, scan, targets};
//! use std::sync::atomic::AtomicBool;
//!
//! let evidence = Memory::new().file(r"C:\inetpub\wwwroot\aspnet_client\x.aspx", b"<%@ Page Language=\"C#\" %>");
//! let root = ServerPath::drive('C');
//! let given = targets::Target { shape: targets::recognise(&evidence, &root), path: root };
//! let plan = targets::discover(&evidence, &[given], &['C'], false);
//! let interrupted = AtomicBool::new(false);
//! let survey = scan::survey(&evidence, &plan, &interrupted, &mut Vec::new());
//!
//! let (signatures, _) = Signatures::compile(true, &[]).unwrap();
//! let knowledge = Knowledge {
//!     signatures: Some(signatures),
//!     hostile: catalogue::hostile_hashes(),
//!     every_digest: false,
//!     stock_names: catalogue::stock_names(),
//!     window: None,
//!     timeout: std::time::Duration::from_secs(30),
//! };
//! let detectors: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
//! let allowed = catalogue::HashList::default();
//! let settings = scan::Settings {
//!     threads: 1,
//!     max_size: 64 << 20,
//!     cpu_limit: 100,
//!     detectors: &detectors,
//!     allowed: &allowed,
//!     interrupted: &interrupted,
//!     on_worker: || {},
//! };
//! let job = scan::Job { evidence: &evidence, plan: &plan, survey: &survey, stock: None, knowledge: &knowledge, settings: &settings };
//! let mut found = Vec::new();
//! scan::scan(&job, &scan::Counters::default(), false, &mut |event| {
//!     if let scan::Event::Finding(finding) = event {
//!         found.push(finding);
//!     }
//!     true
//! });
//! assert_eq!(found[0].reasons[0].id, "placement/aspnet_client");
//! ```

pub mod catalogue;
pub mod cli;
pub mod code;
pub mod config;
pub mod decode;
pub mod detect;
pub mod error;
pub mod evidence;
pub mod health;
pub mod host;
pub mod logs;
pub mod model;
pub mod pe;
pub mod progress;
pub mod report;
pub mod run;
pub mod scan;
pub mod settings;
pub mod targets;
pub mod verdict;
pub mod watch;
