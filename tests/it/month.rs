//! The report of a month from outside: its figures counted by hand, what is not delivered, what it
//! leaves alone.

use std::collections::BTreeSet;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::{Datelike, Days, NaiveDate};

use crate::letter::office::{cache, have, python, runs};
use crate::support::{run, stdout};

const FIRST: NaiveDate = NaiveDate::from_ymd_opt(2023, 1, 1).unwrap();
const LAST: NaiveDate = NaiveDate::from_ymd_opt(2026, 1, 31).unwrap();
const TOWNS: [&str; 3] = ["620981101", "620981102", "620981103"];

/// Thefts a day in each of three townships: one, and in January 2026 four.
fn thefts(date: NaiveDate, many: bool) -> u32 {
    if many && (date.year(), date.month()) == (2026, 1) { 4 } else { 1 }
}

fn public_order(many: bool) -> String {
    let mut text = "event_id,occurred_at,area_code,category,outcome,recorded_at\n".to_owned();
    for date in FIRST.iter_days().take_while(|d| *d <= LAST) {
        for town in TOWNS {
            for n in 0..thefts(date, many) {
                text +=
                    &format!("{town}-{date}-{n},{date} 0{n}:30,{town},theft,solved,{date} 10:00\n");
            }
        }
    }
    text
}

/// One dispute a day in the county, mediated within the limit; none after `until`.
fn disputes(until: NaiveDate) -> String {
    let mut text =
        "event_id,occurred_at,area_code,category,outcome,due_at,resolved_at,recorded_at\n"
            .to_owned();
    for date in FIRST.iter_days().take_while(|d| *d <= until) {
        text += &format!(
            "d{date},{date} 09:00,620981101,neighbour,mediated,{date} 20:00,{date} 12:00,{date} 13:00\n"
        );
    }
    text
}

/// A county of two domains, its night of 31 January 2026 run.
fn county(root: PathBuf, many: bool, disputes_until: NaiveDate) -> PathBuf {
    let model = include_str!("../../models/index.toml").replace("\nindex = 0.6", "\nindex = 0.1");
    for folder in ["inbox", "models"] {
        std::fs::create_dir_all(root.join(folder)).unwrap();
    }
    let areas = "code,name,level,parent,population\n620981,静县,county,,\n\
                 620981101,甲镇,township,620981,20000\n620981102,乙镇,township,620981,15000\n\
                 620981103,丙镇,township,620981,10000\n";
    let files = [
        ("pingan.toml", "name = \"静县\"\ncounty = \"620981\"\n".to_owned()),
        ("areas.csv", areas.to_owned()),
        ("models/index.toml", model),
        ("inbox/public_order_all.csv", public_order(many)),
        ("inbox/disputes_all.csv", disputes(disputes_until)),
    ];
    for (file, text) in files {
        std::fs::write(root.join(file), text).unwrap();
    }
    stdout(&["-q", "-w", path(&root), "nightly", "--date", "2026-01-31"]);
    root
}

fn path(workspace: &Path) -> &str {
    workspace.to_str().unwrap()
}

fn page(workspace: &Path) -> String {
    std::fs::read_to_string(workspace.join("out/reports/2026-01.html")).unwrap()
}

/// Rows of a table of the page, header included, as texts.
fn table(page: &str, id: &str) -> Vec<Vec<String>> {
    let begins = format!("<table id=\"{id}\">");
    let rest = page.split_once(&begins).unwrap_or_else(|| panic!("there is no table {id}")).1;
    let body = rest.split_once("</table>").unwrap().0;
    let cell = |cell: &str| {
        let text = cell.split_once('>').unwrap().1;
        text.split("</t").next().unwrap().to_owned()
    };
    body.split("<tr>")
        .skip(1)
        .map(|row| {
            row.split("<t").skip(1).filter(|c| c.starts_with(['d', 'h'])).map(cell).collect()
        })
        .collect()
}

