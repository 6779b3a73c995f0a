//! Strength borrowed: what many series together say of trend, season, calendar effects and
//! dispersion, before one of them is looked at.
//!
//! Empirical Bayes by moments (Morris, 1983, Parametric empirical Bayes inference. Journal of the
//! American Statistical Association 78, 47–55), coefficient by coefficient, the level excepted: it
//! stays each series' own.

use super::fit::Fitted;
use super::prior::Prior;

/// Least standard deviation between series that is believed in: no trend or season is exactly the
/// same everywhere.
const LEAST_SD: f64 = 0.02;
/// Most points of evidence that pooled dispersions are worth.
const MOST_WEIGHT: f64 = 500.0;
/// Fewer series pool nothing.
const LEAST_SERIES: usize = 5;

/// The prior that many fitted series suggest; `before` is the prior they were fitted with. Fewer
/// than five series leave it as it is.
pub fn pool(fits: &[&Fitted], before: &Prior) -> Prior {
    let fits: Vec<&Fitted> =
        fits.iter().copied().filter(|f| f.coefficients.len() == before.mean.len()).collect();
    if fits.len() < LEAST_SERIES {
        return before.clone();
    }
    let mut pooled = before.clone();
    for column in 1..before.mean.len() {
        let own: Vec<(f64, f64)> =
            fits.iter().filter_map(|f| without_prior(f, before, column)).collect();
        if let Some((mean, sd)) = dersimonian_laird(&own).filter(|_| own.len() >= LEAST_SERIES) {
            pooled.mean[column] = mean;
            pooled.sd[column] = sd.max(LEAST_SD).min(before.sd[column]);
        }
    }
    pool_dispersion(&fits, &mut pooled);
    pooled
}

/// The priors of groups of series, say of a domain's categories. A group's mean is drawn towards
/// that of all groups as far as its own series leave it open; series differ within a group as they
/// do on average over the groups. The dispersion is that of all.
pub fn pool_groups(groups: &[Vec<&Fitted>], before: &Prior) -> Vec<Prior> {
    let all: Vec<&Fitted> = groups.concat();
    let mut priors = vec![pool(&all, before); groups.len()];
    if all.len() < LEAST_SERIES {
        return priors;
    }
    for column in 1..before.mean.len() {
        let own: Vec<Vec<(f64, f64)>> = groups
            .iter()
            .map(|fits| fits.iter().filter_map(|f| without_prior(f, before, column)).collect())
            .collect();
        if own.iter().map(Vec::len).sum::<usize>() < LEAST_SERIES {
            continue;
        }
        for (prior, (mean, sd)) in
            priors.iter_mut().zip(within_groups(&own, (before.mean[column], before.sd[column])))
        {
            prior.mean[column] = mean;
            prior.sd[column] = sd.clamp(LEAST_SD, before.sd[column]);
        }
    }
    priors
}

/// Mean and standard deviation of a coefficient within each group of estimates with their
/// variances; `before` where the groups are too few to tell.
fn within_groups(groups: &[Vec<(f64, f64)>], before: (f64, f64)) -> Vec<(f64, f64)> {
    let large = groups.iter().filter(|g| g.len() >= LEAST_SERIES);
    let (sum, count) = large
        .filter_map(|g| Some((dersimonian_laird(g)?.1.powi(2), g.len() as f64)))
        .fold((0.0, 0.0), |(s, n), (v, m)| (s + v * m, n + m));
    let within = if count > 0.0 {
        sum / count
    } else {
        dersimonian_laird(&groups.concat()).map_or(before.1, |b| b.1).powi(2)
    };
    let mean = |group: &Vec<(f64, f64)>| {
        let (sum, total) = group
            .iter()
            .fold((0.0, 0.0), |(s, w), (e, v)| (s + e / (v + within), w + 1.0 / (v + within)));
        (total > 0.0).then(|| (sum / total, 1.0 / total))
    };
    let means: Vec<Option<(f64, f64)>> = groups.iter().map(mean).collect();
    let known: Vec<(f64, f64)> = means.iter().flatten().copied().collect();
    let (centre, sd) =
        dersimonian_laird(&known).filter(|_| known.len() >= LEAST_SERIES).unwrap_or(before);
    let apart = sd.max(LEAST_SD).powi(2);
    let prior = |own: Option<(f64, f64)>| {
        let (mean, variance) = own.unwrap_or((centre, f64::INFINITY));
        let precision = 1.0 / apart + 1.0 / variance;
        ((centre / apart + mean / variance) / precision, (within + 1.0 / precision).sqrt())
    };
    means.into_iter().map(prior).collect()
}

