//! Parameters of R's `algo.glrnb` under its names, and what makes no sense of them.

use serde::Deserialize;

use super::chart::{Change, Chart, Return};

use crate::detect::in_control_mean::Season;
use crate::method::{Flaw, Params};
use crate::params::parse;

/// Parameters under R's names.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Control {
    /// The statistic that is an alarm.
    #[serde(rename = "c.ARL", alias = "c_ARL")]
    c_arl: f64,
    /// The mean while nothing happens: a number, one a point, or `{ S, trend, refit }` for one
    /// fitted to what lies before.
    mu0: Option<Mu0>,
    /// Dispersion, variance μ + αμ²; 0 is Poisson. Estimated where not given.
    alpha: Option<f64>,
    /// Points since the start that the first answer needs.
    #[serde(rename = "Mtilde")]
    mtilde: usize,
    /// Points that a change may lie back; −1 for any number.
    #[serde(rename = "M")]
    m: i64,
    change: Change,
    /// The change of the mean's logarithm, where it is known.
    theta: Option<f64>,
    dir: Direction,
    ret: Return,
    /// Largest count tried for `ret = "cases"` of negative binomial counts.
    #[serde(rename = "xMax")]
    x_max: f64,
    /// Whether to follow R where its steps or its formula go astray (`statistic`). On unless turned
    /// off.
    compat: bool,
    /// Points a year; the series' own if not given.
    freq: Option<usize>,
}

impl Default for Control {
    fn default() -> Control {
        Control {
            c_arl: 5.0,
            mu0: None,
            alpha: None,
            mtilde: 1,
            m: -1,
            change: Change::Intercept,
            theta: None,
            dir: Direction::Increase,
            ret: Return::Value,
            x_max: 1e4,
            compat: true,
            freq: None,
        }
    }
}

#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
enum Direction {
    #[serde(rename = "inc")]
    Increase,
    #[serde(rename = "dec")]
    Decrease,
}

/// Where the mean comes from.
#[derive(Clone, Debug, Deserialize, PartialEq)]
#[serde(
    untagged,
    expecting = "mu0 must be a number, a list of numbers, or { S = 1, trend = false, refit = false }"
)]
pub enum Mu0 {
    One(f64),
    Many(Vec<f64>),
    Fitted(Model),
}

/// R's `mu0 = list(S = 1, trend = FALSE, refit = FALSE)`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Model {
    /// Waves a year.
    #[serde(rename = "S")]
    s: usize,
    trend: bool,
    /// Whether the mean is fitted again after each alarm, to all that lies before.
    pub refit: bool,
}

impl Default for Model {
    fn default() -> Model {
        Model { s: 1, trend: false, refit: false }
    }
}

impl Model {
    /// The regression.
    pub fn season(&self) -> Season {
        Season { s: self.s, trend: self.trend }
    }
}

/// Parameters, checked.
#[derive(Clone, Debug)]
pub struct Checked {
    /// With a dispersion of 1 where it is to be estimated.
    pub chart: Chart,
    pub mu0: Mu0,
    /// `None` where it is to be estimated.
    pub alpha: Option<f64>,
    pub freq: Option<usize>,
    pub notices: Vec<String>,
}

/// The parameters of `method`, `glrnb` or `glrpois`, checked.
///
/// # Errors
/// A [`Flaw`] that names the first parameter that makes no sense.
pub fn checked(method: &str, params: &Params) -> Result<Checked, Flaw> {
    let control: Control = parse(method, &unfold(params))?;
    let flaw = |what: &str, fix: &str| Err(Flaw::new(format!("method \"{method}\": {what}"), fix));
    let alpha = if method == "glrpois" { control.alpha.or(Some(0.0)) } else { control.alpha };
    let mu0 = control.mu0.clone().unwrap_or(Mu0::Fitted(Model::default()));
    if !(control.c_arl > 0.0 && control.c_arl.is_finite()) {
        return flaw(
            "c.ARL is not a number above 0",
            "give c.ARL as the statistic that is an alarm, such as 5",
        );
    }
    if alpha.is_some_and(|a| !(a >= 0.0 && a.is_finite())) {
        return flaw(
            "alpha is not a number from 0 up",
            "give alpha as the dispersion, variance = mu + alpha*mu^2, or leave it away",
        );
    }
    if method == "glrpois" && alpha != Some(0.0) {
        return flaw("alpha is not 0", "leave alpha away, or take glrnb");
    }
    if !given(&mu0).iter().all(|m| *m > 0.0 && m.is_finite()) {
        return flaw(
            "mu0 is not above 0",
            "give mu0 as the mean while nothing happens, or leave it away",
        );
    }
    if alpha.is_none() && !matches!(mu0, Mu0::Fitted(_)) {
        return flaw(
            "alpha is not given, and cannot be estimated with mu0 given",
            "give alpha, 0 for Poisson counts",
        );
    }
    if control.theta.is_some_and(|t| t == 0.0 || !t.is_finite() || t.abs() > 100.0) {
        return flaw(
            "theta is no change",
            "give theta as the change of the mean's logarithm, such as 0.7 for a doubling",
        );
    }
    if control.change == Change::Epidemic
        && (control.theta.is_some() || control.ret == Return::Cases)
    {
        return flaw(
            "theta and ret = \"cases\" do not go with change = \"epi\"",
            "leave them away, or take change = \"intercept\"",
        );
    }
    if !(control.x_max >= 1.0 && control.x_max <= 1e9) {
        return flaw(
            "xMax is not between 1 and 1e9",
            "give xMax as the largest count to try, such as 1e4",
        );
    }
    if !(-1..=1_000_000).contains(&control.m) || !(1..=1_000_000).contains(&control.mtilde) {
        return flaw(
            "M or Mtilde is not a number of points",
            "give M from 0 up, or -1 for no limit, and Mtilde from 1 up",
        );
    }
    // What is estimated is above 0: the chart is a negative binomial one.
    let chart = chart(&control, alpha.unwrap_or(1.0));
    if chart.is_blind() {
        return flaw(
            "M is below Mtilde, so that no change could be seen",
            "give M larger than Mtilde",
        );
    }
    Ok(Checked { notices: notices(&control), chart, mu0, alpha, freq: control.freq })
}

