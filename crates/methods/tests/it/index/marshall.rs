//! Marshall's empirical Bayes against esda 2.9.0 on 78 counties. Needs the golden data beside the
//! project.

use super::golden::{Table, assert_met};
use crate::shared_data::shared;
use methods::index::shrink::marshall;

#[test]
fn seventy_eight_counties_shrink_as_in_esda() {
    let Some(file) = shared("golden/eb/stl_hom_eb.csv") else { return };
    let counties = Table::read(&file);
    let (events, exposure) = (counties.column("event"), counties.column("base"));
    assert_eq!(events.len(), 78);
    let prior = marshall(&events.to_vec(), &exposure.to_vec()).unwrap();
    let got: Vec<f64> = events.iter().zip(&exposure).map(|(y, n)| prior.shrink(*y, *n)).collect();
    assert_met("eb_marshall", &got, &counties.column("eb_marshall"));
}
