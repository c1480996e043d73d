//! Exchange builds, their release and end-of-support dates, and the first build that fixes each vulnerability.
//!
//! Two tables in CSV with a line of names; columns are found by name and unknown ones passed over, so a user's own rows
//! (`--data-dir DIR`) may have more. A row replaces an earlier one about the same thing.
//!
//! * `builds.csv`: `product,cu,update,build,release_date,kb,end_of_support,note,source`. One row per build.
//! * `advisories.csv`: `cve,nickname,known_exploited,product,cu,fixed_by,first_fixed_build,condition,note,confidence,source`.
//!   One row per vulnerability and cumulative update. `product` may hold several (`Exchange2016|Exchange2019`), each from a cumulative
//!   update on (`Exchange2016>=CU18`). A row without a build means the builds that `fixed_by` names; one that names none is
//!   about a condition alone.

use crate::model::{Problem, ProblemKind};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// A build: `15.2.721.13`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Build(pub [u16; 4]);

/// What the builds of one cumulative update have in common: the first three numbers, before Exchange 2013 the first two.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Line([u16; 3]);

impl Build {
    /// Reads `15.2.721.13`, `15.02.0721.013`, or `Version 15.2 (Build 721.13)` as the management shell writes it. `None` for
    /// anything else.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let shell = text.strip_prefix("Version ").and_then(|rest| rest.strip_suffix(')'));
        let text = match shell {
            Some(inner) => inner.split_once(" (Build ").map(|(major, minor)| format!("{major}.{minor}"))?,
            None => text.to_owned(),
        };
        let mut numbers = text.split('.').map(|number| {
            let digits = !number.is_empty() && number.len() <= 5 && number.bytes().all(|byte| byte.is_ascii_digit());
            digits.then(|| number.parse().ok()).flatten()
        });
        let mut next = || numbers.next().flatten();
        let build = [next()?, next()?, next()?, next()?];
        numbers.next().is_none().then_some(Self(build))
    }

    /// Reads the name of a folder that is named after a build (`15.2.721.13`) or after a cumulative update (`15.2.721`): the build, and
    /// whether the name is that of a whole one.
    pub fn of_folder(name: &str) -> Option<(Self, bool)> {
        let whole = Self::parse(name).map(|build| (build, true));
        whole.or_else(|| Self::parse(&format!("{name}.0")).map(|build| (build, false)))
    }

    /// The cumulative update that it belongs to.
    pub fn line(self) -> Line {
        let [major, minor, build, _] = self.0;
        Line([major, minor, if major < 15 { 0 } else { build }])
    }

    /// Whether a product can have both builds: their first two numbers agree.
    pub fn same_product_line(self, other: Self) -> bool {
        self.0[..2] == other.0[..2]
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d] = self.0;
        write!(f, "{a}.{b}.{c}.{d}")
    }
}

/// A row of the table of builds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Release {
    /// `Exchange2019`.
    pub product: String,
    /// `CU7`, `RTM`, `SP3`.
    pub cu: String,
    /// `Mar21SU`; empty for the cumulative update itself and for updates without a name.
    pub update: String,
    /// The build.
    pub build: Build,
    /// `2021-03-02`, or `2021-03` where the day is not known.
    pub released: String,
    /// `KB5000871`; may be empty.
    pub kb: String,
    /// `2025-10-14`; empty where not known.
    pub end_of_support: String,
    /// A caveat about the row; mostly empty.
    pub note: String,
}

/// The first build of a cumulative update that fixes a vulnerability.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The vulnerability: `CVE-2021-26855`.
    pub cve: String,
    /// `Exchange2019`.
    pub product: String,
    /// The build.
    pub build: Build,
    /// `Mar21SU`.
    pub fixed_by: String,
    /// What must hold beside the build; empty for nothing.
    pub condition: String,
    /// A caveat about the row; mostly empty.
    pub note: String,
    /// Where the row comes from: `healthchecker`, `secondary`, `inferred`, or the user's own word.
    pub confidence: String,
    table: usize,
}

/// Something that must hold whatever the build.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Demand {
    cve: String,
    product: String,
    from: String,
    condition: String,
}

/// A vulnerability.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vulnerability {
    /// `ProxyLogon`; mostly empty.
    pub nickname: String,
    /// Whether it is known to be exploited (CISA's catalogue).
    pub exploited: bool,
}

