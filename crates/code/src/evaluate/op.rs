//! The steps of the machine, and the functions that are made of them.

use crate::code::structure::Language;
use crate::code::token::{Punct, Symbol};
use std::collections::HashMap;

/// The number of a step in its function.
pub(super) type StepIndex = usize;
/// The number of a branch or a loop in its function.
pub(super) type BranchId = u32;
/// The number of a place for a value that has no name: the end of a loop, what `select` compares with.
pub(super) type Slot = u32;
/// How many values are taken from the stack.
pub(super) type Count = u8;
/// Where something begins in the text, in bytes.
pub(super) type Place = u32;

/// A step. Values are taken from a stack and put onto it.
#[derive(Clone, Copy, Debug)]
pub(super) enum Op {
    /// Puts a number.
    Number(f64),
    /// Puts a literal.
    Literal(u32),
    /// Puts a literal of C# in single quotes.
    Char(u32),
    /// Puts what is not known.
    Unknown,
    /// Puts what a variable holds.
    Load(Symbol),
    /// Puts the last value, which stays, into a variable.
    Store(Symbol),
    /// The variable is one of this function, and empty in Basic.
    Declare(Symbol),
    /// A field of an object, whose class has its fields among the names of the page.
    StoreField(Symbol),
    /// The last value goes behind what the variable holds; as numbers if both are and `true` is given.
    Append(Symbol, bool),
    /// An element of a value, by so many indexes.
    Element(Count),
    /// An element of a variable.
    ElementOf(Symbol, Count),
    /// `a[i] = x`
    SetElement(Symbol, Count),
    /// `a[i] ^= x`
    AlterElement(Symbol, Count, Punct),
    /// A function by its name.
    Call(Symbol, Count, Place),
    /// A method of a value.
    Method(Symbol, Count, Place),
    /// A method of a variable, which may change what it holds.
    MethodOf(Symbol, Symbol, Count, Place),
    /// A member of a value.
    Member(Symbol),
    /// A new object.
    New(Symbol, Count, Place),
    /// A new array of as many elements as the last value says.
    NewArray,
    /// A list of so many values.
    List(u16),
    /// An operator between two values.
    Binary(Punct),
    /// `!x`
    Not,
    /// `-x`
    Minus,
    /// The last value as this class.
    Cast(Symbol),
    /// Drops the last value.
    Pop,
    /// Jumps if the last value does not hold; where that is not known, both ways are gone.
    Test(StepIndex, BranchId),
    /// Behind the first way.
    EndFirst(StepIndex, BranchId),
    /// Behind both ways.
    EndTest(BranchId),
    /// In front of a loop.
    BeginLoop(BranchId),
    /// As `Test`; a loop whose end is not known is gone through once.
    LoopTest(StepIndex, BranchId),
    /// Jumps to the top of a loop.
    LoopBack(StepIndex, BranchId),
    /// Behind a loop.
    EndLoop(BranchId),
    /// Jumps out of a loop, or to its next round.
    Break(StepIndex, BranchId),
    /// Takes the last value into a slot.
    SetSlot(Slot),
    /// Puts what a slot holds.
    Slot(Slot),
    /// `for variable = ... to slot step slot + 1`
    ForTest(Symbol, Slot, StepIndex, BranchId),
    /// The next round of such a loop.
    ForStep(Symbol, Slot, StepIndex, BranchId),
    /// The next element of the list in a slot, whose place is in the slot behind it.
    EachTest(Symbol, Slot, StepIndex, BranchId),
    /// The function gives the last value.
    Return,
    /// The function ends.
    End,
    /// Keeps the last value by where it stands.
    Note(Place),
}

/// A function.
#[derive(Debug, Default)]
pub(super) struct Routine {
    pub(super) name: Option<Symbol>,
    pub(super) parameters: Vec<Symbol>,
    pub(super) code: Vec<Op>,
    /// How many branches and loops it has.
    pub(super) branches: BranchId,
    /// How many slots it needs.
    pub(super) slots: Slot,
    pub(super) language: Option<Language>,
}

/// All functions; the first is the code outside of them.
#[derive(Debug, Default)]
pub(super) struct Program {
    pub(super) routines: Vec<Routine>,
    pub(super) by_name: HashMap<Symbol, usize>,
}
