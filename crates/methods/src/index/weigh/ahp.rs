//! The analytic hierarchy process: pairwise judgements → priorities, and whether the judgements
//! agree with one another.
//!
//! Saaty, T. L. (1980) The Analytic Hierarchy Process; (2003) Decision-making with the AHP: why is
//! the principal eigenvector necessary. European Journal of Operational Research 145, 85–91.
//! Priorities and random indices as in pyDecision's `ahp_method`.

use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::Deserialize;

use crate::method::{Flaw, Noted};

/// Consistency ratio above which judgements are refused.
pub const ACCEPTABLE: f64 = 0.10;

/// Mean consistency index of random judgements on 3, 4, … 15 elements.
const RANDOM_INDEX: [f64; 13] =
    [0.58, 0.9, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59];

/// How far a judgement times its mirror may be from one: as much as 0.14 for 1/7 is.
const ROUNDED: f64 = 0.02 + 1e-9;

/// How priorities come from judgements.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Priority {
    /// The principal eigenvector (Saaty).
    #[default]
    Eigenvector,
    /// The geometric mean of each row.
    Geometric,
    /// The mean of the columns, each over its sum.
    Mean,
}

/// Priorities, and how far the judgements contradict one another.
#[derive(Clone, Debug, PartialEq)]
pub struct Consistency {
    /// One an element, with sum one.
    pub priorities: Array1<f64>,
    /// The principal eigenvalue, or with the other two ways the mean of (A w) / w.
    pub lambda_max: f64,
    /// (λ − n) / (n − 1) over the random index; 0 for one or two elements, which cannot contradict
    /// one another.
    pub ratio: f64,
    /// The judgement furthest from what the others say; none below three elements.
    pub worst: Option<Inconsistent>,
}

/// A judgement that disagrees with the others.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Inconsistent {
    /// Elements compared, the first being judged the more important than the others say.
    pub pair: (usize, usize),
    pub given: f64,
    /// What the other judgements say of the pair (Saaty 2003: priorities without this judgement).
    pub implied: f64,
}

/// Priorities of `judgements`, where row i, column j says how many times as important i is as j.
/// `names` are the elements', for messages. Judgements beyond Saaty's scale of 1/9 to 9 are
/// noticed.
///
/// # Errors
/// The flaws of [`consistency`]; and one where the consistency ratio is above [`ACCEPTABLE`], that
/// names the most inconsistent pair and what its judgement would have to be to agree with the
/// others.
pub fn ahp(
    judgements: ArrayView2<f64>,
    names: &[String],
    by: Priority,
) -> Result<Noted<Consistency>, Flaw> {
    check(judgements, names)?;
    let found = consistency(judgements, by)?;
    if let (true, Some(worst)) = (found.ratio > ACCEPTABLE, found.worst) {
        let (i, j) = worst.pair;
        let what = format!(
            "the judgements contradict one another: consistency ratio {:.3}, above {ACCEPTABLE:.2}",
            found.ratio
        );
        let (i, j, given, implied) = (
            element_name(i, names),
            element_name(j, names),
            ratio_text(worst.given),
            ratio_text(worst.implied),
        );
        return Err(Flaw::new(
            what,
            format!(
                "look first at {i} against {j}: {given} is given, the other judgements say {implied}"
            ),
        ));
    }
    let beyond = judgements.iter().filter(|a| **a > 9.0 + 1e-9).count();
    let notices = if beyond == 0 {
        vec![]
    } else {
        vec![format!("{beyond} judgements are beyond Saaty's scale of 1/9 to 9")]
    };
    Ok(Noted { value: found, notices })
}

/// Priorities and consistency of judgements, however inconsistent. What [`ahp`] refuses for its
/// ratio is computed here.
///
/// # Errors
/// A [`Flaw`] where the matrix is not square, not positive, not one on its diagonal or not
/// reciprocal (to within the rounding of 1/7 to 0.14).
pub fn consistency(judgements: ArrayView2<f64>, by: Priority) -> Result<Consistency, Flaw> {
    check(judgements, &[])?;
    let n = judgements.nrows();
    // What two-digit entries miss of their mirror is shared between the two; exact ones stay as
    // they are.
    let a =
        Array2::from_shape_fn((n, n), |(i, j)| (judgements[[i, j]] / judgements[[j, i]]).sqrt());
    let priorities = match by {
        Priority::Eigenvector => principal(&a)?,
        Priority::Geometric => {
            with_sum_one(a.map_axis(Axis(1), |row| (row.mapv(f64::ln).sum() / n as f64).exp()))
        }
        Priority::Mean => with_sum_one((&a / &a.sum_axis(Axis(0))).sum_axis(Axis(1))),
    };
    let lambda_max = (a.dot(&priorities) / &priorities).sum() / n as f64;
    let index = (lambda_max - n as f64) / (n as f64 - 1.0);
    let ratio = if n < 3 { 0.0 } else { (index / random_index(n)).max(0.0) };
    Ok(Consistency { priorities, lambda_max, ratio, worst: worst(&a)? })
}

