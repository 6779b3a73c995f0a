//! Normalisation of an indicator's figures to scores: by frozen goalposts, by its own past, across
//! areas, by points deducted.

use ndarray::{Array1, ArrayView2, Axis};
use serde::Deserialize;

use super::goalposts::FrozenIndicator;
use super::grid::{Grid, ScoredAreas};
use super::model::{GOALPOSTS, Indicator, Method, Polarity};
use methods::index::normalise::{Context, Normalise, normalisation};
use methods::index::scale::Scale;
use methods::params;
use methods::{Flaw, Params};

/// One indicator's normalisation, ready to be fitted to a period.
pub enum Normalisation {
    /// The same for every period and area.
    Fixed(Scale),
    /// An area against its own past, or against that of the whole.
    Past { past: OwnPast, direction: f64 },
    /// The areas of a period against each other; the whole has no score.
    Across { method: Box<dyn Normalise>, direction: f64 },
}

/// Against the past: how much each past counts, and what par and a difference are worth.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OwnPast {
    /// Weight of the mean of the same period in the three years before.
    pub three_years: f64,
    /// Weight of the same period a year before (同比).
    pub last_year: f64,
    /// Weight of the period before (环比).
    pub last_period: f64,
    pub of: Whose,
    /// Score of a figure that equals its past.
    pub at_par: f64,
    /// Points for every per cent better or worse.
    pub slope: f64,
}

/// Whose past.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Whose {
    /// The area's own.
    Area,
    /// The whole's: the county mean of then.
    Whole,
}

