//! The order as a host hands it over.

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::document::{choice, document, union};

document! {
    /// What a till is building: lines, discounts of the host's own, tenders and cards.
    ///
    /// The order keeps within 10,000 lines. Amounts are in the order's currency.
    pub struct Order {
        /// Named values for the programme's conditions, in the merchant's words.
        pub attributes: Vec<Attribute> = Vec::new(),
        /// The cards presented, in order.
        pub cards: Vec<PresentedCard> = Vec::new(),
        /// The cashier.
        pub cashier: Option<String>,
        /// How the order came: at the counter, by delivery, by phone; the merchant's words.
        pub channel: Option<String>,
        /// The promotion codes presented, in order.
        pub codes: Vec<String> = Vec::new(),
        /// The currency; the programme's if left out.
        pub currency: Option<String>,
        /// Discounts that the host gave already, from its own rules.
        pub discounts: Vec<HostDiscount> = Vec::new(),
        /// The gift cards that pay, in order, before every other tender.
        pub gift_cards: Vec<GiftTender> = Vec::new(),
        /// What only the host knows of the guest. It is never recorded: a record keeps what
        /// conditions made of it.
        pub guest: Option<GuestFacts>,
        /// The lines, in the order of the receipt.
        pub lines: Vec<Line>,
        /// Whether the till cannot reach the server.
        pub offline: bool = false,
        /// When the order was opened; the time of the call if left out.
        pub opened_at: Option<Timestamp>,
        /// When the order was paid; the time of the call if left out.
        pub paid_at: Option<Timestamp>,
        /// The receipt that was written by hand, where it is entered late: only `sell` takes it.
        /// Conditions about time are judged at its time; it is recorded in the present.
        pub paper: Option<PaperReceipt>,
        /// How much of the programme's currency one unit of the order's currency is worth;
        /// needed when the currencies differ.
        pub rate: Option<Decimal>,
        /// The number of the receipt or order at the host, for people.
        pub receipt: Option<String>,
        /// The rewards that the guest claims, in order.
        pub rewards: Vec<Claim> = Vec::new(),
        /// The shift.
        pub shift: Option<String>,
        /// What the guest wants to spend.
        pub spend: Spend = Spend::default(),
        /// The store.
        pub store: Option<String>,
        /// The tenders known so far.
        pub tenders: Vec<Tender> = Vec::new(),
        /// The till at which the order stands.
        pub till: Option<String>,
    }
}

document! {
    /// A receipt that was written by hand, such as while the till was out of order.
    pub struct PaperReceipt {
        /// When it was written: not later than now.
        pub at: Timestamp,
        /// Who wrote it.
        pub by: String,
        /// Whether it is another receipt than the one that has the same card, sum and minute.
        pub distinct: bool = false,
        /// Its number, unique within the store and the day.
        pub number: String,
    }
}

document! {
    /// One line of an order.
    pub struct Line {
        /// What a fiscal register needs; conditions may ask for it.
        pub attributes: Vec<Attribute> = Vec::new(),
        /// For `stored_value`: the number of the card that the line loads, or of the ticket that it
        /// sells.
        pub card: Option<String>,
        /// The category, as the programme's conditions name it.
        pub category: Option<String>,
        /// The stages that must leave this line alone.
        pub excluded_from: Vec<Stage> = Vec::new(),
        /// The lowest price of one unit to which discounts may bring this line.
        pub floor: Option<Decimal>,
        /// The id of the promotion that offered this line as a present.
        pub gift: Option<String>,
        /// The line's id, unique within the order.
        pub id: String,
        /// What kind of line it is.
        pub kind: LineKind = LineKind::Goods,
        /// The name, for slips.
        pub name: Option<String>,
        /// For a child line: the id of the combo or dish that it belongs to.
        pub parent: Option<String>,
        /// The price of one unit; at most six decimals.
        pub price: Decimal,
        /// How many, or how much in units of measure; at most three decimals.
        pub quantity: Decimal = Decimal::ONE,
        /// The stock number.
        pub sku: Option<String>,
        /// Tags, as the programme's conditions name them.
        pub tags: Vec<String> = Vec::new(),
        /// The taxes on this line.
        pub taxes: Vec<TaxRule> = Vec::new(),
    }
}

choice! {
    /// What kind of line it is.
    pub enum LineKind {
        /// Goods or a dish.
        Goods = "goods",
        /// A part of a combo, or a modifier.
        Child = "child",
        /// Delivery.
        Delivery = "delivery",
        /// A service charge.
        ServiceCharge = "service_charge",
        /// A tip.
        Tip = "tip",
        /// The sale or top-up of stored value, such as a gift card.
        StoredValue = "stored_value",
        /// A manual adjustment; the only kind whose price may be negative.
        Adjustment = "adjustment",
        /// A voided line: it is kept for the record and takes part in nothing.
        Void = "void",
    }
}

