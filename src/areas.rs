//! The register of areas and its tree.
