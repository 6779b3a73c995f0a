//! Findings as `detect` and `nightly` print them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use lake::schema::Domain;
use pingan::detect::{Detail, Detected, Finding, Kind};
use serde_json::{Value, json};

use pingan::engine::Names;

/// Kinds that tell of something abnormal, or of what goes with what.
pub const NEWS: [Kind; 5] =
    [Kind::Spike, Kind::Trend, Kind::Change, Kind::Cluster, Kind::Association];
/// Findings that a night tells one by one.
const STRONGEST: usize = 5;
/// Reasons that a night tells one by one.
const REASONS: usize = 3;

pub fn headers() -> Vec<String> {
    [
        "kind", "area", "domain", "category", "from", "to", "observed", "expected", "interval",
        "p", "q",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// One line of the table.
pub fn row(finding: &Finding, names: &Names) -> Vec<Value> {
    let figure = |x: f64, digits: i32| {
        if x.is_finite() {
            json!((x * 10f64.powi(digits)).round() / 10f64.powi(digits))
        } else {
            Value::Null
        }
    };
    vec![
        json!(finding.kind().name()),
        json!(names.area(&finding.area_code)),
        json!(finding.domain),
        json!(names.category(&finding.domain, &finding.category)),
        json!(finding.period.0.to_string()),
        json!(finding.period.1.to_string()),
        figure(finding.observed, 0),
        figure(finding.expected, 1),
        interval(finding).map_or(Value::Null, Value::from),
        chance(finding.p),
        chance(finding.q),
    ]
}

fn interval(finding: &Finding) -> Option<String> {
    finding.lower.is_finite().then(|| format!("{:.0}–{:.0}", finding.lower, finding.upper))
}

/// A chance to two significant digits.
fn chance(p: f64) -> Value {
    if p.is_finite() {
        format!("{p:.1e}").parse::<f64>().map_or(Value::Null, |p| json!(p))
    } else {
        Value::Null
    }
}

/// How many findings of each kind, in a line.
pub fn summary(night: &Detected, day: NaiveDate) -> String {
    let count = |kind: Kind| format!("{} {}", night.of_kind(kind).count(), kind.name());
    let kinds = NEWS.into_iter().chain([Kind::Forecast, Kind::NotAssessable]);
    format!(
        "{} series as of {day}: {}",
        night.series,
        kinds.map(count).collect::<Vec<_>>().join(", ")
    )
}

/// A night's findings in a few lines: how many, the strongest, and of what nothing can be said.
pub fn lines(night: &Detected, names: &Names, day: NaiveDate) -> Vec<String> {
    let mut lines = vec!["\nFindings".to_owned(), format!("  {}", summary(night, day))];
    let mut news: Vec<&Finding> =
        night.findings.iter().filter(|f| NEWS.contains(&f.kind())).collect();
    news.sort_by(|a, b| strength(a).total_cmp(&strength(b)));
    lines.extend(news.into_iter().take(STRONGEST).map(|f| format!("  {}", line(f, names))));
    lines.extend(set_aside(night).map(|by| format!("  set aside, so that no warning opens: {by}")));
    lines.extend(unknown(night).map(|reasons| format!("  not assessable: {reasons}")));
    lines.extend(night.notices.iter().map(|notice| format!("  {notice}")));
    lines
}

/// How many findings each circumstance sets aside; `None` where none does.
pub fn set_aside(night: &Detected) -> Option<String> {
    let by: Vec<String> =
        night.set_aside.iter().map(|(what, n)| format!("{n} by {what}")).collect();
    (!by.is_empty()).then(|| by.join(", "))
}

/// The smaller, the stronger: q, where the method has one, else p.
fn strength(finding: &Finding) -> f64 {
    let known = [finding.q, finding.p].into_iter().find(|x| x.is_finite());
    known.unwrap_or(1.0)
}

fn line(finding: &Finding, names: &Names) -> String {
    let label =
        |domain: &str| Domain::find(domain).map_or(domain.to_owned(), |d| d.label.to_owned());
    let series = |domain: &str, category: &str| {
        format!("{} {}", label(domain), names.category(domain, category))
    };
    let what = format!(
        "{} {}, {}",
        finding.kind().name(),
        names.area(&finding.area_code),
        series(&finding.domain, &finding.category)
    );
    let chance = match (chance(finding.q), chance(finding.p)) {
        (Value::Null, Value::Null) => String::new(),
        (Value::Null, p) => format!(", p {p}"),
        (q, _) => format!(", q {q}"),
    };
    let (observed, expected) = (finding.observed, finding.expected);
    match &finding.detail {
        Detail::SharedParties(shared) => format!(
            "{what}: shares {observed:.0} parties with {}, {} days after at the median, {expected:.1} expected{chance}",
            series(&shared.follows_domain, ""),
            shared.after_days
        ),
        Detail::LaggedCorrelation(lagged) => format!(
            "{what}: follows {} after {} weeks{chance}",
            series(&lagged.follows_domain, &lagged.follows_category),
            lagged.after_weeks
        ),
        _ => {
            let range = interval(finding).map_or(String::new(), |i| format!(" ({i})"));
            let (from, to) = finding.period;
            format!(
                "{what}: {observed:.0} from {from} to {to}, {expected:.1}{range} expected{chance}"
            )
        }
    }
}

/// The commonest reasons why nothing can be said, with how often; `None` where everything can.
fn unknown(night: &Detected) -> Option<String> {
    let mut reasons: BTreeMap<String, usize> = BTreeMap::new();
    night
        .of_kind(Kind::NotAssessable)
        .filter_map(Finding::reason)
        .for_each(|reason| *reasons.entry(head(reason)).or_default() += 1);
    let mut reasons: Vec<(String, usize)> = reasons.into_iter().collect();
    reasons.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let others: usize = reasons.iter().skip(REASONS).map(|(_, n)| n).sum();
    let mut counted: Vec<String> =
        reasons.into_iter().take(REASONS).map(|(reason, n)| format!("{n} × {reason}")).collect();
    counted.extend((others > 0).then(|| format!("{others} × other reasons")));
    (!counted.is_empty()).then(|| counted.join("; "))
}

/// A reason without its particulars, so that equal ones can be counted.
fn head(reason: &str) -> String {
    let plain = reason.strip_prefix("not assessable: ").unwrap_or(reason);
    let first = plain.split([':', ';', ',']).next().unwrap_or(plain);
    let words = first
        .split_whitespace()
        .map(|word| if word.chars().any(|c| c.is_ascii_digit()) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_that_differ_in_figures_are_one() {
        assert_eq!(
            head("the history is too short: 3 of 52 time points needed are known, 49 are missing"),
            "the history is too short"
        );
        assert_eq!(
            head("not assessable: 3 months are known, 1 fewer than a forecast needs; wait"),
            "… months are known"
        );
    }
}
