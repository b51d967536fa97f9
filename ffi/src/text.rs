//! A text that the engine answered with, in the hands of C.

use crate::pointer::Crosses;

/// A text of the library's: UTF-8, canonical JSON. Read it with `kopilka_text_data`, give it back with
/// `kopilka_text_free`.
pub struct KopilkaText {
    _private: [u8; 0],
}

/// What a [`KopilkaText`] is.
pub(crate) struct Text(pub String);

impl Crosses for Text {
    type Opaque = KopilkaText;
    const MARK: u64 = 0x7478_6574_5f6b_706b;
    const NAME: &'static str = "text";
}
