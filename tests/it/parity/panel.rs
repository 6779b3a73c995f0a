//! COINr's panel of five years: treated, normalised over all years at once, aggregated year by
//! year.

use super::asem::{asem, assert_close, golden, stages};
use pingan::lab::table::Stage;

/// Every cell of a reference of Time × uCode × columns is ours.
fn panel_is(file: &str, ours: &Stage) {
    let reference = golden(file).unwrap();
    assert_eq!(reference.table.rows.len(), ours.units.len());
    let (times, units) =
        (reference.table.texts("Time").unwrap(), reference.table.texts("uCode").unwrap());
    let row_of = |time: &String, unit: &String| {
        (0..ours.units.len())
            .find(|r| ours.periods[*r] == *time && ours.units[*r] == *unit)
            .unwrap()
    };
    let rows: Vec<usize> = times.iter().zip(&units).map(|(t, u)| row_of(t, u)).collect();
    for column in &reference.table.header[2..] {
        let (values, mine) =
            (reference.table.numbers(column).unwrap(), ours.column(column).unwrap());
        for (line, row) in rows.iter().enumerate() {
            assert_close(
                mine[*row],
                values[line],
                &format!("{} {} {column}", times[line], units[line]),
            );
        }
    }
}

#[test]
fn five_years_on_one_scale() {
    let mut model = asem();
    for step in ["denominate", "impute"] {
        model.remove(step);
    }
    model.insert("period".to_owned(), "Time".into());
    for indicator in model["indicator"].as_array_mut().unwrap() {
        indicator.as_table_mut().unwrap().remove("denominator");
    }
    let Some(ours) = stages(&model, "ASEM_iData_p.csv") else { return };
    panel_is("panel_treated.csv", &ours.treated);
    panel_is("panel_normalised_global.csv", &ours.normalised);
    panel_is("panel_index.csv", &ours.aggregated);
}
