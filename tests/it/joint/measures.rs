//! What a model, a mapping or a pipeline of one's own makes of events that do not say everything.

use super::county::{COUNTY, County, Figure, MODEL, UNKNOWN, known};
use super::{RESIDENT_YEARS, per_10_000_residents, per_10_000_vehicles};

/// Four visits of June after one in May. P2 says nothing of what it was.
const EVENTS: &str = "\
event_id occurred_at      area_code category repeated collective
P0       2025-05-20T08:00 101       land     no       no
P1       2025-06-02T08:00 101       land     yes      yes
P2       2025-06-03T08:00 101       land     ·        ·
P3       2025-06-04T08:00 101       wages    yes      no
P4       2025-06-05T08:00 101       wages    no       no
";

/// A model of one indicator, which holds a measure of petitions against residents.
fn model(measure: &str, more: &str) -> String {
    let head = &MODEL[..MODEL.find("[[domain]]").unwrap()];
    format!(
        "{head}[[domain]]\nid = \"petitions\"\nweight = 1\n\n[[domain.indicator]]\nid = \"measured\"\nlabel = \"量\"\n\
         measure = \"{measure}\"\nkind = \"rate\"\nexposure = [\"population\"]\nper = 10000\npolarity = \"-\"\nweight = 1\n{more}"
    )
}

fn measured(county: &County, area: &str) -> Figure {
    county.june().figures(area, "petitions")["measured"]
}

#[test]
fn a_share_is_held_against_residents_as_well_where_a_model_says_so() {
    let county = County::with(&[("models/index.toml", &model("repeated", ""))]);
    let figure = measured(&county.deliver("petitions", EVENTS), "1");
    // The den of `repeated`, three visits that say it, is no exposure.
    let two = known(per_10_000_residents(2.0 / 0.75), 100.0 - 20.0 / 0.75).covering(0.75);
    assert!(two.agrees_with(&figure), "{figure:?}");
}

#[test]
fn only_the_categories_that_are_counted_must_say_it() {
    let wages = model("collective", "categories = [\"wages\"]\n");
    let county = County::with(&[("models/index.toml", &wages)]).deliver("petitions", EVENTS);
    assert!(known(0.0, 100.0).agrees_with(&measured(&county, "1")));
    let land = model("collective", "categories = [\"land\"]\n");
    let county = County::with(&[("models/index.toml", &land)]).deliver("petitions", EVENTS);
    let half = known(per_10_000_residents(1.0 / 0.5), 80.0).covering(0.5);
    assert!(half.agrees_with(&measured(&county, "1")));
}

#[test]
fn what_one_domain_does_not_say_is_known_of_another() {
    let crashes = "\
event_id occurred_at      area_code category deaths
T0       2025-05-20T08:00 101       crash    0
T1       2025-06-02T08:00 101       crash    1
";
    let fires = "\
event_id occurred_at      area_code category
S0       2025-05-20T08:00 101       fire
S1       2025-06-02T08:00 101       fire
";
    let june = County::new().deliver("traffic", crashes).deliver("public_safety", fires).june();
    let deaths = ["traffic", "public_safety"].map(|domain| june.figures("1", domain)["deaths"]);
    assert!(known(per_10_000_vehicles(1.0), 90.0).agrees_with(&deaths[0]), "{:?}", deaths[0]);
    assert!(UNKNOWN.agrees_with(&deaths[1]), "{:?}", deaths[1]);
}

#[test]
fn a_number_is_what_was_counted_of_those_that_say_it() {
    let count = model("collective", "")
        .replace("kind = \"rate\"", "kind = \"count\"")
        .replace("per = 10000\n", "");
    let county = County::with(&[("models/index.toml", &count)]).deliver("petitions", EVENTS);
    // The goalpost of a number is that of a rate here, so that one is worse than the worst.
    assert!(known(1.0, 0.0).covering(0.75).agrees_with(&measured(&county, "1")));
    let silent = EVENTS.replace("yes", "·").replace("no", "·");
    // Of nothing at all a model cannot make a figure, however little it is content with.
    for model in [count.clone(), count.replace("indicator = 0.5", "indicator = 0.0")] {
        let county = County::with(&[("models/index.toml", &model)]).deliver("petitions", &silent);
        assert!(UNKNOWN.agrees_with(&measured(&county, "1")));
    }
}

#[test]
fn the_county_knows_what_its_townships_know() {
    // The other township's only visit says nothing.
    let events = format!("{EVENTS}P5 2025-06-06T08:00 2 land · ·\n");
    let county = County::with(&[("models/index.toml", &model("collective", ""))]);
    let county = county.deliver("petitions", &events);
    assert!(UNKNOWN.agrees_with(&measured(&county, "2")));
    // Three of five visits say it, of which one is collective, among twice the residents.
    let whole = known(1.0 / (2.0 * RESIDENT_YEARS * 0.6) * 10_000.0, 100.0 - 10.0 / 1.2);
    let figure = measured(&county, COUNTY);
    assert!(whole.covering(0.6).agrees_with(&figure), "{figure:?}");
}

#[test]
fn a_mapping_may_say_that_a_blank_is_a_no() {
    let mapping = "\
domain = 'petitions'
files = ['petitions*.csv']
[columns]
event_id = 'event_id'
occurred_at = 'occurred_at'
recorded_at = 'recorded_at'
area_code = 'area_code'
category = 'category'
repeated = 'repeated'
collective = 'collective'
[default]
collective = 'no'
";
    let model = model("collective", "");
    let county =
        County::with(&[("models/index.toml", &model), ("mappings/petitions.toml", mapping)]);
    let figure = measured(&county.deliver("petitions", EVENTS), "1");
    assert!(known(per_10_000_residents(1.0), 90.0).agrees_with(&figure), "{figure:?}");
}

#[test]
fn a_correction_takes_back_what_was_not_known() {
    let events = "\
event_id occurred_at      recorded_at      area_code category collective
P0       2025-05-20T08:00 2025-05-20T09:00 101       land     no
P1       2025-06-02T08:00 2025-06-02T09:00 101       land     ·
P1       2025-06-02T08:00 2025-06-20T09:00 101       land     yes
P2       2025-06-03T08:00 2025-06-03T09:00 101       land     no
";
    let county = County::with(&[("models/index.toml", &model("collective", ""))]);
    let county = county.deliver("petitions", events);
    let before = county.june_as_of("2025-06-19");
    assert_eq!((before.count("collective"), before.count("collective_unknown")), ((0, 0), (1, 0)));
    let after = county.june();
    assert_eq!((after.count("collective"), after.count("collective_unknown")), ((1, 0), (0, 0)));
    let figure = after.figures("1", "petitions")["measured"];
    assert!(known(per_10_000_residents(1.0), 90.0).agrees_with(&figure), "{figure:?}");
}

#[test]
fn a_pipeline_of_ones_own_need_not_say_what_is_not_known() {
    let own = "\
select day, recorded_day, area_code, indicator, category,
    sum(case when indicator = 'events' or collective then 1 else 0 end) as num, 7 as den
from petitions cross join (values ('events'), ('collective')) as names (indicator)
group by day, recorded_day, area_code, indicator, category
";
    let model = model("collective", "");
    let county = County::with(&[("models/index.toml", &model), ("pipelines/petitions.sql", own)]);
    let figure = measured(&county.deliver("petitions", EVENTS), "1");
    // Here a blank is a no, as the pipeline has it, and what it has as den does not matter.
    assert!(known(per_10_000_residents(1.0), 90.0).agrees_with(&figure), "{figure:?}");
}
