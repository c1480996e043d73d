//! Assignments: their target was compiled last.

use super::super::op::Op;
use super::expressions::level;
use super::{Compiler, Shape};
use crate::code::token::{Kind, Punct, Symbol};

impl Compiler<'_> {
    /// An assignment whose target was compiled last.
    pub(super) fn assign(&mut self, shape: Shape) {
        let add = self.is(Punct::AddAssign);
        let other = if self.is(Punct::OtherAssign) { self.operator_of_assignment() } else { None };
        self.at += 1;
        match (shape, self.now.code.last().copied()) {
            (Shape::Name(symbol), _) if add => {
                self.now.code.pop();
                self.expression(0);
                self.push(Op::Append(symbol, true));
            }
            (Shape::Name(symbol), _) if other.is_some() => {
                self.expression(0);
                self.push(Op::Binary(other.unwrap_or(Punct::Add)));
                self.push(Op::Store(symbol));
            }
            (Shape::Name(symbol), _) => {
                self.now.code.pop();
                self.assign_name(symbol);
            }
            (Shape::Element, Some(Op::ElementOf(symbol, count) | Op::Call(symbol, count, _))) if count > 0 => {
                self.now.code.pop();
                self.expression(0);
                match (add, other) {
                    (true, _) => self.push(Op::AlterElement(symbol, count, Punct::Add)),
                    (_, Some(punct)) => self.push(Op::AlterElement(symbol, count, punct)),
                    _ => self.push(Op::SetElement(symbol, count)),
                };
            }
            (_, Some(Op::Member(field))) => {
                self.now.code.pop();
                self.expression(0);
                self.push(Op::StoreField(field));
            }
            _ => {
                // Something else of an object.
                self.expression(0);
                self.push(Op::Pop);
            }
        }
    }

    /// `name = name & more` costs what is added.
    pub(super) fn assign_name(&mut self, symbol: Symbol) {
        let (begin, at) = (self.here(), self.at);
        let punct = self.token(1).map(|token| token.kind);
        if !self.trying
            && self.symbol(0) == Some(symbol)
            && let Some(Kind::Punct(punct @ (Punct::Concat | Punct::Add))) = punct
        {
            self.at += 2;
            self.trying = true;
            self.expression(level(punct));
            self.trying = false;
            if self.is_end() {
                self.push(Op::Append(symbol, punct == Punct::Add));
                return;
            }
            self.now.code.truncate(begin);
            self.at = at;
        }
        self.bound = Some(symbol);
        self.expression(0);
        self.bound = None;
        self.push(Op::Store(symbol));
    }

    /// The operator of `-=` and the like, which have one token.
    pub(super) fn operator_of_assignment(&self) -> Option<Punct> {
        let token = self.token(0)?;
        Some(match self.text.get(token.start as usize)? {
            b'-' => Punct::Subtract,
            b'*' => Punct::Multiply,
            b'/' => Punct::Divide,
            b'\\' => Punct::IntDivide,
            b'%' => Punct::Remainder,
            b'^' if self.basic() => Punct::Power,
            b'^' => Punct::Xor,
            b'&' => Punct::BitAnd,
            b'|' => Punct::BitOr,
            b'<' => Punct::ShiftLeft,
            b'>' => Punct::ShiftRight,
            _ => return None,
        })
    }
}
