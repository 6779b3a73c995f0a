//! Ledgers as departments keep them, each in a way of its own: proposed, read by the proposal, and
//! compared with the events they were made of.

use rust_xlsxwriter::{Format, Workbook};

use super::*;
use crate::PartyHasher;
use crate::ingest::{Intake, Origin, Refusal, Sink, Tally, read_file};
use crate::mapping::Mapping;
use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::DataType;

/// One event, before a department writes it down.
struct Event {
    n: usize,
    day: String,
    /// Township and village, as names and as the code they lead to.
    town: &'static str,
    village: &'static str,
    code: &'static str,
    category: (&'static str, &'static str),
    /// Yuan.
    amount: u32,
    persons: [String; 2],
}

const PLACES: [(&str, &str, &str); 3] = [
    ("赤金镇", "光明村", "620981101202"),
    ("玉门镇", "新民村", "620981100201"),
    ("赤金镇", "金峡村", "620981101203"),
];
const REGISTER: &str = "code,name,level,parent,population,households,vehicles,enterprises,lon,lat,aliases\n620981,玉门市,county,,,,,,,,\n\
    620981100,玉门镇,township,620981,,,,,,,\n620981101,赤金镇,township,620981,,,,,,,\n620981101202,光明村,village,620981101,,,,,,,\n\
    620981101203,金峡村,village,620981101,,,,,,,\n620981100201,新民村,village,620981100,,,,,,,\n";

type Words = [(&'static str, &'static str); 3];

const DISPUTES: Words =
    [("邻里", "neighbour"), ("物业纠纷", "property_management"), ("欠薪", "wage_arrears")];
const PETITIONS: Words = [("征地", "land"), ("住房", "housing"), ("养老", "pensions")];
const REQUESTS: Words = [("噪音", "noise"), ("违停", "parking"), ("路灯", "street_lights")];
const ORDER: Words = [("盗窃", "theft"), ("家暴", "domestic_violence"), ("赌博", "gambling")];
const TRAFFIC: Words = [("一般事故", "crash"), ("酒驾", "drunk_driving"), ("超速", "violation")];
const SAFETY: Words = [("火灾", "fire"), ("溺水", "drowning"), ("食物中毒", "food")];
const COURT: Words =
    [("民间借贷", "private_lending"), ("离婚", "marriage_family"), ("物业", "property")];
const FRAUD: Words =
    [("电诈", "telecom_fraud"), ("合同诈骗", "fraud"), ("非法集资", "illegal_fundraising")];

fn events(count: usize, words: &Words) -> Vec<Event> {
    let event = |n: usize| {
        let (town, village, code) = PLACES[n * 7 / 5 % 3];
        Event {
            n: n + 1,
            day: format!("2025-{:02}-{:02}", 3 + n / 28, 1 + n % 28),
            town,
            village,
            code,
            category: words[n * 5 / 3 % 3],
            amount: (n as u32 % 9 + 1) * 300,
            persons: [format!("甲某{n}"), format!("乙某{n}")],
        }
    };
    (0..count).map(event).collect()
}

fn csv(lines: impl IntoIterator<Item = String>) -> Vec<u8> {
    lines.into_iter().map(|line| line + "\n").collect::<String>().into_bytes()
}

/// A line for each event below a header.
fn table(header: &str, events: &[Event], line: impl Fn(&Event) -> String) -> Vec<u8> {
    csv(std::iter::once(header.to_owned()).chain(events.iter().map(line)))
}

/// A sheet of these cells, in which those of `merged` (first row, last row, column) are one.
fn xlsx(cells: &[Vec<String>], merged: &[(u32, u32, u16)]) -> Vec<u8> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for &(first, last, column) in merged {
        sheet.merge_range(first, column, last, column, "", &Format::new()).unwrap();
    }
    for (row, line) in cells.iter().enumerate() {
        for (column, cell) in line.iter().enumerate().filter(|(_, cell)| !cell.is_empty()) {
            match cell.parse::<f64>() {
                Ok(number) if cell.contains('.') => sheet.write(row as u32, column as u16, number),
                _ => sheet.write(row as u32, column as u16, cell.as_str()),
            }
            .unwrap();
        }
    }
    book.save_to_buffer().unwrap()
}

