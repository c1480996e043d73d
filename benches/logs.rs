//! Logs against `grep -F`: reads generated logs with all checks, and lets grep search the same files for one word. See
//! benches/README.md. `cargo bench --bench logs`; `SHELLSIFT_BENCH_LOGS=10` makes it ten gigabytes.
#![allow(clippy::print_stdout)] // a program to be run by hand; what it prints is its result

use shellsift::evidence::{Directory, Evidence};
use shellsift::logs::checks::cmdlets::KnownFolders;
use shellsift::logs::{self, Counters, Exists, Job};
use shellsift::model::ServerPath;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::atomic::AtomicBool;
use std::time::Instant;

/// At least this share of grep's speed.
const OF_GREP: f64 = 0.5;
/// Peak memory at most, in bytes, whatever the size of the logs.
const MEMORY: u64 = 150_000_000;
/// Bytes of one file.
const FILE: u64 = 64 << 20;
const ROUNDS: usize = 3;
/// Files of one line each.
const SMALL: u64 = 100_000;
const THREADS: usize = 2;

fn main() -> ExitCode {
    // `cargo test --all-targets` runs benches too, but without this argument.
    if !std::env::args().any(|argument| argument == "--bench") {
        println!("run it with: cargo bench --bench logs");
        return ExitCode::SUCCESS;
    }
    if !cfg!(target_os = "linux") {
        println!("needs Linux: grep and /proc");
        return ExitCode::SUCCESS;
    }
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            println!("the bench could not run: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> io::Result<bool> {
    let size =
        std::env::var("SHELLSIFT_BENCH_LOGS").ok().and_then(|size| size.parse().ok()).unwrap_or(1u64) * 1_000_000_000;
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("logs-{size}"));
    let files = generate(&folder, size)?;
    let bytes: u64 = files.iter().map(|file| fs::metadata(file).map_or(0, |data| data.len())).sum();
    println!("{} files, {bytes} bytes; {THREADS} threads; grep has one", files.len());
    let (mut grep, mut ours, mut single) = (f64::MAX, f64::MAX, f64::MAX);
    for round in 0..=ROUNDS {
        let begin = Instant::now();
        let counted =
            Command::new("grep").args(["-F", "-c", "ServerInfo~"]).args(&files).env("LC_ALL", "C").output()?;
        let grep_took = begin.elapsed().as_secs_f64();
        let mut lines = 0;
        for line in String::from_utf8_lossy(&counted.stdout).lines() {
            lines += line.rsplit(':').next().and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
        }
        let (took, hits, covered) = examine(&folder, THREADS)?;
        let (one, ..) = examine(&folder, 1)?;
        println!(
            "round {round}: grep {grep_took:.3} s ({lines} lines), ours {took:.3} s ({hits} hits, {covered} bytes), one thread {one:.3} s"
        );
        // The first round warms the page cache.
        if round > 0 {
            (grep, ours, single) = (grep.min(grep_took), ours.min(took), single.min(one));
        }
    }
    let small = small_files(&folder.with_file_name("logs-small"))?;
    println!("small files {:6.1} us a file, {SMALL} files", small * 1e6 / SMALL as f64);
    let gigabytes = bytes as f64 / 1e9;
    let peak = peak_memory();
    println!("grep -F     {:6.2} GB/s", gigabytes / grep);
    println!("ours        {:6.2} GB/s   {:.2} of grep, {OF_GREP} wanted", gigabytes / ours, grep / ours);
    println!("one thread  {:6.2} GB/s   {:.2} of grep", gigabytes / single, grep / single);
    println!("peak memory {:6.1} MB    {:.0} MB allowed", peak as f64 / 1e6, MEMORY as f64 / 1e6);
    Ok(grep / ours >= OF_GREP && peak <= MEMORY)
}

/// Reads many logs of a line each; the seconds that it took.
fn small_files(folder: &Path) -> io::Result<f64> {
    if !folder.join("done").exists() {
        println!("generating {SMALL} small files");
        for at in 0..SMALL {
            let place = folder.join(format!("HttpProxy/Ews/{:03}", at % 500));
            fs::create_dir_all(&place)?;
            let text = format!("{HTTP_PROXY}{}", proxy_line(&mut Chance(at), at));
            fs::write(place.join(format!("HttpProxy_{at}.LOG")), text)?;
        }
        File::create(folder.join("done"))?;
    }
    let root = ServerPath::drive('C');
    let evidence = Directory::open(&folder.join("HttpProxy"), root.clone())?;
    let begin = Instant::now();
    let sources = logs::loose(&evidence, &[root], &mut Vec::new());
    assert_eq!(sources.len() as u64, SMALL);
    let report = logs::examine(
        &Job {
            evidence: &evidence,
            sources: &sources,
            found: &[],
            exists: &|_| Exists::No,
            folders: &KnownFolders::default(),
            threads: THREADS,
            interrupted: &AtomicBool::new(false),
            throttle: logs::Throttle::default(),
            counters: &Counters::default(),
        },
        &mut |problem| panic!("{problem:?}"),
    );
    assert_eq!(report.spans.iter().map(|span| span.files).sum::<u64>(), SMALL);
    Ok(begin.elapsed().as_secs_f64())
}

