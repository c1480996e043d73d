//! The compiled rules: the built-in ones and the user's.

use crate::error::{Error, Result};
use crate::info::{RuleInfo, list};
use crate::model::Problem;
use crate::needed::Needed;
use crate::user_rules::UserRules;
use shellsift_yara::{Compiler, Rules, Scanner};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

/// The prefix of the namespaces of built-in rules about a technique.
const TECHNIQUE: &str = "shellsift/technique/";

/// The rules that a program brings along, as [`shellsift_yara::serialized`] made them. Loading such bytes can run code that they
/// carry: nothing of a user's or of the evidence may come here.
#[derive(Clone, Copy)]
pub struct BuiltIn {
    /// Those about server code.
    pub pages: fn() -> Vec<u8>,
    /// Those about programs and libraries.
    pub programs: fn() -> Vec<u8>,
    /// SHA-256 over all of them as they are packed.
    pub digest: fn() -> [u8; 32],
}

/// Compiled rules.
pub struct Signatures {
    pub(crate) pages: Rules,
    pub(crate) programs: Rules,
    /// What rules about programs need.
    pub(crate) needed: Needed,
    pub(crate) user: Option<UserRules>,
    /// The built-in rules, if they are in it.
    built_in: Option<BuiltIn>,
    /// How many built-in families are in it.
    pub families: usize,
    /// How many techniques that many families share.
    pub techniques: usize,
}

impl Signatures {
    /// Compiles the built-in rules and those of `paths`: files, or folders with `.yar` and `.yara` files at any depth. Rules
    /// that do not compile are passed over and named in the problems.
    ///
    /// Errors if a path cannot be read, if a file is a compiled one, or if the user's paths give no usable rule at all.
    pub fn compile(built_in: Option<BuiltIn>, paths: &[PathBuf]) -> Result<(Self, Vec<Problem>)> {
        let load = |of: fn(BuiltIn) -> fn() -> Vec<u8>| {
            built_in.map_or_else(|| Ok(Compiler::new().build()), |built_in| load_built_in(of(built_in)))
        };
        let (pages, programs) = (|built_in: BuiltIn| built_in.pages, |built_in: BuiltIn| built_in.programs);
        let user = || if paths.is_empty() { Ok(None) } else { UserRules::compile(paths).map(Some) };
        // One after the other where the system has no thread left.
        let (pages, programs, user) = std::thread::scope(|scope| {
            let spawned = std::thread::Builder::new().spawn_scoped(scope, || (load(programs), user()));
            let pages = load(pages);
            let others = spawned.map_or_else(|_| Ok((load(programs), user())), |beside| beside.join());
            let (programs, user) = others.map_err(|_| Error::Internal("the rule compiler failed".to_owned()))?;
            Ok((pages?, programs?, user?))
        })?;
        begin_time(&pages)?;
        let (user, problems) = user.map_or((None, Vec::new()), |(rules, problems)| (Some(rules), problems));
        let named = [&pages, &programs].into_iter().flat_map(Rules::iter).map(|rule| rule.namespace().to_owned());
        let named: BTreeSet<String> = named.collect();
        let techniques = named.iter().filter(|name| name.starts_with(TECHNIQUE)).count();
        let families = named.len() - techniques;
        let needed = Needed::of(&programs);
        Ok((Self { pages, programs, needed, user, built_in, families, techniques }, problems))
    }

    /// SHA-256 over the rules, built-in and user's, lower-case hexadecimal.
    pub fn digest(&self) -> String {
        use sha2::Digest;
        let mut hasher = sha2::Sha256::new();
        if let Some(built_in) = &self.built_in {
            hasher.update((built_in.digest)());
        }
        if let Some(user) = &self.user {
            user.digest(&mut hasher);
        }
        hex::encode(hasher.finalize())
    }

    /// The rules that can fire by themselves.
    pub fn list(&self) -> Vec<RuleInfo> {
        let user = self.user.as_ref().map(|user| user.rules().0);
        let sets = [Some(&self.pages), Some(&self.programs), user];
        sets.into_iter().flatten().flat_map(list).collect()
    }
}

/// YARA-X counts the seconds of all scans in a thread that the first scan with a bound of time begins, and a system that has no
/// thread left would end that scan with a panic.
fn begin_time(rules: &Rules) -> Result<()> {
    let begin = || {
        let mut scanner = Scanner::new(rules);
        scanner.set_timeout(Duration::from_secs(60));
        scanner.scan(b"").is_ok()
    };
    match std::panic::catch_unwind(std::panic::AssertUnwindSafe(begin)) {
        Ok(true) => Ok(()),
        _ => Err(Error::Internal("the rules cannot be run: no thread or memory available".to_owned())),
    }
}

fn load_built_in(bytes: fn() -> Vec<u8>) -> Result<Rules> {
    Rules::deserialize(bytes()).map_err(|error| Error::Internal(format!("built-in rules: {error}")))
}
