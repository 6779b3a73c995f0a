//! A test of a series, before the false discovery rate of the night.

use super::finding::Finding;

/// A test that was made. It counts among the tests of the night whether or not it can lead to a
/// finding.
pub(super) struct Tested {
    pub p: f64,
    /// The finding if the false discovery rate lets it through; its q is not known yet.
    pub finding: Option<Finding>,
}
