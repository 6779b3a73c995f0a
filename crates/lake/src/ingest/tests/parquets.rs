//! Parquet of other writers: bytes instead of text, wide decimals, checksums, partitions.

use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BinaryArray, Decimal128Array, Decimal256Array, FixedSizeBinaryArray,
    LargeBinaryArray, StringArray, TimestampSecondArray,
};
use datafusion::arrow::datatypes::i256;
use datafusion::parquet::arrow::ArrowWriter;

use super::*;
use crate::ingest::formats::is_partitioned;

const IDS: [&str; 3] = ["A1", "A2", "A3"];

fn text(values: [&str; 3]) -> ArrayRef {
    Arc::new(StringArray::from(values.to_vec()))
}

/// A file of three events and other columns.
fn parquet(columns: Vec<(&str, ArrayRef)>) -> Vec<u8> {
    let at: ArrayRef = Arc::new(TimestampSecondArray::from(vec![1_740_787_500; 3]));
    let mut all = vec![
        ("event_id", text(IDS)),
        ("occurred_at", at),
        ("area_code", text(["620981101"; 3])),
        ("category", text(["neighbour"; 3])),
    ];
    for (name, array) in columns {
        all.retain(|(known, _)| *known != name);
        all.push((name, array));
    }
    let batch = RecordBatch::try_from_iter(all.into_iter().filter(|(name, _)| !name.is_empty()));
    let batch = batch.unwrap();
    let mut out = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    out
}

#[test]
fn bytes_are_read_as_text_and_uuids() {
    let bench = Bench::new();
    let uuid = |n: u8| [[0x9e, 0, 0, 0, 0, 0, 0x4a, 0, 0x80, 0, 0, 0, 0, 0, 0], [n; 15]].concat();
    let uuids: Vec<Vec<u8>> = (1..=3).map(|n| [&uuid(n)[..15], &[n]].concat()).collect();
    let fixed: ArrayRef =
        Arc::new(FixedSizeBinaryArray::try_from_iter(uuids.iter().map(Vec::as_slice)).unwrap());
    let written = |n: u8| format!("9e000000-0000-4a00-8000-00000000000{n}");
    for (what, ids, expected) in [
        (
            "binary",
            Arc::new(BinaryArray::from(IDS.map(str::as_bytes).to_vec())) as ArrayRef,
            IDS.map(str::to_owned),
        ),
        (
            "large binary",
            Arc::new(LargeBinaryArray::from(IDS.map(str::as_bytes).to_vec())),
            IDS.map(str::to_owned),
        ),
        ("UUID", fixed, [1, 2, 3].map(|n| written(n).to_uppercase())),
        (
            "fixed text",
            Arc::new(
                FixedSizeBinaryArray::try_from_iter([b"A1\0", b"A2\0", b"A3\0"].iter()).unwrap(),
            ),
            IDS.map(str::to_owned),
        ),
    ] {
        let file = bench.put("disputes.parquet", &parquet(vec![("event_id", ids)]));
        let (_, kept) = bench.read(&file, None).expect(what);
        assert_eq!(kept.column("event_id"), expected, "{what}: {:?}", kept.refusals);
    }
    let bad: ArrayRef = Arc::new(BinaryArray::from(vec![b"grid".as_slice(), b"\xff\xff", b"x"]));
    let file = bench.put("disputes.parquet", &parquet(vec![("channel", bad)]));
    let (tally, kept) = bench.read(&file, None).unwrap();
    assert_eq!((tally.accepted, tally.refused_cells), (3, 2));
    assert!(kept.refusals[0].reason.contains("bytes that are no text"), "{:?}", kept.refusals);
}

