//! `pingan detect`

use clap::Args;
use pingan::Result;
use pingan::areas::Register;
use pingan::detect::{Finding, Kind, Night};
use pingan::lake::schema::Domain;
use pingan::lake::taxonomy::Taxonomy;
use pingan::nightly::detect;
use serde_json::{Value, json};

use super::table::Rows;
use super::{Common, Format, Status, print};

/// What is abnormal or rising as of a day: findings of every area, domain and category
#[derive(Args)]
pub struct DetectArgs {
    /// Also forecasts, and series of which nothing can be said
    #[arg(long)]
    all: bool,
}

/// Kinds that tell of something abnormal.
const NEWS: [Kind; 4] = [Kind::Spike, Kind::Trend, Kind::Change, Kind::Cluster];

pub fn run(common: &Common, args: &DetectArgs) -> Result<Status> {
    let context = common.open(None)?;
    let night = detect(&context.workspace, &context.options)?;
    let register = Register::read(&context.workspace.areas_file())?;
    let taxonomy = Taxonomy::load(&context.workspace)?;
    let told: Vec<&Finding> = night.findings.iter().filter(|f| args.all || NEWS.contains(&f.kind)).collect();
    let mut rows: Vec<(f64, Vec<Value>)> = told.iter().map(|f| (f.q.min(1.0), row(f, &register, &taxonomy))).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let headers =
        ["kind", "area", "domain", "category", "from", "to", "observed", "expected", "interval", "p", "q"].map(str::to_owned).to_vec();
    Rows { headers, rows: rows.into_iter().map(|(_, row)| row).collect() }.print(common.format)?;
    if common.format == Format::Table {
        print(&format!("{}\n", summary(&night, context.options.as_of.day)))?;
    }
    for notice in &night.notices {
        tracing::warn!("{notice}");
    }
    let news = night.findings.iter().any(|f| NEWS.contains(&f.kind));
    Ok(if news { Status::Done } else { Status::Negative })
}

fn row(finding: &Finding, register: &Register, taxonomy: &Taxonomy) -> Vec<Value> {
    let area = register.get(&finding.area_code).map_or(finding.area_code.as_str(), |a| a.name.as_str());
    let category = match finding.category.as_str() {
        "" => "全部".to_owned(),
        code => Domain::find(&finding.domain).and_then(|domain| taxonomy.list("category", domain)?.label(code)).unwrap_or(code).to_owned(),
    };
    let figure =
        |x: f64, digits: i32| if x.is_finite() { json!((x * 10f64.powi(digits)).round() / 10f64.powi(digits)) } else { Value::Null };
    let interval = if finding.lower.is_finite() { json!(format!("{:.0}–{:.0}", finding.lower, finding.upper)) } else { Value::Null };
    vec![
        json!(finding.kind.name()),
        json!(area),
        json!(finding.domain),
        json!(category),
        json!(finding.period.0.to_string()),
        json!(finding.period.1.to_string()),
        figure(finding.observed, 0),
        figure(finding.expected, 1),
        interval,
        chance(finding.p),
        chance(finding.q),
    ]
}

/// A chance to two significant digits.
fn chance(p: f64) -> Value {
    if p.is_finite() { format!("{p:.1e}").parse::<f64>().map_or(Value::Null, |p| json!(p)) } else { Value::Null }
}

/// How many findings of each kind, in a line.
fn summary(night: &Night, day: chrono::NaiveDate) -> String {
    let count = |kind: Kind| format!("{} {}", night.of(kind).count(), kind.name());
    let kinds = [Kind::Spike, Kind::Trend, Kind::Change, Kind::Cluster, Kind::Forecast, Kind::NotAssessable];
    format!("{} series as of {day}: {}", night.series, kinds.map(count).join(", "))
}
