//! Keywords, by their meaning to the parser.

use crate::code::token::Punct;

/// What a name means to the parser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Word {
    /// A name like any other.
    Plain,
    /// Passed over where a statement or an operand begins: modifiers, `await`, `call`.
    Skip,
    /// Ends what stands before it, and a new statement begins: `else`, `then`, `do`.
    Statement,
    /// As [`Word::Statement`], and an expression in brackets belongs to it: `if (...)`.
    Control,
    New,
    Return,
    /// `var`, `dim`: names that follow are declared.
    Declare,
    Using,
    Imports,
    Namespace,
    Class,
    Function,
    /// `sub`, and a Basic `function`.
    Routine,
    Property,
    Delegate,
    /// An element of a collection: `for each x in y`.
    In,
    As,
    Is,
    Operator(Punct),
    Not,
    End,
    Exit,
    With,
    /// `declare function x lib "y"`: up to the end of the line.
    External,
    Inherits,
    Redim,
    /// A word of PHP that is called with what follows it: `include`, `echo`.
    Prefix,
    /// `global` of PHP.
    Global,
    /// `class` and `struct` of Basic are ended by `end class`.
    Case,
    /// `null`, `true` and the like: a value, and no name that could be given one.
    Value,
}

/// Words of C# and JScript.
pub(super) fn braces(name: &[u8], script: bool) -> Word {
    match name {
        b"public" | b"private" | b"protected" | b"internal" | b"static" | b"readonly" | b"override" | b"virtual"
        | b"abstract" | b"sealed" | b"partial" | b"async" | b"await" | b"unsafe" | b"extern" | b"volatile" | b"out"
        | b"ref" | b"params" | b"const" | b"yield" | b"checked" | b"unchecked" | b"stackalloc" | b"event"
        | b"implicit" | b"explicit" | b"fixed"
            if !script
                || matches!(name, b"public" | b"private" | b"protected" | b"internal" | b"static" | b"override") =>
        {
            Word::Skip
        }
        b"void" if script => Word::Skip,
        b"let" | b"var" => Word::Declare,
        b"const" => Word::Declare,
        b"new" => Word::New,
        b"return" | b"throw" => Word::Return,
        b"else" | b"do" | b"try" | b"finally" | b"break" | b"continue" | b"goto" => Word::Statement,
        b"case" | b"default" => Word::Case,
        b"if" | b"while" | b"for" | b"switch" | b"catch" => Word::Control,
        b"foreach" | b"lock" if !script => Word::Control,
        b"with" if script => Word::Control,
        b"using" if !script => Word::Using,
        b"import" if script => Word::Imports,
        b"namespace" if !script => Word::Namespace,
        b"package" if script => Word::Namespace,
        b"class" | b"struct" | b"interface" | b"enum" if !script || name == b"class" => Word::Class,
        b"function" if script => Word::Function,
        b"delegate" if !script => Word::Delegate,
        b"in" => Word::In,
        b"as" if !script => Word::As,
        b"is" if !script => Word::Is,
        b"instanceof" => Word::Is,
        b"typeof" | b"delete" if script => Word::Skip,
        b"null" | b"true" | b"false" => Word::Value,
        b"undefined" if script => Word::Value,
        _ => Word::Plain,
    }
}

