use super::written::{CHUNK, Data, Record, log, seal};
use super::*;
use crate::evidence::{Memory, memory::Fault};
use crate::logs::checks::cmdlets::KnownFolders;
use crate::model::{FoundIn, Level, LogHit, Remains, Stage};

const FILE: &str = r"C:\Windows\System32\winevt\Logs\Application.evtx";
const HEADER: usize = 4_096;

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

/// What a log shows, what went wrong, what it covers.
fn read(bytes: &[u8]) -> (Vec<LogHit>, Vec<String>, LogSpan) {
    let context = Context {
        folders: KnownFolders {
            web: vec![path(r"C:\inetpub\wwwroot")],
            exchange: vec![path(r"C:\Program Files\Microsoft\Exchange Server\V15")],
        },
        is_normal_module: &|name| name == "StaticFileModule",
    };
    let evidence = Memory::new().file(FILE, bytes);
    let (mut aggregate, mut problems) = (HitAggregator::default(), Vec::new());
    let span = examine(&evidence, &path(FILE), &context, &mut aggregate, &mut problems);
    assert!(problems.iter().all(|p| p.kind == ProblemKind::LogDamaged && p.path == Some(path(FILE))), "{problems:?}");
    (aggregate.into_hits().0, problems.into_iter().map(|p| p.message).collect(), span)
}

fn record<'r>(provider: &'r str, id: u16, data: Data<'r>) -> Record<'r> {
    Record { provider, id, level: 4, channel: "Application", user: "S-1-5-18", time: "2021-08-19T13:22:05.123Z", data }
}

