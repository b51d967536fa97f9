//! Several tills that call one book, and a naive count of what was decided.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use kopilka::document::canonical;
use kopilka::*;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseResult;
use rust_decimal::Decimal;

use crate::offer::given_by;
use crate::order::opening;

pub const CARDS: [Option<&str>; 3] = [Some("1001"), Some("1002"), None];
const HOLD: i64 = 30;
const OFF: i64 = 1_000;

/// A limit, its subject, and its period.
type Key = (usize, String, String);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Used {
    uses: i64,
    money: i64,
    points: i64,
}

impl Used {
    fn add(&mut self, more: Used) {
        self.uses += more.uses;
        self.money += more.money;
        self.points += more.points;
    }
}

/// What comes to a till.
#[derive(Clone, Debug)]
pub struct Guest {
    pub card: usize,
    pub till: usize,
    pub store: Option<usize>,
    pub price: i64,
}

#[derive(Clone, Debug)]
pub enum Step {
    Quote(Guest),
    Sell(Guest),
    Reserve(Guest),
    Confirm(usize),
    Cancel(usize),
    Refund(usize, i64),
    Void(usize),
    Wait(i64),
}

pub fn steps() -> BoxedStrategy<Vec<Step>> {
    let store = prop::option::weighted(0.8, 0usize..2);
    let guest = (0usize..CARDS.len(), 0usize..3, store, 2_000i64..20_000)
        .prop_map(|(card, till, store, price)| Guest { card, till, store, price })
        .boxed();
    let sale = || 0usize..40;
    let share = prop_oneof![1i64..1_000, Just(1_000)];
    let step = prop_oneof![
        1 => guest.clone().prop_map(Step::Quote),
        3 => guest.clone().prop_map(Step::Sell),
        5 => guest.prop_map(Step::Reserve),
        4 => sale().prop_map(Step::Confirm),
        2 => sale().prop_map(Step::Cancel),
        2 => (sale(), share).prop_map(|(sale, share)| Step::Refund(sale, share)),
        1 => sale().prop_map(Step::Void),
        3 => prop_oneof![3 => 1i64..20, 2 => 20i64..60, 1 => 300i64..1_500].prop_map(Step::Wait),
    ];
    prop::collection::vec(step, 5..50).boxed()
}

pub fn limits() -> BoxedStrategy<Vec<Limit>> {
    let flag = || prop::bool::weighted(0.7);
    let give_back = (flag(), flag(), flag()).prop_map(|(cancel, refund, void)| GiveBack {
        cancel,
        refund,
        void,
    });
    let per = select(vec![LimitPer::Programme, LimitPer::Card, LimitPer::Store, LimitPer::Till]);
    let period = select(vec![LimitPeriod::Ever, LimitPeriod::Day, LimitPeriod::Receipt]);
    let covers = select(vec![vec!["ten"], vec!["ten"], vec!["earn"], vec!["ten", "earn"]]);
    let most =
        (prop::option::of(1u32..5), prop::option::of(500i64..6_000), prop::option::of(10i64..300));
    let remainder = select(vec![Remainder::Trim, Remainder::Refuse]);
    let limit = (covers, most, per, period, remainder, give_back).prop_map(
        |(covers, (uses, money, points), per, period, remainder, give_back)| {
            let money = money.filter(|_| covers.contains(&"ten"));
            let points = points.filter(|_| covers.contains(&"earn"));
            let uses = uses.or((money.is_none() && points.is_none()).then_some(2));
            Limit {
                covers: covers.into_iter().map(Into::into).collect(),
                give_back,
                money: money.map(|money| Decimal::new(money, 2)),
                per,
                period,
                points: points.map(Decimal::from),
                remainder,
                uses,
                ..Limit::default()
            }
        },
    );
    prop::collection::vec(limit, 1..4)
        .prop_map(|limits| {
            let limits = limits.into_iter().enumerate();
            limits.map(|(id, limit)| Limit { id: format!("l{id}"), ..limit }).collect()
        })
        .boxed()
}

