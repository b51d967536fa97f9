//! What the watch is shown of each verb, and what becomes of its verdicts.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

use super::draft::{Draft, Place, place_of};
use super::sale::Call;
use crate::amount::Amount;
use crate::answer::{Quote, RefundedPoints, WatchAdvice};
use crate::clock::Clock;
use crate::error::{Error, ErrorCode};
use crate::number::normalise;
use crate::order::{Challenge, Order, Presented};
use crate::pricing::{WatchOrder, said};
use crate::program::CardUse;
use crate::program::rules::Rules;
use crate::reason::{Reason, ReasonCode};
use crate::record::{Effect, RecordHash, WatchFrozen, Watched};
use crate::slice::{CardState, SaleState, Slice, presentation_of};
use crate::watch::{Verdict, Watch, WatchAction, WatchEvent, WatchKind, WatchMark, WatchSubject};

/// A ledger that was begun anew is told as such for so many records.
const RESTARTED_RECORDS: u64 = 100;
/// A sale is undone shortly after it was made up to so many minutes after.
const SHORTLY_MINUTES: i64 = 30;
/// The attribute by which a host tells that the card came after the total.
const AFTER_TOTAL: &str = "card_after_total";

/// What a watch sees of one command, and what it makes of it.
pub(crate) struct Watching {
    pub watched: Vec<Watched>,
}

impl Watching {
    /// What the stages of a receipt must heed.
    pub fn orders(&self) -> Vec<WatchOrder> {
        self.watched.iter().filter_map(order_of).collect()
    }

    /// What the answer tells of it.
    pub fn advice(&self) -> Vec<WatchAdvice> {
        let advice = |watched: &Watched| {
            let verdict = watched.verdict.as_ref()?;
            Some(WatchAdvice {
                action: verdict.action,
                card: watched.event.card.clone(),
                challenge: verdict.challenge,
                earning: verdict.earning,
                held_until: verdict.held_until,
                met: verdict.met,
                shown: verdict.shown.clone(),
                spending: verdict.spending,
            })
        };
        self.watched.iter().filter_map(advice).collect()
    }
}

/// What a verdict means for the points of its card, if anything.
pub(crate) fn order_of(watched: &Watched) -> Option<WatchOrder> {
    let verdict = watched.verdict.as_ref()?;
    let order = WatchOrder {
        card: watched.event.card.clone()?,
        challenge: verdict.unmet(),
        earns_nothing: verdict.earning == WatchAction::Deny,
        held_until: verdict.held_until,
        spends_nothing: verdict.spending == WatchAction::Deny,
    };
    let idle = order.challenge.is_none()
        && !order.earns_nothing
        && order.held_until.is_none()
        && !order.spends_nothing;
    (!idle).then_some(order)
}

/// Where the watch looks from: what every event of a command has in common.
struct Scene<'a> {
    rules: &'a Rules,
    slice: &'a Slice,
    watch: &'a Watch,
    base: WatchEvent,
}

