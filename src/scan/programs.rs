//! Which programs are read as code.

use crate::decode::cil;
use crate::detect::publisher;

/// Above this size it is asked first who has signed an assembly: to verify a signature costs a hundredth of reading the code,
/// and what a known publisher's code looks like is no news anyhow. Smaller ones are read before anybody asks.
const SMALL: usize = 1 << 20;

/// Whether the code of a program is read. Its size does not matter: metadata says where its code lies, and only that is read,
/// whatever else the file holds or somebody has put behind it.
pub(super) fn is_worth_reading(program: &[u8]) -> bool {
    cil::is_assembly(program) && (program.len() <= SMALL || publisher::publisher_of(program).is_none())
}
