//! What is stored of each state.

use super::{stored, stored_as_recorded};
use crate::answer::SaleStatus;
use crate::command::Consent;
use crate::order::{Challenge, Presented};
use crate::record::{DisputeState, Lot, PinHash, TicketScanned};
use crate::slice::coupon::CouponHold;
use crate::slice::life::CardLife;
use crate::slice::limit::{LimitHold, LimitReading, LimitState};
use crate::slice::presentation::{Attempts, Presentation};
use crate::slice::{CardState, CouponState, GuestState, HeldTier, LineProgress};

stored_as_recorded!(
    Challenge,
    Consent,
    DisputeState,
    Lot,
    PinHash,
    Presented,
    SaleStatus,
    TicketScanned,
);

stored!(Attempts { failed });

stored!(CardState {
    accounts,
    closed_at,
    converted,
    coupons,
    demands,
    guest,
    held,
    issued_at,
    kind,
    life,
    linked,
    links,
    pin,
    presentations,
    purchases,
    referral_paid,
    referred_by,
    replaces,
    scans,
    seat,
    shared,
    spending,
    spent,
    visits,
});

stored!(CardLife { blocked, closed, expires_at, inactive, reason, replaced_by });

stored!(CouponHold { by, sale, until });

stored!(CouponState {
    batch,
    blocked,
    card,
    coupon,
    event,
    expires_at,
    guest,
    held,
    made_of,
    opens_at,
    personal,
    sale,
    used,
    used_by,
    uses,
    voided,
});

stored!(GuestState { consents, erased, language, merged_into, plan, registered_at, staff, zone });

stored!(HeldTier { since, tier, until });

stored!(LimitHold { sale, until, usage });

stored!(LimitReading { money, points, uses });

stored!(LimitState { counted, ended, holds });

stored!(LineProgress { by_amount, money, quantity });

stored!(Presentation { at, nonce, record, step, strength });
