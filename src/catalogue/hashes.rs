//! Lists of known files by hash.

use std::collections::HashMap;

/// A digest algorithm, recognised by the number of hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Algorithm {
    /// 32 digits.
    Md5,
    /// 40 digits.
    Sha1,
    /// 64 digits.
    Sha256,
}

/// The entry of a list for a hash.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HashFact {
    /// 0 to 100: how certain it is that a file with this hash is malicious.
    pub score: u8,
    /// What the file is.
    pub about: String,
    /// The list it comes from.
    pub list: String,
    /// Where to read more.
    pub reference: Option<String>,
}

/// Known hashes, lower-case hexadecimal.
#[derive(Clone, Debug, Default)]
pub struct HashList {
    facts: HashMap<Box<str>, HashFact>,
    md5: bool,
    sha1: bool,
}

impl HashList {
    /// Adds a hash; of two facts about one hash the higher score stays.
    pub fn add(&mut self, hash: &str, fact: HashFact) {
        match algorithm(hash) {
            Some(Algorithm::Md5) => self.md5 = true,
            Some(Algorithm::Sha1) => self.sha1 = true,
            _ => {}
        }
        let key = hash.to_ascii_lowercase().into_boxed_str();
        match self.facts.get_mut(&key) {
            Some(known) if known.score >= fact.score => {}
            _ => {
                self.facts.insert(key, fact);
            }
        }
    }

    /// Adds all of another list.
    pub fn extend(&mut self, other: HashList) {
        for (hash, fact) in other.facts {
            self.add(&hash, fact);
        }
    }

    /// What is known of a hash.
    pub fn get(&self, hash: &str) -> Option<&HashFact> {
        self.facts.get(hash)
    }

    /// Whether any MD5 is listed.
    pub fn has_md5(&self) -> bool {
        self.md5
    }

    /// Whether any SHA-1 is listed.
    pub fn has_sha1(&self) -> bool {
        self.sha1
    }

    /// How many hashes are listed.
    pub fn len(&self) -> usize {
        self.facts.len()
    }

    /// Whether nothing is listed.
    pub fn is_empty(&self) -> bool {
        self.facts.is_empty()
    }
}

/// The algorithm of a hexadecimal digest; `None` if it is none.
fn algorithm(text: &str) -> Option<Algorithm> {
    if !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    match text.len() {
        32 => Some(Algorithm::Md5),
        40 => Some(Algorithm::Sha1),
        64 => Some(Algorithm::Sha256),
        _ => None,
    }
}

/// A list as a user's file gives it.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The hashes.
    pub list: HashList,
    /// Numbers of the lines, from 1, that hold no hash, with the reason.
    pub bad: Vec<(usize, String)>,
    /// Numbers of the lines with an MD5 or SHA-1.
    pub weak: Vec<usize>,
}

impl Parsed {
    /// Leaves what may clear a file: anybody can make a malicious file with the MD5 or SHA-1 of a benign one of his own, and then have
    /// that one listed. Lines with such a digest are bad.
    pub fn only_sha256(mut self) -> Self {
        const WHY: &str = "MD5 and SHA-1 do not clear a file, because collisions can be created: use its SHA-256";
        self.bad.extend(self.weak.iter().map(|line| (*line, WHY.to_owned())));
        self.bad.sort();
        self.list.facts.retain(|hash, _| algorithm(hash) == Some(Algorithm::Sha256));
        (self.list.md5, self.list.sha1) = (false, false);
        self
    }
}

/// Points of a hash whose line gives none.
const DEFAULT_POINTS: u8 = 75;

/// Reads a hash list: `HASH`, `HASH;comment`, `HASH;score;comment` (signature-base, LOKI), or what `sha256sum` and
/// `md5sum` write (`HASH  name`). Empty lines and those that begin with `#` are passed over; `,` and tab part fields too.
pub fn parse_list(text: &str, name: &str) -> Parsed {
    let mut parsed = Parsed::default();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim().trim_start_matches('\u{feff}');
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (hash, rest) = line.split_once([';', ',', '\t', ' ']).unwrap_or((line, ""));
        let hash = hash.trim_matches('"');
        match algorithm(hash) {
            None => {
                parsed.bad.push((index + 1, "no MD5, SHA-1 or SHA-256 in the first field".to_owned()));
                continue;
            }
            Some(Algorithm::Md5 | Algorithm::Sha1) => parsed.weak.push(index + 1),
            Some(Algorithm::Sha256) => {}
        }
        let mut fields = rest.splitn(2, [';', ',', '\t']).map(|field| field.trim().trim_matches('"'));
        let first = fields.next().unwrap_or_default();
        let (score, about) = match first.parse::<i64>() {
            Ok(score) => (score.clamp(0, 100) as u8, fields.next().unwrap_or_default()),
            Err(_) => (DEFAULT_POINTS, rest.trim().trim_start_matches('*').trim()),
        };
        let about = if about.is_empty() { "listed".to_owned() } else { about.chars().take(200).collect() };
        parsed.list.add(hash, HashFact { score, about, list: name.to_owned(), reference: None });
    }
    parsed
}