choice! {
    /// The stages of a quote, in the order in which they work.
    pub enum Stage {
        /// The discounts that the host gave already.
        Host = "host",
        /// Promotions and coupons.
        Promotion = "promotion",
        /// The discount of a card.
        Card = "card",
        /// Rewards bought with points or stamps.
        Reward = "reward",
        /// Points spent.
        Points = "points",
        /// Gift cards, before all other tenders.
        Tender = "tender",
        /// Earning.
        Earning = "earning",
    }
}

document! {
    /// What only the host knows of the guest.
    pub struct GuestFacts {
        /// Named values for the programme's conditions, in the merchant's words.
        pub attributes: Vec<Attribute> = Vec::new(),
        /// The day of birth, YYYY-MM-DD.
        pub birthday: Option<String>,
    }
}

document! {
    /// A reward that the guest claims.
    pub struct Claim {
        /// The reward's id.
        pub reward: String,
        /// How many times, or for how many units; for a flat price once is all there is.
        pub times: u32 = 1,
    }
}

document! {
    /// A named value.
    pub struct Attribute {
        /// The name.
        pub name: String,
        /// The value.
        pub value: String,
    }
}

document! {
    /// A tax on a line: a rate or a fixed amount per unit.
    pub struct TaxRule {
        /// Whether the price contains it (value added tax) or it comes on top (sales tax).
        pub inside: bool = true,
        /// The name under which the receipt adds it up, such as `VAT 20%`.
        pub name: String,
        /// How large it is.
        pub size: TaxSize,
    }
}

union! {
    /// How large a tax is.
    pub enum TaxSize {
        /// A percentage of the net price, 0 to 1000.
        Percent(Decimal) = "percent",
        /// A fixed amount for each unit.
        PerUnit(Decimal) = "per_unit",
    }
}

document! {
    /// A discount that the host gave.
    pub struct HostDiscount {
        /// The amount, above zero.
        pub amount: Decimal,
        /// The line that it lowers; all discountable lines if left out.
        pub line: Option<String>,
        /// Its name, for explanations.
        pub name: String,
    }
}

document! {
    /// A way of paying and how much of the total it pays.
    pub struct Tender {
        /// The amount, above zero.
        pub amount: Decimal,
        /// The kind, in the merchant's words: `cash`, `card`, `gift` …
        pub kind: String,
    }
}

document! {
    /// A card as it came in.
    pub struct PresentedCard {
        /// The challenge that the host put and that was met: the manager confirmed, the one-time
        /// code was right, the server was asked.
        pub confirmed: Challenge = Challenge::None,
        /// The number.
        pub number: String,
        /// The id of the record of a `present` that was accepted.
        pub presentation: Option<String>,
        /// How it was presented.
        pub presented: Presented = Presented::Static,
    }
}

document! {
    /// A gift card that pays.
    pub struct GiftTender {
        /// How much; as much as it can if left out.
        pub amount: Option<Decimal>,
        /// The challenge that the host put and that was met.
        pub confirmed: Challenge = Challenge::None,
        /// The number.
        pub number: String,
        /// The id of the record of a `present` that was accepted; needed where the card has a PIN.
        pub presentation: Option<String>,
    }
}

choice! {
    /// What must be met before value leaves a card. The engine says that, the host does how.
    pub enum Challenge {
        /// Nothing.
        None = "none",
        /// The guest types the card's PIN (`present`).
        Pin = "pin",
        /// The guest repeats a one-time code that the host sent.
        Code = "code",
        /// A manager confirms.
        Manager = "manager",
        /// The server is asked; while it cannot be, offline limits hold.
        Online = "online",
    }
}

choice! {
    /// How a card was presented: the stronger, the more may be trusted to it.
    pub enum Presented {
        /// A printed code or stripe that anybody may have copied.
        Static = "static",
        /// Typed in by hand.
        Typed = "typed",
        /// A code that changes with time.
        Rotating = "rotating",
        /// A signed token that lives for a short time.
        Signed = "signed",
        /// With its PIN.
        Pin = "pin",
    }
}

document! {
    /// What the guest wants to spend.
    pub struct Spend {
        /// Nothing, all that is allowed, or exactly so many points.
        pub mode: SpendMode = SpendMode::None,
        /// The points, for `exact`.
        pub points: Option<Decimal>,
    }
}

choice! {
    /// How much of the points the guest wants to spend.
    pub enum SpendMode {
        /// Nothing.
        None = "none",
        /// As many as the programme and the balance allow.
        Max = "max",
        /// As many as the guest says, within what is allowed.
        Exact = "exact",
    }
}

impl Line {
    /// One piece of goods at a price.
    #[must_use]
    pub fn new(id: impl Into<String>, price: Decimal) -> Line {
        Line { id: id.into(), price, ..Line::default() }
    }
}

impl From<&str> for PresentedCard {
    fn from(number: &str) -> PresentedCard {
        PresentedCard { number: number.to_owned(), ..PresentedCard::default() }
    }
}
