//! Selection of the assemblies that are analysed as code.

use crate::decode::cil;
use crate::detect::publisher;

/// Whether the code of a program is read. Its size does not matter: metadata says where its code lies, and only that is read,
/// whatever else the file holds or somebody has put behind it.
///
/// It is asked first who has signed it: to verify a signature costs a hundredth of reading the code, a server has thousands of
/// assemblies that their makers signed, and what a known publisher's code looks like is no news.
pub(super) fn is_worth_reading(program: &[u8]) -> bool {
    cil::is_assembly(program) && publisher::publisher_of(program).is_none()
}
