//! Delays as factors of a multiplicative model: what became known of day t by delay d is size(t) ×
//! share(d) × working(weekday of recording).
//!
//! Without the last factor, and with equal weights, this is the chain ladder (its Poisson
//! likelihood; Renshaw and Verrall 1998), that is the reverse-time hazard of Lawless, J. F. (1994)
//! Adjustments for reporting delays and the prediction of occurred but not reported events,
//! Canadian Journal of Statistics 22, 15–31. Days not yet complete take part as far as they are
//! known.

use super::triangle::Triangle;

/// Rounds of fitting one factor with the others held, at most, and the change of a share below
/// which they end.
const ROUNDS: usize = 60;
const STABLE: f64 = 1e-6;
/// Reports' worth of belief that days of the week are alike.
const WEEKDAY_PRIOR: f64 = 20.0;

/// On which part of a triangle delays are estimated.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    /// Days of occurrence looked back on.
    pub days: usize,
    /// Days of recording after which an entry weighs half.
    pub half_life: f64,
    /// Length of the week in steps: 7 where steps are days, 1 where recording has no rhythm.
    pub cycle: usize,
}

/// Delays as estimated from a triangle as of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Factors {
    /// Share of a day's reports that comes by each delay; sum 1.
    pub shares: Vec<f64>,
    /// What each weekday of recording brings of an average one; the position is the day's modulo
    /// the cycle.
    pub working: Vec<f64>,
    /// What is taken back by each delay, as a share of all reports of the day.
    pub removals: Vec<f64>,
    /// Reports the estimate rests on, weighted.
    pub reports: f64,
    /// Variance of log share(≤ d) at each delay d.
    log_variance: Vec<f64>,
}

/// One entry of the triangle that is known and tells something.
struct Cell {
    row: u32,
    delay: u32,
    weekday: u32,
    weight: f64,
    added: f64,
    removed: f64,
}

impl Factors {
    /// Delays as they show on day `now`; `None` where no report is in the window.
    pub fn estimate(triangle: &Triangle, now: usize, window: &Window) -> Option<Factors> {
        Factors::estimate_from(triangle, now, window, None)
    }

    /// The same, begun at what was found before, say on the day before: a few rounds are enough
    /// then.
    pub fn estimate_from(
        triangle: &Triangle,
        now: usize,
        window: &Window,
        before: Option<&Factors>,
    ) -> Option<Factors> {
        let cells = cells(triangle, now, window);
        let reports: f64 = cells.iter().map(|c| c.weight * c.added).sum();
        if reports <= 0.0 {
            return None;
        }
        let rows = cells.iter().map(|c| c.row() + 1).max().unwrap_or(0);
        let (delays, cycle) = (triangle.max_delay() + 1, window.cycle.max(1));
        let before = before.filter(|b| b.shares.len() == delays && b.working.len() == cycle);
        let mut shares =
            before.map_or_else(|| vec![1.0 / delays as f64; delays], |b| b.shares.clone());
        let mut working = before.map_or_else(|| vec![1.0; cycle], |b| b.working.clone());
        let mut sizes = vec![0.0; rows];
        let of_rows = Classes::new(&cells, rows, 0.0, Cell::row);
        let of_delays = Classes::new(&cells, delays, 0.0, Cell::delay);
        let of_weekdays = Classes::new(&cells, cycle, WEEKDAY_PRIOR, Cell::weekday);
        for _ in 0..ROUNDS {
            sizes = of_rows.ratio(&cells, |c| shares[c.delay()] * working[c.weekday()]);
            let last = shares;
            shares = of_delays.ratio(&cells, |c| sizes[c.row()] * working[c.weekday()]);
            normalise(&mut shares, 1.0);
            if last.iter().zip(&shares).all(|(l, s)| (l - s).abs() < STABLE) {
                break;
            }
            if cycle > 1 {
                working = of_weekdays.ratio(&cells, |c| sizes[c.row()] * shares[c.delay()]);
                normalise(&mut working, cycle as f64);
            }
        }
        let fitted = |c: &Cell| sizes[c.row()] * shares[c.delay()] * working[c.weekday()];
        let log_variance = log_variance(&cells, delays, dispersion(&cells, rows + delays, fitted));
        let removals = removals(&cells, delays, &sizes);
        Some(Factors { shares, working, removals, reports, log_variance })
    }

