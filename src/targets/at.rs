//! From a URL path to the file that it asks for: the way back from [`super::Plan::url`].

use super::iis::{Application, Iis, Physical, VirtualDirectory};
use crate::evidence::Resolver;
use crate::model::ServerPath;
use crate::model::server_path::fold;

/// What lies where a URL path leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AtUrl {
    /// These files, of one site or of several.
    Files(Vec<ServerPath>),
    /// Nothing, in any site.
    Nothing,
    /// A site has it in a folder that was not given.
    NotGiven,
}

/// The files that a decoded URL path (`/owa/auth/logon.aspx`) asks for in every site. Each site is asked for its longest
/// virtual directory whose path the URL begins with, as IIS does.
pub fn files_at(iis: &Iis, resolver: &Resolver<'_>, url: &str) -> AtUrl {
    let names: Vec<&str> = url.split(['/', '\\']).filter(|name| !name.is_empty()).collect();
    let mut files = Vec::new();
    let mut not_given = iis.sites.is_empty();
    // Names that no Windows file has ask for none; `..` is resolved by IIS before it maps.
    if names.iter().any(|name| matches!(*name, "." | "..") || name.contains(':')) {
        return AtUrl::Nothing;
    }
    for site in &iis.sites {
        let mut best: Option<(usize, &VirtualDirectory)> = None;
        for application in &site.applications {
            for folder in &application.folders {
                if let Some(depth) = depth_of(application, folder, &names)
                    && best.is_none_or(|(deepest, _)| depth > deepest)
                {
                    best = Some((depth, folder));
                }
            }
        }
        let Some((depth, folder)) = best else { continue };
        match &folder.physical {
            Physical::Folders(folders) => {
                let below = names[depth..].join("\\");
                files.extend(folders.iter().flat_map(|folder| resolver.files_below(folder, &below)));
            }
            Physical::NotGiven => not_given = true,
            Physical::Missing(_) => {}
        }
    }
    files.sort();
    files.dedup();
    match (files.is_empty(), not_given) {
        (false, _) => AtUrl::Files(files),
        (true, true) => AtUrl::NotGiven,
        (true, false) => AtUrl::Nothing,
    }
}

/// How many names of the URL path a virtual directory takes; `None` if the path does not begin with its own.
fn depth_of(application: &Application, folder: &VirtualDirectory, names: &[&str]) -> Option<usize> {
    let url = application.url(folder);
    let own: Vec<&str> = url.split('/').filter(|name| !name.is_empty()).collect();
    (own.len() <= names.len() && own.iter().zip(names).all(|(own, name)| fold(own) == fold(name))).then_some(own.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::Memory;
    use crate::targets::iis::Site;

    fn directory(path: &str, physical: Physical) -> VirtualDirectory {
        VirtualDirectory { path: path.to_owned(), configured: String::new(), physical }
    }

    #[test]
    fn each_site_is_asked_for_its_longest_virtual_directory() {
        let path = |text: &str| ServerPath::from_windows(text).expect("absolute");
        let folder = |text: &str| Physical::Folders(vec![path(text)]);
        let application = |url: &str, folders| Application { path: url.to_owned(), folders, ..Application::default() };
        let iis = Iis {
            sites: vec![
                Site {
                    applications: vec![
                        application("/", vec![directory("/", folder(r"C:\www")), directory("/d", Physical::NotGiven)]),
                        application("/owa", vec![directory("/", folder(r"C:\front\owa"))]),
                    ],
                    ..Site::default()
                },
                Site {
                    applications: vec![application("/", vec![directory("/", folder(r"C:\back"))])],
                    ..Site::default()
                },
            ],
            ..Iis::default()
        };
        let evidence = Memory::new()
            .file(r"C:\front\owa\auth\Logon.aspx", b"")
            .file(r"C:\back\owa\auth\logon.aspx", b"")
            .file(r"C:\www\owa\auth\hidden.aspx", b"")
            .file(r"C:\www\x.aspx", b"");
        let resolver = Resolver::new(&evidence);
        let at = |url: &str| files_at(&iis, &resolver, url);
        assert_eq!(
            at("/OWA/auth/logon.aspx"),
            AtUrl::Files(vec![path(r"C:\back\owa\auth\logon.aspx"), path(r"C:\front\owa\auth\Logon.aspx")])
        );
        assert_eq!(at("//x.ASPX"), AtUrl::Files(vec![path(r"C:\www\x.aspx")]));
        // The application takes the place of the folder of that name.
        assert_eq!(at("/owa/auth/hidden.aspx"), AtUrl::Nothing);
        assert_eq!(at("/owax/auth/logon.aspx"), AtUrl::Nothing);
        assert_eq!(at("/d/y.aspx"), AtUrl::NotGiven);
        assert_eq!(at("/../x.aspx"), AtUrl::Nothing);
        assert_eq!(files_at(&Iis::default(), &resolver, "/x.aspx"), AtUrl::NotGiven);
    }
}
