//! What Microsoft Defender does not scan: exclusions of web folders, pages and drop folders.
//!
//! Microsoft recommends many exclusions for Exchange, and has withdrawn some (`signatures/windows/antivirus_exclusions.csv`): those are
//! in the head of the report and no finding. What nothing recommends is where web content or malware lies.

mod judge;

use super::autostart::VolumeContext;
use super::plan::Plan;
use super::server_info::{keep, shortened};
use crate::model::{
    AntivirusExclusion, CheckInfo, ExcludedKind, ExclusionAdvice, ExclusionSource, Location, Reason, ServerPath,
    Timestamp,
};
use judge::{Judge, Judged};
use shellsift_registry::facts::{self, Exclusion, Software};

/// All checks of this file.
pub const CHECKS: &[&CheckInfo] = &[&DEFENDER_EXCLUSION];

const DEFENDER_EXCLUSION: CheckInfo = CheckInfo {
    id: "config/defender_exclusion",
    title: "Microsoft Defender does not scan web content",
    score: 60,
    looks_for: "Exclusions of Microsoft Defender in the registry (local settings, group policy, device management). 60 for \
                the logon folders, `aspnet_client`, single pages, extensions of server code, and processes in such folders; \
                50 for the root of a site, other web folders of Exchange, drop folders, whole drives, `exe` and `dll`; 40 \
                for other folders below a site, and for extensions and processes that Microsoft advises not to exclude; 30 \
                for a folder around Exchange's web folders. What Microsoft recommends for Exchange scores 0; what it \
                recommended until February 2023 (`w3wp.exe`, `powershell.exe`, `inetsrv`, Temporary ASP.NET Files) scores \
                20, and neither is listed by itself.",
    why: "Intruders exclude the folder of their webshell, and every page of an excluded folder is written and executed \
          unseen.",
    benign_look_alikes: "Administrators who exclude the whole installation folder of Exchange; vendors who ask to exclude \
                         the folder of their web application.",
    attack: &["T1562.001"],
    references: &[
        "https://learn.microsoft.com/en-us/exchange/antispam-and-antimalware/windows-antivirus-software",
        "https://learn.microsoft.com/en-us/defender-endpoint/common-exclusion-mistakes-microsoft-defender-antivirus",
    ],
    ..CheckInfo::EMPTY
};

/// From which score on exclusions are a finding.
const FINDING: u8 = 25;
/// Exclusions that a finding shows, and that the head of the report names.
const SHOWN: usize = 8;
const NAMED: usize = 3;
/// Characters of an exclusion in a title.
const TITLE: usize = 200;

/// Judges the exclusions of a Windows, keeps them for the reports, and notes what speaks against them for the hive that has them.
pub(super) fn check(volume: &VolumeContext<'_, '_>, file: &ServerPath, software: &Software, plan: &mut Plan) {
    if software.exclusions.is_empty() {
        return;
    }
    let judge = Judge::new(volume, plan);
    let judged = |exclusion: &Exclusion| {
        let judged = judge.judge(exclusion);
        let words = judged.words;
        (described(exclusion, judged), words)
    };
    let mut all: Vec<_> = software.exclusions.iter().map(judged).collect();
    // The strongest are kept, however many others somebody has put before them.
    all.sort_by_key(|(exclusion, _)| std::cmp::Reverse(exclusion.score));
    plan.report("defender", in_words(&all, software.exclusions.len()));
    let shown: Vec<_> = all.iter().filter(|(exclusion, _)| exclusion.score > 0).collect();
    if let Some((worst, words)) = shown.first().filter(|(worst, _)| worst.score >= FINDING) {
        let more = match shown.len() - 1 {
            0 => String::new(),
            count => format!(", and {count} more"),
        };
        let value: String = worst.value.chars().take(TITLE).collect();
        let title = format!("Microsoft Defender does not scan {words}: {value}{more}");
        let locations = shown.iter().take(SHOWN).map(|(exclusion, words)| location(exclusion, words)).collect();
        plan.note(file, Reason::new(&DEFENDER_EXCLUSION, worst.score, title, locations));
    }
    let server = &mut plan.server;
    keep(&mut server.exclusions, all.into_iter().map(|(exclusion, _)| exclusion), &mut server.omitted);
}

fn described(exclusion: &Exclusion, judged: Judged) -> AntivirusExclusion {
    AntivirusExclusion {
        kind: match exclusion.kind {
            facts::ExclusionKind::Path => ExcludedKind::Path,
            facts::ExclusionKind::Extension => ExcludedKind::Extension,
            facts::ExclusionKind::Process => ExcludedKind::Process,
        },
        value: shortened(&exclusion.value),
        source: match exclusion.source {
            facts::ExclusionSource::Local => ExclusionSource::Local,
            facts::ExclusionSource::GroupPolicy => ExclusionSource::GroupPolicy,
            facts::ExclusionSource::DeviceManagement => ExclusionSource::DeviceManagement,
        },
        changed: Timestamp::from_filetime(exclusion.last_written),
        advice: judged.advice,
        score: judged.score,
    }
}

/// An exclusion as a location of the finding.
fn location(exclusion: &AntivirusExclusion, words: &str) -> Location {
    let source = match exclusion.source {
        ExclusionSource::Local => "local setting",
        ExclusionSource::GroupPolicy => "group policy",
        ExclusionSource::DeviceManagement => "device management",
    };
    let changed = exclusion.changed.map_or(String::new(), |time| format!(", list last changed {time}"));
    let excerpt = format!("{} {} ({source}{changed}): {words}", exclusion.kind.name(), exclusion.value);
    Location::without_place("configuration", excerpt)
}

/// The exclusions in one line, the strongest first.
fn in_words(all: &[(AntivirusExclusion, &'static str)], count: usize) -> String {
    let of = |advice| all.iter().filter(move |(exclusion, _)| exclusion.advice == advice);
    let mut words = format!("{count} exclusion{}", if count == 1 { "" } else { "s" });
    for (advice, what) in [
        (ExclusionAdvice::Recommended, "recommended by Microsoft for Exchange"),
        (ExclusionAdvice::FormerlyRecommended, "recommended until February 2023"),
        (ExclusionAdvice::Risky, "of web content or advised against"),
    ] {
        let number = of(advice).count();
        if number == 0 {
            continue;
        }
        words.push_str(&format!(", {number} {what}"));
        if advice != ExclusionAdvice::Recommended {
            let named: Vec<&str> = of(advice).take(NAMED).map(|(exclusion, _)| exclusion.value.as_str()).collect();
            let more = if number > NAMED { ", ..." } else { "" };
            words.push_str(&format!(" ({}{more})", named.join(", ")));
        }
    }
    words
}