fn row(page: &str, id: &str, first: &str) -> Vec<String> {
    let rows = table(page, id);
    rows.into_iter().find(|row| row[0] == first).unwrap_or_else(|| panic!("{id} lacks {first}"))
}

fn part(file: &Path, part: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::fs::File::open(file).unwrap()).unwrap();
    let mut text = String::new();
    archive.by_name(part).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn counts_changes_and_their_tests_are_those_of_the_events() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), true, LAST);
    let page = page(&county);
    let theft = row(&page, "社会治安", "盗窃");
    // 31 days × 3 townships × 4, against 93 in December and in January 2025.
    assert_eq!(
        theft,
        ["盗窃", "372", "100.0%", "12.0", "93", "+300.0%", "93", "+300.0%", "明显上升"]
    );
    assert!(page.contains("社会治安（上升300.0%）明显上升"), "{page}");
    let order = row(&page, "十个领域", "社会治安");
    assert_eq!(order[3..], ["372", "93", "+300.0%", "93", "+300.0%", "明显上升", "93.0"]);
    // As many disputes as ever, each a day.
    let disputes = row(&page, "矛盾纠纷", "邻里");
    assert_eq!(disputes, ["邻里", "31", "100.0%", "1.0", "31", "0.0%", "31", "0.0%", "不明显"]);
    assert_eq!(row(&page, "乡镇分领域", "乙镇"), ["乙镇", "124", "0"]);
    let hours = table(&page, "治安警情时段分布");
    assert_eq!(hours[1], ["0—2时", "186", "50.0%"]);
    assert_eq!(hours[3], ["4—6时", "0", "0.0%"]);
    assert_eq!(row(&page, "矛盾纠纷流转时限", "化解")[1..3], ["168.0", "31"]);
    // The document and the workbook have the same figures.
    let docx = part(&county.join("out/reports/2026-01.docx"), "word/document.xml");
    for text in ["372", "+300.0%", "明显上升", "社会治安（上升300.0%）明显上升"] {
        assert!(docx.contains(text), "{text}");
    }
    let xlsx = county.join("out/reports/2026-01.xlsx");
    assert!(part(&xlsx, "xl/worksheets/sheet2.xml").contains("<v>372</v>"));
    assert!(!part(&xlsx, "xl/worksheets/sheet2.xml").contains("<f>"), "no formula");
}

#[test]
fn what_is_not_delivered_is_never_nought() {
    let folder = tempfile::tempdir().unwrap();
    let until = NaiveDate::from_ymd_opt(2025, 12, 10).unwrap();
    let county = county(folder.path().join("w"), false, until);
    let page = page(&county);
    let disputes = row(&page, "十个领域", "矛盾纠纷");
    assert_eq!(disputes[3..5], ["未报送", "10"]);
    assert_eq!(disputes[5..9], ["—", "31", "—", "—"]);
    assert_eq!(row(&page, "十个领域", "信访")[3], "未报送");
    assert!(page.contains("矛盾纠纷、信访") && page.contains("不等于没有发生"), "{page}");
    assert!(!page.contains("<table id=\"矛盾纠纷\">") && !page.contains("disputes-limits"));
    let verdict = row(&page, "两升两降", "诉讼收案");
    assert_eq!((verdict[2].as_str(), verdict[6].as_str()), ("未报送", "数据不足"));
    // Steady thefts are told as such.
    assert!(page.contains("可作检验的1个领域件数变化均不明显"), "{page}");
}