fn chart(control: &Control, alpha: f64) -> Chart {
    // R's Poisson chart of the intercept takes M = 0 for no limit; the others do not.
    let unlimited =
        control.m < 0 || (control.m == 0 && alpha == 0.0 && control.change == Change::Intercept);
    Chart {
        change: control.change,
        theta: control.theta,
        alpha,
        direction: if control.dir == Direction::Increase { 1.0 } else { -1.0 },
        window: if unlimited { None } else { usize::try_from(control.m).ok() },
        mtilde: control.mtilde,
        c_arl: control.c_arl,
        ret: control.ret,
        x_max: control.x_max,
        compat: control.compat,
    }
}

/// The means that a file gives.
fn given(mu0: &Mu0) -> &[f64] {
    match mu0 {
        Mu0::One(m) => std::slice::from_ref(m),
        Mu0::Many(m) => m,
        Mu0::Fitted(_) => &[],
    }
}

/// What R warns of.
fn notices(control: &Control) -> Vec<String> {
    let mut notices = Vec::new();
    if control.dir == Direction::Decrease
        && (control.theta.is_some() || control.change == Change::Epidemic)
    {
        notices.push(
            "dir is ignored: with theta, and with change = \"epi\", there is one direction only"
                .to_owned(),
        );
    }
    if control.theta.is_some_and(|t| t < 0.0) {
        notices.push("theta is below 0: the chart looks for a decrease".to_owned());
    }
    notices
}

/// `c.ARL = 5`, written as in R without quotes, is a table to TOML: taken for what was meant.
fn unfold(params: &Params) -> Params {
    let mut params = params.clone();
    if let Some(toml::Value::Table(c)) = params.get("c")
        && let (Some(value), 1) = (c.get("ARL").cloned(), c.len())
    {
        params.remove("c");
        params.insert("c.ARL".to_owned(), value);
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(method: &str, params: &str) -> Result<Checked, Flaw> {
        checked(method, &toml::from_str(params).unwrap())
    }

    #[test]
    fn names_are_rs_in_any_way_of_writing_them() {
        for name in ["c.ARL", "c_ARL", "\"c.ARL\""] {
            assert_eq!(of("glrnb", &format!("{name} = 3")).unwrap().chart.c_arl, 3.0, "{name}");
        }
        let read = of(
            "glrnb",
            "M = 20\nMtilde = 2\nmu0 = { S = 2, trend = true }\ndir = 'dec'\nchange = 'epi'",
        )
        .unwrap();
        assert_eq!(
            (read.chart.window, read.chart.mtilde, read.chart.direction),
            (Some(20), 2, -1.0)
        );
        assert_eq!(
            (read.mu0, read.alpha),
            (Mu0::Fitted(Model { s: 2, trend: true, refit: false }), None)
        );
        assert_eq!(read.notices.len(), 1);
        assert_eq!(of("glrpois", "mu0 = [1, 2.5]").unwrap().alpha, Some(0.0));
    }

    #[test]
    fn parameters_that_make_no_sense_are_named() {
        let wrong = [
            ("c_ARL = 0", "c.ARL"),
            ("alpha = -1", "alpha"),
            ("mu0 = 0\nalpha = 0", "mu0"),
            ("mu0 = 3", "alpha"),
            ("theta = 0", "theta"),
            ("change = 'epi'\nret = 'cases'", "cases"),
            ("change = 'epi'\ntheta = 1", "theta"),
            ("M = -2", "M "),
            ("M = 1\nMtilde = 3", "Mtilde"),
            ("mu0 = { s = 1 }", "mu0"),
            ("dir = 'up'", "up"),
            ("xMax = 0", "xMax"),
        ];
        for (params, named) in wrong {
            assert!(of("glrnb", params).unwrap_err().what.contains(named), "{params}");
        }
        assert!(of("glrpois", "alpha = 0.1").is_err());
    }
}
