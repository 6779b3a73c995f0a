//! `lab index`: units × indicators through every step of an index (docs/method.md), each stage
//! kept.

use ndarray::{Array1, Array2, Axis};

use super::model::{Indicator, LabModel};
use super::stages::{Stages, Treatment};
use super::table::{Stage, Table};
use crate::index::Method;
use methods::index::aggregate::aggregation;
use methods::index::normalise::{Context, normalisation};
use methods::index::ranks::rank_columns;
use methods::index::treat::treatment;
use methods::index::tree::{LevelAggregation, Tree};
use methods::index::{denominate::denominate, impute, screen};
use methods::{Flaw, Noted, Params};

/// The whole index of a table.
///
/// # Errors
/// A [`Flaw`] where the model and the table do not fit, or a step lacks what it needs.
pub fn run(data: &Table, model: &LabModel) -> Result<Stages, Flaw> {
    let tree = model.tree()?;
    let mut bench = Bench { data, model, notices: Vec::new() };
    let raw = bench.raw()?;
    let denominated = bench.denominated(&raw)?;
    let imputed = bench.imputed(&denominated)?;
    let screened = bench.screened(&imputed)?;
    let (treated, treatment) = bench.treated(&screened)?;
    let normalised = bench.normalised(&treated)?;
    let aggregated = bench.aggregated(&tree, &normalised)?;
    let ranks = ranked(&aggregated);
    Ok(Stages {
        raw,
        denominated,
        imputed,
        screened,
        treated,
        treatment,
        normalised,
        aggregated,
        ranks,
        notices: bench.notices,
    })
}

struct Bench<'a> {
    data: &'a Table,
    model: &'a LabModel,
    notices: Vec<String>,
}

