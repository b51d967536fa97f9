//! The verbs: from a request and what was loaded to an answer or a record.

mod activate;
mod admit;
mod batch;
mod bill;
mod budget;
mod card;
mod card_life;
mod card_number;
mod card_replace;
mod clock;
mod close;
mod coupon;
mod coupon_life;
mod dispute;
mod draft;
mod gift;
mod grant;
mod guest;
mod identify;
mod import;
mod issue;
mod limits;
mod load;
mod lots;
mod paper;
mod pass;
mod present;
mod preview;
mod profile;
mod program;
mod refund;
mod report;
mod sale;
mod search;
mod settle;
mod settlement;
mod state;
mod transfer;
mod watch;
mod watched;

use std::sync::Arc;

use jiff::Timestamp;

use crate::answer::{Answer, Quote};
use crate::clock::tell;
use crate::command::{ChangeProgram, Command, Lint, Request};
use crate::document::{OUT_OF_RANGE, is_in_range, text_fault};
use crate::error::{Error, ErrorCode, Mistake};
use crate::order::{Order, Prepared};
use crate::program::Program;
use crate::record::{Entry, Record, Token};
use crate::slice::{SaleState, Slice, command_content};
pub(crate) use card::{Proof, asked_card};
use draft::Draft;
pub(crate) use identify::BANK_CARD;
use identify::check_no_bank_cards;
pub(crate) use import::plan as plan_import;
pub(crate) use paper::{PAPER_NUMBER, PAPER_SUM, number_parts, number_subject, payer};
pub(crate) use present::attempts_subject;
pub use preview::previewed;
pub use profile::profiles_of;
pub use program::{first_program, program_missing, version_in_force, version_in_store};
pub(crate) use sale::HOLD_MINUTES_MAX;
pub(crate) use search::{candidates, looks_at_everybody};
pub(crate) use watched::receipt_id;

/// What came of a request.
#[derive(Clone, Debug)]
pub enum Decision {
    /// An answer that changes nothing.
    Answer(Box<Answer>),
    /// This key was answered before: the same command again.
    Known(Arc<Entry>),
    /// A record to be sealed and appended.
    Record(Box<Record>),
}

/// Decides a request. Pure: the same programme, slice and request give the same decision, byte for
/// byte, wherever it is called.
///
/// `history` and `explain` read records rather than states, and are answered by the book.
///
/// # Errors
/// What is wrong with the request, or why it does not fit the state of card, sale or key; paths
/// are those within the request. Nothing is changed.
pub fn decide(program: &Program, slice: &Slice, request: &Request) -> Result<Decision, Error> {
    let command = &request.command;
    check(request)?;
    let inside = |error: Error| inside(error, command);
    if !command.changes() {
        let mut answer = answer(program, slice, request).map_err(inside)?;
        tell(&mut answer, slice.suspicion(request.at));
        return Ok(Decision::Answer(Box::new(answer)));
    }
    if let Some(entry) = known(slice, request)? {
        return Ok(Decision::Known(entry));
    }
    let draft = Draft::new(program, slice, request);
    let record = match command {
        Command::Activate(activate) => activate::activate(draft, activate),
        Command::Admit(input) => admit::admit(draft, input),
        Command::Batch(input) => batch::batch(draft, input),
        Command::Bill(input) => bill::bill(draft, input),
        Command::Cancel(cancel) => sale::cancel(draft, cancel),
        Command::Card(input) => card_life::change(draft, input),
        Command::Clock(input) => clock::accept(draft, input),
        Command::ClosePeriod(close) => close::close_period(draft, close),
        Command::Confirm(confirm) => sale::confirm(draft, confirm),
        Command::Coupon(input) => coupon_life::change(draft, input),
        Command::Dispute(input) => dispute::dispute(draft, input),
        Command::Grant(grant) => grant::grant(draft, grant),
        Command::Guest(input) => guest::change(draft, input),
        Command::Import(input) => import::import(draft, input),
        Command::Issue(issue) => issue::issue(draft, issue),
        Command::Present(input) => present::present(draft, input),
        Command::Program(input) => program::change(draft, input),
        Command::Refund(refund) => refund::refund(draft, refund),
        Command::Reserve(reserve) => sale::reserve(draft, reserve),
        Command::Sell(sell) => sale::sell(draft, sell),
        Command::Settle(input) => settlement::settle(draft, input),
        Command::Transfer(transfer) => transfer::transfer(draft, transfer),
        Command::Void(void) => refund::void(draft, void),
        Command::Watch(input) => watch::change(draft, input),
        _ => Err(Error::new(ErrorCode::Internal, "", "this verb changes nothing")),
    };
    Ok(Decision::Record(Box::new(record.map_err(inside)?)))
}

