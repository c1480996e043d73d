//! Closed sets of values with stable names, defined once for records, schema and messages.

/// A set of values with stable names.
pub trait Named: Copy + 'static {
    /// What the set is called in the schema.
    const SET: &'static str;
    /// All values, in order.
    const ALL: &'static [Self];
    /// The stable name in records and options.
    fn name(self) -> &'static str;
}

/// Gives an enum its names. Every variant has to be there, or the match is refused.
macro_rules! named {
    ($type:ident { $($variant:ident => $name:literal),+ $(,)? }) => {
        impl $type {
            /// All values, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable name in records and options.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }

        impl $crate::Named for $type {
            const SET: &'static str = stringify!($type);
            const ALL: &'static [Self] = Self::ALL;

            fn name(self) -> &'static str {
                self.name()
            }
        }
    };
}

pub(crate) use named;
