//! PHP pages: code between tags. The lexer follows it, since only the code shows where it ends.

use super::{Block, BlockKind, Language};
use crate::code::lex::php_opening;

/// The one block that a page of PHP has: from behind the first opening tag to the end. `None` if there is no tag.
pub(super) fn read(text: &[u8]) -> Option<Block> {
    let tag = php_opening(text, 0)?;
    let kind = if tag.writes { BlockKind::Output } else { BlockKind::Statements };
    Some(Block { kind, language: Language::Php, range: tag.behind..text.len() })
}
