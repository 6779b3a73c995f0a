//! Results as CSV, for notebooks.

use std::path::{Path, PathBuf};

use lake::error::Result;
use lake::files::replace;
use methods::backtest::Origin;
use methods::verification::Interval;

use super::weights::{Judged, Outcome};
use crate::index::Model;

/// Where the results lie.
pub struct Files {
    pub summary: PathBuf,
    pub figures: PathBuf,
    pub predictions: PathBuf,
    pub weights: PathBuf,
}

/// Writes them into a folder: one row a candidate, a candidate and origin, a candidate, origin and
/// area, and a candidate, origin and domain.
///
/// # Errors
/// [`lake::Error::Io`].
pub fn write(
    folder: &Path,
    model: &Model,
    areas: &[String],
    origins: &[Origin],
    outcome: &Outcome,
) -> Result<Files> {
    let put = |name: &str, text: String| -> Result<PathBuf> {
        let path = folder.join(name);
        replace(&path, text.as_bytes())?;
        Ok(path)
    };
    Ok(Files {
        summary: put("summary.csv", summary(outcome))?,
        figures: put("figures.csv", figures(origins, outcome))?,
        predictions: put("predictions.csv", predictions(areas, origins, outcome))?,
        weights: put("weights.csv", weights(model, origins, outcome))?,
    })
}

/// A number, nothing where there is none.
fn number(value: f64) -> String {
    if value.is_finite() { value.to_string() } else { String::new() }
}

/// A name between quotation marks where it needs them.
fn name(text: &str) -> String {
    if text.contains([',', '"', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

fn summary(outcome: &Outcome) -> String {
    let mut text = "candidate,origins,rank_correlation,hit_rate,auc,stability,difference,lower,upper,p,p_adjusted,verdict\n".to_owned();
    for judged in &outcome.judged {
        let against = &judged.against_equal;
        let of = |read: fn(&Interval) -> f64| against.difference.as_ref().map_or(f64::NAN, read);
        let mut cells = vec![name(&judged.name), outcome.common.to_string()];
        cells.extend(judged.means().map(number));
        cells.extend(
            [judged.stability, of(|d| d.mean), of(|d| d.lower), of(|d| d.upper)].map(number),
        );
        cells.extend([against.p, judged.p_adjusted].map(number));
        cells.push(judged.verdict().to_owned());
        text += &(cells.join(",") + "\n");
    }
    text
}

fn figures(origins: &[Origin], outcome: &Outcome) -> String {
    let mut text = "candidate,origin,rank_correlation,hit_rate,auc\n".to_owned();
    for judged in &outcome.judged {
        for (origin, figures) in origins.iter().zip(&judged.figures) {
            let cells = [figures.rank_correlation, figures.hit_rate, figures.auc].map(number);
            text += &format!("{},{},{}\n", name(&judged.name), origin.name, cells.join(","));
        }
    }
    text
}

fn said(judged: &Judged) -> impl Iterator<Item = (usize, &methods::backtest::Prediction)> {
    judged.predictions.iter().enumerate().filter_map(|(at, said)| Some((at, said.as_ref()?)))
}

fn predictions(areas: &[String], origins: &[Origin], outcome: &Outcome) -> String {
    let mut text = "candidate,origin,area_code,prediction\n".to_owned();
    for judged in &outcome.judged {
        for (at, prediction) in said(judged) {
            for (area, value) in areas.iter().zip(&prediction.values) {
                let cells = [&name(&judged.name), &origins[at].name, area, &number(*value)];
                text += &(cells.map(String::as_str).join(",") + "\n");
            }
        }
    }
    text
}

fn weights(model: &Model, origins: &[Origin], outcome: &Outcome) -> String {
    let mut text = "candidate,origin,domain,weight\n".to_owned();
    for judged in &outcome.judged {
        for (at, prediction) in said(judged) {
            for (domain, weight) in model.domain.iter().zip(prediction.weights.iter().flatten()) {
                let cells = [&name(&judged.name), &origins[at].name, &domain.id, &number(*weight)];
                text += &(cells.map(String::as_str).join(",") + "\n");
            }
        }
    }
    text
}
