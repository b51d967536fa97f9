//! What a programme is asked: what it is, and the texts that need it.

use super::ask;
use crate::answer::{Explanation, Linted, RefundAnswer, SaleAnswer};
use crate::command::NoDetails;
use crate::document::{document, union};
use crate::error::Error;
use crate::order::Order;
use crate::program::{PROGRAM_BYTES_MAX, Program, lint};
use crate::reason::Reason;
use crate::texts::{self, Language, MoneySign, SlipOptions, Style};

/// The most bytes that a question to a programme may have: an answer with its order, twice the size
/// of the largest programme.
const CALL_BYTES_MAX: usize = 2 * PROGRAM_BYTES_MAX;

union! {
    /// A question to a programme.
    pub enum ProgramCall {
        /// Its id and version.
        Describe(NoDetails) = "describe",
        /// How the numbers of a record came about, as sentences.
        Explanation(ExplanationText) = "explanation",
        /// What is doubtful in it.
        Lint(NoDetails) = "lint",
        /// A reason as a sentence for the cashier.
        Reason(ReasonText) = "reason",
        /// The slip of a refund.
        RefundSlip(RefundSlip) = "refund_slip",
        /// The slip of a sale.
        Slip(SaleSlip) = "slip",
    }
}

union! {
    /// The answer of a programme.
    pub enum ProgramReply {
        /// Its id and version.
        Describe(ProgramDescription) = "describe",
        /// One sentence for each step, then one for each line of the receipt.
        Explanation(TextLines) = "explanation",
        /// What is doubtful.
        Lint(Linted) = "lint",
        /// The sentence, without a full stop.
        Reason(TextLines) = "reason",
        /// The lines of the slip.
        RefundSlip(TextLines) = "refund_slip",
        /// The lines of the slip.
        Slip(TextLines) = "slip",
    }
}

document! {
    /// Which programme it is.
    pub struct ProgramDescription {
        /// Its currency.
        pub currency: String,
        /// Its id.
        pub id: String,
        /// The SHA-256 of its canonical document, in hexadecimal digits.
        pub version: String,
        /// Its time zone.
        pub zone: String,
    }
}

document! {
    /// Lines of text for people.
    pub struct TextLines {
        /// The lines, without line feeds.
        pub lines: Vec<String>,
    }
}

document! {
    /// Asks how the numbers of a record came about.
    pub struct ExplanationText {
        /// What `explain` answered.
        pub explanation: Explanation,
        /// In which language.
        pub language: Language = Language::Russian,
        /// How sums name their currency.
        pub sign: MoneySign = MoneySign::Symbol,
    }
}

document! {
    /// Asks for a reason as a sentence.
    pub struct ReasonText {
        /// The currency of the order; the programme's if left out.
        pub currency: Option<String>,
        /// In which language.
        pub language: Language = Language::Russian,
        /// The reason.
        pub reason: Reason,
        /// How sums name their currency.
        pub sign: MoneySign = MoneySign::Symbol,
    }
}

document! {
    /// Asks for the slip of a sale.
    pub struct SaleSlip {
        /// What `sell` or `confirm` answered.
        pub answer: SaleAnswer,
        /// How it is printed.
        pub options: SlipOptions = SlipOptions::default(),
        /// The order that was sold.
        pub order: Order,
    }
}

document! {
    /// Asks for the slip of a refund.
    pub struct RefundSlip {
        /// What `refund` answered.
        pub answer: RefundAnswer,
        /// How it is printed.
        pub options: SlipOptions = SlipOptions::default(),
        /// The order that was sold; without a sale, the goods that came back.
        pub order: Order,
    }
}

impl Program {
    /// Answers a question.
    ///
    /// # Examples
    /// ```
    /// use kopilka::door::{ProgramCall, ProgramReply};
    /// use kopilka::{NoDetails, Program};
    ///
    /// let program = Program::compile(r#"{"id": "shop", "currency": "RUB", "zone": "UTC"}"#)?;
    /// let ProgramReply::Describe(told) = program.ask(ProgramCall::Describe(NoDetails {})) else {
    ///     panic!("another answer");
    /// };
    /// assert_eq!(told.id, "shop");
    /// # Ok::<(), kopilka::Error>(())
    /// ```
    #[must_use]
    pub fn ask(&self, call: ProgramCall) -> ProgramReply {
        match call {
            ProgramCall::Describe(_) => ProgramReply::Describe(self.describe()),
            ProgramCall::Explanation(asked) => {
                let ExplanationText { explanation, language, sign } = asked;
                let lines = texts::explain(&explanation, self, language, sign);
                ProgramReply::Explanation(TextLines { lines })
            }
            ProgramCall::Lint(_) => ProgramReply::Lint(lint(self)),
            ProgramCall::Reason(asked) => {
                let style = Style::of(self, asked.sign);
                let style = match asked.currency {
                    Some(currency) if currency != style.currency => style.in_currency(currency),
                    _ => style,
                };
                let line = texts::reason(&asked.reason, asked.language, &style);
                ProgramReply::Reason(TextLines { lines: vec![line] })
            }
            ProgramCall::RefundSlip(asked) => {
                let slip = texts::refund_slip(&asked.answer, &asked.order, self, &asked.options);
                ProgramReply::RefundSlip(TextLines::of(&slip))
            }
            ProgramCall::Slip(asked) => {
                let slip = texts::slip(&asked.answer, &asked.order, self, &asked.options);
                ProgramReply::Slip(TextLines::of(&slip))
            }
        }
    }

    /// Answers the text of a question with the canonical text of the answer.
    ///
    /// # Errors
    /// Every mistake of form.
    pub fn ask_json(&self, text: &str) -> Result<String, Error> {
        ask(text, CALL_BYTES_MAX, |call| Ok(self.ask(call)))
    }

    fn describe(&self) -> ProgramDescription {
        let document = self.document();
        ProgramDescription {
            currency: document.currency.clone(),
            id: self.id().to_owned(),
            version: self.version().to_owned(),
            zone: document.zone.clone(),
        }
    }
}

impl TextLines {
    fn of(text: &str) -> TextLines {
        TextLines { lines: text.lines().map(str::to_owned).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorCode;

    fn program() -> Program {
        Program::compile(r#"{"id": "shop", "currency": "RUB", "zone": "UTC"}"#).unwrap()
    }

    #[test]
    fn a_reason_is_said_in_both_languages() {
        let ask = |language: &str| {
            let call = format!(
                r#"{{"reason": {{"language": "{language}", "reason": {{"code": "redemption.trimmed",
                    "args": {{"maximum": "77", "wished": "200"}}}}}}}}"#
            );
            program().ask_json(&call).unwrap()
        };
        assert_eq!(ask("ru"), r#"{"reason":{"lines":["Можно списать 77 из 200 баллов"]}}"#);
        assert_eq!(ask("en"), r#"{"reason":{"lines":["77 of 200 points can be spent"]}}"#);
    }

    #[test]
    fn what_is_no_verb_is_refused_at_its_place() {
        let error = program().ask_json(r#"{"sell": {}}"#).unwrap_err();
        assert_eq!((error.code(), error.path()), (ErrorCode::DocumentKeyUnknown, "/sell"));
        let error = program().ask_json("{}").unwrap_err();
        assert_eq!((error.code(), error.path()), (ErrorCode::DocumentVariant, ""));
        let error = program().ask_json(r#"{"reason": {"reason": {}}}"#).unwrap_err();
        let expected = (ErrorCode::DocumentKeyMissing, "/reason/reason/code");
        assert_eq!((error.code(), error.path()), expected);
    }
}
