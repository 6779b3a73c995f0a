//! Lasting changes of a series' level in the past: where one is, is asked of the residuals of a fit
//! without it.
//!
//! A change at a point puts a step on the log scale under all points before it. Every place that
//! leaves enough points on either side is tried by the score test of that step beside the columns
//! that are there (the largest of such tests: Andrews, 1993, Tests for parameter instability and
//! structural change with unknown change point, Econometrica 61, 821–856). Residuals are cut off
//! at [`CLIP`] standard deviations, so that no burst of a few weeks makes a level. The change must
//! spare 3 ln n, the chief term of Zhang and Siegmund (2007), Biometrics 63, 22–32.

use crate::stats::cholesky::{factor, quadratic, solve};

/// Standard deviations at which a residual is cut off.
const CLIP: f64 = 2.5;
/// What a change must spare, in units of ln n.
const PENALTY: f64 = 3.0;
/// Weeks of a level between two changes, and at the end of one that is lower than before.
const LEAST_WEEKS: usize = 8;
/// Weeks at the end of one that is higher than before: a shorter rise may be an outbreak.
const LEAST_WEEKS_RISEN: usize = 13;
/// Points of either, whatever the calendar.
const LEAST_POINTS: usize = 6;

/// How many times less information than the level alone the other columns leave to a step, at most.
const OTHER_COLUMNS: f64 = 6.0;
/// Least share of all information that a step must have for itself.
const LEAST_INFORMATION: f64 = 1e-9;

/// A fit at the moment of the search, points without a count having no information.
pub(super) struct Fit<'a> {
    pub width: usize,
    /// Columns of the design, row by row; the first is the level.
    pub rows: &'a [f64],
    /// Weight times mean of each point; 0 where it does not count.
    pub information: &'a [f64],
    /// Residuals in standard deviations; NaN where there is no count.
    pub residual: &'a [f64],
    pub dispersion: f64,
    /// Information matrix over the dispersion: the steps of `changes`, then the columns.
    pub matrix: &'a [f64],
    /// What the prior pulls at each of these.
    pub pull: &'a [f64],
    /// Changes that are in the fit.
    pub changes: &'a [usize],
    /// Time points a year.
    pub freq: usize,
}

/// Where the level changed beyond doubt, and by how much the points before stand above it on the
/// log scale; `None` where no further change is.
pub(super) fn next_change(fit: &Fit) -> Option<(usize, f64)> {
    let size = fit.changes.len() + fit.width;
    let known: Vec<usize> = cumulated(fit.residual.iter().map(|r| usize::from(!r.is_nan())));
    let n = *known.last()?;
    let weeks = |weeks: usize| (weeks * fit.freq).div_ceil(52).max(LEAST_POINTS);
    let (least, risen) = (weeks(LEAST_WEEKS), weeks(LEAST_WEEKS_RISEN));
    let (above, below) =
        (fit.residual.iter().any(|r| *r > 0.0), fit.residual.iter().any(|r| *r < 0.0));
    // A fit that all points lie above is nowhere yet.
    if n < fit.freq.max(2 * risen) || !(above && below) {
        return None;
    }
    let sums = Sums::new(fit);
    let factor = factor(fit.matrix.to_vec(), size)?;
    // The columns take their part of the residuals first: the fit need not have come to rest.
    let mut score = fit.pull.to_vec();
    let all = fit.residual.len();
    fit.changes.iter().enumerate().for_each(|(j, c)| score[j] += sums.score[*c]);
    sums.total.iter().enumerate().for_each(|(i, s)| score[fit.changes.len() + i] += s);
    let mean_step = solve(&factor, &score);
    let apart = |a: usize, b: usize| known[a.max(b)] - known[a.min(b)] >= least;
    let place = |c: &usize| {
        apart(0, *c) && apart(*c, all) && fit.changes.iter().all(|other| apart(*other, *c))
    };
    let enough = PENALTY * (n as f64).ln();
    let whole = sums.information(all)[0];
    let mut with = vec![0.0; size];
    let mut best: Option<(f64, usize, f64)> = None;
    for c in (1..all).filter(place) {
        let before = sums.information(c);
        fit.changes
            .iter()
            .enumerate()
            .for_each(|(j, other)| with[j] = sums.information(c.min(*other))[0]);
        with[fit.changes.len()..].copy_from_slice(before);
        let own = sums.score[c] - dot(&with, &mean_step);
        // What the level alone leaves of the information; the other columns take most of the rest
        // at worst, and few places are worth to ask.
        let left = before[0] * (1.0 - before[0] / whole);
        if own * own <= enough * fit.dispersion * left / OTHER_COLUMNS {
            continue;
        }
        let information = before[0] - quadratic(&factor, &with);
        let spared = own * own / (fit.dispersion * information);
        let lasts =
            own > 0.0 || (known[all] - known[c] >= risen && sums.begins_at(c, &known, risen / 2));
        let better = best.is_none_or(|(most, ..)| spared > most);
        if lasts && better && information > LEAST_INFORMATION * whole && spared > enough {
            best = Some((spared, c, own / information));
        }
    }
    best.map(|(_, change, above)| (change, above))
}

/// Sums over the points before each.
struct Sums {
    width: usize,
    /// Of every column times information, one row a point.
    information: Vec<f64>,
    /// Of cut residuals, as counts and in standard deviations.
    score: Vec<f64>,
    residual: Vec<f64>,
    /// Of every column times cut residual, over all points.
    total: Vec<f64>,
}

impl Sums {
    fn new(fit: &Fit) -> Sums {
        let (width, points) = (fit.width, fit.residual.len());
        let mut information = Vec::with_capacity((points + 1) * width);
        information.resize(width, 0.0);
        let mut total = vec![0.0; width];
        let (mut score, mut residual) = (vec![0.0], vec![0.0]);
        for (t, row) in fit.rows.chunks_exact(width).enumerate() {
            information.extend_from_within(t * width..);
            let (mean, mut cut) = (fit.information[t], 0.0);
            if mean > 0.0 {
                cut = fit.residual[t].clamp(-CLIP, CLIP);
                let count = cut * (fit.dispersion * mean).sqrt();
                let here = &mut information[(t + 1) * width..];
                for ((x, sum), total) in row.iter().zip(here).zip(&mut total) {
                    *sum += mean * x;
                    *total += count * x;
                }
                score.push(score[t] + count);
            } else {
                score.push(score[t]);
            }
            residual.push(residual[t] + cut);
        }
        Sums { width, information, score, residual, total }
    }

    fn information(&self, before: usize) -> &[f64] {
        &self.information[before * self.width..(before + 1) * self.width]
    }

    /// Whether the first points from `change` on have half of what those to the end have more than
    /// those before: a rise that begins later would else be taken for one long enough.
    fn begins_at(&self, change: usize, known: &[usize], points: usize) -> bool {
        let mean = |from: usize, to: usize| {
            (self.residual[to] - self.residual[from]) / (known[to] - known[from]).max(1) as f64
        };
        let end = known.len() - 1;
        let first = known.partition_point(|n| *n < known[change] + points).min(end);
        let before = mean(0, change);
        mean(change, first) - before >= 0.5 * (mean(change, end) - before)
    }
}

fn cumulated(counts: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut sum = 0;
    std::iter::once(0)
        .chain(counts.map(|n| {
            sum += n;
            sum
        }))
        .collect()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
