//! What lies beside the web server: hives, tasks, scripts, configuration of other web servers.

use crate::evidence::Memory;
use crate::model::ServerPath;
use crate::targets::{Target, TargetKind, discover};

/// What each first byte makes of the rest.
const FILES: &[&str] = &[
    r"C:\Windows\System32\config\SYSTEM",
    r"C:\Windows\System32\config\SOFTWARE",
    r"C:\Windows\System32\Tasks\a",
    r"C:\Windows\Tasks\a.job",
    r"C:\Windows\System32\GroupPolicy\Machine\Scripts\scripts.ini",
    r"C:\Windows\System32\GroupPolicy\Machine\Scripts\Startup\a.ps1",
    r"C:\Apache24\conf\httpd.conf",
    r"C:\Program Files\Apache Software Foundation\Tomcat\conf\server.xml",
];

/// What is recorded of a file, and what is reported, is bounded.
pub fn beside(data: &[u8]) {
    let Some((first, rest)) = data.split_first() else { return };
    let file = FILES[usize::from(*first) % FILES.len()];
    let root = ServerPath::drive('C');
    let evidence = Memory::new().folder(r"C:\inetpub\wwwroot").file(file, rest);
    let plan = discover(&evidence, &[Target { path: root, kind: TargetKind::Volume }], &['C'], false);
    assert!(plan.noted.values().all(|reasons| reasons.len() <= 20));
    assert!(plan.files.len() < 100 && plan.problems.len() <= rest.len() + 10);
}