fn cells(lines: impl IntoIterator<Item = String>) -> Vec<Vec<String>> {
    lines.into_iter().map(|line| line.split(',').map(str::to_owned).collect()).collect()
}

#[derive(Default)]
struct Kept {
    batches: Vec<RecordBatch>,
    refusals: Vec<Refusal>,
}

impl Sink for Kept {
    fn accept(&mut self, batch: RecordBatch) -> Result<()> {
        self.batches.push(batch);
        Ok(())
    }
    fn refuse(&mut self, refusals: &[Refusal]) -> Result<()> {
        self.refusals.extend_from_slice(refusals);
        Ok(())
    }
    fn trace(&mut self, _: &[Origin]) -> Result<()> {
        Ok(())
    }
}

impl Kept {
    fn column(&self, name: &str) -> Vec<String> {
        let texts = self.batches.iter().flat_map(|batch| {
            let array = cast(batch.column_by_name(name).unwrap(), &DataType::Utf8).unwrap();
            array.as_string::<i32>().iter().map(|v| v.unwrap_or("∅").to_owned()).collect::<Vec<_>>()
        });
        texts.collect()
    }
}

/// A workspace's register, lists and key.
struct Desk {
    dir: tempfile::TempDir,
    register: Register,
    taxonomy: Taxonomy,
    words: HeaderWords,
    hasher: PartyHasher,
}

impl Desk {
    fn new() -> Desk {
        let dir = tempfile::tempdir().unwrap();
        let areas = dir.path().join("areas.csv");
        std::fs::write(&areas, REGISTER).unwrap();
        let taxonomy = include_str!("../../../../../models/taxonomy.toml");
        let words = include_str!("../../../../../models/headers.toml");
        Desk {
            register: Register::read(&areas).unwrap(),
            taxonomy: Taxonomy::parse(Path::new("t"), taxonomy).unwrap(),
            words: HeaderWords::parse(Path::new("h"), words).unwrap(),
            hasher: PartyHasher::open(&dir.path().join("party.key"), false).unwrap(),
            dir,
        }
    }

    fn propose(&self, name: &str, bytes: &[u8]) -> Result<Proposal> {
        let file = self.dir.path().join(name);
        std::fs::write(&file, bytes).unwrap();
        propose(&file, None, &self.register, &self.taxonomy, &self.words)
    }

    fn ingest(&self, name: &str, mapping: &str) -> (Tally, Kept) {
        let mapping = Mapping::parse(Path::new("m.toml"), mapping)
            .unwrap_or_else(|e| panic!("{name}: {e}\n{mapping}"));
        let intake = Intake {
            register: &self.register,
            taxonomy: &self.taxonomy,
            time_zone: chrono_tz::Asia::Shanghai,
            clock: "2026-01-01T00:00:00Z".parse().unwrap(),
            history: None,
            hasher: &self.hasher,
        };
        let mut kept = Kept::default();
        let file = self.dir.path().join(name);
        let tally = read_file(&file, None, &mapping, &intake, "b", None, &mut kept).unwrap();
        (tally, kept)
    }
}

/// A ledger and what is expected of it.
struct Ledger {
    /// The style it is written in, for messages.
    style: &'static str,
    file: &'static str,
    bytes: Vec<u8>,
    events: Vec<Event>,
    domain: &'static str,
    /// What must stand in the proposal.
    says: &'static str,
    /// The edit that the proposal asks for: the line as it is and as it becomes.
    edit: Option<(&'static str, &'static str)>,
    /// Whether the ledger names village, amount.
    village: bool,
    amount: bool,
}