/// A judgement as it is written: a number, or a fraction such as `1/3`.
pub fn judgement(text: &str) -> Option<f64> {
    let number = |t: &str| t.trim().parse::<f64>().ok().filter(|v| v.is_finite());
    match text.split_once('/') {
        Some((over, under)) => Some(number(over)? / number(under)?).filter(|v| v.is_finite()),
        None => number(text),
    }
}

fn check(a: ArrayView2<f64>, names: &[String]) -> Result<(), Flaw> {
    let (rows, columns) = a.dim();
    if rows != columns || rows == 0 {
        return Err(Flaw::new(
            format!("the judgements are {rows} rows of {columns}"),
            "give a square matrix, each element against each",
        ));
    }
    for ((i, j), v) in a.indexed_iter() {
        let place = format!("{} against {}", element_name(i, names), element_name(j, names));
        if !(v.is_finite() && *v > 0.0) {
            return Err(Flaw::new(
                format!("the judgement of {place} is {v}"),
                "give a number above zero, 1/9 to 9",
            ));
        }
        if i == j && *v != 1.0 {
            return Err(Flaw::new(
                format!("the judgement of {place} is {v}"),
                "an element is as important as itself: give 1",
            ));
        }
        let mirror = a[[j, i]];
        if i < j && !mirrors(*v, mirror) {
            return Err(Flaw::new(
                format!(
                    "the judgements of {place} ({v}) and its mirror ({mirror}) are not reciprocal"
                ),
                format!(
                    "give {} for {} against {}",
                    ratio_text(1.0 / v),
                    element_name(j, names),
                    element_name(i, names)
                ),
            ));
        }
    }
    Ok(())
}

fn element_name(element: usize, names: &[String]) -> String {
    names.get(element).map_or_else(|| format!("element {}", element + 1), |n| format!("\"{n}\""))
}

/// False where either is no number.
fn mirrors(a: f64, b: f64) -> bool {
    (a * b - 1.0).abs() <= ROUNDED
}

/// Principal eigenvector by power iteration, to the last digits; `a` is non-negative with a
/// positive diagonal.
fn principal(a: &Array2<f64>) -> Result<Array1<f64>, Flaw> {
    let n = a.nrows();
    let mut w = Array1::from_elem(n, 1.0 / n as f64);
    for _ in 0..100_000 {
        let next = with_sum_one(a.dot(&w));
        let moved = next.iter().zip(&w).fold(0.0, |most: f64, (b, a)| most.max((b - a).abs() / b));
        w = next;
        if moved <= 4.0 * f64::EPSILON {
            return Ok(w);
        }
    }
    Err(Flaw::new(
        "the principal eigenvector of the judgements was not found",
        "take priority = \"geometric\"",
    ))
}

/// From the table; for more than 15 elements by Alonso and Lamata (2006), λ of random judgements =
/// 2.7699 n − 4.3513.
fn random_index(n: usize) -> f64 {
    let known = n.checked_sub(3).and_then(|k| RANDOM_INDEX.get(k));
    known.copied().unwrap_or_else(|| (1.7699 * n as f64 - 4.3513) / (n as f64 - 1.0))
}

/// The largest a_ij w_j / w_i, and w_i / w_j of the judgements without it: with zero for it and its
/// mirror, and two on their diagonal.
fn worst(a: &Array2<f64>) -> Result<Option<Inconsistent>, Flaw> {
    let n = a.nrows();
    if n < 3 {
        return Ok(None);
    }
    let w = principal(a)?;
    let mut pair = (0, 1);
    let deviation = |(i, j): (usize, usize)| a[[i, j]] * w[j] / w[i];
    for candidate in (0..n).flat_map(|i| (0..n).map(move |j| (i, j))).filter(|(i, j)| i != j) {
        if deviation(candidate) > deviation(pair) {
            pair = candidate;
        }
    }
    let (i, j) = pair;
    let mut without = a.clone();
    (without[[i, j]], without[[j, i]], without[[i, i]], without[[j, j]]) = (0.0, 0.0, 2.0, 2.0);
    let w = principal(&without)?;
    Ok(Some(Inconsistent { pair, given: a[[i, j]], implied: w[i] / w[j] }))
}

fn with_sum_one(w: Array1<f64>) -> Array1<f64> {
    let sum = w.sum();
    w / sum
}