impl Bench<'_> {
    fn raw(&self) -> Result<Stage, Flaw> {
        let first = self.data.header.first().map_or("", String::as_str);
        let units = self.data.texts(self.model.unit.as_deref().unwrap_or(first))?;
        let periods =
            self.model.period.as_deref().map_or(Ok(Vec::new()), |p| self.data.texts(p))?;
        let columns = self.model.indicator.iter().map(|i| i.id.clone()).collect();
        let mut values = Array2::zeros((units.len(), self.model.indicator.len()));
        for (indicator, mut column) in self.model.indicator.iter().zip(values.columns_mut()) {
            column.assign(&self.data.numbers(&indicator.id)?);
        }
        let stage = Stage { units, periods, columns, values };
        check_units(&stage)?;
        Ok(stage)
    }

    fn denominated(&mut self, raw: &Stage) -> Result<Stage, Flaw> {
        let Some(step) = &self.model.denominate else { return Ok(raw.clone()) };
        self.by_column(raw, |bench, indicator, x| match &indicator.denominator {
            Some(by) => Ok(denominate(x.view(), bench.data.not_negative(by)?.view(), step.scale)),
            None => Ok(Noted::plain(x)),
        })
    }

    fn imputed(&mut self, stage: &Stage) -> Result<Stage, Flaw> {
        let Some(step) = &self.model.impute else { return Ok(stage.clone()) };
        let (centre, by_group) = impute::imputation(&step.method)?;
        let mut groups = match &step.group {
            Some(group) if by_group => self.data.texts(group)?,
            None if !by_group => vec![String::new(); stage.units.len()],
            None => {
                return Err(Flaw::new(
                    format!("[impute] \"{}\" has no group", step.method),
                    "name the column of the groups",
                ));
            }
            Some(_) => {
                return Err(Flaw::new(
                    format!("[impute] \"{}\" takes no group", step.method),
                    "remove it, or take the group's mean",
                ));
            }
        };
        // Each period is imputed from itself, as COINr does in a purse.
        for (group, period) in groups.iter_mut().zip(&stage.periods) {
            *group = format!("{group} {period}").trim().to_owned();
        }
        self.by_column(stage, |_, _, x| Ok(impute::impute(x.view(), &groups, centre)))
    }

    fn screened(&mut self, stage: &Stage) -> Result<Stage, Flaw> {
        let Some(step) = &self.model.screen else { return Ok(stage.clone()) };
        let kept = screen::passing_units(
            stage.values.view(),
            screen::screening(&step.method)?,
            step.least,
        );
        let left_out = stage.units.len() - kept.len();
        if left_out > 0 {
            self.notices
                .push(format!("screen: {left_out} of {} units are left out", stage.units.len()));
        }
        let rows = |texts: &[String]| kept.iter().filter_map(|u| texts.get(*u).cloned()).collect();
        let (units, periods) = (rows(&stage.units), rows(&stage.periods));
        Ok(Stage {
            units,
            periods,
            columns: stage.columns.clone(),
            values: stage.values.select(Axis(0), &kept),
        })
    }

    /// Within each period, as COINr treats each coin of a purse by itself.
    fn treated(&mut self, stage: &Stage) -> Result<(Stage, Vec<Treatment>), Flaw> {
        let mut log = Vec::new();
        let treated = self.by_column(stage, |bench, indicator, mut x| {
            let step = indicator
                .treat
                .as_ref()
                .or(bench.model.treat.as_ref())
                .filter(|m| m.method != "none");
            let Some(step) = step else { return Ok(Noted::plain(x)) };
            let method = treatment(&step.method, &step.params)?;
            let mut notices = Vec::new();
            for (period, rows) in stage.by_period() {
                let Noted { value: done, notices: more } =
                    method.treat(x.select(Axis(0), &rows).view());
                rows.iter().zip(&done.values).for_each(|(row, v)| x[*row] = *v);
                notices.extend(in_period(&period, more));
                log.push(Treatment { indicator: indicator.id.clone(), period, done });
            }
            Ok(Noted { value: x, notices })
        })?;
        Ok((treated, log))
    }

    fn normalised(&mut self, stage: &Stage) -> Result<Stage, Flaw> {
        self.by_column(stage, |bench, indicator, x| {
            let step = indicator.normalise.as_ref().unwrap_or(&bench.model.normalise);
            let context = Context {
                target: indicator.target,
                goalposts: indicator.low.zip(indicator.high),
                units: &stage.units,
            };
            normalisation(&step.method, &step.params)?.normalise(
                x.view(),
                indicator.direction as f64,
                &context,
            )
        })
    }

    /// Period by period, so that a method that looks across units (Copeland) sees one period's.
    fn aggregated(&mut self, tree: &Tree, stage: &Stage) -> Result<Stage, Flaw> {
        let rules = self.rules()?;
        let columns: Vec<String> = tree.order().into_iter().map(|n| n.id.clone()).collect();
        let mut values = Array2::zeros((stage.units.len(), columns.len()));
        for (period, rows) in stage.by_period() {
            let done = tree.aggregate(stage.values.select(Axis(0), &rows).view(), &rules)?;
            for (row, scores) in rows.iter().zip(done.value.rows()) {
                values.row_mut(*row).assign(&scores);
            }
            self.notices.extend(in_period(&period, done.notices));
        }
        Ok(Stage { units: stage.units.clone(), periods: stage.periods.clone(), columns, values })
    }

    fn rules(&self) -> Result<Vec<LevelAggregation>, Flaw> {
        let step = &self.model.aggregation;
        let rule = |name: &str, params: &Params| {
            Ok(LevelAggregation {
                method: aggregation(name, params)?,
                min_weight_share: step.least,
            })
        };
        match &step.method {
            Some(method) if step.level.is_empty() => Ok(vec![rule(method, &step.params)?]),
            None if !step.level.is_empty() && step.params.is_empty() => {
                step.level.iter().map(|Method { method, params }| rule(method, params)).collect()
            }
            _ => Err(Flaw::new(
                "[aggregation] has neither one method nor one a level",
                "give either method, or [[aggregation.level]] for each",
            )),
        }
    }

    /// A stage of the same shape, column by column; what a method has to say is kept with the
    /// column's name.
    fn by_column(
        &mut self,
        stage: &Stage,
        mut step: impl FnMut(&Self, &Indicator, Array1<f64>) -> Result<Noted<Array1<f64>>, Flaw>,
    ) -> Result<Stage, Flaw> {
        let mut done = stage.clone();
        for (indicator, mut column) in self.model.indicator.iter().zip(done.values.columns_mut()) {
            let named =
                |f: Flaw| Flaw::new(format!("indicator \"{}\": {}", indicator.id, f.what), f.fix);
            let noted = step(self, indicator, column.to_owned()).map_err(named)?;
            column.assign(&noted.value);
            self.notices
                .extend(noted.notices.into_iter().map(|n| format!("{}: {n}", indicator.id)));
        }
        Ok(done)
    }
}

/// Ranks of every column within each period.
fn ranked(stage: &Stage) -> Stage {
    let mut ranks = stage.clone();
    for (_, rows) in stage.by_period() {
        let ranked = rank_columns(stage.values.select(Axis(0), &rows).view());
        rows.iter().zip(ranked.rows()).for_each(|(row, r)| ranks.values.row_mut(*row).assign(&r));
    }
    ranks
}

/// Notices with the period they are of.
fn in_period(period: &str, notices: Vec<String>) -> impl Iterator<Item = String> {
    notices.into_iter().map(move |n| if period.is_empty() { n } else { format!("{period}: {n}") })
}

