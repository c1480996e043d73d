//! Results of earlier runs, read back and written in every format.

use shellsift_report::{CaseReader, FORMATS, Style};

/// A JSONL output of anybody. What is read is written in every format without a failure, and nothing in text formats moves the cursor.
pub fn results(data: &[u8]) {
    let mut reader = CaseReader::default();
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
}
