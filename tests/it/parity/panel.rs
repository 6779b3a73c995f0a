//! COINr's panel of five years: treated, normalised over all years at once, aggregated year by
//! year.

use ndarray::{Array1, ArrayView1};

use super::asem::{asem, assert_close, golden, stages};
use methods::index::trend::{compound_growth, percent_change};
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

#[test]
fn trends_of_three_countries() {
    let Some(data) = golden("ASEM_iData_p.csv") else { return };
    let (units, times) = (data.table.texts("uCode").unwrap(), data.table.numbers("Time").unwrap());
    type Trend = fn(ArrayView1<f64>, ArrayView1<f64>) -> f64;
    let both: [(&str, &str, Trend); 2] = [
        ("panel_trends_CAGR.csv", "CAGR", compound_growth),
        ("panel_trends_prc.csv", "prc_change", percent_change),
    ];
    for (file, column, trend) in both {
        let reference = golden(file).unwrap().table;
        let values = reference.numbers(column).unwrap();
        assert_eq!(values.len(), 9);
        for ((unit, id), value) in reference
            .texts("uCode")
            .unwrap()
            .iter()
            .zip(reference.texts("iCode").unwrap())
            .zip(values)
        {
            let rows: Vec<usize> = (0..units.len()).filter(|r| units[*r] == *unit).collect();
            let column = data.table.numbers(&id).unwrap();
            let pick =
                |from: &Array1<f64>| -> Array1<f64> { rows.iter().map(|r| from[*r]).collect() };
            assert_close(
                trend(pick(&column).view(), pick(&times).view()),
                value,
                &format!("{unit} {id}"),
            );
        }
    }
}