/// Refuses a request whose instant or texts no document may have, and numbers of bank cards.
///
/// # Errors
/// The first thing that is wrong, with its place in the request.
pub fn check(request: &Request) -> Result<(), Error> {
    if !is_in_range(request.at) {
        return Err(Error::new(ErrorCode::TimeRange, "/at", OUT_OF_RANGE));
    }
    if request.offline_since.is_some_and(|since| !is_in_range(since)) {
        return Err(Error::new(ErrorCode::TimeRange, "/offline_since", OUT_OF_RANGE));
    }
    check_texts(request)?;
    report::check(&request.command)?;
    check_no_bank_cards(&request.command).map_err(|error| inside(error, &request.command))
}

/// An error of a verb with its place in the request. What is made of chance needs what stands
/// beside the command.
fn inside(error: Error, command: &Command) -> Error {
    let prefix = format!("/command/{}", command.name());
    let place = |mistake: &Mistake| match mistake.code {
        ErrorCode::EntropyMissing => mistake.clone(),
        _ => Mistake { path: format!("{prefix}{}", mistake.path), ..mistake.clone() },
    };
    error.mistakes().iter().map(place).collect::<Vec<Mistake>>().into()
}

/// The texts of a request that was built in code keep the limits of a document too; those of an
/// order are looked at with the order.
fn check_texts(request: &Request) -> Result<(), Error> {
    let (given, note) = match &request.command {
        Command::Activate(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.sale),
        Command::Admit(i) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till, &i.gate], &i.presentation)
        }
        Command::Batch(i) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till, &i.batch, &i.card], &i.guest)
        }
        Command::Bill(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &None),
        Command::Cancel(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason),
        Command::Balance(i) => (Vec::new(), &i.presentation),
        Command::Card(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason),
        Command::Clock(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &None),
        Command::ClosePeriod(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &None),
        Command::Coupon(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason),
        Command::Confirm(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.receipt),
        Command::Dispute(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason),
        Command::Grant(i) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till, &i.approved_by], &i.reason)
        }
        Command::Guest(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason),
        Command::Issue(i) => {
            let own = [&i.referred_by, &i.kind, &i.pin, &i.seat, &i.device];
            let place = [&i.cashier, &i.shift, &i.store, &i.till];
            (place.into_iter().chain(own).collect(), &i.guest)
        }
        Command::Present(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till, &i.pin], &i.secret),
        Command::Program(ChangeProgram::Activate(i)) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till], &None)
        }
        Command::Program(ChangeProgram::Install(i)) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till], &None)
        }
        Command::Refund(i) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till, &i.receipt, &i.to_card], &i.reason)
        }
        Command::Settle(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &None),
        Command::Transfer(i) => {
            (vec![&i.cashier, &i.shift, &i.store, &i.till, &i.points], &i.reason)
        }
        Command::Void(i) => (vec![&i.cashier, &i.shift, &i.store, &i.till], &i.reason),
        Command::Watch(i) => watch::given_texts(i),
        _ => (Vec::new(), &None),
    };
    let plain: &[&String] = match &request.command {
        Command::Activate(input) => &[&input.card, &input.event],
        Command::Admit(input) => &[&input.card],
        Command::Balance(input) => &[&input.card],
        Command::Batch(input) => &[&input.coupon],
        Command::Coupon(input) => &[&input.code],
        Command::Grant(input) => &[&input.card, &input.grant],
        Command::Issue(input) => &[&input.card],
        Command::Pass(input) => &[&input.card],
        Command::Search(input) => &[&input.text],
        Command::Transfer(input) => &[&input.from, &input.to],
        _ => &[],
    };
    let listed: Vec<&String> = match &request.command {
        Command::Batch(i) => i.codes.iter().collect(),
        Command::Bill(i) => bill::texts(&i.action),
        Command::Card(i) => i.action.texts().into_iter().chain([&i.card]).collect(),
        Command::ClosePeriod(i) => i.cards.iter().collect(),
        Command::Confirm(i) => {
            let tenders = i.tenders.iter().flatten().map(|tender| &tender.kind);
            tenders.chain(i.gift_cards.iter().flatten().map(|gift| &gift.card)).collect()
        }
        Command::Guest(i) => guest::texts(i),
        Command::Import(i) => import::texts(i),
        Command::Program(i) => program::texts(i),
        Command::Watch(i) => watch::texts(i),
        Command::Report(i) => report::texts(&i.kind),
        Command::Issue(i) => i.opening.iter().filter_map(|lot| lot.points.as_ref()).collect(),
        Command::Refund(i) => i.lines.iter().map(|line| &line.line).collect(),
        _ => Vec::new(),
    };
    let given = given.into_iter().chain([note]).filter_map(Option::as_ref);
    let given = given.chain(plain.iter().copied()).chain(listed);
    if let Command::Identify(input) = &request.command
        && let Some((code, message)) = input.scan.fault()
    {
        return Err(Error::new(code, "/command/identify/scan", message));
    }
    let own = [("/key", &request.key), ("/correlation", &request.correlation)];
    let own = own.into_iter().filter_map(|(path, text)| Some((path, text.as_ref()?)));
    let mut texts = own.chain(given.map(|text| ("/command", text)));
    match texts.find_map(|(path, text)| Some((path, text_fault(text)?))) {
        None => Ok(()),
        Some((path, (code, message))) => Err(Error::new(code, path, message)),
    }
}

