//! Which of the file's columns each of ours is likely to be.

use std::collections::HashSet;

use super::columns::ColumnSummary;
use super::ids::{Id, IdKind};
use super::words::HeaderWords;
use crate::schema::{DERIVED_COLUMNS, Domain, Kind};
use crate::taxonomy::CODED;

/// One of our columns and those of the file it is likely to be.
pub(super) struct Choice {
    pub column: &'static str,
    pub at: Vec<usize>,
    pub evidence: String,
}

/// Chooses for each of our columns, needed ones first, the file's column that fits best by header
/// and values.
pub(super) fn choose(
    domain: &'static Domain,
    seen: &[ColumnSummary],
    words: &HeaderWords,
    id: Option<&Id>,
) -> Vec<Choice> {
    let mut taken: HashSet<usize> = (0..seen.len()).filter(|&i| !seen[i].is_open()).collect();
    let mut chosen = Vec::new();
    if let Some(id) = id {
        taken.insert(id.at);
    }
    if let Some(id) = id.filter(|id| matches!(id.kind, IdKind::Good | IdKind::Together)) {
        chosen.push(Choice { column: "event_id", at: vec![id.at], evidence: id.why.clone() });
    }
    let order = ["occurred_at", "category", "area_code"];
    let others = domain
        .columns()
        .map(|c| c.name)
        .filter(|n| !order.contains(n) && *n != "event_id" && !DERIVED_COLUMNS.contains(n));
    for name in order.into_iter().chain(others) {
        let Some(column) = domain.column(name) else { continue };
        let mut candidates: Vec<(f64, usize, String)> = (0..seen.len())
            .filter(|i| !taken.contains(i))
            .filter_map(|i| {
                candidate(&seen[i], name, column.kind, domain, words)
                    .map(|(score, why)| (score, i, why))
            })
            .collect();
        candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let most = if name == "area_code" { 3 } else { 1 };
        candidates.truncate(most);
        // From coarse to fine.
        candidates.sort_by(|a, b| seen[a.1].depth.total_cmp(&seen[b.1].depth).then(a.1.cmp(&b.1)));
        if candidates.is_empty() {
            continue;
        }
        taken.extend(candidates.iter().map(|c| c.1));
        chosen.push(Choice {
            column: name,
            at: candidates.iter().map(|c| c.1).collect(),
            evidence: candidates.iter().map(|c| c.2.as_str()).collect::<Vec<_>>().join("; "),
        });
    }
    chosen
}

/// Score and evidence of one of the file's columns for one of ours; none where it is not likely.
fn candidate(
    seen: &ColumnSummary,
    column: &str,
    kind: Kind,
    domain: &Domain,
    words: &HeaderWords,
) -> Option<(f64, String)> {
    let named = words.names(column, &seen.header);
    let (fits, values) = seen.fits(column, kind, domain);
    if seen.filled == 0 {
        return (named == 1.0).then(|| (named, "header; no values to look at".into()));
    }
    // Numbers, dates and yes or no could be anything: without its header only what is telling by
    // itself counts.
    let telling = match column {
        "occurred_at" => fits >= 0.8,
        "area_code" => fits >= 0.6,
        "category" => fits >= 0.5,
        _ => false,
    };
    let contradicted = match column {
        // What stands in a list is short.
        "category" if seen.length > 12.0 && fits < 0.3 => true,
        // A department's words may all be new to the taxonomy.
        _ if CODED.contains(&column) => seen.unique > 0.8 && seen.filled > 20 && fits < 0.3,
        _ => fits < 0.3,
    };
    if contradicted || (named == 0.0 && !telling) {
        return None;
    }
    let why = if named == 1.0 {
        "header, "
    } else if named > 0.0 {
        "part of the header, "
    } else {
        ""
    };
    // One bad date among hundreds must not make another column the better one: values count in
    // tenths, then the likelier header wins.
    let likely = 2.0 * named + (fits * 10.0).round() / 10.0
        - words.place(column, &seen.header) as f64 / 1000.0;
    Some((likely, format!("{why}{values}")))
}
