//! What a till tells the watch of a happening: nothing that only the truth knows.

use std::collections::HashMap;

use jiff::Timestamp;
use kopilka::watch::{WatchEvent, WatchKind, WatchMark};
use kopilka::{Amount, Challenge, PresentOutcome, Presented, ReasonCode, RecordHash};
use shops::{
    CENTRE, Confirmation, Happening, Kind, Lockable, Outcome, Refund, Sale, Scan, Void, World,
    card_number, number_hash,
};

const DAY: i64 = 86_400;
/// A clock that is farther behind went back, as ledgers have it.
const BEHIND: i64 = 3_600;

/// One event of a happening.
pub struct Step {
    pub event: WatchEvent,
    /// Whether it is judged, or only counted as ledgers count it.
    pub judged: bool,
}

/// What the tills and their host keep in mind to tell the watch.
#[derive(Default)]
pub struct Teller {
    /// By how many seconds local time is ahead, by store.
    zones: HashMap<u32, i64>,
    /// The newest instant of a till's clock.
    newest: HashMap<u32, i64>,
    receipts: HashMap<u64, String>,
    /// Who brought the guest of a card, and how often that one bought since.
    brought: HashMap<u32, (u32, u32)>,
    /// What was last seen with a card.
    payers: HashMap<u32, u64>,
    devices: HashMap<u32, u64>,
    phones: HashMap<u32, u64>,
}

fn hundredths(units: i64) -> Amount {
    Amount { units, digits: 2 }
}

fn points(points: i64) -> Amount {
    hundredths(points * 100)
}

fn second(at: i64) -> Timestamp {
    Timestamp::from_second(at).unwrap_or_default()
}

fn gift(gift: u32) -> String {
    format!("gift-{gift}")
}

/// A number as a hash: the marks of the world are as good as hashes.
fn hash(mark: u64) -> String {
    format!("{mark:064x}")
}

/// A wrong code as ledgers tell it: four characters, and a hash of all.
fn wrong_code(code: u64) -> String {
    let code = format!("{code:016X}");
    let hash: String = RecordHash::of(code.as_bytes()).to_string().chars().take(16).collect();
    format!("{}:{hash}", code.chars().take(4).collect::<String>())
}

fn strength(how: Scan) -> Presented {
    match how {
        Scan::Static => Presented::Static,
        Scan::Typed => Presented::Typed,
        Scan::Rotating => Presented::Rotating,
        Scan::Signed => Presented::Signed,
        Scan::Pin => Presented::Pin,
    }
}

fn confirmed(confirmation: Confirmation) -> Challenge {
    match confirmation {
        Confirmation::None => Challenge::None,
        Confirmation::Manager => Challenge::Manager,
        Confirmation::Code => Challenge::Code,
    }
}

fn outcome(outcome: Outcome) -> PresentOutcome {
    match outcome {
        Outcome::Accepted => PresentOutcome::Accepted,
        Outcome::Refused => PresentOutcome::Refused,
        Outcome::Locked => PresentOutcome::Locked,
        Outcome::Replayed => PresentOutcome::Replayed,
        Outcome::OutOfTime => PresentOutcome::OutOfTime,
    }
}

/// Whoever changed something: a cashier, or an agent of the office.
fn person(id: u32) -> String {
    if id >= 9_000 { format!("agent-{id}") } else { format!("cashier-{id}") }
}

fn marks<const N: usize>(marks: [(bool, WatchMark); N]) -> Vec<WatchMark> {
    marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect()
}

/// What is known of the cards that are older than the world: when they were issued, and that they
/// last earned something where they are at home.
pub fn opening(world: &World) -> impl Iterator<Item = WatchEvent> {
    world.past().into_iter().flat_map(|past| {
        let event = |kind, at, earned| WatchEvent {
            kind,
            at: second(at),
            card: Some(card_number(past.card)),
            earned,
            store: Some(format!("store-{}", past.store)),
            ..WatchEvent::default()
        };
        let issued = event(WatchKind::Issue, past.issued, Amount::default());
        [issued, event(WatchKind::Sale, past.came, points(10))]
    })
}

impl Teller {
    pub fn new(world: &World) -> Teller {
        let zone = |store: &shops::Store| (store.id, store.city.zone_offset());
        Teller { zones: world.stores().iter().map(zone).collect(), ..Teller::default() }
    }