fn answer(program: &Program, slice: &Slice, request: &Request) -> Result<Answer, Error> {
    let rules = program.rules();
    let at = slice.logical(request.at);
    match &request.command {
        Command::Allocate(allocate) => card::allocate(rules, allocate),
        Command::Balance(query) => card::balance(rules, slice, query, at),
        Command::Identify(input) => Ok(identify::identify(rules, slice, input, at)),
        Command::Lint(input) => lint(program, input),
        Command::Pass(input) => pass::pass(rules, slice, input, at),
        Command::Quote(quote) => sale::quote(rules, slice, quote, at, request),
        Command::Report(input) => report::from_states(program, slice, input, at),
        Command::Search(input) => Ok(search::search(rules, slice, input)),
        _ => Err(Error::new(ErrorCode::Internal, "", "this verb is answered by the book")),
    }
}

/// What is doubtful in a document, or in the programme in force.
fn lint(program: &Program, input: &Lint) -> Result<Answer, Error> {
    let Some(document) = &input.document else {
        return Ok(Answer::Linted(crate::program::lint(program)));
    };
    let program = Program::from_node(document).map_err(|error| error.under("/document"))?;
    Ok(Answer::Linted(crate::program::lint(&program)))
}

/// The entry that a key was answered with, if it was.
fn known(slice: &Slice, request: &Request) -> Result<Option<Arc<Entry>>, Error> {
    let Some(key) = request.key.as_ref().filter(|key| !key.is_empty()) else {
        if request.preview {
            return Ok(None);
        }
        let message = "this changes something: give it a key, such as the payment's id";
        return Err(Error::new(ErrorCode::KeyMissing, "/key", message));
    };
    if key.len() > 128 {
        let message = "a key has at most 128 bytes";
        return Err(Error::new(ErrorCode::DocumentTextTooLong, "/key", message));
    }
    match slice.answered(key) {
        None => Ok(None),
        Some(known) if known.content == command_content(&request.command) => {
            Ok(Some(Arc::clone(known)))
        }
        Some(_) => {
            let message = format!("the key `{key}` was used for something else; take a new one");
            Err(Error::new(ErrorCode::KeyConflict, "/key", message))
        }
    }
}

