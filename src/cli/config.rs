//! The configuration file: defaults of options, and named profiles of them. It is read only where `--config` names it: a file that
//! lies in the current folder or on the examined server may be an attacker's.

use super::{Cli, ConfigFile, ProfileName, Threads, Verb};
use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Command, CommandFactory, FromArgMatches, ValueEnum};
use std::any::TypeId;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// The table of profiles.
const PROFILE: &str = "profile";
/// What a profile rests on: `live` or `lab`.
const BASE: &str = "base";
/// Options that are no defaults.
const NEVER: [&str; 4] = ["config", PROFILE, "help", "version"];
/// Short forms of `format`, which outweighs and is outweighed as a whole.
const SHORT: [&str; 2] = ["json", "html"];
/// A configuration file has some lines.
const LARGEST: u64 = 1 << 20;

/// Parses the command line, with what the configuration file that it names adds. A command line that is wrong, or that asks for help,
/// ends the process as clap does it.
pub fn parse(arguments: Vec<OsString>) -> Result<Cli, String> {
    let arguments = with_formats(arguments);
    let command = Cli::command();
    let matches = command.clone().try_get_matches_from(&arguments).unwrap_or_else(|error| error.exit());
    let (depth, leaf, of_leaf) = leaf(&command, &matches);
    let given = of_leaf.try_get_one::<PathBuf>("config").ok().flatten();
    let profile = of_leaf.try_get_one::<String>(PROFILE).ok().flatten().cloned();
    let Some(path) = given else {
        if let Some(name) = profile.filter(|name| built_in(name).is_none()) {
            return Err(format!("--profile {name}: use live or lab, or a profile of the file that --config names"));
        }
        return Cli::from_arg_matches(&matches).map_err(|error| error.to_string());
    };
    let file = read(path)?;
    let settings = File::parse(&file, path, &command)?;
    let (options, base) = settings.of(profile.as_deref())?;
    let mut added = Vec::new();
    for (name, value) in options {
        let Some(argument) = leaf.get_arguments().find(|argument| argument.get_long() == Some(name)) else { continue };
        if of_leaf.value_source(argument.get_id().as_str()) != Some(ValueSource::CommandLine) {
            added.extend(value.arguments(argument, path)?);
        }
    }
    let mut all = arguments;
    let at = (depth + 1).min(all.len());
    drop(all.splice(at..at, added.iter().cloned()));
    let matches = command.clone().try_get_matches_from(with_formats(all)).map_err(|error| {
        let text = error.to_string();
        let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
        format!("{}: {first}", path.display())
    })?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|error| error.to_string())?;
    if let Some(threads) = threads(&mut cli.verb) {
        threads.base = base;
    }
    if let Some(output) = output(&mut cli.verb) {
        use sha2::{Digest, Sha256};
        let sha256 = hex::encode(Sha256::digest(&file));
        let options = added.iter().map(|one| one.to_string_lossy().into_owned()).collect();
        output.from_config = Some(ConfigFile { path: path.clone(), sha256, options });
    }
    Ok(cli)
}

/// `--json` and `--html` are `--format jsonl` and `--format html`, in the place where they stand: the nth output belongs to the nth
/// format.
fn with_formats(arguments: Vec<OsString>) -> Vec<OsString> {
    let mut is_option = true;
    let long = |argument: OsString| {
        is_option &= argument != "--";
        match argument.to_str() {
            Some("--json") if is_option => "--format=jsonl".into(),
            Some("--html") if is_option => "--format=html".into(),
            _ => argument,
        }
    };
    arguments.into_iter().map(long).collect()
}

/// The verb that was chosen, how deep it lies, and what was given to it.
fn leaf<'c>(command: &'c Command, matches: &'c ArgMatches) -> (usize, &'c Command, &'c ArgMatches) {
    let (mut depth, mut command, mut matches) = (0, command, matches);
    while let Some((name, below)) = matches.subcommand()
        && let Some(verb) = command.find_subcommand(name)
    {
        (depth, command, matches) = (depth + 1, verb, below);
    }
    (depth, command, matches)
}

fn built_in(name: &str) -> Option<ProfileName> {
    ProfileName::from_str(name, false).ok()
}

fn threads(verb: &mut Verb) -> Option<&mut Threads> {
    match verb {
        Verb::Scan(options) => Some(&mut options.load.threads),
        Verb::Logs(options) => Some(&mut options.threads),
        _ => None,
    }
}

