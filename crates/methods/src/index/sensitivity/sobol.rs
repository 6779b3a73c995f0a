//! First-order and total-order indices of every choice.

use ndarray::ArrayView1;

use super::estimators::{Blocks, Estimator};
use super::outputs::Outputs;
use crate::method::{Flaw, Noted};

/// Sobol' indices, one a choice, and the variance they are shares of.
///
/// Estimates scatter: they may lie a little below 0 or above 1, and are not cut off there.
#[derive(Clone, Debug, PartialEq)]
pub struct Indices {
    /// S_i: what the choice explains alone.
    pub first: Vec<f64>,
    /// S_Ti: what it explains with everything it interacts with.
    pub total: Vec<f64>,
    /// Variance of A's and B's outputs together.
    pub variance: f64,
}

/// The indices of the choices of a design by its `outputs`.
///
/// A choice is judged on the rows of the sample where A, B and A_B^(i) all succeeded, and the
/// variance on what succeeded of A and B; failed runs are noted. Where the output never varies, no
/// choice explains anything: all indices are 0, with a notice. A choice with fewer than two rows
/// has none (NaN), with a notice.
///
/// # Errors
/// A [`Flaw`] where fewer than two runs of A and B succeeded, or an output is infinite.
pub fn sobol(outputs: &Outputs, estimator: &Estimator) -> Result<Noted<Indices>, Flaw> {
    if outputs.a.iter().chain(&outputs.b).chain(&outputs.mixed).any(|y| y.is_infinite()) {
        return Err(Flaw::new("a run's output is infinite", "give NaN where a run failed"));
    }
    let (sampled, all) = (
        known([outputs.a.view(), outputs.b.view()]),
        known([outputs.a.view(), outputs.b.view()].into_iter().chain(outputs.mixed.columns())),
    );
    if sampled.len() <= estimator.ddof.max(1) {
        return Err(Flaw::new(
            format!("{} runs of the samples A and B succeeded", sampled.len()),
            "look at why the others failed",
        ));
    }
    let mut notices = Vec::new();
    let choices = outputs.choices();
    if all.iter().all(|y| *y == all[0]) {
        let flat = Indices { first: vec![0.0; choices], total: vec![0.0; choices], variance: 0.0 };
        return Ok(Noted {
            value: flat,
            notices: vec!["the output is the same in every run: no choice matters".to_owned()],
        });
    }
    let variance = variance(&sampled, estimator.ddof);
    let shift = if estimator.centred { mean(&all) } else { 0.0 };
    let (mut first, mut total) = (Vec::new(), Vec::new());
    for choice in 0..choices {
        let [a, b, mixed] = complete(outputs, choice, shift);
        notices.extend(failed_runs_notice(choice, a.len(), outputs.rows()));
        let blocks = Blocks { a: &a, b: &b, mixed: &mixed };
        let share =
            |of: super::Share| if a.len() < 2 { f64::NAN } else { of(blocks, variance) / variance };
        first.push(share(estimator.first));
        total.push(share(estimator.total));
    }
    Ok(Noted { value: Indices { first, total, variance }, notices })
}

