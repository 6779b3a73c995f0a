//! Counts → figures that are nearly standard normal while nothing happens, and back: `trans` of R's
//! `algo.cusum`.

use serde::Deserialize;

use crate::stats::hyp2f1::{hyp2f1, tabulated};

/// How a count x is standardised that should have mean m.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
pub enum Trans {
    /// Not at all.
    #[serde(rename = "none")]
    Plain,
    /// Rossi, G., Lampugnani, L. and Marchi, M. (1999) An approximate CUSUM procedure for
    /// surveillance of health events. Statistics in Medicine 18, 2111–2122.
    #[serde(rename = "rossi")]
    Rossi,
    /// (x − m)/√m.
    #[default]
    #[serde(rename = "standard")]
    Standard,
    /// Anscombe's residual of a Poisson count, 3/2·(x^⅔ − m^⅔)/m^⅙.
    #[serde(rename = "anscombe")]
    Anscombe,
    /// The same with the mean of x^⅔ to second order (Pierce and Schafer, 1986).
    #[serde(rename = "anscombe2nd")]
    Anscombe2nd,
    /// Pearson's residual of a negative binomial count with variance m + αm².
    #[serde(rename = "pearsonNegBin")]
    PearsonNegBin,
    /// Anscombe's residual of such a count.
    #[serde(rename = "anscombeNegBin")]
    AnscombeNegBin,
}

/// A transformation with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scale {
    pub trans: Trans,
    /// Dispersion of the negative binomial ones.
    pub alpha: f64,
    /// Whether figures are R's where R's are not quite the formula's (see [`Scale::bound`]).
    pub compat: bool,
}

impl Scale {
    /// x, standardised by the mean m.
    pub fn standard(&self, x: f64, m: f64) -> f64 {
        match self.trans {
            Trans::Plain => x,
            Trans::Rossi => (x - 3.0 * m + 2.0 * (x * m).sqrt()) / (2.0 * m.sqrt()),
            Trans::Standard => (x - m) / m.sqrt(),
            Trans::Anscombe => 1.5 * (x.powf(2.0 / 3.0) - m.powf(2.0 / 3.0)) / m.powf(1.0 / 6.0),
            Trans::Anscombe2nd => {
                (x.powf(2.0 / 3.0) - (m.powf(2.0 / 3.0) - m.powf(-1.0 / 3.0) / 9.0))
                    / (2.0 / 3.0 * m.powf(1.0 / 6.0))
            }
            Trans::PearsonNegBin => (x - m) / self.spread(m).sqrt(),
            Trans::AnscombeNegBin => {
                (self.integral(x) - self.integral(m)) / self.spread(m).powf(1.0 / 6.0)
            }
        }
    }

    /// The count whose standardised figure is s; NaN where there is none.
    ///
    /// R's answer differs (`compat`): anscombe2nd is undone with m^⅓ where it was done with m^(−⅓);
    /// "none" and anscombeNegBin have no bound in counts at all (R returns h − cusum, see
    /// [`super::bound`]).
    pub fn count(&self, s: f64, m: f64) -> f64 {
        let root = |power: f64| if power < 0.0 { 0.0 } else { power.powf(1.5) };
        match self.trans {
            Trans::Plain => s,
            Trans::Rossi => {
                5.0 * m + 2.0 * s * m.sqrt() - 2.0 * (4.0 * m * m + 2.0 * m.powf(1.5) * s).sqrt()
            }
            Trans::Standard => (m.sqrt() * s + m).ceil(),
            Trans::Anscombe => root(2.0 / 3.0 * m.powf(1.0 / 6.0) * s + m.powf(2.0 / 3.0)),
            Trans::Anscombe2nd => {
                let power = if self.compat { 1.0 / 3.0 } else { -1.0 / 3.0 };
                root(2.0 / 3.0 * m.powf(1.0 / 6.0) * s + (m.powf(2.0 / 3.0) - m.powf(power) / 9.0))
            }
            Trans::PearsonNegBin => self.spread(m).sqrt() * s + m,
            Trans::AnscombeNegBin => {
                self.undo(s * self.spread(m).powf(1.0 / 6.0) + self.integral(m))
            }
        }
    }