fn check_units(stage: &Stage) -> Result<(), Flaw> {
    let mut seen = std::collections::BTreeSet::new();
    for (row, unit) in stage.units.iter().enumerate() {
        if unit.is_empty() {
            return Err(Flaw::new(
                format!("line {} has no unit", row + 2),
                "give every line its unit's code",
            ));
        }
        if !seen.insert((unit, stage.periods.get(row))) {
            return Err(Flaw::new(
                format!("unit \"{unit}\" comes twice, again in line {}", row + 2),
                "remove one, or name the column of the period",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODEL: &str = "
        [[indicator]]
        id = 'crimes'
        parent = 'index'
        direction = -1
        denominator = 'people'
        [[indicator]]
        id = 'solved'
        parent = 'index'
        [[aggregate]]
        id = 'index'
        [denominate]
        scale = 1000
        [screen]
        method = 'by_na'
        least = 0.5
        [normalise]
        method = 'min_max'
        [aggregation]
        method = 'arithmetic'
        least = 1
    ";
    const DATA: &str =
        "town,people,crimes,solved\na,1000,1,10\nb,2000,6,30\nc,500,1,20\nd,0,5,NA\ne,100,NA,30\n";

    fn outcome(model: &str, data: &str) -> Result<Stages, Flaw> {
        run(&Table::read(data.as_bytes())?, &LabModel::parse(model)?)
    }

    #[test]
    fn from_a_table_to_ranks() {
        let stages = outcome(MODEL, DATA).unwrap();
        assert_eq!(stages.denominated.column("crimes").unwrap().to_vec()[..3], [1.0, 3.0, 2.0]);
        assert_eq!(stages.screened.units, ["a", "b", "c", "e"]);
        assert_eq!(stages.normalised.column("crimes").unwrap().to_vec()[..3], [100.0, 0.0, 50.0]);
        assert_eq!(stages.aggregated.columns, ["crimes", "solved", "index"]);
        let index = stages.aggregated.column("index").unwrap();
        assert_eq!(index.to_vec()[..3], [50.0, 50.0, 50.0]);
        assert!(index[3].is_nan() && stages.ranks.column("index").unwrap()[3].is_nan());
        assert_eq!(stages.ranks.column("index").unwrap()[0], 1.0);
        assert_eq!(stages.notices.len(), 2, "{:?}", stages.notices);
        assert!(stages.notices[0].starts_with("crimes: 1 units have a denominator of zero"));
    }

    #[test]
    fn periods_share_a_scale_and_have_their_own_ranks() {
        let model = format!("period = 'year'\n{MODEL}");
        let data = "town,year,people,crimes,solved\na,1,1,4,1\nb,1,1,3,2\na,2,1,1,3\nb,2,1,0,5\n";
        let stages = outcome(&model, data).unwrap();
        assert_eq!(stages.normalised.column("crimes").unwrap().to_vec(), [0.0, 25.0, 75.0, 100.0]);
        assert_eq!(stages.ranks.column("index").unwrap().to_vec(), [2.0, 1.0, 2.0, 1.0]);
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let refused = |model: &str, data: &str| outcome(model, data).unwrap_err().to_string();
        assert!(refused(MODEL, &DATA.replace("solved", "closed")).contains("no column \"solved\""));
        assert!(
            refused(MODEL, &DATA.replace("people", "persons"))
                .contains("indicator \"crimes\": the table has no column \"people\"")
        );
        assert!(
            refused(MODEL, &DATA.replace("\nb,", "\na,"))
                .contains("\"a\" comes twice, again in line 3")
        );
        assert!(refused(MODEL, &DATA.replace("\nb,", "\n,")).contains("line 3 has no unit"));
        assert!(
            refused(&MODEL.replace("min_max", "distance_to_target"), DATA)
                .contains("indicator \"crimes\"")
        );
        assert!(
            refused(&format!("{MODEL}\n[impute]\nmethod = 'group_mean'"), DATA)
                .contains("no group")
        );
        assert!(
            refused(&MODEL.replace("'arithmetic'", "'mean'"), DATA)
                .contains("take one of arithmetic")
        );
        let both = "\n[[aggregation.level]]\nmethod = 'minimum'";
        assert!(
            refused(&format!("{MODEL}{both}"), DATA).contains("neither one method nor one a level")
        );
    }

    #[test]
    fn a_method_a_level_and_an_indicators_own_steps() {
        let levels = MODEL
            .replace("method = 'arithmetic'", "")
            .replace("least = 1\n", "least = 0\n[[aggregation.level]]\nmethod = 'minimum'\n");
        let stages = outcome(&levels, DATA).unwrap();
        assert_eq!(stages.aggregated.column("index").unwrap()[0], 0.0);
        let own = MODEL.replacen(
            "direction = -1",
            "direction = -1\nnormalise = { method = 'rank' }\ntreat = { method = 'log1p' }",
            1,
        );
        let stages = outcome(&own, DATA).unwrap();
        assert_eq!(stages.normalised.column("crimes").unwrap().to_vec()[..3], [3.0, 1.0, 2.0]);
        assert_eq!(stages.treated.column("crimes").unwrap()[0], 2.0_f64.ln());
        assert_eq!(
            stages.treatment.iter().map(|t| t.indicator.as_str()).collect::<Vec<_>>(),
            ["crimes"]
        );
    }
}
