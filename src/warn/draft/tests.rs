//! What a letter must never say, over made-up facts.

use chrono::{Days, NaiveDate};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::words::bundled;
use super::{Words, in_words};
use crate::detect::detail::{self, Detail, Spike, Trend, Veto};
use crate::detect::{FalseDiscoveryRate, Kind};
use crate::warn::facts::{Cause, Circumstance, Earlier, Facts, Rise, Standing};
use crate::warn::settings::{Issuer, Measure};
use crate::warn::timing::timing;
use crate::warn::warning::{Evidence, Level};
use render::letter::{Letter, Table};

const RATE: FalseDiscoveryRate = FalseDiscoveryRate(0.02);

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn issuer() -> Issuer {
    Issuer {
        name: String::new(),
        we: "我中心".into(),
        contact: "督导科，0937-3330000".into(),
        copy_to: vec!["市委政法委".into()],
    }
}

fn evidence(domain: &str, category: &str, detail: Detail) -> Evidence {
    Evidence {
        night: day("2026-01-25"),
        domain: domain.into(),
        category: category.into(),
        method: "house".into(),
        period_start: day("2025-12-29"),
        period_end: day("2026-01-25"),
        observed: Some(19.0),
        expected: Some(6.3),
        lower: Some(3.0),
        upper: Some(10.0),
        p: Some(1e-5),
        q: Some(0.0004),
        detail,
        parts: Vec::new(),
    }
}

fn rise(domain_label: &str, label: &str, evidence: Evidence) -> Rise {
    let (domain_label, label) = (domain_label.into(), label.into());
    Rise { domain_label, label, evidence, timing: None, unscored: false }
}

fn spike_of_wages() -> Spike {
    Spike {
        weeks: 4,
        rank: 1,
        of: 16,
        weeks_before: Some(8.0),
        same_weeks_last_year: Some(5.0),
        last_eight_weeks: [2.0, f64::NAN, 3.0, 1.0, 4.0, 4.0, 5.0, 6.0]
            .map(|n: f64| Some(n).filter(|n| !n.is_nan()))
            .to_vec(),
        ..detail::spike(3)
    }
}

fn wages() -> Rise {
    wages_of(spike_of_wages())
}

fn wages_of(spike: Spike) -> Rise {
    rise("矛盾纠纷", "拖欠农民工工资", evidence("disputes", "wage_arrears", Detail::Spike(spike)))
}

fn trend_of(four_weeks: Vec<Option<f64>>) -> Detail {
    let expected_is = "the year before".to_owned();
    Detail::Trend(Trend {
        tau: Some(0.4),
        z: None,
        slope_a_year: None,
        four_weeks,
        expected_is,
        weeks: None,
        same_weeks_last_year: None,
        dispersion: None,
        recent_weeks: None,
    })
}

fn veto_of(label: &str) -> Detail {
    let (label, period) = (label.to_owned(), "2026-01".to_owned());
    Detail::Veto(Veto { events: vec!["E1".to_owned()], label, period })
}

fn cluster_of(area_names: &[&str]) -> Detail {
    Detail::Cluster(detail::Cluster {
        areas: Vec::new(),
        area_names: Some(area_names.iter().map(|name| (*name).to_owned()).collect()),
        km: None,
        recurrence_days: Some(7.3),
        log_likelihood_ratio: None,
        overdispersion: None,
        p_monte_carlo: None,
    })
}

fn trend() -> Rise {
    let sums = (0..26).map(|n| Some(f64::from(8 + n / 5))).collect();
    let mut found = evidence("disputes", "neighbour", trend_of(sums));
    found.method = "seasonal_mann_kendall".into();
    found.period_start = day("2024-01-29");
    (found.observed, found.expected) = (Some(156.0), Some(118.0));
    (found.lower, found.upper) = (None, None);
    rise("矛盾纠纷", "邻里", found)
}

