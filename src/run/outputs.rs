//! The outputs of a run: JSONL, which is streamed, and the formats written from the finished results.

use super::sign::Signing;
use super::sink::{Sink, create};
use crate::checks::attack_of;
use crate::cli::{self, Colour};
use crate::error::{Error, Result};
use crate::model::{AnalysisResults, Discovered, Finding, Level, RunInfo, Source};
use crate::report::{Case, Draw, Format, Record, Recorder, Style, record_line, write_line, write_record};
use crate::settings::Destination;
use shellsift_package::Chain;
use std::io::{self, BufWriter, IsTerminal, Write};

/// What a verb draws in place of the table of `scan`.
pub(super) type Text<'t> = &'t dyn Fn(&AnalysisResults, Style, &mut dyn Write) -> io::Result<()>;

/// The outputs of a run. One that fails is closed and named at the end; the others go on.
pub(super) struct Writers {
    recorder: Recorder,
    jsonl: Option<(Sink, String)>,
    /// Links the records.
    chain: Option<Chain>,
    /// Signs the JSONL output when it is complete.
    signing: Option<Signing>,
    drawn: Vec<(&'static Format, Draw, Option<Sink>, String)>,
    /// Where each output lies: its name and its format.
    names: Vec<(String, &'static str)>,
    failed: Option<Error>,
    /// Findings below it are not listed. Nothing else depends on it.
    min_level: Level,
}

impl Writers {
    pub(super) fn open(
        destinations: Vec<Destination>,
        options: &cli::Output,
        run: &RunInfo,
        sources: &[Source],
        min_level: Level,
    ) -> Result<Self> {
        let recorder = Recorder::new(run.clone(), sources.to_vec(), attack_of);
        let (force, integrity) = (options.force, &options.integrity);
        let chain = integrity.chain.then(Chain::default);
        let jsonl = destinations.iter().find(|one| one.format.write.is_none());
        if jsonl.is_none() && (integrity.chain || integrity.sign.is_some()) {
            return Err(Error::Usage("--chain and --sign are for a JSONL output: add -f jsonl -o FILE".to_owned()));
        }
        let output = jsonl.and_then(|one| one.file.as_deref());
        let signing = integrity.sign.as_deref().map(|key| Signing::prepare(key, output, force)).transpose()?;
        let mut writers = Self {
            recorder,
            jsonl: None,
            chain,
            signing,
            drawn: Vec::new(),
            names: Vec::new(),
            failed: None,
            min_level,
        };
        for destination in destinations {
            let format = destination.format;
            let (opened, name) = open(&destination, force, format.write.is_none())?;
            writers.names.push((name.clone(), format.id));
            if let Some(draw) = format.write {
                writers.drawn.push((format, draw, opened, name));
                continue;
            }
            if writers.jsonl.is_some() {
                return Err(Error::Usage("only one JSONL output at a time".to_owned()));
            }
            writers.jsonl = Some((opened.unwrap_or_else(|| Sink::standard_output(true)), name));
        }
        Ok(writers)
    }

    /// Writes the first record, with what was discovered.
    pub(super) fn start(&mut self, discovered: &[Discovered]) {
        self.record(|recorder| recorder.start(discovered));
    }

    /// Writes a finding, if it is to be listed. `preliminary`: whether it is written once more when all stages have ended.
    pub(super) fn finding(&mut self, finding: &Finding, preliminary: bool) {
        if finding.level >= self.min_level {
            self.record(|recorder| recorder.finding(finding, preliminary));
        }
    }

    /// Writes a record, if there is a JSONL output.
    pub(super) fn record(&mut self, make: impl FnOnce(&Recorder) -> Record) {
        if let Some((jsonl, name)) = &mut self.jsonl
            && let Err(source) = write(make(&self.recorder), &mut self.chain, jsonl)
        {
            self.failed = Some(Error::Output { to: name.clone(), source });
            self.jsonl = None;
        }
    }

    /// Whether any output is left.
    pub(super) fn is_any_left(&self) -> bool {
        self.jsonl.is_some() || !self.drawn.is_empty()
    }

    /// Why no output is left.
    pub(super) fn failure(&mut self) -> Error {
        self.failed.take().unwrap_or_else(|| Error::Internal("no output".to_owned()))
    }

    /// Draws the formats that need the finished results. `omitted` are the findings of each level that were too many to keep.
    pub(super) fn finish(
        self,
        mut results: AnalysisResults,
        omitted: &[u64; 5],
        text: Option<Text<'_>>,
        options: &cli::Output,
    ) -> Result<()> {
        results.findings.retain(|finding| finding.level >= self.min_level);
        results.findings_omitted = omitted[self.min_level as usize..].iter().sum();
        let mut failed = self.failed;
        if let Some((jsonl, name)) = self.jsonl
            && let Err(source) = jsonl.finish()
        {
            failed.get_or_insert(Error::Output { to: name, source });
        }
        if let Some(signing) = self.signing.filter(|_| failed.is_none())
            && let Err(error) = signing.sign()
        {
            failed = Some(error);
        }
        let case = (!self.drawn.is_empty()).then(|| Case::of_results(&results, attack_of));
        let names = self.names;
        for (format, draw, file, name) in self.drawn {
            let style = style(options, file.is_none(), &name, &names);
            let sink = file.unwrap_or_else(|| Sink::standard_output(false));
            let drawn = write_whole(sink, |out| match text.filter(|_| format.id == "table") {
                Some(text) => text(&results, style, out),
                None => case.as_ref().map_or(Ok(()), |case| draw(case, style, out)),
            });
            if let Err(source) = drawn {
                failed.get_or_insert(Error::Output { to: name, source });
            }
        }
        failed.map_or(Ok(()), Err)
    }
}

/// Opens an output, if it is not standard output, and names it for messages. `streamed`: whether records are written as they are made.
pub(super) fn open(destination: &Destination, force: bool, streamed: bool) -> Result<(Option<Sink>, String)> {
    let format = destination.format;
    if let Some(path) = &destination.file {
        return Ok((Some(create(path, force, streamed)?), path.display().to_string()));
    }
    let Some(to) = &destination.receiver else { return Ok((None, "standard output".to_owned())) };
    let name = format!("syslog receiver {}", to.address);
    match Sink::receiver(to, format.id) {
        Ok(sink) => Ok((Some(sink), name)),
        Err(source) => Err(Error::Output { to: name, source }),
    }
}

/// Writes a record, as the next one of its chain if there is one.
fn write(mut record: Record, chain: &mut Option<Chain>, out: &mut dyn Write) -> io::Result<()> {
    let Some(chain) = chain else { return write_record(&record, out) };
    record.number(chain.next_number());
    let mut line = record_line(&record)?;
    chain.link(&mut line)?;
    write_line(line, out)
}

/// How an output is drawn. `name`: of this one; `names`: of all of them, with their formats.
pub(super) fn style(options: &cli::Output, on_screen: bool, name: &str, names: &[(String, &'static str)]) -> Style {
    let terminal = io::stdout().is_terminal();
    let others = names.iter().filter(|(other, _)| other != name);
    Style {
        terminal: !on_screen || terminal,
        colour: on_screen && wants_colour(options.color, terminal),
        verbose: options.verbose > 0,
        summary: options.summary,
        outputs: others.map(|(other, id)| format!("{other} ({id})")).collect(),
        width: if on_screen { terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)) } else { None },
    }
}

/// Writes an output from its start to its end. One that fails leaves no file.
pub(super) fn write_whole<T>(sink: Sink, write: impl FnOnce(&mut dyn Write) -> io::Result<T>) -> io::Result<T> {
    let mut out = BufWriter::new(sink);
    let value = write(&mut out)?;
    out.flush()?;
    out.into_parts().0.finish()?;
    Ok(value)
}

fn wants_colour(colour: Colour, terminal: bool) -> bool {
    match colour {
        Colour::Always => true,
        Colour::Never => false,
        Colour::Auto => terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()),
    }
}

/// Writes text to standard output, of verbs that have no results.
pub(super) fn print(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    write_whole(Sink::standard_output(false), write)
        .map_err(|source| Error::Output { to: "standard output".to_owned(), source })
}
