//! Feeds as centres have them: history loaded in one day, batches, totals, strays, departments that
//! share a domain. The same events delivered otherwise are the same scores, and raise nothing.

use std::path::{Path, PathBuf};

use chrono::{Days, NaiveDate};

use crate::support::{query, run, stdout};

/// A county of three townships, in which nothing changes.
struct County {
    _folder: tempfile::TempDir,
    root: PathBuf,
}

const TOWNSHIPS: [&str; 3] = ["620981101", "620981102", "620981103"];

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl County {
    fn new() -> County {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("county");
        for inner in ["inbox", "mappings", "models", "lake", "out"] {
            std::fs::create_dir_all(root.join(inner)).unwrap();
        }
        let config = "name = \"静县\"\ncounty = \"620981\"\n";
        std::fs::write(root.join("pingan.toml"), config).unwrap();
        let mut register =
            "code,name,level,parent,population\n620981,静县,county,,45000\n".to_owned();
        for (township, (name, people)) in
            TOWNSHIPS.iter().zip([("甲镇", 20_000), ("乙镇", 15_000), ("丙镇", 10_000)])
        {
            register += &format!("{township},{name},township,620981,{people}\n");
        }
        std::fs::write(root.join("areas.csv"), register).unwrap();
        County { _folder: folder, root }
    }

    fn put(&self, file: &str, content: &str) {
        std::fs::write(self.root.join(file), content).unwrap();
    }

    fn night(&self, day: &str) -> String {
        stdout(&["-w", &self.root.to_string_lossy(), "nightly", "--date", day])
    }

    fn check(&self, day: &str) -> String {
        stdout(&["-w", &self.root.to_string_lossy(), "--as-of", day, "check"])
    }

    fn query(&self, sql: &str) -> Vec<String> {
        query(&self.root, sql)
    }

    /// Scores of the months that are over, by month, area and node.
    fn scores(&self, before: &str) -> Vec<String> {
        self.query(&format!(
            "select period, area_code, node, score from scores where length(period) = 7 \
             and period < '{before}' and score is not null order by 1, 2, 3"
        ))
    }

    /// What is told of a night: findings that are no forecasts and say something.
    fn told(&self) -> Vec<String> {
        self.query(
            "select area_code, category, kind, period_start from findings \
             where kind not in ('forecast', 'not_assessable') order by 1, 2, 3, 4",
        )
    }

    fn state(&self, day: &str) -> Vec<String> {
        self.query(&format!(
            "select state from coverage where source is null and day = date '{day}'"
        ))
    }
}

/// One theft a day in each township, with a column that says when it was recorded, or none.
fn thefts(first: &str, last: &str, recorded: Option<&dyn Fn(NaiveDate) -> String>) -> String {
    let head = if recorded.is_some() { ",recorded_at" } else { "" };
    let mut text = format!("event_id,occurred_at,area_code,category,outcome{head}\n");
    for day in date(first).iter_days().take_while(|day| *day <= date(last)) {
        for (n, township) in TOWNSHIPS.iter().enumerate() {
            let outcome = if (day - date(first)).num_days() as usize % 3 == n {
                "solved"
            } else {
                "unsolved"
            };
            let recorded = recorded.map_or(String::new(), |at| format!(",{}", at(day)));
            text += &format!("{day}-{n},{day} 09:00,{township},theft,{outcome}{recorded}\n");
        }
    }
    text
}

const FIRST: &str = "2024-01-01";

#[test]
fn a_history_loaded_on_one_day_scores_as_one_that_came_day_by_day_and_raises_nothing() {
    let control = County::new();
    let same_day = |day: NaiveDate| format!("{day} 20:00");
    control.put("inbox/public_order_1.csv", &thefts(FIRST, "2026-01-31", Some(&same_day)));
    control.night("2026-01-31");
    let (scores, told) = (control.scores("2026-02"), control.told());
    assert!(scores.len() > 24 * 4 && told.is_empty(), "{} {told:?}", scores.len());

    let loaded = |_: NaiveDate| "2026-01-31 20:00".to_owned();
    let recorded: [Option<&dyn Fn(NaiveDate) -> String>; 2] = [None, Some(&loaded)];
    for recorded in recorded {
        let county = County::new();
        county.put("inbox/public_order_1.csv", &thefts(FIRST, "2026-01-31", recorded));
        county.night("2026-01-31");
        assert_eq!(county.scores("2026-02"), scores);
        assert_eq!(county.told(), Vec::<String>::new());
        // The nights after are as quiet, and their days count.
        for day in ["2026-02-01", "2026-02-02", "2026-02-03"] {
            county.put(&format!("inbox/public_order_{day}.csv"), &thefts(day, day, None));
            county.night(day);
            assert_eq!(county.told(), Vec::<String>::new(), "{day}");
        }
        assert_eq!(county.state("2026-01-20"), Vec::<String>::new());
    }
}

