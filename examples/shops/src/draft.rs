//! What somebody means to do: a happening before its points are known.

use crate::Intensity;
use crate::chain::Place;
use crate::happening::{Confirmation, Kind, Scan};

/// A happening before its points are known.
#[derive(Clone, Debug)]
pub(crate) struct Draft {
    pub at: i64,
    pub place: Place,
    pub act: Act,
    /// By how many seconds somebody has set the clock, beside what is wrong with it anyway.
    pub clock: i64,
    /// For how many seconds a connection was lost, beside outages.
    pub lag: i64,
    pub harm: Harm,
    pub origin: Origin,
}

/// Whose doing it is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Origin {
    /// Everyday life.
    Everyday,
    /// An honest person who looks like a fraud.
    Persona(&'static str),
    /// A fraud: its scenario, intensity and actor.
    Fraud(&'static str, Intensity, u32),
}

/// What is done.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Sale(SaleDraft),
    Back(Back),
    /// All is known but how many points there are to transfer.
    Plain(Kind),
}

/// A sale before its points are known.
#[derive(Clone, Debug)]
pub(crate) struct SaleDraft {
    pub card: Option<u32>,
    pub number: u64,
    pub claim: Claim,
    /// Money before points, after discounts.
    pub total: i64,
    pub spend: Spend,
    pub stamps: i64,
    pub items: u32,
    pub how: Scan,
    pub confirmed: Confirmation,
    pub wrong_codes: Vec<u64>,
    pub coupons: u8,
    pub loads: Vec<(u32, i64)>,
    pub gift_spent: Vec<(u32, i64)>,
    pub payer: Option<u64>,
    pub after_total: bool,
    pub manual_discount: i64,
    /// Whether it will come back: its points must be known then.
    pub remember: bool,
}

/// Which receipt is claimed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Claim {
    /// None: a sale at the till.
    None,
    /// This one, bought then.
    Of { number: u64, bought: i64 },
    /// One that somebody left behind in a store, of so much money at most.
    Found { store: u32, most: i64 },
}

/// How many points are spent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Spend {
    None,
    /// As many as there are, up to half of the receipt.
    Half,
    /// As many, up to the same.
    Points(i64),
    /// As many as a till without network believes there are, up to half of the receipt.
    Believed(i64),
}

/// A receipt that comes back.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Back {
    pub receipt: u64,
    pub void: bool,
    /// How much of it, in hundredths.
    pub percent: i64,
    pub gift: Option<u32>,
}

/// How the loss is reckoned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Harm {
    /// Nothing is lost.
    None,
    /// So many hundredths.
    Of(i64),
    /// The points that were earned.
    Earned,
    /// The points that were spent.
    Spent,
    /// Points spent beyond what there was.
    Beyond,
    /// The points of a grant, transfer, welcome or reward.
    Points,
    /// The money that was given back.
    Money,
    /// The points that could not be taken back.
    Shortfall,
}
