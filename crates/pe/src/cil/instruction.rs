//! The instructions of IL: ECMA-335, III.

use super::opcodes::*;

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
        NOP..=STLOC_3
        | LDNULL..=LDC_I4_8
        | DUP
        | POP
        | RET
        | LDIND_I1..=CONV_U8
        | CONV_R_UN
        | THROW
        | CONV_OVF_I1_UN..=CONV_OVF_U_UN
        | LDLEN
        | LDELEM_I1..=STELEM_REF
        | CONV_OVF_I1..=CONV_OVF_U8
        | CKFINITE
        | CONV_U2..=ENDFINALLY
        | STIND_I
        | CONV_U => Operand::None,
        LDARG_S..=STLOC_S | LDC_I4_S => Operand::Bytes(1),
        LDC_I4 | LDC_R4 => Operand::Bytes(4),
        LDC_I8 | LDC_R8 => Operand::Bytes(8),
        JMP..=CALLI
        | CALLVIRT..=ISINST
        | UNBOX
        | LDFLD..=STOBJ
        | BOX
        | NEWARR
        | LDELEMA
        | LDELEM..=UNBOX_ANY
        | REFANYVAL
        | MKREFANY
        | LDTOKEN => Operand::Token,
        BR_S..=BLT_UN_S | LEAVE_S => Operand::Near,
        BR..=BLT_UN | LEAVE => Operand::Far,
        SWITCH => Operand::Switch,
        ARGLIST..=CLT_UN
        | LOCALLOC
        | ENDFILTER
        | VOLATILE
        | TAIL
        | CPBLK
        | INITBLK
        | RETHROW
        | REFANYTYPE
        | READONLY => Operand::None,
        LDFTN | LDVIRTFTN | INITOBJ | CONSTRAINED | SIZEOF => Operand::Token,
        LDARG..=STLOC => Operand::Bytes(2),
        UNALIGNED | NO => Operand::Bytes(1),
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
        matches!(self.code, JMP | RET | BR_S | BR | THROW | ENDFINALLY | LEAVE | LEAVE_S | ENDFILTER | RETHROW)
    }
}
