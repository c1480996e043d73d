//! Tomcat and derivatives: instances and compiled pages.

use super::autostart::VolumeContext;
use super::plan::Plan;
use crate::evidence::Listed;
use crate::model::{EntryKind, Problem, ProblemKind, ServerPath};
use std::collections::BTreeSet;

/// Whether a file starts a server, and may say which folder is its base.
pub(super) fn is_starter(name: &str) -> bool {
    const STARTERS: &[&str] =
        &["setenv", "catalina", "startup", "start", "service", "standalone", "run", "jetty", "tomcat"];
    let script = name.ends_with(".bat") || name.ends_with(".cmd") || name.ends_with(".ps1");
    script && STARTERS.iter().any(|starter| name.contains(starter)) || name == "start.ini" || name == "setenv.sh"
}

/// The folders that a text, folded and with variables expanded, names as those of a server: an instance of Tomcat and its like is
/// elsewhere than its program does.
pub(super) fn bases(volume: &VolumeContext<'_, '_>, text: &str, into: &mut BTreeSet<ServerPath>) {
    const NAMES: &[&str] = &[
        "catalina_base",
        "catalina.base",
        "catalina_home",
        "catalina.home",
        "jetty_base",
        "jetty.base",
        "jetty_home",
        "jetty.home",
        "jboss.server.base.dir",
        "jboss_base_dir",
        "jboss_home",
        "jboss.home.dir",
        "tomcat_home",
        "domain_home",
        "weblogic.rootdirectory",
        "serverroot",
        "srvroot",
        "com.sun.aas.instanceroot",
    ];
    for name in NAMES {
        for (at, _) in text.match_indices(name).take(50) {
            let rest = &text[at + name.len()..];
            let line = rest.split(['\r', '\n']).next().unwrap_or_default();
            let value = line.trim_start_matches([' ', '\t', '=', ':', '"', '\'', ',']);
            let quoted = value.len() < line.len() && line[..line.len() - value.len()].contains(['"', '\'']);
            // Without quotation marks a path may hold blanks; options end it.
            let end = if quoted {
                value.find(['"', '\''])
            } else {
                value.find(['"', '\'', ';', '<', '#']).or(value.find(" -"))
            };
            let value = value[..end.unwrap_or(value.len())].trim().trim_end_matches('\\');
            let path = ServerPath::from_windows(value).filter(|path| path.parent().is_some());
            let path = path.filter(|path| path.drive_letter().is_some_and(|letter| volume.drives.contains(&letter)));
            if into.len() < 200
                && let Some(path) = path
            {
                into.extend(volume.resolver.folders(&path));
            }
        }
    }
}

/// Pages that Tomcat compiled (`work\\ENGINE\\HOST\\CONTEXT\\org\\apache\\jsp\\a_jsp.java`) and that are there no more: it keeps what
/// it made of them, which is not read.
pub(super) fn compiled_pages(volume: &VolumeContext<'_, '_>, server: &ServerPath, plan: &mut Plan) {
    const MOST: usize = 2_000;
    let below = |folder: ServerPath| volume.resolver.folders_in(&folder);
    let works = volume.resolver.folders_below(server, "work").into_iter();
    for context in works.flat_map(below).flat_map(below).flat_map(below) {
        let name = context.name().to_owned();
        let pages = volume.resolver.folders_below(&context, r"org\apache\jsp");
        let sites = volume.resolver.folders_below(server, &format!(r"webapps\{name}"));
        let host = context.parent().map_or(String::new(), |host| host.name().to_owned());
        let elsewhere = [format!(r"webapps\{name}.war"), format!(r"conf\Catalina\{host}\{name}.xml")];
        if sites.is_empty() && elsewhere.iter().any(|file| !volume.resolver.files_below(server, file).is_empty()) {
            continue;
        }
        let mut waiting: Vec<(ServerPath, String, u8)> =
            pages.into_iter().map(|folder| (folder, String::new(), 0)).collect();
        let mut searched = 0;
        while let Some((folder, path, depth)) = waiting.pop() {
            searched += 1;
            let mut compiled = Vec::new();
            let is_compiled = |name: &str| name.ends_with("_jsp.java") || name.ends_with("_jsp.class");
            let listed = volume.evidence.list(&folder, &is_compiled, &mut |listed| {
                if let Listed::Entry(entry) = listed {
                    match entry.kind {
                        EntryKind::File if is_compiled(&entry.name) => compiled.push(entry.name.clone()),
                        EntryKind::Folder if depth < 12 => {
                            let path = format!("{path}{}\\", of_java(&entry.name));
                            waiting.push((folder.join(&entry.name), path, depth + 1));
                        }
                        _ => {}
                    }
                }
            });
            if let Err(error) = listed {
                volume.resolver.refused(&folder, &error);
            }
            for name in compiled {
                let page = name.rsplit_once("_jsp.").map_or("", |(front, _)| front);
                let page = format!("{path}{}.jsp", of_java(page));
                if sites.iter().all(|site| volume.resolver.files_below(site, &page).is_empty()) {
                    let message = format!("compiled from {page}, which has been deleted: its code was not examined");
                    let problem = Problem::at(ProblemKind::PartiallyExamined, &folder.join(&name), message);
                    plan.problems.push(problem);
                }
            }
            if searched > MOST {
                break;
            }
        }
    }
}

/// The name that a name of Java stands for: `a_002db` is `a-b` (JspUtil.makeJavaIdentifier of Tomcat).
fn of_java(name: &str) -> String {
    let mut parts = name.split('_');
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let code = part.get(..4).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match code {
            Some(c) => {
                plain.push(c);
                plain.push_str(&part[4..]);
            }
            None => {
                plain.push('_');
                plain.push_str(part);
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_java_stand_for_those_of_pages() {
        assert_eq!(of_java("in_002ddex"), "in-dex");
        assert_eq!(
            (of_java("a_b_"), of_java("_005f"), of_java("")),
            ("a_b_".to_owned(), "_".to_owned(), String::new())
        );
        assert_eq!(of_java("_zzzz_d800"), "_zzzz_d800");
    }
}
