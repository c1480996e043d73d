use super::*;
use crate::evidence::Memory;
use crate::evidence::memory::Fault;

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

fn folders(evidence: &Memory, asked: &str) -> Vec<String> {
    Resolver::new(evidence).folders(&path(asked)).iter().map(ToString::to_string).collect()
}

fn problems(resolver: &Resolver<'_>) -> Vec<(ProblemKind, String)> {
    let mut problems = Vec::new();
    resolver.report(&mut problems);
    problems.into_iter().map(|one| (one.kind, one.path.expect("one").to_string())).collect()
}

#[test]
fn links_are_followed_in_every_place_and_told() {
    let evidence = Memory::new()
        .folder(r"C:\real\deep\w")
        .file(r"C:\real\deep\w\x.txt", b"")
        .link(r"C:\a", r"\??\C:\real")
        .link(r"C:\real\b", "deep")
        .link(r"C:\c", r"..\a\b\w")
        .link(r"C:\d", r"a\b\..\deep/w")
        .link(r"C:\real\file", r"deep\w\x.txt");
    for asked in [r"C:\A\b\w", r"C:\real\B\W", r"C:\d", r"C:\a\deep\w"] {
        assert_eq!(folders(&evidence, asked), [r"C:\real\deep\w"], "{asked}");
    }
    // Above the root is outside of what was given.
    let resolver = Resolver::new(&evidence);
    assert_eq!(resolver.folders(&path(r"C:\c")), []);
    assert_eq!(problems(&resolver), [(ProblemKind::VolumeNotProvided, r"C:\c".to_owned())]);
    let resolver = Resolver::new(&evidence);
    assert_eq!(resolver.files(&path(r"C:\a\file")), [path(r"C:\real\deep\w\x.txt")]);
    assert_eq!(resolver.reached_as(&path(r"C:\real\deep\w\x.txt")), Some(path(r"C:\a\file")));
    let crossed: Vec<_> = resolver.crossed().into_iter().map(|(link, to)| (link, to.leads_to)).collect();
    assert_eq!(
        crossed,
        [(path(r"C:\a"), Some(path(r"C:\real"))), (path(r"C:\real\file"), Some(path(r"C:\real\deep\w\x.txt")))]
    );
    assert_eq!(problems(&resolver), []);
    assert_eq!(resolver.folders_in(&ServerPath::drive('C')), [path(r"C:\real"), path(r"C:\real\deep\w")]);
}

#[test]
fn what_is_not_there_behind_a_link_is_no_fault_of_the_link() {
    let evidence = Memory::new().folder(r"C:\real").link(r"C:\a", r"C:\real").link(r"C:\b", r"C:\gone");
    let resolver = Resolver::new(&evidence);
    assert_eq!(resolver.folders(&path(r"C:\a\w")), []);
    assert_eq!(problems(&resolver), []);
    assert_eq!(resolver.folders(&path(r"C:\b\w")), []);
    assert_eq!(problems(&resolver), [(ProblemKind::PathUnresolved, r"C:\b".to_owned())]);
}

#[test]
fn rings_and_crowds_of_links_end_at_a_bound() {
    let ring = Memory::new().link(r"C:\a", "b").link(r"C:\b", "a").link(r"C:\c", r"c\c\c");
    for asked in [r"C:\a", r"C:\c\x"] {
        let resolver = Resolver::new(&ring);
        assert_eq!(resolver.folders(&path(asked)), []);
        assert_eq!(problems(&resolver).len(), 1, "{asked}");
    }
    assert!(matches!(Resolver::new(&ring).lead(&path(r"C:\a"), Some("b")), Led::Away(away) if away == Away::LOOP));
    // Two spellings at each of twenty levels: a million ways.
    let mut crowd = Memory::new();
    for n in 0..20 {
        let folder = format!(r"C:\{}", "a\\".repeat(n));
        crowd = crowd.folder(&format!("{folder}a")).link(&format!("{folder}A"), "a");
    }
    let resolver = Resolver::new(&crowd);
    resolver.folders(&path(&format!(r"C:\{}", "a\\".repeat(20))));
    assert!(problems(&resolver).iter().any(|(kind, _)| *kind == ProblemKind::PathUnresolved));
}

