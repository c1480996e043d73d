//! Results of operators for known operands.

use super::value::{LONGEST, Value};
use crate::code::token::Punct;

/// An element of a list or a text.
pub(super) fn element(object: &Value, indexes: &[Value]) -> Option<Value> {
    let [index] = indexes else { return None };
    let at = usize::try_from(index.whole()?).ok()?;
    match object {
        Value::List(list) => list.get(at).cloned(),
        Value::Text(text) => text.get(at).map(|&c| Value::Char(c)),
        _ => None,
    }
}

pub(super) fn binary(punct: Punct, left: &Value, right: &Value, basic: bool) -> Option<Value> {
    let truth = |holds: bool| Some(Value::Number(if holds { if basic { -1.0 } else { 1.0 } } else { 0.0 }));
    let texts = matches!(left, Value::Text(_)) || matches!(right, Value::Text(_));
    match punct {
        Punct::Concat => {
            // An empty variable is empty text.
            let text = |value: &Value| value.written();
            let (left, right) = (text(left)?, text(right)?);
            return join(&left, &right);
        }
        Punct::Add if texts && !(basic && matches!((left, right), (Value::Number(_), _) | (_, Value::Number(_)))) => {
            let (left, right) = (left.written()?, right.written()?);
            return join(&left, &right);
        }
        Punct::Equal | Punct::NotEqual if texts && !(basic && left.number().is_some() && right.number().is_some()) => {
            let same = left.written()? == right.written()?;
            return truth(same == (punct == Punct::Equal));
        }
        Punct::Less | Punct::Greater | Punct::LessEqual | Punct::GreaterEqual
            if matches!((left, right), (Value::Text(_), Value::Text(_))) =>
        {
            let order = left.written()?.cmp(&right.written()?);
            return truth(match punct {
                Punct::Less => order.is_lt(),
                Punct::Greater => order.is_gt(),
                Punct::LessEqual => order.is_le(),
                _ => order.is_ge(),
            });
        }
        // `a && b` where one is known not to hold.
        Punct::And if left.holds() == Some(false) || right.holds() == Some(false) => return truth(false),
        Punct::Or if left.holds() == Some(true) || right.holds() == Some(true) => return truth(true),
        Punct::And | Punct::Or if !basic => {
            let (left, right) = (left.holds()?, right.holds()?);
            return truth(if punct == Punct::And { left && right } else { left || right });
        }
        Punct::Coalesce => return Some(if left.is_unknown() { right.clone() } else { left.clone() }),
        _ => {}
    }
    let (l, r) = (left.number()?, right.number()?);
    let whole =
        |value: f64| (value.abs() < 9e15).then_some(if basic { value.round_ties_even() } else { value.trunc() } as i64);
    let number = |value: f64| value.is_finite().then_some(Value::Number(value));
    match punct {
        Punct::Add => number(l + r),
        Punct::Subtract => number(l - r),
        Punct::Multiply => number(l * r),
        Punct::Divide if r != 0.0 => number(l / r),
        Punct::IntDivide => Some(Value::Number(whole(l)?.checked_div(whole(r)?)? as f64)),
        Punct::Remainder => Some(Value::Number(whole(l)?.checked_rem(whole(r)?)? as f64)),
        Punct::Power => number(l.powf(r)),
        Punct::Xor => Some(Value::Number((whole(l)? ^ whole(r)?) as f64)),
        Punct::BitAnd | Punct::And => Some(Value::Number((whole(l)? & whole(r)?) as f64)),
        Punct::BitOr | Punct::Or => Some(Value::Number((whole(l)? | whole(r)?) as f64)),
        Punct::ShiftLeft => Some(Value::Number(whole(l)?.checked_shl(u32::try_from(whole(r)?).ok()?)? as i32 as f64)),
        Punct::ShiftRight => Some(Value::Number(whole(l)?.checked_shr(u32::try_from(whole(r)?).ok()?)? as f64)),
        Punct::Equal => truth(l == r),
        Punct::NotEqual => truth(l != r),
        Punct::Less => truth(l < r),
        Punct::Greater => truth(l > r),
        Punct::LessEqual => truth(l <= r),
        Punct::GreaterEqual => truth(l >= r),
        _ => None,
    }
}

pub(super) fn join(left: &[char], right: &[char]) -> Option<Value> {
    if left.len() + right.len() > LONGEST {
        return None;
    }
    Some(Value::chars([left, right].concat()))
}
