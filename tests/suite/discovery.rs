//! Discovery: folders that cannot be listed, and links.

use shellsift::evidence::Memory;
use shellsift::evidence::memory::Fault;
use shellsift::model::{ProblemKind, Role, ServerPath};
use shellsift::targets::{Plan, Target, TargetKind, discover};
use std::io::ErrorKind;

const CONFIG: &str = r"C:\Windows\System32\inetsrv\config\applicationHost.config";

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

fn server(physical: &str) -> Memory {
    let config = format!(
        r#"<configuration><sites><site name="s" id="1"><application path="/"><virtualDirectory path="/"
        physicalPath="{physical}"/></application></site></sites></configuration>"#
    );
    Memory::new()
        .file(CONFIG, config.as_bytes())
        .folder(r"C:\inetpub\wwwroot")
        .folder(r"C:\inetpub\logs\LogFiles")
        .folder(r"C:\Users\Public")
        .folder(r"C:\ProgramData")
        .folder(r"C:\Program Files\Common Files\microsoft shared\Web Server Extensions\16\ISAPI")
        .folder(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy")
        .folder(r"C:\Windows\Temp")
        .folder(r"C:\Windows\System32\winevt\Logs")
        .folder(r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319\Temporary ASP.NET Files")
        .folder(r"C:\Secret\w")
}

fn planned(evidence: &Memory) -> Plan {
    let given = Target { path: ServerPath::drive('C'), kind: TargetKind::Volume };
    discover(evidence, &[given], &['C'], false)
}

fn closed(plan: &Plan) -> Vec<String> {
    let gaps = plan.problems.iter().filter(|one| one.kind == ProblemKind::FolderUnreadable);
    gaps.map(|one| one.path.as_ref().expect("one").to_string()).collect()
}

#[test]
fn folders_that_cannot_be_listed_are_gaps_and_what_lies_behind_them_is_opened() {
    assert_eq!(closed(&planned(&server(r"C:\Secret\w"))), [""; 0]);
    for folder in [
        r"C:\",
        r"C:\inetpub",
        r"C:\Program Files",
        r"C:\Program Files\Microsoft",
        r"C:\Program Files\Microsoft\Exchange Server",
        r"C:\Program Files\Common Files",
        r"C:\Program Files\Common Files\microsoft shared\Web Server Extensions",
        r"C:\Program Files\Common Files\microsoft shared\Web Server Extensions\16",
        r"C:\Users",
        r"C:\Windows",
        r"C:\Windows\System32",
        r"C:\Windows\System32\inetsrv",
        r"C:\Windows\System32\inetsrv\config",
        r"C:\Windows\Microsoft.NET",
        r"C:\Windows\Microsoft.NET\Framework64",
        r"C:\Windows\Microsoft.NET\Framework64\v4.0.30319",
        r"C:\Secret",
    ] {
        let evidence = server(r"C:\Secret\w").fault(folder, Fault::Refuse(ErrorKind::PermissionDenied));
        let plan = planned(&evidence);
        assert_eq!(closed(&plan), [folder], "{folder}");
        // Whoever may not list a folder may still go through it.
        assert!(plan.areas.iter().any(|area| area.path == path(r"C:\Secret\w")), "{folder}: {:?}", plan.problems);
    }
}

#[test]
fn logs_behind_folders_that_cannot_be_listed_are_gaps() {
    for folder in [r"C:\Windows\System32\winevt", r"C:\inetpub\logs", r"C:\Odd", r"C:\Windows\System32\LogFiles"] {
        let evidence = server(r"C:\inetpub\wwwroot")
            .folder(r"C:\Odd\x")
            .folder(r"C:\Windows\System32\LogFiles\HTTPERR")
            .fault(folder, Fault::Refuse(ErrorKind::PermissionDenied));
        let plan = planned(&evidence);
        let mut problems = Vec::new();
        let root = ServerPath::drive('C');
        shellsift::logs::survey(&evidence, &plan, std::slice::from_ref(&root), &mut problems);
        shellsift::logs::events::survey(&evidence, &root, &mut problems);
        let found = problems.iter().filter(|one| one.path == Some(path(folder))).map(|one| one.kind);
        assert!(found.into_iter().any(|kind| kind == ProblemKind::FolderUnreadable), "{folder}: {problems:?}");
    }
}

#[test]
fn what_lies_behind_a_link_is_judged_by_the_name_of_the_link() {
    let evidence = server(r"C:\inetpub\wwwroot")
        .folder(r"C:\Store\front\owa\auth")
        .file(r"C:\Store\front\owa\auth\x.aspx", b"x")
        .file(r"C:\Program Files\Microsoft\Exchange Server\V15\bin\ExSetup.exe", b"")
        .link(r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy\owa", r"C:\Store\front\owa");
    let plan = planned(&evidence);
    let never = std::sync::atomic::AtomicBool::new(false);
    let mut problems = Vec::new();
    let survey = shellsift::scan::survey(&evidence, &plan, &never, &mut problems);
    let at = (0..survey.len()).find(|&at| survey.path(at).name() == "x.aspx").expect("surveyed");
    let artefact = survey.artefact(at, &plan);
    assert_eq!(artefact.path, path(r"C:\Store\front\owa\auth\x.aspx"));
    assert_eq!(artefact.place.relative, r"frontend\httpproxy\owa\auth\x.aspx");
    assert_eq!(artefact.place.role, Role::Exchange);
    assert_eq!(survey.links(&plan).count(), 1);
    assert_eq!(problems, []);
}

#[test]
fn an_installation_behind_a_link_has_the_paths_of_the_link() {
    let evidence = Memory::new()
        .folder(r"C:\Windows\System32")
        .file(r"C:\Applications\Microsoft\Exchange Server\V15\ClientAccess\Owa\auth\error.aspx", b"x")
        .link(r"C:\Program Files\Microsoft", r"..\Applications\Microsoft");
    let plan = planned(&evidence);
    let never = std::sync::atomic::AtomicBool::new(false);
    let survey = shellsift::scan::survey(&evidence, &plan, &never, &mut Vec::new());
    assert_eq!(survey.len(), 1);
    assert_eq!(survey.artefact(0, &plan).place.relative, r"clientaccess\owa\auth\error.aspx");
    assert_eq!(plan.exchange, [path(r"C:\Applications\Microsoft\Exchange Server\V15")]);
    assert!(plan.exchange_names().contains(&path(r"C:\Program Files\Microsoft\Exchange Server\V15")));
}
