//! The verbs and what they take.

mod bill;
mod card;
mod clock;
mod coupon;
mod guest;
mod office;
mod program;
mod watch;

pub use bill::*;
pub use card::*;
pub use clock::*;
pub use coupon::*;
pub use guest::*;
pub use office::*;
pub use program::*;
pub use watch::*;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::answer::Judged;
use crate::document::{document, union};
use crate::identify::Scan;
use crate::json::Node;
use crate::order::{Order, Tender};
use crate::program::Allocation;

document! {
    /// One call: a verb with its input, the instant at which it happens, and its key.
    pub struct Request {
        /// The instant of the call, by the host's clock.
        pub at: Timestamp,
        /// The verb and its input.
        pub command: Command,
        /// The host's id of this call, returned in errors, for support.
        pub correlation: Option<String>,
        /// Chance from the host, 32 bytes or more in hexadecimal: card numbers, codes and salts are
        /// made of it. It is not part of what is compared.
        pub entropy: Option<String>,
        /// Whether a quote tells how every number came about.
        pub explain: bool = false,
        /// What conditions on facts that are not recorded came to when this was decided before, for
        /// a command that is decided again from its record. It counts only where the order says
        /// nothing of the guest.
        pub judged: Vec<Judged> = Vec::new(),
        /// The key under which the effect happens once: the payment's id at the host. Needed by
        /// every verb that changes something. It is not part of what is compared.
        pub key: Option<String>,
        /// Since when the ledger has had no word from the backend: the order counts as offline, and
        /// `offline` of the programme bounds what it spends. A ledger fills it in by itself. It is
        /// not part of what is compared.
        pub offline_since: Option<Timestamp>,
        /// Whether to answer what would happen and change nothing.
        pub preview: bool = false,
    }
}

union! {
    /// A verb and its input.
    pub enum Command {
        /// Makes points and coupons usable that wait for an event.
        Activate(Activate) = "activate",
        /// Lets the holder of a ticket in.
        Admit(Admit) = "admit",
        /// Divides an amount over lines, without any programme's rules.
        Allocate(Allocate) = "allocate",
        /// What a card holds now.
        Balance(CardQuery) = "balance",
        /// Makes a batch of coupons.
        Batch(MakeBatch) = "batch",
        /// Splits, joins or moves a reserved sale.
        Bill(ChangeBill) = "bill",
        /// Gives up a reserved sale and frees its points.
        Cancel(Cancel) = "cancel",
        /// Changes a card: its state, its owner, its secrets.
        Card(ChangeCard) = "card",
        /// Accepts the host's clock where it is suspect.
        Clock(ChangeClock) = "clock",
        /// Closes a period: posts what became usable, turns points into coupons, assesses tiers and
        /// writes off what has ended.
        ClosePeriod(ClosePeriod) = "close_period",
        /// Completes a reserved sale: the money was taken.
        Confirm(Confirm) = "confirm",
        /// Blocks, unblocks or voids a coupon.
        Coupon(ChangeCoupon) = "coupon",
        /// Flags a sale as disputed, or settles that.
        Dispute(Dispute) = "dispute",
        /// How the numbers of a record came about, from the record alone.
        Explain(Explain) = "explain",
        /// Gives points without a purchase.
        Grant(GrantPoints) = "grant",
        /// Registers or changes a guest.
        Guest(ChangeGuest) = "guest",
        /// What happened to a card, newest first.
        History(History) = "history",
        /// What is this scan?
        Identify(Identify) = "identify",
        /// Takes over cards, guests and coupons from another system.
        Import(Import) = "import",
        /// Issues a card.
        Issue(Issue) = "issue",
        /// What is doubtful in a programme.
        Lint(Lint) = "lint",
        /// The content of a wallet pass.
        Pass(MakePass) = "pass",
        /// Presents a card with what proves it.
        Present(Present) = "present",
        /// Installs a programme, or makes an installed one valid for stores from an instant on.
        Program(ChangeProgram) = "program",
        /// What an order would cost and earn; free and repeatable.
        Quote(QuoteOrder) = "quote",
        /// Gives money and points back for all or a part of a sale.
        Refund(Refund) = "refund",
        /// What is owed, what moved, what is left of budgets.
        Report(Report) = "report",
        /// Holds the points that an order spends until it is confirmed or cancelled.
        Reserve(ReserveOrder) = "reserve",
        /// Looks for guests.
        Search(Search) = "search",
        /// Reserves and confirms at once; also when nothing is spent.
        Sell(SellOrder) = "sell",
        /// Posts what the records of several tills left open when they came together.
        Settle(Settle) = "settle",
        /// Moves points from card to card.
        Transfer(Transfer) = "transfer",
        /// Undoes a confirmed sale as a whole.
        Void(Void) = "void",
        /// Installs and activates policies of the watch; freezes and thaws.
        Watch(ChangeWatch) = "watch",
    }
}

