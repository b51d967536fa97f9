//! Lines that loaded a card or sold a ticket, when they come back.

use super::lines::{SoldLine, scaled};
use crate::amount::Amount;
use crate::answer::Load;
use crate::error::Error;
use crate::program::TicketRefund;
use crate::reason::{Reason, ReasonCode};
use crate::slice::SaleState;
use crate::verbs::draft::Draft;
use crate::verbs::load::spent;

/// Takes what the lines loaded off their cards. What a ticket gives back depends on what is left
/// of it.
pub(super) fn take_back(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    lines: &mut [SoldLine<'_>],
    why: Option<&String>,
    reasons: &mut Vec<Reason>,
) -> Result<(), Error> {
    for line in lines.iter_mut().filter(|line| line.before != line.after) {
        let Some(load) = line.load else { continue };
        if let Some(policy) = load.refund {
            let used = used(draft, load, sale);
            line.after.money = ticket_money(load, policy, line.paid, used);
            if used > 0 {
                let used = Amount { units: used, ..load.amount };
                let reason = Reason::new(ReasonCode::RefundTicketUsed).with("card", &load.card);
                reasons.push(reason.with("used", used));
            }
        }
        draft.unload(load, sale, why)?;
    }
    Ok(())
}

/// Undoes what the lines loaded; nothing of it may have been used.
pub(super) fn undo(
    draft: &mut Draft<'_>,
    sale: &SaleState,
    lines: &[SoldLine<'_>],
    why: Option<&String>,
) -> Result<(), Error> {
    for load in lines.iter().filter_map(|line| line.load) {
        if load.refund.is_some() && used(draft, load, sale) > 0 {
            return Err(spent());
        }
        draft.unload(load, sale, why)?;
    }
    Ok(())
}

/// How many entries of a ticket are not there any more.
fn used(draft: &mut Draft<'_>, load: &Load, sale: &SaleState) -> i64 {
    let unused: i64 = draft.unused(load, sale).iter().map(|part| part.amount).sum();
    (load.amount.units - unused).max(0)
}

/// The money for a ticket of which so much was used.
fn ticket_money(load: &Load, policy: TicketRefund, paid: i64, used: i64) -> i64 {
    let sold = load.amount.units;
    match policy {
        TicketRefund::ProRata => scaled(paid, sold - used, sold),
        TicketRefund::ListPrice => {
            let price = load.list_price.map_or(0, |price| price.units);
            let one = 10i64.pow(u32::from(load.amount.digits));
            (paid - scaled(price, used, one)).max(0)
        }
        TicketRefund::Unused if used == 0 => paid,
        TicketRefund::Unused | TicketRefund::Never => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(policy: TicketRefund, paid: i64, used: i64) -> i64 {
        let amount = |units, digits| Amount { units, digits };
        let load =
            Load { amount: amount(10, 0), list_price: Some(amount(15_000, 2)), ..Load::default() };
        ticket_money(&load, policy, paid, used)
    }

    #[test]
    fn what_was_not_used_comes_back_in_proportion_and_rounded_down() {
        // 1000.01 × 7 ÷ 10 = 700.007.
        assert_eq!(money(TicketRefund::ProRata, 100_001, 3), 70_000);
        assert_eq!(money(TicketRefund::ProRata, 100_001, 0), 100_001);
    }

    #[test]
    fn the_list_price_of_what_was_used_is_kept_and_never_more_than_was_paid() {
        assert_eq!(money(TicketRefund::ListPrice, 100_000, 3), 55_000);
        assert_eq!(money(TicketRefund::ListPrice, 100_000, 7), 0);
    }

    #[test]
    fn a_used_ticket_gives_nothing_back_where_only_unused_ones_do() {
        assert_eq!(money(TicketRefund::Unused, 100_000, 0), 100_000);
        assert_eq!(money(TicketRefund::Unused, 100_000, 1), 0);
        assert_eq!(money(TicketRefund::Never, 100_000, 0), 0);
    }
}