fn facts(risen: Vec<Rise>) -> Facts {
    Facts {
        kind: "tishi".into(),
        kind_name: "工作提示函".into(),
        county_name: "玉门市".into(),
        area_code: "620981103".into(),
        area_name: "花海镇".into(),
        topic: "disputes".into(),
        topic_name: "矛盾纠纷".into(),
        level: Level::Yellow,
        since: day("2026-01-11"),
        as_of: day("2026-01-25"),
        reply_by: day("2026-02-09"),
        limit_by: day("2026-02-25"),
        risen,
        circumstances: Vec::new(),
        standing: Some(Standing {
            period: "2025-12".into(),
            score: 61.24,
            month_on_month: Some(-3.21),
            year_on_year: None,
            rank: 14,
            rank_lo: 12,
            rank_hi: 16,
            of: 16,
            band: Some("蓝".into()),
            good: false,
        }),
        causes: vec![Cause {
            node: "disputes.overdue".into(),
            label: "矛盾纠纷领域“超期率”上升".into(),
            delta: -2.14,
        }],
        measures: vec![Measure {
            text: "开展拉网式大排查".into(), unit: "乡镇综治中心".into()
        }],
        earlier: None,
        county_wide: false,
        recipients: Vec::new(),
        department: None,
        copy_to: Vec::new(),
    }
}

/// A letter's facts about such series: domain, category and kind of finding.
pub(in crate::warn) fn facts_of(series: &[(&str, &str, &str)]) -> Facts {
    facts(
        series
            .iter()
            .map(|(domain, category, kind)| {
                let detail = match *kind {
                    "veto" => veto_of(category),
                    "trend" => trend_of(Vec::new()),
                    _ => Detail::Spike(detail::spike(1)),
                };
                rise(domain, category, evidence(domain, category, detail))
            })
            .collect(),
    )
}

fn letter(facts: &Facts) -> Letter {
    in_words(facts, &issuer(), "此函。", &bundled(), RATE)
}

/// Everything that is read before the annex.
fn body(letter: &Letter) -> String {
    let sections =
        letter.sections.iter().flat_map(|s| std::iter::once(&s.heading).chain(&s.paragraphs));
    let text: Vec<&str> = [&letter.title, &letter.addressee, &letter.opening]
        .into_iter()
        .chain(sections)
        .map(String::as_str)
        .collect();
    format!("{}\n{}", text.join("\n"), letter.reply_by.clone().unwrap_or_default())
}

fn cells(table: &Table) -> impl Iterator<Item = &String> {
    table.header.iter().chain(table.rows.iter().flatten())
}

fn annex(letter: &Letter) -> String {
    let annex = letter.annex.as_ref().unwrap();
    let cells: Vec<&str> = annex.tables.iter().flat_map(cells).map(String::as_str).collect();
    format!("{}\n{}", annex.title, cells.join("\n"))
}

/// Numbers as written, with the percent sign.
fn numbers(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    for c in text.chars() {
        match found.last_mut() {
            Some(number)
                if c.is_ascii_digit() || (matches!(c, '.' | '%') && !number.is_empty()) =>
            {
                number.push(c)
            }
            Some(number) if !number.is_empty() => found.push(String::new()),
            _ => {}
        }
    }
    found.retain(|n| !n.is_empty());
    found
}

fn every_figure_is_in_the_annex(letter: &Letter) {
    let known = numbers(&annex(letter));
    for number in numbers(&body(letter)) {
        assert!(
            known.contains(&number),
            "{number} is not in the annex\n{}\n\n{}",
            body(letter),
            annex(letter)
        );
    }
}

