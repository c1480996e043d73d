//! Seeded noise: with any bytes, names and configuration, the run ends by itself, the counts add up, and the results do
//! not depend on the number of threads.

use shellsift::catalogue::{self, HashList};
use shellsift::detect::{DETECTORS, Knowledge, signatures::Signatures};
use shellsift::evidence::Memory;
use shellsift::model::ServerPath;
use shellsift::{scan, targets};
use std::sync::atomic::AtomicBool;

/// xorshift64*: the same noise on every machine.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound as u64) as usize
    }
}

/// Pieces that parsers stumble over.
const PIECES: &[&[u8]] = &[
    b"<%",
    b"%>",
    b"<%@ Page Language=\"",
    b"<script runat=\"server\">",
    b"</script>",
    b"\xFF\xFE",
    b"\xFE\xFF",
    b"\0",
    b"\0\0\0\0",
    b"eval(",
    b"Request[\"x\"]",
    b"MZ",
    b"!BDN",
    b"\x30\x82",
    b"<%--",
    b"--%>",
    b"\"unsafe\"",
    b"\x1b[31m",
    "\u{202e}".as_bytes(),
    b"\r\n",
    b"<configuration>",
    b"<site name='",
    b"<virtualDirectory physicalPath='%",
    b"&#x41;",
    b"&lt;",
    b"]]>",
    b"<!DOCTYPE a [",
    b"\xED\xA0\x80",
    b"<\0%\0",
    b"=cmd|",
    b"A",
];

fn bytes(noise: &mut Noise) -> Vec<u8> {
    let mut out = Vec::new();
    for _ in 0..noise.below(40) {
        match noise.below(4) {
            0 => out.extend((0..noise.below(60)).map(|_| noise.next() as u8).collect::<Vec<_>>()),
            _ => {
                let piece = PIECES[noise.below(PIECES.len())];
                out.extend(piece.repeat(1 + noise.below(5)));
            }
        }
    }
    out
}

fn name(noise: &mut Noise) -> String {
    const NAMES: &[&str] = &[
        "owa",
        "auth",
        "aspnet_client",
        "x.aspx",
        "con",
        "a\u{202e}b.asp",
        "web.config",
        "<FF>.ashx",
        "..",
        "%windir%",
        " .aspx",
        "Ä.ASPX",
        "x.aspx.",
        "q:stream.aspx",
    ];
    NAMES[noise.below(NAMES.len())].to_owned()
}

#[test]
fn noise_of_many_seeds_ends_in_a_whole_account() {
    let knowledge = Knowledge {
        signatures: Some(Signatures::compile(true, &[]).unwrap().0),
        malicious: catalogue::malicious_hashes(),
        every_digest: true,
        ..Knowledge::new(std::time::Duration::from_secs(60))
    };
    let detectors: Vec<&str> = DETECTORS.iter().map(|detector| detector.id).collect();
    for seed in 1..=60u64 {
        let mut noise = Noise(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let mut evidence = Memory::new()
            .file(r"C:\Windows\System32\inetsrv\config\applicationHost.config", &bytes(&mut noise))
            .folder(r"C:\inetpub\wwwroot");
        for _ in 0..noise.below(40) {
            let folders: Vec<String> = (0..noise.below(4)).map(|_| name(&mut noise)).collect();
            let roots = [
                r"C:\inetpub\wwwroot",
                r"C:\ProgramData",
                r"C:\Program Files\Microsoft\Exchange Server\V15\FrontEnd\HttpProxy",
            ];
            let path = format!("{}\\{}\\{}", roots[noise.below(3)], folders.join("\\"), name(&mut noise));
            evidence = evidence.file(&path, &bytes(&mut noise));
        }
        let root = ServerPath::drive('C');
        let given = targets::Target { kind: targets::recognise(&evidence, &root), path: root };
        let plan = targets::discover(&evidence, &[given], &['C'], false);
        let interrupted = AtomicBool::new(false);
        let survey = scan::survey(&evidence, &plan, &interrupted, &mut Vec::new());
        let run = |threads| {
            let settings = scan::Settings {
                threads,
                max_size: 512,
                cpu_limit: 100,
                detectors: &detectors,
                allowed: &HashList::default(),
                interrupted: &interrupted,
                on_worker: || {},
            };
            let job = scan::Job {
                baseline: None,
                evidence: &evidence,
                plan: &plan,
                survey: &survey,
                knowledge: &knowledge,
                settings: &settings,
            };
            let mut events = Vec::new();
            let coverage = scan::scan(&job, &scan::Counters::default(), true, &mut |event| {
                events.push(match event {
                    scan::Event::Finding(finding) => {
                        for proof in finding.reasons.iter().flat_map(|reason| &reason.locations) {
                            assert!(
                                proof.offset + proof.length <= finding.artefact.entry.size,
                                "seed {seed}: {proof:?}"
                            );
                        }
                        let ids: Vec<&str> = finding.reasons.iter().map(|reason| reason.id.as_str()).collect();
                        format!("{} {}", finding.artefact.path, ids.join(" "))
                    }
                    scan::Event::Problem(problem) => {
                        assert!(!problem.message.contains("internal error"), "seed {seed}: {problem:?}");
                        problem.message
                    }
                    scan::Event::Clean(artefact) => artefact.path.to_string(),
                });
                true
            });
            assert!(coverage.adds_up(), "seed {seed}: {coverage:?}");
            assert_eq!(coverage.not_reached, 0, "seed {seed}");
            events.sort();
            events
        };
        assert_eq!(run(1), run(3), "seed {seed}");
    }
}
