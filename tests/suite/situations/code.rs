//! What hides code from the reader of code.

use super::Situation;

pub(super) const SITUATIONS: &[Situation] = &[];
