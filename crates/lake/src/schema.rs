//! The ten domains and the columns of their event tables (docs/interface.md).

use std::sync::Arc;

use datafusion::arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};

/// What a column holds; decides its Arrow type and how ingest reads a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Short text: an identifier or a code of `models/taxonomy.toml`.
    Text,
    /// A whole number, 64 bits.
    Int,
    /// CNY, decimal(18,2).
    Money,
    Bool,
    /// An instant, UTC microseconds.
    Instant,
    /// A calendar day in the workspace's time zone.
    Day,
}

/// One column of an event table.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    pub name: &'static str,
    pub kind: Kind,
    pub required: bool,
}

const fn col(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: false }
}

const fn req(name: &'static str, kind: Kind) -> Column {
    Column { name, kind, required: true }
}

/// The columns every domain has, in table order. `day`, `source`, `batch_id` are the engine's own:
/// a file does not bring them.
pub const COMMON: &[Column] = &[
    req("event_id", Kind::Text),
    req("occurred_at", Kind::Instant),
    req("recorded_at", Kind::Instant),
    req("day", Kind::Day),
    req("area_code", Kind::Text),
    col("grid_code", Kind::Text),
    req("category", Kind::Text),
    col("severity", Kind::Int),
    col("risk_sector", Kind::Text),
    col("persons", Kind::Int),
    col("amount", Kind::Money),
    col("channel", Kind::Text),
    col("grade", Kind::Text),
    col("accepted_at", Kind::Instant),
    col("triaged_at", Kind::Instant),
    col("resolved_at", Kind::Instant),
    col("resolved_level", Kind::Text),
    col("outcome", Kind::Text),
    col("satisfaction", Kind::Int),
    col("party_hash", Kind::Text),
    req("withdrawn", Kind::Bool),
    req("source", Kind::Text),
    req("batch_id", Kind::Text),
];

/// How a version came to be known, after a domain's own columns; a table that an earlier version
/// of pingan made gets them when it is opened, and its rows have none of them.
pub const DELIVERY: &[Column] = &[
    col("delivered_at", Kind::Instant),
    col("recorded_basis", Kind::Text),
    col("count", Kind::Int),
];

/// How an event was handled, after the columns of its delivery: what a source may say and few do.
/// An older table gets them as it gets those of [`DELIVERY`].
pub const HANDLING: &[Column] = &[
    col("reported_at", Kind::Instant),
    col("unit", Kind::Text),
    col("reassigned", Kind::Bool),
    col("extended", Kind::Bool),
    col("form", Kind::Text),
    col("on_site", Kind::Bool),
    col("revisited_at", Kind::Instant),
    col("relapsed", Kind::Bool),
];

/// Further steps of a dispute, after [`HANDLING`]: arbitration (仲裁), adjudication by an office
/// (行政裁决), reconsideration (行政复议), petition, lawsuit.
pub const STEPS: &[Column] = &[
    col("arbitrated_at", Kind::Instant),
    col("adjudicated_at", Kind::Instant),
    col("reconsidered_at", Kind::Instant),
    col("petitioned_at", Kind::Instant),
    col("sued_at", Kind::Instant),
];

/// Columns the engine fills in itself. `due_day` follows from `due_at` as `day` from `occurred_at`.
pub const DERIVED_COLUMNS: &[&str] =
    &["day", "due_day", "source", "batch_id", "delivered_at", "recorded_basis", "count"];

/// What a version's `recorded_at` rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Basis {
    /// The source says when it recorded it.
    Given,
    /// The source says nothing: it is the time of delivery.
    Delivery,
    /// Assumed of a history that was handed in at once: so many days after it happened.
    Assumed,
}

impl Basis {
    /// The word in the column `recorded_basis`.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Given => "given",
            Basis::Delivery => "delivery",
            Basis::Assumed => "assumed",
        }
    }

    /// The basis of that name; what is unnamed was given, as rows of earlier versions of pingan.
    pub fn find(name: &str) -> Basis {
        match name {
            "delivery" => Basis::Delivery,
            "assumed" => Basis::Assumed,
            _ => Basis::Given,
        }
    }
}

/// One of the ten domains: an event table and a pipeline of the same name.
#[derive(Debug)]
pub struct Domain {
    pub id: &'static str,
    /// What officials call it.
    pub label: &'static str,
    /// Columns only this domain has, after the common ones.
    pub own: &'static [Column],
}

const DUE: [Column; 2] = [col("due_at", Kind::Instant), col("due_day", Kind::Day)];

/// The ten domains, in the order in which reports have them.
pub static DOMAINS: [Domain; 10] = [
    Domain { id: "public_order", label: "社会治安", own: &[] },
    Domain { id: "fraud_crime", label: "刑事与电诈", own: &[] },
    Domain {
        id: "traffic",
        label: "交通安全",
        own: &[col("deaths", Kind::Int), col("injured", Kind::Int)],
    },
    Domain {
        id: "public_safety",
        label: "公共安全",
        own: &[col("deaths", Kind::Int), col("injured", Kind::Int)],
    },
    Domain {
        id: "disputes",
        label: "矛盾纠纷",
        own: &[DUE[0], DUE[1], col("turned_criminal", Kind::Bool)],
    },
    Domain {
        id: "petitions",
        label: "信访",
        own: &[
            DUE[0],
            DUE[1],
            col("repeated", Kind::Bool),
            col("collective", Kind::Bool),
            col("beyond_level", Kind::Bool),
        ],
    },
    Domain { id: "litigation", label: "诉讼", own: &[col("diverted", Kind::Bool)] },
    Domain {
        id: "requests",
        label: "群众诉求",
        own: &[DUE[0], DUE[1], col("repeated", Kind::Bool)],
    },
    Domain {
        id: "public_opinion",
        label: "网络舆情",
        own: &[DUE[0], DUE[1], col("reach", Kind::Int)],
    },
    Domain {
        id: "key_groups",
        label: "重点群体服务",
        own: &[DUE[0], DUE[1], col("minors", Kind::Int)],
    },
];

impl Domain {
    /// The domain with this id.
    pub fn find(id: &str) -> Option<&'static Domain> {
        DOMAINS.iter().find(|d| d.id == id)
    }

    /// All columns, in table order.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + use<> {
        let steps = if self.id == "disputes" { STEPS } else { &[] };
        COMMON.iter().chain(self.own).chain(DELIVERY).chain(HANDLING).chain(steps)
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&'static Column> {
        self.columns().find(|c| c.name == name)
    }

    /// The table's Arrow schema.
    pub fn schema(&self) -> SchemaRef {
        Arc::new(Schema::new(
            self.columns()
                .map(|c| Field::new(c.name, c.kind.arrow(), !c.required))
                .collect::<Vec<_>>(),
        ))
    }
}

impl Kind {
    /// The Arrow type a column of this kind has at rest.
    pub fn arrow(self) -> DataType {
        match self {
            Kind::Text => DataType::Utf8,
            Kind::Int => DataType::Int64,
            Kind::Money => DataType::Decimal128(18, 2),
            Kind::Bool => DataType::Boolean,
            Kind::Instant => DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into())),
            Kind::Day => DataType::Date32,
        }
    }
}
