//! The register of areas: its tree, and how departments' spellings find their way into it.

mod counties;
pub mod divisions;
mod exposures;
mod file;
mod fold;
mod names;
mod resolve;

use std::collections::HashMap;
use std::path::Path;
use std::sync::OnceLock;

use chrono::NaiveDate;

pub use exposures::{EXPOSURES, Exposure, Exposures, SIZES};
pub use fold::short;
pub use resolve::Unresolved;

use crate::error::{Error, Result};
use names::Names;

/// One unit of the register.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Area {
    /// GB/T 2260 (six digits), GB/T 10114 (nine), twelve for a village; longer for grids. Unique in
    /// the register.
    pub code: String,
    /// Full name.
    pub name: String,
    /// province, city, county, township, village, grid or micro_grid.
    pub level: String,
    /// Code of the unit above; `None` for the root alone.
    pub parent: Option<String>,
    /// What its counts are divided by.
    pub exposure: Exposure,
    /// Degrees east, of a point within.
    pub lon: Option<f64>,
    /// Degrees north.
    pub lat: Option<f64>,
    /// Other ways it is written, beyond what resolution knows by itself.
    pub aliases: Vec<String>,
    /// First day of its life; `None` where it was there before all events.
    pub valid_from: Option<NaiveDate>,
    /// Last day of its life; `None` where it lives on.
    pub valid_to: Option<NaiveDate>,
    /// Code of the area that it was merged into after its last day.
    pub successor: Option<String>,
}

impl Area {
    /// First and last day of its life.
    pub fn life(&self) -> (NaiveDate, NaiveDate) {
        (self.valid_from.unwrap_or(NaiveDate::MIN), self.valid_to.unwrap_or(NaiveDate::MAX))
    }

    /// The days of `[from, to]` on which it lives, first and last; `None` where there is none.
    pub fn days_within(&self, from: NaiveDate, to: NaiveDate) -> Option<(NaiveDate, NaiveDate)> {
        let (first, last) = self.life();
        let days = (first.max(from), last.min(to));
        (days.0 <= days.1).then_some(days)
    }

    /// Whether it lives on a day.
    pub fn lives_on(&self, day: NaiveDate) -> bool {
        self.days_within(day, day).is_some()
    }
}

/// A checked register: one tree, codes unique.
///
/// An area that was merged into another lies below its heir, and what lies in it lies in the heir,
/// whatever the day: so the heir's series run through the merger as if the two had always been one.
/// The merged area itself is of no level any more.
#[derive(Clone, Debug)]
pub struct Register {
    areas: Vec<Area>,
    by_code: HashMap<String, usize>,
    /// The heir of a merged area, else the area above.
    parent: Vec<Option<usize>>,
    merged: Vec<bool>,
    children: Vec<Vec<usize>>,
    root: usize,
    /// Each area's place in a walk down the tree, and the place after its last descendant's: a
    /// subtree is a range.
    span: Vec<(usize, usize)>,
    depth: Vec<usize>,
    names: OnceLock<Names>,
}

impl Register {
    /// Checks areas given in any order and builds their tree.
    ///
    /// # Errors
    /// [`Error::Config`] where there is no area, a code is given twice or empty, a parent is
    /// unknown, there is a cycle or a second root.
    pub fn new(areas: Vec<Area>) -> Result<Register> {
        let rows = areas.into_iter().map(|a| (None, a)).collect();
        Register::build(rows, Path::new("areas.csv"), NaiveDate::MAX)
    }

    /// The register as it is on a day: an area whose last day is not over has not been merged yet.
    ///
    /// # Errors
    /// As [`Register::new`].
    pub fn as_of(self, day: NaiveDate) -> Result<Register> {
        let rows = self.areas.into_iter().map(|a| (None, a)).collect();
        Register::build(rows, Path::new("areas.csv"), day)
    }

