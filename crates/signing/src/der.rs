//! ASN.1 values in DER (ITU-T X.690), one after the other, without recursion: nested values are read from the content
//! of a value.

/// Tags that are met here.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;
/// A value that its number in the enclosing structure identifies; the number is in the lowest bits.
pub(super) const CONTEXT: u8 = 0xA0;

/// A value.
#[derive(Clone, Copy)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With its tag and its length.
    pub(super) whole: &'a [u8],
}

/// The values in these bytes, up to the first that is broken.
#[derive(Clone, Copy)]
pub(super) struct Values<'a>(pub(super) &'a [u8]);

impl<'a> Values<'a> {
    /// The next value, if it has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<Value<'a>> {
        self.next().filter(|value| value.tag == tag)
    }

    /// The values inside the next one, if that has this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Option<Values<'a>> {
        self.expect(tag).map(|value| Values(value.content))
    }

    /// The next value if it has this tag; if it has another one, that is left.
    pub(super) fn optional(&mut self, tag: u8) -> Option<Value<'a>> {
        (self.0.first() == Some(&tag)).then(|| self.next()).flatten()
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let (&tag, rest) = self.0.split_first()?;
        let (&first, rest) = rest.split_first()?;
        // Tags of several bytes and lengths without an end have no place in DER signatures.
        let (length, rest) = match first {
            _ if tag & 0x1F == 0x1F => return None,
            0..=0x7F => (usize::from(first), rest),
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        let whole = &self.0[..self.0.len() - rest.len()];
        self.0 = rest;
        Some(Value { tag, content, whole })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_follow_each_other_and_end_at_the_first_broken_one() {
        let long = [vec![0x04, 0x81, 0x80], vec![7; 0x80]].concat();
        let bytes = [&[0x30, 0x03, 0x02, 0x01, 0x05][..], &long, &[0xA0, 0x00, 0x04, 0x09, 0x01]].concat();
        let mut values = Values(&bytes);
        let number = values.inside(SEQUENCE).and_then(|mut inside| inside.expect(INTEGER)).expect("a number");
        assert_eq!((number.content, number.whole), (&[5][..], &[2, 1, 5][..]));
        assert!(values.optional(SET).is_none());
        assert_eq!(values.expect(OCTET_STRING).map(|value| value.content.len()), Some(0x80));
        assert_eq!(values.optional(CONTEXT).map(|value| value.content.len()), Some(0));
        assert!(values.next().is_none(), "it goes past the end");
        for broken in
            [&[][..], &[0x30], &[0x30, 0x80, 0, 0], &[0x1F, 0x01, 0x00], &[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]]
        {
            assert!(Values(broken).next().is_none(), "{broken:?}");
        }
    }
}