fn output(verb: &mut Verb) -> Option<&mut super::Output> {
    match verb {
        Verb::Scan(options) => Some(&mut options.output),
        Verb::Explain(options) => Some(&mut options.output),
        Verb::Logs(options) => Some(&mut options.judged.output),
        Verb::Report(options) => Some(&mut options.judged.output),
        Verb::Diff(options) => Some(&mut options.judged.output),
        Verb::Sites(options) => Some(&mut options.examined.output),
        Verb::Health(options) => Some(&mut options.examined.output),
        Verb::Baseline(super::BaselineVerb::Check(options)) => Some(&mut options.output),
        _ => None,
    }
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let failed = |error: std::io::Error| format!("--config {}: {error}", path.display());
    let file = std::fs::File::open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut std::io::Read::take(file, LARGEST + 1), &mut bytes).map_err(failed)?;
    match bytes.len() as u64 > LARGEST {
        true => Err(format!("--config {}: larger than {} MiB", path.display(), LARGEST >> 20)),
        false => Ok(bytes),
    }
}

/// The value of an option, with its line.
#[derive(Clone, Debug)]
struct Setting {
    line: usize,
    value: Value,
}

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Flag(bool),
    /// One or several.
    Texts(Vec<String>),
}

/// Options by their long names.
type Settings = BTreeMap<String, Setting>;

struct Profile {
    settings: Settings,
    base: Option<ProfileName>,
}

/// A configuration file.
struct File<'p> {
    path: &'p Path,
    settings: Settings,
    profiles: BTreeMap<String, Profile>,
}

impl<'p> File<'p> {
    fn parse(bytes: &[u8], path: &'p Path, command: &Command) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|_| format!("{}: not UTF-8", path.display()))?;
        let text = text.trim_start_matches('\u{feff}');
        let line = |at: usize| text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        let error = |at: usize, why: &str| format!("{}, line {}: {why}", path.display(), line(at));
        let table = DeTable::parse(text).map_err(|bad| {
            let at = bad.span().map_or(0, |span| span.start);
            error(at, bad.message())
        })?;
        let mut file = Self { path, settings: Settings::new(), profiles: BTreeMap::new() };
        for (key, value) in table.get_ref() {
            let at = key.span().start;
            if key.get_ref() != PROFILE {
                let setting = setting(key.get_ref(), value.get_ref(), command).map_err(|why| error(at, &why))?;
                file.settings.insert(key.get_ref().to_string(), Setting { line: line(at), value: setting });
                continue;
            }
            let DeValue::Table(profiles) = value.get_ref() else {
                return Err(error(at, "profile: use a table [profile.NAME]; --profile NAME chooses it"));
            };
            for (name, options) in profiles {
                let at = name.span().start;
                let DeValue::Table(options) = options.get_ref() else {
                    return Err(error(at, &format!("{}: use a table [profile.NAME]", name.get_ref())));
                };
                let mut profile = Profile { settings: Settings::new(), base: built_in(name.get_ref()) };
                for (key, value) in options {
                    let at = key.span().start;
                    if key.get_ref() == BASE {
                        let base = value.get_ref().as_str().and_then(built_in);
                        profile.base = Some(base.ok_or_else(|| error(at, "base: use \"live\" or \"lab\""))?);
                        continue;
                    }
                    let value = setting(key.get_ref(), value.get_ref(), command).map_err(|why| error(at, &why))?;
                    profile.settings.insert(key.get_ref().to_string(), Setting { line: line(at), value });
                }
                file.profiles.insert(name.get_ref().to_string(), profile);
            }
        }
        Ok(file)
    }

    /// The options with those of a profile, which outweigh the others, and what the profile rests on.
    fn of(&self, name: Option<&str>) -> Result<(BTreeMap<&str, &Setting>, Option<ProfileName>), String> {
        let mut all: BTreeMap<&str, &Setting> = self.settings.iter().map(|(key, one)| (key.as_str(), one)).collect();
        let Some(name) = name else { return Ok((all, None)) };
        match (self.profiles.get(name), built_in(name)) {
            (Some(profile), _) => {
                all.extend(profile.settings.iter().map(|(key, one)| (key.as_str(), one)));
                Ok((all, profile.base))
            }
            (None, Some(base)) => Ok((all, Some(base))),
            (None, None) => {
                let known: Vec<&str> =
                    ["live", "lab"].into_iter().chain(self.profiles.keys().map(String::as_str)).collect();
                Err(format!(
                    "--profile {name}: {} has no such profile; there are {}",
                    self.path.display(),
                    known.join(", ")
                ))
            }
        }
    }
}