    /// As [`Register::new`], on a day, with the line each area stands on in `file`.
    fn build(
        mut rows: Vec<(Option<usize>, Area)>,
        file: &Path,
        day: NaiveDate,
    ) -> Result<Register> {
        rows.sort_by(|a, b| a.1.code.cmp(&b.1.code));
        let (lines, areas): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        let wrong = |i: usize, what: String, fix: &str| Error::Config {
            file: file.to_path_buf(),
            line: lines[i],
            what,
            fix: fix.into(),
        };

        let mut by_code = HashMap::with_capacity(areas.len());
        for (i, area) in areas.iter().enumerate() {
            if area.code.is_empty() || area.name.is_empty() || area.level.is_empty() {
                return Err(wrong(
                    i,
                    format!("area {:?} {:?} lacks its code, name or level", area.code, area.name),
                    "fill it in",
                ));
            }
            if by_code.insert(area.code.clone(), i).is_some() {
                return Err(wrong(
                    i,
                    format!("code {} is given twice", area.code),
                    "keep one of the rows",
                ));
            }
        }
        let mut parent = Vec::with_capacity(areas.len());
        for (i, area) in areas.iter().enumerate() {
            parent.push(match &area.parent {
                None => None,
                Some(code) => Some(*by_code.get(code).ok_or_else(|| {
                    wrong(
                        i,
                        format!(
                            "parent {code} of {} {} is not in the register",
                            area.code, area.name
                        ),
                        "add its row or correct the code",
                    )
                })?),
            });
        }
        let root = only_root(&areas, &parent, wrong)?;
        let mut merged = vec![false; areas.len()];
        for (i, area) in areas.iter().enumerate() {
            let heir = heir(area, i == root, |code| by_code.get(code).map(|i| &areas[*i]))
                .map_err(|(what, fix)| wrong(i, what, fix))?;
            if let Some(heir) = heir.filter(|_| !area.lives_on(day)) {
                merged[i] = true;
                parent[i] = by_code.get(&heir.code).copied();
            }
        }
        let mut children = vec![Vec::new(); areas.len()];
        for (i, above) in parent.iter().enumerate() {
            if let Some(above) = above {
                children[*above].push(i);
            }
        }
        let (span, depth) = walk(root, &children, &merged);
        if let Some(lost) = span.iter().position(|s| s.1 == 0) {
            let i = on_cycle(lost, &parent);
            return Err(wrong(
                i,
                format!("{} {} is above itself", areas[i].code, areas[i].name),
                "correct its parent or its successor",
            ));
        }
        let names = OnceLock::new();
        Ok(Register { areas, by_code, parent, merged, children, root, span, depth, names })
    }

    /// All areas, in code order.
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    /// The area with this code.
    pub fn get(&self, code: &str) -> Option<&Area> {
        self.index(code).map(|i| &self.areas[i])
    }

    /// The area above all others.
    pub fn root(&self) -> &Area {
        &self.areas[self.root]
    }

    /// The levels the register has, top down: by the longest way down to an area of the level, so
    /// that a grid directly under a township does not make grids equal to villages.
    pub fn levels(&self) -> Vec<&str> {
        let mut deepest: Vec<(usize, &str)> = Vec::new();
        for (i, &depth) in self.depth.iter().enumerate().filter(|(i, _)| !self.merged[*i]) {
            let area = &self.areas[i];
            match deepest.iter_mut().find(|(_, level)| *level == area.level) {
                Some(entry) => entry.0 = entry.0.max(depth),
                None => deepest.push((depth, &area.level)),
            }
        }
        deepest.sort_by_key(|entry| entry.0);
        deepest.into_iter().map(|(_, level)| level).collect()
    }

    /// The areas of a level, in code order, whenever they live; not those that were merged.
    pub fn at_level(&self, level: &str) -> impl Iterator<Item = &Area> {
        let of_level = self.areas.iter().zip(&self.merged).filter(move |(a, _)| a.level == level);
        of_level.filter(|(_, merged)| !**merged).map(|(a, _)| a)
    }

    /// The area of this level that `code` lies in, itself included, a merged one in its heir;
    /// `None` where there is none or the code is unknown.
    pub fn ancestor_at(&self, code: &str, level: &str) -> Option<&Area> {
        std::iter::successors(self.index(code), |&i| self.parent[i])
            .filter(|&i| !self.merged[i])
            .map(|i| &self.areas[i])
            .find(|a| a.level == level)
    }