/// Reads all logs; the seconds that it took, the number of hits and the bytes.
fn examine(folder: &Path, threads: usize) -> io::Result<(f64, usize, u64)> {
    let begin = Instant::now();
    let root = ServerPath::drive('C');
    let evidence = Directory::open(folder, root.clone())?;
    let mut problems = Vec::new();
    let sources = logs::loose(&evidence, &[root], &mut problems);
    let report = logs::examine(
        &Job {
            evidence: &evidence as &dyn Evidence,
            sources: &sources,
            found: &[(ServerPath::drive('C').join("x.aspx"), vec!["/aspnet_client/x.aspx".to_owned()])],
            exists: &|_| Exists::No,
            folders: &KnownFolders::default(),
            threads,
            interrupted: &AtomicBool::new(false),
            throttle: logs::Throttle::default(),
            counters: &Counters::default(),
        },
        &mut |problem| problems.push(problem),
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(report.requests.len(), 1, "the found file was asked for");
    Ok((begin.elapsed().as_secs_f64(), report.hits.len(), report.spans.iter().map(|span| span.bytes).sum()))
}

fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap_or_default().to_owned();
    line.split_ascii_whitespace().nth(1).and_then(|kilobytes| kilobytes.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// Numbers that look like chance and are the same in every run (SplitMix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ z >> 31
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn guid(&mut self) -> String {
        let (a, b) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xFFFF,
            a & 0xFFF,
            b >> 52,
            b & 0xFFFF_FFFF_FFFF
        )
    }
}

/// Three quarters IIS, one quarter HttpProxy, as a server at work writes them.
fn generate(folder: &Path, size: u64) -> io::Result<Vec<PathBuf>> {
    let done = folder.join("done");
    let count = (size / FILE).max(2);
    let names = (0..count).map(|at| match at % 4 {
        3 => folder
            .join("HttpProxy")
            .join(PROTOCOLS[(at / 4) as usize % PROTOCOLS.len()])
            .join(format!("HttpProxy_{at:05}-1.LOG")),
        _ => folder.join("W3SVC1").join(format!("u_ex{at:06}.log")),
    });
    let names: Vec<PathBuf> = names.collect();
    if done.exists() {
        return Ok(names);
    }
    println!("generating {size} bytes of logs");
    for (at, name) in names.iter().enumerate() {
        fs::create_dir_all(name.parent().unwrap_or(folder))?;
        let mut out = BufWriter::new(File::create(name)?);
        let mut chance = Chance(at as u64);
        let mut written = 0;
        let mut second = at as u64 * 86_400;
        if at % 4 == 3 {
            written += put(&mut out, HTTP_PROXY)?;
            while written < FILE {
                second += chance.below(2);
                written += put(&mut out, &proxy_line(&mut chance, second))?;
            }
        } else {
            written += put(&mut out, W3C)?;
            while written < FILE {
                second += u64::from(chance.below(8) == 0);
                written += put(&mut out, &iis_line(&mut chance, second))?;
            }
            if at == 0 {
                put(
                    &mut out,
                    &format!(
                        "{} 10.0.0.5 POST /aspnet_client/x.aspx - 443 - 203.0.113.9 python-requests/2.25.1 - 200 0 0 15\r\n",
                        time(second, ' ')
                    ),
                )?;
            }
        }
        out.flush()?;
    }
    File::create(done)?;
    Ok(names)
}

fn put(out: &mut impl Write, text: &str) -> io::Result<u64> {
    out.write_all(text.as_bytes())?;
    Ok(text.len() as u64)
}

const PROTOCOLS: [&str; 6] = ["Ews", "Mapi", "Eas", "Owa", "Autodiscover", "Ecp"];
const W3C: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2021-01-01 00:00:00\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken\r\n";
const HTTP_PROXY: &str = "#Software: Microsoft Exchange Server\r\n#Version: 15.02.0721.002\r\n#Log-type: HttpProxy Logs\r\n#Date: 2021-01-01T00:00:00.000Z\r\n#Fields: DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,RoutingHint,BackEndCookie,ServerLocatorHost,ServerLocatorLatency,RequestBytes,ResponseBytes,TotalRequestTime,UrlQuery,BackEndGenericInfo,GenericInfo,GenericErrors\r\n";
const AGENTS: [&str; 6] = [
    "Microsoft+Office/16.0+(Windows+NT+10.0;+Microsoft+Outlook+16.0.13328;+Pro)",
    "Apple-iPhone12C1/1805.59",
    "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+AppleWebKit/537.36+(KHTML,+like+Gecko)+Chrome/88.0.4324.190+Safari/537.36",
    "MacOutlook/16.46.21021202+(Intelx64+Mac+OS+X+Version+10.15.7)",
    "ExchangeServicesClient/15.20.0.0",
    "AMProbe/Local/ClientAccess",
];

