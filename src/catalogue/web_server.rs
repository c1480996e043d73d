//! The sites, applications and virtual directories of a default Exchange installation, from
//! `signatures/exchange/virtual_directories.csv`.

use crate::config::deviations::{DefaultSiteRow, DefaultSites};

/// Reads the table. Its columns: site, site id, application, virtual directory, pool, physical path, the products and roles
/// that have it, source.
pub(super) fn parse(table: &str) -> DefaultSites {
    let mut reader = csv::Reader::from_reader(table.as_bytes());
    let rows = reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it"));
    DefaultSites::new(rows.map(|row| {
        let field = |at: usize| row.get(at).unwrap_or_default().to_owned();
        DefaultSiteRow { site: field(0), application: field(2), folder: field(3), pool: field(4), physical: field(5) }
    }))
}

#[cfg(test)]
mod tests {
    use crate::catalogue::default_sites;
    use crate::config::Document;
    use crate::config::deviations::deviations;
    use crate::config::server::Server;
    use std::collections::BTreeMap;

    /// A configuration as a lab server of the table has it, Exchange installed at `root`.
    fn capture(product: &str, root: &str) -> Server {
        let table = include_str!("../../signatures/exchange/virtual_directories.csv");
        let mut sites: BTreeMap<String, BTreeMap<String, (String, String)>> = BTreeMap::new();
        for row in csv::Reader::from_reader(table.as_bytes()).records().map(|row| row.expect("well-formed")) {
            if row[6].split('|').any(|seen| seen == product) {
                let physical = row[5].replace("<ExchangeInstallPath>", root);
                let entry = sites.entry(row[0].to_owned()).or_default().entry(row[2].to_owned()).or_default();
                entry.0 = row[4].to_owned();
                entry.1 += &format!("<virtualDirectory path='{}' physicalPath='{physical}'/>", &row[3]);
            }
        }
        let mut text = "<configuration><sites>".to_owned();
        for (site, applications) in sites {
            text += &format!("<site name='{site}'>");
            for (path, (pool, folders)) in applications {
                text += &format!("<application path='{path}' applicationPool='{pool}'>{folders}</application>");
            }
            text += "</site>";
        }
        Server::of(&Document::parse(&(text + "</sites></configuration>")))
    }

    #[test]
    fn every_row_is_read_and_every_capture_of_a_default_server_deviates_in_nothing() {
        let rows = crate::catalogue::rows_of(include_str!("../../signatures/exchange/virtual_directories.csv"));
        assert_eq!(default_sites().len(), rows, "none lost");
        for (product, folders) in [
            ("Exchange2013 (CAS+MBX)", 34),
            ("Exchange2013 (CAS)", 15),
            ("Exchange2013 (MBX)", 23),
            ("Exchange2016", 34),
            ("Exchange2019", 34),
            ("Exchange2019b", 34),
        ] {
            for root in [r"C:\Program Files\Microsoft\Exchange Server\V15", r"E:\Mail\V15"] {
                let server = capture(product, root);
                assert_eq!(server.counts().2, folders, "{product}");
                assert_eq!(deviations(&server, default_sites(), 'C', &[]), [], "{product} at {root}");
            }
        }
    }
}
