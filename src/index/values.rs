//! The grid of figures: every period, area and indicator of the model, with what was counted, against what, on how many days.

use std::collections::HashMap;

use polars::prelude::*;

use super::model::{Indicator, Kind, Model};
use crate::areas::{Area, Exposure, Exposures, Register};
use crate::error::Result;
use crate::panel::{Coverage, Period};

/// Days of a year, for rates per exposure and year.
pub const YEAR: f64 = 365.25;

/// One row per period × area × indicator:
///
/// `period, period_start, period_end, level, area_code, domain, node, kind, num, den, n, exposure, coverage`, where `n` is what `num` is held
/// against (exposure-years, or `den`), and is null where the figure is not assessable: the feed covered too little, the exposure is unknown,
/// or there was no case.
///
/// # Errors
/// [`crate::Error::Polars`].
pub fn values(
    model: &Model,
    register: &Register,
    exposures: &Exposures,
    sums: &DataFrame,
    periods: &[Period],
    coverage: &Coverage,
) -> Result<DataFrame> {
    let grid = grid(model, register, exposures, periods, coverage)?;
    let counted = counted(model, sums)?;
    let keys = [col("period"), col("area_code"), col("node")];
    let covered = col("coverage").gt_eq(lit(model.coverage.indicator)).and(col("coverage").gt(lit(0.0)));
    let frame = grid
        .lazy()
        .join(counted, keys.clone(), keys, JoinArgs::new(JoinType::Left))
        // Nothing counted on days that count is a true zero; on days that do not, it is unknown.
        .with_columns([
            when(covered.clone()).then(col("num").fill_null(lit(0.0))).otherwise(lit(NULL)).alias("num"),
            when(covered).then(col("den").fill_null(lit(0.0))).otherwise(lit(NULL)).alias("den"),
        ])
        .with_column(when(col("by_cases")).then(col("den")).otherwise(col("exposure") * col("days") / lit(YEAR)).alias("n"))
        .with_column(when(col("n").gt(lit(0.0)).and(col("num").is_not_null())).then(col("n")).otherwise(lit(NULL)).alias("n"))
        .with_column(when(col("by_cases")).then(col("den")).otherwise(col("exposure")).alias("exposure"))
        .sort(["period_start", "period", "area_code", "node"], SortMultipleOptions::default());
    Ok(frame.collect()?)
}

/// Numerators and denominators of the model's indicators, categories chosen.
fn counted(model: &Model, sums: &DataFrame) -> Result<LazyFrame> {
    let mut parts = Vec::new();
    for (domain, indicator, node) in model.indicators() {
        let mut wanted = col("domain").eq(lit(domain.id.as_str())).and(col("indicator").eq(lit(indicator.measure.as_str())));
        if let Some(categories) = &indicator.categories {
            let any = categories.iter().map(|c| col("category").eq(lit(c.as_str()))).reduce(Expr::or);
            wanted = wanted.and(any.unwrap_or(lit(false)));
        }
        let part = sums.clone().lazy().filter(wanted).group_by([col("period"), col("area_code")]).agg([
            (col("num").sum().cast(DataType::Float64) * lit(indicator.unit)).alias("num"),
            col("den").sum().cast(DataType::Float64).alias("den"),
        ]);
        parts.push(part.with_column(lit(node).alias("node")));
    }
    Ok(concat(parts, UnionArgs::default())?)
}

fn grid(model: &Model, register: &Register, exposures: &Exposures, periods: &[Period], coverage: &Coverage) -> Result<DataFrame> {
    let root = register.root();
    let scored: Vec<&Area> = register.at_level(&model.level).collect();
    let whole = if root.level == model.level { None } else { Some(root) };
    let mut c = Columns::default();
    for period in periods {
        let known = in_force(register, exposures, &scored, whole, period);
        let mut days = HashMap::new();
        for (domain, indicator, node) in model.indicators() {
            let days = *days.entry(&domain.id).or_insert_with(|| coverage.days(&domain.id, period.start, period.end).len() as f64);
            let column = exposure_column(indicator, scored.iter().filter_map(|a| known.get(a.code.as_str()).copied()));
            for area in scored.iter().copied().chain(whole) {
                c.period.push(period.name.clone());
                c.start.push(epoch_days(period.start));
                c.end.push(epoch_days(period.end));
                c.level.push(area.level.clone());
                c.area.push(area.code.clone());
                c.domain.push(domain.id.clone());
                c.node.push(node.clone());
                c.by_cases.push(matches!(indicator.kind, Kind::Proportion | Kind::Ratio));
                c.exposure.push(column.and_then(|name| known.get(area.code.as_str())?.get(name)));
                c.days.push(days);
                c.coverage.push(days / period.days() as f64);
            }
        }
    }
    c.into_frame()
}

/// Exposures on a period's first day; those of the whole are the sums of the scored areas', so that parts make the whole.
fn in_force<'a>(
    register: &Register,
    exposures: &Exposures,
    scored: &[&'a Area],
    whole: Option<&'a Area>,
    period: &Period,
) -> HashMap<&'a str, Exposure> {
    let mut known: HashMap<&str, Exposure> = scored.iter().map(|a| (a.code.as_str(), exposures.on(a, period.start))).collect();
    if let Some(whole) = whole {
        let parts = || scored.iter().filter(|a| register.is_within(&a.code, &whole.code)).map(|a| known[a.code.as_str()]);
        let sum = Exposure {
            population: parts().map(|e| e.population).sum(),
            households: parts().map(|e| e.households).sum(),
            vehicles: parts().map(|e| e.vehicles).sum(),
            enterprises: parts().map(|e| e.enterprises).sum(),
        };
        known.insert(whole.code.as_str(), sum);
    }
    known
}

/// The first exposure of an indicator that every scored area has.
pub fn exposure_column(indicator: &Indicator, scored: impl Iterator<Item = Exposure> + Clone) -> Option<&str> {
    indicator.exposure.iter().map(String::as_str).find(|name| scored.clone().all(|e| e.get(name).is_some_and(|x| x > 0.0)))
}

fn epoch_days(day: chrono::NaiveDate) -> i32 {
    (day - chrono::NaiveDate::default()).num_days() as i32
}

#[derive(Default)]
struct Columns {
    period: Vec<String>,
    start: Vec<i32>,
    end: Vec<i32>,
    level: Vec<String>,
    area: Vec<String>,
    domain: Vec<String>,
    node: Vec<String>,
    by_cases: Vec<bool>,
    exposure: Vec<Option<f64>>,
    days: Vec<f64>,
    coverage: Vec<f64>,
}

impl Columns {
    fn into_frame(self) -> Result<DataFrame> {
        let height = self.node.len();
        Ok(DataFrame::new(
            height,
            vec![
                Column::new("period".into(), self.period),
                Column::new("period_start".into(), self.start).cast(&DataType::Date)?,
                Column::new("period_end".into(), self.end).cast(&DataType::Date)?,
                Column::new("level".into(), self.level),
                Column::new("area_code".into(), self.area),
                Column::new("domain".into(), self.domain),
                Column::new("node".into(), self.node),
                Column::new("by_cases".into(), self.by_cases),
                Column::new("exposure".into(), self.exposure),
                Column::new("days".into(), self.days),
                Column::new("coverage".into(), self.coverage),
            ],
        )?)
    }
}