#[test]
fn names_are_read_as_win32_reads_them() {
    let evidence = Memory::new()
        .folder(r"C:\Program Files\Common Files")
        .folder(r"C:\Program Files (x86)\Common Files")
        .folder(r"C:\plain\x.")
        .folder(r"C:\hand\made")
        .short(r"C:\hand\made", "SECRET");
    assert_eq!(
        folders(&evidence, r"C:\PROGRA~1\COMMON~1"),
        [r"C:\Program Files\Common Files", r"C:\Program Files (x86)\Common Files"]
    );
    assert_eq!(folders(&evidence, r"C:\plain. \x."), [r"C:\plain\x."]);
    assert_eq!(folders(&evidence, r"C:\plain::$INDEX_ALLOCATION\x.:$i30:$INDEX_ALLOCATION"), [""; 0]);
    assert_eq!(folders(&evidence, r"C:\plain:$I30:$INDEX_ALLOCATION"), [r"C:\plain"]);
    assert_eq!(folders(&evidence, r"C:\plain:stream"), [""; 0]);
    assert_eq!(folders(&evidence, r"C:\hand\secret"), [r"C:\hand\made"]);
    assert_eq!(folders(&evidence, r"C:\Documents and Settings"), [""; 0]);
    let users = Memory::new().folder(r"C:\Users\Public").folder(r"C:\ProgramData\x");
    assert_eq!(folders(&users, r"C:\Documents and Settings\Public"), [r"C:\Users\Public"]);
    assert_eq!(folders(&users, r"C:\Documents and Settings\All Users\x"), [r"C:\ProgramData\x"]);
}

#[test]
fn what_cannot_be_listed_is_gone_through_and_told() {
    let refused = Fault::Refuse(io::ErrorKind::PermissionDenied);
    let evidence = Memory::new().folder(r"C:\closed\w\x").fault(r"C:\closed", refused);
    let resolver = Resolver::new(&evidence);
    assert_eq!(resolver.folders(&path(r"C:\closed\w\x")), [path(r"C:\closed\w\x")]);
    assert_eq!(problems(&resolver), [(ProblemKind::FolderUnreadable, r"C:\closed".to_owned())]);
    assert_eq!(folders(&evidence, r"C:\closed\W"), [""; 0], "only by its very name");
    let resolver = Resolver::new(&evidence);
    assert_eq!(resolver.folders_in(&path(r"C:\closed")), []);
    assert_eq!(resolver.folders_in(&path(r"C:\gone")), []);
    assert_eq!(problems(&resolver), [(ProblemKind::FolderUnreadable, r"C:\closed".to_owned())]);
    let nameless = Memory::new().folder(r"C:\w").fault(r"C:\w", Fault::NoMetadata);
    let resolver = Resolver::new(&nameless);
    assert_eq!(resolver.folders(&path(r"C:\w")), [path(r"C:\w")]);
    assert_eq!(problems(&resolver), [(ProblemKind::FileUnreadable, r"C:\w".to_owned())]);
}

#[test]
fn problems_beyond_those_that_are_listed_are_counted() {
    let report = |count: usize| {
        let evidence = (0..count).fold(Memory::new(), |memory, n| memory.link(&format!(r"C:\w\{n}"), r"E:\x"));
        let resolver = Resolver::new(&evidence);
        resolver.folders_in(&ServerPath::drive('C').join("w"));
        let mut problems = Vec::new();
        resolver.report(&mut problems);
        problems
    };
    assert_eq!(report(50).len(), 50);
    let many = report(53);
    assert_eq!((many.len(), &*many[50].message), (51, "3 more paths were not resolved, which are not listed"));
}