/// A coefficient and its variance as the series alone has them, the prior taken out again; `None`
/// where the series says nothing of it.
fn without_prior(fit: &Fitted, before: &Prior, column: usize) -> Option<(f64, f64)> {
    let (all, prior) = (fit.errors[column].powi(-2), before.sd[column].powi(-2));
    let precision = all - prior;
    (precision > 1e-3 * prior).then(|| {
        (
            (fit.coefficients[column] * all - before.mean[column] * prior) / precision,
            1.0 / precision,
        )
    })
}

/// Mean and standard deviation between series of estimates with their variances (DerSimonian and
/// Laird's moments).
pub(super) fn dersimonian_laird(estimates: &[(f64, f64)]) -> Option<(f64, f64)> {
    let mean = |extra: f64| {
        let (sum, total) = estimates
            .iter()
            .fold((0.0, 0.0), |(s, w), (e, v)| (s + e / (v + extra), w + 1.0 / (v + extra)));
        sum / total
    };
    let centre = mean(0.0);
    let (mut q, mut first, mut second) = (0.0, 0.0, 0.0);
    for (estimate, variance) in estimates {
        q += (estimate - centre).powi(2) / variance;
        first += 1.0 / variance;
        second += variance.powi(-2);
    }
    let variance = ((q - (estimates.len() as f64 - 1.0)) / (first - second / first)).max(0.0);
    let centre = mean(variance);
    (centre.is_finite() && variance.is_finite()).then(|| (centre, variance.sqrt()))
}

/// The mean dispersion, and how much it is worth: the less the series differ beyond chance
/// (variance 2φ² a point), the more.
fn pool_dispersion(fits: &[&Fitted], pooled: &mut Prior) {
    let own = || fits.iter().filter(|f| f.information > 0.0 && f.own_dispersion.is_finite());
    let total: f64 = own().map(|f| f.information).sum();
    if own().count() < LEAST_SERIES || total <= 0.0 {
        return;
    }
    let mean = own().map(|f| f.information * f.own_dispersion).sum::<f64>() / total;
    let spread =
        own().map(|f| f.information * (f.own_dispersion - mean).powi(2)).sum::<f64>() / total;
    let chance = 2.0 * mean * mean * own().count() as f64 / total;
    let beyond = (spread - chance).max(0.0);
    pooled.dispersion = mean.max(1.0);
    pooled.weight = (2.0 * mean * mean / beyond.max(f64::MIN_POSITIVE)).min(MOST_WEIGHT);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_beyond_chance_are_told_from_chance() {
        let equal: Vec<(f64, f64)> =
            (0..100).map(|i| (0.3 + 0.1 * f64::from(i % 2 * 2 - 1), 0.01)).collect();
        let (mean, sd) = dersimonian_laird(&equal).unwrap();
        assert!((mean - 0.3).abs() < 1e-9 && sd < 0.02, "{mean} {sd}");
        let unlike: Vec<(f64, f64)> =
            (0..100).map(|i| (0.3 + 0.5 * f64::from(i % 2 * 2 - 1), 0.01)).collect();
        assert!((dersimonian_laird(&unlike).unwrap().1 - (0.2525_f64 - 0.01).sqrt()).abs() < 0.01);
    }

    #[test]
    fn a_group_unlike_the_others_keeps_its_own_mean_and_a_vague_one_takes_theirs() {
        let group = |mean: f64, variance: f64| {
            (0..10).map(|i| (mean + 0.1 * f64::from(i % 2 * 2 - 1), variance)).collect::<Vec<_>>()
        };
        let mut groups: Vec<Vec<(f64, f64)>> = (0..8).map(|_| group(0.0, 0.01)).collect();
        groups.extend([group(1.0, 0.01), group(1.0, 100.0), vec![]]);
        let found = within_groups(&groups, (0.0, 0.5));
        assert!((found[8].0 - 1.0).abs() < 0.05 && found[8].1 < 0.1, "{found:?}");
        assert!(found[9].0 < 0.3 && found[10].0 < 0.3 && found[10].1 > 0.2, "{found:?}");
        assert!(found[0].0.abs() < 0.05);
        assert_eq!(within_groups(&groups[..1], (0.0, 0.5))[0].0, 0.0);
    }
}