/// An order checked against a programme once, to be quoted many times while the till builds it.
#[derive(Debug)]
pub struct PreparedOrder {
    program: Program,
    order: Order,
    prepared: Prepared,
}

impl PreparedOrder {
    /// Checks an order.
    ///
    /// # Errors
    /// Every mistake of the order, with its place in it.
    pub fn new(program: &Program, order: Order) -> Result<PreparedOrder, Error> {
        let prepared = crate::order::prepare::prepare(&order, program.rules())?;
        Ok(PreparedOrder { program: program.clone(), order, prepared })
    }

    /// The programme for which it was prepared.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The order.
    #[must_use]
    pub fn order(&self) -> &Order {
        &self.order
    }

    /// The same order under another programme, or another version of it.
    ///
    /// # Errors
    /// As [`PreparedOrder::new`].
    pub fn under(&self, program: &Program) -> Result<PreparedOrder, Error> {
        PreparedOrder::new(program, self.order.clone())
    }

    /// What the order costs, spends and earns at an instant.
    ///
    /// # Errors
    /// Every card of the order that cannot be loaded as its lines say, or that stands on it under two
    /// numbers, with its place in it.
    pub fn quote(&self, slice: &Slice, at: Timestamp, explain: bool) -> Result<Quote, Error> {
        self.quote_offline(slice, at, explain, None)
    }

    /// The same at a ledger that has had no word from the backend since an instant, or has.
    ///
    /// # Errors
    /// As [`PreparedOrder::quote`].
    pub fn quote_offline(
        &self,
        slice: &Slice,
        at: Timestamp,
        explain: bool,
        offline_since: Option<Timestamp>,
    ) -> Result<Quote, Error> {
        let twice = sale::presented_twice(&self.order, slice);
        if !twice.is_empty() {
            return Err(twice.into());
        }
        let suspicion = slice.suspicion(at);
        let rules = self.program.rules();
        let host = at;
        let call = sale::Call { at: slice.logical(at), explain, host, offline_since };
        let quote = sale::quote_prepared(rules, slice, &self.order, &self.prepared, call);
        quote.map(|mut quote| {
            quote.reasons.extend(suspicion);
            quote
        })
    }
}

/// The version of the programme under which a command must be decided: that of its sale. `settle` is
/// about the sale that has waited longest, if any.
#[must_use]
pub fn pinned_version<'a>(slice: &'a Slice, command: &Command) -> Option<&'a str> {
    if let Command::Settle(_) = command {
        let sale = slice.sale(slice.settleable().first()?)?;
        return Some(&sale.opened.record.envelope.program.version);
    }
    let token = match command {
        Command::Bill(bill) => &bill.token,
        Command::Confirm(confirm) => &confirm.token,
        _ => return None,
    };
    let token = Token::parse(token).ok()?;
    let sale = slice.sale(&token.sale())?;
    Some(&sale.opened.record.envelope.program.version)
}

/// The sale that a token names; `None` if its record may exist elsewhere.
fn find_sale<'a>(slice: &'a Slice, token: &str) -> Result<Option<(Token, &'a SaleState)>, Error> {
    let token = Token::parse(token).map_err(|error| error.under("/token"))?;
    let unknown = || {
        let message = "no sale has this token; check that the right one was kept with the payment";
        Error::new(ErrorCode::TokenUnknown, "/token", message)
    };
    match slice.sale(&token.sale()) {
        Some(sale) if sale.token() == token => Ok(Some((token, sale))),
        Some(_) => Err(unknown()),
        None => {
            let head = slice.head();
            let own =
                token.record.till == head.till && token.record.incarnation == head.incarnation;
            if own { Err(unknown()) } else { Ok(None) }
        }
    }
}