pub fn program(limits: &[Limit]) -> Program {
    let off = AmountOff { amount: Decimal::new(OFF, 2), each: Each::Selection };
    let ten = Promotion { id: "ten".into(), then: Then::Amount(off), ..Promotion::default() };
    let per = PerAmount { amount: 1.into(), points: 1.into(), count: Count::Whole };
    let earn = EarningRule { id: "earn".into(), give: Give::Per(per), ..EarningRule::default() };
    let document = ProgramDocument {
        id: "shop".into(),
        currency: "RUB".into(),
        zone: "Europe/Moscow".into(),
        points: vec![Points { id: "bonus".into(), ..Points::default() }],
        cards: vec![CardKind {
            id: "bonus".into(),
            numbers: vec![NumberRange { length_max: 4, ..NumberRange::default() }],
            ..CardKind::default()
        }],
        earning: Earning { rules: vec![earn], ..Earning::default() },
        limits: limits.to_vec(),
        promotions: vec![ten],
        ..ProgramDocument::default()
    };
    Program::compile(&canonical(&document)).unwrap()
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Reserved,
    Confirmed,
    Gone,
}

/// A sale as the naive count knows it.
#[derive(Clone, Debug)]
struct Sale {
    token: String,
    guest: Guest,
    day: String,
    until: i64,
    state: State,
    paid: i64,
    back: i64,
    off: i64,
    usage: Vec<(Key, Used)>,
}

/// The tills' calls and the count side by side.
pub struct Tills {
    pub book: Book,
    limits: Vec<Limit>,
    /// Minutes since the beginning.
    now: i64,
    calls: usize,
    counted: BTreeMap<Key, Used>,
    sales: Vec<Sale>,
    /// What late confirms counted beyond what was decided.
    late: BTreeSet<Key>,
}

fn instant(minutes: i64) -> Timestamp {
    opening() + SignedDuration::from_mins(minutes)
}

impl Tills {
    pub fn new(limits: &[Limit]) -> Tills {
        let mut book = Book::new("till-1", program(limits)).unwrap();
        for number in CARDS.into_iter().flatten() {
            let issue = Issue { card: number.into(), ..Issue::default() };
            let request = Request::new(opening(), Command::Issue(issue)).with_key(number);
            book.call(&request).unwrap();
        }
        let (counted, late) = (BTreeMap::new(), BTreeSet::new());
        let limits = limits.to_vec();
        Tills { book, limits, now: 0, calls: 0, counted, sales: Vec::new(), late }
    }

    fn day(&self) -> String {
        let zone = jiff::tz::TimeZone::get("Europe/Moscow").unwrap();
        instant(self.now).to_zoned(zone).date().to_string()
    }

    /// What is used of a limit now, by everybody but one sale.
    fn used(&self, key: &Key, but: Option<usize>) -> Used {
        let mut used = self.counted.get(key).copied().unwrap_or_default();
        for (place, sale) in self.sales.iter().enumerate() {
            let holds = sale.state == State::Reserved && sale.until > self.now;
            if holds && but != Some(place) {
                let own = sale.usage.iter().filter(|(other, _)| other == key);
                own.for_each(|(_, usage)| used.add(*usage));
            }
        }
        used
    }

    fn key(&self, limit: usize, guest: &Guest, day: &str) -> Option<Key> {
        let Limit { per, period, .. } = &self.limits[limit];
        let subject = match per {
            LimitPer::Programme => String::new(),
            LimitPer::Card => CARDS[guest.card]?.into(),
            LimitPer::Store => format!("s{}", guest.store?),
            LimitPer::Till => format!("t{}", guest.till),
            other => panic!("no limit here is per {other:?}"),
        };
        let period = if *period == LimitPeriod::Day { day.into() } else { String::new() };
        Some((limit, subject, period))
    }