/// Words of VBScript and Visual Basic.
pub(super) fn basic(name: &[u8], net: bool) -> Word {
    match name {
        b"public" | b"private" | b"protected" | b"friend" | b"shared" | b"static" | b"const" | b"dim"
        | b"withevents" | b"readonly" => Word::Declare,
        b"overrides" | b"overridable" | b"overloads" | b"shadows" | b"mustoverride" | b"notoverridable" | b"async"
        | b"await" | b"partial" | b"iterator" | b"default" | b"mustinherit" | b"notinheritable" | b"writeonly"
        | b"custom" | b"narrowing" | b"widening"
            if net =>
        {
            Word::Skip
        }
        b"default" | b"call" | b"set" | b"let" | b"preserve" | b"byval" | b"byref" | b"optional" => Word::Skip,
        b"redim" => Word::Redim,
        b"if" | b"elseif" | b"while" | b"until" | b"do" | b"loop" | b"wend" | b"next" | b"for" | b"then" | b"else"
        | b"select" | b"to" | b"step" | b"each" | b"on" | b"option" => Word::Statement,
        b"try" | b"catch" | b"finally" | b"synclock" | b"raiseevent" | b"throw" | b"when" | b"goto" if net => {
            Word::Statement
        }
        b"case" => Word::Case,
        b"return" if net => Word::Return,
        b"using" if net => Word::Statement,
        b"imports" if net => Word::Imports,
        b"namespace" if net => Word::Namespace,
        b"class" => Word::Class,
        b"structure" | b"module" | b"interface" | b"enum" if net => Word::Class,
        b"function" | b"sub" => Word::Routine,
        b"property" => Word::Property,
        b"inherits" | b"implements" if net => Word::Inherits,
        b"declare" if net => Word::External,
        b"in" => Word::In,
        b"as" if net => Word::As,
        b"is" => Word::Operator(Punct::Equal),
        b"isnot" | b"like" if net => Word::Operator(Punct::Equal),
        b"typeof" if net => Word::Skip,
        b"and" | b"andalso" => Word::Operator(Punct::And),
        b"or" | b"orelse" => Word::Operator(Punct::Or),
        b"xor" => Word::Operator(Punct::Xor),
        b"eqv" | b"imp" => Word::Operator(Punct::Equal),
        b"mod" => Word::Operator(Punct::Remainder),
        b"not" => Word::Not,
        b"new" => Word::New,
        b"end" => Word::End,
        b"exit" | b"resume" | b"continue" => Word::Exit,
        b"with" => Word::With,
        b"addressof" => Word::Skip,
        b"nothing" | b"true" | b"false" => Word::Value,
        b"null" | b"empty" if !net => Word::Value,
        _ => Word::Plain,
    }
}

/// Words of Java; those that it shares with C# are there.
pub(super) fn java(name: &[u8]) -> Word {
    match name {
        b"final" | b"synchronized" | b"transient" | b"native" | b"strictfp" => Word::Skip,
        b"import" => Word::Imports,
        b"package" => Word::Namespace,
        // Names like any other here.
        b"foreach" | b"lock" | b"using" | b"namespace" | b"struct" | b"delegate" | b"in" | b"as" | b"is" | b"ref"
        | b"out" | b"params" | b"event" | b"let" | b"internal" | b"override" | b"virtual" | b"async" | b"await"
        | b"readonly" | b"fixed" | b"unsafe" | b"extern" | b"checked" | b"unchecked" | b"explicit" | b"implicit" => {
            Word::Plain
        }
        _ => braces(name, false),
    }
}

/// Words of PHP.
pub(super) fn php(name: &[u8]) -> Word {
    match name {
        b"public" | b"private" | b"protected" | b"static" | b"abstract" | b"final" | b"readonly" | b"var"
        | b"throw" | b"clone" | b"yield" => Word::Skip,
        b"const" => Word::Declare,
        b"new" => Word::New,
        b"return" => Word::Return,
        b"else" | b"do" | b"try" | b"finally" | b"break" | b"continue" | b"goto" | b"endif" | b"endwhile"
        | b"endfor" | b"endforeach" | b"endswitch" | b"enddeclare" => Word::Statement,
        b"case" | b"default" => Word::Case,
        b"if" | b"elseif" | b"while" | b"for" | b"foreach" | b"switch" | b"catch" | b"declare" => Word::Control,
        b"use" => Word::Using,
        b"namespace" => Word::Namespace,
        b"class" | b"interface" | b"trait" => Word::Class,
        b"function" | b"fn" => Word::Function,
        b"include" | b"include_once" | b"require" | b"require_once" | b"echo" | b"print" => Word::Prefix,
        b"global" => Word::Global,
        b"as" => Word::As,
        b"instanceof" => Word::Operator(Punct::Equal),
        b"and" => Word::Operator(Punct::And),
        b"or" | b"xor" => Word::Operator(Punct::Or),
        _ => Word::Plain,
    }
}