#[test]
fn decimals_too_wide_are_cells_that_cannot_be_taken() {
    let bench = Bench::new();
    let wide = |scale: i8, values: [i256; 3]| -> ArrayRef {
        let array = Decimal256Array::from(values.to_vec());
        Arc::new(array.with_precision_and_scale(76, scale).unwrap())
    };
    let ten = |power: u32| i256::from_i128(10).wrapping_pow(power);
    let narrow: ArrayRef = Arc::new(
        Decimal128Array::from(vec![150, i128::from(i64::MAX) * 1_000_000_000, 100])
            .with_precision_and_scale(38, 2)
            .unwrap(),
    );
    for (what, amounts, accepted) in [
        ("76 digits", wide(2, [ten(2), ten(70), ten(3)]), [true, false, true]),
        ("many decimals", wide(40, [ten(40), ten(75), ten(41)]), [true, false, true]),
        ("all decimals", wide(76, [ten(75), ten(1), ten(0)]), [true, true, true]),
        ("38 digits", narrow, [true, false, true]),
    ] {
        let file = bench.put("disputes.parquet", &parquet(vec![("amount", amounts)]));
        let (tally, kept) = bench.read(&file, None).expect(what);
        assert_eq!(tally.accepted, 3, "{what}");
        let there: Vec<bool> = kept.column("amount").iter().map(|a| a != "∅").collect();
        assert_eq!(there, accepted, "{what}: {:?}", kept.refusals);
        assert_eq!(tally.refused_cells, accepted.iter().filter(|a| !**a).count() as u64, "{what}");
    }
}

/// The same folder as programs write it that partition by columns.
fn partitioned(bench: &Bench, name: &str, parts: &[(&str, Vec<u8>)]) -> PathBuf {
    let folder = bench.dir.path().join(name);
    for (place, bytes) in parts {
        let file = folder.join(place);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(file, bytes).unwrap();
    }
    folder
}

#[test]
fn partitioned_folders_are_one_file() {
    let bench = Bench::new();
    let of = |ids: [&str; 3]| parquet(vec![("event_id", text(ids)), ("category", text([""; 3]))]);
    let without = |ids: [&str; 3]| {
        let at: ArrayRef = Arc::new(TimestampSecondArray::from(vec![1_740_787_500; 3]));
        let columns = [("event_id", text(ids)), ("occurred_at", at)];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut out = Vec::new();
        let mut writer = ArrowWriter::try_new(&mut out, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        out
    };
    let folder = partitioned(
        &bench,
        "disputes_hive",
        &[
            ("area_code=620981100/category=neighbour/part-0.parquet", without(IDS)),
            ("area_code=620981101/category=neighbour/a.parquet", without(["B1", "B2", "B3"])),
            (
                "area_code=620981101/category=%E9%82%BB%E9%87%8C/b.parquet",
                without(["C1", "C2", "C3"]),
            ),
            ("_SUCCESS", Vec::new()),
            ("area_code=620981101/category=neighbour/.a.parquet.crc", Vec::new()),
        ],
    );
    assert!(is_partitioned(&folder));
    let (tally, kept) = bench.read(&folder, None).unwrap();
    assert_eq!((tally.rows, tally.accepted), (9, 9), "{:?}", kept.refusals);
    assert_eq!(kept.column("area_code")[0], "620981100");
    assert_eq!(kept.column("category"), ["neighbour"; 9]);
    // Missing values of a partition are empty, and the file that lacks them is named.
    let folder = partitioned(
        &bench,
        "disputes_gap",
        &[
            ("area_code=620981100/category=neighbour/a.parquet", without(IDS)),
            ("area_code=__HIVE_DEFAULT_PARTITION__/category=neighbour/b.parquet", without(IDS)),
        ],
    );
    let (tally, kept) = bench.read(&folder, None).unwrap();
    assert_eq!((tally.accepted, tally.refused_rows), (3, 3));
    assert!(kept.refusals[0].column == "2!area_code", "{:?}", kept.refusals);
    for (name, parts) in [
        ("text", vec![("month=1/a.csv", b"a,b".to_vec())]),
        ("no keys", vec![("一月/a.parquet", of(IDS))]),
        ("bare", vec![("a.parquet", of(IDS))]),
        ("mixed", vec![("month=1/a.parquet", of(IDS)), ("month=1/说明.txt", b"x".to_vec())]),
        ("nothing", vec![("month=1/_SUCCESS", Vec::new())]),
    ] {
        let folder = partitioned(&bench, name, &parts);
        assert!(!is_partitioned(&folder), "{name}");
    }
}

#[test]
fn the_same_bytes_in_another_partition_are_another_batch() {
    let bench = Bench::new();
    let mapping = Mapping::load(&bench.dir.path().join("mappings/disputes.toml")).unwrap();
    let id = |name: &str, place: &str| {
        let folder = partitioned(&bench, name, &[(place, parquet(Vec::new()))]);
        batch_id(&folder, &mapping, mapping.domain, None).unwrap()
    };
    let first = id("a", "month=1/a.parquet");
    assert_eq!(first, id("b", "month=1/a.parquet"));
    assert_ne!(first, id("c", "month=2/a.parquet"));
}
