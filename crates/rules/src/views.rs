//! Which views of a file a rule about server code means.

use crate::code::page::{Mark, server_code};
use crate::decode::{Assembly, View};
use crate::model::place::kind;
use crate::model::server_path::{extension, fold};
use shellsift_yara::{MetaValue, Rule};

/// What a view can be to a rule about server code, as the rule's `views` names it: what can be a page, a page of PHP or of Java, a
/// source file, the code of an assembly.
pub const VIEWS: [&str; 5] = [PAGE, PHP, JAVA, SOURCE, ASSEMBLY];
pub(crate) const PAGE: &str = "page";
pub(crate) const PHP: &str = "php";
pub(crate) const JAVA: &str = "java";
const SOURCE: &str = "source";
const ASSEMBLY: &str = "assembly";

/// What a rule means that does not say.
const DEFAULT_VIEWS: &str = "page,source";

/// What a view can be. Assemblies that ASP.NET compiled from pages are those pages. Rules about other pages hit the text of PHP by
/// accident, and no engine of theirs runs it, if there is no marker of theirs; what has no extension of any engine may be a page of
/// each.
pub(crate) fn kinds_of(name: &str, view: &View<'_>) -> &'static [&'static str] {
    let extension = extension(&fold(name));
    match view.assembly() {
        Some(Assembly::Classes | Assembly::Library) => return &[ASSEMBLY],
        Some(Assembly::Pages) => return &[PAGE],
        None if matches!(&*extension, "cs" | "vb") => return &[SOURCE],
        None => {}
    }
    let php = kind::is_php(&extension);
    match server_code(&view.bytes).map(|code| code.mark) {
        // An archive holds files of any kind.
        _ if extension == "phar" => &[PHP],
        None if php => &[PHP],
        Some(Mark::Php) => &[PHP],
        _ if php => &[PAGE, PHP],
        _ if kind::is_java(&extension) => &[PAGE, JAVA],
        _ if kind::is_web(name) => &[PAGE],
        _ => &[PAGE, PHP, JAVA],
    }
}

/// Whether a built-in rule about server code means this view of a file of this name.
pub fn means(rule: &Rule<'_, '_>, name: &str, view: &View<'_>) -> bool {
    let declared = rule.metadata().find_map(|(key, value)| match value {
        MetaValue::String(views) if key == "views" => Some(views),
        _ => None,
    });
    let kinds = kinds_of(name, view);
    declared.unwrap_or(DEFAULT_VIEWS).split(',').any(|view| kinds.contains(&view))
}
