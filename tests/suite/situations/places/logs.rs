//! Renamed and moved logs, allow lists, output.

use super::super::{APPLICATION_HOST, Answer, Server, Situation};
use crate::support;

/// A log of IIS in which a page of `aspnet_client` that is not there any more answered.
fn log(day: u8) -> String {
    format!(
        "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2021-02-{day} 00:00:00\r\n#Fields: \
         date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status \
         sc-substatus sc-win32-status time-taken\r\n2021-02-{day} 03:06:27 10.0.0.5 POST /aspnet_client/x.aspx - 443 - 203.0.113.9 \
         UA - 200 0 0 133\r\n"
    )
}

/// A log in which nothing is.
fn quiet(day: u8) -> String {
    log(day).replace("POST /aspnet_client/x.aspx", "GET /owa/auth/logon.aspx")
}

const SITE_LOGS: &str = r"C:\inetpub\logs\LogFiles\W3SVC1";

fn digest<D: sha2::Digest>(bytes: &[u8]) -> String {
    D::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The inert page in `wwwroot`, and lists of hashes beside the server's folders.
fn listed(server: &Server, list: &str, hash: &str) {
    server.shell(PAGE);
    server.write(&format!(r"C:\{list}.txt"), format!("{hash};75;listed\r\n"));
}

const PAGE: &str = r"C:\inetpub\wwwroot\x.aspx";

pub(super) const SITUATIONS: &[Situation] = &[
    Situation {
        id: "logs/named_as_configuration",
        what: "An IIS log is renamed to .config, which the page survey takes for a page",
        plant: |server| server.write(&format!(r"{SITE_LOGS}\u_ex210227.config"), log(27)),
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: Some(|server| {
            server.write(&format!(r"{SITE_LOGS}\web.config"), "<configuration>\r\n</configuration>\r\n");
            server.write(&format!(r"{SITE_LOGS}\u_ex210227.config"), quiet(27));
        }),
    },
    Situation {
        id: "logs/named_as_source",
        what: "An IIS log is renamed to .cs",
        plant: |server| server.write(&format!(r"{SITE_LOGS}\Global.cs"), log(27)),
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: None,
    },
    Situation {
        id: "logs/named_as_page_in_utf_16",
        what: "An IIS log is stored as UTF-16 under a page's name",
        plant: |server| {
            let wide: Vec<u8> = log(27).encode_utf16().flat_map(u16::to_le_bytes).collect();
            server.write(&format!(r"{SITE_LOGS}\old.aspx"), [&b"\xFF\xFE"[..], &wide].concat());
        },
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: None,
    },
    Situation {
        id: "logs/no_log_by_name_or_content",
        what: "A log is packed with an unsupported format, under a page's name",
        plant: |server| {
            let packed: Vec<u8> = (0..9_000u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
            server.write(&format!(r"{SITE_LOGS}\old.vb"), [&b"7z\xBC\xAF\x27\x1C\0\x04"[..], &packed].concat());
        },
        more: &[],
        answer: Answer::Gap { kind: "log_damaged", words: "old.vb" },
        ordinary: None,
    },
    Situation {
        id: "logs/moved_beside",
        what: "A log is moved to an unrelated folder beside the logs and renamed",
        plant: |server| server.write(r"C:\inetpub\logs\old\readme.dat", log(27)),
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: Some(|server| {
            server.write(r"C:\inetpub\logs\FailedReqLogFiles\W3SVC1\fr000001.xml", "<failedRequest/>");
            server.write(r"C:\inetpub\logs\wmsvc\readme.txt", "nothing\r\n");
        }),
    },
    Situation {
        id: "logs/moved_beside_configured",
        what: "A log is moved within the configured log folder and renamed",
        plant: |server| {
            server.edit(APPLICATION_HOST, r"%SystemDrive%\inetpub\logs\LogFiles", r"C:\weblogs");
            server.write(r"C:\weblogs\W3SVC1\u_ex210226.log", quiet(26));
            server.write(r"C:\weblogs\keep\readme.dat", log(27));
        },
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: None,
    },
    Situation {
        id: "logs/moved_among_those_of_exchange",
        what: "A front-end proxy log is moved to an Exchange log folder that is not read, and named like a page",
        plant: |server| {
            server.write(r"C:\Program Files\Microsoft\Exchange Server\V15\Logging\Diagnostics\a.cs", log(27));
        },
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: Some(|server| {
            server.write(
                r"C:\Program Files\Microsoft\Exchange Server\V15\Logging\Diagnostics\a.log",
                "something that is no log of requests\r\n",
            );
        }),
    },
    Situation {
        id: "logs/event_log_renamed",
        what: "The event log of Exchange cmdlets is renamed, and a new one started",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "src/logs/events/tests.rs::a_log_under_another_name_is_read_as_well",
            says: "read by content, whatever its name in the event log folder",
        },
        ordinary: None,
    },
    Situation {
        id: "logs/flooded",
        what: "25,000 benign probes, each from its own address, precede the request that matters",
        plant: |server| {
            let head = log(27);
            let (head, line) = head.split_at(head.rfind("2021-").unwrap());
            let probes: String = (0..25_000u32)
                .map(|n| {
                    line.replace("203.0.113.9", &format!("2001:db8::{n:x}"))
                        .replace("/aspnet_client/x.aspx", "/shell.php")
                        .replace(" 200 0 0 ", " 404 0 2 ")
                })
                .collect();
            server.write(&format!(r"{SITE_LOGS}\u_ex210227.log"), format!("{head}{probes}{line}"));
        },
        more: &[],
        answer: Answer::Hit { check: "log/unknown_script_request" },
        ordinary: None,
    },
    Situation {
        id: "logs/flooded_in_any_order",
        what: "Probes are crafted so that the hits depend on which worker reads which log first",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "src/logs/aggregate.rs::what_is_kept_depends_on_no_order_and_on_no_grouping",
            says: "the most severe hits are kept, in any order and grouping; the number of omitted hits is a gap",
        },
        ordinary: None,
    },
    Situation {
        id: "lists/allowed_by_md5",
        what: "A page has the MD5 of a benign file on the allow list",
        plant: |server| listed(server, "allowed", &digest::<md5::Md5>(&support::stand_in())),
        more: &["--allow-hashes", "ROOT/allowed.txt"],
        answer: Answer::Finding { path: PAGE, reason: "signature/china_chopper_jscript_eval_page", level: "medium" },
        ordinary: None,
    },
    Situation {
        id: "lists/allowed_by_sha_1",
        what: "The allow list contains the SHA-1 of a page",
        plant: |server| listed(server, "allowed", &digest::<sha1::Sha1>(&support::stand_in()).to_uppercase()),
        more: &["--allow-hashes", "ROOT/allowed.txt"],
        answer: Answer::Finding { path: PAGE, reason: "signature/china_chopper_jscript_eval_page", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "lists/allowed_and_hostile",
        what: "A page is both on the allow list and on the list of malicious files",
        plant: |server| {
            let hash = digest::<sha2::Sha256>(&support::stand_in());
            listed(server, "allowed", &hash);
            listed(server, "hostile", &hash);
        },
        more: &["--allow-hashes", "ROOT/allowed.txt", "--iocs", "ROOT/hostile.txt"],
        answer: Answer::Finding { path: PAGE, reason: "signature/china_chopper_jscript_eval_page", level: "high" },
        ordinary: None,
    },
    Situation {
        id: "output/formula_of_another_locale",
        what: "A file name makes a spreadsheet run a formula where cells are separated by semicolons or full-width signs are recognised",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "crates/report/src/text.rs::formulas_become_text",
            says: "a quote precedes every possible start of a cell",
        },
        ordinary: None,
    },
    Situation {
        id: "health/stand_in_for_setup",
        what: "A small file with the version of the newest update replaces ExSetup.exe",
        plant: |_| {},
        more: &[],
        answer: Answer::Elsewhere {
            test: "tests/suite/health.rs::the_patch_line_of_a_scan_has_the_doubts_of_health",
            says: "the patch line of the scan lists the contradictions",
        },
        ordinary: None,
    },
];