#[test]
fn a_department_that_delivers_all_rows_again_each_night_raises_nothing() {
    let county = County::new();
    for last in ["2026-01-29", "2026-01-30", "2026-01-31"] {
        county.put(&format!("inbox/public_order_{last}.csv"), &thefts(FIRST, last, None));
        county.night(last);
        assert_eq!(county.told(), Vec::<String>::new(), "{last}");
    }
    let events = "select sum(num) from panel where indicator = 'events'";
    assert_eq!(county.query(events), [(762 * 3).to_string()]);
}

#[test]
fn a_monthly_department_is_complete_for_its_months_and_not_yet_due_between() {
    let county = County::new();
    let ends = [
        ("2025-10-31", "2025-11-03"),
        ("2025-11-30", "2025-12-03"),
        ("2025-12-31", "2026-01-03"),
        ("2026-01-31", "2026-02-03"),
    ];
    let mut first = date(FIRST);
    for (last, night) in ends {
        let rows = thefts(&first.to_string(), last, None);
        county.put(&format!("inbox/public_order_{last}.csv"), &rows);
        county.night(night);
        assert_eq!(county.told(), Vec::<String>::new(), "{night}");
        first = date(last) + Days::new(1);
    }
    assert!(county.state("2026-01-31").is_empty() && county.state("2026-01-04").is_empty());
    county.night("2026-02-20");
    assert_eq!(county.state("2026-02-04"), ["not_due"]);
    let why = "select detail from findings where domain = 'public_order' and kind = 'not_assessable' and as_of > '2026-02-20'";
    assert!(county.query(why)[0].contains("comes in batches"), "{:?}", county.query(why));
    // Overdue is missing.
    county.night("2026-03-25");
    assert_eq!(county.state("2026-02-04"), ["missing"]);
    assert!(county.state("2026-01-31").is_empty());
}

#[test]
fn rows_of_long_ago_begin_no_feed() {
    let same_day = |day: NaiveDate| format!("{day} 20:00");
    let (control, county) = (County::new(), County::new());
    let rows = thefts(FIRST, "2026-01-31", Some(&same_day));
    control.put("inbox/public_order_1.csv", &rows);
    let strays = "s1,2019-03-01 09:00,620981101,theft,solved,2019-03-01 20:00\n\
                  s2,2020-07-09 09:00,620981102,theft,solved,2020-07-09 20:00\n";
    county.put("inbox/public_order_1.csv", &format!("{rows}{strays}"));
    control.night("2026-01-31");
    let said = county.night("2026-01-31");
    assert_eq!(county.scores("2026-02"), control.scores("2026-02"));
    assert_eq!(county.told(), Vec::<String>::new());
    assert!(said.contains("2 days with a few events long before 2024-01-01"), "{said}");
}

const DISPUTES: &str = "domain = \"disputes\"\nfiles = [\"台账*\"]\n[columns]\nevent_id = \"编号\"\nrecorded_at = \"登记时间\"\n\
    occurred_at = \"发生时间\"\narea_code = \"乡镇\"\ncategory = \"类型\"\noutcome = \"结果\"\n";

fn dispute(outcome: &str, note: &str) -> String {
    format!(
        "编号,登记时间,发生时间,乡镇,类型,结果,备注\nJF1,2026-01-02 17:00,2026-01-02 09:00,甲镇,邻里,{outcome},{note}\n"
    )
}