fn ledgers() -> Vec<Ledger> {
    let plain = |file, domain, words: &Words, count| Ledger {
        style: "",
        file,
        bytes: Vec::new(),
        events: events(count, words),
        domain,
        says: "",
        edit: None,
        village: true,
        amount: false,
    };
    let mut all = Vec::new();

    let mut ledger = plain("信访台账202503.csv", "petitions", &PETITIONS, 28);
    ledger.style = "numbers that begin anew";
    ledger.says = "counts the rows from 1";
    ledger.bytes = table(
        "编号,信访日期,乡镇,村,信访类别,信访人,备注",
        &ledger.events,
        |e| {
            format!(
                "{},{},{},{},{},{},自述{}",
                e.n, e.day, e.town, e.village, e.category.0, e.persons[0], e.n
            )
        },
    );
    all.push(ledger);

    let mut ledger = plain("立案登记2025.csv", "litigation", &COURT, 40);
    ledger.style = "a number of the row, and case numbers lost in a spreadsheet";
    ledger.says = "has lost digits";
    ledger.file = "诉讼立案登记2025.csv";
    ledger.bytes = table(
        "序号,案号,立案日期,镇街,村社区,案由,原告,被告",
        &ledger.events,
        |e| {
            let [a, b] = &e.persons;
            format!(
                "{},2.02501E+14,{},{},{},{},{a},{b}",
                e.n, e.day, e.town, e.village, e.category.0
            )
        },
    );
    all.push(ledger);

    let mut ledger = plain("欠薪矛盾纠纷.csv", "disputes", &DISPUTES, 20);
    ledger.style = "a unit in the header";
    ledger.says = "amount = \"万元\"   # the header says so";
    ledger.amount = true;
    ledger.bytes = table(
        "纠纷编号,发生日期,乡镇,村,纠纷类型,欠薪金额（万元）,当事人",
        &ledger.events,
        |e| {
            let amount = f64::from(e.amount) / 10_000.0;
            let [a, b] = &e.persons;
            format!(
                "JF2025{:04},{},{},{},{},{amount},{a}、{b}",
                e.n, e.day, e.town, e.village, e.category.0
            )
        },
    );
    all.push(ledger);

    let mut ledger = plain("交警事故统计.xlsx", "traffic", &TRAFFIC, 20);
    ledger.style = "a unit in the header of a workbook";
    ledger.says = "amount = \"千元\"   # the header says so";
    ledger.amount = true;
    let lines = ledger.events.iter().map(|e| {
        let amount = f64::from(e.amount) / 1_000.0;
        format!(
            "SG2025{:04},{},{},{},{},{amount:.2},{}",
            e.n, e.day, e.town, e.village, e.category.0, e.persons[0]
        )
    });
    let header = "事故编号,事故时间,镇街,村,事故类型,经济损失(单位：千元),驾驶人姓名".to_owned();
    ledger.bytes = xlsx(&cells(std::iter::once(header).chain(lines)), &[]);
    all.push(ledger);

    let mut ledger = plain("群众诉求件2025.xlsx", "requests", &REQUESTS, 24);
    ledger.style = "townships merged over blocks of rows";
    ledger.village = false;
    in_blocks(&mut ledger.events, 4);
    let header = "工单编号,诉求时间,所属街道,诉求类别,来电人,联系电话".to_owned();
    let lines = blocks(&ledger.events, 4, |e, town| {
        format!("GD{:05},{},{town},{},{},139{:08}", e.n, e.day, e.category.0, e.persons[0], e.n)
    });
    let merged: Vec<(u32, u32, u16)> =
        (0..6).map(|block| (1 + block * 4, 4 + block * 4, 2)).collect();
    ledger.bytes = xlsx(&cells(std::iter::once(header).chain(lines)), &merged);
    all.push(ledger);

    let mut ledger = plain("12345热线导出.csv", "requests", &REQUESTS, 24);
    ledger.style = "townships merged and exported";
    ledger.says = "fill_down = [\"乡镇街道\"]";
    ledger.village = false;
    in_blocks(&mut ledger.events, 6);
    let lines = blocks(&ledger.events, 6, |e, town| {
        format!("{town},R-{:05},{},{},{}", e.n, e.day, e.category.0, e.persons[0])
    });
    ledger.bytes =
        csv(std::iter::once("乡镇街道,受理编号,来电时间,问题类别,反映人".to_owned()).chain(lines));
    all.push(ledger);

    let mut ledger = plain("社会治安警情.xlsx", "public_order", &ORDER, 22);
    ledger.style = "a header of two merged rows under a title";
    ledger.says = "header_rows = 2";
    let head = [
        "某局警情登记表,,,,,,,".to_owned(),
        "序号,警情编号,时间,,地点,,警情类别,报警人,".to_owned(),
        ",,登记,发生,乡镇,村,,姓名,电话".to_owned(),
    ];
    let lines = ledger.events.iter().map(|e| {
        let [name, _] = &e.persons;
        format!(
            "{},JQ{:04},{} 09:00,{},{},{},{},{name},139{:08}",
            e.n, e.n, e.day, e.day, e.town, e.village, e.category.0, e.n
        )
    });
    ledger.bytes = xlsx(&cells(head.into_iter().chain(lines)), &[(1, 2, 0), (1, 2, 1), (1, 2, 6)]);
    all.push(ledger);

    let mut ledger = plain("矛盾纠纷排查表.csv", "disputes", &DISPUTES, 15);
    ledger.style = "a header of two rows, exported";
    ledger.says = "header_rows = 2";
    let head = [
        "纠纷编号,区划,,发生日期,纠纷类型,当事双方,".to_owned(),
        ",乡镇,村,,,姓名,身份证号".to_owned(),
    ];
    let lines = ledger.events.iter().map(|e| {
        format!(
            "JF-{:03},{},{},{},{},{},",
            e.n, e.town, e.village, e.day, e.category.0, e.persons[0]
        )
    });
    ledger.bytes = csv(head.into_iter().chain(lines));
    all.push(ledger);

    let mut ledger = plain("公共安全事件月报.csv", "public_safety", &SAFETY, 18);
    ledger.style = "a total and a footer";
    ledger.says = "stop_at = [\"合计\"]";
    let lines = ledger.events.iter().map(|e| {
        format!("{},SJ{:04},{},{},{},{},1", e.n, e.n, e.day, e.town, e.village, e.category.0)
    });
    let foot = [
        "合计,,,,,,18".to_owned(),
        "注：本表含各类事件,,,,,,".to_owned(),
        "填报人：某甲,审核：某乙,13800138000".to_owned(),
    ];
    let header = "序号,事件编号,发生时间,乡镇,村,事件类型,死亡人数".to_owned();
    ledger.bytes = csv(std::iter::once(header).chain(lines).chain(foot));
    all.push(ledger);

    let mut ledger = plain("信访事项登记.xlsx", "petitions", &PETITIONS, 18);
    ledger.style = "a total and a footer of a workbook";
    ledger.says = "stop_at = [\"总计\"]";
    let lines = ledger.events.iter().map(|e| {
        format!("XF{:04},{},{},{},{},{}", e.n, e.day, e.town, e.village, e.category.0, e.persons[0])
    });
    let foot = ["总计,,,,18件,".to_owned(), "单位负责人：某甲     填表人：某乙".to_owned()];
    let header = "信访编号,来访时间,乡镇,村,信访类别,信访人姓名".to_owned();
    ledger.bytes = xlsx(&cells(std::iter::once(header).chain(lines).chain(foot)), &[]);
    all.push(ledger);

    let mut ledger = plain("矛盾纠纷当事人明细.csv", "disputes", &DISPUTES, 12);
    ledger.style = "a row for each person";
    ledger.says = "group_by = \"纠纷编号\"   # 24 rows have 12 ids";
    let lines = ledger.events.iter().flat_map(|e| {
        let line = |person: &String| {
            format!(
                "{},JF{:05},{},{},{},{},{person}",
                e.n, e.n, e.day, e.town, e.village, e.category.0
            )
        };
        e.persons.iter().map(line).collect::<Vec<_>>()
    });
    let header = "序号,纠纷编号,发生时间,乡镇,村,纠纷类型,当事人姓名".to_owned();
    ledger.bytes = csv(std::iter::once(header).chain(lines));
    all.push(ledger);

    let mut ledger = plain("调解案件当事人.xlsx", "disputes", &DISPUTES, 10);
    ledger.style = "a row for each person, the rest merged";
    ledger.says = "group_by = \"案件编号\"   # 20 rows have 10 ids";
    let lines = ledger.events.iter().flat_map(|e| {
        let [a, b] = &e.persons;
        let first = format!("TJ{:05},{},{},{},{},{a}", e.n, e.day, e.town, e.village, e.category.0);
        [first, format!(",,,,,{b}")]
    });
    let header = "案件编号,受理时间,乡镇,村,纠纷类别,申请人".to_owned();
    let rows = cells(std::iter::once(header).chain(lines));
    let merged: Vec<(u32, u32, u16)> =
        (0..10).flat_map(|n| (0..5).map(move |column| (1 + n * 2, 2 + n * 2, column))).collect();
    ledger.bytes = xlsx(&rows, &merged);
    all.push(ledger);

    let mut ledger = plain("电诈案件.csv", "fraud_crime", &FRAUD, 26);
    ledger.style = "no number of a case, and the accounts of persons";
    ledger.says = "no column is the number of a case";
    ledger.bytes = table(
        "发案时间,乡镇,村,案件类别,银行卡号,微信号,详细地址,护照号",
        &ledger.events,
        |e| {
            let n = e.n;
            format!(
                "{},{},{},{},62170000{:011},wxid_te{n:04},铁人路{n}号{n}室,E1000{n:04}",
                e.day,
                e.town,
                e.village,
                e.category.0,
                n * 1_000_003
            )
        },
    );
    all.push(ledger);

    let mut ledger = plain("矛盾纠纷英文日期.csv", "disputes", &DISPUTES, 12);
    ledger.style = "dates of which none says what comes first";
    ledger.says = "# date_format = \"%d/%m/%Y\"";
    ledger.edit = Some(("# date_format", "date_format"));
    ledger.bytes =
        table("纠纷编号,发生日期,乡镇,村,纠纷类型", &ledger.events, |e| {
            let (month, day) = (&e.day[5..7], &e.day[8..]);
            format!("JF{:04},{day}/{month}/2025,{},{},{}", e.n, e.town, e.village, e.category.0)
        });
    all.push(ledger);
    all
}