/// Where and by whom a command was given.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Place<'a> {
    pub cashier: Option<&'a String>,
    pub shift: Option<&'a String>,
    pub store: Option<&'a String>,
    pub till: Option<&'a String>,
}

/// The place of any command or order: all of them name it by the same four fields.
macro_rules! place_of {
    ($input:expr) => {
        $crate::command::Place {
            cashier: $input.cashier.as_ref(),
            shift: $input.shift.as_ref(),
            store: $input.store.as_ref(),
            till: $input.till.as_ref(),
        }
    };
}

pub(crate) use place_of;

impl Command {
    /// The order that the verb is about.
    #[must_use]
    pub fn order(&self) -> Option<&Order> {
        match self {
            Command::Quote(quote) => Some(&quote.order),
            Command::Refund(refund) => refund.order.as_ref(),
            Command::Reserve(reserve) => Some(&reserve.order),
            Command::Sell(sell) => Some(&sell.order),
            _ => None,
        }
    }

    /// Where and by whom the verb is called: as its order says, else as it says itself.
    #[must_use]
    pub(crate) fn place(&self) -> Place<'_> {
        if let Some(order) = self.order() {
            return place_of!(order);
        }
        match self {
            Command::Activate(input) => place_of!(input),
            Command::Admit(input) => place_of!(input),
            Command::Batch(input) => place_of!(input),
            Command::Bill(input) => place_of!(input),
            Command::Cancel(input) => place_of!(input),
            Command::Card(input) => place_of!(input),
            Command::Clock(input) => place_of!(input),
            Command::ClosePeriod(input) => place_of!(input),
            Command::Confirm(input) => place_of!(input),
            Command::Coupon(input) => place_of!(input),
            Command::Dispute(input) => place_of!(input),
            Command::Grant(input) => place_of!(input),
            Command::Guest(input) => place_of!(input),
            Command::Issue(input) => place_of!(input),
            Command::Present(input) => place_of!(input),
            Command::Program(ChangeProgram::Activate(input)) => place_of!(input),
            Command::Program(ChangeProgram::Install(input)) => place_of!(input),
            Command::Refund(input) => place_of!(input),
            Command::Settle(input) => place_of!(input),
            Command::Transfer(input) => place_of!(input),
            Command::Void(input) => place_of!(input),
            Command::Watch(ChangeWatch::Activate(input)) => place_of!(input),
            Command::Watch(ChangeWatch::Freeze(input) | ChangeWatch::Thaw(input)) => {
                place_of!(input)
            }
            Command::Watch(ChangeWatch::Install(input)) => place_of!(input),
            Command::Allocate(_)
            | Command::Balance(_)
            | Command::Explain(_)
            | Command::History(_)
            | Command::Identify(_)
            | Command::Import(_)
            | Command::Lint(_)
            | Command::Pass(_)
            | Command::Quote(_)
            | Command::Report(_)
            | Command::Reserve(_)
            | Command::Search(_)
            | Command::Sell(_) => Place::default(),
        }
    }

    /// The store that the verb is about: that of its order, else the one in which it was called.
    #[must_use]
    pub fn store(&self) -> Option<&String> {
        self.place().store
    }

    /// The command as it is recorded and compared: without what only the host knows of the guest.
    #[must_use]
    pub fn recorded(&self) -> Command {
        let mut command = self.clone();
        let order = match &mut command {
            Command::Quote(quote) => Some(&mut quote.order),
            Command::Refund(refund) => refund.order.as_mut(),
            Command::Reserve(reserve) => Some(&mut reserve.order),
            Command::Sell(sell) => Some(&mut sell.order),
            _ => None,
        };
        if let Some(order) = order {
            order.guest = None;
        }
        if let Command::Program(ChangeProgram::Install(install))
        | Command::Watch(ChangeWatch::Install(install)) = &mut command
        {
            install.document = install.document.in_canonical_order();
        }
        command.strip_secrets();
        command
    }

    /// Whether it holds anything that no record may hold.
    #[must_use]
    pub fn has_secrets(&self) -> bool {
        match self {
            Command::Card(_)
            | Command::Guest(_)
            | Command::Import(_)
            | Command::Issue(_)
            | Command::Present(_) => true,
            _ => self.order().is_some_and(|order| order.guest.is_some()),
        }
    }

    /// Takes out what no record may hold: what identifies a person, and what proves a card.
    fn strip_secrets(&mut self) {
        match self {
            Command::Card(change) => {
                if let CardAction::Pin(pin) = &mut change.action {
                    pin.pin = None;
                }
            }
            Command::Guest(change) => match &mut change.action {
                GuestAction::Register(registration) => {
                    registration.details.personal = Personal::default();
                }
                GuestAction::Update(details) => details.personal = Personal::default(),
                _ => {}
            },
            Command::Import(import) => {
                import.rows.iter_mut().for_each(|row| row.personal = Personal::default());
            }
            Command::Issue(issue) => issue.pin = None,
            Command::Present(present) => {
                (present.pin, present.secret) = (None, None);
                present.scan = Scan::default();
            }
            _ => {}
        }
    }

    /// Whether the verb changes anything, and so needs a key.
    #[must_use]
    pub fn changes(&self) -> bool {
        match self {
            Command::Activate(_)
            | Command::Admit(_)
            | Command::Batch(_)
            | Command::Bill(_)
            | Command::Cancel(_)
            | Command::Card(_)
            | Command::Clock(_)
            | Command::ClosePeriod(_)
            | Command::Confirm(_)
            | Command::Coupon(_)
            | Command::Dispute(_)
            | Command::Grant(_)
            | Command::Guest(_)
            | Command::Import(_)
            | Command::Issue(_)
            | Command::Present(_)
            | Command::Program(_)
            | Command::Refund(_)
            | Command::Reserve(_)
            | Command::Sell(_)
            | Command::Settle(_)
            | Command::Transfer(_)
            | Command::Void(_)
            | Command::Watch(_) => true,
            Command::Allocate(_)
            | Command::Balance(_)
            | Command::Explain(_)
            | Command::History(_)
            | Command::Identify(_)
            | Command::Lint(_)
            | Command::Pass(_)
            | Command::Quote(_)
            | Command::Report(_)
            | Command::Search(_) => false,
        }
    }
}