#[test]
fn what_is_delivered_later_under_the_same_registration_time_is_what_is_true() {
    // The order must not hang on the batch's hash: several second files, of which some hash below
    // the first.
    for note in ["1", "2", "3", "4", "5"] {
        let county = County::new();
        county.put("mappings/disputes.toml", DISPUTES);
        county.put("inbox/台账1.csv", &dispute("", ""));
        county.night("2026-01-31");
        county.put("inbox/台账2.csv", &dispute("调解成功", note));
        let said = county.night("2026-02-28");
        assert!(said.contains("1 versions changed under an unchanged recorded_at"), "{said}");
        assert_eq!(county.query("select outcome from disputes"), ["mediated"]);
        // It is known from its delivery on, to events and panel alike.
        let root = county.root.to_string_lossy().into_owned();
        let then = stdout(&[
            "-w",
            &root,
            "--as-of",
            "2026-02-10",
            "--format",
            "csv",
            "query",
            "select event_id, outcome from disputes",
        ]);
        assert_eq!(then.lines().nth(1), Some("JF1,"));
        // Delivered once more as it was first: the last word holds.
        county.put("inbox/台账3.csv", &dispute("", note));
        county.night("2026-03-01");
        assert_eq!(county.query("select count(*) from disputes where outcome is null"), ["1"]);
    }
}

#[test]
fn of_two_files_in_one_night_the_later_by_name_is_the_later_delivery() {
    for (first, second, outcome) in
        [("", "调解成功", "mediated"), ("调解成功", "调解失败", "failed")]
    {
        let county = County::new();
        county.put("mappings/disputes.toml", DISPUTES);
        county.put("inbox/台账2026-01.csv", &dispute(first, "a"));
        county.put("inbox/台账2026-02.csv", &dispute(second, "b"));
        county.night("2026-02-28");
        assert_eq!(county.query("select outcome from disputes"), [outcome]);
    }
}

#[test]
fn a_mapping_leaves_out_what_is_no_event_and_what_lies_outside_its_days() {
    let county = County::new();
    let keys = "from = \"2026-01-01\"\nto = \"2026-12-31\"\n[skip]\n\"备注\" = [\"演练\", \"测试\"]\n[columns]";
    county.put("mappings/disputes.toml", &DISPUTES.replace("[columns]", keys));
    let row = |id: &str, day: &str, note: &str| {
        format!("{id},{day} 17:00,{day} 09:00,甲镇,邻里,,{note}\n")
    };
    let rows = [
        row("1", "2026-01-02", ""),
        row("2", "2026-01-03", "消防演练"),
        row("3", "2019-01-03", ""),
    ];
    county.put(
        "inbox/台账1.csv",
        &format!("编号,登记时间,发生时间,乡镇,类型,结果,备注\n{}", rows.concat()),
    );
    let said = county.night("2026-01-31");
    assert!(said.contains("1 of 3 rows accepted into disputes, 1 left out, 1 refused"), "{said}");
    assert_eq!(county.query("select event_id from disputes"), ["1"]);
    assert!(county.query("select reason from rejected")[0].contains("outside the days"));
}

#[test]
fn totals_of_months_are_scored_by_months_and_say_nothing_of_weeks() {
    let county = County::new();
    let mapping = "domain = \"public_order\"\nfiles = [\"月报*\"]\nsource = \"公安局\"\ncount = [\"盗窃\", \"打架斗殴\"]\nperiod = \"month\"\n\
        [columns]\noccurred_at = [\"年\", \"月\"]\narea_code = \"乡镇\"\n";
    county.put("mappings/totals.toml", mapping);
    let month = |year: u32, month: u32, counts: [&str; 2]| {
        ["甲镇", "乙镇", "丙镇"]
            .map(|t| format!("{year},{month},{t},{},{}\n", counts[0], counts[1]))
            .concat()
    };
    let months = month(2025, 11, ["12", "3"]) + &month(2025, 12, ["10", ""]);
    county.put("inbox/月报1.csv", &format!("年,月,乡镇,盗窃,打架斗殴\n{months}"));
    county.night("2026-01-05");
    let counted = "select day, category, sum(num) from panel where indicator = 'events' and area_code = '620981101' group by 1, 2 order by 1, 2";
    assert_eq!(
        county.query(counted),
        ["2025-11-01,assault,3", "2025-11-01,theft,12", "2025-12-01,theft,10"]
    );
    // A later total of the same month takes the place of the earlier one.
    county.put(
        "inbox/月报2.csv",
        &format!("年,月,乡镇,盗窃,打架斗殴\n{}", month(2025, 12, ["8", "1"])),
    );
    county.night("2026-01-06");
    assert_eq!(
        county.query(counted),
        [
            "2025-11-01,assault,3",
            "2025-11-01,theft,12",
            "2025-12-01,assault,1",
            "2025-12-01,theft,8"
        ]
    );
    let raw = "select period, raw * exposure / 100000 * 30 / 365 from scores where node = 'public_order.incidents' \
               and area_code = '620981101' and period in ('2025-11', '2026-01-06/28d') order by 1";
    let rows = county.query(raw);
    assert!(rows[0].starts_with("2025-11,") && rows[1] == "2026-01-06/28d,", "{rows:?}");
    let reason =
        "select detail from findings where domain = 'public_order' and kind = 'not_assessable'";
    assert!(county.query(reason).iter().all(|r| r.contains("say nothing of weeks")));
    assert_eq!(county.told(), Vec::<String>::new());
}

