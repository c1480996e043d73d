//! The instructions of IL, by their codes: ECMA-335, III.

/// What follows a code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Operand {
    None,
    /// So many bytes.
    Bytes(u8),
    /// A token.
    Token,
    /// A distance of one byte, or of four.
    Near,
    Far,
    /// A list of distances.
    Switch,
}

/// The operand of an instruction; `None` for a code that there is not. Codes of two bytes have 0xFE above.
pub(super) fn operand(code: u16) -> Option<Operand> {
    Some(match code {
        0x00..=0x0D
        | 0x14..=0x1E
        | 0x25
        | 0x26
        | 0x2A
        | 0x46..=0x6E
        | 0x76
        | 0x7A
        | 0x82..=0x8B
        | 0x8E
        | 0x90..=0xA2
        | 0xB3..=0xBA
        | 0xC3
        | 0xD1..=0xDC
        | 0xDF
        | 0xE0 => Operand::None,
        0x0E..=0x13 | 0x1F => Operand::Bytes(1),
        0x20 | 0x22 => Operand::Bytes(4),
        0x21 | 0x23 => Operand::Bytes(8),
        0x27..=0x29 | 0x6F..=0x75 | 0x79 | 0x7B..=0x81 | 0x8C | 0x8D | 0x8F | 0xA3..=0xA5 | 0xC2 | 0xC6 | 0xD0 => {
            Operand::Token
        }
        0x2B..=0x37 | 0xDE => Operand::Near,
        0x38..=0x44 | 0xDD => Operand::Far,
        0x45 => Operand::Switch,
        0xFE00..=0xFE05 | 0xFE0F | 0xFE11 | 0xFE13 | 0xFE14 | 0xFE17 | 0xFE18 | 0xFE1A | 0xFE1D | 0xFE1E => {
            Operand::None
        }
        0xFE06 | 0xFE07 | 0xFE15 | 0xFE16 | 0xFE1C => Operand::Token,
        0xFE09..=0xFE0E => Operand::Bytes(2),
        0xFE12 | 0xFE19 => Operand::Bytes(1),
        _ => return None,
    })
}

/// An instruction with its operand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Instruction {
    /// Where it begins in the body, and where the next does.
    pub(super) at: usize,
    pub(super) end: usize,
    pub(super) code: u16,
    /// A number, a token; of a branch, where it leads; of a list, how many there are.
    pub(super) value: i64,
}

/// The instruction at a place; `None` at the end, or where there is none.
pub(super) fn instruction(code: &[u8], at: usize) -> Option<Instruction> {
    let first = *code.get(at)?;
    let (number, body) = match first {
        0xFE => (0xFE00 | u16::from(*code.get(at + 1)?), at + 2),
        first => (u16::from(first), at + 1),
    };
    let small = |length: usize| -> Option<i64> {
        let bytes = code.get(body..body + length)?;
        let mut wide = [0; 8];
        wide[..length].copy_from_slice(bytes);
        let number = i64::from_le_bytes(wide);
        let unused = 64 - 8 * length as u32;
        Some(number << unused >> unused)
    };
    let (value, length) = match operand(number)? {
        Operand::None => (0, 0),
        Operand::Bytes(length) => (small(usize::from(length))?, usize::from(length)),
        Operand::Token => (small(4)? & 0xFFFF_FFFF, 4),
        Operand::Near => (small(1)? + body as i64 + 1, 1),
        Operand::Far => (small(4)? + body as i64 + 4, 4),
        Operand::Switch => {
            let count = small(4)? & 0xFFFF_FFFF;
            let length = usize::try_from(count).ok()?.checked_mul(4)?.checked_add(4)?;
            code.get(body..body.checked_add(length)?)?;
            (count, length)
        }
    };
    Some(Instruction { at, end: body + length, code: number, value })
}

impl Instruction {
    /// Where it may lead, beside the next.
    pub(super) fn targets<'c>(&self, code: &'c [u8]) -> impl Iterator<Item = i64> + use<'c> {
        let (one, count) = match operand(self.code) {
            Some(Operand::Near | Operand::Far) => (Some(self.value), 0),
            Some(Operand::Switch) => (None, self.value as usize),
            _ => (None, 0),
        };
        let (list, end) = (self.at + 5, self.end as i64);
        let far = (0..count).filter_map(move |at| {
            let bytes = code.get(list + 4 * at..list + 4 * at + 4)?;
            Some(end + i64::from(i32::from_le_bytes(bytes.try_into().ok()?)))
        });
        one.into_iter().chain(far)
    }

    /// Whether the next instruction is reached only by a branch.
    pub(super) fn ends(&self) -> bool {
        matches!(self.code, 0x27 | 0x2A | 0x2B | 0x38 | 0x7A | 0xDC | 0xDD | 0xDE | 0xFE11 | 0xFE1A)
    }
}
