//! The tables of `signatures/` that every part of the program needs: plain CSV without quotes, a header first.

/// The rows of a table, each with exactly `N` fields; the header is left out. A row of another width is left out as well, which
/// the tests of each table notice.
pub(super) fn rows<const N: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    text.lines().skip(1).filter_map(|line| {
        let mut fields = line.trim_end_matches('\r').split(',');
        let row: [Option<&str>; N] = std::array::from_fn(|_| fields.next());
        let whole = fields.next().is_none() && row.iter().all(Option::is_some);
        whole.then(|| row.map(Option::unwrap_or_default))
    })
}

/// Whether every line of a table is read, none twice by its first field.
#[cfg(test)]
pub(super) fn is_well_formed<const N: usize>(text: &'static str) -> bool {
    let mut first: Vec<&str> = rows::<N>(text).map(|row| row[0]).collect();
    let count = first.len();
    first.sort_unstable();
    first.dedup();
    count == text.lines().count() - 1
        && first.len() == count
        && !text.contains('"')
        && rows::<N>(text).all(|row| !row[N - 1].is_empty())
}
