//! A convex blend of several weightings: `parts = [{ method = "given", share = 2, weights = [3, 1]
//! }, { method = "critic", share = 1 }]`.

use ndarray::{Array1, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::{Weigh, parameters, weighting};
use crate::method::{Flaw, Noted, Params};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    parts: Vec<Part>,
}

#[derive(Deserialize)]
struct Part {
    method: String,
    share: f64,
    #[serde(flatten)]
    params: Params,
}

struct Blend {
    parts: Vec<(f64, String, Box<dyn Weigh>)>,
}

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    let Parts { parts } = parameters("blend", params)?;
    let shares: Vec<f64> = parts.iter().map(|p| p.share).collect();
    check_shares(&shares)?;
    let made = parts
        .into_iter()
        .map(|p| Ok((p.share, p.method.clone(), weighting(&p.method, &p.params)?)));
    Ok(Box::new(Blend { parts: made.collect::<Result<_, Flaw>>()? }))
}

impl Weigh for Blend {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        let (mut weights, mut notices) = (Vec::new(), Vec::new());
        for (share, name, method) in &self.parts {
            let part = method.weigh(x, directions)?;
            weights.push((*share, part.value));
            notices.extend(part.notices.into_iter().map(|n| with_method_name(&n, name)));
        }
        Ok(Noted { value: blend(&weights)?, notices })
    }

    fn data_driven(&self) -> bool {
        self.parts.iter().any(|(share, _, method)| *share > 0.0 && method.data_driven())
    }
}

/// Keeps `column N: ` in front.
fn with_method_name(notice: &str, method: &str) -> String {
    match notice.split_once(": ").filter(|(column, _)| column.starts_with("column ")) {
        Some((column, what)) => format!("{column}: {method}: {what}"),
        None => format!("{method}: {notice}"),
    }
}

/// Mean of several weightings of the same columns by their shares (any non-negative numbers; only
/// their proportions count).
///
/// # Errors
/// A [`Flaw`] where shares are negative or all zero, or the weightings are of different numbers of
/// columns.
pub fn blend(parts: &[(f64, Array1<f64>)]) -> Result<Array1<f64>, Flaw> {
    let shares: Vec<f64> = parts.iter().map(|(share, _)| *share).collect();
    let total = check_shares(&shares)?;
    let columns = parts.first().map_or(0, |(_, w)| w.len());
    if parts.iter().any(|(_, w)| w.len() != columns) {
        return Err(Flaw::new(
            "weightings of different columns cannot be blended",
            "give weightings of the same columns",
        ));
    }
    Ok(parts
        .iter()
        .fold(Array1::zeros(columns), |sum, (share, weights)| sum + weights * (share / total)))
}

fn check_shares(shares: &[f64]) -> Result<f64, Flaw> {
    let total: f64 = shares.iter().sum();
    if shares.iter().any(|s| !s.is_finite() || *s < 0.0) || !total.is_finite() || total <= 0.0 {
        return Err(Flaw::new(
            "the shares of a blend are wrong",
            "give non-negative numbers, at least one above zero",
        ));
    }
    Ok(total)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn made(toml: &str) -> Result<Box<dyn Weigh>, Flaw> {
        make(&toml::from_str(toml).unwrap())
    }

    #[test]
    fn a_blend_lies_between_its_parts() {
        let x = array![[1.0, 2.0, 5.0], [2.0, 2.0, 1.0], [4.0, 2.0, 2.0]];
        let d = array![1.0, 1.0, 1.0];
        let blended =
            made("parts = [{ method = \"given\", share = 3, weights = [1, 1, 2] }, { method = \"entropy\", share = 1 }]").unwrap();
        let weighed = blended.weigh(x.view(), d.view()).unwrap();
        let entropy =
            weighting("entropy", &Params::new()).unwrap().weigh(x.view(), d.view()).unwrap().value;
        let expected = array![0.25, 0.25, 0.5] * 0.75 + entropy * 0.25;
        assert!((&weighed.value - &expected).iter().all(|e| e.abs() < 1e-15), "{}", weighed.value);
        assert_eq!(weighed.notices, ["column 2: entropy: constant, weight 0"]);
        assert!(blended.data_driven());
    }

    #[test]
    fn wrong_shares_are_told() {
        assert!(made("parts = [{ method = \"equal\", share = -1 }]").is_err());
        assert!(made("parts = []").is_err());
        assert!(made("parts = [{ method = \"equal\", share = 1, odd = 2 }]").is_err());
        assert!(blend(&[(1.0, array![1.0]), (1.0, array![0.5, 0.5])]).is_err());
    }
}
