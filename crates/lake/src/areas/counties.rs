//! What lies in another county than the register's, by the names and codes of the country's
//! divisions.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use super::fold::{fold, short};
use super::{Register, divisions};

/// What departments write in place of a county that is not theirs.
const SOMEWHERE: &str = "外县 外市 外区 外省 外地 外县市 外市县 外省市 外县区 县外 市外 区外 省外";
/// Names of cities in the source that are none.
const NO_CITIES: [&str; 4] = ["市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"];
/// What a province is called in short leaves out.
const PROVINCES: [&str; 7] =
    ["维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市"];

static COUNTRY: LazyLock<Country> = LazyLock::new(Country::new);

/// Provinces, cities and counties, whose codes have two, four and six digits.
struct Country {
    codes: HashSet<String>,
    /// Folded full names.
    full: HashMap<String, Vec<String>>,
    /// Folded short names.
    short: HashMap<String, Vec<String>>,
    longest: usize,
}

impl Country {
    fn new() -> Country {
        let units = divisions::down_to_counties().expect("the bundled divisions can be read");
        let (mut full, mut brief): (HashMap<_, Vec<_>>, HashMap<_, Vec<_>>) = Default::default();
        let longest = units.iter().map(|u| u.1.chars().count()).max().unwrap_or_default();
        let codes = units.iter().map(|u| u.0.clone()).collect();
        for (code, name) in units.into_iter().filter(|u| !NO_CITIES.contains(&u.1.as_str())) {
            let less = match code.len() {
                2 => {
                    PROVINCES.iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name).into()
                }
                _ => short(&name),
            };
            brief.entry(fold(&less)).or_default().push(code.clone());
            full.entry(fold(&name)).or_default().push(code);
        }
        Country { codes, full, short: brief, longest }
    }
}

impl Register {
    /// Whether a folded text names a place in another county, or has its code.
    pub(super) fn is_of_another_county(&self, text: &str) -> bool {
        if SOMEWHERE.split(' ').any(|word| word == text) {
            return true;
        }
        self.home().is_some_and(|home| {
            let search = Search { register: self, home };
            search.code(text) || search.begins_elsewhere(text)
        })
    }

    /// The code of the province, city or county that the register is of, as far as it is one of the
    /// country's.
    fn home(&self) -> Option<&str> {
        let code = self.root().code.as_str();
        let mut whole = code;
        while let Some(less) = whole.strip_suffix("00").filter(|_| code.len() == 6) {
            whole = less;
        }
        let county = code.get(..6).filter(|_| code.len() > 6);
        [Some(whole), county].into_iter().flatten().find(|c| COUNTRY.codes.contains(*c))
    }
}

struct Search<'a> {
    register: &'a Register,
    home: &'a str,
}

impl Search<'_> {
    /// Whether a unit holds the register or lies in it.
    fn is_ours(&self, code: &str) -> bool {
        code.starts_with(self.home) || self.home.starts_with(code)
    }

    /// The code of a county, township or village of a city of the country.
    fn code(&self, text: &str) -> bool {
        let digits = text.bytes().all(|b| b.is_ascii_digit());
        let [city, county] = [4, 6].map(|n| text.get(..n).unwrap_or_default());
        digits
            && [6, 9, 12].contains(&text.len())
            && COUNTRY.codes.contains(city)
            && !county.ends_with("00")
            && !self.is_ours(county)
    }

    /// Names of provinces, cities and counties, one within the other, of which the last is not
    /// ours.
    fn begins_elsewhere(&self, text: &str) -> bool {
        let (mut rest, mut above) = (text, "");
        while let Some((name, codes)) = named(rest, above) {
            let after = &rest[name.len()..];
            if let Some(ours) = codes.iter().find(|code| self.is_ours(code)) {
                (rest, above) = (after, ours.as_str());
                continue;
            }
            return self.register.names().find(name).is_empty()
                && (!above.is_empty() || codes.iter().any(|code| self.tells(name, code)))
                && !(name.ends_with('市') && after.starts_with(['场', '政']));
        }
        self.short_neighbour(rest)
    }

    /// Whether a name says by itself that this unit is meant: many a town has an 新城区, and a
    /// neighbour's is meant where it has one.
    fn tells(&self, name: &str, code: &str) -> bool {
        code.len() < 6
            || !name.ends_with('区')
            || (name.chars().count() > 2 && self.is_neighbour(code))
    }

    fn is_neighbour(&self, code: &str) -> bool {
        code.len() == 6 && self.home.get(..4) == code.get(..4) && !self.is_ours(code)
    }

    /// A county of the same city without its suffix, alone or before a township.
    fn short_neighbour(&self, text: &str) -> bool {
        beginnings(text).any(|(name, after)| {
            let township = after.is_empty() || after.contains(['镇', '乡']);
            name.chars().count() > 1
                && township
                && self.register.names().find(name).is_empty()
                && COUNTRY.short.get(name).is_some_and(|c| c.iter().any(|c| self.is_neighbour(c)))
        })
    }
}

/// The unit below `above` that a text begins with the name of: in full, or a province or city in
/// short before the full name of one in it.
fn named<'t>(text: &'t str, above: &str) -> Option<(&'t str, Vec<&'static String>)> {
    let before_one_of_its = |after: &str, code: &str| {
        code.len() < 6
            && beginnings(after).any(|(name, _)| !below(&COUNTRY.full, name, code).is_empty())
    };
    beginnings(text)
        .map(|(name, _)| (name, below(&COUNTRY.full, name, above)))
        .chain(beginnings(text).map(|(name, after)| {
            let mut codes = below(&COUNTRY.short, name, above);
            codes.retain(|code| before_one_of_its(after, code));
            (name, codes)
        }))
        .find(|(_, codes)| !codes.is_empty())
}

/// The codes of a name, of the units below one.
fn below(
    names: &'static HashMap<String, Vec<String>>,
    name: &str,
    above: &str,
) -> Vec<&'static String> {
    let codes = names.get(name).into_iter().flatten();
    codes.filter(|code| code.len() > above.len() && code.starts_with(above)).collect()
}

/// How a text begins and goes on, the longest beginning first.
fn beginnings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut cuts: Vec<usize> =
        text.char_indices().map(|(at, c)| at + c.len_utf8()).take(COUNTRY.longest).collect();
    cuts.reverse();
    cuts.into_iter().map(|cut| text.split_at(cut))
}