    /// How much a rule may give of what it would, in the order of the document.
    fn allowed(
        &self,
        rule: &str,
        wish: (i64, i64),
        (guest, day): (&Guest, &str),
        receipt: &BTreeMap<Key, Used>,
        but: Option<usize>,
    ) -> (i64, i64) {
        let (mut money, mut points) = wish;
        for (place, limit) in self.limits.iter().enumerate() {
            if !limit.covers.iter().any(|covered| covered == rule) {
                continue;
            }
            let Some(key) = self.key(place, guest, day) else { return (0, 0) };
            let mut used = match limit.period {
                LimitPeriod::Receipt => Used::default(),
                _ => self.used(&key, but),
            };
            let own = receipt.get(&key).copied();
            used.add(own.unwrap_or_default());
            let cents = limit.money.map(|most| i64::try_from(most.mantissa()).unwrap());
            let most = limit.points.map(|most| i64::try_from(most.mantissa()).unwrap());
            let left = |most: Option<i64>, used: i64| most.map_or(i64::MAX, |most| most - used);
            let (money_left, points_left) = (left(cents, used.money), left(most, used.points));
            let no_use =
                own.is_none() && limit.uses.is_some_and(|most| used.uses >= i64::from(most));
            if no_use || (money > 0 && money_left <= 0) || (points > 0 && points_left <= 0) {
                return (0, 0);
            }
            if money > money_left || points > points_left {
                if limit.remainder == Remainder::Refuse {
                    return (0, 0);
                }
                (money, points) = (money.min(money_left), points.min(points_left));
            }
        }
        (money, points)
    }

    /// The discount, the points, and what limits count of a receipt. A reserved one keeps its
    /// discount.
    fn decide(
        &self,
        guest: &Guest,
        day: &str,
        resumed: Option<(usize, i64)>,
    ) -> (i64, i64, BTreeMap<Key, Used>) {
        let mut receipt = BTreeMap::new();
        let but = resumed.map(|(sale, _)| sale);
        let note = |receipt: &mut BTreeMap<Key, Used>, rule: &str, money, points| {
            for (place, limit) in self.limits.iter().enumerate() {
                let covered = limit.covers.iter().any(|covered| covered == rule);
                if let Some(key) = self.key(place, guest, day).filter(|_| covered) {
                    let counts_points = limit.covers.iter().any(|covered| covered == "earn");
                    let points = if counts_points { points } else { 0 };
                    let used: &mut Used = receipt.entry(key).or_default();
                    used.add(Used { uses: 0, money, points });
                    used.uses = 1;
                }
            }
        };
        let off = match resumed {
            Some((_, off)) => off,
            None => self.allowed("ten", (OFF, 0), (guest, day), &receipt, but).0,
        };
        if off > 0 {
            note(&mut receipt, "ten", off, 0);
        }
        let mut points = 0;
        if CARDS[guest.card].is_some() {
            let wish = (guest.price - off) / 100;
            points = self.allowed("earn", (0, wish), (guest, day), &receipt, but).1;
        }
        if points > 0 {
            note(&mut receipt, "earn", 0, points);
        }
        receipt.retain(|(limit, _, _), _| self.limits[*limit].period != LimitPeriod::Receipt);
        (off, points, receipt)
    }

    fn order(guest: &Guest) -> Order {
        Order {
            cards: CARDS[guest.card].into_iter().map(PresentedCard::from).collect(),
            lines: vec![Line::new("1", Decimal::new(guest.price, 2))],
            store: guest.store.map(|store| format!("s{store}")),
            till: Some(format!("t{}", guest.till)),
            ..Order::default()
        }
    }

    fn call(&mut self, command: Command) -> Result<Answer, Error> {
        self.calls += 1;
        let key = format!("key-{}", self.calls);
        self.book.call(&Request::new(instant(self.now), command).with_key(key))
    }

