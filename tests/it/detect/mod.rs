//! Detectors against their references (METHOD.md §3).

mod python_references;
