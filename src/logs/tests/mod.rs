//! Whole logs, in memory, through the whole of the reader.

mod checks;
mod cmdlets;
mod files;
mod webshells;

use super::checks::cmdlets::KnownFolders;
use super::*;
use crate::evidence::Memory;
use crate::evidence::memory::Fault;
use crate::model::{FoundIn, Level, LogReport, Problem, ProblemKind, Remains, ServerPath, Stage};
use std::sync::atomic::AtomicBool;

const PROXY: &str = "DateTime,RequestId,MajorVersion,MinorVersion,BuildVersion,RevisionVersion,ClientRequestId,Protocol,UrlHost,UrlStem,ProtocolAction,AuthenticationType,IsAuthenticated,AuthenticatedUser,Organization,AnchorMailbox,UserAgent,ClientIpAddress,ServerHostName,HttpStatus,BackEndStatus,ErrorCode,Method,ProxyAction,TargetServer,TargetServerVersion,RoutingType,RoutingHint,BackEndCookie";
const IIS: &str = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs(Referer) sc-status sc-substatus sc-win32-status time-taken";
const ECP: &str = "TimeStamp,ServerName,EventId,EventData";
const OAB: &str = "Timestamp,RecordType,TraceId,OabGuid,AddressListGuid,Message";

/// What is known beside the logs.
struct With<'w> {
    found: Vec<(ServerPath, Vec<String>)>,
    exists: &'w (dyn Fn(&str) -> Exists + Sync),
    folders: KnownFolders,
    threads: usize,
}

impl Default for With<'_> {
    fn default() -> Self {
        Self { found: Vec::new(), exists: &|_| Exists::No, folders: KnownFolders::default(), threads: 1 }
    }
}

fn path(text: &str) -> ServerPath {
    ServerPath::from_windows(text).expect("absolute")
}

/// What all files of a folder show.
fn read_all(evidence: &Memory, with: &With<'_>) -> (LogReport, Vec<Problem>) {
    let mut problems = Vec::new();
    let sources = loose(evidence, &[path(r"C:\logs")], &mut problems);
    let interrupted = AtomicBool::new(false);
    let counters = Counters::default();
    let job = Job {
        evidence,
        sources: &sources,
        found: &with.found,
        exists: with.exists,
        folders: &with.folders,
        threads: with.threads,
        interrupted: &interrupted,
        throttle: Throttle::default(),
        counters: &counters,
    };
    let report = examine(&job, &mut |problem| problems.push(problem));
    (report, problems)
}

fn read(bytes: &[u8]) -> (LogReport, Vec<Problem>) {
    read_all(&Memory::new().file(r"C:\logs\a.log", bytes), &With::default())
}

/// Check, stage and level of each hit of a log with this head and these lines.
fn hits(head: &str, lines: &[&str]) -> Vec<(&'static str, Stage, Level)> {
    let (report, problems) = read(format!("{head}\r\n{}\r\n", lines.join("\r\n")).as_bytes());
    assert_eq!(problems, [], "{lines:?}");
    report.hits.iter().map(|hit| (hit.check, hit.stage, hit.level)).collect()
}

fn iis(request: &str, rest: &str) -> String {
    format!("2021-03-05 03:06:27 10.0.0.5 {request} 443 {rest} 0 0 133")
}

fn proxied(stem: &str, anchor: &str, status: &str, cookie: &str) -> String {
    format!(
        "2021-03-03T06:49:42.162Z,00000000-0000-4000-8000-000000000001,15,1,2044,4,,Ecp,mail.example.org,{stem},,FBA,false,,,{anchor},UA,203.0.113.7,EX1,{status},{status},,POST,Proxy,ex1,15,IntraForest,X,{cookie},"
    )
}

fn outcome(line: &str) -> Vec<(&'static str, Stage, Level)> {
    hits(IIS, &[line])
}