/// The value of an option that some verb has.
fn setting(key: &str, value: &DeValue<'_>, command: &Command) -> Result<Value, String> {
    if SHORT.contains(&key) {
        return Err(format!("{key}: use format = [\"{}\"]", if key == "json" { "jsonl" } else { key }));
    }
    if NEVER.contains(&key) || !has_option(command, key) {
        return Err(format!("unknown option {key:?}; options are named as on the command line, without the dashes"));
    }
    let text = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) if number.radix() == 10 => Some(number.as_str().replace('_', "")),
        _ => None,
    };
    let texts = match value {
        DeValue::Boolean(flag) => return Ok(Value::Flag(*flag)),
        DeValue::Array(list) => list.iter().map(|one| text(one.get_ref())).collect::<Option<Vec<_>>>(),
        one => text(one).map(|text| vec![text]),
    };
    texts.map(Value::Texts).ok_or_else(|| format!("{key}: use text, a whole number, true, false, or a list of them"))
}

/// Whether any verb that reads a configuration file has an option.
fn has_option(command: &Command, long: &str) -> bool {
    let has = |command: &Command, long: &str| command.get_arguments().any(|one| one.get_long() == Some(long));
    has(command, "config") && has(command, long) || command.get_subcommands().any(|verb| has_option(verb, long))
}