impl<'a> Scene<'a> {
    fn new(
        rules: &'a Rules,
        slice: &'a Slice,
        place: &Place<'_>,
        (at, host, offline_since): (Timestamp, Timestamp, Option<Timestamp>),
    ) -> Option<Scene<'a>> {
        let watch = slice.watch(place.store.map(String::as_str), at)?;
        let head = slice.head();
        let marks = [
            (matches!(slice.clock(host), Clock::Behind(_)), WatchMark::ClockBack),
            (matches!(slice.clock(host), Clock::Suspect(_)), WatchMark::ClockSuspect),
            (head.incarnation > 1 && head.sequence < RESTARTED_RECORDS, WatchMark::Restarted),
        ];
        let offline = offline_since.map(|since| {
            let minutes = at.duration_since(since).as_secs().max(0) / 60;
            u32::try_from(minutes).unwrap_or(u32::MAX)
        });
        let base = WatchEvent {
            at,
            cashier: place.cashier.cloned(),
            local_minute: Some(minute_of_week(at, rules.zone_of(place.store))),
            marks: marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect(),
            offline_minutes: offline,
            shift: place.shift.cloned(),
            store: place.store.cloned(),
            till: Some(place.till.unwrap_or(&head.till).clone()),
            ..WatchEvent::default()
        };
        Some(Scene { rules, slice, watch, base })
    }

    /// The kinds of points that the policy watches: its points, and its stamps.
    fn points(&self) -> (Option<&str>, Option<&str>) {
        let document = self.watch.document();
        let first = self.rules.points.first().map(|points| points.id.as_str());
        (document.points.as_deref().or(first), document.stamps.as_deref())
    }

    /// Judges an event as the ledger stands.
    fn judge(&self, event: WatchEvent) -> Watched {
        let (state, place) = (self.slice.watch_state(), self.slice.head().watch_place);
        let (mut event, verdict) = self.watch.judge(state, place, event);
        if verdict.met && event.confirmed == Challenge::Manager {
            event.marks.push(WatchMark::Overridden);
            event.marks.sort_unstable();
        }
        Watched { event, verdict: Some(verdict) }
    }

    /// How strongly a presentation proves a card, if one does.
    fn proof(&self, presentation: Option<&str>, card: &CardState) -> Option<Presented> {
        let minutes = self.rules.document.presenting.valid_minutes;
        presentation_of(card, presentation, minutes, self.base.at)
    }

    /// What the card could spend before.
    fn balance(&self, card: &CardState) -> Option<Amount> {
        let points = self.points().0?;
        let digits = self.rules.digits_of(points);
        let account = card.account(points);
        let units = account.map_or(0, |account| account.read(self.base.at).spendable);
        Some(Amount { units, digits })
    }

    /// Who brought the guest of a card, while that still matters: with the first two purchases.
    fn referral(&self, number: &str, event: &mut WatchEvent) {
        let Some(card) = self.slice.card(number) else { return };
        if let Some(by) = card.referred_by.as_ref().filter(|_| card.purchases <= 1) {
            event.from = Some(by.clone());
            if card.purchases == 1 {
                event.marks.push(WatchMark::SecondPurchase);
            }
        }
    }
}

/// The minute of the local week, from Monday at 00:00.
fn minute_of_week(at: Timestamp, zone: &TimeZone) -> u32 {
    let local = zone.to_datetime(at);
    let day = i32::from(local.weekday().to_monday_zero_offset());
    let minute = day * 1_440 + i32::from(local.hour()) * 60 + i32::from(local.minute());
    u32::try_from(minute).unwrap_or(0)
}

/// What the watch sees of an order that is to be sold as quoted, and what it makes of it; `None` where
/// no policy is in force.
pub(crate) fn watch_sale(
    rules: &Rules,
    slice: &Slice,
    order: &Order,
    quote: &Quote,
    call: Call,
) -> Option<Watching> {
    let times = (call.at, call.host, call.offline_since);
    let scene = Scene::new(rules, slice, &place_of!(order), times)?;
    let mut watched = receipts(&scene, order, quote);
    watched.extend(gift_spends(&scene, order, quote));
    let money = |load: &&crate::answer::Load| load.asset == rules.currency();
    watched.extend(quote.loads.iter().filter(money).map(|load| {
        let event = WatchEvent {
            amount: load.amount,
            card: Some(load.card.clone()),
            kind: WatchKind::Load,
            ..scene.base.clone()
        };
        Watched { event, verdict: None }
    }));
    Some(Watching { watched })
}

/// One event for every card that earns or spends; one without a card where none does. The receipt
/// itself is told with the first.
fn receipts(scene: &Scene<'_>, order: &Order, quote: &Quote) -> Vec<Watched> {
    let mut cards: Vec<&str> = quote.points.iter().map(|points| points.card.as_str()).collect();
    if cards.is_empty() {
        let bonus = |card: &&crate::answer::CardView| card.usage == CardUse::Bonus;
        cards.extend(quote.cards.iter().filter(bonus).map(|card| card.card.as_str()).take(1));
    }
    cards.dedup();
    let head = receipt(scene, order, quote);
    if cards.is_empty() {
        return vec![scene.judge(head)];
    }
    let further = WatchEvent { kind: WatchKind::Sale, ..scene.base.clone() };
    let events = cards.into_iter().enumerate().map(|(place, number)| {
        let base = if place == 0 { head.clone() } else { further.clone() };
        scene.judge(with_card(scene, order, quote, number, base))
    });
    events.collect()
}

