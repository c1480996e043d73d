//! Results of earlier runs, read back, written in every format and compared.

use shellsift_report::{CaseReader, Diff, FORMATS, Style, diff_jsonl, diff_table};

/// A JSONL output of anybody. What is read is written in every format without a failure, and nothing in text formats moves the cursor.
pub fn results(data: &[u8]) {
    let mut reader = CaseReader::keeping_files();
    if reader.add("input", data).is_err() {
        return;
    }
    let case = reader.done();
    for format in FORMATS {
        let Some(write) = format.write else { continue };
        let mut out = Vec::new();
        write(&case, Style { terminal: true, width: Some(80), ..Style::default() }, &mut out).expect("memory");
        assert!(["xlsx"].contains(&format.id) || !out.contains(&0x1b), "{} moves the cursor", format.id);
    }
    let empty = CaseReader::default().done();
    let mut out = Vec::new();
    for diff in [Diff::new(&case, &case), Diff::new(&empty, &case)] {
        diff_table(&diff, true, &mut out).expect("memory");
        diff_jsonl(&diff, &mut out).expect("memory");
    }
    assert!(!out.contains(&0x1b), "a difference moves the cursor");
}
