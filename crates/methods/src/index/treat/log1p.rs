//! ln(1 + x) of the whole column, for amounts and counts.

use ndarray::ArrayView1;

use super::{PointTreatment, Treat, Treated};
use crate::method::{Flaw, Noted, Params};
use crate::params::none;

struct Log1p;

/// From a model's parameters: it has none.
pub fn make(params: &Params) -> Result<Box<dyn Treat>, Flaw> {
    none("log1p", params)?;
    Ok(Box::new(Log1p))
}

impl Treat for Log1p {
    /// A column with a value of −1 or less has no such logarithm: it is left as it is, with a
    /// notice.
    fn treat(&self, x: ArrayView1<f64>) -> Noted<Treated> {
        if x.iter().any(|v| *v <= -1.0) {
            let untreated = vec![PointTreatment::Untreated; x.len()];
            let value = Treated {
                values: x.to_owned(),
                points: untreated,
                checks: Vec::new(),
                winsorised: None,
            };
            return Noted { value, notices: vec!["not logged: a value is -1 or less".to_owned()] };
        }
        let points = x
            .iter()
            .map(|v| if v.is_nan() { PointTreatment::Untreated } else { PointTreatment::Logged })
            .collect();
        Noted::plain(Treated {
            values: x.mapv(f64::ln_1p),
            points,
            checks: Vec::new(),
            winsorised: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_logarithm_or_a_notice() {
        let done = Log1p.treat(array![0.0, 1.0, f64::NAN].view());
        assert_eq!((done.value.values[0], done.value.values[1]), (0.0, 2.0_f64.ln()));
        assert!(done.value.values[2].is_nan() && done.notices.is_empty());
        let refused = Log1p.treat(array![-3.0, 1.0].view());
        assert_eq!((refused.value.values[0], refused.notices.len()), (-3.0, 1));
    }
}