impl Default for OwnPast {
    fn default() -> Self {
        OwnPast {
            three_years: 0.0,
            last_year: 0.0,
            last_period: 0.0,
            of: Whose::Area,
            at_par: 80.0,
            slope: 0.5,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Goalposts {
    treat: Option<Treatment>,
}

/// Treatment of figures before they are scaled between goalposts (docs/method.md). Winsorising
/// needs no name here: beyond a goalpost there is nothing but the end of the scale.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Treatment {
    /// ln(1 + x).
    Log1p,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Deduct {
    points: f64,
}

const OWN_PAST: &str = "own_past";
const DEDUCT: &str = "deduct";

impl Normalisation {
    /// The normalisation that a model names for an indicator.
    ///
    /// # Errors
    /// A [`Flaw`] for a method that does not exist, a wrong parameter, weights of pasts that do not
    /// sum to one, or points off a figure that is better when high.
    pub fn new(
        chosen: &Method,
        indicator: &Indicator,
        frozen: Option<&FrozenIndicator>,
    ) -> Result<Normalisation, Flaw> {
        let direction = indicator.polarity.direction();
        match chosen.method.as_str() {
            GOALPOSTS => {
                let between = match params::parse::<Goalposts>(GOALPOSTS, &chosen.params)?.treat {
                    None => Scale::goalposts,
                    Some(Treatment::Log1p) => Scale::logged_goalposts,
                };
                Ok(Normalisation::Fixed(
                    frozen.map_or(Scale::None, |f| between(f.low, f.high, direction)),
                ))
            }
            OWN_PAST => Ok(Normalisation::Past { past: own_past(&chosen.params)?, direction }),
            DEDUCT if indicator.polarity == Polarity::Better => Err(Flaw::new(
                format!("\"{}\" is better when high, and points are deducted for it", indicator.id),
                "take another method",
            )),
            DEDUCT => Ok(Normalisation::Fixed(Scale::deduct(
                params::parse::<Deduct>(DEDUCT, &chosen.params)?.points,
            ))),
            across => Ok(Normalisation::Across {
                method: normalisation(across, &chosen.params)?,
                direction,
            }),
        }
    }

    /// What the past is needed for.
    pub fn past(&self) -> Option<&OwnPast> {
        match self {
            Normalisation::Past { past, .. } => Some(past),
            _ => None,
        }
    }

    /// The scale of every area in a period; `figures` are the indicator's means, one an area.
    fn fit(
        &self,
        leaf: usize,
        grid: &Grid,
        units: &ScoredAreas,
        figures: &Array1<f64>,
    ) -> LeafScale {
        match self {
            Normalisation::Fixed(scale) => LeafScale::Same(scale.clone()),
            Normalisation::Past { past, direction } => {
                let scale = |area: usize| {
                    Scale::against_past(
                        past.per_past(grid, units, area, leaf),
                        past.at_par,
                        past.slope,
                        *direction,
                    )
                };
                LeafScale::Each((0..units.areas.len()).map(scale).collect())
            }
            Normalisation::Across { method, direction } => {
                let compared: Array1<f64> = figures
                    .iter()
                    .zip(&units.ranked)
                    .map(|(x, r)| if *r { *x } else { f64::NAN })
                    .collect();
                let codes: Vec<String> = units.areas.iter().map(|a| a.code.clone()).collect();
                let scores = method.normalise(
                    compared.view(),
                    *direction,
                    &Context { units: &codes, ..Context::default() },
                );
                let section = scores.map_or(Scale::None, |s| {
                    Scale::from_cross_section(compared.iter().copied(), s.value.iter().copied())
                });
                LeafScale::Each(
                    units
                        .ranked
                        .iter()
                        .map(|ranked| if *ranked { section.clone() } else { Scale::None })
                        .collect(),
                )
            }
        }
    }
}

fn own_past(given: &Params) -> Result<OwnPast, Flaw> {
    let past: OwnPast = params::parse(OWN_PAST, given)?;
    let weights = [past.three_years, past.last_year, past.last_period];
    if weights.iter().any(|w| w.is_nan() || *w < 0.0)
        || (weights.iter().sum::<f64>() - 1.0).abs() > 1e-9
    {
        return Err(Flaw::new(
            "the pasts' weights do not sum to one",
            "give three_years, last_year and last_period shares that do",
        ));
    }
    if !(0.0..=100.0).contains(&past.at_par) || past.slope.is_nan() || past.slope <= 0.0 {
        return Err(Flaw::new(
            "at_par or slope of own_past cannot be used",
            "at_par lies between 0 and 100, slope above 0",
        ));
    }
    Ok(past)
}

impl OwnPast {
    /// Weighted sum of one over each past figure that is known and not zero, weights scaled up to
    /// one; NaN where there is none.
    fn per_past(&self, grid: &Grid, units: &ScoredAreas, area: usize, leaf: usize) -> f64 {
        let Some(past) = &grid.past else { return f64::NAN };
        let area = match self.of {
            Whose::Area => area,
            Whose::Whole => units.ranked.iter().position(|ranked| !ranked).unwrap_or(area),
        };
        let weighed = [
            (self.three_years, &past.three_years),
            (self.last_year, &past.last_year),
            (self.last_period, &past.last_period),
        ];
        let (mut sum, mut weight) = (0.0, 0.0);
        for (w, figures) in weighed {
            let figure = figures[[area, leaf]];
            if w > 0.0 && figure > 0.0 {
                sum += w / figure;
                weight += w;
            }
        }
        sum / weight
    }
}

/// The scales of one period: of every indicator, and of every area where they differ.
pub struct Scales {
    leaf: Vec<LeafScale>,
}

enum LeafScale {
    Same(Scale),
    Each(Vec<Scale>),
}

impl Scales {
    /// Fits every normalisation to a period; `figures` are the means, areas × indicators.
    pub fn fit(
        normalisations: &[Normalisation],
        grid: &Grid,
        units: &ScoredAreas,
        figures: ArrayView2<f64>,
    ) -> Scales {
        let fit = |(leaf, normalisation): (usize, &Normalisation)| {
            normalisation.fit(leaf, grid, units, &figures.index_axis(Axis(1), leaf).to_owned())
        };
        Scales { leaf: normalisations.iter().enumerate().map(fit).collect() }
    }

    /// The scale of an area's indicator.
    pub fn scale(&self, area: usize, leaf: usize) -> &Scale {
        match &self.leaf[leaf] {
            LeafScale::Same(scale) => scale,
            LeafScale::Each(scales) => &scales[area],
        }
    }
}
