//! Honest people are of use only if they look like frauds.

use std::collections::{BTreeMap, BTreeSet};

use shops::{FraudPlan, Kind, Outcome, PERSONAS, Plan, Scan, happenings};

const HOUR: i64 = 3_600;
const DAY: i64 = 86_400;

/// Rules that anybody would think of first: which personas trip them.
#[derive(Default)]
struct Naive {
    often: BTreeMap<(&'static str, u32, i64), u32>,
    last: BTreeMap<u32, (i64, u32, u32)>,
    touched: BTreeMap<u32, i64>,
    tripped: BTreeMap<&'static str, BTreeSet<&'static str>>,
}

impl Naive {
    /// Counts one thing of one in a day; trips at the limit.
    fn count(&mut self, persona: &'static str, what: &'static str, who: u32, at: i64, limit: u32) {
        let times = self.often.entry((what, who, at.div_euclid(DAY))).or_default();
        *times += 1;
        if *times >= limit {
            self.trip(persona, what);
        }
    }

    fn trip(&mut self, persona: &'static str, what: &'static str) {
        self.tripped.entry(persona).or_default().insert(what);
    }
}

#[test]
fn at_least_half_of_the_personas_trip_a_naive_rule() {
    let plan = Plan {
        seed: 21,
        first_day: 20_402,
        days: 60,
        receipts_per_store_day: 300,
        fraud: FraudPlan::None,
    };
    let mut naive = Naive::default();
    for happening in happenings(&plan) {
        let Some(persona) = happening.truth.persona else { continue };
        let (at, cashier) = (happening.at, happening.cashier.unwrap_or(0));
        if (happening.clock - at).abs() > HOUR {
            naive.trip(persona, "wrong clock");
        }
        if happening.cashier.is_none() && happening.till != 0 {
            naive.trip(persona, "nobody on duty");
        }
        match happening.kind {
            Kind::Sale(sale) => {
                let Some(card) = sale.card else {
                    if sale.loads.len() >= 10 {
                        naive.trip(persona, "bulk gift cards");
                    }
                    continue;
                };
                naive.count(persona, "receipts of a card", card, at, 5);
                let here = (at, happening.store, happening.till);
                if let Some((when, store, till)) = naive.last.insert(card, here) {
                    if till != happening.till && at - when < 60 {
                        naive.trip(persona, "two tills at once");
                    }
                    if store != happening.store && at - when < 10 * HOUR {
                        naive.trip(persona, "two stores in a day");
                    }
                }
                let touched = naive.touched.get(&card).is_some_and(|when| at - when < DAY);
                if sale.spent > 0 && touched {
                    naive.trip(persona, "spends after a change");
                }
                if sale.spent >= 800 || sale.due > 2_000_000 {
                    naive.trip(persona, "much at once");
                }
                if sale.how == Scan::Typed && sale.spent > 0 {
                    naive.trip(persona, "typed and spent");
                }
                if sale.receipt_at < at {
                    naive.trip(persona, "late claim");
                }
                if sale.wrong_codes.len() >= 2 {
                    naive.trip(persona, "wrong codes");
                }
            }
            Kind::Refund(_) => naive.count(persona, "refunds of a cashier", cashier, at, 4),
            Kind::Void(_) => naive.count(persona, "voids of a cashier", cashier, at, 3),
            Kind::Present { card: Some(card), outcome: Outcome::Refused, .. } => {
                naive.count(persona, "wrong PIN", card, at, 3);
            }
            Kind::Issue { card, referrer, .. } => {
                naive.touched.insert(card, at);
                if let Some(referrer) = referrer {
                    naive.count(persona, "referees", referrer, at, 3);
                }
            }
            Kind::Grant { by, .. } => naive.count(persona, "grants", by, at, 10),
            Kind::Credential { card, .. }
            | Kind::Shared { card, .. }
            | Kind::Transfer { to: card, .. } => {
                naive.touched.insert(card, at);
            }
            _ => {}
        }
    }
    assert!(naive.tripped.len() * 2 >= PERSONAS.len(), "{:#?}", naive.tripped);
    assert!(naive.tripped.len() >= 20, "{:#?}", naive.tripped);
}