#[test]
fn a_letter_reads_as_a_clerk_would_write_it() {
    let letter = letter(&facts(vec![wages(), trend()]));
    assert_eq!(letter.title, "关于花海镇矛盾纠纷问题的工作提示函");
    assert_eq!(
        (letter.addressee.as_str(), letter.issuer.as_str()),
        ("花海镇党委、政府", "玉门市社会治安综合治理中心")
    );
    assert_eq!(
        letter.opening,
        "经对2025年12月平安指数分析研判，你镇邻里纠纷、拖欠农民工工资纠纷明显上升，预警等级为黄色，现提示如下："
    );
    assert_eq!(
        letter.sections.iter().map(|s| s.heading.as_str()).collect::<Vec<_>>(),
        ["主要情况", "突出问题及成因", "工作建议", "开展拉网式大排查。"]
    );
    assert_eq!(
        letter.sections[0].paragraphs,
        [
            "邻里纠纷：截至1月25日的近一年（按可比周计）共156件，同比上升32.2%（上一年118件），呈明显上升趋势。",
            "拖欠农民工工资纠纷：2025年12月29日至1月25日共19件，正常水平约6.3件（正常区间3至10件），明显偏高；环比上升137.5%（此前4周8件）；\
         同比上升280.0%（上年同期5件）；已连续3周偏高；偏高程度在全市16个乡镇（街道）中居第1位。",
            "2025年12月你镇平安指数为61.2分，环比下降3.2分，上年同期无可比数据，在全市16个乡镇（街道）中排第14位（90%区间为第12至第16位），等级为“蓝”。",
        ]
    );
    assert_eq!(
        letter.sections[1].paragraphs,
        [
            "从类别看，超出正常水平较多的是拖欠农民工工资纠纷（超出12.7件）。",
            "从走势看，邻里纠纷属持续性上升，不是短期波动。",
            "从平安指数看，与上月相比，矛盾纠纷方面拉低指数的主要因素是矛盾纠纷领域“超期率”上升（−2.1分）。",
        ]
    );
    assert_eq!(letter.sections[3].paragraphs, ["责任单位：乡镇综治中心。"]);
    assert_eq!(letter.reply_by.as_deref(), Some("2月9日"));
    every_figure_is_in_the_annex(&letter);
}

#[test]
fn the_annex_holds_the_findings_figures() {
    let facts = facts(vec![wages()]);
    let letter = letter(&facts);
    let annex = letter.annex.as_ref().unwrap();
    assert_eq!(
        annex.tables[0].rows,
        [[
            "拖欠农民工工资纠纷",
            "近期突增",
            "2025年12月29日至1月25日",
            "19件",
            "6.3件（3至10件）",
            "12.7件",
            "上升137.5%（此前4周8件）",
            "上升280.0%（上年同期5件）",
        ]]
    );
    let note = "说明：近期突增（每周数量异常研判）：按近年同期、季节、春节前后和长期趋势推算正常水平及区间；q值已作多重校正。\
                显著性（越小越不可能由偶然造成）：拖欠农民工工资纠纷近期突增q值小于0.001。以上均为事件数量，不涉及任何个人信息。";
    assert_eq!(annex.notes, [note]);
    let chart = annex.chart.as_ref().unwrap();
    assert_eq!(
        chart.lines[0].values,
        [Some(2.0), None, Some(3.0), Some(1.0), Some(4.0), Some(4.0), Some(5.0), Some(6.0)]
    );
    assert_eq!(chart.labels, ["12/7", "12/14", "12/21", "12/28", "1/4", "1/11", "1/18", "1/25"]);
    assert_eq!(chart.lines[1].values[3..5], [None, Some(6.3 / 4.0)]);
    assert!(chart.alt.contains("截至12/14的一周数据缺报或不计"), "{}", chart.alt);
    assert!(annex.tables.iter().all(|t| t.rows.iter().all(|row| row.len() == t.header.len())
        && t.widths.len() == t.header.len()));
}

#[test]
fn a_trend_alone_is_a_letter_with_its_year_drawn() {
    let letter = letter(&facts(vec![trend()]));
    assert!(letter.opening.contains("你镇邻里纠纷明显上升"), "{}", letter.opening);
    let chart = letter.annex.as_ref().unwrap().chart.clone().unwrap();
    assert_eq!(
        (chart.labels.len(), chart.lines[0].values.len(), chart.lines[1].values.len()),
        (13, 13, 13)
    );
    assert_eq!((chart.labels[12].as_str(), chart.labels[11].as_str()), ("1/25", "12/28"));
    every_figure_is_in_the_annex(&letter);
}

