//! `pingan lab` from outside, on plain files.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io::Read;
use std::path::Path;

use crate::support::{run, shared, stdout};

/// A CSV as rows of cells by column.
fn table(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|r| header.iter().cloned().zip(r.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

#[test]
fn the_asem_model_gives_coinrs_index() {
    let Some(data) = shared("golden/coinr/ASEM_iData.csv") else { return };
    let out = tempfile::tempdir().unwrap();
    let model = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parity/asem.toml");
    let told = stdout(&[
        "-q",
        "lab",
        "index",
        &data.to_string_lossy(),
        "--model",
        model,
        "--out",
        &out.path().to_string_lossy(),
    ]);
    assert!(told.contains("51 units, 49 indicators"), "{told}");
    let aggregated = table(&out.path().join("aggregated.csv"));
    for (unit, index) in [
        ("CHE", 68.383_724_238_341_71),
        ("NLD", 64.819_516_169_817_5),
        ("DNK", 64.804_079_960_607_65),
    ] {
        let row = aggregated.iter().find(|r| r["unit"] == unit).unwrap();
        let found: f64 = row["Index"].parse().unwrap();
        assert!((found - index).abs() < 1e-8 * index, "{unit}: {found}");
    }
    for stage in ["raw", "denominated", "imputed", "screened", "treated", "normalised", "ranks"] {
        assert_eq!(table(&out.path().join(format!("{stage}.csv"))).len(), 51, "{stage}");
    }
}

/// Ten of the counts of Rio's police precincts.
const RIO: [&str; 10] = [
    "hom_doloso",
    "latrocinio",
    "tentat_hom",
    "lesao_corp_dolosa",
    "estupro",
    "roubo_residencia",
    "roubo_veiculo",
    "roubo_transeunte",
    "total_furtos",
    "ameaca",
];

fn unzipped(file: &Path) -> Vec<BTreeMap<String, String>> {
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    let mut reader = csv::ReaderBuilder::new().delimiter(b';').from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .unwrap()
        .iter()
        .map(|h| h.trim_start_matches('\u{feff}').to_owned())
        .collect();
    reader
        .records()
        .map(|r| header.iter().cloned().zip(r.unwrap().iter().map(str::to_owned)).collect())
        .collect()
}

/// The panel with a population beside each row: of its month, else the first one known, since
/// populations begin in 2006.
fn rio(precincts: &Path, population: &Path) -> String {
    let mut known: BTreeMap<String, BTreeMap<(u32, u32), String>> = BTreeMap::new();
    for row in unzipped(population) {
        let month = (row["vano"].parse().unwrap(), row["mes"].parse().unwrap());
        known
            .entry(row["circ"].clone())
            .or_default()
            .insert(month, row["pop_circ"].replace(',', "."));
    }
    let mut text = format!("precinct,month,population,{}\n", RIO.join(","));
    for row in unzipped(precincts) {
        let month = (row["vano"].parse().unwrap(), row["mes"].parse().unwrap());
        let of = known.get(&row["CISP"]);
        let population = of
            .and_then(|p| p.range(..=month).next_back().or_else(|| p.iter().next()))
            .map_or("", |(_, n)| n.as_str());
        let counts: Vec<&str> = RIO.iter().map(|c| row[*c].as_str()).collect();
        writeln!(text, "{},{},{population},{}", row["CISP"], row["mes_ano"], counts.join(","))
            .unwrap();
    }
    text
}

#[test]
fn rio_is_scored_over_132_months() {
    let (Some(precincts), Some(population)) = (
        shared("real/rio/precincts_monthly_2003_2013.csv.gz"),
        shared("real/rio/population_2006_2013.csv.gz"),
    ) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    std::fs::write(at("rio.csv"), rio(&precincts, &population)).unwrap();
    let mut model = "unit = 'precinct'\nperiod = 'month'\n".to_owned();
    for indicator in RIO {
        write!(model, "[[indicator]]\nid = '{indicator}'\nparent = 'index'\ndirection = -1\ndenominator = 'population'\n").unwrap();
    }
    // Thousands of people, so 100 of them are 100,000.
    model += "[[aggregate]]\nid = 'index'\n[denominate]\nscale = 100\n[treat]\nmethod = 'winsorise'\nwinmax = 5\n\
              [normalise]\nmethod = 'min_max'\n[aggregation]\nmethod = 'arithmetic'\nleast = 0.6\n";
    std::fs::write(at("rio.toml"), model).unwrap();
    stdout(&[
        "-q",
        "lab",
        "index",
        &at("rio.csv"),
        "--model",
        &at("rio.toml"),
        "--out",
        &at("out"),
    ]);
    let (scores, ranks) = (
        table(&folder.path().join("out/aggregated.csv")),
        table(&folder.path().join("out/ranks.csv")),
    );
    let months: std::collections::BTreeSet<&String> = scores.iter().map(|r| &r["period"]).collect();
    assert_eq!(months.len(), 132);
    assert_eq!(scores.len(), 17_389);
    let known: Vec<f64> = scores.iter().filter_map(|r| r["index"].parse().ok()).collect();
    assert!(
        known.len() > 17_000 && known.iter().all(|s| (0.0..=100.0).contains(s)),
        "{}",
        known.len()
    );
    let first = ranks.iter().filter(|r| r["index"] == "1").count();
    assert!(first >= 132, "a precinct is first in every month: {first}");
}

#[test]
fn weights_and_judgements_from_plain_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    // Diakoulaki et al. (1995), eight firms.
    let firms = "firm,g1,g2,g3\na,61,1.08,4.33\nb,20.7,0.26,4.34\nc,16.3,1.98,2.53\nd,9,3.29,1.65\ne,5.4,2.77,2.33\nf,4,4.12,1.21\n\
                 g,-6.1,3.52,2.1\nh,-34.6,3.31,0.98\n";
    std::fs::write(at("firms.csv"), firms).unwrap();
    stdout(&[
        "-q",
        "lab",
        "weights",
        &at("firms.csv"),
        "--method",
        "critic",
        "--out",
        &at("w.csv"),
    ]);
    let weights: Vec<f64> =
        table(&folder.path().join("w.csv")).iter().map(|r| r["weight"].parse().unwrap()).collect();
    for (found, paper) in
        weights.iter().zip([0.20222553978778, 0.4809017290197195, 0.3168727311925006])
    {
        assert!((found - paper).abs() < 1e-8, "{weights:?}");
    }
    // Saaty's school example contradicts itself too much to be used.
    let school = "of,a,b,c,d,e,f\na,1,4,3,1,3,4\nb,1/4,1,7,3,1/5,1\nc,1/3,1/7,1,1/5,1/5,1/6\nd,1,1/3,5,1,1,1/3\ne,1/3,5,5,1,1,3\nf,1/4,1,6,3,1/3,1\n";
    std::fs::write(at("school.csv"), school).unwrap();
    let refused = run(&["lab", "ahp", &at("school.csv"), "--out", &at("a.csv")]);
    let message = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(2), "{message}");
    assert!(message.contains("0.229") && message.contains("school.csv"), "{message}");
    assert!(!folder.path().join("a.csv").exists());
    std::fs::write(at("two.csv"), "of,a,b\na,1,3\nb,1/3,1\n").unwrap();
    let told = stdout(&["lab", "ahp", &at("two.csv"), "--out", &at("a.csv")]);
    assert!(told.contains("0.0000"), "{told}");
    assert_eq!(table(&folder.path().join("a.csv"))[0]["weight"], "0.75");
}
