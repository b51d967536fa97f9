//! Wallet passes of cards and coupons.

use jiff::Timestamp;

use crate::answer::Answer;
use crate::command::MakePass;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::pricing::card_view;
use crate::program::rules::Rules;
use crate::slice::Slice;
use crate::wallet::{card_pass, coupon_pass, written};

/// The content of the pass of a card, or of a coupon where no card has the number.
pub(super) fn pass(
    rules: &Rules,
    slice: &Slice,
    input: &MakePass,
    at: Timestamp,
) -> Result<Answer, Error> {
    let number = normalise(&input.card);
    let of = slice.resolve(number);
    if let Some(card) = slice.card(of) {
        let view = card_view(rules, of, card, at);
        let pass = card_pass(rules, number, &view, at, input.language);
        return Ok(Answer::Passed(written(&pass, input.form)));
    }
    let Some(coupon) = slice.coupon(number) else {
        let message = "no card or coupon has this number; check it";
        return Err(Error::new(ErrorCode::CardUnknown, "/card", message));
    };
    let code = number.to_ascii_uppercase();
    let pass = coupon_pass(rules, &code, coupon, at, input.language);
    Ok(Answer::Passed(written(&pass, input.form)))
}
