//! Exchange URLs that a handler answers although no such file exists.

/// `signatures/logs/virtual_handlers.csv`: application and path of each handler, in lower case.
#[derive(Clone, Debug)]
pub struct VirtualHandlers(Vec<(String, String)>);

impl VirtualHandlers {
    pub(super) fn parse(table: &str) -> Self {
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        let rows = reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it"));
        Self(rows.filter_map(|row| Some((row.get(0)?.to_owned(), row.get(1)?.to_owned()))).collect())
    }

    /// Whether a handler answers this URL path, in lower case. Handlers are part of the back end; the front end hands all but
    /// its `auth` folders to them, and serves those itself.
    pub fn answers(&self, path: &str) -> bool {
        self.0.iter().any(|(application, pattern)| {
            let Some(below) = path.strip_prefix(&**application).and_then(|rest| rest.strip_prefix('/')) else {
                return false;
            };
            if below.starts_with("auth/") {
                return false;
            }
            let name = below.rsplit('/').next().unwrap_or_default();
            let pattern = pattern.strip_prefix("*/").unwrap_or(pattern);
            match (pattern.strip_prefix('*'), pattern.strip_suffix("/*")) {
                (Some(end), _) => below.ends_with(end) || below.contains(&format!("{end}/")),
                (_, Some(folder)) => below.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')),
                (None, None) => name == pattern || below == pattern,
            }
        })
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn handlers_without_a_file_are_known_and_their_look_alikes_are_not() {
        let handlers = crate::catalogue::virtual_handlers();
        for path in [
            "/ecp/gohelp.aspx",
            "/ecp/users/download.aspx",
            "/ecp/proxylogon.ecp",
            "/owa/service.svc",
            "/owa/ev.owa2",
            "/owa/attachment.ashx",
            "/owa/userspecificresourceinjector.ashx",
            "/autodiscover/autodiscover.json/v1.0/a@example.org",
            "/owa/wopi/files/1",
        ] {
            assert!(handlers.answers(path), "{path}");
        }
        for path in [
            "/owa/auth/attachment.ashx",
            "/ecp/gohelp2.aspx",
            "/ecp/x.aspx",
            "/gohelp.aspx",
            "/ecpx/gohelp.aspx",
            "/owa/auth/x.svc",
        ] {
            assert!(!handlers.answers(path), "{path}");
        }
    }
}