fn time(second: u64, between: char) -> String {
    let day = second / 86_400;
    let (year, day) = (2021 + day / 336, day % 336);
    format!(
        "{year}-{:02}-{:02}{between}{:02}:{:02}:{:02}",
        day / 28 + 1,
        day % 28 + 1,
        second / 3600 % 24,
        second / 60 % 60,
        second % 60
    )
}

fn iis_line(chance: &mut Chance, second: u64) -> String {
    let user = chance.below(400);
    let id = chance.guid();
    let (method, stem, query) = match chance.below(100) {
        0..30 => ("POST", "/EWS/Exchange.asmx".to_owned(), format!("&CorrelationID=<empty>;&cafeReqId={id};")),
        30..55 => (
            "POST",
            "/mapi/emsmdb/".to_owned(),
            format!("MailboxId={id}@example.org&CorrelationID=<empty>;&ClientId=X&cafeReqId={id};"),
        ),
        55..75 => (
            "POST",
            "/Microsoft-Server-ActiveSync/default.eas".to_owned(),
            format!(
                "User=user{user}&DeviceId=ApplDNQ{user:08}&DeviceType=iPhone&Cmd=Ping&CorrelationID=<empty>;&cafeReqId={id};"
            ),
        ),
        75..85 => (
            "POST",
            "/owa/service.svc".to_owned(),
            format!("action=FindItem&UA=0&app=Mail&n={user}&CorrelationID=<empty>;&cafeReqId={id};&encoding=;"),
        ),
        85..90 => (
            "GET",
            "/owa/ev.owa2".to_owned(),
            format!("ns=PendingRequest&ev=PendingNotificationRequest&UA=0&cid={id}&X-OWA-CANARY=x&n={user}"),
        ),
        90..93 => {
            ("POST", "/Autodiscover/Autodiscover.xml".to_owned(), format!("&CorrelationID=<empty>;&cafeReqId={id};"))
        }
        93..95 => ("GET", format!("/owa/prem/15.2.721.2/resources/styles/{user}.css"), "-".to_owned()),
        95..97 => (
            "GET",
            "/owa/auth/logon.aspx".to_owned(),
            format!("url=https%3a%2f%2fmail.example.org%2fowa%2f&reason=0&CorrelationID=<empty>;&cafeReqId={id};"),
        ),
        97..98 => (
            "GET",
            "/autodiscover/autodiscover.json".to_owned(),
            format!("Email=user{user}%40example.org&Protocol=ActiveSync&RedirectCount=1"),
        ),
        98..99 => ("GET", "/ecp/default.aspx".to_owned(), format!("&CorrelationID=<empty>;&cafeReqId={id};")),
        _ => (
            "POST",
            "/PowerShell/".to_owned(),
            format!("clientApplication=ActiveMonitor;PSVersion=5.1.17763.1&CorrelationID=<empty>;&cafeReqId={id};"),
        ),
    };
    let agent = AGENTS[chance.below(AGENTS.len() as u64) as usize];
    let took = chance.below(400);
    format!(
        "{} 10.0.0.5 {method} {stem} {query} 443 EXAMPLE\\user{user} 10.1.{}.{} {agent} - 200 0 0 {took}\r\n",
        time(second, ' '),
        user / 200,
        user % 200
    )
}

fn proxy_line(chance: &mut Chance, second: u64) -> String {
    let user = chance.below(400);
    let (id, mailbox) = (chance.guid(), chance.guid());
    let (protocol, stem) = match chance.below(4) {
        0 => ("Ews", "/EWS/Exchange.asmx"),
        1 => ("Mapi", "/mapi/emsmdb/"),
        2 => ("Eas", "/Microsoft-Server-ActiveSync/default.eas"),
        _ => ("Owa", "/owa/service.svc"),
    };
    let cookie = if chance.below(2) == 0 {
        "Server~ex1.example.local~1941962754~2021-04-02T07:00:00"
    } else {
        "Database~a~~2021-04-02"
    };
    format!(
        "{}.{:03}Z,{id},15,2,721,2,{{{mailbox}}},{protocol},mail.example.org,{stem},,Negotiate,true,EXAMPLE\\user{user},,MailboxGuid~{mailbox},Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.13328; Pro),10.1.1.{},EX1,200,200,,POST,Proxy,ex1.example.local,15.02.0721.000,IntraForest,MailboxGuidWithDomain,{cookie},,,{},{},1,,,0;,1,,0,,0,,0,0,,0,{},0,15,0,4,0,4,0,0,19,?MailboxId={mailbox}@example.org,,BeginRequest={}.1Z;CorrelationID=<empty>;ProxyState-Run=None;FEAuth=BEVersion-1941997267;NewConnection=ex1&0;BeginGetResponse=x;OnResponseReady=x;EndGetResponse=x;ProxyState-Complete=ProxyResponseData;SharedCacheGuard=0;EndRequest=x;S:ServiceCommonMetadata.Cookie=0,\r\n",
        time(second, 'T'),
        chance.below(1000),
        user % 250,
        chance.below(5000),
        chance.below(50_000),
        chance.below(300),
        time(second, 'T')
    )
}