#[test]
fn a_veto_is_named() {
    let mut found = evidence("traffic", "较大交通事故", veto_of("较大交通事故"));
    found.method = "veto".into();
    (found.observed, found.expected, found.lower, found.upper, found.p, found.q) =
        (None, None, None, None, None, None);
    let mut facts = facts(vec![rise("交通安全", "较大交通事故", found)]);
    facts.level = Level::Red;
    let letter = letter(&facts);
    assert!(
        letter.opening.contains("你镇发生“较大交通事故”一票否决事项，预警等级为红色"),
        "{}",
        letter.opening
    );
    assert!(!body(&letter).contains("明显上升") && letter.annex.as_ref().unwrap().chart.is_none());
    every_figure_is_in_the_annex(&letter);
}

#[test]
fn without_an_earlier_year_that_is_said() {
    let found =
        wages_of(Spike { same_weeks_last_year: None, weeks_before: Some(0.0), ..spike_of_wages() });
    let text = body(&letter(&facts(vec![found])));
    assert!(text.contains("；此前4周为0件；上年同期无可比数据；"), "{text}");
}

#[test]
fn only_what_its_test_says_is_called_clear() {
    let mut found = wages();
    found.evidence.q = Some(0.09);
    let facts = facts(vec![found]);
    let wider = in_words(&facts, &issuer(), "", &bundled(), FalseDiscoveryRate(0.1));
    assert!(wider.opening.contains("拖欠农民工工资纠纷明显上升"), "{}", wider.opening);
    let letter = letter(&facts);
    assert!(!body(&letter).contains("明显"), "{}", body(&letter));
    assert!(letter.opening.contains("拖欠农民工工资纠纷有所上升"), "{}", letter.opening);
}

#[test]
fn a_letter_that_follows_says_what_was_not_done() {
    let mut facts = facts(vec![wages()]);
    (facts.kind, facts.kind_name) = ("duban".into(), "督办函".into());
    facts.earlier = Some(Earlier {
        letter_id: "a".into(),
        number: "玉综治提〔2025〕3号".into(),
        kind_name: "工作提示函".into(),
        issued: day("2025-12-05"),
        reply_by: day("2025-12-22"),
        answered: false,
        persists: true,
    });
    let letter = letter(&facts);
    assert_eq!(letter.title, "关于花海镇矛盾纠纷问题的督办函");
    assert_eq!(letter.sections[0].heading, "前期提示及落实情况");
    assert_eq!(
        letter.sections[0].paragraphs,
        [
            "我中心已于2025年12月5日印发《工作提示函》（玉综治提〔2025〕3号），要求于2025年12月22日前书面反馈落实情况。截至1月25日，未收到书面反馈，且上升势头仍在持续。"
        ]
    );
    assert!(
        letter.sections[3].heading == "督办要求"
            && letter.sections[3].paragraphs[0].contains("于2月25日前全部落实到位")
    );
    every_figure_is_in_the_annex(&letter);

    (facts.kind, facts.kind_name) = ("yuetan".into(), "约谈通知书".into());
    let summons = in_words(&facts, &issuer(), "特此函告。", &bundled(), RATE);
    assert!(
        summons.sections[0].heading == "约谈事由"
            && summons.sections[3].paragraphs[0].contains("于2月9日前到我中心接受约谈")
    );
    every_figure_is_in_the_annex(&summons);
}

#[test]
fn without_an_index_nothing_is_said_of_its_month() {
    let mut facts = facts(vec![wages()]);
    facts.standing = None;
    let letter = letter(&facts);
    assert!(letter.opening.starts_with("经对近期平安监测数据分析研判，你镇"), "{}", letter.opening);
    assert!(body(&letter).contains("因数据不足未予评定") && body(&letter).contains("不作成因分解"));
    every_figure_is_in_the_annex(&letter);
}

/// The wages of the sample, with cases on days since the first of their four weeks.
fn wages_on(days: &[(usize, f64)]) -> Rise {
    let mut rise = wages();
    let mut counts = vec![Some(0.0); 28];
    days.iter().for_each(|(day, n)| counts[*day] = Some(*n));
    rise.timing = timing(rise.evidence.period_start, &counts, rise.evidence.expected);
    rise
}