#[test]
fn a_day_that_has_not_come_is_refused_and_so_is_a_file_of_such_days() {
    let county = County::new();
    let root = county.root.to_string_lossy().into_owned();
    let ahead = chrono::Utc::now().date_naive() + Days::new(60);
    let refused = run(&["-w", &root, "nightly", "--date", &ahead.to_string()]);
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("has not come: today is"));

    county.put("inbox/public_order_1.csv", &thefts("2026-02-10", "2026-02-12", None));
    run(&["-w", &root, "nightly", "--date", "2026-01-31"]);
    let failed = county.root.join("inbox/failed/public_order_1.csv");
    let report = county.root.join("inbox/failed/public_order_1.csv.report.txt");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("every row lies in the future, seen from 2026-01-31"), "{report}");
    std::fs::rename(failed, county.root.join("inbox/public_order_1.csv")).unwrap();
    county.night("2026-02-13");
    assert_eq!(county.query("select count(*) from public_order"), ["9"]);
}

#[test]
fn an_assumed_history_can_be_replayed_and_is_marked() {
    let county = County::new();
    let root = county.root.to_string_lossy().into_owned();
    let file = county.root.join("public_order_1.csv");
    county.put("public_order_1.csv", &thefts(FIRST, "2026-01-31", None));
    stdout(&["-w", &root, "ingest", "--history", "2", &file.to_string_lossy()]);
    let said = county.night("2026-02-03");
    assert!(said.contains("events were recorded is assumed (history)"), "{said}");
    let known = |as_of: &str| {
        stdout(&[
            "-w",
            &root,
            "--as-of",
            as_of,
            "--format",
            "csv",
            "query",
            "select count(*) from public_order",
        ])
    };
    assert_eq!(known("2024-01-31").lines().nth(1), Some((29 * 3).to_string().as_str()));
    let basis = "select distinct recorded_basis from panel";
    assert_eq!(county.query(basis), ["assumed"]);
    assert!(Path::new(&file).exists(), "a file that is named stays where it is");
}

#[test]
fn a_month_s_total_of_a_history_is_known_after_its_month() {
    let county = County::new();
    let root = county.root.to_string_lossy().into_owned();
    county.put(
        "mappings/totals.toml",
        "domain = \"public_order\"\nfiles = [\"月报*\"]\ncount = \"盗窃\"\nperiod = \"month\"\nhistory = 2\n\
         [columns]\noccurred_at = \"月份\"\narea_code = \"乡镇\"\n[constant]\ncategory = \"theft\"\n",
    );
    county.put("inbox/月报1.csv", "月份,乡镇,盗窃\n2025-11,甲镇,12\n2025-12,甲镇,10\n");
    county.night("2026-01-05");
    let known = |as_of: &str| {
        let sql = "select coalesce(sum(count), 0) from public_order";
        let told = stdout(&["-w", &root, "--as-of", as_of, "--format", "csv", "query", sql]);
        told.lines().nth(1).map(str::to_owned)
    };
    let days = ["2025-11-30", "2025-12-01", "2025-12-02", "2026-01-01", "2026-01-02"];
    let totals = days.map(|day| known(day).unwrap());
    assert_eq!(totals, ["0", "0", "12", "12", "22"]);
}

