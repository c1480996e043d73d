//! The effects of a function or member.

use super::types::*;

/// A capability that a piece of code uses: where request data must not arrive.
#[allow(missing_docs)] // each says what it is
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sink {
    Evaluate,
    /// Runs a file as a part of the page.
    Include,
    Compile,
    Start,
    Load,
    Reflect,
    Deserialise,
    Write,
    Save,
    Read,
    List,
    Delete,
    Move,
    Attribute,
    Connect,
    Send,
    Receive,
    Fetch,
    Download,
    SqlConnect,
    SqlRun,
    RegistryRead,
    RegistryWrite,
    Native,
    Account,
    Provide,
    Listen,
    Route,
    Module,
    Transform,
    AllowScript,
    Key,
    Output,
    Transfer,
    Create,
    Query,
    Emit,
    Define,
    Setting,
    Sniff,
    Pack,
    Post,
}

/// Which argument is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg {
    /// The one of this number, from 0.
    At(u8),
    /// The object the method belongs to.
    Own,
    /// All arguments.
    All,
    /// None.
    None,
}

/// What folds strings.
#[allow(missing_docs)] // named after the functions
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Chr,
    Asc,
    Replace,
    Mid,
    Substring,
    Left,
    Right,
    Reverse,
    Split,
    Join,
    JoinSelf,
    Array,
    Lower,
    Upper,
    Trim,
    Same,
    Number,
    HexText,
    Spaces,
    Repeat,
    Unescape,
    UrlDecode,
    HtmlDecode,
    FromBase64,
    CharAt,
    CodeAt,
    CharArray,
    FromCodes,
    Format,
    Concat,
    Remove,
    Insert,
    Length,
    ToString,
    ByteChr,
    Rot13,
    Inflate,
    FromHex,
    Pack,
    ReplaceIn,
    Translate,
    Substr,
    SubstringTo,
    Explode,
    BaseConvert,
    Printed,
    RepeatText,
    /// A decoder that is not run.
    Unknown,
}

/// What a function or member does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// What its object and arguments hold is in its value.
    Propagates,
    /// Its value holds nothing of them.
    Sanitizes,
    /// Its value is request data.
    Source,
    /// Its value is the name of an uploaded file.
    SourceName,
    /// Its value is the path or the address of the page, which the client cannot choose freely.
    Place,
    /// Its value comes from a file, a database or another computer.
    Stored,
    /// A sink with these arguments: what matters most, and what else does.
    Sink(Sink, Arg, Arg),
    /// Folds.
    Folds(Fold),
    /// Its arguments go into its object.
    AppendsTo,
    /// Its object goes into its first argument.
    CopiesTo,
    /// Its second argument is kept under the name that is its first: an entry of a session.
    Keep,
    /// What was kept under this name.
    Recall,
}

/// A function or member.
#[derive(Debug)]
pub struct Method {
    /// In lower case.
    pub name: &'static str,
    /// The kinds of object it is called on; none for a function called by its bare name.
    pub receiver: Types,
    /// The kinds of its value.
    pub returns: Types,
    /// What it does.
    pub effect: Effect,
}

/// On any object, whatever is known of it.
pub const ANY: Types = Types::all();