    /// Share of the additions to day `t` that has come by day `by`, which is not silent; 0 before
    /// the day itself.
    pub fn share(&self, t: usize, by: usize) -> f64 {
        let each = |d: usize| self.shares[d] * self.working[(t + d) % self.working.len()];
        let all: f64 = (0..self.shares.len()).map(each).sum();
        if by < t || all <= 0.0 {
            return 0.0;
        }
        ((0..self.shares.len().min(by - t + 1)).map(each).sum::<f64>() / all).min(1.0)
    }

    /// Standard error of [`Factors::share`], from the amount of reports and their scatter about the
    /// model.
    pub fn share_error(&self, t: usize, by: usize) -> f64 {
        let share = self.share(t, by);
        let variance =
            by.checked_sub(t).and_then(|d| self.log_variance.get(d)).copied().unwrap_or(0.0);
        // The logarithm has no bound above and the share has: the error on the scale of the odds
        // keeps it within 0 and 1.
        share
            * variance.sqrt().min(1.0)
            * if share > 0.5 { (2.0 * (1.0 - share)).sqrt().max(0.0) } else { 1.0 }
    }

    /// What is still to be taken back from day `t` after day `by`, as a share of all its reports.
    pub fn to_be_removed(&self, t: usize, by: usize) -> f64 {
        self.removals.iter().skip(if by < t { 0 } else { by - t + 1 }).sum()
    }

    /// The same with the shares of one group drawn to these: `strength` is how many reports these
    /// are worth against the group's own.
    pub fn shrunk_to(&self, group: Option<&Factors>, strength: f64) -> Factors {
        let Some(group) = group.filter(|g| g.shares.len() == self.shares.len()) else {
            return self.clone();
        };
        let own = if strength.is_infinite() {
            0.0
        } else {
            group.reports / (group.reports + strength.max(0.0))
        };
        let mix = |a: &[f64], b: &[f64]| {
            a.iter().zip(b).map(|(a, b)| (1.0 - own) * a + own * b).collect::<Vec<f64>>()
        };
        Factors {
            shares: mix(&self.shares, &group.shares),
            removals: mix(&self.removals, &group.removals),
            log_variance: mix(&self.log_variance, &group.log_variance),
            ..self.clone()
        }
    }
}

/// How many reports the pooled delays are worth against a group's own, from how much further groups
/// differ than chance would have it (moments of the Dirichlet-multinomial distribution); infinite
/// where they do not.
pub fn strength(pooled: &Factors, groups: &[Factors]) -> f64 {
    let (mut excess, mut pairs) = (0.0, 0.0);
    for group in groups.iter().filter(|g| g.reports > 1.0 && g.shares.len() == pooled.shares.len())
    {
        let n = group.reports;
        let distance: f64 =
            group.shares.iter().zip(&pooled.shares).map(|(g, p)| (g - p).powi(2)).sum();
        let chance: f64 = pooled.shares.iter().map(|p| p * (1.0 - p)).sum();
        excess += n * distance - chance;
        pairs += (n - 1.0) * chance;
    }
    if excess > 0.0 && pairs > 0.0 { (pairs / excess - 1.0).max(0.0) } else { f64::INFINITY }
}

/// Entries up to day `now` of the days in the window.
fn cells(triangle: &Triangle, now: usize, window: &Window) -> Vec<Cell> {
    let first = (now + 1).saturating_sub(window.days);
    let rows = (first..=now).filter(|t| !triangle.lost.get(*t).copied().unwrap_or(true));
    let entry = |t: usize, d: usize| Cell {
        row: (t - first) as u32,
        delay: d as u32,
        weekday: ((t + d) % window.cycle.max(1)) as u32,
        weight: (-((now - t - d) as f64) / window.half_life).exp2(),
        added: triangle.added[[t, d]],
        removed: triangle.removed[[t, d]],
    };
    rows.flat_map(|t| {
        (0..=triangle.max_delay().min(now - t))
            .filter(move |d| triangle.tells(t + d))
            .map(move |d| entry(t, d))
    })
    .collect()
}

impl Cell {
    fn row(&self) -> usize {
        self.row as usize
    }

    fn delay(&self) -> usize {
        self.delay as usize
    }

    fn weekday(&self) -> usize {
        self.weekday as usize
    }
}

/// Cells in classes, and what was added in each: that stays the same from round to round.
struct Classes<C> {
    class: C,
    seen: Vec<f64>,
    prior: f64,
}

