//! Formats, encodings, packings, damage, and the places where logs are.

use super::*;

const SHELL: &str = "2021-03-05 03:06:27 10.0.0.5 POST /aspnet_client/x.aspx - 443 - 203.0.113.9 UA - 200 0 0 133";
const STAGE6: &str = "2021-03-03T06:59:20.359Z,00000000-0000-4000-8000-000000000001,15,1,2044,4,,Ecp,mail.example.org,/ecp/y.js,,FBA,false,,,ServerInfo~a]@h:444/ecp/DDI/DDIService.svc/SetObject?schema=ResetOABVirtualDirectory#,UA,203.0.113.7,EX1,200,200,,POST";

fn zipped(members: &[(&str, &[u8])]) -> Vec<u8> {
    use std::io::Write;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in members {
        writer.start_file(*name, zip::write::SimpleFileOptions::default()).expect("memory");
        writer.write_all(bytes).expect("memory");
    }
    writer.finish().expect("memory").into_inner()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[test]
fn every_encoding_and_packing_is_read_alike() {
    let text = format!("{IIS}\r\n{SHELL}\r\n");
    let wide = |mark: &[u8], pair: fn(u16) -> [u8; 2]| {
        [mark, &text.encode_utf16().flat_map(pair).collect::<Vec<u8>>()].concat()
    };
    let (half, rest) = text.as_bytes().split_at(40);
    for (what, bytes) in [
        ("plain", text.clone().into_bytes()),
        ("mark of UTF-8", [b"\xEF\xBB\xBF", text.as_bytes()].concat()),
        ("UTF-16LE", wide(b"\xFF\xFE", u16::to_le_bytes)),
        ("UTF-16BE", wide(b"\xFE\xFF", u16::to_be_bytes)),
        ("UTF-16LE without a mark", wide(b"", u16::to_le_bytes)),
        ("UTF-16BE without a mark", wide(b"", u16::to_be_bytes)),
        ("gzip", gzipped(text.as_bytes())),
        ("gzip of two members", [gzipped(half), gzipped(rest)].concat()),
        ("gzip of UTF-16", gzipped(&wide(b"\xFF\xFE", u16::to_le_bytes))),
        ("zip", zipped(&[("u_ex1.log", text.as_bytes())])),
        ("line ends of Unix", text.replace("\r\n", "\n").into_bytes()),
        ("no last line end", text.trim_end().to_owned().into_bytes()),
    ] {
        let (report, problems) = read(&bytes);
        assert_eq!(problems, [], "{what}");
        assert_eq!(
            (report.hits.len(), report.hits[0].check, report.hits[0].locations[0].line),
            (1, "log/unknown_script_request", 4),
            "{what}"
        );
        assert_eq!(report.hits[0].locations[0].member.as_deref(), (what == "zip").then_some("u_ex1.log"), "{what}");
        assert_eq!((report.spans[0].files, report.spans[0].first.is_some()), (1, true), "{what}");
    }
}

#[test]
fn heads_come_again_and_columns_change() {
    let first = PROXY.replace("AnchorMailbox", "RoutingHint2").replace("UserAgent", "AnchorMailbox");
    let text = format!(
        "{first}\r\n#Software: Microsoft Exchange Server\r\n#Version: 15.02.0721.002\r\n#Log-type: HttpProxy Logs\r\n#Date: 2021-03-03T06:00:00.000Z\r\n#Fields: {first}\r\n2021-03-03T06:00:00.000Z,g\r\n#Version: 15.02.0721.013\r\n#Log-type: HttpProxy Logs\r\n#Fields: {PROXY}\r\n{STAGE6}\r\n"
    );
    let (report, problems) = read(text.as_bytes());
    assert_eq!((report.hits.len(), report.hits[0].stage, problems.len()), (1, Stage::CodeExecutionOrFileWrite, 0));
    let builds: Vec<_> =
        report.builds.iter().map(|build| (build.build.as_str(), build.first.map(|t| t.seconds()))).collect();
    assert_eq!(builds, [("15.2.721.2", Some(1_614_751_200)), ("15.2.721.13", Some(1_614_754_760))]);
    // A file that becomes another kind of log.
    let (report, _) = read(format!("{text}{IIS}\r\n{SHELL}\r\n").as_bytes());
    assert_eq!(
        report.hits.iter().map(|hit| hit.check).collect::<Vec<_>>(),
        ["log/proxylogon", "log/unknown_script_request"]
    );
    // A head that is lost.
    let (report, problems) = read(SHELL.as_bytes());
    assert_eq!((report.hits.len(), problems.len()), (1, 1), "{problems:?}");
    assert!(problems[0].message.contains("usual columns"), "{problems:?}");
}

#[test]
fn damage_is_reported_and_nothing_else_is_lost() {
    let ordinary = "2021-03-05 03:06:27 10.0.0.5 GET /owa/ - 443 - 10.1.1.1 UA - 200 0 0 1\r\n";
    let long = format!("2021-03-05 03:06:27 10.0.0.5 POST /aspnet_client/long.aspx {} 443", "a".repeat(3 << 20));
    for (what, middle, message, more) in [
        (
            "a long line",
            format!("{long}\r\n"),
            "longer than 256 KiB: only the beginning was read; the first is line 5",
            0,
        ),
        ("zeros of a crash", "\0".repeat(700_000), "zero bytes", 0),
        ("binary", "\x01\u{fffd}\x7f\0\n\u{202e}\n".to_owned(), "1 line with zero bytes", 1),
        ("a time of 1601", ordinary.replace("2021", "1601"), "impossible time", 0),
        ("a date that is none", ordinary.replace("2021-03-05", "2021-13-55"), "without a time", 0),
    ] {
        let text = format!("{IIS}\r\n{ordinary}{middle}{SHELL}\r\n");
        let (report, problems) = read(text.as_bytes());
        let hits: Vec<_> = report.hits.iter().map(|hit| hit.check).collect();
        assert_eq!(hits, ["log/unknown_script_request"], "{what}");
        assert_eq!(problems.len(), 1 + more, "{what}: {problems:?}");
        assert!(
            problems.iter().any(|problem| problem.kind == ProblemKind::LogDamaged && problem.message.contains(message)),
            "{what}: {problems:?}"
        );
        assert_eq!(report.spans[0].first.map(|time| time.seconds()), Some(1_614_913_587), "{what}");
    }
    // The head of a long line is read, also of one that a quote never ends.
    let (report, _) = read(
        format!(
            "{ECP}\n2021-03-03T06:59:17.960Z,EX1,E,\"S:CMD=Set-OabVirtualDirectory.ExternalUrl='<%{}",
            "b".repeat(2 << 20)
        )
        .as_bytes(),
    );
    assert_eq!(report.hits.len(), 1);
    // A clock that goes back belongs to what is covered, and so do gaps.
    let at = |time: &str| ordinary.replace("2021-03-05 03:06:27", time);
    let (report, problems) = read(
        format!("{IIS}\r\n{}{}{}", at("2021-03-05 10:00:00"), at("2021-03-05 03:00:00"), at("2021-03-06 03:00:00"))
            .as_bytes(),
    );
    let span = &report.spans[0];
    assert_eq!(
        (problems.len(), span.clock_rollbacks_count, span.gaps_count, span.gaps[0].0.to_string()),
        (0, 1, 2, "2021-03-05T03:00:00.0000000Z".into())
    );
    let (report, problems) = read(b"#Fields: date time c-ip sc-status\n2021-03-05 03:06:27 1.2.3.4 200\n");
    assert_eq!((problems.len(), report.spans.len()), (1, 1));
    assert!(problems[0].message.contains("no column for the method, the path"), "{problems:?}");
    let (_, problems) = read(b"this is no log\nat all\n");
    assert!(problems[0].message.contains("not a log of a known format"));
    assert_eq!(read(b"").1, []);
}

#[test]
fn what_cannot_be_read_is_reported_and_the_rest_is_read() {
    let text = format!("{IIS}\r\n{SHELL}\r\n");
    let bomb = gzipped(&vec![b'a'; 100 << 20]);
    let mut encrypted = zipped(&[("a.log", text.as_bytes())]);
    // The bit that says so, in the member's head and in the directory.
    encrypted[6] |= 1;
    let directory = encrypted.windows(4).position(|bytes| bytes == b"PK\x01\x02").expect("there");
    encrypted[directory + 8] |= 1;
    let whole = zipped(&[("a.log", text.as_bytes())]);
    let evidence = Memory::new()
        .file(r"C:\logs\a.log", text.as_bytes())
        .file(r"C:\logs\locked.log", b"x")
        .fault(r"C:\logs\locked.log", Fault::Locked)
        .file(r"C:\logs\breaks.log", text.as_bytes())
        .fault(r"C:\logs\breaks.log", Fault::BreakAfter(text.len() - 3))
        .file(r"C:\logs\bomb.gz", &bomb)
        .file(r"C:\logs\cut.gz", &gzipped(text.repeat(50).as_bytes())[..100])
        .file(r"C:\logs\encrypted.zip", &encrypted)
        .file(r"C:\logs\cut.zip", &whole[..whole.len() - 10])
        .file(r"C:\logs\b.log", text.as_bytes());
    let (report, problems) = read_all(&evidence, &With { threads: 2, ..With::default() });
    let kinds: Vec<_> = problems
        .iter()
        .map(|problem| (problem.path.as_ref().expect("of a file").name().to_owned(), problem.kind))
        .collect();
    let of = |name: &str| kinds.iter().filter(|(other, _)| other == name).map(|(_, kind)| *kind).collect::<Vec<_>>();
    assert_eq!(of("locked.log"), [ProblemKind::FileLocked]);
    assert_eq!(of("breaks.log"), [ProblemKind::FileUnreadable]);
    for name in ["cut.gz", "encrypted.zip", "cut.zip"] {
        assert_eq!(of(name)[0], ProblemKind::LogDamaged, "{name}: {problems:?}");
    }
    assert!(problems.iter().any(|problem| problem.message.contains("decompresses to more than")), "{problems:?}");
    assert_eq!((of("a.log").len(), of("b.log").len()), (0, 0));
    assert!(report.hits[0].count >= 3, "both whole ones and the one that breaks: {:?}", report.hits[0]);
}

#[test]
fn the_logs_of_a_server_are_found_and_missing_ones_are_reported() {
    let v15 = r"C:\Program Files\Microsoft\Exchange Server\V15";
    let evidence = Memory::new()
        .file(&format!(r"{v15}\Logging\HttpProxy\Ecp\HttpProxy_2021030306-1.LOG"), format!("{PROXY}\r\n{STAGE6}").as_bytes())
        .folder(&format!(r"{v15}\Logging\HttpProxy\Owa"))
        .file(&format!(r"{v15}\Logging\HttpProxy\Newer\HttpProxy_2021030306-1.LOG"), format!("{PROXY}\r\n{STAGE6}").as_bytes())
        .file(r"C:\IISLogs\W3SVC1\u_ex1.log", format!("{IIS}\r\n{SHELL}").as_bytes())
        .file(r"C:\inetpub\logs\LogFiles\W3SVC7\u_ex1.log", format!("{IIS}\r\n{SHELL}").as_bytes())
        .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", br#"<configuration><sites><siteDefaults><logFile directory="%SystemDrive%\IISLogs"/></siteDefaults><site name="a" id="1"/><site name="b" id="2"/><site name="c" id="3"><logFile directory="D:\l"/></site></sites></configuration>"#);
    let root = ServerPath::drive('C');
    let target = crate::targets::Target { kind: crate::targets::recognise(&evidence, &root), path: root.clone() };
    let plan = crate::targets::discover(&evidence, &[target], &['C'], false);
    let mut problems = Vec::new();
    let sources = survey(&evidence, &plan, &[root], &mut problems);
    assert_eq!((sources.len(), problems.len()), (4, 1), "{problems:?}");
    assert_eq!(problems[0].kind, ProblemKind::VolumeNotProvided);
    let urls = crate::targets::FileLookup::new(&evidence, &plan);
    let report = examine(
        &Job {
            evidence: &evidence,
            sources: &sources,
            found: &[],
            exists: &|url| urls.exists(url),
            folders: &KnownFolders { exchange: plan.exchange.clone(), ..KnownFolders::default() },
            threads: 2,
            interrupted: &AtomicBool::new(false),
            throttle: Throttle::default(),
            counters: &Counters::default(),
        },
        &mut |problem| panic!("{problem:?}"),
    );
    let span = |kind: &str| {
        report.spans.iter().find(|span| span.kind == kind).unwrap_or_else(|| panic!("{kind}: {:?}", report.spans))
    };
    assert_eq!(
        (span("HttpProxy Ecp").files, span("HttpProxy Owa").files, span("HttpProxy Owa").folder.is_some()),
        (1, 0, true)
    );
    assert_eq!(
        (
            span("HttpProxy Eas").folder.is_none(),
            span("IIS W3SVC2").folder.is_none(),
            span("ECP Server").folder.is_none()
        ),
        (true, true, true)
    );
    assert_eq!((span("IIS W3SVC1").files, span("IIS W3SVC7").files, span("HttpProxy").files), (1, 1, 1));
    assert!(!report.spans.iter().any(|span| span.kind == "HttpProxy Rest"), "a server of 2013 has none");
    assert_eq!(
        report.hits.iter().map(|hit| (hit.check, hit.count)).collect::<Vec<_>>(),
        [("log/proxylogon", 2), ("log/unknown_script_request", 2)]
    );
}

#[test]
fn scripts_are_looked_for_in_the_folders_of_each_site() {
    let evidence = Memory::new()
        .file(r"C:\inetpub\wwwroot\aspnet_client\There.aspx", b"x")
        .file(r"C:\Owa\auth\x.aspx", b"x")
        .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", br#"<configuration><sites><site name="a" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\inetpub\wwwroot"/></application><application path="/owa"><virtualDirectory path="/" physicalPath="C:\Owa"/></application><application path="/d"><virtualDirectory path="/" physicalPath="D:\d"/></application></site></sites></configuration>"#);
    let root = ServerPath::drive('C');
    let target = crate::targets::Target { kind: crate::targets::recognise(&evidence, &root), path: root };
    let plan = crate::targets::discover(&evidence, &[target], &['C'], false);
    let urls = crate::targets::FileLookup::new(&evidence, &plan);
    for (url, exists) in [
        ("/aspnet_client/there.aspx", Exists::Yes),
        ("/aspnet_client/gone.aspx", Exists::No),
        ("/owa/auth/x.aspx", Exists::Yes),
        ("/owa/aspnet_client/there.aspx", Exists::No),
        ("/owap/x.aspx", Exists::No),
        ("/d/x.aspx", Exists::Unknown),
    ] {
        assert_eq!(urls.exists(url), exists, "{url}");
    }
    assert_eq!(
        crate::targets::FileLookup::new(&evidence, &crate::targets::Plan::default()).exists("/x.aspx"),
        Exists::Unknown
    );
}

#[test]
fn what_is_found_does_not_depend_on_workers_or_on_where_blocks_end() {
    let ordinary = "2021-03-05 03:06:27 10.0.0.5 GET /owa/ - 443 - 10.1.1.1 UA - 200 0 0 1\r\n";
    let mut evidence = Memory::new();
    for at in 0..8 {
        // Lines of interest are across the ends of blocks at every offset.
        let mut text = format!("{IIS}\r\n{}", "x".repeat(at * 13));
        text.push_str("\r\n");
        for n in 0..9_000 {
            text.push_str(ordinary);
            if n % 700 == 0 {
                text.push_str(&format!("{SHELL}\r\n"));
            }
        }
        evidence = evidence.file(&format!(r"C:\logs\{at}.log"), text.as_bytes());
    }
    let (one, problems) = read_all(&evidence, &With::default());
    let (many, same) = read_all(&evidence, &With { threads: 3, ..With::default() });
    assert_eq!((&one, &problems), (&many, &same));
    assert_eq!((one.hits.len(), one.hits[0].count), (1, 8 * 13));
}

#[test]
fn a_time_that_no_log_can_have_orders_no_hit() {
    let line = proxied("/ecp/y.js", "ServerInfo~a]@h:444/ecp/proxyLogon.ecp?#", "241", "");
    let lines = [line.replace("2021", "0000"), line.replace("2021", "3021"), line.clone()];
    let (report, problems) = read(format!("{PROXY}\r\n{}\r\n", lines.join("\r\n")).as_bytes());
    let hit = &report.hits[0];
    assert_eq!((report.hits.len(), hit.count), (1, 3));
    assert_eq!(hit.first, hit.last);
    assert!(hit.first.is_some_and(|time| time.to_string().starts_with("2021-03-03")), "{:?}", hit.first);
    assert!(
        problems.iter().any(|problem| problem.message.starts_with("2 lines with an impossible time")),
        "{problems:?}"
    );
}

#[test]
fn every_windows_of_the_evidence_says_where_its_logs_lie() {
    let site = br#"<configuration><sites><site name="a" id="1"><logFile directory="%SystemDrive%\own"/></site></sites></configuration>"#;
    let mut evidence = Memory::new();
    for drive in ['C', 'D'] {
        evidence = evidence
            .file(&format!(r"{drive}:\Windows\System32\inetsrv\config\applicationHost.config"), site)
            .file(&format!(r"{drive}:\own\W3SVC1\u_ex1.log"), b"");
    }
    let roots = ['C', 'D'].map(ServerPath::drive);
    let targets = roots.clone().map(|path| crate::targets::Target { kind: crate::targets::TargetKind::Volume, path });
    let plan = crate::targets::discover(&evidence, &targets, &['C', 'D'], false);
    let mut problems = Vec::new();
    let sources = survey(&evidence, &plan, &roots, &mut problems);
    let mut found: Vec<String> =
        (0..sources.len()).filter_map(|at| sources.path(at)).map(|path| path.to_string()).collect();
    found.sort();
    assert_eq!((found.len(), problems), (2, Vec::new()), "{found:?}");
    assert!(found[0].starts_with(r"C:\own") && found[1].starts_with(r"D:\own"), "{found:?}");
}

#[test]
fn a_folder_of_logs_that_cannot_be_listed_is_reported() {
    let evidence = Memory::new()
        .folder(r"C:\inetpub\logs\LogFiles")
        .fault(r"C:\inetpub\logs\LogFiles", Fault::Refuse(std::io::ErrorKind::PermissionDenied));
    let mut problems = Vec::new();
    survey(&evidence, &crate::targets::Plan::default(), &[ServerPath::drive('C')], &mut problems);
    let kinds: Vec<_> = problems.iter().map(|problem| problem.kind).collect();
    assert_eq!(kinds, [ProblemKind::FolderUnreadable]);
}

/// Parts of a server, as responders collect them: the configuration is not among them.
#[test]
fn logs_are_found_without_a_configuration() {
    let there = [
        r"C:\inetpub\logs\LogFiles\W3SVC1\u_ex210303.log",
        r"C:\inetpub\logs\LogFiles\W3SVC\u_ex210303.log",
        r"C:\inetpub\logs\LogFiles\u_ex210304.log",
        // Whatever it is called: its content says whether it is a log.
        r"C:\inetpub\logs\old\notes.txt",
        r"C:\Windows\System32\LogFiles\HTTPERR\httperr1.log",
        r"C:\Windows\System32\LogFiles\W3SVC1\ex070303.log",
        r"C:\Logs\IIS\W3SVC2\u_ex210303.log",
        r"C:\Ex\V15\Logging\HttpProxy\Owa\HttpProxy_2021030306-1.LOG",
        r"C:\Ex\V15\Logging\CosmosQueue\audit\audit20230111-1.LOG",
    ];
    let mut evidence = Memory::new()
        .folder(r"C:\Ex\V15\FrontEnd\HttpProxy")
        .file(r"C:\Ex\V15\bin\ExSetup.exe", b"")
        .file(r"C:\inetpub\logs\LogFiles\FTPSVC2\u_ex210303.log", b"")
        .file(r"C:\Windows\System32\LogFiles\Fax\a.log", b"");
    for path in there {
        evidence = evidence.file(path, b"");
    }
    let root = ServerPath::drive('C');
    let target = crate::targets::Target { kind: crate::targets::recognise(&evidence, &root), path: root.clone() };
    let plan = crate::targets::discover(&evidence, &[target], &['C'], false);
    let mut problems = Vec::new();
    let sources = survey(&evidence, &plan, &[root], &mut problems);
    let mut found: Vec<_> = (0..sources.len()).filter_map(|at| sources.path(at)).map(|path| path.to_string()).collect();
    let mut expected = there.map(str::to_owned);
    found.sort();
    expected.sort();
    assert_eq!((found, problems), (expected.to_vec(), vec![]));
    let alone = Memory::new().file(there[0], b"");
    assert_eq!(crate::targets::recognise(&alone, &ServerPath::drive('C')), crate::targets::TargetKind::Volume);
}

#[test]
fn logs_in_folders_of_anything_are_known_by_names_that_nothing_else_has() {
    let logs = [
        "u_ex210303.log",
        "U_EX210303_x.LOG",
        "ex070303.log",
        "HttpProxy_2021030306-1.LOG",
        "httperr12.log",
        "audit20230111-1.LOG",
    ];
    let others =
        ["export.log", "u_extra.log", "audit.log", "readme.txt", "u_ex210303.aspx", "HttpProxy.log", "httperr.log"];
    let mut evidence = Memory::new().file(r"C:\x\Security.evtx", b"");
    for name in logs.iter().chain(&others) {
        evidence = evidence.file(&format!(r"C:\x\y\{name}"), b"");
    }
    let mut problems = Vec::new();
    let sources = named(&evidence, &[path(r"C:\x"), path(r"C:\x\y\readme.txt"), path(r"C:\gone")], &mut problems);
    assert_eq!((sources.len(), sources.events.len(), problems.len()), (logs.len(), 1, 0));
    let one = named(&evidence, &[path(r"C:\x\y\u_ex210303.log")], &mut problems);
    assert_eq!(one.len(), 1);
}

#[test]
fn what_sharepoint_keeps_in_its_database_is_not_missing_on_disk() {
    let evidence = Memory::new()
        .file(r"C:\sp\default.aspx", b"x")
        .file(r"C:\layouts\start.aspx", b"x")
        .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", br#"<configuration><sites><site name="a" id="1"><application path="/"><virtualDirectory path="/" physicalPath="C:\sp"/><virtualDirectory path="/_layouts/15" physicalPath="C:\layouts"/><virtualDirectory path="/gone" physicalPath="C:\gone"/></application></site></sites></configuration>"#);
    let root = ServerPath::drive('C');
    let target = crate::targets::Target { kind: crate::targets::recognise(&evidence, &root), path: root };
    let plan = crate::targets::discover(&evidence, &[target], &['C'], false);
    let urls = crate::targets::FileLookup::new(&evidence, &plan);
    for (url, exists) in [
        ("/_layouts/15/start.aspx", Exists::Yes),
        ("/_layouts/15/x.aspx", Exists::No),
        ("/sitepages/home.aspx", Exists::Unknown),
        ("/gone/x.aspx", Exists::Unknown),
    ] {
        assert_eq!(urls.exists(url), exists, "{url}");
    }
}

#[test]
fn a_deleted_log_of_which_all_is_left_is_read_and_the_others_are_named() {
    let folder = r"C:\inetpub\logs\LogFiles\W3SVC1";
    let log = format!("{IIS}\r\n{SHELL}");
    let deleted = |memory: Memory, name: &str, remains: Remains, bytes: &[u8]| {
        memory.deleted(&format!(r"{folder}\{name}"), FoundIn::Record, remains, bytes)
    };
    let mut evidence = Memory::new().file(&format!(r"{folder}\u_ex210304.log"), format!("{log}\r\n").as_bytes());
    evidence = deleted(evidence, "u_ex210303.log", Remains::Whole, log.as_bytes());
    evidence = deleted(evidence, "u_ex210302.log", Remains::Partial, log.as_bytes());
    evidence = deleted(evidence, "u_ex210301.log", Remains::Whole, b"other bytes by now");
    evidence = deleted(evidence, "notes.txt", Remains::Whole, log.as_bytes());
    let plan = crate::targets::Plan::default();
    let mut problems = Vec::new();
    let sources = survey(&evidence, &plan, &[ServerPath::drive('C')], &mut problems);
    let job = Job {
        evidence: &evidence,
        sources: &sources,
        found: &[],
        exists: &|_| Exists::No,
        folders: &KnownFolders::default(),
        threads: 1,
        interrupted: &AtomicBool::new(false),
        throttle: Throttle::default(),
        counters: &Counters::default(),
    };
    let report = examine(&job, &mut |problem| problems.push(problem));
    assert!(problems.is_empty(), "{problems:?}");
    let locations: Vec<_> = report.hits.iter().flat_map(|hit| &hit.locations).collect();
    let locations: Vec<_> = locations.iter().map(|line| (line.path.name(), line.deleted)).collect();
    assert_eq!(
        locations,
        [("u_ex210303.log", true), ("u_ex210304.log", false)],
        "each line says whether its log is deleted"
    );
    let span = report.spans.iter().find(|span| span.kind == "IIS W3SVC1").expect("the folder");
    assert_eq!((span.files, span.deleted_count), (2, 1));
    assert_eq!(span.deleted, [path(&format!(r"{folder}\u_ex210303.log"))]);
    let not_read: Vec<_> = span.deleted_not_read.iter().map(|(path, remains)| (path.name(), *remains)).collect();
    assert_eq!(not_read, [("u_ex210301.log", Remains::Whole), ("u_ex210302.log", Remains::Partial)]);
}