impl Setting {
    /// As the command line would have it.
    fn arguments(&self, argument: &Arg, file: &Path) -> Result<Vec<OsString>, String> {
        let long = argument.get_long().unwrap_or_default();
        let flag = OsString::from(format!("--{long}"));
        let wrong = |what: &str| Err(format!("{}, line {}: {long}: {what}", file.display(), self.line));
        let is_path = argument.get_value_parser().type_id() == TypeId::of::<PathBuf>();
        match (argument.get_action(), &self.value) {
            (ArgAction::SetTrue, Value::Flag(true)) => Ok(vec![flag]),
            (ArgAction::SetTrue, Value::Flag(false)) => Ok(Vec::new()),
            (ArgAction::SetTrue, Value::Texts(_)) => wrong("use true or false"),
            (ArgAction::Count, Value::Texts(texts)) => match &texts[..] {
                [one] if one.parse::<u8>().is_ok_and(|count| count < 10) => {
                    Ok(vec![flag; one.parse().unwrap_or_default()])
                }
                _ => wrong("use a small number"),
            },
            (ArgAction::Count, Value::Flag(is_on)) => Ok(vec![flag; usize::from(*is_on)]),
            (_, Value::Flag(_)) => wrong("use a value"),
            (ArgAction::Set, Value::Texts(texts)) if texts.len() != 1 => wrong("use one value"),
            (_, Value::Texts(texts)) => {
                // A path of the file is one from the folder that the file is in. Standard output and receivers are no paths.
                let is_path = |text: &str| is_path && text != "-" && !text.contains("://");
                let value = |text: &String| match file.parent().filter(|_| is_path(text)) {
                    Some(folder) => folder.join(text).into_os_string(),
                    None => text.into(),
                };
                let argument = |text: &String| {
                    let mut argument = OsString::from(format!("--{long}="));
                    argument.push(value(text));
                    argument
                };
                Ok(texts.iter().map(argument).collect())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a command line comes to with this file.
    fn parsed(text: &str, arguments: &[&str]) -> Result<Cli, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("c.toml");
        std::fs::write(&file, text).expect("room");
        let given = ["shellsift"].iter().chain(arguments).map(OsString::from);
        parse(given.chain(["--config".into(), file.into()]).collect())
    }

    fn scan(text: &str, arguments: &[&str]) -> super::super::Scan {
        let all: Vec<&str> = ["scan"].iter().chain(arguments).copied().collect();
        match parsed(text, &all).unwrap_or_else(|error| panic!("{error}")).verb {
            Verb::Scan(options) => *options,
            other => panic!("{other:?}"),
        }
    }

    const FILE: &str = "max-size = \"8MiB\"\nthreads = 3\nformat = [\"jsonl\", \"csv\"]\nno-logs = true\nrules = [\"r\"]\n\
                        fail-on = \"high\"\n[profile.weekly]\nbase = \"live\"\nthreads = 1\nno-logs = false\n";

    #[test]
    fn the_command_line_outweighs_a_profile_and_a_profile_the_rest() {
        let plain = scan(FILE, &["x"]);
        assert_eq!(
            (plain.load.threads.threads, &*plain.load.size.max_size, plain.stages.no_logs),
            (Some(3), "8MiB", true)
        );
        assert_eq!(plain.output.format, ["jsonl", "csv"]);
        assert!(plain.rules.paths[0].is_absolute() && plain.rules.paths[0].ends_with("r"), "{:?}", plain.rules.paths);
        assert_eq!((plain.load.threads.load_profile(), plain.targets.targets.len()), (None, 1));
        let weekly = scan(FILE, &["x", "--profile", "weekly"]);
        assert_eq!((weekly.load.threads.threads, weekly.stages.no_logs), (Some(1), false));
        assert_eq!(weekly.load.threads.load_profile(), Some(ProfileName::Live));
        let given = scan(FILE, &["x", "--profile", "weekly", "-t", "7", "--json", "--max-size", "1MiB"]);
        assert_eq!((given.load.threads.threads, &*given.load.size.max_size), (Some(7), "1MiB"));
        assert_eq!(given.output.format, ["jsonl"]);
        let lab = scan(FILE, &["x", "--profile", "lab"]);
        assert_eq!((lab.load.threads.load_profile(), lab.load.threads.threads), (Some(ProfileName::Lab), Some(3)));
        let used = lab.output.from_config.expect("what was used");
        assert!(used.options.contains(&"--no-logs".to_owned()) && used.sha256.len() == 64, "{used:?}");
    }

    #[test]
    fn receivers_and_standard_output_are_no_paths_and_other_outputs_are() {
        let text = "format = [\"cef\", \"jsonl\", \"csv\"]\noutput = [\"tcp://192.0.2.1:514\", \"-\", \"a.csv\"]\n";
        let outputs = scan(text, &["x"]).output.output;
        assert_eq!(outputs[..2], [PathBuf::from("tcp://192.0.2.1:514"), PathBuf::from("-")]);
        assert!(outputs[2].is_absolute() && outputs[2].ends_with("a.csv"), "{outputs:?}");
    }

    #[test]
    fn options_of_other_verbs_are_left_to_them() {
        let cli = parsed(FILE, &["sites", "x"]).expect("sites has no --max-size");
        assert!(matches!(cli.verb, Verb::Sites(options) if options.examined.output.format == ["jsonl", "csv"]));
    }

    #[test]
    fn what_is_wrong_in_the_file_names_its_line() {
        for (text, error) in [
            ("threads = 1\nthread = 1\n", "c.toml, line 2: unknown option \"thread\""),
            ("config = \"x\"\n", "line 1: unknown option"),
            ("a = = 1\n", "line 1"),
            ("[profile.x]\nthreads = 1.5\n", "line 2: threads: use text"),
            ("[profile.x]\nbase = \"fast\"\n", "line 2: base: use \"live\" or \"lab\""),
            ("profile = \"x\"\n", "use a table [profile.NAME]"),
            ("[profile.x]\nnothing = 1\n", "line 2: unknown option"),
            ("no-logs = \"yes\"\n", "line 1: no-logs: use true or false"),
            ("max-size = true\n", "line 1: max-size: use a value"),
            ("max-size = [\"1\", \"2\"]\n", "line 1: max-size: use one value"),
            ("json = true\n", "line 1: json: use format = [\"jsonl\"]"),
            ("fail-on = \"sometimes\"\n", "c.toml: invalid value 'sometimes'"),
        ] {
            let message = parsed(text, &["scan", "x"]).expect_err(text);
            assert!(message.contains(error), "{message}");
        }
        let message = parsed(FILE, &["scan", "x", "--profile", "daily"]).expect_err("no such profile");
        assert!(message.contains("there are live, lab, weekly"), "{message}");
        let none = parse(["shellsift", "scan", "x", "--profile", "weekly"].map(OsString::from).to_vec());
        assert!(none.expect_err("no file").contains("--config"));
        let missing = parse(["shellsift", "scan", "x", "--config", "/nowhere.toml"].map(OsString::from).to_vec());
        assert!(missing.expect_err("no file").starts_with("--config /nowhere.toml: "));
    }

    #[test]
    fn short_forms_are_formats_where_they_stand() {
        let given = ["x", "--html", "-f", "csv", "--json", "--", "--json"].map(OsString::from).to_vec();
        let expected = ["x", "--format=html", "-f", "csv", "--format=jsonl", "--", "--json"].map(OsString::from);
        assert_eq!(with_formats(given), expected);
    }
}
