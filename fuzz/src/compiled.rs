//! What must hold of anything that takes itself for what ASP.NET compiled.

use super::code::reading::{Budget, read};
use super::decode::{Effort, views};

/// Of a `.compiled` file something is known or it says why not. The code of an assembly leads back into it, positions
/// ascending, and can be read.
pub fn compiled(data: &[u8]) {
    if let Err(why) = super::targets::preservation_file::read(data) {
        assert!(!why.is_empty());
    }
    let views = views(data, 0, Effort::Program);
    for view in views.views.iter().filter(|view| view.is_program_code()) {
        let mut before = 0;
        for at in (0..=view.bytes.len()).step_by(5) {
            let stored = view.stored_offset(at);
            assert!(stored >= before && stored <= data.len() as u64, "{at} leads to {stored}, behind {before}");
            before = stored;
        }
        let _ = read(
            &view.bytes,
            "library.cs",
            Budget { tokens: 20_000, constants: 1 << 20, steps: 20_000, visits: 200_000 },
        );
    }
}