    /// Whether an area was merged into another; false for an unknown code.
    pub fn is_merged(&self, code: &str) -> bool {
        self.index(code).is_some_and(|i| self.merged[i])
    }

    /// The area that a code counts as: its last heir where it was merged, else itself.
    pub fn heir(&self, code: &str) -> Option<&Area> {
        let i = std::iter::successors(self.index(code), |&i| self.parent[i])
            .find(|&i| !self.merged[i])?;
        Some(&self.areas[i])
    }

    /// The areas that were merged into one, also by way of others.
    pub fn merged_into(&self, code: &str) -> Vec<&Area> {
        let mut found = Vec::new();
        let mut open: Vec<usize> = self.index(code).into_iter().collect();
        while let Some(i) = open.pop() {
            let merged = self.children[i].iter().copied().filter(|&c| self.merged[c]);
            for i in merged {
                found.push(&self.areas[i]);
                open.push(i);
            }
        }
        found
    }

    /// The areas directly below, in code order, those merged into it among them; none for an
    /// unknown code.
    pub fn children(&self, code: &str) -> impl Iterator<Item = &Area> {
        self.index(code).map_or(&[][..], |i| &self.children[i]).iter().map(|&i| &self.areas[i])
    }

    /// Whether `code` is `ancestor` or lies below it; false where either is unknown.
    pub fn is_within(&self, code: &str, ancestor: &str) -> bool {
        let both = self.index(code).zip(self.index(ancestor));
        both.is_some_and(|(area, above)| self.below(area, above))
    }

    fn index(&self, code: &str) -> Option<usize> {
        self.by_code.get(code).copied()
    }

    fn below(&self, i: usize, above: usize) -> bool {
        let (from, to) = self.span[above];
        (from..to).contains(&self.span[i].0)
    }

    fn names(&self) -> &Names {
        self.names.get_or_init(|| Names::new(&self.areas))
    }
}

fn only_root(
    areas: &[Area],
    parent: &[Option<usize>],
    wrong: impl Fn(usize, String, &str) -> Error,
) -> Result<usize> {
    let mut roots = (0..areas.len()).filter(|&i| parent[i].is_none());
    match (roots.next(), roots.next()) {
        (Some(root), None) => Ok(root),
        (Some(root), Some(second)) => Err(wrong(
            second,
            format!(
                "{} {} has no parent, and neither has {} {}",
                areas[second].code, areas[second].name, areas[root].code, areas[root].name
            ),
            "leave one area without parent: the one that contains all others",
        )),
        (None, _) if areas.is_empty() => Err(Error::config(
            Path::new("areas.csv"),
            "the register has no area",
            "make one with `pingan init DIR --county CODE`",
        )),
        (None, _) => Err(wrong(
            on_cycle(0, parent),
            "every area has a parent: there is no root, and they run in a circle".into(),
            "leave the parent of the topmost area empty",
        )),
    }
}

/// The heir that an area names, and what is wrong with its dates and heir, with the fix.
fn heir<'a>(
    area: &'a Area,
    is_root: bool,
    find: impl Fn(&str) -> Option<&'a Area>,
) -> Result<Option<&'a Area>, (String, &'static str)> {
    let named = format!("{} {}", area.code, area.name);
    if is_root && (area.valid_from.is_some() || area.valid_to.is_some()) {
        let what = format!("{named} contains all other areas and has a first or last day");
        return Err((what, "leave its valid_from and valid_to empty"));
    }
    if area.life().0 > area.life().1 {
        let what = format!("the last day of {named} is before its first");
        return Err((what, "correct valid_from or valid_to"));
    }
    let Some(code) = &area.successor else { return Ok(None) };
    let Some(heir) = find(code) else {
        let what = format!("successor {code} of {named} is not in the register");
        return Err((what, "add its row or correct the code"));
    };
    if heir.level != area.level {
        let what =
            format!("successor {code} of {named} is no {}, but a {}", area.level, heir.level);
        return Err((what, "name the area of the same level that it was merged into"));
    }
    if area.valid_to.is_none() {
        return Err((
            format!("{named} has a successor, but no last day"),
            "give the last day before the merger as valid_to",
        ));
    }
    Ok(Some(heir))
}