#[test]
fn a_report_is_the_same_again_and_sees_nothing_later() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), false, LAST);
    let bytes =
        |kind: &str| std::fs::read(county.join(format!("out/reports/2026-01.{kind}"))).unwrap();
    let before = ["docx", "html", "xlsx"].map(bytes);
    let report = ["-w", path(&county), "--as-of", "2026-01-31", "report", "month", "2026-01"];
    let documents = if cfg!(feature = "pdf") { 4 } else { 3 };
    assert_eq!(stdout(&report).matches("(as before)").count(), documents);
    // Thefts of January that became known in February.
    let mut late = "event_id,occurred_at,area_code,category,outcome,recorded_at\n".to_owned();
    for n in 0..40 {
        late += &format!("late{n},2026-01-20 09:00,620981101,theft,solved,2026-02-02 10:00\n");
    }
    std::fs::write(county.join("inbox/public_order_late.csv"), late).unwrap();
    stdout(&["-q", "-w", path(&county), "ingest"]);
    assert_eq!(stdout(&report).matches("(as before)").count(), documents);
    assert_eq!(["docx", "html", "xlsx"].map(bytes), before);
    // The night of February does not write the month again; the command does, and says so.
    let night = stdout(&["-q", "-w", path(&county), "nightly", "--date", "2026-02-03"]);
    assert!(!night.contains("Report of the month"), "{night}");
    let again = ["-w", path(&county), "--as-of", "2026-02-03", "report", "month", "2026-01"];
    assert!(stdout(&again).contains("in the place of the one before"));
    assert_eq!(row(&page(&county), "社会治安", "盗窃")[1], "133");
}

#[test]
fn what_no_source_says_is_not_collected_and_is_counted_once_one_does() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), false, LAST);
    let route = "矛盾纠纷流转路径";
    let before = page(&county);
    assert!(!before.contains(&format!("<table id=\"{route}\">")));
    let missing = table(&before, "未采集指标");
    let titles: Vec<&str> = missing[1..].iter().map(|row| row[1].as_str()).collect();
    let parties = ["调解成功后再发的矛盾纠纷", "反复出现的当事人"];
    let others =
        ["矛盾纠纷分诊等级", "矛盾纠纷化解层级", "网格、网格员和调解室工作量", "重点风险领域"];
    let all = [&others[..2], &parties, &["调解成功后的回访", route], &others[2..]].concat();
    assert_eq!(titles, all);
    assert_eq!(row(&before, "四调对接", "警调")[1..4], ["0", "未采集", "未采集"]);

    // Six disputes on wages: two went to arbitration, one of these to court a day later.
    let head = "event_id,occurred_at,area_code,category,channel,on_site,outcome,accepted_at,resolved_at,\
                arbitrated_at,sued_at,revisited_at,relapsed,recorded_at\n";
    let mut text = head.to_owned();
    for n in 1..=6 {
        let outcome = if n <= 2 { "failed" } else { "mediated" };
        let arbitrated = if n <= 2 { "2026-01-13 09:00" } else { "" };
        let sued = if n == 1 { "2026-01-14 09:00" } else { "" };
        let (revisited, relapsed) = if n >= 5 {
            ("2026-01-20 09:00", if n == 5 { "是" } else { "否" })
        } else {
            ("", "")
        };
        text += &format!(
            "w{n},2026-01-10 09:00,620981102,wage_arrears,police,{},{outcome},2026-01-11 09:00,\
             2026-01-12 09:00,{arbitrated},{sued},{revisited},{relapsed},2026-01-21 09:00\n",
            if n == 3 { "是" } else { "否" }
        );
    }
    std::fs::write(county.join("inbox/disputes_wages.csv"), text).unwrap();
    stdout(&["-q", "-w", path(&county), "nightly", "--date", "2026-02-01"]);
    stdout(&["-w", path(&county), "--as-of", "2026-02-01", "report", "month", "2026-01"]);
    let after = page(&county);
    let steps = table(&after, route);
    assert_eq!(steps[1], ["受理调解", "仲裁", "2", "2.0"]);
    assert_eq!(steps[2], ["仲裁", "诉讼", "1", "1.0"]);
    assert_eq!(row(&after, "四调对接", "警调")[1..4], ["6", "1", "5"]);
    let revisits = row(&after, "调解成功后的回访", "拖欠农民工工资");
    assert_eq!(revisits[1..], ["4", "2", "50.0%", "1", "50.0%"]);
    let missing = table(&after, "未采集指标");
    let titles: Vec<&str> = missing[1..].iter().map(|row| row[1].as_str()).collect();
    assert_eq!(titles, [&others[..2], &parties, &others[2..]].concat());
}