#[test]
fn a_letter_says_when_the_cases_fell() {
    let said = |rise: Rise| {
        let letter = letter(&facts(vec![rise]));
        every_figure_is_in_the_annex(&letter);
        letter.sections[0].paragraphs[0].split('，').next().unwrap().to_owned()
    };
    let start = "拖欠农民工工资纠纷：2025年12月29日至1月25日共19件";
    for (days, then) in [
        (
            &[(14, 5.0), (15, 7.0), (16, 6.0), (2, 1.0)][..],
            "（其中18件集中在1月12日至14日的3天内）",
        ),
        (&[(20, 17.0), (2, 1.0), (26, 1.0)], "（其中17件集中在1月18日）"),
        (&[(2, 9.0), (3, 8.0), (26, 2.0)], "（其中17件集中在2025年12月31日至1月1日的2天内）"),
        (&[(20, 19.0)], "（全部集中在1月18日）"),
        (&[(0, 5.0), (8, 5.0), (15, 5.0), (22, 4.0)], "（4周中有4周高于正常水平）"),
        (&[(0, 7.0), (9, 6.0), (20, 6.0)], "（4周中有3周高于正常水平）"),
    ] {
        assert_eq!(said(wages_on(days)), format!("{start}{then}"));
    }
    let mut week = wages();
    week.evidence.period_start = day("2026-01-19");
    week.timing =
        timing(day("2026-01-19"), &[4.0, 3.0, 0.0, 4.0, 3.0, 2.0, 3.0].map(Some), Some(6.3));
    assert!(said(week).ends_with("1月19日至1月25日共19件（7天中有6天发生）"));
    let mut few = wages_on(&[(0, 2.0), (9, 2.0), (20, 2.0)]);
    few.evidence.observed = Some(6.0);
    assert!(said(few).ends_with("共6件（28天中有3天发生）"));
    // A letter of an earlier version, and what was counted otherwise, say nothing.
    assert_eq!(said(wages()), start);
    let mut fewer = wages_on(&[(14, 30.0)]);
    fewer.evidence.observed = Some(19.0);
    assert!(!said(fewer).contains("30件"));
}

#[test]
fn the_index_stands_only_where_it_is_of_the_days() {
    let index = |period: &str, rises: Vec<Rise>| {
        let mut facts = facts(rises);
        facts.standing.iter_mut().for_each(|s| s.period = period.into());
        letter(&facts)
    };
    for (period, stands) in [
        ("2025-12", true),
        ("2026-01", true),
        ("2025-11", false),
        ("2025-01", false),
        ("2026-02", false),
    ] {
        let letter = index(period, vec![wages()]);
        let text = format!("{}{}", body(&letter), annex(&letter));
        assert_eq!(text.contains("平安指数"), stands, "{period}\n{text}");
        assert_eq!(text.contains("超期率"), stands, "{period}\n{text}");
        assert_eq!(letter.opening.starts_with("经对近期平安监测数据分析研判"), !stands);
        assert!(!text.contains("未予评定"));
        every_figure_is_in_the_annex(&letter);
    }
    // A trend is of a year.
    assert!(body(&index("2025-03", vec![trend()])).contains("2025年3月你镇平安指数"));
    // With nothing to say of causes there is no such part.
    let mut all = wages();
    all.evidence.category = String::new();
    let headings: Vec<String> =
        index("2025-11", vec![all]).sections.into_iter().map(|s| s.heading).collect();
    assert_eq!(headings, ["主要情况", "工作建议", "开展拉网式大排查。"]);
}

