//! What the recycle bins say of the files in them. A file of a web folder is judged by its place there; no path resolves to it.

use crate::evidence::BinItem;
use crate::model::place::kind;
use crate::model::{
    Artefact, CheckInfo, Entry, Examined, Location, Place, Reason, Recycled, Role, ServerPath, TimelineEvent,
    TimelineKind,
};
use crate::targets::Plan;
use std::collections::HashMap;

pub(super) const IN_BIN: CheckInfo = CheckInfo {
    id: "deleted/recycle_bin",
    title: "the file was deleted to the recycle bin",
    score: 0,
    looks_for: "Files of recycle bins with a reason, and what their records ($I) say: the original path, who deleted them and when.",
    why: "A page that was deleted in Explorer is still there. It is judged by the folder it was deleted from; adds nothing to a score.",
    benign_look_alikes: "Administrators delete pages as well.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

pub(super) const BIN_RECORD: CheckInfo = CheckInfo {
    id: "deleted/recycle_bin_record",
    title: "server code that was deleted to a recycle bin and is no longer in it",
    score: 20,
    looks_for: "Records of recycle bins ($I) without the file ($R) that they are about, where that was server code of a web folder.",
    why: "The bin was emptied, or the file was restored. The record still has the path, the time and the user.",
    benign_look_alikes: "Files that were restored: Windows leaves some records behind.",
    attack: &["T1070.004"],
    ..CheckInfo::EMPTY
};

/// How many events are in the timeline.
const EVENTS: usize = 2_000;

/// What the recycle bins say.
#[derive(Debug, Default)]
pub(super) struct RecycleBins {
    /// What was deleted (`$R...`), by its path.
    pub(super) items: HashMap<ServerPath, Recycled>,
    /// Records of server code that is in no bin any more.
    pub(super) gone: Vec<(Artefact, Vec<Reason>)>,
    /// When server code was deleted.
    pub(super) events: Vec<TimelineEvent>,
}

/// Whether it is server code of a site or of Exchange, by its path.
pub(super) fn is_page(plan: &Plan, original: &ServerPath) -> bool {
    let is_web = |role: Role| matches!(role, Role::WebRoot | Role::Exchange);
    kind::is_server_code(original.name()) && plan.area_of(original).is_some_and(|area| is_web(area.role))
}

/// The finding of a record whose file is gone.
pub(super) fn gone(plan: &Plan, path: ServerPath, recycled: Recycled, entry: Entry) -> (Artefact, Vec<Reason>) {
    let mut artefact = Artefact::new(path, entry, Place::unknown(recycled.original.name()));
    artefact.examined = Examined::MetadataOnly;
    let title = format!("{}; {}", BIN_RECORD.title, in_words(&recycled));
    place(&mut artefact, recycled, plan);
    (artefact, vec![Reason::new(&BIN_RECORD, BIN_RECORD.score, title, Vec::<Location>::new())])
}

/// What the recycle bin says of a file, as a reason that adds nothing to the score of the others.
pub(super) fn reason(artefact: &Artefact) -> Option<Reason> {
    let recycled = artefact.recycled.as_deref()?;
    let title = format!("{}: {}", IN_BIN.title, in_words(recycled));
    Some(Reason::new(&IN_BIN, IN_BIN.score, title, Vec::<Location>::new()))
}

/// `it was C:\inetpub\wwwroot\x.aspx, deleted 2021-03-03T06:59:21.3071234Z by the user S-1-5-21-1-2-3-500`
fn in_words(recycled: &Recycled) -> String {
    let time = recycled.time.map_or(String::new(), |time| format!(" {time}"));
    let user = recycled.user.as_ref().map_or(String::new(), |user| format!(" by the user {user}"));
    format!("it was {}, deleted{time}{user}", recycled.original)
}

/// Gives a file of a recycle bin the name that it had and, if that was in a web folder, the place.
fn place(artefact: &mut Artefact, recycled: Recycled, plan: &Plan) {
    let original = &recycled.original;
    artefact.entry.name = original.name().to_owned();
    if let Some(area) = plan.area_of(original).filter(|area| matches!(area.role, Role::WebRoot | Role::Exchange)) {
        artefact.place = plan.place(original, area.role, &area.base);
        // The files around it in the bin are not those that were around it.
        artefact.neighbours = None;
    }
    artefact.recycled = Some(Box::new(recycled));
}

impl RecycleBins {
    /// Says of a file in a recycle bin where it was.
    pub(super) fn apply(&self, artefact: &mut Artefact, plan: &Plan) {
        if self.items.is_empty() || artefact.recycled.is_some() {
            return;
        }
        let Some(item) = BinItem::of(&artefact.path) else { return };
        if item.is_record() && self.items.contains_key(&item.content()) {
            // It could be read as a record, and no server serves that.
            artefact.place.role = Role::Unknown;
            return;
        }
        if !item.is_content() {
            return;
        }
        let Some(recycled) = self.items.get(&item.path()) else { return };
        let original = item.below.iter().fold(recycled.original.clone(), |path, name| path.join(name));
        place(artefact, Recycled { original, ..recycled.clone() }, plan);
    }

    /// Of a survey in which one file is left.
    pub(super) fn keep_items(&mut self) {
        self.gone.clear();
        self.events.clear();
    }

    /// Adds the deletions of server code to the timeline.
    pub(super) fn add_events(&mut self, plan: &Plan) {
        for (path, recycled) in &self.items {
            let Some(time) = recycled.time.filter(|_| is_page(plan, &recycled.original)) else { continue };
            let user = recycled.user.as_ref().map_or(String::new(), |user| format!(", by the user {user}"));
            let words = format!("{} (to the recycle bin, as {path}{user})", recycled.original);
            self.events.push(TimelineEvent { time, what: TimelineKind::FileDeleted, words });
        }
        self.events.sort_by(|a, b| (a.time, &a.words).cmp(&(b.time, &b.words)));
        self.events.truncate(EVENTS);
    }
}