    fn check(&self, quote: &Quote, expected: &(i64, i64, BTreeMap<Key, Used>)) -> TestCaseResult {
        let (off, points, usage) = expected;
        prop_assert_eq!(given_by(quote, Stage::Promotion, "ten"), *off);
        let earned: i64 = quote.points.iter().map(|one| one.earned.units).sum();
        prop_assert_eq!(earned, *points);
        let told = quote.limits.iter().map(|own| {
            let limit = own.limit[1..].parse().unwrap();
            let key: Key = (limit, own.subject.clone(), own.period.clone());
            let used = Used { uses: own.uses, money: own.money.units, points: own.points.units };
            (key, used)
        });
        prop_assert_eq!(&told.collect::<BTreeMap<_, _>>(), usage);
        Ok(())
    }

    /// No limit is exceeded but by what late confirms counted.
    fn check_limits(&self) -> TestCaseResult {
        let held = self.sales.iter().flat_map(|sale| &sale.usage).map(|(key, _)| key);
        let keys: BTreeSet<&Key> = self.counted.keys().chain(held).collect();
        for key in keys.into_iter().filter(|key| !self.late.contains(key)) {
            let (used, limit) = (self.used(key, None), &self.limits[key.0]);
            let within = |used: i64, most: Option<i64>| most.is_none_or(|most| used <= most);
            let units = |most: Decimal| i64::try_from(most.mantissa()).unwrap();
            let sound = within(used.uses, limit.uses.map(i64::from))
                && within(used.money, limit.money.map(units))
                && within(used.points, limit.points.map(units));
            prop_assert!(sound, "{:?} of {:?}", used, limit);
            prop_assert!(used.uses >= 0 && used.money >= 0 && used.points >= 0, "{:?}", used);
        }
        Ok(())
    }

    fn count(&mut self, usage: &[(Key, Used)]) {
        for (key, used) in usage {
            self.counted.entry(key.clone()).or_default().add(*used);
        }
    }

    fn open(&mut self, guest: &Guest, state: State) -> TestCaseResult {
        let day = self.day();
        let expected = self.decide(guest, &day, None);
        let order = Self::order(guest);
        let command = match state {
            State::Reserved => {
                let hold_minutes = Some(u32::try_from(HOLD).unwrap());
                Command::Reserve(ReserveOrder { order, hold_minutes, ..ReserveOrder::default() })
            }
            _ => Command::Sell(SellOrder { order, ..SellOrder::default() }),
        };
        let Answer::Sale(sale) = self.call(command).unwrap() else { panic!("not a sale") };
        let quote = sale.quote.unwrap();
        self.check(&quote, &expected)?;
        let usage: Vec<(Key, Used)> = expected.2.into_iter().collect();
        if state == State::Confirmed {
            self.count(&usage);
        }
        self.sales.push(Sale {
            token: sale.token.unwrap(),
            guest: guest.clone(),
            day,
            until: self.now + HOLD,
            state,
            paid: quote.totals.payable.units,
            back: 0,
            off: expected.0,
            usage,
        });
        Ok(())
    }

    fn confirm(&mut self, place: usize) -> TestCaseResult {
        let sale = self.sales[place].clone();
        let command = Command::Confirm(Confirm { token: sale.token, ..Confirm::default() });
        let late = sale.until <= self.now;
        let expected = self.decide(&sale.guest, &sale.day, Some((place, sale.off)));
        let Answer::Sale(answer) = self.call(command).unwrap() else { panic!("not a sale") };
        let told = answer.reasons.iter().any(|why| why.code == ReasonCode::ConfirmLate);
        prop_assert_eq!(told, late);
        let quote = answer.quote.unwrap();
        self.check(&quote, &expected)?;
        let usage: Vec<(Key, Used)> = expected.2.into_iter().collect();
        self.count(&usage);
        if late {
            self.late.extend(usage.iter().map(|(key, _)| key.clone()));
        }
        let sale = &mut self.sales[place];
        (sale.state, sale.usage) = (State::Confirmed, usage);
        Ok(())
    }