document! {
    /// Makes points and coupons usable that wait for an event.
    pub struct Activate {
        /// The card's number.
        pub card: String,
        /// The cashier.
        pub cashier: Option<String>,
        /// The event, as the programme names it.
        pub event: String,
        /// The token of the sale whose points are meant; all that wait on the card if left out.
        pub sale: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// Closes a period for some cards.
    pub struct ClosePeriod {
        /// The cards' numbers; every card of the book if left out.
        pub cards: Vec<String> = Vec::new(),
        /// The cashier.
        pub cashier: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// Gives points without a purchase.
    pub struct GrantPoints {
        /// Who approved it besides the cashier, where the watch asks for a second person.
        pub approved_by: Option<String>,
        /// The card's number.
        pub card: String,
        /// The cashier.
        pub cashier: Option<String>,
        /// What is given, by the id of a grant of the programme.
        pub grant: String,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// Asks what is doubtful in a programme.
    pub struct Lint {
        /// The document; the programme in force if left out.
        pub document: Option<Node>,
    }
}

document! {
    /// Moves points from card to card.
    pub struct Transfer {
        /// How many points.
        pub amount: Decimal,
        /// The cashier.
        pub cashier: Option<String>,
        /// The number of the card that gives.
        pub from: String,
        /// The kind of points; may be left out if the programme has only one.
        pub points: Option<String>,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The number of the card that gets.
        pub to: String,
    }
}

document! {
    /// Divides an amount over lines.
    pub struct Allocate {
        /// The amount, zero or more.
        pub amount: Decimal,
        /// The currency, for its decimals; the programme's if left out.
        pub currency: Option<String>,
        /// The lines.
        pub lines: Vec<AllocateLine>,
        /// How it is divided.
        pub policy: Allocation = Allocation::default(),
    }
}

document! {
    /// A line that may take a share.
    pub struct AllocateLine {
        /// What is due on the line.
        pub amount: Decimal,
        /// Whether the line takes no share.
        pub excluded: bool = false,
        /// What must remain due on the line as a whole.
        pub floor: Option<Decimal>,
        /// The quantity, at most three decimals.
        pub quantity: Decimal = Decimal::ONE,
    }
}

document! {
    /// A question about one card.
    pub struct CardQuery {
        /// The card's number.
        pub card: String,
        /// Whether the back office asks, not a till.
        pub office: bool = false,
        /// The id of the record of a `present` that was accepted; needed for a card with a PIN,
        /// unless the back office asks.
        pub presentation: Option<String>,
    }
}

document! {
    /// Gives up a reserved sale.
    pub struct Cancel {
        /// The cashier.
        pub cashier: Option<String>,
        /// Why, in the host's words: `printer_failed`, `cashier`, `timeout` …
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The token that reserve gave.
        pub token: String,
    }
}

document! {
    /// Completes a reserved sale.
    pub struct Confirm {
        /// The cashier.
        pub cashier: Option<String>,
        /// How much of what is held on gift cards is taken; all if left out. The rest is freed.
        pub gift_cards: Option<Vec<GiftCapture>>,
        /// When the money was taken; the time of the call if left out.
        pub paid_at: Option<Timestamp>,
        /// How many of the held points are spent, besides those for rewards; all if left out. The
        /// rest is freed.
        pub points: Option<Decimal>,
        /// The number of the fiscal receipt.
        pub receipt: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The tenders that were really used; those of the order if left out.
        pub tenders: Option<Vec<Tender>>,
        /// The till.
        pub till: Option<String>,
        /// The token that reserve gave.
        pub token: String,
    }
}

document! {
    /// How much of a gift card's hold is taken.
    pub struct GiftCapture {
        /// How much; zero frees all of it.
        pub amount: Decimal,
        /// The card's number.
        pub card: String,
    }
}

document! {
    /// Asks how the numbers of a record came about.
    pub struct Explain {
        /// The record's id, or the token of a sale.
        pub record: String,
    }
}

document! {
    /// Asks what happened to a card.
    pub struct History {
        /// The card's number.
        pub card: String,
        /// How many entries at most.
        pub limit: u32 = 100,
        /// Whether the back office asks, not a till.
        pub office: bool = false,
        /// The id of the record of a `present` that was accepted; needed for a card with a PIN,
        /// unless the back office asks.
        pub presentation: Option<String>,
    }
}

document! {
    /// Asks what a scan is.
    pub struct Identify {
        /// What the scanner or the keyboard gave, at most 4,096 bytes.
        pub scan: Scan,
    }
}

document! {
    /// Issues a card.
    pub struct Issue {
        /// The card's number; made of the request's `entropy` if left out, which needs `kind`.
        pub card: String = String::new(),
        /// The cashier.
        pub cashier: Option<String>,
        /// The host's mark of the device by which the guest registers, hashed by the host: the
        /// watch counts the cards that were issued by one device.
        pub device: Option<String>,
        /// When the card ends; as its kind says if left out.
        pub expires_at: Option<Timestamp>,
        /// The host's id of the guest who gets it.
        pub guest: Option<String>,
        /// The kind of card, by its id in the programme; by the number if left out.
        pub kind: Option<String>,
        /// Points, stamps, entries or money that the card starts with.
        pub opening: Vec<OpeningLot> = Vec::new(),
        /// The PIN, for a kind with PINs. It is not recorded: the record keeps a salted slow hash.
        pub pin: Option<String>,
        /// The number of the card whose guest brought this one.
        pub referred_by: Option<String>,
        /// The seat, for a ticket.
        pub seat: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The accumulated spend that the card starts with.
        pub spent: Option<Decimal>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
    }
}

document! {
    /// Points that a card starts with.
    pub struct OpeningLot {
        /// How many points.
        pub amount: Decimal,
        /// When they end; never if left out.
        pub expires_at: Option<Timestamp>,
        /// When they become usable; at once if left out.
        pub opens_at: Option<Timestamp>,
        /// The kind of points; may be left out if the card holds only one.
        pub points: Option<String>,
    }
}

document! {
    /// Asks what an order would cost and earn.
    pub struct QuoteOrder {
        /// The order.
        pub order: Order,
    }
}

document! {
    /// Holds the points that an order spends.
    pub struct ReserveOrder {
        /// The quote that the guest agreed to; other effects are refused as `order.changed`.
        pub expect: Option<String>,
        /// How many minutes the hold lasts, 1 to 10,080; as the programme says if left out.
        pub hold_minutes: Option<u32>,
        /// The order, whole.
        pub order: Order,
    }
}

document! {
    /// Sells an order.
    pub struct SellOrder {
        /// The quote that the guest agreed to; other effects are refused as `order.changed`.
        pub expect: Option<String>,
        /// The order, whole.
        pub order: Order,
    }
}

document! {
    /// Gives money and points back. Exactly one of `token` and `order` is named. With a token
    /// and neither `lines` nor `amount`, everything that is left is given back.
    pub struct Refund {
        /// How much money is given back, divided over what is left of the lines.
        pub amount: Option<Decimal>,
        /// The cashier.
        pub cashier: Option<String>,
        /// The lines and quantities that come back.
        pub lines: Vec<RefundLine> = Vec::new(),
        /// Goods that come back without their sale.
        pub order: Option<Order>,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The number of the refund's receipt.
        pub receipt: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The number of the gift card that gets back what gift cards paid; each its own if left
        /// out. It may be a new one.
        pub to_card: Option<String>,
        /// The token of the sale.
        pub token: Option<String>,
    }
}

document! {
    /// A line and how much of it comes back.
    pub struct RefundLine {
        /// The line's id in the sale.
        pub line: String,
        /// How much of it; all that is left if left out.
        pub quantity: Option<Decimal>,
    }
}

document! {
    /// Undoes a confirmed sale as a whole.
    pub struct Void {
        /// The cashier.
        pub cashier: Option<String>,
        /// Why, in the host's words.
        pub reason: Option<String>,
        /// The shift.
        pub shift: Option<String>,
        /// The store.
        pub store: Option<String>,
        /// The till.
        pub till: Option<String>,
        /// The token of the sale.
        pub token: String,
    }
}

impl Request {
    /// A request without a key.
    #[must_use]
    pub fn new(at: Timestamp, command: Command) -> Request {
        Request { at, command, ..Request::default() }
    }

    /// The same request with a key.
    #[must_use]
    pub fn with_key(mut self, key: impl Into<String>) -> Request {
        self.key = Some(key.into());
        self
    }
}