#[test]
fn a_second_department_that_begins_later_makes_no_zeros_of_the_time_before() {
    let county = County::new();
    let same_day = |day: NaiveDate| format!("{day} 20:00");
    let few: String = thefts(FIRST, "2026-01-31", Some(&same_day))
        .lines()
        .enumerate()
        .filter(|(n, _)| *n == 0 || n % 30 == 1)
        .map(|(_, line)| line.replace("theft", "other") + "\n")
        .collect();
    county.put("mappings/a.toml", &canonical("a*", "派出所"));
    county.put("mappings/b.toml", &canonical("b*", "分局"));
    county.put("inbox/a.csv", &few);
    county.put(
        "inbox/b.csv",
        &thefts("2025-07-01", "2026-01-31", Some(&same_day))
            .replace("2025-", "b2025-")
            .replace(",b2025-", ",2025-"),
    );
    county.night("2026-01-31");
    assert_eq!(county.told(), Vec::<String>::new());
    let early = "select count(*) from scores where node = 'public_order' and period < '2025-07' and score is not null";
    assert_eq!(county.query(early), ["0"], "months of which most is not known are not scored");
}

/// Mappings by which one export of the hotline feeds requests, and petitions what is one.
fn hotline() -> [(&'static str, String); 2] {
    let mapping = |head: &str| {
        format!(
            "{head}\n[columns]\nevent_id = \"工单号\"\noccurred_at = \"来电时间\"\narea_code = \"乡镇\"\n\
             [constant]\ncategory = \"other\"\n"
        )
    };
    let requests = "domain = \"requests\"\nfiles = [\"12345*\"]\nsource = \"热线\"\n[skip]\n\"分类\" = \"信访\"";
    let petitions = "domain = \"petitions\"\nfiles = [\"12345*\"]\nalso = true\nsource = \"热线\"\n[only]\n\"分类\" = \"信访\"";
    [("mappings/1.toml", mapping(requests)), ("mappings/0.toml", mapping(petitions))]
}

const HOTLINE: &str = "工单号,来电时间,乡镇,分类\n1,2026-01-02 09:00,甲镇,咨询\n2,2026-01-03 09:00,乙镇,信访事项\n\
    3,2026-01-04 09:00,丙镇,求助\n4,2026-01-05 09:00,无此镇,信访\n";

#[test]
fn one_export_feeds_two_domains() {
    let county = County::new();
    hotline().iter().for_each(|(file, text)| county.put(file, text));
    county.put("inbox/12345_1.csv", HOTLINE);
    let said = county.night("2026-01-31");
    assert!(said.contains("12345_1.csv: 2 of 4 rows accepted into requests, 2 left out"), "{said}");
    let petitions = "12345_1.csv: 1 of 4 rows accepted into petitions, 2 left out, 1 refused";
    assert!(said.contains(petitions), "{said}");
    assert_eq!(county.query("select event_id from requests order by 1"), ["1", "3"]);
    assert_eq!(county.query("select event_id from petitions"), ["2"]);
    let of_domains = "select domain, source, rows from deliveries order by 1";
    assert_eq!(county.query(of_domains), ["petitions,热线,1", "requests,热线,2"]);
    let report = std::fs::read_to_string(county.root.join("inbox/done/12345_1.csv.report.txt"));
    assert!(report.unwrap().contains("12345_1.csv into petitions: 4 rows, 1 accepted, 1 refused"));
}

#[test]
fn what_one_of_two_mappings_cannot_read_comes_again_and_lands_once() {
    let county = County::new();
    let [requests, (petitions, text)] = hotline();
    county.put(requests.0, &requests.1);
    county.put(petitions, &text.replace("工单号", "信访编号"));
    county.put("inbox/12345_1.csv", HOTLINE);
    let w = county.root.to_string_lossy().into_owned();
    let night = || run(&["-w", &w, "nightly", "--date", "2026-01-31"]);
    let first = night();
    let said = String::from_utf8_lossy(&first.stdout).into_owned();
    assert_eq!(first.status.code(), Some(1), "{said}");
    assert!(
        said.contains("accepted into requests") && said.contains("12345_1.csv: failed"),
        "{said}"
    );
    let failed = county.root.join("inbox/failed/12345_1.csv");
    let report = failed.with_file_name("12345_1.csv.report.txt");
    let report = std::fs::read_to_string(report).unwrap();
    assert!(report.contains("信访编号") && report.contains("landed in requests"), "{report}");

    county.put(petitions, &text);
    std::fs::rename(failed, county.root.join("inbox/12345_1.csv")).unwrap();
    let said = String::from_utf8(night().stdout).unwrap();
    assert!(said.contains("had landed in requests before, nothing done"), "{said}");
    assert!(said.contains("1 of 4 rows accepted into petitions"), "{said}");
    assert_eq!(county.query("select count(*) from requests__all"), ["2"]);
    assert_eq!(county.query("select count(*) from petitions__all"), ["1"]);
    assert_eq!(county.query("select count(*) from deliveries"), ["2"]);
}

#[test]
fn check_names_a_category_that_ended_while_its_domain_goes_on() {
    let county = County::new();
    let same_day = |day: NaiveDate| format!("{day} 20:00");
    let thefts = thefts(FIRST, "2026-01-31", Some(&same_day));
    // One dispatcher codes his cases otherwise from October on.
    let rows = |code: &dyn Fn(&str) -> &'static str| -> String {
        let recoded = |line: &str| {
            let (day, is_his) = (line.get(..10).unwrap_or_default(), line.contains("620981102"));
            let line = if is_his { line.replace("theft", code(day)) } else { line.to_owned() };
            line + "\n"
        };
        thefts.lines().map(recoded).collect()
    };
    let ends = |day: &str| if day < "2025-10-01" { "gambling" } else { "other" };
    county.put("inbox/public_order_1.csv", &rows(&ends));
    county.night("2026-01-31");
    let told = county.check("2026-01-31");
    let line = told.lines().find(|line| line.contains("has come since")).unwrap_or_default();
    assert!(line.contains("(gambling) has come since 2025-09-30, 123 were to be"), "{told}");
    assert!(line.contains("[words.category]"), "{line}");
    assert_eq!(told.matches("has come since").count(), 1, "{told}");
    // Within a week chance is not ruled out, and a feed that stopped is no category that ended.
    assert!(!county.check("2025-10-07").contains("has come since"));
    assert!(!county.check("2026-06-30").contains("(theft) has come since"));
}

