use super::*;
use crate::CaseReader;

fn case_of(inputs: &[(String, String)]) -> Case {
    let mut reader = CaseReader::default();
    inputs.iter().for_each(|(name, text)| reader.add(name, text.as_bytes()).expect("read"));
    reader.done()
}

fn drawn(case: &Case, style: Style) -> String {
    let mut out = Vec::new();
    write(case, style, &mut out).expect("memory");
    String::from_utf8(out).expect("text")
}

#[test]
#[ignore]
fn by_hand() {
    let files = std::env::var("CASE_FILES").expect("set");
    let inputs: Vec<(String, String)> =
        files.split(' ').map(|file| (file.to_owned(), std::fs::read_to_string(file).expect("file"))).collect();
    let on = |name: &str| std::env::var(name).is_ok();
    let style = Style {
        terminal: !on("PIPE"),
        verbose: on("VERBOSE"),
        summary: on("SUMMARY"),
        width: std::env::var("WIDTH").ok().map(|width| width.parse().expect("number")),
        ..Style::default()
    };
    std::fs::write("/tmp/screen.out", drawn(&case_of(&inputs), style)).expect("written");
}
