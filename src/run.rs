//! One run of the program: each command is the same pipeline with a subset of the stages.
//!
//! | verb | discover | survey | examine | logs | patch level | enrich | text |
//! |---|---|---|---|---|---|---|---|
//! | `scan` | yes | every area | every file | those of the server | yes | yes | the table |
//! | `logs` | yes | | | those of the server and loose ones | | timeline | the table |
//! | `health` | yes | | | builds they name | yes | | its own |
//! | `sites` | yes | | | | | changes of configuration | its own |
//! | `explain` | yes | one file | that file | | | | its own |
//! | `scan --shadow list` | | | | | | | its own |
//! | `baseline` | yes | every area | digests alone | | | | its own |
//! | `report`, `diff` | | | | | | | results of earlier runs |
//!
//! `collect` and `verify` work on the outputs of earlier runs.
//!
//! All of them write JSONL, through the same outputs; what cannot be examined goes through one channel, `Collector::problem`.

mod actions;
mod baseline;
mod collect;
mod collector;
mod diff;
mod draft;
mod enrich;
mod exit;
mod explain;
mod gather;
mod health;
mod knowledge;
mod limits;
mod logs;
mod outputs;
mod packing;
mod pipeline;
mod provenance;
mod report;
mod results;
mod rules;
mod scan;
mod shadow;
mod shadow_list;
mod sign;
mod sink;
mod sites;
mod steps;
mod suppress;
mod syslog;
mod timeline;
mod trace;
mod verify;

pub use exit::Exit;
use outputs::print;

use crate::cli::{Cli, RulesVerb, Verb};
use crate::error::Result;

/// Runs the command.
pub fn run(cli: &Cli) -> Result<Exit> {
    limits::threads(1)?;
    match &cli.verb {
        Verb::Scan(options) => scan::scan_verb(options),
        Verb::Explain(options) => match &options.check {
            Some(id) => rules::explain_check(id),
            None => explain::explain_verb(options),
        },
        Verb::Logs(options) => logs::logs_verb(options),
        Verb::Report(options) => report::report_verb(options),
        Verb::Diff(options) => diff::diff_verb(options),
        Verb::Sites(options) => sites::sites_verb(options),
        Verb::Health(options) => health::health_verb(options),
        Verb::Collect(options) => collect::collect_verb(options),
        Verb::Verify(options) => verify::verify_verb(options),
        Verb::Rules(RulesVerb::List(options)) => rules::list_rules(options),
        Verb::Rules(RulesVerb::Check { paths }) => rules::check_rules(paths),
        Verb::Rules(RulesVerb::Export(options)) => rules::export_found(options),
        Verb::Baseline(verb) => baseline::baseline_verb(verb),
        Verb::Completions { shell } => completions(*shell),
        Verb::Man => man(),
    }
}

fn completions(shell: clap_complete::Shell) -> Result<Exit> {
    use clap::CommandFactory;
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "shellsift", &mut text);
    print(|out| out.write_all(&text))?;
    Ok(Exit::Clean)
}

fn man() -> Result<Exit> {
    use clap::CommandFactory;
    let page = clap_mangen::Man::new(Cli::command());
    print(|out| page.render(&mut &mut *out))?;
    Ok(Exit::Clean)
}
