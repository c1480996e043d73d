//! Links, 8.3 short names, unusual path forms, folders that cannot be listed.

mod links;
mod names;
mod streams;

use super::{APPLICATION_HOST, Server, Situation};

/// Adds a virtual directory.
fn serve(server: &Server, physical: &str) {
    let known = r#"<virtualDirectory path="/" physicalPath="%SystemDrive%\inetpub\wwwroot" />"#;
    let added = format!(r#"{known}<virtualDirectory path="/odd" physicalPath="{physical}" />"#);
    server.edit(APPLICATION_HOST, known, &added);
}

/// By what they are about.
pub(super) const SITUATIONS: &[&[Situation]] = &[links::SITUATIONS, names::SITUATIONS, streams::SITUATIONS];
