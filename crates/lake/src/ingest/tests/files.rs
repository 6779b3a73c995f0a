//! What good files must become.

use super::bad_input_cases::{HEADER, good};
use super::*;

fn csv(rows: &[Vec<String>]) -> Vec<u8> {
    let lines: Vec<String> =
        std::iter::once(HEADER.to_owned()).chain(rows.iter().map(|r| r.join(","))).collect();
    lines.join("\n").into_bytes()
}

#[test]
fn a_row_becomes_its_columns() {
    let bench = Bench::new();
    let file = bench.put("台账2025.csv", &csv(&[good("A1")]));
    let (tally, kept) = bench.read(&file, None).unwrap();
    assert_eq!((tally.rows, tally.accepted, tally.refused_rows, tally.refused_cells), (1, 1, 0, 0));
    let domain = Domain::find("disputes").unwrap();
    assert_eq!(kept.batches[0].schema(), domain.schema());
    let batch = batch_id(
        &file,
        &Mapping::load(&bench.dir.path().join("mappings/disputes.toml")).unwrap(),
        domain,
        None,
    )
    .unwrap();
    for (column, value) in [
        ("event_id", "A1"),
        ("occurred_at", "2025-03-01T00:05:00Z"),
        ("recorded_at", "2025-03-01T16:00:00Z"),
        ("day", "2025-03-01"),
        ("area_code", "620981101202"),
        ("grid_code", "G-01"),
        ("category", "neighbour"),
        ("severity", "4"),
        ("persons", "2"),
        ("amount", "12000.00"),
        ("channel", "grid"),
        ("grade", "∅"),
        ("due_at", "2025-03-31T16:00:00Z"),
        ("due_day", "2025-04-01"),
        ("turned_criminal", "false"),
        ("withdrawn", "false"),
        ("source", "disputes"),
        ("batch_id", &batch.id),
    ] {
        assert_eq!(kept.column(column), [value], "{column}");
    }
    assert_eq!(kept.column("party_hash")[0].len(), 32);
    assert_eq!(batch.id.len(), 16);
}

#[test]
fn no_person_gets_through() {
    let bench = Bench::new();
    let secrets = ["张三丰", "11010519491231002X", "13800138000", "甘F·12345"];
    let mut rows = vec![good("A1"), good("A2"), good("A3"), good("A4")];
    rows[0][13] = secrets[..3].join("、");
    rows[0][14] = secrets.join(" ");
    rows[1][0] = secrets[1].into();
    rows[2][3] = format!("{} {}", secrets[1], secrets[3]);
    rows[3][6] = secrets[2].into();
    let file = bench.put("台账13800138000.csv", &csv(&rows));
    let (_, kept) = bench.read(&file, None).unwrap();
    assert_eq!(kept.column("source"), ["disputes"]);
    let everything = format!("{:?} {:?}", kept.batches, kept.refusals);
    for secret in secrets {
        assert!(!everything.contains(secret), "{secret} got through");
    }
    assert_eq!(kept.refusals.len(), 3);
}

#[test]
fn recorded_at_defaults_to_the_clock_and_bad_ones_do_too() {
    let bench = Bench::new();
    let mut rows = vec![good("A1"), good("A2"), good("A3")];
    rows[0][2] = String::new();
    rows[1][2] = "2025-02-30".into();
    rows[2][2] = "2025-03-01".into();
    let (_, kept) = bench.read(&bench.put("台账.csv", &csv(&rows)), None).unwrap();
    // The third was recorded on the day it occurred: hours before, which clocks and days without
    // time do.
    assert_eq!(
        kept.column("recorded_at"),
        ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", "2025-02-28T16:00:00Z"]
    );
    assert_eq!(kept.refusals.len(), 1);
}

#[test]
fn versions_of_an_event_are_not_duplicates() {
    let bench = Bench::new();
    let mut rows = vec![good("A1"), good("A1"), good("A1")];
    rows[1][2] = "2025-03-05".into();
    let (tally, kept) = bench.read(&bench.put("台账.csv", &csv(&rows)), None).unwrap();
    assert_eq!((tally.accepted, tally.refused_rows), (2, 1));
    assert_eq!(kept.refusals[0].row, 4);
}

#[test]
fn an_ambiguous_village_is_found_within_its_township() {
    let bench = Bench::new();
    let mut rows = vec![good("A1"), good("A2"), good("A3")];
    rows[0][4] = "新民村".into();
    (rows[1][3], rows[1][4]) = ("玉门镇".into(), "新民村".into());
    (rows[2][3], rows[2][4]) = (String::new(), "新民村".into());
    let (_, kept) = bench.read(&bench.put("台账.csv", &csv(&rows)), None).unwrap();
    assert_eq!(kept.column("area_code"), ["620981101201", "620981100201"]);
    assert!(
        kept.refusals[0].reason.contains("several areas have this name"),
        "{:?}",
        kept.refusals
    );
    assert!(kept.refusals[0].whole_row);
}