#[test]
fn check_names_a_source_that_is_overdue_or_delivers_otherwise_than_its_mapping_says() {
    let county = County::new();
    let mapping =
        canonical("public_order*", "派出所").replace("recorded_at = \"recorded_at\"\n", "");
    county.put("mappings/a.toml", &mapping);
    let deliveries = [
        (FIRST, "2025-10-31", "2025-11-03"),
        ("2025-11-01", "2025-11-30", "2025-12-03"),
        ("2025-12-01", "2025-12-31", "2026-01-03"),
        ("2026-01-01", "2026-01-31", "2026-02-03"),
    ];
    for (first, last, night) in deliveries {
        county.put(&format!("inbox/public_order_{last}.csv"), &thefts(first, last, None));
        county.night(night);
    }
    let told = county.check("2026-03-12");
    assert!(!told.contains("source"), "where all is well nothing is told: {told}");
    let told = county.check("2026-03-25");
    assert!(told.contains(
        "source 派出所 (monthly, last delivery 2026-02-03): a delivery is overdue since 2026-03-13"
    ), "{told}");
    assert_eq!(told.matches("source").count(), 1, "{told}");

    county.put("mappings/a.toml", &format!("rhythm = \"weekly\"\n{mapping}"));
    let rows = thefts("2026-02-01", "2026-02-28", None);
    county.put("inbox/public_order_2026-02-28.csv", &rows);
    county.night("2026-03-03");
    let told = county.check("2026-03-03");
    assert!(
        told.contains(
            "source 派出所: its mapping says rhythm = \"weekly\", its last deliveries came monthly"
        ),
        "{told}"
    );
}

/// A mapping of our own names.
fn canonical(files: &str, source: &str) -> String {
    let columns = ["event_id", "occurred_at", "recorded_at", "area_code", "category", "outcome"];
    let columns = columns.map(|c| format!("{c} = \"{c}\"\n")).concat();
    format!(
        "domain = \"public_order\"\nfiles = [\"{files}\"]\nsource = \"{source}\"\n[columns]\n{columns}"
    )
}
