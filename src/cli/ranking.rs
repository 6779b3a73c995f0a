//! The ranked table and the feeds behind it, as `nightly` and `index` print them.

use chrono::{Days, NaiveDate};
use lake::schema::Domain;
use pingan::feeds::{Coverage, State};
use pingan::index::{Alike, Place};
use pingan::panel::Period;
use serde_json::Value;

use super::table::Rows;

/// The ranked table; `exact` for machines, otherwise for people.
pub fn table(places: &[Place], before: &str, exact: bool) -> Rows {
    let headers = if exact {
        [
            "rank",
            "rank_lo",
            "rank_hi",
            "area_code",
            "name",
            "index",
            "lo",
            "hi",
            "band",
            "change",
            "worst_domain",
            "coverage",
            "kind",
            "rank_in_kind",
            "of_kind",
        ]
        .map(str::to_owned)
        .to_vec()
    } else {
        let change = format!("vs {before}");
        [
            "rank",
            "90 %",
            "township",
            "index",
            "90 %",
            "band",
            &change,
            "worst domain",
            "coverage",
            "among its kind",
        ]
        .map(str::to_owned)
        .to_vec()
    };
    Rows {
        headers,
        rows: places.iter().map(|p| if exact { exact_row(p) } else { row(p) }).collect(),
    }
}

/// Both ends of a long ranking, with a row between them that says how many are left out: on a
/// night's screen 1,400 townships would hide what follows them.
pub fn both_ends(mut ranking: Rows) -> Rows {
    const MOST: usize = 60;
    let left_out = ranking.rows.len().saturating_sub(MOST);
    if left_out < 2 {
        return ranking;
    }
    let last = ranking.rows.split_off(MOST / 2 + left_out);
    ranking.rows.truncate(MOST / 2);
    let mut gap = vec![Value::Null; ranking.headers.len()];
    gap[2] = format!("… {left_out} more: --format csv").into();
    ranking.rows.push(gap);
    ranking.rows.extend(last);
    ranking
}

fn row(p: &Place) -> Vec<Value> {
    let label = |id: &str| Domain::find(id).map_or(id, |d| d.label).to_owned();
    vec![
        p.rank.map_or(Value::Null, Value::from),
        p.rank_interval.map_or(Value::Null, |(lo, hi)| format!("{lo}–{hi}").into()),
        p.name.clone().into(),
        p.score.map_or(Value::Null, |s| format!("{s:.1}").into()),
        p.score_interval.map_or(Value::Null, |(lo, hi)| format!("{lo:.1}–{hi:.1}").into()),
        p.band.clone().into(),
        p.change.map_or(Value::Null, |c| format!("{c:+.1}").into()),
        p.worst.as_ref().map_or(Value::Null, |(d, s)| format!("{} {s:.0}", label(d)).into()),
        format!("{:.0} %", 100.0 * p.coverage).into(),
        p.alike.map_or(Value::Null, |a| {
            format!("{} {} of {}", kind(a), a.rank.map_or("–".to_owned(), |r| r.to_string()), a.of)
                .into()
        }),
    ]
}

fn exact_row(p: &Place) -> Vec<Value> {
    let float = |x: Option<f64>| x.map_or(Value::Null, Value::from);
    let whole = |x: Option<i64>| x.map_or(Value::Null, Value::from);
    vec![
        whole(p.rank),
        whole(p.rank_interval.map(|r| r.0)),
        whole(p.rank_interval.map(|r| r.1)),
        p.area_code.clone().into(),
        p.name.clone().into(),
        float(p.score),
        float(p.score_interval.map(|s| s.0)),
        float(p.score_interval.map(|s| s.1)),
        p.band.clone().into(),
        float(p.change),
        p.worst.as_ref().map_or(Value::Null, |(d, _)| d.clone().into()),
        p.coverage.into(),
        p.alike.map_or(Value::Null, |a| kind(a).into()),
        p.alike.and_then(|a| a.rank).map_or(Value::Null, Value::from),
        p.alike.map_or(Value::Null, |a| a.of.into()),
    ]
}

/// Letter of a kind: A is the kind of the smallest.
fn kind(alike: Alike) -> String {
    char::from(b'A' + alike.kind as u8).to_string()
}

/// One line a feed: on which of the period's days it counts, and why not on the others.
pub fn feeds(coverage: &Coverage, period: &Period) -> Vec<String> {
    let mut lines = Vec::new();
    for (id, feed) in &coverage.feeds {
        let label = Domain::find(id).map_or(*id, |d| d.label);
        let counted = coverage.days(id, period.start, period.end).len();
        let mut line = format!("  {label}: {counted} of {} days count", period.days());
        for state in [State::Missing, State::Partial, State::Late, State::NotDue] {
            let days: Vec<NaiveDate> =
                feed.gaps.iter().filter(|g| g.state == state).map(|g| g.day).collect();
            let days: Vec<NaiveDate> =
                days.into_iter().filter(|d| (period.start..=period.end).contains(d)).collect();
            if !days.is_empty() {
                line.push_str(&format!("; {} {}", state.name(), spans(&days)));
            }
        }
        lines.push(line);
        for (name, source) in &feed.sources {
            if source.strays > 0 {
                lines.push(format!(
                    "    {name}: {} days with a few events long before {}, its first day, are left out: are their dates right?",
                    source.strays, source.first
                ));
            }
            if source.assumed > 0.0 {
                lines.push(format!(
                    "    {name}: when {} events were recorded is assumed (history)",
                    source.assumed
                ));
            }
        }
    }
    lines
}

/// `2026-01-03…05, 2026-01-09` of days in order.
fn spans(days: &[NaiveDate]) -> String {
    let mut spans: Vec<(NaiveDate, NaiveDate)> = Vec::new();
    for day in days {
        match spans.last_mut() {
            Some((_, last)) if *last + Days::new(1) == *day => *last = *day,
            _ => spans.push((*day, *day)),
        }
    }
    let told = |(from, to): &(NaiveDate, NaiveDate)| {
        if from == to { from.to_string() } else { format!("{from}…{to}") }
    };
    spans.iter().map(told).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_long_ranking_both_ends_are_shown_and_what_is_left_out_is_said() {
        let of = |rows: usize| Rows {
            headers: ["rank", "90 %", "township"].map(str::to_owned).to_vec(),
            rows: (0..rows).map(|n| vec![n.into(), Value::Null, Value::Null]).collect(),
        };
        assert_eq!(both_ends(of(61)).rows.len(), 61);
        let rows = both_ends(of(1400)).rows;
        assert_eq!(
            (rows.len(), rows[29][0].clone(), rows[31][0].clone()),
            (61, 29.into(), 1370.into())
        );
        assert_eq!(rows[30][2], "… 1340 more: --format csv");
    }
}