#[test]
fn made_ids_stay_when_an_export_grows() {
    let bench = Bench::new();
    let mapping = "domain = \"disputes\"\n[columns]\noccurred_at = \"日期\"\narea_code = \"区\"\n[constant]\ncategory = \"wage_arrears\"\n\
        [id]\nprefix = \"labour\"\ncolumns = [\"单位\", \"日期\"]\n";
    let mapping = Mapping::parse(Path::new("labour.toml"), mapping).unwrap();
    let short = "单位,日期,区\nE1,2025-03-01,赤金镇\nE1,2025-03-01,赤金镇\nE2,2025-03-01,玉门镇\n";
    let long = format!("{short}E1,2025-03-01,赤金镇\nE3,2025-03-02,玉门镇\n");
    let ids = |name: &str, text: &str| {
        let (tally, kept) =
            bench.read_with(&bench.put(name, text.as_bytes()), mapping.domain, &mapping).unwrap();
        assert_eq!(tally.refused_rows, 0);
        kept.column("event_id")
    };
    let (first, second) = (ids("a.csv", short), ids("b.csv", &long));
    assert_eq!(second[..3], first[..]);
    assert_eq!(second.len(), 5);
    assert_eq!(second[1], format!("{}-2", first[0]));
    assert_eq!(second[3], format!("{}-3", first[0]));
}

#[test]
fn many_rows_come_in_batches() {
    let bench = Bench::new();
    let rows: Vec<Vec<String>> = (0..20_000).map(|i| good(&format!("JF2026{i:06}"))).collect();
    let (tally, kept) = bench.read(&bench.put("台账.csv", &csv(&rows)), None).unwrap();
    assert_eq!(tally.accepted, 20_000);
    assert_eq!(kept.batches.len(), 3);
    assert_eq!(kept.column("event_id")[19_999], "JF2026019999");
}

#[test]
fn a_folder_is_not_a_file() {
    let bench = Bench::new();
    assert!(
        bench
            .read(bench.dir.path(), Some("disputes"))
            .is_err_and(|e| e.to_string().contains("is a folder"))
    );
}

#[test]
fn choosing_a_mapping() {
    let bench = Bench::new();
    let mappings = bench.dir.path().join("mappings");
    let file = bench.put("台账.csv", &csv(&[good("A1")]));
    assert!(!choose(&file, None, None, &mappings).unwrap()[0].canonical);
    let other = choose(&file, None, Some(&mappings.join("disputes.toml")), &mappings).unwrap();
    assert_eq!(other[0].columns["event_id"], ["编号"]);
    assert!(
        choose(&file, Some("traffics"), None, &mappings)
            .is_err_and(|e| e.to_string().contains("no domain"))
    );
    assert!(
        choose(&file, Some("traffic"), None, &mappings)
            .is_err_and(|e| e.to_string().contains("pingan mapping"))
    );
    std::fs::copy(mappings.join("disputes.toml"), mappings.join("again.toml")).unwrap();
    assert!(
        choose(&file, None, None, &mappings).is_err_and(|e| e.to_string().contains("are both for"))
    );
    let ours = bench.put("public_order_2025.csv", b"event_id,occurred_at,area_code,category\n");
    assert_eq!(choose(&ours, None, None, &mappings).unwrap()[0].domain.id, "public_order");
}

#[test]
fn mappings_that_say_also_stand_beside_the_one_that_a_file_is_for() {
    let bench = Bench::new();
    let mappings = bench.dir.path().join("mappings");
    let file = bench.put("台账.csv", &csv(&[good("A1")]));
    let text = std::fs::read_to_string(mappings.join("disputes.toml")).unwrap();
    let also = format!("also = true\n{text}");
    std::fs::write(mappings.join("again.toml"), &also).unwrap();
    let chosen = |file: &std::path::Path, domain: Option<&str>| {
        let mappings = choose(file, domain, None, &mappings)?;
        Ok::<_, crate::Error>(mappings.iter().map(|m| (m.also, m.canonical)).collect::<Vec<_>>())
    };
    // In the order of their names the other would come first.
    assert_eq!(chosen(&file, None).unwrap(), [(false, false), (true, false)]);
    std::fs::remove_file(mappings.join("disputes.toml")).unwrap();
    assert!(chosen(&file, None).is_err_and(|e| e.to_string().contains("leave out `also`")));
    assert_eq!(chosen(&file, Some("disputes")).unwrap(), [(true, false)]);
    // A file of our own names is for the domain of its name.
    let canonical = also.replacen("files = [", "files = [\"traffic*\", ", 1);
    std::fs::write(mappings.join("again.toml"), canonical).unwrap();
    let ours = bench.put("traffic_1.csv", b"event_id,occurred_at,area_code,category\n");
    assert_eq!(chosen(&ours, None).unwrap(), [(false, true), (true, false)]);
}

