//! Checked rows as record batches of the domain's schema.

use std::borrow::Cow;
use std::sync::Arc;

use datafusion::arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Decimal128Builder, Int64Builder, RecordBatch,
    StringBuilder, TimestampMicrosecondBuilder,
};
use datafusion::arrow::datatypes::SchemaRef;

use crate::error::Result;
use crate::schema::{Domain, Kind};

/// A checked cell.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'r> {
    Null,
    Text(Cow<'r, str>),
    Code(Arc<str>),
    Int(i64),
    /// Fen.
    Money(i128),
    Bool(bool),
    /// UTC microseconds.
    Instant(i64),
    /// Days since 1970-01-01.
    Day(i32),
}

impl Value<'_> {
    /// The text of a text or code.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(t) => Some(t),
            Value::Code(c) => Some(c),
            _ => None,
        }
    }
}

enum Builder {
    Text(StringBuilder),
    Int(Int64Builder),
    Money(Decimal128Builder),
    Bool(BooleanBuilder),
    Instant(TimestampMicrosecondBuilder),
    Day(Date32Builder),
}

/// Builders of all columns of a domain.
pub(crate) struct Rows {
    schema: SchemaRef,
    builders: Vec<Builder>,
    pub len: usize,
}

impl Rows {
    pub fn new(domain: &Domain) -> Rows {
        let builders = domain
            .columns()
            .map(|c| match c.kind {
                Kind::Text => Builder::Text(StringBuilder::new()),
                Kind::Int => Builder::Int(Int64Builder::new()),
                Kind::Money => {
                    Builder::Money(Decimal128Builder::new().with_data_type(Kind::Money.arrow()))
                }
                Kind::Bool => Builder::Bool(BooleanBuilder::new()),
                Kind::Instant => Builder::Instant(
                    TimestampMicrosecondBuilder::new().with_data_type(Kind::Instant.arrow()),
                ),
                Kind::Day => Builder::Day(Date32Builder::new()),
            })
            .collect();
        Rows { schema: domain.schema(), builders, len: 0 }
    }

    /// Appends a row: one slot a column, of the column's kind or null.
    pub fn push(&mut self, slots: &[Value]) {
        for (builder, slot) in self.builders.iter_mut().zip(slots) {
            match (builder, slot) {
                (Builder::Text(b), slot) => b.append_option(slot.text()),
                (Builder::Int(b), Value::Int(n)) => b.append_value(*n),
                (Builder::Int(b), _) => b.append_null(),
                (Builder::Money(b), Value::Money(n)) => b.append_value(*n),
                (Builder::Money(b), _) => b.append_null(),
                (Builder::Bool(b), Value::Bool(v)) => b.append_value(*v),
                (Builder::Bool(b), _) => b.append_null(),
                (Builder::Instant(b), Value::Instant(t)) => b.append_value(*t),
                (Builder::Instant(b), _) => b.append_null(),
                (Builder::Day(b), Value::Day(d)) => b.append_value(*d),
                (Builder::Day(b), _) => b.append_null(),
            }
        }
        self.len += 1;
    }

    /// The rows so far as a batch; begins anew.
    pub fn take(&mut self) -> Result<RecordBatch> {
        self.len = 0;
        let arrays: Vec<ArrayRef> = self
            .builders
            .iter_mut()
            .map(|b| match b {
                Builder::Text(b) => Arc::new(b.finish()) as ArrayRef,
                Builder::Int(b) => Arc::new(b.finish()),
                Builder::Money(b) => Arc::new(b.finish()),
                Builder::Bool(b) => Arc::new(b.finish()),
                Builder::Instant(b) => Arc::new(b.finish()),
                Builder::Day(b) => Arc::new(b.finish()),
            })
            .collect();
        Ok(RecordBatch::try_new(self.schema.clone(), arrays)?)
    }
}