/// The hashes of a table of indicators, such as `signatures/exchange/indicators.csv`; `name` is what reports call it.
pub(super) fn from_indicators(table: &str, name: &str) -> HashList {
    let mut list = HashList::default();
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    for row in reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it")) {
        let field = |at: usize| row.get(at).unwrap_or_default();
        if matches!(field(0), "md5" | "sha1" | "sha256") {
            let score = match field(3) {
                "high" => 95,
                "medium" => 75,
                _ => 50,
            };
            let fact = HashFact {
                score,
                about: field(2).to_owned(),
                list: name.to_owned(),
                reference: Some(field(5).to_owned()).filter(|reference| !reference.is_empty()),
            };
            list.add(field(1), fact);
        }
    }
    list
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_every_shape_are_read_and_bad_lines_are_named() {
        let sha256 = "a".repeat(64);
        let text = format!(
            "\u{feff}# a comment\n\n{sha256};85;a shell\nD41D8CD98F00B204E9800998ECF8427E;no score\n{}  name.aspx\nnonsense\n12;34\n{}",
            "b".repeat(40),
            "c".repeat(63)
        );
        let parsed = parse_list(&text, "mine.txt");
        assert_eq!(parsed.list.len(), 3);
        assert_eq!(parsed.list.get(&sha256).map(|f| (f.score, f.about.as_str())), Some((85, "a shell")));
        assert_eq!(parsed.list.get("d41d8cd98f00b204e9800998ecf8427e").map(|f| f.about.as_str()), Some("no score"));
        assert_eq!(parsed.bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [6, 7, 8]);
        assert!(parsed.list.has_md5() && parsed.list.has_sha1());
    }

    #[test]
    fn a_digest_that_can_be_made_to_collide_clears_nothing() {
        let text = format!("{}\n{}\n{}\nnonsense", "a".repeat(32), "b".repeat(64), "C".repeat(40));
        let parsed = parse_list(&text, "mine.txt").only_sha256();
        assert!(parsed.list.len() == 1 && parsed.list.get(&"b".repeat(64)).is_some());
        assert_eq!(parsed.bad.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 3, 4]);
        assert!(!parsed.list.has_md5() && !parsed.list.has_sha1());
    }

    #[test]
    fn the_built_in_indicators_are_read() {
        let list = crate::catalogue::malicious_hashes();
        let tables =
            [include_str!("../../signatures/exchange/indicators.csv"), include_str!("../../signatures/web/hashes.csv")];
        let rows = tables.into_iter().flat_map(|table| csv::Reader::from_reader(table.as_bytes()).into_records());
        let hashes = rows.filter_map(Result::ok).filter(|row| ["sha256", "sha1", "md5"].contains(&&row[0]));
        let hashes: std::collections::BTreeSet<String> = hashes.map(|row| row[1].to_ascii_lowercase()).collect();
        assert_eq!(list.len(), hashes.len(), "none lost");
        assert_eq!(
            list.get("b75f163ca9b9240bf4b37ad92bc7556b40a17e27c2b8ed5c8991385fe07d17d0").map(|f| f.score),
            Some(95)
        );
        assert!(list.get("3c0db3a5194e1568e8e2164149f30763b7f3043d").is_some(), "upper case in the table");
        let module = list.get("01577f5b0869154fb678bcf86eef50afceb5fc189c87b2085fe5fcdf74cd6ff0").expect("of 2026");
        assert_eq!((module.score, module.list.as_str()), (95, "web/hashes"));
        assert!(module.reference.as_ref().is_some_and(|source| source.contains("Talos")), "{module:?}");
    }
}