#[test]
fn a_warning_beside_a_good_index_says_why() {
    let despite = |good: bool, unscored: bool, period: &str| {
        let mut rise = wages();
        rise.unscored = unscored;
        let mut facts = facts(vec![rise]);
        facts.standing.iter_mut().for_each(|s| (s.good, s.period) = (good, period.into()));
        body(&letter(&facts))
    };
    let scored = despite(true, false, "2025-12");
    assert!(
        scored.contains("该指数反映综合水平；本预警反映上述事项高于你镇自身以往水平"),
        "{scored}"
    );
    let unscored = despite(true, true, "2025-12");
    assert!(unscored.contains("该指数反映综合水平，上述事项数量不计分；本预警"), "{unscored}");
    for (good, period) in [(false, "2025-12"), (true, "2025-11")] {
        assert!(!despite(good, true, period).contains("并不矛盾"));
    }
}

#[test]
fn circumstances_of_the_days_are_told() {
    let mut facts = facts(vec![wages()]);
    let one =
        |from, to, what: &str| Circumstance { from: day(from), to: day(to), what: what.into() };
    facts.circumstances = vec![
        one("2025-11-01", "2026-02-08", "百日攻坚专项行动"),
        one("2026-01-12", "2026-01-14", "暴雪"),
    ];
    let written = letter(&facts);
    let said = "期间有百日攻坚专项行动（2025年11月1日至2月8日）、暴雪（1月12日至14日），请一并研判其影响。";
    assert!(written.sections[0].paragraphs.iter().any(|p| p == said), "{}", body(&written));
    every_figure_is_in_the_annex(&written);
    facts.circumstances.clear();
    assert!(!body(&letter(&facts)).contains("期间有"));
}

const AREAS: [&str; 7] = [
    "堽城镇",
    "鄠邑街道办事处",
    "浬浦镇",
    "积石山保安族东乡族撒拉族自治县柳沟乡",
    "国营饮马农场",
    "甘肃矿区",
    "黑眼泉四墩门",
];
const SERIES: [(&str, &str, &str, &str); 7] = [
    ("disputes", "矛盾纠纷", "wage_arrears", "拖欠农民工工资"),
    ("disputes", "矛盾纠纷", "", "矛盾纠纷"),
    ("disputes", "矛盾纠纷", "other", "其他"),
    ("public_order", "社会治安", "domestic_violence", "家庭暴力"),
    ("requests", "群众诉求", "utilities", "供水供电供气供热"),
    ("key_groups", "重点群体服务", "community_correction", "社区矫正对象事件"),
    ("unheard_of", "自定领域", "own", "自定类别"),
];

/// A detail of any kind that may stand behind a letter, with figures present, absent or zero.
fn random_detail(rng: &mut ChaCha8Rng) -> Detail {
    let figure = |rng: &mut ChaCha8Rng| {
        [None, Some(0.0), Some(f64::from(rng.random_range(0..20))), Some(0.01), Some(7.3)]
            [rng.random_range(0..5)]
    };
    let n = rng.random_range(0..30);
    let course = (0..n).map(|i| Some(f64::from(i)).filter(|_| i % 5 != 4)).collect();
    match rng.random_range(0..5) {
        0 => Detail::Spike(Spike {
            weeks: rng.random_range(0..9),
            rank: rng.random_range(0..20),
            of: rng.random_range(0..20),
            weeks_before: figure(rng),
            same_weeks_last_year: figure(rng),
            last_eight_weeks: course,
            ..detail::spike(rng.random_range(0..20))
        }),
        1 => trend_of(course),
        2 => Detail::Change(detail::Change {
            level_before: figure(rng),
            level_after: figure(rng),
            ..detail::change()
        }),
        3 => cluster_of(&["浬浦镇", "鄠邑街道"]),
        _ => veto_of("较大事故"),
    }
}