/// What is true of the receipt, whoever's cards are on it.
fn receipt(scene: &Scene<'_>, order: &Order, quote: &Quote) -> WatchEvent {
    let mut reasons: Vec<ReasonCode> = quote.reasons.iter().map(|reason| reason.code).collect();
    reasons.sort_unstable();
    reasons.dedup();
    let unknown = quote.reasons.iter().filter(|reason| reason.code == ReasonCode::CodeUnknown);
    let wrong = unknown.filter_map(|reason| reason.args.0.get("code"));
    let gifts = quote.loads.iter().filter(|load| load.asset == scene.rules.currency()).count();
    let receipt = receipt_id(order, scene.base.till.as_deref().unwrap_or_default());
    let paper = order.paper.as_ref().map(|paper| paper.at);
    let made = paper.or(order.paid_at).filter(|made| *made < scene.base.at);
    let mut event = WatchEvent {
        amount: quote.totals.due,
        gifts: u32::try_from(gifts).unwrap_or(u32::MAX),
        kind: WatchKind::Sale,
        reasons,
        receipt,
        receipt_at: made,
        wrong_codes: wrong.map(|code| hashed_code(code)).collect(),
        ..scene.base.clone()
    };
    let after = |one: &crate::order::Attribute| one.name == AFTER_TOTAL && one.value == "true";
    if order.attributes.iter().any(after) {
        event.marks.push(WatchMark::AfterTotal);
    }
    event
}

/// What makes a receipt unique: its store, till, shift and number. Numbers may begin anew with every
/// shift, so that without one nothing is known.
pub(crate) fn receipt_id(order: &Order, till: &str) -> Option<String> {
    let (receipt, shift) = order.receipt.as_ref().zip(order.shift.as_ref())?;
    let store = order.store.as_deref().unwrap_or_default();
    Some(format!("{store}/{till}/{shift}/{receipt}"))
}

/// The same for one card.
fn with_card(
    scene: &Scene<'_>,
    order: &Order,
    quote: &Quote,
    number: &str,
    base: WatchEvent,
) -> WatchEvent {
    let (points, stamps) = scene.points();
    let of = |asset: Option<&str>| {
        let mut own = quote.points.iter().filter(|one| one.card == number);
        own.find(|one| asset == Some(one.points.as_str()))
    };
    let state = scene.slice.card(number);
    let presented = order.cards.iter();
    let mut presented =
        presented.filter(|one| scene.slice.resolve(normalise(&one.number)) == number);
    let presented = presented.next();
    let kind = state.and_then(|state| scene.rules.card_named(&state.kind));
    let presentation = presented.and_then(|one| one.presentation.as_deref());
    let proved = state.and_then(|state| scene.proof(presentation, state));
    let mut event = WatchEvent {
        balance: state.and_then(|state| scene.balance(state)),
        card: Some(number.to_owned()),
        confirmed: presented.map_or(Challenge::None, |one| one.confirmed),
        earned: of(points).map(|one| one.earned).unwrap_or_default(),
        number: Some(crate::slice::subject_of(number)),
        spent: of(points).map(|one| one.spent).unwrap_or_default(),
        stamps: of(stamps).map(|one| one.earned).unwrap_or_default(),
        strength: proved.or(presented.map(|one| match kind {
            Some(kind) => said(one.presented, kind),
            None => one.presented,
        })),
        ..base
    };
    scene.referral(number, &mut event);
    event
}

fn gift_spends(scene: &Scene<'_>, order: &Order, quote: &Quote) -> Vec<Watched> {
    let event = |paid: &crate::answer::GiftPayment| {
        let named = order.gift_cards.iter();
        let mut named =
            named.filter(|one| scene.slice.resolve(normalise(&one.number)) == paid.card);
        let given = named.next();
        let state = scene.slice.card(&paid.card);
        let presentation = given.and_then(|given| given.presentation.as_deref());
        let proved = state.and_then(|state| scene.proof(presentation, state));
        scene.judge(WatchEvent {
            amount: paid.amount,
            card: Some(paid.card.clone()),
            confirmed: given.map_or(Challenge::None, |given| given.confirmed),
            kind: WatchKind::GiftSpend,
            number: Some(crate::slice::subject_of(&paid.card)),
            strength: proved.or(Some(Presented::Static)),
            ..scene.base.clone()
        })
    };
    quote.gift_cards.iter().map(event).collect()
}

/// A code that nothing knows: its first four characters, and a hash of all of it.
fn hashed_code(code: &str) -> String {
    let code = code.trim().to_ascii_uppercase();
    let prefix: String = code.chars().take(4).collect();
    let hash: String = RecordHash::of(code.as_bytes()).to_string().chars().take(16).collect();
    format!("{prefix}:{hash}")
}

