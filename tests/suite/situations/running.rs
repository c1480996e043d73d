//! Floods, hangs, limits, links under the outputs, lists that clear files.

use super::Situation;

pub(super) const SITUATIONS: &[Situation] = &[];