/// A call of a cmdlet, in the shape of Exchange 2016 and 2019.
fn cmdlet<'r>(id: u16, values: &'r [&'r str]) -> Record<'r> {
    Record { channel: "MSExchange Management", ..record("MSExchange CmdletLogs", id, Data::List(values)) }
}

const DROP: &[&str] = &[
    "New-MailboxExportRequest",
    r#"-Mailbox "a" -FilePath "\\127.0.0.1\C$\inetpub\wwwroot\x.aspx""#,
    "example.local/Users/Administrator",
];

/// What one event shows, of a log that holds ordinary ones around it.
fn shown(one: &Record<'_>) -> Option<LogHit> {
    let quiet = record("ESENT", 102, Data::List(&["quiet", "", "x"]));
    let (hits, problems, _) = read(&log("EX1.example.local", &[quiet, *one, quiet]));
    assert_eq!(problems, [""; 0]);
    assert!(hits.len() < 2, "{hits:?}");
    hits.into_iter().next()
}

/// Check, stage and level of one event.
fn sign(one: &Record<'_>) -> Option<(&'static str, Stage, Level)> {
    shown(one).map(|hit| (hit.check, hit.stage, hit.level))
}

#[test]
fn cmdlets_are_reported_with_their_caller_and_time() {
    let hit = shown(&cmdlet(1, DROP)).expect("a hit");
    assert_eq!(
        (hit.check, hit.stage, hit.level),
        ("cmdlet/mailbox_export", Stage::CodeExecutionOrFileWrite, Level::Critical)
    );
    assert_eq!(hit.client, "example.local/Users/Administrator");
    assert_eq!(hit.first.map(|t| t.to_string()).as_deref(), Some("2021-08-19T13:22:05.1230000Z"));
    assert_eq!((hit.locations[0].line, hit.locations[0].path.as_str()), (2, FILE));
    assert_eq!(hit.locations[0].excerpt, format!("{} {}", DROP[0], DROP[1]));
    assert_eq!(sign(&cmdlet(6, DROP)), Some(("cmdlet/mailbox_export", Stage::SessionObtained, Level::High)));
    // By the server's own name, without domain.
    let own = ["New-MailboxExportRequest", r#"-FilePath "\\ex1\c$\temp\x.pst""#, "a"];
    assert_eq!(sign(&cmdlet(1, &own)), Some(("cmdlet/mailbox_export", Stage::DataRead, Level::Medium)));
    let ordinary = ["New-MailboxExportRequest", r#"-FilePath "\\fs1\pst\x.pst""#, "a"];
    assert_eq!(sign(&cmdlet(1, &ordinary)), Some(("cmdlet/mailbox_export_share", Stage::Context, Level::Info)));
    let of_domain = ["Add-RoleGroupMember", r#"-Identity "Organization Management" -Member "x""#, "a"];
    assert_eq!(
        sign(&cmdlet(1, &of_domain)),
        Some(("cmdlet/role_group_member_added", Stage::ConfigurationChanged, Level::Medium))
    );
    let rule = ["New-InboxRule", r#"-ForwardTo "a@b.example" -DeleteMessage "True""#, "a"];
    assert_eq!(sign(&cmdlet(1, &rule)), Some(("cmdlet/mail_forwarding", Stage::ConfigurationChanged, Level::Medium)));
    let access = ["Add-MailboxPermission", r#"-Identity "a" -User "b" -AccessRights "FullAccess""#, "a"];
    assert_eq!(
        sign(&cmdlet(1, &access)),
        Some(("cmdlet/mailbox_permission_added", Stage::ConfigurationChanged, Level::Low))
    );
    // Another provider may say the same words.
    assert_eq!(sign(&record("MSExchange Something", 1, Data::List(DROP))), None);
    assert_eq!(sign(&cmdlet(4, DROP)), None);
}

#[test]
fn objects_made_by_attackers_are_reported() {
    let exception = "System.InvalidCastException: Unable to cast object of type 'X' to type 'Y'. at Z";
    let failed = ["Get-App", "-Mailbox \"a\"", "example.local/Users/a", "", exception];
    assert_eq!(sign(&cmdlet(6, &failed)), Some(("event/get_app_deserialization", Stage::SessionObtained, Level::High)));
    let unhandled = ["1234", "5", "Get-App", exception];
    assert_eq!(
        sign(&cmdlet(8, &unhandled)),
        Some(("event/get_app_deserialization", Stage::SessionObtained, Level::High))
    );
    assert_eq!(sign(&cmdlet(8, &["1234", "5", "Get-Mailbox", exception])), None);
    assert_eq!(sign(&cmdlet(6, &["Get-App", "", "a", "System.ArgumentException", "System.InvalidCast"])), None);

    let values = ["a", exception];
    let messaging = Record { level: 2, ..record("MSExchange Unified Messaging", 1423, Data::List(&values)) };
    assert_eq!(sign(&messaging), Some(("event/unified_messaging_deserialization", Stage::ReachedBackend, Level::High)));
    assert_eq!(sign(&Record { level: 3, ..messaging }), None);
    assert_eq!(sign(&Record { provider: "MSExchange Common", ..messaging }), None);
}

#[test]
fn view_state_is_reported_where_it_is_no_everyday_event() {
    let panel = |url: &'static str| sign(&record("MSExchange Control Panel", 4, Data::List(&["a", url])));
    let url = "https://ex1/ecp/default.aspx?__VIEWSTATEGENERATOR=00000000&__VIEWSTATE=inert";
    let attempt = Some(("event/ecp_viewstate_in_url", Stage::Attempt, Level::Low));
    let list = ["example.local/Users/a", url, "System.Web.HttpException"];
    assert_eq!(sign(&record("MSExchange Control Panel", 4, Data::List(&list))), attempt);
    assert_eq!(panel("https://ex1/ecp/default.aspx"), None);

    let event = |code, detail| {
        let values =
            ["4009", "Viewstate verification failed.", "t", "t", "id", "1", "1", detail, "/LM/W3SVC/2/ROOT/ecp-1"];
        let values = [&[code], &values[1..]].concat();
        sign(&record("ASP.NET 4.0.30319.0", 1316, Data::List(&values)))
    };
    assert_eq!(event("4009", "50204"), Some(("event/viewstate_invalid", Stage::Attempt, Level::Low)));
    assert_eq!(event("4009", "50203"), None);
    assert_eq!(event("4005", "50204"), None);
}

#[test]
fn configuration_of_the_web_server_is_reported() {
    let change = |what: &str, old: &str, new: &str| {
        let values =
            [("ConfigPath", "MACHINE/WEBROOT/APPHOST"), ("Configuration", what), ("OldValue", old), ("NewValue", new)];
        sign(&record("Microsoft-Windows-IIS-Configuration", 29, Data::Named(&values)))
    };
    let module = Some(("event/iis_module_added", Stage::ConfigurationChanged, Level::Medium));
    assert_eq!(change("/system.webServer/modules/add", "", "HttpResetModule"), module);
    assert_eq!(change(r#"/system.webServer/globalModules/add[@name="Odd"]/@image"#, "", r"C:\x.dll"), module);
    assert_eq!(change("/system.webServer/modules/add", "", "StaticFileModule"), None);
    assert_eq!(change(r#"/system.webServer/modules/add[@name="StaticFileModule"]/@type"#, "", "x"), None);
    assert_eq!(change("/system.webServer/modules/add", "HttpResetModule", ""), None);

    let folder = r#"/system.applicationHost/sites/site[@name="Default Web Site"]/application[@path="/"]/virtualDirectory[@path="/help"]/@physicalPath"#;
    let strange = Some(("event/iis_virtual_directory_added", Stage::ConfigurationChanged, Level::High));
    for new in
        [r"C:\ProgramData\COM1", r"C:\Users\All Users\x", r"\\?\C:\AUX\x", r"C:\Windows\Temp", r"\\.\C:\x\NUL.txt"]
    {
        assert_eq!(change(folder, "", new), strange, "{new}");
    }
    for new in
        [r"C:\inetpub\wwwroot\help", r"D:\sites\COMMON", r"C:\inetpub\console", r"C:\Program Files\ProgramData\x"]
    {
        assert_eq!(change(folder, "", new), None, "{new}");
    }
    let logging = "/system.webServer/httpLogging/@dontLog";
    assert_eq!(
        change(logging, "false", "true"),
        Some(("event/iis_logging_disabled", Stage::ConfigurationChanged, Level::Medium))
    );
    assert_eq!(change(logging, "true", "false"), None);
}

#[test]
fn emptied_logs_are_reported() {
    let cleared = |id, values: &[(&str, &str)]| {
        shown(&record("Microsoft-Windows-Eventlog", id, Data::Own("LogFileCleared", values)))
    };
    let who = [("SubjectUserName", "admin"), ("SubjectDomainName", "EXAMPLE")];
    let hit = cleared(104, &[who[0], who[1], ("Channel", "MSExchange Management")]).expect("a hit");
    assert_eq!((hit.check, hit.stage, hit.level), ("event/log_cleared", Stage::ConfigurationChanged, Level::Medium));
    assert_eq!(
        (hit.client.as_str(), hit.title.as_str()),
        (r"EXAMPLE\admin", "the event log MSExchange Management was cleared")
    );
    let hit = cleared(1102, &who).expect("a hit");
    assert_eq!((hit.stage, hit.title.as_str()), (Stage::ConfigurationChanged, "the event log Security was cleared"));
    let hit = cleared(104, &[("Channel", "Setup")]).expect("a hit");
    assert_eq!((hit.stage, hit.level), (Stage::Context, Level::Info));
    assert!(cleared(105, &who).is_none());
}

#[test]
fn antivirus_detections_in_web_folders_are_reported() {
    let seen = |id, file: &str, process: &str| {
        let values = [
            ("Threat Name", "Backdoor:ASP/Inert"),
            ("Detection User", r"NT AUTHORITY\SYSTEM"),
            ("Process Name", process),
            ("Path", file),
        ];
        shown(&record("Microsoft-Windows-Windows Defender", id, Data::Named(&values)))
    };
    let hit = seen(1116, r"file:_C:\inetpub\wwwroot\aspnet_client\x.txt", "Unknown").expect("a hit");
    assert_eq!((hit.check, hit.stage, hit.level), ("event/antivirus_detection", Stage::Context, Level::Medium));
    assert_eq!(hit.title, r"antivirus found Backdoor:ASP/Inert: C:\inetpub\wwwroot\aspnet_client\x.txt");
    assert_eq!(hit.client, r"NT AUTHORITY\SYSTEM");
    let hit = seen(1117, r"containerfile:_C:\t.zip; file:_C:\t.zip->x.aspx", "").expect("a hit");
    assert!(hit.title.starts_with("antivirus acted on"), "{}", hit.title);
    assert!(seen(1116, r"file:_C:\Windows\System32\inetsrv\x.dll", "").is_some());
    assert!(seen(1116, r"process:_pid:1", r"C:\Windows\System32\inetsrv\w3wp.exe").is_some());
    assert!(seen(1116, r"file:_C:\Users\a\Downloads\setup.exe", r"C:\Windows\explorer.exe").is_none());
    assert!(seen(1118, r"file:_C:\inetpub\wwwroot\x.aspx", "").is_none());
}

/// Some chunks, with the one sign in the second.
fn three_chunks() -> Vec<u8> {
    let long = "x".repeat(10_000);
    let values = [long.as_str()];
    let quiet = record("ESENT", 102, Data::List(&values));
    let mut records = vec![quiet; 8];
    records[4] = cmdlet(1, DROP);
    let bytes = log("EX1", &records);
    assert_eq!(bytes.len(), HEADER + 3 * CHUNK, "three chunks");
    bytes
}

#[test]
fn a_log_says_what_it_covers() {
    let times = ["2021-03-01T00:00:00Z", "2021-03-05T12:00:00.5Z", "2021-03-05T13:00:00Z"];
    let records: Vec<Record<'_>> =
        times.iter().map(|&time| Record { time, ..record("ESENT", 102, Data::List(&["x"])) }).collect();
    let bytes = log("EX1", &records);
    let (hits, problems, span) = read(&bytes);
    assert_eq!((hits, problems), (vec![], vec![]));
    let text = |time: Option<crate::model::Timestamp>| time.map(|t| t.to_string()).unwrap_or_default();
    assert_eq!((span.kind.as_str(), span.files, span.bytes), ("Application.evtx", 1, bytes.len() as u64));
    assert_eq!(span.folder, path(FILE).parent());
    assert_eq!(text(span.first), "2021-03-01T00:00:00.0000000Z");
    assert_eq!(text(span.last), "2021-03-05T13:00:00.0000000Z");
    assert_eq!(span.gaps_count, 1);
    assert_eq!(text(span.gaps.first().map(|hole| hole.1)), "2021-03-05T12:00:00.5000000Z");
    assert_eq!(kind_of("archive-application-2021-03-03-06-59-21-307.EVTX"), "Application.evtx");
    assert_eq!(kind_of("Archive-Applications-2021.evtx"), "Archive-Applications-2021.evtx");
    assert_eq!(kind_of("collected.evtx"), "collected.evtx");
}

/// As wevtutil and the Event Viewer export a log.
#[test]
fn a_record_without_a_time_in_its_header_has_that_of_its_event() {
    let times = ["2021-03-01T00:00:00Z", "2021-03-02T00:00:00Z", "2021-03-09T00:00:00Z"];
    let records: Vec<Record<'_>> =
        times.iter().map(|&time| Record { time, ..record("ESENT", 102, Data::List(&["x"])) }).collect();
    let timeless = |mut bytes: Vec<u8>| {
        let chunk = &mut bytes[HEADER..HEADER + CHUNK];
        let last = u32::from_le_bytes(chunk[44..48].try_into().expect("four")) as usize;
        chunk[last + 16..last + 24].fill(0);
        seal(chunk);
        bytes
    };
    let (hits, problems, span) = read(&timeless(log("EX1", &records)));
    assert_eq!((hits, problems), (vec![], vec![]));
    assert_eq!(span.last.map(|time| time.to_string()).as_deref(), Some("2021-03-09T00:00:00.0000000Z"));
    assert_eq!(span.gaps_count, 1);
    // The event of a check as well.
    let (hits, problems, span) = read(&timeless(log("EX1", &[records[0], cmdlet(1, DROP)])));
    assert_eq!((hits.len(), problems.len(), span.last), (1, 0, hits[0].first));
    assert_eq!(hits[0].first.map(|time| time.to_string()).as_deref(), Some("2021-08-19T13:22:05.1230000Z"));
    // One whose event cannot be read, or has an impossible time, is reported.
    let mut broken = timeless(log("EX1", &records));
    let chunk = &mut broken[HEADER..HEADER + CHUNK];
    let last = u32::from_le_bytes(chunk[44..48].try_into().expect("four")) as usize;
    chunk[last + 24..last + 40].fill(0xFF);
    seal(chunk);
    let (_, problems, span) = read(&broken);
    assert_eq!(problems, ["1 record has an impossible time"]);
    assert_eq!(span.last.map(|time| time.to_string()).as_deref(), Some("2021-03-02T00:00:00.0000000Z"));
}

#[test]
fn a_damaged_chunk_costs_itself_at_most() {
    let sound = three_chunks();
    assert_eq!(read(&sound).0.len(), 1);
    let second = HEADER + CHUNK;
    let damaged = |change: &dyn Fn(&mut [u8])| {
        let mut bytes = sound.clone();
        change(&mut bytes);
        let (hits, problems, span) = read(&bytes);
        assert!(span.first.is_some() && span.files == 1);
        (hits.len(), problems)
    };
    // The header of the chunk that matters, in every part: the event is found all the same, and the damage is reported.
    for at in [0, 8, 24, 32, 44, 48, 49, 50, 51, 128, 200, 383, 400] {
        let (hits, problems) = damaged(&|bytes| bytes[second + at] ^= 0xFF);
        assert_eq!(hits, 1, "byte {at} of the chunk's header");
        assert!(problems.iter().any(|p| p.starts_with("chunk 1 (at byte 69632): ")), "{at}: {problems:?}");
    }
    let (hits, problems) = damaged(&|bytes| bytes[second..second + 512].fill(0));
    assert_eq!(hits, 1);
    assert_eq!(problems, ["chunk 1 (at byte 69632): has no chunk header; anything that looks like a record was read"]);
    // A chunk that is gone, and one beside it that is overwritten.
    let (hits, problems) = damaged(&|bytes| bytes[second..second + CHUNK].fill(0));
    assert_eq!((hits, problems.len()), (0, 0), "unused");
    let (hits, problems) = damaged(&|bytes| bytes[HEADER..second].fill(0xA5));
    let overwritten = "contains neither a header nor records: it was overwritten";
    assert_eq!((hits, problems), (1, vec![format!("chunk 0 (at byte 4096): {overwritten}")]));
    // Windows makes a log longer before it needs the room, and what was there on the disk shows.
    let longer = [sound.as_slice(), &[0xA5; CHUNK], &[0; CHUNK], &[0xA5; 100]].concat();
    assert_eq!(read(&longer).1, ["chunk 5 (at byte 331776): the file ends inside it"]);
    // The same inside of the log, though the header does not count so far.
    let mut inside = [&sound[..second], &[0xA5; CHUNK], &sound[second..]].concat();
    inside[42] = 0;
    inside[120] = 1;
    assert_eq!(read(&inside).1, [format!("chunk 1 (at byte 69632): {overwritten}")]);
}

#[test]
fn the_counts_of_headers_are_not_believed() {
    let sound = three_chunks();
    let reseal = |bytes: &mut [u8]| {
        let sum = ::evtx::checksum_ieee(&bytes[..120]);
        bytes[124..128].copy_from_slice(&sum.to_le_bytes());
    };
    let mut none = sound.clone();
    none[8..32].fill(0);
    none[42..44].fill(0); // no chunks at all
    reseal(&mut none);
    assert_eq!((read(&none).0.len(), read(&none).1.len()), (1, 0));
    // A chunk that says it ends before its records do.
    for (at, bytes) in [(48, 512_u32), (44, 512), (32, 1), (48, 0), (48, u32::MAX)] {
        let mut few = sound.clone();
        let chunk = &mut few[HEADER + CHUNK..HEADER + 2 * CHUNK];
        chunk[at..at + 4].copy_from_slice(&bytes.to_le_bytes());
        seal(chunk);
        assert_eq!(read(&few).0.len(), 1, "{at}");
    }
    let mut wrong = sound.clone();
    wrong[20] ^= 1;
    assert_eq!(read(&wrong).1, ["the file header is damaged; the whole file was read"]);
    // A log that is still being written.
    wrong[120] = 1;
    wrong[HEADER + 2 * CHUNK + 52] ^= 1;
    assert_eq!((read(&wrong).0.len(), read(&wrong).1.len()), (1, 0));
}

#[test]
fn what_is_truncated_is_reported_and_the_rest_is_read() {
    let sound = three_chunks();
    for length in [0, 1, 7, 8, 100, HEADER - 1] {
        let (hits, problems, span) = read(&sound[..length]);
        assert_eq!((hits.len(), problems.len(), span.first), (0, 1, None), "{length}");
    }
    assert_eq!(read(&sound[..HEADER]).1, [""; 0]);
    for length in (HEADER + 1..sound.len()).step_by(997) {
        let (hits, problems, _) = read(&sound[..length]);
        let whole = (length - HEADER).is_multiple_of(CHUNK);
        assert_eq!(problems.is_empty(), whole, "{length}: {problems:?}");
        let behind = HEADER + CHUNK + 512 + 24_000;
        assert!(hits.len() == 1 || length < behind, "{length}");
    }
    let evidence = Memory::new().file(FILE, &sound).fault(FILE, Fault::BreakAfter(HEADER + CHUNK + 30_000));
    let (mut aggregate, mut problems) = (HitAggregator::default(), Vec::new());
    let context = Context { folders: KnownFolders::default(), is_normal_module: &|_| true };
    examine(&evidence, &path(FILE), &context, &mut aggregate, &mut problems);
    assert_eq!(aggregate.into_hits().0.len(), 1);
    assert!(problems.iter().any(|p| p.message.contains("could not be read further")), "{problems:?}");
    assert_eq!(read(b"PK\x03\x04 and so on").1, ["is not an event log"]);
    let locked = Memory::new().file(FILE, &sound).fault(FILE, Fault::Locked);
    problems.clear();
    let span = examine(&locked, &path(FILE), &context, &mut HitAggregator::default(), &mut problems);
    assert_eq!((problems[0].kind, span.files), (ProblemKind::FileLocked, 0));
}

#[test]
fn any_byte_may_be_wrong() {
    let sound = log("EX1", &[cmdlet(1, DROP), cmdlet(6, &["Get-App", "", "a", "b"]), cmdlet(1, DROP)]);
    let used = HEADER + 512 + 3_000;
    let mut reported = 0;
    for at in (0..HEADER).step_by(61).chain(HEADER..used) {
        let mut bytes = sound.clone();
        bytes[at] ^= if at % 2 == 0 { 0xFF } else { 0x01 };
        let (hits, problems, _) = read(&bytes);
        reported += usize::from(!problems.is_empty());
        assert!(!hits.is_empty() || !(8..HEADER + 512).contains(&at), "byte {at}");
    }
    assert!(reported > 1_000, "{reported}");
}

#[test]
fn strange_text_is_read_and_problems_are_bounded() {
    // A value as long as a record can hold, half a character, marks.
    let long = "\u{10FFFF}<script>]]>&lt;\0\r\n".repeat(1_200);
    let values = ["Set-OabVirtualDirectory", long.as_str(), "a"];
    let mut bytes = log("EX1", &[cmdlet(1, &values)]);
    let (hits, problems, _) = read(&bytes);
    assert_eq!((hits.len(), problems.len()), (1, 0), "{problems:?}");
    let high = bytes.windows(2).rposition(|pair| pair == [0xFF, 0xDB]).expect("a surrogate");
    bytes[high..high + 2].copy_from_slice(&[0xFF, 0xDF]);
    seal(&mut bytes[HEADER..]);
    assert_eq!(read(&bytes).2.files, 1);
    // Each chunk of a long file broken.
    bytes[HEADER] = 0;
    let broken = [&bytes[HEADER..]; 40].concat();
    let (_, problems, _) = read(&[&bytes[..HEADER], &broken].concat());
    assert_eq!(problems.len(), 11);
    assert_eq!(problems[10], "30 more places could not be read");
}

#[test]
fn records_left_from_an_earlier_pass_are_read_and_named() {
    let mut bytes = log("EX1", &[record("ESENT", 102, Data::List(&["x"])), cmdlet(1, DROP)]);
    let chunk = &mut bytes[HEADER..];
    let second = u32::from_le_bytes(chunk[44..48].try_into().expect("four bytes"));
    chunk[48..52].copy_from_slice(&second.to_le_bytes()); // the free space begins before it
    chunk[32] = 1;
    seal(chunk);
    let (hits, problems, _) = read(&bytes);
    assert_eq!((hits.len(), problems.len()), (1, 0), "{problems:?}");
    assert!(hits[0].locations[0].excerpt.starts_with("[outside the records counted by the log] New-Mailbox"));
}

#[test]
fn an_event_that_was_taken_out_is_brought_back() {
    let quiet = record("ESENT", 102, Data::List(&["x"]));
    // One that shows something, one that shows nothing by itself, two in a row.
    for (records, reported) in [
        (vec![quiet, cmdlet(1, DROP), quiet], vec!["cmdlet/mailbox_export", "event/record_removed"]),
        (vec![quiet, quiet, quiet], vec!["event/record_removed"]),
        (vec![quiet, quiet, cmdlet(1, DROP), quiet], vec!["cmdlet/mailbox_export", "event/record_removed"]),
    ] {
        let mut bytes = log("EX1", &records);
        let chunk = &mut bytes[HEADER..];
        let size =
            |chunk: &[u8], at: usize| u32::from_le_bytes(chunk[at + 4..at + 8].try_into().expect("four")) as usize;
        let mut end = 512;
        for _ in 1..records.len() {
            end += size(chunk, end);
        }
        let whole = (end - 512) as u32;
        chunk[516..520].copy_from_slice(&whole.to_le_bytes());
        chunk[end - 4..end].copy_from_slice(&whole.to_le_bytes());
        seal(chunk);
        let (hits, problems, _) = read(&bytes);
        let mut checks: Vec<&str> = hits.iter().map(|hit| hit.check).collect();
        checks.sort_unstable();
        assert_eq!((checks, problems), (reported, vec![]));
        assert_eq!(hits.iter().map(|hit| hit.count).max(), Some(records.len() as u64 - 2));
        assert!(
            hits.iter().all(|hit| hit.locations[0].excerpt.starts_with('[') || hit.check == "event/record_removed")
        );
    }
}

#[test]
fn what_only_looks_like_a_record_inside_another_is_none() {
    // The mark of a record, and sizes that do not fit, as the text of an event.
    let text = "\u{2A2A}\0\u{40}\0".repeat(40);
    let (hits, problems, span) = read(&log("EX1", &[record("ESENT", 102, Data::List(&[text.trim_end_matches('\0')]))]));
    assert_eq!((hits, problems), (vec![], vec![]));
    assert!(span.first.is_some());
}

#[test]
fn logs_and_reports_are_found_where_windows_keeps_them() {
    let logs = r"C:\Windows\System32\winevt\Logs";
    let wer = r"C:\ProgramData\Microsoft\Windows\WER";
    let evidence = Memory::new()
        .file(&format!(r"{logs}\application.evtx"), b"x")
        .file(&format!(r"{logs}\Archive-Security-2021-03-03-06-59-21-307.evtx"), b"x")
        .file(&format!(r"{logs}\Setup.evtx"), b"x")
        .link(&format!(r"{logs}\System.evtx"), "elsewhere")
        .file(&format!(r"{wer}\ReportArchive\Critical_w3wp.exe_1\Report.wer"), b"x")
        .file(&format!(r"{wer}\ReportQueue\a\other.txt"), b"x");
    let mut problems = Vec::new();
    let survey = super::survey(&evidence, &ServerPath::drive('C'), &mut problems);
    let names = |list: &[(ServerPath, u64)]| list.iter().map(|(path, _)| path.name().to_owned()).collect::<Vec<_>>();
    assert_eq!(names(&survey.logs), ["Archive-Security-2021-03-03-06-59-21-307.evtx", "application.evtx"]);
    assert_eq!(names(&survey.reports), ["Report.wer"]);
    assert_eq!(survey.missing.len(), LOGS.len() - 1);
    assert!(survey.has_folder);
    assert_eq!(problems.len(), 1);
    let nothing = super::survey(&Memory::new(), &ServerPath::drive('C'), &mut problems);
    assert_eq!((nothing.has_folder, nothing.missing.len(), problems.len()), (false, LOGS.len(), 1));
}

#[test]
fn every_check_has_a_name_of_its_own() {
    let checks = CHECKS.iter().chain(crate::logs::checks::cmdlets::CHECKS).chain(wer::CHECKS);
    let mut ids: Vec<&str> = checks.map(|check| check.id).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

#[test]
fn a_log_under_another_name_is_read_as_well() {
    let logs = r"C:\Windows\System32\winevt\Logs";
    let held = log("EX1", &[cmdlet(1, DROP)]);
    for (name, read) in [
        ("old.txt", true),
        ("MSExchange Management.evtx.bak", true),
        ("Exchange2.evtx", true),
        ("Microsoft-Windows-Bits-Client%4Operational.evtx", false),
    ] {
        let evidence = Memory::new().file(&format!(r"{logs}\{name}"), &held).file(&format!(r"{logs}\x.txt"), b"x");
        let mut problems = Vec::new();
        let survey = super::survey(&evidence, &ServerPath::drive('C'), &mut problems);
        let (report, problems) = run(evidence, survey, problems);
        assert_eq!((report.hits.len(), problems), (usize::from(read), vec![]), "{name}");
        assert!(report.spans.iter().all(|span| span.files == 0), "only coverage of expected logs is reported");
    }
}

#[test]
fn the_computer_is_that_of_the_last_events() {
    let root = ServerPath::drive('C');
    let of = |bytes: &[u8]| computer(&Memory::new().file(FILE, bytes), &root);
    let quiet = record("ESENT", 102, Data::List(&["quiet", "", "x"]));
    let whole = log("EX1.example.local", &[quiet, quiet]);
    assert_eq!(of(&whole).as_deref(), Some("EX1"));
    assert_eq!(of(&whole[..HEADER]), None);
    assert_eq!(of(b"ElfFile\0"), None);
    let mut far = whole.clone();
    far[16..24].copy_from_slice(&u64::MAX.to_le_bytes());
    assert_eq!(of(&far), None, "a chunk that is not there");
}

/// What several workers make of the logs of a survey.
fn run(evidence: Memory, survey: Survey, mut problems: Vec<Problem>) -> (crate::model::LogReport, Vec<Problem>) {
    // Their threads are not joined, so what they see lives on.
    let context: &'static Context<'static> =
        Box::leak(Box::new(Context { folders: KnownFolders::default(), is_normal_module: &|_| true }));
    let job = Job {
        evidence: Box::leak(Box::new(evidence)),
        survey: Box::leak(Box::new(survey)),
        context,
        threads: 2,
        interrupted: Box::leak(Box::new(std::sync::atomic::AtomicBool::new(false))),
        throttle: crate::logs::Throttle::default(),
    };
    let mut report = crate::model::LogReport::default();
    add(&job, &mut report, &mut |event| {
        if let crate::logs::examine::Event::Problem(problem) = event {
            problems.push(problem);
        }
    });
    (report, problems)
}

#[test]
fn an_archived_part_that_is_missing_is_reported_and_parts_that_follow_each_other_are_not() {
    let logs = r"C:\Windows\System32\winevt\Logs";
    let part = |first: u64, times: [&'static str; 2]| {
        let records = times.map(|time| Record { time, ..record("ESENT", 102, Data::List(&["x"])) });
        written::log_from(first, "EX1", &records)
    };
    for (second, gap) in [(3, false), (8, true)] {
        let evidence = Memory::new()
            .file(&format!(r"{logs}\Application.evtx"), &part(second, ["2021-03-04T00:00:00Z", "2021-03-04T01:00:00Z"]))
            .file(
                &format!(r"{logs}\Archive-Application-2021-03-03-01-00-00-000.evtx"),
                &part(1, ["2021-03-03T00:00:00Z", "2021-03-03T23:00:00Z"]),
            );
        let mut problems = Vec::new();
        let survey = super::survey(&evidence, &ServerPath::drive('C'), &mut problems);
        let (report, problems) = run(evidence, survey, problems);
        let reported: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            reported.iter().filter(|words| words.contains("records 3 to 7 of Application.evtx")).count(),
            usize::from(gap)
        );
        assert_eq!(reported.len(), usize::from(gap), "{reported:?}");
        let span = report.spans.iter().find(|span| span.kind == "Application.evtx").expect("read");
        assert_eq!((span.files, span.gaps_count), (2, 0));
    }
}

#[test]
fn a_deleted_event_log_of_which_all_is_left_is_read_and_the_others_are_named() {
    let logs = r"C:\Windows\System32\winevt\Logs";
    let held = log("EX1", &[cmdlet(1, DROP)]);
    let quiet = log("EX1", &[record("ESENT", 102, Data::List(&["x"]))]);
    let mut evidence = Memory::new().file(&format!(r"{logs}\MSExchange Management.evtx"), &quiet);
    let archive = |day: u32| format!(r"{logs}\Archive-MSExchange Management-2021-03-{day:02}-01-00-00-000.evtx");
    for (path, remains, bytes) in [
        (archive(3), Remains::Whole, &held[..]),
        (archive(2), Remains::Partial, &held),
        (archive(1), Remains::Whole, b"other bytes by now"),
        (r"C:\temp\MSExchange Management.evtx".to_owned(), Remains::Whole, &held),
    ] {
        evidence = evidence.deleted(&path, FoundIn::Record, remains, bytes);
    }
    let mut problems = Vec::new();
    let survey = super::survey(&evidence, &ServerPath::drive('C'), &mut problems);
    let (report, problems) = run(evidence, survey, problems);
    assert_eq!((report.hits.len(), problems), (1, vec![]));
    assert!(report.hits.iter().flat_map(|hit| &hit.locations).all(|event| event.deleted), "{:?}", report.hits);
    let span = report.spans.iter().find(|span| span.kind == "MSExchange Management.evtx").expect("read");
    assert_eq!((span.files, &span.deleted[..]), (2, &[path(&archive(3))][..]));
    let not_read: Vec<_> = span.deleted_not_read.iter().map(|(path, remains)| (path.to_string(), *remains)).collect();
    assert_eq!(not_read, [(archive(1), Remains::Whole), (archive(2), Remains::Partial)]);
}
