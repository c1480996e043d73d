//! Text logs: the first byte of an input chooses the head that the rest is read under; without one it is read as it is, packed or
//! not.

use crate::evidence::Memory;
use crate::logs::checks::cmdlets::KnownFolders;
use crate::logs::{Counters, Exists, Job, examine, loose};
use crate::model::ServerPath;
use std::sync::atomic::{AtomicBool, Ordering};

const HEADS: [&str; 9] = [
    "",
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status\n",
    "DateTime,RequestId,Protocol,UrlHost,UrlStem,AuthenticatedUser,AnchorMailbox,UserAgent,ClientIpAddress,HttpStatus,Method,BackEndCookie,UrlQuery\n",
    "TimeStamp,ServerName,EventId,EventData\n",
    "Timestamp,RecordType,TraceId,OabGuid,AddressListGuid,Message\n",
    "#Log-type: Rps Cmdlet Logs\n#Fields: DateTime,AuthenticatedUser,Cmdlet,Parameters,ExecutionResult\n",
    "#Log-type: Rps Http Logs\n#Fields: DateTime,UrlStem,GenericInfo\n",
    "#Log-type: audit\n#Fields: Timestamp,Server,TenantId,RecordType,Data,UserKey,RecordId,Operation,Workload,ResultStatus\n",
    "#Log-type: ECP Activity Context Log\n#Fields: TimeStamp,ActivityId,EventId,EventData\n",
];

/// Any bytes are read to their end, as any kind of log, with the same result twice; hits are of lines that are there.
pub fn text_logs(data: &[u8]) {
    let (&first, rest) = data.split_first().unwrap_or((&0, &[]));
    let head = HEADS[first as usize % HEADS.len()];
    let file = [head.as_bytes(), rest].concat();
    let evidence = Memory::new().file(r"C:\logs\a.log", &file);
    let found = [(ServerPath::drive('C').join("x.aspx"), vec!["/owa/auth/x.aspx".to_owned()])];
    let read = || {
        let mut problems = Vec::new();
        let sources = loose(&evidence, &[ServerPath::drive('C').join("logs")], &mut problems);
        let counters = Counters::default();
        let job = Job {
            evidence: &evidence,
            sources: &sources,
            found: &found,
            exists: &|path| if path.len() % 2 == 0 { Exists::No } else { Exists::Unknown },
            folders: &KnownFolders::default(),
            threads: 1,
            interrupted: &AtomicBool::new(false),
            throttle: crate::logs::Throttle::default(),
            counters: &counters,
        };
        let report = examine(&job, &mut |problem| problems.push(problem));
        (report, problems, counters.bytes.load(Ordering::Relaxed))
    };
    let (report, problems, bytes) = read();
    assert!(problems.len() <= 8 || file.starts_with(b"PK"), "{problems:?}");
    let packed = [&b"PK"[..], b"\x1F\x8B", b"\xFF\xFE", b"\xFE\xFF"].iter().any(|mark| file.starts_with(mark));
    let zeros = file.iter().take(64).filter(|&&byte| byte == 0).count() > 8;
    if !packed && !zeros {
        assert!(bytes + 3 >= file.len() as u64 && bytes <= file.len() as u64, "{bytes} of {}", file.len());
        let lines = file.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
        let proofs = report.hits.iter().flat_map(|hit| &hit.locations);
        proofs.for_each(|proof| assert!((1..=lines).contains(&proof.line), "line {} of {lines}", proof.line));
    }
    assert_eq!(read(), (report, problems, bytes));
}
