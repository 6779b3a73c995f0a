//! Text files as exports write them: separators, quotes, encodings, invisible characters.

use encoding_rs::GB18030;

use super::bad_input_cases::{HEADER, good};
use super::*;

const ALL: [&str; 6] = ["A1", "A2", "A3", "A4", "A5", "A6"];

/// Header and six rows.
fn rows() -> Vec<Vec<String>> {
    let header = HEADER.split(',').map(str::to_owned).collect();
    std::iter::once(header).chain(ALL.map(good)).collect()
}

fn joined(rows: &[Vec<String>], separator: &str) -> String {
    rows.iter().map(|row| row.join(separator) + "\n").collect()
}

fn gbk(text: &str) -> Vec<u8> {
    GB18030.encode(text).0.into_owned()
}

#[test]
fn separators_are_found() {
    let bench = Bench::new();
    for separator in [",", "\t", ";", "|", "||", "^", "\u{1}", "，", "、", "  ", "    "] {
        let mut rows = rows();
        // The last column's texts are what people write.
        rows[2][14] = "双方发生争执".into();
        let file = bench.put("台账.txt", joined(&rows, separator).as_bytes());
        let (tally, kept) = bench.read(&file, None).expect(separator);
        assert_eq!(kept.column("event_id"), ALL, "{separator:?}");
        assert_eq!(tally.refused_rows + tally.refused_cells, 0, "{separator:?}");
    }
    for separator in [";", "|", "~", "!", "\t"] {
        let text = format!("sep={separator}\r\n{}", joined(&rows(), separator));
        let (_, kept) = bench.read(&bench.put("台账.csv", text.as_bytes()), None).expect(separator);
        assert_eq!(kept.column("event_id"), ALL, "{separator:?}");
    }
}

#[test]
fn a_separator_that_texts_hold_too_is_named_with_the_row() {
    let bench = Bench::new();
    for (separator, text) in [
        ("，", "双方发生争执，未达成一致"),
        ("、", "树木、围墙"),
        ("^", "m^2"),
        ("  ", "双方  争执"),
        ("，", "一，二，三"),
    ] {
        let mut rows = rows();
        rows[3][14] = text.into();
        let file = bench.put("台账.txt", joined(&rows, separator).as_bytes());
        let message = bench.read(&file, None).map(|_| ()).unwrap_err().to_string();
        let name = match separator {
            "  " => "blanks".to_owned(),
            separator => format!("\"{separator}\""),
        };
        let what = format!("is separated by {name}, and row 4 has");
        assert!(message.contains(&what), "{message}");
    }
}

#[test]
fn quotes_swallow_no_row() {
    let bench = Bench::new();
    let with = |changes: &[(usize, usize, &str)]| {
        let mut rows = rows();
        for (row, column, text) in changes {
            rows[*row][*column] = (*text).into();
        }
        let (tally, kept) =
            bench.read(&bench.put("台账.csv", joined(&rows, ",").as_bytes()), None).unwrap();
        assert_eq!(tally.rows, 6, "{changes:?}");
        let refused: Vec<u64> =
            kept.refusals.iter().filter(|r| r.whole_row).map(|r| r.row).collect();
        (kept.column("event_id"), refused, kept.refusals)
    };
    let without = |left_out: &[&str]| -> Vec<&str> {
        ALL.into_iter().filter(|id| !left_out.contains(id)).collect()
    };
    // Opened at a field's end, closed some rows below, in the last column and in one within.
    for (column, last) in [(14, 5), (14, 3), (14, 6), (13, 5), (13, 3), (5, 4)] {
        let (ids, refused, refusals) = with(&[(2, column, "\"他说"), (last, column, "\"")]);
        if column == 14 {
            let reason = format!("a quote that swallows the rows up to {}", last + 1);
            assert!(refusals[0].reason.contains(&reason), "{refusals:?}");
        }
        assert!(refused.contains(&3), "{column} {last}: {refused:?}");
        assert!(ids.len() >= 4, "{column} {last}: {ids:?}");
        assert_eq!(ids.len() + refused.len(), 6, "{column} {last}: {ids:?} {refusals:?}");
    }
    let (ids, refused, _) = with(&[(2, 14, "\"他说"), (5, 14, "对方说好\"")]);
    assert_eq!((ids, refused), (without(&["A2"]).iter().map(|s| (*s).into()).collect(), vec![3]));
    // What belongs together stays together.
    for text in [
        "\"第一行\n第二行\"",
        "\"第一行\n\n第三行\n\"",
        "\"甲,乙\n丙,丁\"",
        "\"一,二,三\n四,五\n六\"",
        "\"他说\"\"不\"\"\n走了\"",
        "\"a\nb\nc\nd\ne\nf\ng\nh\"",
    ] {
        for column in [13, 14] {
            let (ids, refused, _) = with(&[(2, column, text), (4, column, text)]);
            assert_eq!((ids, refused), (ALL.map(str::to_owned).to_vec(), vec![]), "{text}");
        }
    }
}