/// However they are written, rows of other counties are one line of the report.
#[test]
fn rows_of_another_county_are_one_group() {
    let bench = Bench::new();
    let places =
        ["敦煌市七里镇", "瓜州县", "兰州市城关区", "四川省成都市", "外县", "620982101", "瓜州"];
    let rows = (0..).zip(places).map(|(i, place)| {
        let mut row = good(&format!("A{i}"));
        (row[3], row[4]) = (place.into(), String::new());
        row
    });
    let (tally, kept) =
        bench.read(&bench.put("台账.csv", &csv(&rows.collect::<Vec<_>>())), None).unwrap();
    assert_eq!((tally.accepted, tally.refused_rows), (0, 7));
    let mut refusals = Refusals::default();
    kept.refusals.iter().for_each(|refusal| refusals.add(refusal));
    let lines = refusals.lines();
    assert!(lines.starts_with("7 rows refused: 乡镇 + 村: of another county"), "{lines}");
    assert_eq!(lines.matches("rows refused").count(), 1, "{lines}");
    assert!(lines.contains("deliver it to that county"), "{lines}");
    assert!(places.iter().all(|place| !lines.contains(place)), "{lines}");
}

/// A broken mapping's files fail with its error; the files of others are taken.
#[test]
fn a_broken_mapping_spoils_its_own_files() {
    let bench = Bench::new();
    let mappings = bench.dir.path().join("mappings");
    let (ours, theirs) =
        (bench.put("台账.csv", &csv(&[good("A1")])), bench.put("警情.csv", &csv(&[good("A1")])));
    let good_one = std::fs::read_to_string(mappings.join("disputes.toml")).unwrap();
    let also = format!("also = true\n{good_one}");
    let of_theirs = "files = [\"警情*\"]\ndomain = \"public_order\"";
    // The broken mapping, the good one, and whether its file and the broken one's are spoilt.
    for (broken, good, spoilt) in [
        (format!("{of_theirs}\n[columns]\nevent_id = 编号\n"), &good_one, [false, true]),
        (format!("{of_theirs}\n[columns]\nevent_id = \"编号\"\n"), &good_one, [false, true]),
        (format!("{of_theirs}\nrythm = \"daily\"\n"), &good_one, [false, true]),
        ("domain = disputes\nfiles = [\"警情*\"]\n".into(), &good_one, [false, true]),
        ("files = [\"警情*\n".into(), &good_one, [false, true]),
        (String::new(), &good_one, [false, true]),
        // Nobody can tell whose file it is.
        ("files = [\"警情*\n".into(), &also, [true, true]),
        // The broken one is for the file that the good one is for, too.
        ("files = [\"*\"]\nalso = true\ndomain = \"x\"\n".into(), &good_one, [true, true]),
    ] {
        std::fs::write(mappings.join("disputes.toml"), good).unwrap();
        // It comes before the good one in the order of names.
        std::fs::write(mappings.join("broken.toml"), &broken).unwrap();
        for (file, spoilt) in [(&ours, spoilt[0]), (&theirs, spoilt[1])] {
            let chosen = choose(file, None, None, &mappings);
            let named = |e: crate::Error| e.to_string().contains("broken.toml");
            assert_eq!(chosen.is_err_and(named), spoilt, "{broken} {}", file.display());
            if !spoilt {
                assert_eq!(choose(file, None, None, &mappings).unwrap().len(), 1);
            }
        }
    }
    // Of another domain than the one that is asked for, it does not matter.
    let traffic = "files = [\"台账*\"]\ndomain = \"traffic\"\n";
    std::fs::write(mappings.join("disputes.toml"), &good_one).unwrap();
    std::fs::write(mappings.join("broken.toml"), traffic).unwrap();
    assert!(choose(&ours, None, None, &mappings).is_err());
    assert!(choose(&ours, Some("disputes"), None, &mappings).is_ok());
}

#[test]
fn the_same_file_is_the_same_batch_and_another_mapping_is_not() {
    let bench = Bench::new();
    let file = bench.put("台账.csv", &csv(&[good("A1")]));
    let mapping = Mapping::load(&bench.dir.path().join("mappings/disputes.toml")).unwrap();
    let domain = mapping.domain;
    let id = batch_id(&file, &mapping, domain, None).unwrap().id;
    assert_eq!(
        id,
        batch_id(&bench.put("copy.csv", &csv(&[good("A1")])), &mapping, domain, None).unwrap().id
    );
    let changed = Mapping { text: format!("{}# x", mapping.text), ..mapping.clone() };
    assert_ne!(id, batch_id(&file, &changed, domain, None).unwrap().id);
    assert_ne!(
        id,
        batch_id(&bench.put("more.csv", &csv(&[good("A2")])), &mapping, domain, None).unwrap().id
    );
}