/// 3.2 as it is, 0.3125 as 1/3.2.
fn ratio_text(ratio: f64) -> String {
    let round = |v: f64| (v * 10.0).round() / 10.0;
    if round(ratio) >= 1.0 {
        format!("{}", round(ratio))
    } else {
        format!("1/{}", round(1.0 / ratio))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    const ALL: [Priority; 3] = [Priority::Eigenvector, Priority::Geometric, Priority::Mean];

    #[test]
    fn consistent_judgements_give_back_their_weights() {
        let w = array![0.5, 0.3, 0.15, 0.05];
        let a = Array2::from_shape_fn((4, 4), |(i, j)| w[i] / w[j]);
        for by in ALL {
            let found = ahp(a.view(), &[], by).unwrap().value;
            assert!((&found.priorities - &w).iter().all(|d| d.abs() < 1e-14), "{by:?} {found:?}");
            assert!(found.ratio < 1e-13 && (found.lambda_max - 4.0).abs() < 1e-13);
        }
    }

    #[test]
    fn the_judgement_implied_by_two_others_is_their_product() {
        // A is 2 of B, B is 3 of C: A is 6 of C, not a quarter.
        let a = array![[1.0, 2.0, 0.25], [0.5, 1.0, 3.0], [4.0, 1.0 / 3.0, 1.0]];
        let worst = consistency(a.view(), Priority::Mean).unwrap().worst.unwrap();
        let (i, j) = worst.pair;
        let k = 3 - i - j;
        assert!((worst.implied - a[[i, k]] * a[[k, j]]).abs() < 1e-12, "{worst:?}");
        let names = ["甲", "乙", "丙"].map(str::to_owned);
        let flaw = ahp(a.view(), &names, Priority::Eigenvector).unwrap_err().to_string();
        assert!(
            flaw.contains("consistency ratio")
                && flaw.contains(&format!("\"{}\" against \"{}\"", names[i], names[j])),
            "{flaw}"
        );
    }

    #[test]
    fn mending_the_worst_judgement_mends_the_ratio() {
        let mut a = array![
            [1.0, 4.0, 3.0, 7.0],
            [0.25, 1.0, 5.0, 3.0],
            [1.0 / 3.0, 0.2, 1.0, 4.0],
            [1.0 / 7.0, 1.0 / 3.0, 0.25, 1.0]
        ];
        let before = consistency(a.view(), Priority::Eigenvector).unwrap();
        let Inconsistent { pair: (i, j), implied, .. } = before.worst.unwrap();
        (a[[i, j]], a[[j, i]]) = (implied, 1.0 / implied);
        let after = consistency(a.view(), Priority::Eigenvector).unwrap();
        assert!(
            before.ratio > ACCEPTABLE
                && after.ratio < ACCEPTABLE
                && after.ratio < before.ratio / 2.0,
            "{before:?} {after:?}"
        );
    }

    #[test]
    fn what_is_no_matrix_of_judgements_is_refused_with_its_place() {
        let flaw =
            |a: Array2<f64>| consistency(a.view(), Priority::Eigenvector).unwrap_err().to_string();
        assert!(flaw(array![[1.0, 2.0]]).contains("1 rows of 2"));
        assert!(flaw(Array2::zeros((0, 0))).contains("square"));
        assert!(flaw(array![[1.0, -2.0], [-0.5, 1.0]]).contains("element 1 against element 2"));
        assert!(flaw(array![[1.0, f64::NAN], [0.5, 1.0]]).contains("element 1 against element 2"));
        assert!(flaw(array![[1.0, 2.0], [0.5, 2.0]]).contains("element 2 against element 2"));
        assert!(
            flaw(array![[1.0, 3.0], [0.5, 1.0]])
                .contains("give 1/3 for element 2 against element 1")
        );
    }

    #[test]
    fn rounded_fractions_one_and_two_elements_are_taken() {
        let rounded = consistency(
            array![[1.0, 7.0, 3.0], [0.14, 1.0, 0.33], [0.33, 3.0, 1.0]].view(),
            Priority::Eigenvector,
        )
        .unwrap();
        assert!(rounded.ratio < 0.05 && (rounded.priorities.sum() - 1.0).abs() < 1e-15);
        let two =
            ahp(array![[1.0, 9.5], [1.0 / 9.5, 1.0]].view(), &[], Priority::Eigenvector).unwrap();
        assert!(two.value.ratio == 0.0 && (two.value.priorities[0] - 9.5 / 10.5).abs() < 1e-15);
        assert_eq!(two.notices.len(), 1);
        assert_eq!(
            consistency(array![[1.0]].view(), Priority::Mean).unwrap().priorities,
            array![1.0]
        );
    }

    #[test]
    fn the_random_index_goes_on_where_the_table_ends() {
        assert_eq!(random_index(3), 0.58);
        assert!(
            (random_index(15) - 1.59).abs() < 1e-12
                && (random_index(16) - 1.597_806_666_666_666_7).abs() < 1e-12
        );
    }

    #[test]
    fn judgements_are_numbers_or_fractions() {
        assert_eq!(judgement(" 1/4 "), Some(0.25));
        assert_eq!(judgement("2.5"), Some(2.5));
        assert_eq!(
            (judgement("1/0"), judgement("a"), judgement(""), judgement("1/2/3"), judgement("inf")),
            (None, None, None, None, None)
        );
    }
}
