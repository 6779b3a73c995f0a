//! One column's value in a row.

use std::borrow::Cow;
use std::result::Result;

use super::{DAY, FUTURE, Problem, RowChecker};
use crate::ingest::bind::{Binding, Plan, Role};
use crate::ingest::build::Value;
use crate::ingest::cell::{BadCell, Cell};
use crate::ingest::{codes, dates, numbers};
use crate::mask::identifies;

const GRID: &str = "map the grid's code";

/// Days from the beginning of Excel's usual count to that of its other one, in 1904.
const DAYS_TO_1904: f64 = 1_462.0;

impl RowChecker<'_> {
    /// One column's value in a row.
    pub(super) fn value<'r>(
        &mut self,
        plan: &Plan,
        binding: &Binding,
        cells: &'r [Cell<'r>],
        problems: &mut Vec<Problem>,
    ) -> Result<Value<'r>, BadCell> {
        match binding.role {
            Role::Filled(_) => return Ok(Value::Null),
            Role::EventId if self.total.is_some() => return Ok(Value::Text(Cow::Borrowed(""))),
            Role::EventId if !plan.id.is_empty() => {
                return Ok(Value::Text(self.made_id(plan, cells).into()));
            }
            Role::EventId if binding.at.len() > 1 => return self.joined_id(binding, cells),
            Role::PartyHash if !plan.persons.is_empty() => return Ok(self.party(plan, cells)),
            Role::Area => return self.area(plan, binding, cells, problems),
            Role::Occurred if self.total.is_some() => {
                let month = dates::month(binding.at.iter().map(|&i| &cells[i]))?;
                return self.possible(binding, dates::instant(month, self.intake.time_zone)?);
            }
            Role::Code if binding.column.name == "category" => {
                if let Some(word) = self.total.as_ref().and_then(|total| total.category.clone()) {
                    return self.code(binding, &Cell::from_text(&word));
                }
            }
            _ => {}
        }
        let stand_in = binding.otherwise.as_deref().map(Cell::from_text);
        let given = binding.at.first().map(|&i| &cells[i]).filter(|c| !c.is_empty());
        let Some(cell) = given.or(stand_in.as_ref()) else {
            return if binding.needed {
                Err(BadCell::new("empty", format!("fill in {}", binding.column.name)))
            } else {
                Ok(Value::Null)
            };
        };
        match binding.role {
            Role::EventId => self.event_id(&cells[binding.at[0]]),
            Role::Grid => self.grid(cell),
            Role::PartyHash => {
                codes::party_hash(cell).map(|t| Value::Text(self.intake.hasher.keyed(&t).into()))
            }
            Role::Code => self.code(binding, cell),
            Role::Occurred | Role::Recorded | Role::Due | Role::Instant => {
                let counted = self.counted_from_1900(cell);
                let cell = counted.as_ref().unwrap_or(cell);
                let time = given.and(binding.at.get(1)).map(|&i| &cells[i]);
                let when = dates::when_in(cell, binding.format.as_deref())?;
                let when = time.map_or(Ok(when), |time| dates::join(when, time))?;
                self.possible(binding, dates::instant(when, self.intake.time_zone)?)
            }
            Role::Int => numbers::whole(cell, binding.tens)
                .and_then(|n| possible_count(binding, n))
                .map(Value::Int),
            Role::Money => numbers::money(cell, binding.tens).map(Value::Money),
            Role::Withdrawn | Role::Bool => numbers::yes(cell).map(Value::Bool),
            Role::Area | Role::Filled(_) => Ok(Value::Null),
        }
    }

    /// A date without format of a workbook that counts days from 1904, as others count it.
    pub(super) fn counted_from_1900(&mut self, cell: &Cell) -> Option<Cell<'static>> {
        let days = match cell {
            Cell::Float(days) if self.days_from_1904 && *days >= 1.0 => *days,
            _ => return None,
        };
        self.bare_days += 1;
        Some(Cell::Float(days + DAYS_TO_1904))
    }

    pub(super) fn possible(&self, binding: &Binding, t: i64) -> Result<Value<'static>, BadCell> {
        let fix = "correct the date";
        if t < self.span.first {
            return Err(BadCell::new("before 1990", fix));
        }
        if binding.role == Role::Due {
            return if t < self.span.due {
                Ok(Value::Instant(t))
            } else {
                Err(BadCell::new("due after 2099", fix))
            };
        }
        if binding.role == Role::Occurred && !self.span.stated.contains(&t) {
            return Err(BadCell::new(
                "outside the days its mapping states",
                "correct the date, or from and to of the mapping",
            ));
        }
        if t > self.span.clock + DAY {
            return Err(BadCell::new(
                FUTURE,
                "correct the date, or deliver the row when it has happened",
            ));
        }
        Ok(Value::Instant(t))
    }

    pub(super) fn code(
        &mut self,
        binding: &Binding,
        cell: &Cell,
    ) -> Result<Value<'static>, BadCell> {
        if let Cell::Error(e) = cell {
            return Err(BadCell::new(e.clone(), "correct it in the source"));
        }
        let written = cell.to_text();
        let code = self.codes.entry(binding.column.name).or_default().get(&written, || {
            let list = self.intake.taxonomy.list(binding.column.name, self.mapping.domain);
            codes::code(&written, binding, list)
        })?;
        match binding.column.kind {
            crate::schema::Kind::Int => code
                .parse()
                .map(Value::Int)
                .map_err(|_| BadCell::new("no number", "correct models/taxonomy.toml")),
            _ => Ok(Value::Code(code)),
        }
    }

    /// A grid's code, or that of the area so named; a description could be an address or a name and
    /// is not kept.
    pub(super) fn grid(&mut self, cell: &Cell) -> Result<Value<'static>, BadCell> {
        let written = cell.to_text();
        if codes::is_grid_code(&written, self.intake.register) {
            return Ok(Value::Text(written.into_owned().into()));
        }
        if identifies(&written) {
            return Err(BadCell::new("looks like an identity number, telephone or plate", GRID));
        }
        let place = self.places.get(&written, || codes::place(self.intake.register, &[&written]));
        place
            .code
            .map(Value::Code)
            .map_err(|_| BadCell::new("neither a code nor a grid of the register", GRID))
    }

    pub(super) fn area(
        &mut self,
        plan: &Plan,
        binding: &Binding,
        cells: &[Cell],
        problems: &mut Vec<Problem>,
    ) -> Result<Value<'static>, BadCell> {
        if let Some(Cell::Error(e)) =
            binding.at.iter().map(|&i| &cells[i]).find(|c| matches!(c, Cell::Error(_)))
        {
            return Err(BadCell::new(e.clone(), "correct it in the source"));
        }
        let texts: Vec<Cow<str>> = binding.at.iter().map(|&i| cells[i].to_text()).collect();
        let mut pieces: Vec<&str> = texts.iter().map(|t| &**t).collect();
        if pieces.iter().all(|p| p.is_empty()) {
            pieces = binding.otherwise.as_deref().into_iter().collect();
        }
        let register = self.intake.register;
        let place = match pieces.as_slice() {
            [one] => self.places.get(one, || codes::place(register, &pieces)),
            _ => self.places.get(&pieces.join("\u{1f}"), || codes::place(register, &pieces)),
        };
        if let Some((i, bad)) = place.lost {
            let mut problem = self.problem(plan, binding, &binding.at[i..=i], cells, bad);
            problem.needed = false;
            problem.bad.fix += "; the coarser area was taken";
            problems.push(problem);
        }
        place.code.map(Value::Code)
    }
}

/// More persons in one event than live in a large county are a number of something else, such as a
/// telephone; a post is seen by more.
fn possible_count(binding: &Binding, n: i64) -> Result<i64, BadCell> {
    match n > 1_000_000 && binding.column.name != "reach" {
        true => Err(BadCell::new("too large to be true", "correct it in the source")),
        false => Ok(n),
    }
}