#[test]
fn villages_with_events_have_a_page_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), false, LAST);
    let areas = std::fs::read_to_string(county.join("areas.csv")).unwrap();
    let villages =
        "620981102001,东村,village,620981102,900\n620981102002,西村,village,620981102,800\n";
    std::fs::write(county.join("areas.csv"), areas + villages).unwrap();
    let events = "event_id,occurred_at,area_code,category,recorded_at\n\
                  v1,2026-01-05 09:00,620981102001,contract,2026-01-06 09:00\n\
                  v2,2026-01-07 09:00,620981102001,contract,2026-01-08 09:00\n\
                  v3,2025-12-07 09:00,620981102001,medical,2025-12-08 09:00\n";
    std::fs::write(county.join("inbox/disputes_villages.csv"), events).unwrap();
    stdout(&["-q", "-w", path(&county), "nightly", "--date", "2026-02-01"]);
    stdout(&["-w", path(&county), "--as-of", "2026-02-01", "site"]);
    let read = |page: &str| std::fs::read_to_string(county.join("out/site/areas").join(page));
    let village = read("620981102001.html").unwrap();
    assert!(village.contains("东村") && village.contains("../areas/620981102.html"), "{village}");
    let cells = |row: &str| -> Vec<String> {
        let row =
            village.split("<tr>").find(|r| r.contains(row)).unwrap_or_else(|| panic!("{row}"));
        let cell = |cell: &str| {
            let text = cell.split_once('>').unwrap().1;
            text.split("</td>").next().unwrap().to_owned()
        };
        row.split("<td").skip(1).map(cell).collect()
    };
    assert_eq!(cells("合同"), ["合同", "2", "0", "0"]);
    assert_eq!(cells("医疗"), ["医疗", "0", "1", "0"]);
    assert!(read("620981102.html").unwrap().contains("620981102001.html"));
    assert!(read("620981102002.html").is_err(), "nothing happened there");
}

#[cfg(feature = "pdf")]
#[test]
fn the_report_on_paper_says_what_the_page_says() {
    let programs = runs("pdftotext", &["-v"]) && runs("pdffonts", &["-v"]);
    let fonts = cache().join("fonts/FandolFang-Regular.otf").exists();
    if !have("poppler-utils and the fonts of reports/fonts/fetch.sh", programs && fonts) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), true, LAST);
    let pdf = county.join("out/reports/2026-01.pdf");
    let said = |program: &str, after: &[&str]| {
        let output = Command::new(program).arg(&pdf).args(after).output().unwrap();
        String::from_utf8(output.stdout).unwrap().replace([' ', '\n'], "")
    };
    let (paper, page) = (said("pdftotext", &["-"]), page(&county));
    let captions: Vec<&str> = page
        .split("<caption>")
        .skip(1)
        .map(|rest| rest.split_once("</caption>").unwrap().0)
        .collect();
    assert!(captions.len() > 15, "{}", captions.len());
    for caption in captions {
        let title = caption.split_once('\u{3000}').unwrap().1.replace(' ', "");
        assert!(paper.contains(&title), "{title} is not on paper");
    }
    for figure in ["+300.0%", "明显上升", "社会治安（上升300.0%）明显上升"] {
        assert!(paper.contains(figure), "{figure}");
    }
    let fonts = Command::new("pdffonts").arg(&pdf).output().unwrap();
    let fonts = String::from_utf8(fonts.stdout).unwrap();
    assert!(fonts.lines().skip(2).count() >= 3, "{fonts}");
    assert!(fonts.lines().skip(2).all(|line| line.contains("yes yes")), "{fonts}");
    // The same report gives the same bytes.
    let before = std::fs::read(&pdf).unwrap();
    stdout(&["-w", path(&county), "--as-of", "2026-01-31", "report", "month", "2026-01"]);
    assert_eq!(std::fs::read(&pdf).unwrap(), before);
}