/// Gives blocks of events one township each.
fn in_blocks(events: &mut [Event], size: usize) {
    for (i, event) in events.iter_mut().enumerate() {
        let first = (i / size).is_multiple_of(2);
        (event.town, event.code) =
            if first { ("赤金镇", "620981101") } else { ("玉门镇", "620981100") };
    }
}

/// Lines in which only the first of each block has the township.
fn blocks(events: &[Event], size: usize, line: impl Fn(&Event, &str) -> String) -> Vec<String> {
    let town = |i: usize, e: &Event| if i.is_multiple_of(size) { e.town } else { "" };
    events.iter().enumerate().map(|(i, e)| line(e, town(i, e))).collect()
}

#[test]
fn twelve_ledgers_are_proposed_and_land_as_they_were_made() {
    let desk = Desk::new();
    let all = ledgers();
    assert!(all.len() >= 12);
    for ledger in all {
        let Ledger { style, file, .. } = ledger;
        let proposal = desk.propose(file, &ledger.bytes).unwrap_or_else(|e| panic!("{style}: {e}"));
        let text = &proposal.text;
        assert!(proposal.missing.is_empty(), "{style}: {text}");
        assert!(text.contains(ledger.says), "{style} should say {:?}: {text}", ledger.says);
        for person in ["某", "甲某", "139", "wxid", "6217", "铁人路", "E1000", "13800138000"]
        {
            assert!(!text.contains(person), "{style} shows {person}: {text}");
        }
        let mapping = match ledger.edit {
            Some((from, to)) => text.replacen(from, to, 1),
            None => text.clone(),
        };
        let (tally, kept) = desk.ingest(file, &mapping);
        assert!(kept.refusals.is_empty(), "{style}: {:?}\n{text}", kept.refusals);
        assert_eq!(tally.accepted as usize, ledger.events.len(), "{style}: {text}");
        assert_eq!(Mapping::parse(Path::new("m"), &mapping).unwrap().domain.id, ledger.domain);
        let expected =
            |value: &dyn Fn(&Event) -> String| ledger.events.iter().map(value).collect::<Vec<_>>();
        assert_eq!(kept.column("day"), expected(&|e| e.day.clone()), "{style}: {text}");
        assert_eq!(kept.column("category"), expected(&|e| e.category.1.into()), "{style}: {text}");
        assert_eq!(kept.column("area_code"), expected(&|e| e.code.into()), "{style}: {text}");
        if ledger.amount {
            let yuan = expected(&|e| format!("{}.00", e.amount));
            assert_eq!(kept.column("amount"), yuan, "{style}: {text}");
        }
        let ids: std::collections::HashSet<String> = kept.column("event_id").into_iter().collect();
        assert_eq!(ids.len(), ledger.events.len(), "{style}: {text}");
        assert!(ledger.village || !text.contains("\"村\""));
    }
}

