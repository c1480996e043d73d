//! The URLs that reach a file, and what the web server does with it.

/// One URL path that reaches a file, and what the web server does there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The URL path, from `/`.
    pub url: String,
    /// The site's name.
    pub site: String,
    /// The URL path of the application.
    pub application: String,
    /// The application pool; the default's name where the application names none.
    pub pool: String,
    /// The account that the pool runs as; empty if not configured.
    pub identity: String,
    /// What becomes of a request for it.
    pub runs: Disposition,
    /// The ways of authentication that are on there, by the names of the configuration (`anonymous`, `windows`); empty if not configured.
    pub authentication: Vec<String>,
}

/// What the web server does with a file of this extension at this place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Disposition {
    /// A handler runs it: its name.
    By(String),
    /// It is sent as it is.
    Sent,
    /// It is refused: why.
    Refused(String),
    /// The configuration that was read does not determine it: why.
    Unknown(String),
}

impl Disposition {
    /// The words of a report.
    pub fn in_words(&self) -> String {
        match self {
            Self::By(handler) => format!("executes ({handler})"),
            Self::Sent => "is served as a static file".to_owned(),
            Self::Refused(why) => format!("is denied: {why}"),
            Self::Unknown(why) => format!("handling unknown: {why}"),
        }
    }
}
