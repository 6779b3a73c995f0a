//! AHP as a weighting of a model: `judgements = [[1, 3], ["1/3", 1]]`, and `priority =
//! "eigenvector"`, `"geometric"` or `"mean"`.

use ndarray::{Array1, Array2, ArrayView1, ArrayView2};
use serde::Deserialize;

use super::ahp::{Priority, ahp, judgement};
use super::sample::check;
use super::{Weigh, parameters};
use crate::method::{Flaw, Noted, Params};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    judgements: Vec<Vec<Entry>>,
    #[serde(default)]
    priority: Priority,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Entry {
    Number(f64),
    Text(String),
}

struct JudgedWeights {
    weights: Noted<Array1<f64>>,
}

pub(super) fn make(params: &Params) -> Result<Box<dyn Weigh>, Flaw> {
    let table: Matrix = parameters("ahp", params)?;
    let columns = table.judgements.first().map_or(0, Vec::len);
    let entries: Option<Vec<f64>> = table.judgements.iter().flatten().map(Entry::value).collect();
    let matrix =
        entries.and_then(|e| Array2::from_shape_vec((table.judgements.len(), columns), e).ok());
    let Some(matrix) = matrix else {
        return Err(Flaw::new(
            "the judgements are no matrix of numbers",
            "give rows of one length, of numbers or fractions such as \"1/3\"",
        ));
    };
    let found = ahp(matrix.view(), &[], table.priority)?;
    Ok(Box::new(JudgedWeights {
        weights: Noted { value: found.value.priorities, notices: found.notices },
    }))
}

impl Entry {
    fn value(&self) -> Option<f64> {
        match self {
            Entry::Number(v) => Some(*v),
            Entry::Text(text) => judgement(text),
        }
    }
}

impl Weigh for JudgedWeights {
    fn weigh(
        &self,
        x: ArrayView2<f64>,
        directions: ArrayView1<f64>,
    ) -> Result<Noted<Array1<f64>>, Flaw> {
        check(x, directions)?;
        if self.weights.value.len() != x.ncols() {
            let what = format!(
                "{} elements are judged for {} columns",
                self.weights.value.len(),
                x.ncols()
            );
            return Err(Flaw::new(what, "judge each column against each"));
        }
        Ok(self.weights.clone())
    }

    fn data_driven(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn judgements_in_a_model_weigh_its_columns() {
        let made = make(
            &toml::from_str("judgements = [[1, 3], [\"1/3\", 1]]\npriority = \"geometric\"")
                .unwrap(),
        )
        .unwrap();
        let weighed =
            made.weigh(array![[5.0, 1.0]].view(), array![1.0, -1.0].view()).unwrap().value;
        assert!((weighed[0] - 0.75).abs() < 1e-15 && !made.data_driven());
        assert!(made.weigh(array![[5.0]].view(), array![1.0].view()).is_err());
        assert!(make(&toml::from_str("judgements = [[1, 3], [1]]").unwrap()).is_err());
        assert!(
            make(
                &toml::from_str("judgements = [[1, 3, 0.25], [\"1/3\", 1, 5], [4, 0.2, 1]]")
                    .unwrap()
            )
            .is_err()
        );
    }
}
