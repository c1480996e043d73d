//! Assemblies of any size, precompiled sites, classes elsewhere, tasks and services, other web servers.

use super::Situation;

pub(super) const SITUATIONS: &[Situation] = &[];
