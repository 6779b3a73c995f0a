//! 刑事与电诈: two kinds of crime, and the money lost.

use super::county::{
    County, Figure, UNKNOWN, assert_counts, assert_figures, blank, known, without,
};
use super::{RESIDENT_YEARS, per_10_000_residents};

/// Neither F1 nor F5 needs an amount: they are no fraud, theft or fundraising.
const EVENTS: &str = "\
event_id occurred_at       area_code category        amount
F0       2025-05-20T08:00  101       telecom_fraud   700
F1       2025-06-02T08:00  101       serious_violent ·
F2       2025-06-03T08:00  101       telecom_fraud   12000.50
F3       2025-06-04T08:00  101       telecom_fraud   3000
F4       2025-06-05T08:00  101       theft_crime     800
F5       2025-06-06T08:00  101       other           ·
";

/// Yuan per resident and year; from nothing to 99, on the scale of ln(1 + yuan).
fn loss(yuan: f64) -> Figure {
    let raw = yuan / RESIDENT_YEARS;
    known(raw, 100.0 * (1.0 - (1.0 + raw).ln() / 100.0_f64.ln()))
}

#[test]
fn crimes_are_what_they_say() {
    let june = County::new().deliver("fraud_crime", EVENTS).june();
    assert_counts(
        &june,
        "events        serious_violent  1       0
         events        telecom_fraud    2       0
         events        theft_crime      1       0
         events        other            1       0
         loss          telecom_fraud    1500050 0
         loss          theft_crime      80000   0
         loss_unknown  serious_violent  1       1
         loss_unknown  other            1       1",
    );
    assert_figures(
        &june,
        "fraud_crime",
        &[
            ("serious_violent", known(per_10_000_residents(1.0), 90.0)),
            ("telecom_fraud", known(per_10_000_residents(2.0), 80.0)),
            ("loss", loss(15_800.50)),
        ],
    );
}

#[test]
fn a_theft_without_amount_did_not_take_nothing() {
    let of = |cells: &[(&str, &str)]| {
        let june = County::new().deliver("fraud_crime", &blank(EVENTS, cells)).june();
        (june.count("loss_unknown"), june.figures("1", "fraud_crime")["loss"])
    };
    // Of the three that must say it two do: they stand for two thirds of the residents.
    let (count, figure) = of(&[("F4", "amount")]);
    assert_eq!(count, (3, 2));
    let two_thirds = loss(15_000.50 / (2.0 / 3.0)).covering(2.0 / 3.0);
    assert!(two_thirds.agrees_with(&figure), "{figure:?}");
    // One of three is less than the half that a model asks for.
    assert!(UNKNOWN.agrees_with(&of(&[("F4", "amount"), ("F3", "amount")]).1));
}

#[test]
fn without_a_column_of_amounts_nothing_is_known_of_the_loss() {
    let june = County::new().deliver("fraud_crime", &without(EVENTS, "amount")).june();
    assert_figures(
        &june,
        "fraud_crime",
        &[
            ("serious_violent", known(per_10_000_residents(1.0), 90.0)),
            ("telecom_fraud", known(per_10_000_residents(2.0), 80.0)),
            ("loss", UNKNOWN),
        ],
    );
}