#[test]
fn own_words_and_tables_win_and_wrong_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), false, LAST);
    let tables = county.join("reports/month/tables");
    std::fs::create_dir_all(&tables).unwrap();
    let own = "-- title: 夜间盗窃\n-- definition: 0时至6时\n-- domain: public_order\n-- part: annex\n\
               select township as \"乡镇\", count(*) as \"起数\" from public_order join townships on code = area_code \
               cross join period where day between month_start and month_end group by township order by township\n";
    std::fs::write(tables.join("night.sql"), own).unwrap();
    let words = include_str!("../../reports/month/words.toml");
    let own_words = words.replace("平安稳定形势分析研判报告", "月度研判");
    std::fs::write(county.join("reports/month/words.toml"), own_words).unwrap();
    let report = ["-w", path(&county), "--as-of", "2026-01-31", "report", "month", "2026-01"];
    stdout(&report);
    let made = page(&county);
    assert_eq!(row(&made, "夜间盗窃", "丙镇"), ["丙镇", "31"]);
    assert!(made.contains("静县2026年1月") && made.contains("月度研判"), "{made}");
    std::fs::write(tables.join("night.sql"), own.replace("on code", "on cod")).unwrap();
    let output = run(&report);
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2));
    assert!(error.contains("night"), "{error}");
    let wrong = words.replace("{{ county }}", "{{ conty }}");
    std::fs::write(county.join("reports/month/words.toml"), wrong).unwrap();
    let checked = run(&["-w", path(&county), "check"]);
    assert!(String::from_utf8_lossy(&checked.stdout).contains("conty"));
}

#[test]
fn a_month_that_is_not_over_or_was_never_scored_has_no_report() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), false, LAST);
    let day_before = LAST - Days::new(1);
    for (month, as_of, told) in [
        ("2026-01", day_before.to_string(), "2026-01 is not over on 2026-01-30"),
        ("2026-1", LAST.to_string(), "2026-1 is no month"),
        ("2019-05", LAST.to_string(), "2019-05 has no scores yet"),
    ] {
        let output = run(&["-w", path(&county), "--as-of", &as_of, "report", "month", month]);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(told), "{error}");
    }
}

#[test]
fn other_programs_find_nothing_wrong_with_the_documents() {
    let folder = tempfile::tempdir().unwrap();
    let reports = county(folder.path().join("w"), true, LAST).join("out/reports");
    let python = python();
    let audits = runs(&python, &["-c", "import docx, openxml_audit"]);
    if have("a Python with tests/it/letter/requirements.txt", audits) {
        for kind in ["docx", "xlsx"] {
            let file = reports.join(format!("2026-01.{kind}"));
            let audit =
                Command::new(&python).args(["-m", "openxml_audit"]).arg(&file).output().unwrap();
            let said = String::from_utf8_lossy(&audit.stdout).into_owned();
            assert!(audit.status.success() && said.contains("Errors: 0"), "{kind}: {said}");
        }
        let read = "import sys, docx; d = docx.Document(sys.argv[1]); \
                    print(d.tables[1].cell(1, 3).text, len(d.inline_shapes), d.core_properties.title)";
        let file = reports.join("2026-01.docx");
        let read = Command::new(&python).args(["-c", read]).arg(&file).output().unwrap();
        let said = String::from_utf8_lossy(&read.stdout).into_owned();
        assert_eq!(said.trim(), "372 2 静县2026年1月平安稳定形势分析研判报告");
    }
    let fonts = cache().join("fonts/fonts.conf");
    let programs = runs("soffice", &["--version"]) && runs("pdftotext", &["-v"]) && fonts.exists();
    if have("LibreOffice Writer and Calc with poppler-utils and fonts", programs) {
        for (kind, shows) in
            [("docx", "静县平安指数近十三个月走势"), ("xlsx", "十个领域得分和数量")]
        {
            let out = folder.path().join(kind);
            let done = Command::new("soffice")
                .arg(format!("-env:UserInstallation=file://{}/profile", folder.path().display()))
                .args(["--headless", "--convert-to", "pdf", "--outdir"])
                .arg(&out)
                .arg(reports.join(format!("2026-01.{kind}")))
                .env("FONTCONFIG_FILE", &fonts)
                .output()
                .unwrap();
            let pdf = out.join("2026-01.pdf");
            assert!(pdf.exists(), "{kind}: {}", String::from_utf8_lossy(&done.stderr));
            let text = Command::new("pdftotext").arg(&pdf).arg("-").output().unwrap();
            let text = String::from_utf8_lossy(&text.stdout).replace(['\n', ' '], "");
            assert!(text.contains(shows) && text.contains("372"), "{kind}: {text}");
        }
    }
}