#[test]
fn the_next_month_lands_beside_the_first() {
    let desk = Desk::new();
    for header in ["编号", "序号"] {
        let file = |month: usize| {
            table(
                &format!("{header},发生日期,乡镇,村,纠纷类型,当事人姓名"),
                &events(28, &DISPUTES),
                |e| {
                    let day = format!("2025-{month:02}-{}", &e.day[8..]);
                    format!(
                        "{},{day},{},{},{},{}",
                        e.n, e.town, e.village, e.category.0, e.persons[0]
                    )
                },
            )
        };
        let mapping = desk.propose("矛盾纠纷202501.csv", &file(1)).unwrap().text;
        let (_, first) = desk.ingest("矛盾纠纷202501.csv", &mapping);
        desk.propose("矛盾纠纷202502.csv", &file(2)).unwrap();
        let (_, second) = desk.ingest("矛盾纠纷202502.csv", &mapping);
        let ids = [first.column("event_id"), second.column("event_id")].concat();
        let different: std::collections::HashSet<&String> = ids.iter().collect();
        assert_eq!(different.len(), 56, "{mapping}");
    }
}

/// A column of persons or of free text: its header and a row's value.
type Mark = (&'static str, fn(usize) -> String);

const MARKS: [Mark; 16] = [
    ("住址", |i| format!("铁人村{i}组{}号", i + 2)),
    ("详细地址", |i| format!("铁人路{i}号1单元{}室", i + 100)),
    ("银行卡号", |i| format!("{}", 6_217_000_000_000_000_000_u64 + i as u64 * 1_000_003)),
    ("护照号", |i| format!("E{}", 10_000_000 + i * 61)),
    ("微信号", |i| format!("wxid_te{i:04}")),
    ("QQ", |i| format!("{}", 100_000_000 + i)),
    ("电子邮箱", |i| format!("tester{i}@example.com")),
    ("驾驶证档案编号", |i| format!("{}", 629_900_000_000_u64 + i as u64 * 977)),
    ("固定电话", |i| format!("0937-{}", 3_300_000 + i * 13)),
    ("备注", |i| format!("甲某{i}家门前")),
    ("姓名", |i| format!("甲某{i}")),
    ("车牌号", |i| format!("甘F{:05}", 10_000 + i)),
    ("社保号", |i| format!("SB{i:06}")),
    ("病历号", |i| format!("BL2025{i:04}")),
    ("学号", |i| format!("2025{i:05}")),
    ("wechat_id", |i| format!("wxid_te{i:04}")),
];

#[test]
fn what_is_of_a_person_is_no_id() {
    let desk = Desk::new();
    for (header, value) in MARKS {
        let bytes = table(
            &format!("发生时间,所属乡镇,纠纷类型,{header}"),
            &events(30, &DISPUTES),
            |e| format!("{},{},{},{}", e.day, e.town, e.category.0, value(e.n)),
        );
        let text = desk.propose("矛盾纠纷.csv", &bytes).unwrap().text;
        let mapping =
            Mapping::parse(Path::new("m"), &text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        let id = mapping.id.as_ref().unwrap_or_else(|| panic!("{text}"));
        assert!(!id.columns.contains(&header.to_owned()), "{text}");
        assert!(!mapping.columns.values().flatten().any(|h| h == header), "{text}");
        assert!(!text.contains(&value(1)) && !text.contains(&value(7)), "{text}");
    }
}

#[test]
fn words_of_a_list_are_shown_and_nothing_else() {
    let desk = Desk::new();
    let proposed = |word: &dyn Fn(usize) -> String| {
        let bytes = table(
            "纠纷编号,发生时间,所属乡镇,纠纷类型",
            &events(30, &DISPUTES),
            |e| format!("A{:03},{},{},{}", e.n, e.day, e.town, word(e.n)),
        );
        desk.propose("矛盾纠纷.csv", &bytes).unwrap().text
    };
    let text = proposed(&|n| ["水事纠纷", "邻里"][n % 2].into());
    assert!(text.contains("# \"水事纠纷\" = \"\"   # 15 rows"), "{text}");
    for word in [
        (&|n: usize| format!("甲某{}", ["子", "丑", "寅", "卯", "辰"][n % 5].repeat(n / 5 + 1)))
            as &dyn Fn(usize) -> String,
        &|n| format!("13800138{:03}", n % 3),
        &|n| ["甲某住铁人路十八号一单元一百零一室双方发生争执", "乙某住铁人路十九号"][n % 2].into(),
        &|n| ["tester@example.com", "邻里"][n % 2].into(),
        &|n| if n == 9 { "甲某子".into() } else { "邻里".into() },
    ] {
        let text = proposed(word);
        assert!(
            !text.contains("甲某") && !text.contains("138") && !text.contains("tester"),
            "{text}"
        );
    }
    let text = proposed(&|n| if n == 9 { "甲某子".into() } else { "邻里".into() });
    assert!(text.contains("# and 1 more, not shown here"), "{text}");
}

#[test]
fn a_file_without_a_header_shows_nothing_of_itself() {
    let desk = Desk::new();
    for line in [
        "A1,2025-03-01,赤金镇,邻里,甲某",
        "甲某,13800138000,赤金镇",
        "20250301,赤金镇,邻里",
        "甲某,赤金镇,邻里",
    ] {
        let bytes = csv((0..10).map(|_| line.to_owned()));
        let said = match desk.propose("矛盾纠纷.csv", &bytes) {
            Ok(proposal) => panic!("{line}: {}", proposal.text),
            Err(e) => e.to_string(),
        };
        assert!(said.contains("no header") && !said.contains("甲某"), "{line}: {said}");
    }
}

#[test]
fn what_is_not_known_is_asked_and_the_edits_are_enough() {
    let desk = Desk::new();
    // Whatever their kind, accidents of a list without one.
    let bytes = table("事故编号,事故时间,乡镇,天气", &events(20, &TRAFFIC), |e| {
        format!("SG{:04},{},{},晴", e.n, e.day, e.town)
    });
    let proposal = desk.propose("accidents_2025.csv", &bytes).unwrap();
    assert_eq!(proposal.missing, ["category"]);
    let edited = proposal
        .text
        .replace("# [constant]", "[constant]")
        .replace("[constant]   # or", "[constant] # or")
        .replace("\n# category = \"\"\n\n", "\ncategory = \"crash\"\n\n");
    let (tally, kept) = desk.ingest("accidents_2025.csv", &edited);
    assert_eq!((tally.accepted, tally.refused_rows), (20, 0), "{edited}");
    assert!(kept.column("category").iter().all(|code| code == "crash"));

    // Small amounts without a unit.
    let bytes = table(
        "纠纷编号,发生日期,乡镇,纠纷类型,涉案金额",
        &events(20, &DISPUTES),
        |e| format!("JF{:04},{},{},{},{}", e.n, e.day, e.town, e.category.0, e.n % 9),
    );
    let proposal = desk.propose("矛盾纠纷.csv", &bytes).unwrap();
    let edited = proposal.text.replace("# amount = \"万元\"", "amount = \"万元\"");
    assert_ne!(edited, proposal.text, "{edited}");
    let (_, kept) = desk.ingest("矛盾纠纷.csv", &edited);
    assert_eq!(kept.column("amount")[2], "30000.00");
}