/// Spans and depths; (0, 0) where the root does not reach. A merged area is as deep as its heir.
fn walk(
    root: usize,
    children: &[Vec<usize>],
    merged: &[bool],
) -> (Vec<(usize, usize)>, Vec<usize>) {
    let mut span = vec![(0, 0); children.len()];
    let mut depth = vec![0; children.len()];
    let mut stack = vec![(root, false)];
    let mut place = 0;
    while let Some((i, left)) = stack.pop() {
        if left {
            span[i].1 = place;
            continue;
        }
        span[i].0 = place;
        place += 1;
        stack.push((i, true));
        for &child in children[i].iter().rev() {
            depth[child] = depth[i] + usize::from(!merged[child]);
            stack.push((child, false));
        }
    }
    (span, depth)
}

/// An area on the cycle that the way up from `i` ends in: as many steps as there are areas lead
/// into it.
fn on_cycle(i: usize, parent: &[Option<usize>]) -> usize {
    (0..parent.len()).fold(i, |i, _| parent[i].unwrap_or(i))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn area(code: &str, name: &str, level: &str, parent: &str) -> Area {
        Area {
            code: code.into(),
            name: name.into(),
            level: level.into(),
            parent: (!parent.is_empty()).then(|| parent.into()),
            ..Area::default()
        }
    }

    fn refusal(areas: Vec<Area>) -> String {
        Register::new(areas).unwrap_err().to_string()
    }

    #[test]
    fn a_register_that_is_not_one_tree_is_refused() {
        let root = area("1", "甲县", "county", "");
        let town = area("101", "乙镇", "township", "1");
        assert!(refusal(vec![]).contains("no area"));
        assert!(
            refusal(vec![root.clone(), town.clone(), town.clone()]).contains("101 is given twice")
        );
        assert!(
            refusal(vec![root.clone(), area("101", "乙镇", "township", "2")])
                .contains("parent 2 of 101")
        );
        assert!(
            refusal(vec![root.clone(), area("2", "丙县", "county", "")])
                .contains("2 丙县 has no parent")
        );
        assert!(
            refusal(vec![area("1", "甲县", "county", "101"), town.clone()]).contains("no root")
        );
        let below = vec![
            root,
            area("2", "丙", "township", "4"),
            area("3", "丁", "village", "2"),
            area("4", "戊", "village", "3"),
            area("5", "己", "village", "4"),
        ];
        assert!(refusal(below).contains("is above itself"));
    }

    #[test]
    fn the_tree_answers_upwards_and_downwards() {
        let register = Register::new(vec![
            area("13", "丁网格", "grid", "1"),
            area("12", "丙网格", "grid", "111"),
            area("111", "丙村", "village", "11"),
            area("11", "乙镇", "township", "1"),
            area("1", "甲县", "county", ""),
        ])
        .unwrap();
        assert_eq!(register.levels(), ["county", "township", "village", "grid"]);
        assert_eq!(register.root().code, "1");
        assert_eq!(register.ancestor_at("12", "township").unwrap().code, "11");
        assert_eq!(register.ancestor_at("11", "township").unwrap().code, "11");
        assert!(register.ancestor_at("13", "village").is_none());
        assert_eq!(
            register.children("1").map(|a| a.code.as_str()).collect::<Vec<_>>(),
            ["11", "13"]
        );
        assert_eq!(register.children("nowhere").count(), 0);
        assert!(register.is_within("12", "11") && register.is_within("11", "11"));
        assert!(
            !register.is_within("11", "12")
                && !register.is_within("13", "11")
                && !register.is_within("x", "1")
        );
        assert_eq!(register.at_level("grid").count(), 2);
    }

    fn merged(code: &str, parent: &str, last: &str, heir: &str) -> Area {
        let valid_to = Some(last.parse().unwrap());
        let successor = Some(heir.into());
        Area { valid_to, successor, ..area(code, &format!("{code}镇"), "township", parent) }
    }

    #[test]
    fn a_merged_area_lies_in_its_heir_from_the_day_after_its_last() {
        let areas = vec![
            area("1", "甲县", "county", ""),
            area("11", "乙镇", "township", "1"),
            merged("12", "1", "2025-06-30", "11"),
            merged("13", "1", "2024-12-31", "12"),
            area("121", "丙村", "village", "12"),
            area("111", "丁村", "village", "11"),
        ];
        let as_of =
            |day: &str| Register::new(areas.clone()).unwrap().as_of(day.parse().unwrap()).unwrap();
        let towns = |r: &Register| -> Vec<String> {
            r.at_level("township").map(|a| a.code.clone()).collect()
        };
        let (before, after) = (as_of("2025-06-30"), as_of("2025-07-01"));
        assert_eq!(
            (towns(&before), towns(&after)),
            (vec!["11".into(), "12".into()], vec!["11".into()])
        );
        assert_eq!(before.ancestor_at("121", "township").unwrap().code, "12");
        for code in ["12", "13", "121"] {
            assert_eq!(after.ancestor_at(code, "township").unwrap().code, "11", "{code}");
            assert!(after.is_within(code, "11") && after.is_within(code, "1"));
        }
        assert_eq!(after.ancestor_at("121", "village").unwrap().code, "121");
        assert_eq!(after.levels(), ["county", "township", "village"]);
        assert_eq!(after.heir("13").unwrap().code, "11");
        let of: Vec<&str> = after.merged_into("11").iter().map(|a| a.code.as_str()).collect();
        assert_eq!(of, ["12", "13"]);
        assert!(
            after.merged_into("12").len() == 1 && after.is_merged("13") && !after.is_merged("11")
        );
    }

    #[test]
    fn dates_and_heirs_that_cannot_be_are_refused() {
        let with = |changed: Area| {
            refusal(vec![
                area("1", "甲县", "county", ""),
                area("11", "乙镇", "township", "1"),
                area("111", "丁村", "village", "11"),
                changed,
            ])
        };
        let retired = merged("12", "1", "2025-06-30", "11");
        assert!(with(Area { valid_to: None, ..retired.clone() }).contains("no last day"));
        let to = |heir: &str| with(Area { successor: Some(heir.into()), ..retired.clone() });
        assert!(
            to("14").contains("successor 14 of 12") && to("14").contains("not in the register")
        );
        assert!(to("111").contains("is no township, but a village"));
        assert!(to("12").contains("is above itself"));
        let from = Some("2025-07-01".parse().unwrap());
        assert!(with(Area { valid_from: from, ..retired }).contains("before its first"));
        let root = Area { valid_to: from, ..area("1", "甲县", "county", "") };
        assert!(refusal(vec![root]).contains("contains all other areas"));
    }

    /// A county of five levels and some 12,000 units; more than a fraction of a second here would
    /// mean quadratic work.
    #[test]
    fn every_name_of_a_county_down_to_its_micro_grids_resolves() {
        let mut areas = vec![area("c", "甲县", "county", "")];
        for t in 0..20 {
            areas.push(area(&format!("c{t:02}"), &format!("第{t}乡镇"), "township", "c"));
            for v in 0..10 {
                let village = format!("c{t:02}{v}");
                areas.push(area(
                    &village,
                    &format!("{t}之{v}村委会"),
                    "village",
                    &format!("c{t:02}"),
                ));
                for g in 0..5 {
                    let grid = format!("{village}{g}");
                    areas.push(area(&grid, &format!("网格{grid}"), "grid", &village));
                    areas.extend((0..11).map(|m| {
                        area(
                            &format!("{grid}{m:02}"),
                            &format!("微网格{grid}{m:02}"),
                            "micro_grid",
                            &grid,
                        )
                    }));
                }
            }
        }
        assert_eq!(areas.len(), 12_221);
        let register = Register::new(areas).unwrap();
        assert_eq!(register.levels().len(), 5);
        for area in register.areas() {
            assert_eq!(register.resolve(&area.name, None).unwrap().code, area.code);
        }
        assert_eq!(register.ancestor_at("c073104", "township").unwrap().code, "c07");
    }
}