    fn cancel(&mut self, place: usize) {
        let token = self.sales[place].token.clone();
        self.call(Command::Cancel(Cancel { token, ..Cancel::default() })).unwrap();
        let usage = self.sales[place].usage.clone();
        self.sales[place].state = State::Gone;
        let kept = usage.into_iter().filter(|(key, _)| !self.limits[key.0].give_back.cancel);
        let kept: Vec<(Key, Used)> = kept.collect();
        // What a cancel counts whose hold had run out may be beyond the limit as a late confirm is.
        if self.sales[place].until <= self.now {
            self.late.extend(kept.iter().map(|(key, _)| key.clone()));
        }
        self.count(&kept);
    }

    /// Gives back a part of the money in thousandths, or all of it.
    fn refund(&mut self, place: usize, share: i64) -> TestCaseResult {
        let Sale { token, paid, back, usage, .. } = self.sales[place].clone();
        let money = (paid - back) * share / 1_000;
        if money == 0 {
            return Ok(());
        }
        let amount = (share < 1_000).then(|| Decimal::new(money, 2));
        let token = Some(token);
        let answer = self.call(Command::Refund(Refund { amount, token, ..Refund::default() }));
        let Answer::Refund(answer) = answer.unwrap() else { panic!("not a refund") };
        prop_assert_eq!(answer.money.units, money);
        let (before, after) = (back, back + money);
        let moved = |whole: i64| whole * before / paid - whole * after / paid;
        let gives = usage.iter().filter(|(key, _)| self.limits[key.0].give_back.refund);
        let given = gives.map(|(key, used)| {
            let uses = if after == paid { -used.uses } else { 0 };
            let (money, points) = (moved(used.money), moved(used.points));
            (key.clone(), Used { uses, money, points })
        });
        let given: Vec<(Key, Used)> = given.collect();
        self.count(&given);
        let sale = &mut self.sales[place];
        sale.back = after;
        if after == paid {
            sale.state = State::Gone;
        }
        Ok(())
    }

    fn void(&mut self, place: usize) {
        let token = self.sales[place].token.clone();
        self.call(Command::Void(Void { token, ..Void::default() })).unwrap();
        self.sales[place].state = State::Gone;
        let gives = |key: &Key| self.limits[key.0].give_back.void;
        let usage = self.sales[place].usage.iter().filter(|(key, _)| gives(key));
        let given = usage.map(|(key, used)| {
            let Used { uses, money, points } = *used;
            (key.clone(), Used { uses: -uses, money: -money, points: -points })
        });
        let given: Vec<(Key, Used)> = given.collect();
        self.count(&given);
    }

    pub fn take(&mut self, step: &Step) -> TestCaseResult {
        let sale = |sale: usize, state: State| {
            let fits: Vec<usize> =
                (0..self.sales.len()).filter(|place| self.sales[*place].state == state).collect();
            (!fits.is_empty()).then(|| fits[sale % fits.len()])
        };
        match step {
            Step::Quote(guest) => {
                let expected = self.decide(guest, &self.day(), None);
                let order = Self::order(guest);
                let answer = self.call(Command::Quote(QuoteOrder { order })).unwrap();
                let Answer::Quote(quote) = answer else { panic!("not a quote") };
                self.check(&quote, &expected)?;
            }
            Step::Sell(guest) => self.open(guest, State::Confirmed)?,
            Step::Reserve(guest) => self.open(guest, State::Reserved)?,
            Step::Confirm(number) => {
                if let Some(place) = sale(*number, State::Reserved) {
                    self.confirm(place)?;
                }
            }
            Step::Cancel(number) => {
                if let Some(place) = sale(*number, State::Reserved) {
                    self.cancel(place);
                }
            }
            Step::Refund(number, share) => {
                if let Some(place) = sale(*number, State::Confirmed) {
                    self.refund(place, *share)?;
                }
            }
            Step::Void(number) => {
                let place = sale(*number, State::Confirmed);
                if let Some(place) = place.filter(|place| self.sales[*place].back == 0) {
                    self.void(place);
                }
            }
            Step::Wait(minutes) => self.now += minutes,
        }
        self.check_limits()
    }
}