#[test]
fn the_site_has_the_reports_figures_and_leaves_other_folders_alone() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), true, LAST);
    let site = ["-w", path(&county), "--as-of", "2026-01-31", "site"];
    stdout(&site);
    let read = |page: &str| std::fs::read_to_string(county.join("out/site").join(page)).unwrap();
    let index = read("index.html");
    for link in ["areas/620981102.html", "domains/public_order.html"] {
        assert!(index.contains(&format!("href=\"{link}\"")), "{link}");
    }
    // 372 in the whole, 124 in each township, as in the report.
    assert!(read("domains/public_order.html").contains("data-value=\"372"));
    assert!(read("areas/620981102.html").contains(">124</td>"));
    assert!(!county.join("out/site/domains/petitions.html").exists(), "nothing was delivered");
    // A page of a township that is no more goes with the old site.
    std::fs::write(county.join("out/site/areas/old.html"), "").unwrap();
    stdout(&site);
    assert!(!county.join("out/site/areas/old.html").exists());
    let foreign = folder.path().join("foreign");
    std::fs::create_dir(&foreign).unwrap();
    std::fs::write(foreign.join("thesis.docx"), "x").unwrap();
    let output = run(&[&site[..], &[path(&foreign)]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(std::fs::read_dir(&foreign).unwrap().count(), 1);
}

#[test]
fn every_query_of_the_site_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let county = county(folder.path().join("w"), true, LAST);
    let workspace = ["-w", path(&county), "--as-of", "2026-01-31"];
    stdout(&[&workspace[..], &["site"]].concat());
    let mut queries = BTreeSet::new();
    for folder in ["", "areas", "domains"] {
        for file in std::fs::read_dir(county.join("out/site").join(folder)).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|e| e == "html") {
                let page = std::fs::read_to_string(path).unwrap();
                let blocks =
                    page.split("<code>").skip(1).map(|b| b.split("</code>").next().unwrap());
                queries.extend(blocks.map(|block| {
                    let signs = [("&lt;", "<"), ("&gt;", ">"), ("&#39;", "'"), ("&quot;", "\"")];
                    let plain = signs.iter().fold(block.to_owned(), |t, (a, b)| t.replace(a, b));
                    plain.replace("&amp;", "&")
                }));
            }
        }
    }
    let of_month = queries.iter().filter(|q| q.starts_with("-- pingan query --month 2026-01\n"));
    assert!(of_month.count() > 5 && queries.len() > 15, "{} queries", queries.len());
    for query in &queries {
        let month: &[&str] =
            if query.starts_with("-- pingan") { &["--month", "2026-01"] } else { &[] };
        stdout(&[&workspace[..], &["query"], month, &["--", query]].concat());
    }
    // Of a month that is not over there are no tables.
    let output = run(&[&workspace[..], &["query", "--month", "2026-02", "select 1"]].concat());
    assert_eq!(output.status.code(), Some(2));
}
