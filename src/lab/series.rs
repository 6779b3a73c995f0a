//! `lab series`: a CSV of series through one detector (docs/method.md), one row a time point.

use std::io::Write;

use super::table::{Table, digits};
use super::time::Times;
use methods::detect::series::{Answer, Row, Series};
use methods::detect::{Detector, method};
use methods::{Flaw, Noted, Params};

/// Which column is what. A name that is not given is found: the first column without another name
/// is the time, the only one left the value.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    pub value: Option<String>,
    pub time: Option<String>,
    /// Tells the series of a long table apart.
    pub series: Option<String>,
    pub offset: Option<String>,
}

/// What is done to the series.
#[derive(Clone, Debug)]
pub struct Task<'a> {
    /// A name of [`methods::detect::METHODS`].
    pub method: &'a str,
    /// The method's own, and `freq`, time points a year.
    pub params: &'a Params,
    pub columns: &'a Columns,
    /// First and last time point to judge, from 1 and included as in R; those of the series where
    /// not given.
    pub from: Option<usize>,
    pub to: Option<usize>,
}

/// What came of it, series after series.
pub struct Judged {
    pub columns: &'static [&'static str],
    pub series: Vec<(Series, Vec<Row>)>,
}

/// Time points a year where neither parameters nor dates say it, as in R's `sts`.
const WEEKLY: usize = 52;

/// Judges every series of the table.
///
/// # Errors
/// A [`Flaw`] where a column, a parameter or a series is wrong; it names the series. Also where
/// there is an exposure, and the method has no place for one.
pub fn run(table: &Table, task: &Task) -> Result<Noted<Judged>, Flaw> {
    let mut params = task.params.clone();
    let freq = params.remove("freq").map(|f| positive("freq", &f)).transpose()?;
    let detect = method(task.method, &params)?;
    if task.columns.offset.is_some() && !detect.takes_exposure() {
        return Err(Flaw::new(
            format!("method \"{}\" by these parameters has no place for an exposure", task.method),
            "leave --offset out, or take one that has: farrington (without populationOffset = false), house, mann_kendall, pelt or stl",
        ));
    }
    let (mut judged, mut notices) = (Vec::new(), Vec::new());
    for (mut series, from_dates) in read(table, task.columns, detect.needs_counts())? {
        series.freq = freq.or(from_dates).unwrap_or(WEEKLY);
        if freq.or(from_dates).is_none() {
            notices.push(format!("{}the times are no dates: {WEEKLY} time points a year are taken; say `freq` otherwise", prefix(&series)));
        }
        let (from, to) = range(&series, task)?;
        let found = run_one(detect.as_ref(), &series, from, to)?;
        notices.extend(found.notices.into_iter().map(|n| format!("{}{n}", prefix(&series))));
        judged.push((series, found.value));
    }
    Ok(Noted { value: Judged { columns: detect.columns(), series: judged }, notices })
}

fn run_one(
    detect: &dyn Detector,
    series: &Series,
    from: usize,
    to: usize,
) -> Result<Noted<Vec<Row>>, Flaw> {
    detect
        .detect(series, from, to)
        .map_err(|flaw| Flaw::new(format!("{}{}", prefix(series), flaw.what), flaw.fix))
}

fn prefix(series: &Series) -> String {
    if series.name.is_empty() { String::new() } else { format!("series \"{}\": ", series.name) }
}

fn positive(name: &str, value: &toml::Value) -> Result<usize, Flaw> {
    let whole = value
        .as_integer()
        .and_then(|n| usize::try_from(n).ok())
        .filter(|n| (1..=100_000).contains(n));
    whole.ok_or_else(|| {
        Flaw::new(
            format!("{name} = {value} is no number of time points a year"),
            "write 52, 12, 365 …",
        )
    })
}

/// 0-based, the end excluded.
fn range(series: &Series, task: &Task) -> Result<(usize, usize), Flaw> {
    let n = series.times.len();
    let (from, to) = (task.from.unwrap_or(1), task.to.unwrap_or(n));
    if from == 0 || from > to || to > n {
        let what =
            format!("{}--from {from} --to {to} is no range of its {n} time points", prefix(series));
        return Err(Flaw::new(what, "positions count from 1, both ends included"));
    }
    Ok((from - 1, to))
}