impl<C: Fn(&Cell) -> usize> Classes<C> {
    /// With `prior` reports' worth of belief that a class is as the other factors explain it.
    fn new(cells: &[Cell], classes: usize, prior: f64, class: C) -> Self {
        let mut seen = vec![prior; classes];
        cells.iter().for_each(|cell| seen[class(cell)] += cell.weight * cell.added);
        Classes { class, seen, prior }
    }

    /// For each class, what was added over what the other factors explain.
    fn ratio(&self, cells: &[Cell], others: impl Fn(&Cell) -> f64) -> Vec<f64> {
        let mut explained = vec![self.prior; self.seen.len()];
        cells.iter().for_each(|cell| explained[(self.class)(cell)] += cell.weight * others(cell));
        self.seen.iter().zip(&explained).map(|(s, e)| if *e > 0.0 { s / e } else { 0.0 }).collect()
    }
}

fn normalise(values: &mut [f64], to: f64) {
    let sum: f64 = values.iter().sum();
    if sum > 0.0 {
        values.iter_mut().for_each(|v| *v *= to / sum);
    }
}

/// Pearson's dispersion of the additions about the model; at least 1.
fn dispersion(cells: &[Cell], parameters: usize, fitted: impl Fn(&Cell) -> f64) -> f64 {
    let (mut sum, mut n) = (0.0, 0.0);
    for cell in cells {
        let mean = fitted(cell);
        // Tiny means make Pearson's residuals wild.
        if mean > 0.05 {
            sum += (cell.added - mean).powi(2) / mean;
            n += 1.0;
        }
    }
    if n > parameters as f64 { (sum / (n - parameters as f64)).max(1.0) } else { 1.0 }
}

/// Greenwood's formula in reverse time: the variance of log share(≤ d) is the sum, over later
/// delays, of hazard/(1 − hazard)/reports at risk.
fn log_variance(cells: &[Cell], delays: usize, dispersion: f64) -> Vec<f64> {
    // A cell belongs to the risk set of its own delay only where the days before it are known,
    // which they are: windows begin at delay 0.
    let (mut by, mut at_risk) = (vec![0.0; delays], vec![0.0; delays]);
    let (mut row, mut so_far) = (usize::MAX, 0.0);
    for cell in cells {
        so_far = if cell.row() == row { so_far + cell.added } else { cell.added };
        row = cell.row();
        by[cell.delay()] += cell.weight * cell.added;
        at_risk[cell.delay()] += cell.weight * so_far;
    }
    let mut variance = vec![0.0; delays];
    for d in (1..delays).rev() {
        let risk = at_risk[d].max(0.5);
        let hazard = (by[d] / risk).min(0.95);
        // Half a report more keeps a delay that was never seen from being certain.
        let step = dispersion * (hazard + 0.5 / (risk + 1.0)) / (1.0 - hazard) / risk;
        variance[d - 1] = variance[d] + step;
    }
    variance
}

