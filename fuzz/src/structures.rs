//! What must hold of configuration and of programs.

use super::config::Document;
use super::pe::shape;

/// Elements lie inside the text in order, each behind the element around it; asking for what is around one ends.
pub fn configuration(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        Document::read(data);
        return;
    };
    let document = Document::parse(text);
    let mut behind = 0;
    for (at, element) in document.elements.iter().enumerate() {
        assert!(element.range.start >= behind && element.range.end <= text.len(), "{:?}", element.range);
        assert!(text.get(element.range.clone()).is_some_and(|tag| tag.starts_with('<')), "{:?}", element.range);
        assert!(element.parent.is_none_or(|parent| parent < at));
        behind = element.range.start;
        if at < 64 {
            assert_eq!(document.path(at).last().copied(), Some(element.name.as_str()));
            document.location(at);
            assert!(document.children(at).all(|child| document.elements[child].parent == Some(at)));
        }
    }
}

/// What is understood is bounded, and of a file cut short no more is understood than of the whole.
pub fn pe_shape(data: &[u8]) {
    let Some(whole) = shape::read(data, data.len() as u64) else { return };
    assert!(whole.exports.len() <= 4096);
    let half = &data[..data.len() / 2];
    if let Some(part) = shape::read(half, data.len() as u64) {
        assert!(part.exports.len() <= whole.exports.len());
    }
}
