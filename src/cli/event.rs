//! One event's file, as `pingan explain EVENT` prints it.

use pingan::engine::EventFile;
use serde_json::{Value, json};

use super::context::Context;
use super::table::Rows;

/// The rows of the files, part by part.
pub fn rows(context: &Context, files: &[EventFile]) -> Rows {
    let headers = ["domain", "part", "at", "name", "value"].map(str::to_owned).to_vec();
    let mut rows = Vec::new();
    let zone = context.workspace.time_zone();
    let written = |at: chrono::DateTime<chrono::Utc>| {
        json!(at.with_timezone(&zone).format("%Y-%m-%d %H:%M").to_string())
    };
    for file in files {
        let mut add = |part: &str, at: Value, name: &str, value: Value| {
            rows.push(vec![json!(file.domain.id), json!(part), at, json!(name), value]);
        };
        for version in &file.versions {
            for (column, value) in &version.changes {
                add("version", written(version.recorded_at), column, json!(value));
            }
            if let Some(delivered) = version.delivered_at {
                add("version", written(version.recorded_at), "delivered_at", written(delivered));
            }
        }
        if !file.live {
            add("version", Value::Null, "withdrawn", json!(true));
        }
        for origin in &file.origins {
            let sheet = origin.sheet.map_or(String::new(), |n| format!(", sheet {n}"));
            let digest = origin.digest.as_deref().map_or("", |d| d.get(..16).unwrap_or(d));
            let place = format!("{} (b3sum {digest}…){sheet}, row {}", origin.file, origin.row);
            add("origin", written(origin.delivered_at), &origin.source, json!(place));
        }
        for limit in &file.limits {
            let hours = limit.allowed.map_or_else(
                || format!("{:.1} h", limit.hours),
                |allowed| format!("{:.1} h of {allowed:.1} h", limit.hours),
            );
            add("time", Value::Null, limit.step, json!(hours));
        }
        for count in &file.counts {
            let figure = match count.den {
                0 => json!(count.num),
                den => json!(format!("{} of {den}", count.num)),
            };
            add("counts", json!(count.day.to_string()), &count.indicator, figure);
        }
        for other in &file.related {
            add("same party", json!(other.day.to_string()), other.domain.id, json!(other.event_id));
        }
        for letter in &file.letters {
            let day = json!(letter.facts.as_of.to_string());
            add("letter", day, letter.status(), json!(letter.letter_id));
        }
    }
    Rows { headers, rows }
}