    /// The events of a happening, in the order in which a ledger would show them.
    pub fn tell(&mut self, happening: &Happening) -> Vec<Step> {
        let base = self.base(happening);
        let judged = |event| vec![Step { event, judged: true }];
        match &happening.kind {
            Kind::Sale(sale) => self.sale(sale, happening, base),
            Kind::Refund(refund) => judged(self.refund(refund, base)),
            Kind::Void(void) => self.void(void, base),
            Kind::Present { card, number_hash, outcome: result, how } => judged(WatchEvent {
                kind: WatchKind::Present,
                card: card.map(card_number),
                number: Some(hash(*number_hash)),
                outcome: Some(outcome(*result)),
                strength: Some(strength(*how)),
                marks: [base.marks.clone(), marks([(card.is_none(), WatchMark::UnknownNumber)])]
                    .concat(),
                ..base
            }),
            Kind::Issue { card, referrer, device, phone, welcome, .. } => {
                judged(self.issue(*card, *referrer, *device, *phone, *welcome, base))
            }
            Kind::Grant { card, points: granted, by } => judged(WatchEvent {
                kind: WatchKind::Grant,
                card: Some(card_number(*card)),
                cashier: Some(person(*by)),
                earned: points(*granted),
                ..base
            }),
            Kind::Transfer { from, to, points: moved } => judged(WatchEvent {
                kind: WatchKind::Transfer,
                card: Some(card_number(*to)),
                from: Some(card_number(*from)),
                earned: points(*moved),
                ..base
            }),
            Kind::Credential { card, .. } => judged(WatchEvent {
                kind: WatchKind::Credential,
                card: Some(card_number(*card)),
                ..base
            }),
            Kind::Shared { card, device } => judged(WatchEvent {
                kind: WatchKind::Share,
                card: Some(card_number(*card)),
                device: Some(hash(*device)),
                ..base
            }),
            Kind::LockToggle { what, id, by, .. } => {
                let card = (*what == Lockable::Card).then(|| card_number(*id));
                let cashier = Some(person(*by));
                judged(WatchEvent { kind: WatchKind::Freeze, card, cashier, ..base })
            }
            Kind::ClockStep { .. } => Vec::new(),
        }
    }

    /// Where and when it happens, by the ledger's own time: that of the till's clock, and never
    /// back.
    fn base(&mut self, happening: &Happening) -> WatchEvent {
        let Happening { at, clock, store, till, .. } = *happening;
        if store == CENTRE {
            return WatchEvent { at: second(at), ..WatchEvent::default() };
        }
        let newest = self.newest.entry(till).or_insert(clock);
        let suspect = clock - *newest > DAY;
        let behind = *newest - clock > BEHIND;
        let own = if suspect { *newest } else { clock.max(*newest) };
        *newest = own;
        let local = own + self.zones.get(&store).copied().unwrap_or(0);
        let minute = (local.div_euclid(60) + 3 * 1_440).rem_euclid(10_080);
        let offline = happening.offline_since.map(|since| (at - since).max(0) / 60);
        let cashier = happening.cashier;
        let shift = cashier.filter(|_| happening.shift_open);
        WatchEvent {
            at: second(own),
            cashier: cashier.map(person),
            local_minute: u32::try_from(minute).ok(),
            marks: marks([(behind, WatchMark::ClockBack), (suspect, WatchMark::ClockSuspect)]),
            offline_minutes: offline.and_then(|minutes| u32::try_from(minutes).ok()),
            shift: shift.map(|cashier| format!("{}-{cashier}", local.div_euclid(DAY))),
            store: Some(format!("store-{store}")),
            till: Some(format!("till-{till}")),
            ..WatchEvent::default()
        }
    }

    fn sale(&mut self, sale: &Sale, happening: &Happening, base: WatchEvent) -> Vec<Step> {
        let word = |word: &Option<String>| word.clone().unwrap_or_default();
        let fresh = || {
            let [store, till, shift] = [&base.store, &base.till, &base.shift].map(word);
            format!("{store}/{till}/{shift}/{:x}", sale.receipt_number)
        };
        let receipt = self.receipts.entry(sale.receipt_number).or_insert_with(fresh).clone();
        let loaded: i64 = sale.loads.iter().map(|(_, money)| money).sum();
        let nothing = sale.card.is_some() && loaded > 0 && sale.due <= loaded;
        let reasons = [
            (!sale.wrong_codes.is_empty(), ReasonCode::CodeUnknown),
            (nothing, ReasonCode::EarningNoLines),
        ];
        let mut event = WatchEvent {
            kind: WatchKind::Sale,
            amount: hundredths(sale.due),
            balance: sale.card.map(|_| points(sale.balance)),
            card: sale.card.map(card_number),
            confirmed: confirmed(sale.confirmed),
            earned: points(sale.earned),
            gifts: u32::try_from(sale.loads.len()).unwrap_or(u32::MAX),
            number: sale.card.map(|card| hash(number_hash(card))),
            reasons: reasons.iter().filter(|(is, _)| *is).map(|(_, code)| *code).collect(),
            receipt: Some(receipt),
            receipt_at: (sale.receipt_at < happening.at).then(|| second(sale.receipt_at)),
            spent: points(sale.spent),
            stamps: hundredths(sale.stamps),
            strength: sale.card.map(|_| strength(sale.how)),
            wrong_codes: sale.wrong_codes.iter().map(|code| wrong_code(*code)).collect(),
            ..base.clone()
        };
        let after_total = sale.card.is_some() && sale.card_attached_after_total;
        event.marks.extend(marks([(after_total, WatchMark::AfterTotal)]));
        if let Some(card) = sale.card {
            self.referral(card, sale.payer, &mut event);
        }
        let mut steps = vec![Step { event, judged: true }];
        let further = |card: u32, money: i64, kind: WatchKind| WatchEvent {
            kind,
            amount: hundredths(money),
            card: Some(gift(card)),
            ..base.clone()
        };
        steps.extend(sale.gift_spent.iter().map(|(card, money)| {
            let event = WatchEvent {
                number: Some(hash(u64::from(*card))),
                strength: Some(Presented::Static),
                ..further(*card, *money, WatchKind::GiftSpend)
            };
            Step { event, judged: true }
        }));
        steps.extend(sale.loads.iter().map(|(card, money)| Step {
            event: further(*card, *money, WatchKind::Load),
            judged: false,
        }));
        steps
    }