/// Which table a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// `builds.csv`.
    Builds,
    /// `advisories.csv`.
    Advisories,
}

impl Table {
    /// The tables with the names of their files.
    pub const ALL: [(Table, &'static str); 2] = [(Table::Builds, "builds.csv"), (Table::Advisories, "advisories.csv")];

    fn columns(self) -> &'static [&'static str] {
        match self {
            Table::Builds => &["product", "cu", "update", "build", "release_date", "kb", "end_of_support", "note"],
            Table::Advisories => &[
                "cve",
                "nickname",
                "known_exploited",
                "product",
                "cu",
                "fixed_by",
                "first_fixed_build",
                "condition",
                "note",
                "confidence",
            ],
        }
    }
}

/// Both tables.
#[derive(Clone, Debug, Default)]
pub struct Tables {
    releases: BTreeMap<Build, Release>,
    vulnerabilities: BTreeMap<String, Vulnerability>,
    /// By vulnerability.
    fixes: BTreeMap<String, Vec<Fix>>,
    demands: Vec<Demand>,
    read: usize,
}

impl Tables {
    /// Takes up the rows of a table, which win over those that are there. `name` is what problems call the file. Builds come
    /// before the advisories that name them by their update alone.
    pub fn add(&mut self, table: Table, text: &str, name: &str) -> Vec<Problem> {
        self.read += 1;
        let text = text.trim_start_matches('\u{feff}');
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        let mut problems = Vec::new();
        let mut bad = |line: u64, why: &str| {
            problems.push(Problem::general(ProblemKind::ReferenceDataInvalid, format!("{name}:{line}: {why}")));
        };
        let headers = reader.headers().cloned().unwrap_or_default();
        let places: Vec<Option<usize>> =
            table.columns().iter().map(|column| headers.iter().position(|header| header.trim() == *column)).collect();
        let needed = match table {
            Table::Builds => &["product", "cu", "build", "release_date"][..],
            Table::Advisories => &["cve", "product"][..],
        };
        if let Some(missing) = needed.iter().find(|column| !headers.iter().any(|header| header.trim() == **column)) {
            bad(1, &format!("the column {missing} is missing, so no row can be used"));
            return problems;
        }
        let mut seen = BTreeSet::new();
        for record in reader.records() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    bad(error.position().map_or(0, csv::Position::line), "not a CSV file");
                    continue;
                }
            };
            let line = record.position().map_or(0, csv::Position::line);
            let field =
                |at: usize| places.get(at).copied().flatten().and_then(|at| record.get(at)).unwrap_or("").trim();
            let added = match table {
                Table::Builds => self.add_release(&field),
                Table::Advisories => self.add_advisory(&field, &mut seen),
            };
            if let Err(why) = added {
                bad(line, &why);
            }
        }
        problems
    }

    fn add_release<'r>(&mut self, field: &dyn Fn(usize) -> &'r str) -> Result<(), String> {
        let build = Build::parse(field(3)).ok_or_else(|| format!("\"{}\" is not a build number", field(3)))?;
        let (product, cu, released, end) = (field(0), field(1), field(4), field(6));
        if product.is_empty() || cu.is_empty() {
            return Err("product or cu is empty".to_owned());
        }
        if !is_date(released, true) {
            return Err(format!("\"{released}\" is not a date such as 2021-03-02 or 2021-03"));
        }
        // A date with a remark behind it, as Microsoft's pages have them.
        let end = end.get(..10).unwrap_or(end);
        if !end.is_empty() && !is_date(end, false) {
            return Err(format!("\"{end}\" is not a date such as 2025-10-14"));
        }
        let release = Release {
            product: product.to_owned(),
            cu: cu.to_owned(),
            update: field(2).to_owned(),
            build,
            released: released.to_owned(),
            kb: field(5).to_owned(),
            end_of_support: end.to_owned(),
            note: field(7).to_owned(),
        };
        self.releases.insert(build, release);
        Ok(())
    }

    fn add_advisory<'r>(
        &mut self,
        field: &dyn Fn(usize) -> &'r str,
        seen: &mut BTreeSet<(String, String)>,
    ) -> Result<(), String> {
        let (cve, fixed_by, condition) = (field(0), field(5), field(7));
        if cve.is_empty() || field(3).is_empty() {
            return Err("cve or product is empty".to_owned());
        }
        let mut products = Vec::new();
        for part in field(3).split('|') {
            let (product, from) = part.split_once(">=").unwrap_or((part, ""));
            products.push((product.trim().to_owned(), from.trim().to_owned()));
        }
        let mut builds = Vec::new();
        if field(6).is_empty() {
            // Every cumulative update that has an update of this name.
            let named = |release: &&Release| !fixed_by.is_empty() && release.update == fixed_by;
            builds.extend(self.releases.values().filter(named).map(|release| (release.product.clone(), release.build)));
            builds.retain(|(product, _)| products.iter().any(|(wanted, _)| wanted == product));
            if builds.is_empty() && condition.is_empty() {
                return Err("neither a build, nor an update in the table of builds, nor a condition".to_owned());
            }
        } else {
            let build = Build::parse(field(6)).ok_or_else(|| format!("\"{}\" is not a build number", field(6)))?;
            builds.extend(products.iter().map(|(product, _)| (product.clone(), build)));
        }
        let vulnerability = self.vulnerabilities.entry(cve.to_owned()).or_default();
        // Only the word yes, however it goes on.
        vulnerability.exploited |= field(2).get(..3).is_some_and(|word| word.eq_ignore_ascii_case("yes"));
        if !field(1).is_empty() {
            vulnerability.nickname = field(1).to_owned();
        }
        if builds.is_empty() {
            for (product, from) in products {
                let demand = Demand { cve: cve.to_owned(), product, from, condition: condition.to_owned() };
                self.demands.retain(|known| (&known.cve, &known.product) != (&demand.cve, &demand.product));
                self.demands.push(demand);
            }
        }
        let table = self.read;
        for (product, build) in builds {
            // Rows of an earlier table about this vulnerability and product are replaced as a whole; rows of one table add up.
            let fixes = self.fixes.entry(cve.to_owned()).or_default();
            if seen.insert((cve.to_owned(), product.clone())) {
                fixes.retain(|fix| fix.table == table || fix.product != product);
            }
            fixes.push(Fix {
                cve: cve.to_owned(),
                product,
                build,
                fixed_by: fixed_by.to_owned(),
                condition: condition.to_owned(),
                note: field(8).to_owned(),
                confidence: field(9).to_owned(),
                table,
            });
        }
        Ok(())
    }

    /// Every build, the lowest first.
    pub fn releases(&self) -> impl DoubleEndedIterator<Item = &Release> {
        self.releases.values()
    }

    /// The row of a build.
    pub fn release(&self, build: Build) -> Option<&Release> {
        self.releases.get(&build)
    }

    /// The nearest rows below and above a build whose first two numbers agree with it.
    pub fn neighbours(&self, build: Build) -> (Option<&Release>, Option<&Release>) {
        let fits = |release: &&Release| release.build.same_product_line(build);
        let below = self.releases.range(..build).next_back().map(|(_, release)| release).filter(fits);
        let above = self.releases.range(build..).map(|(_, release)| release).find(|release| release.build > build);
        (below, above.filter(fits))
    }

    /// The product of a build, and of an unknown one that of the nearest build below it, else above. `None` where no product
    /// has its first two numbers.
    pub fn product(&self, build: Build) -> Option<&str> {
        let (below, above) = self.neighbours(build);
        self.release(build).or(below).or(above).map(|release| release.product.as_str())
    }

    /// The date from which a vulnerability could be fixed at all, on this product or on any: the earliest release of an update that
    /// closes it. `None` where the tables know none.
    pub fn first_closed(&self, cve: &str, product: Option<&str>) -> Option<&str> {
        let fixes = self.fixes.get(cve).or_else(|| self.fixes.get(&cve.to_ascii_uppercase()))?;
        let wanted = |fix: &&Fix| product.is_none_or(|product| fix.product == product);
        let released = fixes.iter().filter(wanted).map(|fix| self.release(fix.build).map(|row| row.released.as_str()));
        // One build without a date, and nothing can be said.
        released.collect::<Option<Vec<&str>>>()?.into_iter().min()
    }

    /// Every vulnerability.
    pub fn vulnerabilities(&self) -> impl Iterator<Item = (&str, &Vulnerability)> {
        self.vulnerabilities.iter().map(|(cve, vulnerability)| (cve.as_str(), vulnerability))
    }

    /// A vulnerability by its id, whatever its case.
    pub fn vulnerability(&self, cve: &str) -> Option<&Vulnerability> {
        self.vulnerabilities.get(cve).or_else(|| self.vulnerabilities.get(&cve.to_ascii_uppercase()))
    }

    /// The builds of a product that fix a vulnerability, the lowest first.
    pub fn fixes(&self, cve: &str, product: &str) -> Vec<&Fix> {
        let of_flaw = self.fixes.get(cve).or_else(|| self.fixes.get(&cve.to_ascii_uppercase()));
        let mut fixes: Vec<&Fix> = of_flaw.into_iter().flatten().filter(|fix| fix.product == product).collect();
        fixes.sort_by_key(|fix| fix.build);
        fixes
    }

    /// Conditions of a product that no build fulfils by itself, with their vulnerabilities.
    pub fn demands(&self, build: Build) -> Vec<(&str, &str)> {
        let Some(product) = self.product(build) else { return Vec::new() };
        let first = |cu: &str| self.releases().find(|release| release.product == product && release.cu == cu);
        let applies = |demand: &&Demand| {
            demand.product == product
                && (demand.from.is_empty()
                    || first(&demand.from).is_none_or(|first| build.line() >= first.build.line()))
        };
        self.demands.iter().filter(applies).map(|demand| (demand.cve.as_str(), demand.condition.as_str())).collect()
    }

    /// The confidence that the rows of a product are given with.
    pub fn confidence(&self, product: &str) -> BTreeSet<&str> {
        self.fixes.values().flatten().filter(|fix| fix.product == product).map(|fix| fix.confidence.as_str()).collect()
    }

    /// The newest release date in the table of builds; empty if there is none.
    pub fn until(&self) -> &str {
        self.releases().map(|release| release.released.as_str()).max().unwrap_or_default()
    }
}

