//! Every behaviour, with what it looks for, why it matters, what harmless code does it, and its points.

use super::facts::{Facts, Shown};
use crate::code::flow::value::{Constant, Traits};
use crate::code::know::{Act, types};
use crate::code::tree::Node;

/// Something that server code does.
pub struct Behaviour {
    /// Its id in reasons, `behaviour/<id>`.
    pub id: &'static str,
    /// One line for a person.
    pub title: &'static str,
    /// 0 to 100: how sure it alone makes us.
    pub points: u8,
    /// Whether it shows.
    pub shows: fn(&Facts<'_>) -> Shown,
}

const fn b(id: &'static str, points: u8, title: &'static str, shows: fn(&Facts<'_>) -> Shown) -> Behaviour {
    Behaviour { id, title, points, shows }
}

/// Acts on files by path.
const FILES: &[Act] = &[Act::Read, Act::List, Act::Write, Act::Delete, Act::Move, Act::Save, Act::Attribute];

/// All of them.
pub const BEHAVIOURS: &[Behaviour] = &[
    b("evaluates_request", 95, "runs request data as code", |f| f.where_(&[Act::Evaluate], Facts::is_data)),
    b("evaluates_built", 60, "runs text as code that it decodes itself", |f| {
        f.where_(&[Act::Evaluate], |e| e.main.traits.has(Traits::BUILT) && !Facts::is_data(e) && e.main.constant == Constant::Unknown)
    }),
    b("evaluates_hidden", 40, "runs a constant as code that is put together to be hidden", |f| {
        f.where_(&[Act::Evaluate], |e| f.constant(e).is_some_and(|text| text.len() > 8) && !literal(f, e.node))
    }),
    b("evaluates_stored", 50, "runs text as code that it reads from elsewhere", |f| {
        f.where_(&[Act::Evaluate], |e| e.main.traits.has(Traits::STORED.and(Traits::CHOSEN)) && !Facts::is_data(e))
    }),
    b("evaluates_unknown", 10, "runs text as code that is not constant", |f| {
        f.where_(&[Act::Evaluate], |e| e.main.constant == Constant::Unknown && e.main.traits == Traits::default())
    }),
    b("compiles_request", 90, "compiles request data", |f| f.where_(&[Act::Compile], Facts::is_data)),
    b("compiles", 30, "compiles code", |f| f.where_(&[Act::Compile], |_| true)),
    b("starts_request", 90, "starts a program that request data names", |f| {
        f.where_(&[Act::Start], |e| Facts::is_data(e) || e.second.traits.has(Traits::DATA) && e.own.meets(types::PROCESS.and(types::SHELL_APP)))
    }),
    b("starts_shell", 30, "starts a command interpreter", |f| f.where_(&[Act::Start], |e| e.main.traits.has(Traits::SHELL))),
    b("starts", 10, "starts a program", |f| f.where_(&[Act::Start], |_| true)),
    b("loads_request", 90, "loads request data as a program", |f| f.where_(&[Act::Load], Facts::is_bytes)),
    b("loads_built", 60, "loads a program that the page carries", |f| {
        f.where_(&[Act::Load], |e| e.main.traits.has(Traits::BUILT.and(Traits::DECODED).and(Traits::BLOB)) && !Facts::is_bytes(e))
    }),
    b("loads_stored", 40, "loads a program from elsewhere", |f| f.where_(&[Act::Load], |e| e.main.traits.has(Traits::STORED.and(Traits::CHOSEN)))),
    b("reflects_request", 50, "makes an object of a class, or calls a method, that request data names", |f| f.where_(&[Act::Reflect], |e| Facts::is_data(e) || e.second.traits.has(Traits::DATA))),
    b("deserialises_request", 65, "builds objects from request data", |f| f.where_(&[Act::Deserialise], Facts::is_bytes)),
    b("writes_page", 80, "writes request data into a page", |f| {
        f.where_(&[Act::Write, Act::Save, Act::Move, Act::Download], |e| e.main.traits.has(Traits::PAGE_NAME) && e.second.traits.has(Traits::TAINT))
    }),
    b("writes_code", 60, "writes server code into a file", |f| f.where_(&[Act::Write], |e| e.second.traits.has(Traits::CODE))),
    b("writes_chosen", 60, "writes request data to a path from the request", |f| {
        f.where_(&[Act::Write, Act::Download], |e| Facts::is_data(e) && e.second.traits.has(Traits::DATA))
    }),
    b("writes_path", 30, "writes to a path from the request", |f| f.where_(&[Act::Write], |e| Facts::is_data(e))),
    b("saves_path", 50, "saves an upload to a path from the request", |f| f.where_(&[Act::Save, Act::Write], |e| Facts::is_data(e) && e.main.traits.has(Traits::LEADS))),
    b("saves_name", 20, "saves an upload under the name it came with", |f| f.where_(&[Act::Save, Act::Write], |e| e.main.traits.has(Traits::NAME))),
    b("manages_files_4", 60, "lists, reads, writes and deletes files by request path: 4 kinds", |f| kinds(f, 4, false)),
    b("manages_files_3", 40, "3 kinds", |f| kinds(f, 3, false)),
    b("manages_files_2", 20, "2 kinds", |f| kinds(f, 2, false)),
    b("manages_leads_3", 60, "3 kinds, whole paths", |f| kinds(f, 3, true)),
    b("manages_leads_2", 40, "2 kinds, whole paths", |f| kinds(f, 2, true)),
    b("manages_leads_1", 20, "1 kind, whole paths", |f| kinds(f, 1, true)),
    b("lists_chosen", 20, "lists a folder that request data names", |f| f.where_(&[Act::List], Facts::is_data)),
    b("tunnels", 90, "connects to a host that request data names", |f| f.where_(&[Act::Connect], Facts::is_data)),
    b("sends", 20, "connects", |f| f.where_(&[Act::Connect], |_| true)),
    b("fetches_request", 20, "asks an address that request data names", |f| f.where_(&[Act::Fetch], Facts::is_data)),
    b("downloads", 60, "downloads to disk", |f| f.where_(&[Act::Download], |_| true)),
    b("writes_stored", 40, "writes what it fetched", |f| f.where_(&[Act::Write], |e| e.second.traits.has(Traits::STORED.and(Traits::CHOSEN)))),
    b("connects_request", 80, "opens a database that request data names", |f| f.where_(&[Act::SqlConnect], |e| Facts::is_data(e))),
    b("sql_leads", 30, "runs a whole SQL statement from the request", |f| f.where_(&[Act::SqlRun], |e| Facts::is_data(e) && e.main.traits.has(Traits::LEADS))),
    b("registry_request", 60, "registry by request", |f| f.where_(&[Act::RegistryRead, Act::RegistryWrite], Facts::is_data)),
    b("registry", 10, "registry", |f| f.where_(&[Act::RegistryRead, Act::RegistryWrite], |_| true)),
    b("native", 50, "native", |f| f.where_(&[Act::Native], |_| true)),
    b("account", 20, "accounts", |f| f.where_(&[Act::Account], |_| true)),
    b("provides", 60, "registers", |f| f.where_(&[Act::Provide], |_| true)),
    b("listens", 60, "listens", |f| f.where_(&[Act::Listen], |_| true)),
    b("routes", 10, "routes", |f| f.where_(&[Act::Route, Act::Module], |_| true)),
    b("transforms_request", 60, "style sheet from request", |f| f.where_(&[Act::Transform], |e| Facts::is_data(e) || e.second.traits.has(Traits::DATA))),
    b("allows_script", 30, "style sheets with script", |f| f.where_(&[Act::AllowScript], |_| true)),
    b("keys", 60, "keys", |f| f.where_(&[Act::Key], |_| true)),
    b("creates_request", 60, "creates object by request name", |f| f.where_(&[Act::Create], Facts::is_data)),
    b("creates_unknown", 10, "creates object by hidden name", |f| f.where_(&[Act::Create], |e| e.main.constant == Constant::Unknown && e.main.names.is_empty())),
    b("creates_shell", 30, "creates shell", |f| f.where_(&[Act::Create], |e| e.own.meets(types::WSH.and(types::SHELL_APP)))),
    b("transfers_request", 40, "runs a page that request data names", |f| f.where_(&[Act::Transfer], |e| Facts::is_data(e))),
    b("outputs_chosen", 20, "outputs chosen", |f| f.where_(&[Act::Output], |e| e.main.traits.has(Traits::CHOSEN))),
    b("emits", 20, "emits", |f| f.where_(&[Act::Emit], |_| true)),
    b("evaluates", 0, "evaluates", |f| f.where_(&[Act::Evaluate], |_| true)),
];

/// Whether the argument of a call is written down as it is.
fn literal(facts: &Facts<'_>, node: u32) -> bool {
    let tree = &facts.reading.tree;
    match tree.node(node) {
        Node::Call(_, list) => tree.list(list).first().is_some_and(|&first| matches!(tree.node(first), Node::Text(_))),
        _ => false,
    }
}

fn kinds(facts: &Facts<'_>, least: usize, leads: bool) -> Shown {
    let mut shown = Vec::new();
    for act in FILES {
        let found = facts.events().iter().position(|event| {
            event.act == *act && Facts::is_data(event) && (!leads || event.main.traits.has(Traits::LEADS))
        });
        shown.extend(found);
    }
    if shown.len() >= least { shown } else { Vec::new() }
}
