//! Evasion of code analysis. Every page is inert (a directive with an invalid attribute, or a line that is not code) and assembled
//! here, so that scanners ignore this file.

/// A page that is planted, what it does, and what is said of it.
macro_rules! page {
    ($id:literal, $what:literal, $name:literal, $bytes:expr, $answer:expr) => {
        page!($id, $what, $name, $bytes, $answer, None)
    };
    ($id:literal, $what:literal, $name:literal, $bytes:expr, $answer:expr, ordinary $ordinary:expr) => {
        page!(
            $id,
            $what,
            $name,
            $bytes,
            $answer,
            Some(|server: &Server| {
                let bytes: Vec<u8> = $ordinary;
                server.write(concat!(r"C:\inetpub\wwwroot\", $name), bytes);
            })
        )
    };
    ($id:literal, $what:literal, $name:literal, $bytes:expr, $answer:expr, $ordinary:expr) => {
        Situation {
            id: concat!("code/", $id),
            what: $what,
            plant: |server| {
                let bytes: Vec<u8> = $bytes;
                server.write(concat!(r"C:\inetpub\wwwroot\", $name), bytes);
            },
            more: &[],
            answer: $answer,
            ordinary: $ordinary,
        }
    };
}

mod program;
mod text;

use super::{Answer, Situation};

const fn starts(path: &'static str) -> Answer {
    Answer::Finding { path, reason: "behaviour/command_execution", level: "high" }
}

const fn runs(path: &'static str) -> Answer {
    Answer::Finding { path, reason: "behaviour/eval_request_input", level: "high" }
}

const CUT: Answer = Answer::Gap { kind: "code_analysis_truncated", words: "wwwroot" };

/// The statement of C# that counts.
fn start() -> Vec<u8> {
    ["System.Diagnostics.", "Process.", "Start(Req", "uest[\"none\"]);"].concat().into_bytes()
}

/// A page of C# with something in front of what counts.
fn sharp(front: &str) -> Vec<u8> {
    let head = "<%@ Page Language=\"C#\" ShellsiftInert=\"none\" %><%-- shellsift inert stand-in --%>\n<% ";
    [head.as_bytes(), front.as_bytes(), &start(), b" %>"].concat()
}

/// A page of Visual Basic.
fn basic(front: &str) -> Vec<u8> {
    let code = ["System.Diagnostics.", "Process.", "Start(Req", "uest(\"none\"))"].concat();
    format!("<%@ Page Language=\"VB\" ShellsiftInert=\"none\" %>\n<% {front}{code}\n %>").into_bytes()
}

/// A page of JScript.
fn script(front: &str) -> Vec<u8> {
    let code = ["ev", "al(Req", "uest(\"none\") + \"\");"].concat();
    format!("<%@ Language=\"JScript\" %><%\n{front}{code}\n@@inert@@ (\n%>").into_bytes()
}

fn after(front: &[u8], page: &[u8]) -> Vec<u8> {
    [front, page].concat()
}

fn text(page: Vec<u8>) -> String {
    String::from_utf8(page).unwrap()
}

fn replaced(page: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
    let page = text(page);
    assert!(page.contains(from), "no {from} in the page");
    page.replace(from, to).into_bytes()
}

fn request() -> String {
    ["Req", "uest(\"none\")"].concat()
}

fn script_of(code: &str) -> Vec<u8> {
    ["<%\n' shellsift inert stand-in\n", code, "\n@@inert@@ (\n%>"].concat().into_bytes()
}

fn run(what: &str) -> String {
    ["Exe", "cute ", what].concat()
}

fn many(count: usize) -> Vec<u8> {
    let all: Vec<String> = (0..count).map(|at| run(&format!("\"x{at} = {at}\""))).collect();
    script_of(&format!("{}\n{}", all.join("\n"), run(&format!("\"{}\"", run(&request()).replace('"', "\"\"")))))
}

/// By what they are about.
pub(super) const SITUATIONS: &[&[Situation]] = &[text::SITUATIONS, program::SITUATIONS];