    /// Variance of a negative binomial count of mean m.
    fn spread(&self, m: f64) -> f64 {
        m + self.alpha * m * m
    }

    /// ∫ (t + αt²)^(−1/3) dt from 0 to y; R takes it from a table, in steps (`compat`).
    fn integral(&self, y: f64) -> f64 {
        let z = -self.alpha * y;
        1.5 * y.powf(2.0 / 3.0) * if self.compat { tabulated(z) } else { hyp2f1(z) }
    }

    /// The y whose integral that is, by halving.
    fn undo(&self, integral: f64) -> f64 {
        if integral.is_nan() || integral <= 0.0 {
            return if integral.is_nan() { f64::NAN } else { 0.0 };
        }
        let exact = Scale { compat: false, ..*self };
        let (mut low, mut high) = (0.0, 1.0);
        while exact.integral(high) < integral && high < f64::MAX / 4.0 {
            (low, high) = (high, high * 2.0);
        }
        for _ in 0..100 {
            let middle = f64::midpoint(low, high);
            if exact.integral(middle) < integral { low = middle } else { high = middle }
        }
        high
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_done_can_be_undone() {
        use Trans::{Anscombe, Anscombe2nd, AnscombeNegBin, PearsonNegBin, Plain, Rossi};
        for trans in [Plain, Rossi, Anscombe, Anscombe2nd, PearsonNegBin, AnscombeNegBin] {
            let scale = Scale { trans, alpha: 0.3, compat: false };
            for (x, m) in [(1.0, 3.4), (7.0, 3.4), (250.0, 90.0)] {
                let back = scale.count(scale.standard(x, m), m);
                assert!((back - x).abs() < 1e-8 * x, "{trans:?} {x}: {back}");
            }
        }
    }

    #[test]
    fn without_dispersion_the_negative_binomial_is_poisson() {
        let scale = |trans| Scale { trans, alpha: 0.0, compat: false };
        for (nb, poisson) in
            [(Trans::PearsonNegBin, Trans::Standard), (Trans::AnscombeNegBin, Trans::Anscombe)]
        {
            let difference = scale(nb).standard(9.0, 4.0) - scale(poisson).standard(9.0, 4.0);
            assert!(difference.abs() < 1e-12, "{nb:?}");
        }
    }

    #[test]
    fn a_count_is_standardised_by_its_formula() {
        let standard = |trans| Scale { trans, alpha: 0.3, compat: false }.standard(9.0, 4.0);
        let (nine, four) = (9.0_f64.powf(2.0 / 3.0), 4.0_f64.powf(2.0 / 3.0));
        let root = 4.0_f64.powf(1.0 / 6.0);
        // Simpson's rule for the integral of (t + αt²)^(−1/3) from 4 to 9.
        let f = |t: f64| (t + 0.3 * t * t).powf(-1.0 / 3.0);
        let step = 5.0 / 200.0;
        let integral: f64 = (0..200)
            .map(|i| 4.0 + f64::from(i) * step)
            .map(|t| step / 6.0 * (f(t) + 4.0 * f(t + step / 2.0) + f(t + step)))
            .sum();
        for (trans, expected) in [
            (Trans::Plain, 9.0),
            (Trans::Standard, 2.5),
            (Trans::Rossi, 2.25),
            (Trans::Anscombe, 1.5 * (nine - four) / root),
            (Trans::Anscombe2nd, 1.5 * (nine - four + 4.0_f64.powf(-1.0 / 3.0) / 9.0) / root),
            // Variance 4 + 0.3 × 16.
            (Trans::PearsonNegBin, 5.0 / 8.8_f64.sqrt()),
            (Trans::AnscombeNegBin, integral / 8.8_f64.powf(1.0 / 6.0)),
        ] {
            let found = standard(trans);
            assert!((found - expected).abs() < 1e-10, "{trans:?}: {found} {expected}");
        }
    }
}