    /// Who brought the guest, with the first two purchases.
    fn referral(&mut self, card: u32, payer: Option<u64>, event: &mut WatchEvent) {
        if let Some((by, purchases)) = self.brought.get_mut(&card)
            && *purchases < 2
        {
            event.from = Some(card_number(*by));
            let same = payer.is_some() && payer == self.payers.get(by).copied();
            let second = *purchases == 1;
            let found = [(same, WatchMark::SamePayer), (second, WatchMark::SecondPurchase)];
            event.marks.extend(marks(found));
            *purchases += 1;
        }
        if let Some(payer) = payer {
            self.payers.insert(card, payer);
        }
    }

    fn issue(
        &mut self,
        card: u32,
        referrer: Option<u32>,
        device: Option<u64>,
        phone: Option<u64>,
        welcome: i64,
        base: WatchEvent,
    ) -> WatchEvent {
        let same = |known: &HashMap<u32, u64>, mark: Option<u64>| {
            mark.is_some() && referrer.and_then(|by| known.get(&by).copied()) == mark
        };
        let found = [
            (same(&self.devices, device), WatchMark::SameDevice),
            (same(&self.phones, phone), WatchMark::SamePhone),
        ];
        self.brought.extend(referrer.map(|by| (card, (by, 0))));
        self.devices.extend(device.map(|device| (card, device)));
        self.phones.extend(phone.map(|phone| (card, phone)));
        WatchEvent {
            kind: WatchKind::Issue,
            card: Some(card_number(card)),
            device: device.map(hash),
            earned: points(welcome),
            from: referrer.map(card_number),
            marks: [base.marks.clone(), marks(found)].concat(),
            ..base
        }
    }

    fn refund(&self, refund: &Refund, base: WatchEvent) -> WatchEvent {
        let found = [
            (refund.own, WatchMark::OwnSale),
            (refund.shortfall > 0, WatchMark::Shortfall),
            (refund.to_gift_card.is_some(), WatchMark::ToGiftCard),
            (refund.receipt.is_none(), WatchMark::NoSale),
        ];
        WatchEvent {
            kind: WatchKind::Refund,
            amount: hundredths(refund.money),
            card: refund.card.map(card_number),
            marks: [base.marks.clone(), marks(found)].concat(),
            reasons: (refund.shortfall > 0).then_some(ReasonCode::RefundDebt).into_iter().collect(),
            spent: points(refund.clawed_back),
            ..base
        }
    }

    /// A sale undone; each gift card that it had loaded is told besides.
    fn void(&self, void: &Void, base: WatchEvent) -> Vec<Step> {
        let found =
            [(void.had_spend, WatchMark::HadSpend), (void.shortfall > 0, WatchMark::Shortfall)];
        let event = WatchEvent {
            kind: WatchKind::Void,
            amount: hundredths(void.money),
            card: void.card.map(card_number),
            marks: [base.marks.clone(), marks(found)].concat(),
            spent: points(void.clawed_back),
            ..base.clone()
        };
        let mut steps = vec![Step { event, judged: true }];
        steps.extend(void.loads.iter().map(|card| {
            let event = WatchEvent {
                kind: WatchKind::Void,
                card: Some(gift(*card)),
                cashier: None,
                marks: [base.marks.clone(), vec![WatchMark::UnpaidLoad]].concat(),
                ..base.clone()
            };
            Step { event, judged: true }
        }));
        steps
    }
}
