//! Encodings, parts that lie elsewhere, classes and programs that configuration loads.

use super::Situation;

pub(super) const SITUATIONS: &[Situation] = &[];