fn random(rng: &mut ChaCha8Rng) -> Facts {
    let maybe = |rng: &mut ChaCha8Rng, x: f64| (rng.random_range(0..4) > 0).then_some(x);
    let date = |rng: &mut ChaCha8Rng| day("2025-11-20") + Days::new(rng.random_range(0..120));
    let mut facts = facts(Vec::new());
    facts.area_name = AREAS[rng.random_range(0..AREAS.len())].into();
    facts.county_name =
        ["玉门市", "甲县", "乙区", "阿拉善右旗", "矿区"][rng.random_range(0..5)].into();
    (facts.since, facts.as_of, facts.reply_by, facts.limit_by) =
        (date(rng), date(rng), date(rng), date(rng));
    for _ in 0..rng.random_range(0..9) {
        let (domain, domain_label, category, label) = SERIES[rng.random_range(0..SERIES.len())];
        let mut found = evidence(domain, category, random_detail(rng));
        let count = f64::from(rng.random_range(0..60));
        found.observed = maybe(rng, count);
        found.expected = [None, Some(0.0), Some(1e-12), Some(rng.random_range(0.0..60.0))]
            [rng.random_range(0..4)];
        found.lower = maybe(rng, 0.0);
        found.upper = maybe(rng, count + 3.0);
        (found.p, found.q) =
            (maybe(rng, 0.04), [None, Some(0.0), Some(0.015), Some(0.09)][rng.random_range(0..4)]);
        facts.risen.push(rise(domain_label, label, found));
    }
    for rise in &mut facts.risen {
        let counts: Vec<Option<f64>> = (0..7 * rng.random_range(1..6))
            .map(|_| {
                let n = [0.0, 1.0, 30.0][rng.random_range(0..12usize) % 3];
                maybe(rng, n)
            })
            .collect();
        rise.timing = timing(rise.evidence.period_start, &counts, rise.evidence.expected);
        rise.unscored = rng.random_range(0..2) == 0;
    }
    for _ in 0..rng.random_range(0..3) {
        let (from, what) = (date(rng), "台风“海葵”".to_owned());
        facts.circumstances.push(Circumstance {
            from,
            to: from + Days::new(rng.random_range(0..40)),
            what,
        });
    }
    let points = rng.random_range(-5.0..5.0);
    if rng.random_range(0..4) == 0 {
        facts.standing = None;
    } else if let Some(standing) = &mut facts.standing {
        (standing.month_on_month, standing.year_on_year) = (maybe(rng, points), maybe(rng, 0.001));
        (standing.rank_lo, standing.rank_hi) = (14, 14 + rng.random_range(0..3));
        (standing.band, standing.good) = (None, rng.random_range(0..2) == 0);
        standing.period = ["2025-12", "2025-10"][rng.random_range(0..2)].into();
    }
    if rng.random_range(0..3) == 0 {
        (facts.causes, facts.measures) = (Vec::new(), Vec::new());
    }
    facts
}

/// The words that say a rise is one.
fn calls_clear(text: &str) -> bool {
    text.contains("明显上升") || text.contains("明显偏高") || text.contains("明显抬高")
}

#[test]
fn whatever_the_facts_the_letter_is_whole() {
    let words: Words = bundled();
    let mut rng = ChaCha8Rng::seed_from_u64(5);
    for _ in 0..2000 {
        let facts = random(&mut rng);
        let letter = in_words(&facts, &issuer(), "此函。", &words, RATE);
        every_figure_is_in_the_annex(&letter);
        let text = format!("{}\n{}", body(&letter), annex(&letter));
        for wrong in [
            "NaN", "inf", "None", "null", "none", "true", "-0", "{{", "}}", "〔", "。。", "；；",
            "，，", "；。", "、、", "，。", "（）",
        ] {
            assert!(!text.contains(wrong), "{wrong}\n{text}");
        }
        assert!(text.matches(facts.area_name.as_str()).count() >= 2);
        for paragraph in letter.sections.iter().flat_map(|s| &s.paragraphs) {
            assert!(paragraph.ends_with('。') || paragraph.ends_with('：'), "{paragraph}");
        }
        let tested = |e: &Evidence| {
            matches!(e.kind(), Kind::Trend | Kind::Change)
                || e.kind() == Kind::Spike && e.q.is_some_and(|q| q <= RATE.0)
        };
        if !facts.risen.iter().any(|r| tested(&r.evidence)) {
            assert!(!calls_clear(&text), "{text}");
        }
        assert_eq!(
            serde_json::from_value::<Letter>(serde_json::to_value(&letter).unwrap()).unwrap(),
            letter
        );
    }
}