/// Every series of the table in order of first appearance, with the time points a year that its
/// dates tell. Exposures are never below zero, and values are not where they are counts.
fn read(
    table: &Table,
    columns: &Columns,
    counts: bool,
) -> Result<Vec<(Series, Option<usize>)>, Flaw> {
    let taken = [&columns.value, &columns.series, &columns.offset];
    let free = |name: &&String| !taken.iter().any(|t| t.as_ref() == Some(*name));
    let time = columns
        .time
        .clone()
        .or_else(|| table.header.iter().find(free).cloned())
        .unwrap_or_default();
    let value = match &columns.value {
        Some(value) => value.clone(),
        None => only_one_left(table, columns, &time)?,
    };
    let times = table.texts(&time)?;
    let observed = if counts { table.not_negative(&value)? } else { table.numbers(&value)? };
    let names = columns.series.as_ref().map(|c| table.texts(c)).transpose()?;
    let offset = columns.offset.as_ref().map(|c| table.not_negative(c)).transpose()?;
    let (mut found, mut lines): (Vec<Series>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
    for (row, time) in times.into_iter().enumerate() {
        let name = names.as_ref().map_or("", |n| n[row].as_str());
        let at = found.iter().position(|s| s.name == name).unwrap_or_else(|| {
            found.push(Series {
                name: name.to_owned(),
                offset: offset.as_ref().map(|_| Vec::new()),
                ..Series::default()
            });
            lines.push(Vec::new());
            found.len() - 1
        });
        let series = &mut found[at];
        series.times.push(time);
        lines[at].push(row + 2);
        series.observed.push(observed[row]);
        if let (Some(of_series), Some(all)) = (&mut series.offset, &offset) {
            of_series.push(all[row]);
        }
    }
    if found.is_empty() {
        return Err(Flaw::new("the table has no line", "give a line a time point"));
    }
    found.into_iter().zip(&lines).map(|(series, lines)| dated(series, lines)).collect()
}

/// A series with its dates, and the time points a year that they tell.
fn dated(mut series: Series, lines: &[usize]) -> Result<(Series, Option<usize>), Flaw> {
    let Times { dates, freq } = Times::read(&series.name, &series.times, lines)?;
    series.dates = dates;
    Ok((series, freq))
}

fn only_one_left(table: &Table, columns: &Columns, time: &str) -> Result<String, Flaw> {
    let taken = [Some(time), columns.series.as_deref(), columns.offset.as_deref()];
    let left: Vec<&String> =
        table.header.iter().filter(|c| !taken.contains(&Some(c.as_str()))).collect();
    match left[..] {
        [only] => Ok(only.clone()),
        _ => Err(Flaw::new(
            "which column holds the figures is not clear",
            format!("name it with --value: {}", table.header.join(", ")),
        )),
    }
}

impl Judged {
    /// Writes `series,time,observed,expected,upper,p,alarm,assessable`, the method's own columns,
    /// and `reason`; what is not known is empty.
    ///
    /// # Errors
    /// Those of writing.
    pub fn write(&self, to: impl Write) -> Result<(), csv::Error> {
        let mut writer = csv::Writer::from_writer(to);
        let fixed = ["series", "time", "observed", "expected", "upper", "p", "alarm", "assessable"];
        writer.write_record(fixed.iter().chain(self.columns).chain(&["reason"]))?;
        for (series, rows) in &self.series {
            for row in rows {
                let time = series.times.get(row.at).cloned().unwrap_or_default();
                let (alarm, assessable, reason) = match &row.answer {
                    Answer::Alarm => ("true", "true", ""),
                    Answer::Quiet => ("false", "true", ""),
                    Answer::NotAssessable(reason) => ("", "false", reason.as_str()),
                };
                let figures = [row.observed, row.expected, row.upper, row.p].map(digits);
                let own = row.own.iter().map(|v| digits(*v));
                let cells = [series.name.clone(), time].into_iter().chain(figures);
                writer.write_record(
                    cells
                        .chain([alarm.to_owned(), assessable.to_owned()])
                        .chain(own)
                        .chain([reason.to_owned()]),
                )?;
            }
        }
        writer.flush()?;
        Ok(())
    }

    /// Alarms, time points judged, and time points that could not be.
    pub fn counts(&self) -> (usize, usize, usize) {
        let answers = || self.series.iter().flat_map(|(_, rows)| rows).map(|r| &r.answer);
        let alarms = answers().filter(|a| **a == Answer::Alarm).count();
        let not = answers().filter(|a| matches!(a, Answer::NotAssessable(_))).count();
        (alarms, answers().count() - not, not)
    }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write;

    use methods::detect::METHODS;

    use super::*;

    /// Eight years of weeks; from the sixth on, half as many again live there. `spoil` may change a
    /// line.
    fn weeks(spoil: impl Fn(usize, i32, i32) -> (i32, i32)) -> Table {
        let mut csv = "time,cases,people\n".to_owned();
        let first: chrono::NaiveDate = "2015-01-05".parse().unwrap();
        for week in 0..416_usize {
            let people = if week < 260 { 20_000 } else { 30_000 };
            let cases = people / 1_000 + [0, 2, -1, 1, -2, 3, -3][week % 7];
            let (cases, people) = spoil(week, cases, people);
            let day = first + chrono::Days::new(7 * week as u64);
            let _ = writeln!(csv, "{day},{cases},{people}");
        }
        Table::read(csv.as_bytes()).unwrap()
    }

    fn judged(table: &Table, method: &str, params: &str, offset: bool) -> Result<Row, Flaw> {
        let columns = Columns {
            value: Some("cases".into()),
            offset: offset.then(|| "people".into()),
            ..Columns::default()
        };
        let params: Params = toml::from_str(params).unwrap();
        let task =
            Task { method, params: &params, columns: &columns, from: Some(416), to: Some(416) };
        Ok(run(table, &task)?.value.series[0].1[0].clone())
    }

    #[test]
    fn an_exposure_is_used_or_refused() {
        let table = weeks(|_, cases, people| (cases, people));
        let with = |method| judged(&table, method, "", true);
        for (method, _) in METHODS {
            let same = |a: &Row, b: &Row| {
                (a.expected == b.expected || a.expected.is_nan())
                    && a.own.iter().zip(&b.own).all(|(x, y)| x == y || x.is_nan())
            };
            match with(method) {
                Ok(row) => {
                    let without = judged(&table, method, "", false).unwrap();
                    assert!(!same(&row, &without), "{method} leaves the exposure out");
                }
                Err(flaw) => assert!(
                    flaw.what.contains(&format!("\"{method}\" by these parameters has no place")),
                    "{flaw}"
                ),
            }
        }
        for method in ["farrington", "house", "mann_kendall", "pelt", "stl"] {
            assert!(with(method).is_ok(), "{method}");
        }
        // The truth is 30; without the exposure Farrington takes the step for a trend or a level.
        let (aware, blind) =
            (with("farrington").unwrap(), judged(&table, "farrington", "", false).unwrap());
        assert!((aware.expected - 30.0).abs() < 1.0, "{}", aware.expected);
        assert!((blind.expected - 30.0).abs() > 2.0, "{}", blind.expected);
        let given = judged(&table, "farrington", "populationOffset = true", true).unwrap();
        assert_eq!(given.expected, aware.expected);
        assert!(judged(&table, "farrington", "populationOffset = false", true).is_err());
        assert!(judged(&table, "farrington", "populationOffset = true", false).is_err());
    }

    #[test]
    fn a_count_or_an_exposure_below_zero_is_refused() {
        let count =
            weeks(|week, cases, people| if week == 9 { (-1, people) } else { (cases, people) });
        let exposure =
            weeks(|week, cases, people| if week == 9 { (cases, -5) } else { (cases, people) });
        let of_figures = ["mann_kendall", "pelt", "stl"];
        for (method, _) in METHODS.iter().filter(|(name, _)| !of_figures.contains(name)) {
            let flaw = judged(&count, method, "", false).unwrap_err();
            assert!(flaw.what.contains("line 11, column \"cases\": -1"), "{method}: {flaw}");
        }
        for method in ["farrington", "house", "mann_kendall", "pelt", "stl"] {
            let flaw = judged(&exposure, method, "", true).unwrap_err();
            assert!(flaw.what.contains("line 11, column \"people\": -5"), "{method}: {flaw}");
        }
    }

    #[test]
    fn an_exposure_of_zero_or_none_leaves_its_point_out() {
        let table =
            weeks(|week, cases, people| if week == 415 { (cases, 0) } else { (cases, people) });
        for method in ["farrington", "house", "mann_kendall", "pelt", "stl"] {
            let answer = judged(&table, method, "", true).unwrap().answer;
            assert!(
                matches!(answer, Answer::NotAssessable(_)) || method == "mann_kendall",
                "{method}: {answer:?}"
            );
        }
    }
}