/// Every output of some samples that is not missing.
fn known<'a>(samples: impl IntoIterator<Item = ArrayView1<'a, f64>>) -> Vec<f64> {
    samples.into_iter().flatten().copied().filter(|y| !y.is_nan()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn variance(values: &[f64], ddof: usize) -> f64 {
    let mean = mean(values);
    values.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / (values.len() - ddof) as f64
}

/// Outputs less `shift` of the rows whose three runs for one choice all succeeded: of A, of B, of
/// A_B^(i).
fn complete(outputs: &Outputs, choice: usize, shift: f64) -> [Vec<f64>; 3] {
    let mixed = outputs.mixed.column(choice);
    let used: Vec<usize> = (0..outputs.rows())
        .filter(|row| ![outputs.a[*row], outputs.b[*row], mixed[*row]].iter().any(|y| y.is_nan()))
        .collect();
    let taken =
        |from: ArrayView1<f64>| used.iter().map(|row| from[*row] - shift).collect::<Vec<f64>>();
    [taken(outputs.a.view()), taken(outputs.b.view()), taken(mixed)]
}

fn failed_runs_notice(choice: usize, used: usize, rows: usize) -> Option<String> {
    let failed = rows - used;
    match used {
        _ if failed == 0 => None,
        0 | 1 => Some(format!(
            "choice {choice} cannot be judged: {failed} of {rows} rows have a failed run"
        )),
        _ => Some(format!(
            "choice {choice} is judged on {used} of {rows} rows, {failed} have a failed run"
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::index::sensitivity::{Design, ESTIMATORS, estimator};

    /// Outputs of `model` on a seeded design.
    fn ran(rows: usize, choices: usize, model: impl Fn(&[f64]) -> f64) -> Outputs {
        let runs = Design::seeded(rows, choices, 20).unwrap().runs();
        let outputs: Vec<f64> = runs.outer_iter().map(|row| model(&row.to_vec())).collect();
        Outputs::stacked(&outputs, choices).unwrap()
    }

    #[test]
    fn a_sum_has_no_interactions_and_known_shares() {
        // Variances 1/12, 4/12 and 0.
        let outputs = ran(4000, 3, |u| u[0] + 2.0 * u[1]);
        for (name, estimator) in ESTIMATORS {
            let got = sobol(&outputs, estimator).unwrap().value;
            for (got, want) in
                got.first.iter().chain(&got.total).zip([0.2, 0.8, 0.0, 0.2, 0.8, 0.0])
            {
                assert!((got - want).abs() < 0.06, "{name} {got} {want}");
            }
        }
    }

    #[test]
    fn a_product_of_signs_is_all_interaction() {
        let outputs = ran(4000, 2, |u| (u[0] - 0.5).signum() * (u[1] - 0.5).signum());
        let got = sobol(&outputs, &estimator("jansen").unwrap()).unwrap().value;
        assert!(
            got.first.iter().all(|s| s.abs() < 0.06)
                && got.total.iter().all(|s| (s - 1.0).abs() < 0.06),
            "{got:?}"
        );
    }

    #[test]
    fn a_shift_of_the_output_does_not_matter_to_jansen_nor_to_a_centred_saltelli() {
        let (near, far) = (ran(300, 2, |u| u[0] + u[1]), ran(300, 2, |u| u[0] + u[1] + 100.0));
        let off = |name: &str| {
            let first = |outputs: &Outputs| {
                sobol(outputs, &estimator(name).unwrap()).unwrap().value.first[0]
            };
            (first(&near) - first(&far)).abs()
        };
        assert!(off("jansen") < 1e-9 && off("saltelli_centred") < 1e-9);
        assert!(off("saltelli") > 1e-3);
    }

    #[test]
    fn an_output_that_never_varies_is_explained_by_nothing() {
        let got = sobol(&ran(10, 2, |_| 0.1), &estimator("jansen").unwrap()).unwrap();
        assert_eq!((got.value.first, got.value.total), (vec![0.0; 2], vec![0.0; 2]));
        assert!(got.notices[0].contains("no choice matters"));
    }

    #[test]
    fn failed_runs_are_left_out_and_noted() {
        let whole = ran(3, 1, |u| u[0]);
        let mut part = whole.clone();
        part.mixed[[1, 0]] = f64::NAN;
        let jansen = estimator("jansen").unwrap();
        let got = sobol(&part, &jansen).unwrap();
        assert!(got.value.total[0].is_finite() && got.notices[0].contains("2 of 3 rows"));
        part.a[0] = f64::NAN;
        let got = sobol(&part, &jansen).unwrap();
        assert!(got.value.total[0].is_nan() && got.notices[0].contains("cannot be judged"));
        part.a.fill(f64::NAN);
        part.b.fill(f64::NAN);
        assert!(sobol(&part, &jansen).is_err());
        part.b.fill(f64::INFINITY);
        assert!(sobol(&part, &jansen).is_err());
    }

    #[test]
    fn an_unknown_estimator_is_refused_by_name() {
        assert!(estimator("sobol").unwrap_err().fix.contains("jansen"));
    }
}
