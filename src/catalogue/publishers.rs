//! Known publishers, whose valid signature identifies a file as theirs: `signatures/publishers.csv`.

use std::collections::HashMap;

/// How a publisher signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Kind {
    /// With the key of a strong name.
    StrongName,
    /// With a certificate of Authenticode.
    Authenticode,
}

/// Keys of publishers, by their SHA-256.
#[derive(Clone, Debug, Default)]
pub struct Publishers {
    /// The publisher of a key; for Authenticode the key is that of the authority, and the organisation is what its certificates
    /// name.
    known: HashMap<(Kind, String, String), String>,
}

impl Publishers {
    /// Reads the table: `kind,sha256,named,publisher,note,source`. `named` is the token of a strong name's key, or the
    /// organisation in certificates.
    pub fn parse(table: &str) -> Self {
        let mut known = HashMap::new();
        let mut reader = csv::Reader::from_reader(table.as_bytes());
        for row in reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it")) {
            let field = |at: usize| row.get(at).unwrap_or_default().to_owned();
            let (kind, named) = match &*field(0) {
                "strong name" => (Kind::StrongName, String::new()),
                _ => (Kind::Authenticode, field(2)),
            };
            known.insert((kind, field(1), named), field(3));
        }
        Self { known }
    }

    /// Whose strong name this key makes, identified by the hexadecimal SHA-256 of the whole public key: its token is eight bytes of a
    /// SHA-1, which somebody with patience can match.
    pub fn of_strong_name(&self, key: &str) -> Option<&str> {
        self.known.get(&(Kind::StrongName, key.to_owned(), String::new())).map(String::as_str)
    }

    /// Who signs with certificates that this authority gave to this organisation.
    pub fn of_certificate(&self, authority: &str, organisation: &str) -> Option<&str> {
        self.known.get(&(Kind::Authenticode, authority.to_owned(), organisation.to_owned())).map(String::as_str)
    }

    /// How many keys are known.
    pub fn len(&self) -> usize {
        self.known.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}