impl Draft<'_> {
    /// Shows the watch something that is no sale: the record keeps what it saw and made of it.
    pub fn show_watch(
        &mut self,
        place: &Place<'_>,
        tell: impl FnOnce(WatchEvent) -> WatchEvent,
    ) -> Option<Verdict> {
        let times = (self.at, self.request.at, self.request.offline_since);
        let scene = Scene::new(self.rules, self.slice, place, times)?;
        let mut event = tell(scene.base.clone());
        if event.kind == WatchKind::Issue {
            let mark = same_device(&scene, &event);
            event.marks.extend(mark);
        }
        let watched = scene.judge(event);
        let verdict = watched.verdict.clone();
        self.watched.push(watched);
        verdict
    }

    /// Refuses what would let value of a frozen card go another way.
    pub fn refuse_frozen(&self, card: &str, path: &str) -> Result<(), Error> {
        if !self.slice.watch_state().is_frozen(WatchSubject::Card, card) {
            return Ok(());
        }
        let message = format!("the card `{card}` is frozen; thaw it first");
        Err(Error::new(ErrorCode::WatchRefused, path, message))
    }

    /// The facts of what the watch saw.
    pub fn push_watched(&mut self) {
        for watched in std::mem::take(&mut self.watched) {
            let verdict = watched.verdict.as_ref();
            let frozen = verdict.map(|verdict| (verdict.freezes.clone(), verdict.shown.join(" ")));
            self.push(Effect::Watched(watched));
            for (subject, reason) in frozen
                .into_iter()
                .flat_map(|(all, why)| all.into_iter().map(move |s| (s, why.clone())))
            {
                let reason = Some(reason);
                self.push(Effect::WatchFrozen(WatchFrozen {
                    by: None,
                    frozen: true,
                    reason,
                    subject,
                }));
            }
        }
    }

    /// Shows the watch a sale that comes back, in part or as a whole.
    pub fn watch_return(&mut self, place: &Place<'_>, sale: &SaleState, told: &Returned<'_>) {
        let Some(quote) = sale.quote() else { return };
        let made = sale.completed().record.envelope.logical_at;
        let short = self.at.duration_since(made) <= SignedDuration::from_mins(SHORTLY_MINUTES);
        let had_spend = short && quote.points.iter().any(|points| points.spent.units > 0);
        let cashier = &sale.completed().record.envelope.cashier;
        let own = cashier.is_some() && cashier.as_ref() == place.cashier;
        let first = quote.points.first().map(|points| points.card.clone());
        let marks = [
            (had_spend, WatchMark::HadSpend),
            (own, WatchMark::OwnSale),
            (told.shortfall(), WatchMark::Shortfall),
            (told.to_gift_card, WatchMark::ToGiftCard),
        ];
        let kind = told.kind;
        let taken = told.points.iter().find(|one| Some(&one.card) == first.as_ref());
        let taken = taken.map(|one| one.clawed_back).unwrap_or_default();
        let mut reasons: Vec<ReasonCode> = told.reasons.iter().map(|one| one.code).collect();
        reasons.sort_unstable();
        reasons.dedup();
        self.show_watch(place, |base| {
            let mut event = WatchEvent {
                amount: told.amount,
                card: first,
                kind,
                reasons,
                spent: Amount { units: taken.units.abs(), ..taken },
                ..base
            };
            event.marks.extend(marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark));
            event
        });
        if kind == WatchKind::Void {
            for load in quote.loads.iter().filter(|load| load.asset == self.rules.currency()) {
                let (card, amount) = (load.card.clone(), load.amount);
                self.show_watch(place, |base| {
                    let mut event =
                        WatchEvent { amount, card: Some(card), kind, cashier: None, ..base };
                    event.marks.push(WatchMark::UnpaidLoad);
                    event
                });
            }
        }
    }
}

/// What came back of a sale.
pub(super) struct Returned<'a> {
    pub kind: WatchKind,
    pub amount: Amount,
    pub points: &'a [RefundedPoints],
    pub reasons: &'a [Reason],
    pub to_gift_card: bool,
}

impl Returned<'_> {
    /// Whether points that should have been taken back were spent already.
    fn shortfall(&self) -> bool {
        let short = [ReasonCode::RefundDebt, ReasonCode::RefundForgiven];
        self.reasons.iter().any(|reason| short.contains(&reason.code))
    }
}

/// Whether the card that brought a guest was seen with the same device.
fn same_device(scene: &Scene<'_>, event: &WatchEvent) -> Option<WatchMark> {
    let (device, from) = event.device.as_ref().zip(event.from.as_ref())?;
    let known = scene.slice.watch_state().has_device(device, from);
    known.then_some(WatchMark::SameDevice)
}
