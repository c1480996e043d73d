//! Products whose folders are web roots whatever the configuration says, from `signatures/web/products.csv`.

use std::sync::LazyLock;

const TABLE: &str = include_str!("../../signatures/web/products.csv");

/// A folder of a product.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductFolder {
    /// What the report calls the product.
    pub product: String,
    /// Where the product is, below the root of a volume. `*` as the last name stands for a folder that is named after a version,
    /// in digits.
    pub home: String,
    /// The folder, below that.
    pub folder: String,
    /// Whether it is served, so that every file in it is examined; else it is looked through for web file types.
    pub every_file: bool,
}

/// The rows of the table: those of one product at one place together.
pub fn product_folders() -> &'static [ProductFolder] {
    static ROWS: LazyLock<Vec<ProductFolder>> = LazyLock::new(|| {
        let mut reader = csv::Reader::from_reader(TABLE.as_bytes());
        let rows = reader.records().map(|row| row.expect("the embedded table is well-formed, a test reads it"));
        let row = |row: csv::StringRecord| {
            let field = |at: usize| row.get(at).unwrap_or_default().to_owned();
            ProductFolder { product: field(0), home: field(1), folder: field(2), every_file: field(3) == "yes" }
        };
        rows.map(row).collect()
    });
    &ROWS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_names_its_source() {
        let rows = product_folders();
        assert_eq!(rows.len(), crate::catalogue::rows_of(TABLE));
        let places = rows.chunk_by(|a, b| (&a.product, &a.home) == (&b.product, &b.home));
        let mut seen = std::collections::HashSet::new();
        for place in places {
            assert!(seen.insert((&place[0].product, &place[0].home)), "{:?} is in two parts of the table", place[0]);
            assert!(place.iter().any(|row| row.every_file), "{:?} serves nothing", place[0]);
        }
        for row in csv::Reader::from_reader(TABLE.as_bytes()).records().map(|row| row.expect("well-formed")) {
            assert!(["yes", "no"].contains(&&row[3]) && row.iter().all(|field| !field.is_empty()), "{row:?}");
        }
    }
}