/// `2021-03-02`, and if `short` also `2021-03`.
fn is_date(text: &str, short: bool) -> bool {
    let shape: String = text.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    shape == "0000-00-00" || short && shape == "0000-00"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn build(text: &str) -> Build {
        Build::parse(text).unwrap_or_else(|| panic!("{text}"))
    }

    #[test]
    fn builds_are_read_in_every_form_they_are_written_in() {
        for text in ["15.2.721.13", "15.02.0721.013", " 15.02.0721.013\r\n", "Version 15.2 (Build 721.13)"] {
            assert_eq!(build(text), Build([15, 2, 721, 13]), "{text}");
        }
        let wrong = [
            "",
            "15.2.721",
            "15.2.721.13.1",
            "15.2.721.x",
            "15.2.721.-1",
            "15.2.70000.1",
            "Version 15.2",
            "1.2.3.4)",
            "+1.2.3.4",
            "15.2.721.1\u{663}",
            "15..721.1",
            "000000015.2.3.4",
        ];
        for text in wrong {
            assert_eq!(Build::parse(text), None, "{text}");
        }
        assert_eq!(build("15.02.0721.013").to_string(), "15.2.721.13");
        assert!(build("15.2.721.9") < build("15.2.721.13"));
    }

    #[test]
    fn the_built_in_tables_hold_together() {
        let mut tables = Tables::default();
        let problems = [
            tables.add(Table::Builds, include_str!("../../signatures/exchange/builds.csv"), "builds.csv"),
            tables.add(Table::Advisories, include_str!("../../signatures/exchange/advisories.csv"), "advisories.csv"),
        ];
        assert_eq!(problems.concat(), []);
        let table = include_str!("../../signatures/exchange/builds.csv");
        let dates =
            csv::Reader::from_reader(table.as_bytes()).into_records().filter_map(|row| Some(row.ok()?[4].to_owned()));
        assert_eq!(tables.releases().count(), crate::catalogue::rows_of(table));
        assert_eq!(Some(tables.until()), dates.max().as_deref());
        for fix in tables.fixes.values().flatten() {
            // HealthChecker's lower builds of 2016 CU8 and CU9 are in the table of builds with their caveat.
            let release = tables.release(fix.build).unwrap_or_else(|| panic!("{} {}", fix.cve, fix.build));
            assert_eq!(release.product, fix.product, "{} {}", fix.cve, fix.build);
        }
        let mut lines: BTreeMap<Line, &str> = BTreeMap::new();
        for release in tables.releases().filter(|release| release.build.0[0] >= 15) {
            let product = lines.entry(release.build.line()).or_insert(&release.product);
            assert_eq!(*product, release.product, "{}", release.build);
        }
        assert_eq!(tables.fixes("ADV24199947", "Exchange2019").len(), 2, "named by its update alone");
        assert_eq!(tables.demands(build("15.1.2106.2")).iter().filter(|(cve, _)| *cve == "CVE-2021-1730").count(), 1);
        assert_eq!(tables.demands(build("15.1.2044.4")).iter().filter(|(cve, _)| *cve == "CVE-2021-1730").count(), 0);
    }

    #[test]
    fn rows_of_a_user_win_and_bad_ones_are_reported_with_file_and_line() {
        let mut tables = crate::catalogue::exchange_builds();
        let own = "source,build,product,cu,update,release_date\n\
                   me,15.02.2562.050,ExchangeSE,RTM,Sep26SU,2026-09-08\n\
                   me,15.2.721.13,Exchange2019,CU7,Mine,2021-03-02\n\
                   me,15.2.x,Exchange2019,CU7,,2021-03-02\n\
                   me,15.2.721.14,Exchange2019,,,2021-03-02\n\
                   me,15.2.721.14,Exchange2019,CU7,,soon\n";
        let problems = tables.add(Table::Builds, own, "mine/builds.csv");
        let words: Vec<&str> = problems.iter().map(|problem| problem.message.as_str()).collect();
        assert_eq!(
            words,
            [
                "mine/builds.csv:4: \"15.2.x\" is not a build number",
                "mine/builds.csv:5: product or cu is empty",
                "mine/builds.csv:6: \"soon\" is not a date such as 2021-03-02 or 2021-03",
            ]
        );
        assert_eq!(tables.until(), "2026-09-08");
        assert_eq!(tables.release(build("15.2.721.13")).map(|release| release.update.as_str()), Some("Mine"));

        let own = "cve,product,first_fixed_build,known_exploited,fixed_by\n\
                   CVE-2021-26855,Exchange2019,15.2.721.99,yes,Own\n\
                   CVE-2099-0001,Exchange2016|ExchangeSE,,yes,Sep26SU\n\
                   CVE-2099-0002,ExchangeSE,,no,\n";
        let problems = tables.add(Table::Advisories, own, "advisories.csv");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(problems[0].message.starts_with("advisories.csv:4: "), "{problems:?}");
        let fixes = |cve, product| tables.fixes(cve, product).iter().map(|fix| fix.build).collect::<Vec<_>>();
        assert_eq!(fixes("CVE-2021-26855", "Exchange2019"), [build("15.2.721.99")]);
        assert_eq!(fixes("CVE-2021-26855", "Exchange2016").len(), 14);
        assert_eq!(fixes("cve-2099-0001", "ExchangeSE"), [build("15.2.2562.50")]);
    }

    #[test]
    fn a_table_without_its_columns_or_of_no_csv_is_one_problem() {
        let mut tables = Tables::default();
        for text in ["", "a,b\n1,2\n", "\u{0}\u{1}", "product,cu,build\nx,y,1.2.3.4\n"] {
            assert_eq!(tables.add(Table::Builds, text, "b").len(), 1, "{text:?}");
        }
        assert_eq!(tables.releases().count(), 0);
    }

    #[test]
    fn the_nearest_builds_are_of_the_same_product_line() {
        let tables = crate::catalogue::exchange_builds();
        let near = |text| {
            let (below, above) = tables.neighbours(build(text));
            (below.map(|r| r.build.to_string()), above.map(|r| r.build.to_string()))
        };
        assert_eq!(near("15.2.721.9"), (Some("15.2.721.8".to_owned()), Some("15.2.721.13".to_owned())));
        assert_eq!(near("15.2.9999.1").1, None);
        assert_eq!(near("15.0.1.1"), (None, Some("15.0.516.32".to_owned())));
        assert_eq!(near("16.0.1.1"), (None, None));
        assert_eq!(tables.product(build("15.2.2562.99")), Some("ExchangeSE"));
        assert_eq!(tables.product(build("15.2.721.9")), Some("Exchange2019"));
    }
}