/// Share of a day's reports that is taken back by each delay.
fn removals(cells: &[Cell], delays: usize, sizes: &[f64]) -> Vec<f64> {
    let (mut removed, mut explained) = (vec![0.0; delays], vec![0.0; delays]);
    for cell in cells {
        removed[cell.delay()] += cell.weight * cell.removed;
        explained[cell.delay()] += cell.weight * sizes[cell.row()];
    }
    removed
        .iter()
        .zip(&explained)
        .map(|(r, e)| if *e > 0.0 { (r / e).min(1.0) } else { 0.0 })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::triangle::Increment;
    use super::*;

    const PLAIN: Window = Window { days: 40, half_life: 1e9, cycle: 1 };

    /// Every day 100 × growth^t reports by delays 0..3 in shares .4 .3 .2 .1, and a tenth taken
    /// back two days late.
    fn ledger(days: usize, growth: f64, working: impl Fn(usize) -> f64 + Copy) -> Triangle {
        let size = move |t: usize| 100.0 * growth.powi(t as i32);
        let added = move |t: usize| {
            [0.4, 0.3, 0.2, 0.1]
                .into_iter()
                .enumerate()
                .map(move |(d, p)| (d, p * size(t) * working(t + d)))
        };
        let entries = (0..days)
            .flat_map(move |t| added(t).chain([(2, -0.1 * size(t))]).map(move |(d, n)| (t, d, n)));
        Triangle::new(
            days,
            5,
            entries.map(|(day, d, num)| Increment { day, recorded: day + d, num }),
        )
    }

    #[test]
    fn growth_does_not_pass_for_short_delays() {
        let factors = Factors::estimate(&ledger(30, 1.1, |_| 1.0), 29, &PLAIN).unwrap();
        for (share, truth) in factors.shares.iter().zip([0.4, 0.3, 0.2, 0.1, 0.0, 0.0]) {
            assert!((share - truth).abs() < 1e-6, "{:?}", factors.shares);
        }
        assert!(
            (factors.removals[2] - 0.1).abs() < 1e-6
                && (factors.to_be_removed(29, 30) - 0.1).abs() < 1e-6
        );
        assert!((factors.share(20, 21) - 0.7).abs() < 1e-6);
        assert_eq!((factors.share(20, 19), factors.share(20, 40)), (0.0, 1.0));
    }

    #[test]
    fn days_on_which_little_is_recorded_are_told_from_delays() {
        let working = |s: usize| if s % 7 > 4 { 0.2 } else { 1.32 };
        let factors =
            Factors::estimate(&ledger(40, 1.0, working), 39, &Window { cycle: 7, ..PLAIN })
                .unwrap();
        assert!(factors.working[5] < 0.3 && factors.working[0] > 1.2, "{:?}", factors.working);
        assert!(factors.share(33, 34) < factors.share(35, 36), "a weekend brings less");
    }

    #[test]
    fn a_silent_day_is_no_evidence() {
        let mut triangle = ledger(40, 1.0, |_| 1.0);
        for t in 0..=30 {
            if let Some(cell) = triangle.added.get_mut([t, 30 - t]) {
                *cell = 0.0;
            }
        }
        let factors = Factors::estimate(&triangle.masked(&[], &[30]), 39, &PLAIN).unwrap();
        assert!((factors.shares[0] - 0.4).abs() < 1e-6, "{:?}", factors.shares);
    }

    #[test]
    fn groups_that_differ_keep_their_own_and_like_ones_borrow() {
        let at = |triangle: &Triangle| Factors::estimate(triangle, 29, &PLAIN).unwrap();
        let pooled = at(&ledger(30, 1.0, |_| 1.0));
        let mut other = pooled.clone();
        other.shares.reverse();
        assert!(strength(&pooled, std::slice::from_ref(&pooled)).is_infinite());
        let differs = strength(&pooled, &[other.clone()]);
        assert!(differs < 10.0, "{differs}");
        assert!(pooled.shrunk_to(Some(&other), differs).shares[5] > 0.35);
        assert_eq!(pooled.shrunk_to(Some(&other), f64::INFINITY).shares, pooled.shares);
        assert_eq!(Factors::estimate(&Triangle::new(5, 2, []), 4, &PLAIN), None);
    }

    #[test]
    fn the_share_s_error_is_greenwood_s_on_the_scale_of_odds() {
        // Two days of 60 and 40 reports by delays 0 and 1.
        let cell =
            |row, delay, added| Cell { row, delay, weekday: 0, weight: 1.0, added, removed: 0.0 };
        let cells = [cell(0, 0, 60.0), cell(0, 1, 40.0), cell(1, 0, 60.0), cell(1, 1, 40.0)];
        let variance = log_variance(&cells, 2, 1.5);
        let by_hand = 1.5 * (80.0 / 200.0 + 0.5 / 201.0) / (1.0 - 80.0 / 200.0) / 200.0;
        assert!((variance[0] - by_hand).abs() < 1e-15 && variance[1] == 0.0, "{variance:?}");
        let factors = |first: f64| Factors {
            shares: vec![first, 1.0 - first],
            working: vec![1.0],
            removals: vec![0.0, 0.0],
            reports: 200.0,
            log_variance: vec![0.01, 0.0],
        };
        // Above a half the error is drawn towards the nearer end, below it is not.
        let error = |first: f64| factors(first).share_error(0, 0);
        assert!((error(0.4) - 0.4 * 0.1).abs() < 1e-12, "{}", error(0.4));
        assert!((error(0.9) - 0.9 * 0.1 * 0.2_f64.sqrt()).abs() < 1e-12, "{}", error(0.9));
    }

    #[test]
    fn more_reports_make_the_share_surer() {
        let few = Factors::estimate(&ledger(30, 1.0, |_| 0.05), 29, &PLAIN).unwrap();
        let many = Factors::estimate(&ledger(30, 1.0, |_| 5.0), 29, &PLAIN).unwrap();
        assert!(few.share_error(20, 20) > 3.0 * many.share_error(20, 20));
        assert_eq!(many.share_error(20, 40), 0.0);
    }
}
