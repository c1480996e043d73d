//! What to install, in order, derived from the table of builds.

use super::words::{ended, level_words, product_words};
use crate::catalogue::builds::{Build, Release, Tables};
use crate::model::Timestamp;

/// The newest update of a product; of one that several cumulative updates got on one day, that of the newest one.
pub(super) fn newest<'t>(tables: &'t Tables, product: &str) -> Option<&'t Release> {
    let rows = tables.releases().filter(|row| row.product == product);
    rows.max_by(|a, b| a.released.cmp(&b.released).then(a.build.cmp(&b.build)))
}

/// The steps for a server of this build, of which `row` is the nearest known one.
pub(super) fn steps(tables: &Tables, build: Build, row: &Release, today: Timestamp) -> Vec<String> {
    let Some(newest) = newest(tables, &row.product) else { return Vec::new() };
    let product = product_words(&row.product);
    let own = tables.releases().rfind(|other| other.product == row.product && other.build.line() == build.line());
    let mut steps = Vec::new();
    match own {
        // Its own cumulative update is still being updated.
        Some(own) if own.released == newest.released => {
            if build < own.build {
                steps.push(format!("Install {}, the newest update of {}.", full(own, tables), row.cu));
            }
        }
        _ if build >= newest.build => {}
        _ => {
            if let Some(own) = own.filter(|own| build < own.build) {
                steps.push(format!(
                    "If the next step has to wait, install {} at once. It is the last update of {}.",
                    full(own, tables),
                    row.cu
                ));
            }
            let target =
                tables.releases().find(|row| row.product == newest.product && row.build.line() == newest.build.line());
            let last = own.map_or_else(String::new, |own| format!(", the last one is of {}", own.released));
            if let Some(target) = target.filter(|target| target.build != newest.build && target.build > build) {
                steps.push(format!(
                    "Install {} of {product} ({}, {}): {} no longer receives updates{last}.",
                    target.cu, target.build, target.released, row.cu
                ));
                steps.push(format!("Then install {}, its newest update.", full(newest, tables)));
            } else {
                steps.push(format!("Install {}, the newest update of {product}.", full(newest, tables)));
            }
        }
    }
    if ended(newest, today) {
        let end = &row.end_of_support;
        // Where the advice is an update of a later day, not everybody can have it.
        let goal = own.filter(|own| own.released == newest.released).unwrap_or(newest);
        let in_time = tables.releases().rfind(|other| {
            other.product == row.product && other.build.line() == goal.build.line() && other.released <= *end
        });
        if let Some(in_time) = in_time.filter(|in_time| goal.released > *end && build < in_time.build) {
            steps.push(format!(
                "Updates of {product} after {end}, its end of support, may require a paid programme; the last one \
                 before is {}.",
                full(in_time, tables)
            ));
        }
        let supported = tables.releases().rfind(|other| !ended(other, today) && !other.end_of_support.is_empty());
        steps.push(match supported.and_then(|other| self::newest(tables, &other.product)) {
            Some(other) => format!(
                "Support of {product} ended on {end}: upgrade to {}, as of the reference data {}.",
                product_words(&other.product),
                full(other, tables)
            ),
            None => {
                format!("Support of {product} ended on {end}, and the reference data has no supported product.")
            }
        });
    }
    steps
}

/// `CU7 Mar21SU (15.2.721.13, KB5000871, 2021-03-02)`.
fn full(row: &Release, tables: &Tables) -> String {
    let kb = if row.kb.is_empty() { String::new() } else { format!("{}, ", row.kb) };
    format!("{} ({}, {kb}{})", level_words(row, tables), row.build, row.released)
}