#[test]
fn many_open_quotes_are_read_in_time() {
    let bench = Bench::new();
    let started = std::time::Instant::now();
    for (line, times) in [
        ("x\",\"z\n".to_owned(), 20_000),
        ("\"x\n".to_owned(), 20_000),
        (format!("\"{}\n", "x".repeat(4_000)), 10_000),
        ("a,\"b\",\"\n".to_owned(), 20_000),
        ("\"\"\",\n".to_owned(), 20_000),
    ] {
        let text = format!("{}{}{}", joined(&rows()[..2], ","), line.repeat(times), {
            joined(&rows()[2..], ",")
        });
        let (tally, kept) = bench.read(&bench.put("台账.csv", text.as_bytes()), None).unwrap();
        assert_eq!(kept.column("event_id"), ALL, "{line:.20}");
        assert!(tally.refused_rows > 0);
    }
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn encodings_that_marks_hide() {
    let bench = Bench::new();
    let text = joined(&rows(), ",");
    let wide = |le: bool| -> Vec<u8> {
        text.encode_utf16()
            .flat_map(|u| if le { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    };
    let mark = b"\xef\xbb\xbf".as_slice();
    for (what, bytes, name) in [
        ("mark and GBK", [mark, &gbk(&text)].concat(), "gb18030"),
        ("UTF-16LE without mark", wide(true), "UTF-16LE"),
        ("UTF-16BE without mark", wide(false), "UTF-16BE"),
        ("two marks", [mark, mark, text.as_bytes()].concat(), ""),
        ("Ctrl-Z", [text.as_bytes(), b"\x1a"].concat(), ""),
        ("Ctrl-Z and line", [&gbk(&text)[..], b"\r\n\x1a\r\n"].concat(), "gb18030"),
    ] {
        let (tally, kept) = bench.read(&bench.put("台账.csv", &bytes), None).expect(what);
        assert_eq!(kept.column("event_id"), ALL, "{what}");
        assert_eq!(tally.rows, 6, "{what}");
        let said = tally.notices.iter().any(|n| n.contains("read as"));
        assert_eq!(said, !name.is_empty(), "{what} {:?}", tally.notices);
    }
}

#[test]
fn joined_files_are_one_table() {
    let bench = Bench::new();
    let all = rows();
    let (first, second) = (joined(&all[..4], ","), joined(&[&all[..1], &all[4..]].concat(), ","));
    let mark = "\u{feff}";
    for (what, bytes, note) in [
        ("header again", format!("{first}{second}").into_bytes(), "stands again in 1 rows"),
        ("mark again", format!("{mark}{first}{mark}{second}").into_bytes(), "again in 1 rows"),
        ("thrice", format!("{first}{}{second}", all[0].join(",") + "\n").into_bytes(), "in 2 rows"),
        ("GBK", gbk(&format!("{first}{second}")), "again in 1 rows"),
        (
            "GBK, then UTF-8",
            [gbk(&first), second.clone().into_bytes()].concat(),
            "in UTF-8 from row 5 on",
        ),
        (
            "UTF-8, then GBK",
            [first.clone().into_bytes(), gbk(&second)].concat(),
            "in gb18030 from row 5 on",
        ),
        (
            "GBK, then a mark and UTF-8",
            [gbk(&first), format!("{mark}{second}").into_bytes()].concat(),
            "in UTF-8 from row 5 on",
        ),
    ] {
        let (tally, kept) = bench.read(&bench.put("台账.csv", &bytes), None).expect(what);
        assert_eq!(kept.column("event_id"), ALL, "{what}: {:?}", kept.refusals);
        assert_eq!(tally.rows, 6, "{what}");
        assert!(tally.notices.iter().any(|n| n.contains(note)), "{what}: {:?}", tally.notices);
    }
}

#[test]
fn what_nobody_sees_does_not_matter() {
    let bench = Bench::new();
    let hidden = ["\u{200b}", "\u{200e}", "\u{ad}", "\u{2060}", "\u{feff}", "\u{a0}", "\u{3000}"];
    for mark in hidden {
        let mut rows = rows();
        rows[0][0] = format!("{mark}编号{mark}");
        rows[0][3] = format!("乡{mark}镇");
        rows[2][0] = format!("{mark}A2{mark}");
        rows[2][3] = format!("赤金镇{mark}");
        rows[3][6] = format!("邻{mark}里");
        rows[4][1] = format!("2025-03-01{mark} 08:05");
        let file = bench.put("台账.csv", joined(&rows, ",").as_bytes());
        let (tally, kept) = bench.read(&file, None).unwrap_or_else(|e| panic!("{mark:?} {e}"));
        assert_eq!(kept.column("event_id"), ALL, "{mark:?}: {:?}", kept.refusals);
        assert_eq!(tally.refused_cells, 0, "{mark:?}: {:?}", kept.refusals);
    }
}

#[test]
fn blank_lines_without_end_are_no_table() {
    let bench = Bench::new();
    let text = joined(&rows(), ",");
    let blank = "\n".repeat(1_200_000);
    for text in [format!("{text}{blank}"), format!("{blank}{text}"), "\r\n".repeat(1_200_000)] {
        let error = bench.read(&bench.put("台账.csv", text.as_bytes()), None).map(|_| ());
        let message = error.unwrap_err().to_string();
        assert!(message.contains("blank lines one after the other"), "{message}");
    }
    let text = format!("{text}{}", "\n".repeat(100_000));
    assert_eq!(bench.read(&bench.put("台账.csv", text.as_bytes()), None).unwrap().0.rows, 6);
}

#[cfg(unix)]
#[test]
fn names_in_gbk_fit_their_mapping() {
    use std::os::unix::ffi::OsStrExt;
    let bench = Bench::new();
    for name in ["台账1月.csv", "台账（２）.csv", "台账_最终版.csv", "台账.txt", "台账终.csv"]
    {
        let bytes = gbk(name);
        let path = bench.dir.path().join(std::ffi::OsStr::from_bytes(&bytes));
        std::fs::write(&path, joined(&rows(), ",")).unwrap();
        assert_eq!(bench.read(&path, None).unwrap().1.column("event_id"), ALL, "{name}");
    }
}
