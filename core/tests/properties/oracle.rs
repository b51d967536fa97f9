//! What the documents say, computed anew with plain fractions and no call into the engine.

use kopilka::*;
use rust_decimal::Decimal;

use crate::order::Case;

pub fn thousandths(quantity: Decimal) -> i128 {
    scaled(quantity, 3)
}

/// A decimal as a whole count of 10^−digits; it must be one.
pub fn scaled(value: Decimal, digits: u32) -> i128 {
    let plain = value.normalize();
    assert!(plain.scale() <= digits, "{value} has more than {digits} decimals");
    plain.mantissa() * 10i128.pow(digits - plain.scale())
}

/// Rounds a fraction with a denominator above zero.
pub fn round(numerator: i128, denominator: i128, rounding: Rounding) -> i64 {
    let floor = numerator.div_euclid(denominator);
    let twice = 2 * numerator.rem_euclid(denominator);
    let up = match rounding {
        Rounding::Floor => false,
        Rounding::Ceil => twice > 0,
        Rounding::HalfUp => twice > denominator || (twice == denominator && numerator > 0),
        Rounding::HalfEven => twice > denominator || (twice == denominator && floor % 2 != 0),
    };
    i64::try_from(floor + i128::from(up)).unwrap()
}

/// Price × quantity, rounded half up (away from zero) to money.
pub fn line_amount(line: &Line, digits: u32) -> i64 {
    money(line.price, line.quantity, digits)
}

pub fn money(price: Decimal, quantity: Decimal, digits: u32) -> i64 {
    let product = scaled(price, 6) * thousandths(quantity);
    round(product, 10i128.pow(9 - digits), Rounding::HalfUp)
}

/// What a condition comes to: `None` where the line does not say what it asks for.
pub fn holds(condition: &LineCondition, line: &Line) -> Option<bool> {
    let within = |between: &Between, value: Decimal| {
        between.from.is_none_or(|from| from <= value) && between.to.is_none_or(|to| value <= to)
    };
    let one_of = |words: &[String], word: &Option<String>| word.as_ref().map(|w| words.contains(w));
    match condition {
        LineCondition::All(parts) => all(parts.iter().map(|part| holds(part, line))),
        LineCondition::Any(parts) => any(parts.iter().map(|part| holds(part, line))),
        LineCondition::Not(part) => holds(part, line).map(|holds| !holds),
        LineCondition::Attribute(is) => {
            let own = || line.attributes.iter().filter(|own| own.name == is.name);
            own().next().map(|_| own().any(|own| is.values.contains(&own.value)))
        }
        LineCondition::Category(words) => one_of(words, &line.category),
        LineCondition::Kind(kinds) => Some(kinds.contains(&line.kind)),
        LineCondition::Quantity(between) => Some(within(between, line.quantity)),
        LineCondition::Sku(words) => one_of(words, &line.sku),
        LineCondition::Tag(words) => Some(line.tags.iter().any(|tag| words.contains(tag))),
        LineCondition::UnitPrice(between) => Some(within(between, line.price)),
    }
}

/// False if a part is false, else unknown if one is, else true.
fn all(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let parts: Vec<Option<bool>> = parts.collect();
    if parts.contains(&Some(false)) {
        Some(false)
    } else {
        parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true)
    }
}

/// True if a part is true, else unknown if one is, else false.
fn any(parts: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    all(parts.map(|part| part.map(|holds| !holds))).map(|none| !none)
}

impl Case {
    /// Whether a line is kept out of a stage by itself or by the programme.
    pub fn is_excluded(&self, line: &Line, stage: Stage) -> bool {
        let exclusions = self.program.exclusions.iter();
        let mut listed = exclusions.filter(|e| e.from.contains(&stage));
        let unknown = |e: &Exclusion| e.unknown == UnknownLine::Excluded;
        let excluded = |e: &Exclusion| holds(&e.lines, line).unwrap_or_else(|| unknown(e));
        line.excluded_from.contains(&stage) || listed.any(excluded)
    }

    /// Whether a line takes part in a stage of a rule with its kinds and its own condition.
    pub fn takes_part(
        &self,
        line: &Line,
        stage: Stage,
        kinds: &[LineKind],
        own: Option<&LineCondition>,
    ) -> bool {
        line_amount(line, self.digits()) > 0
            && kinds.contains(&line.kind)
            && !self.is_excluded(line, stage)
            && own.is_none_or(|own| holds(own, line) == Some(true))
    }

    /// 24 October, or the day of `paid_at`, in Moscow.
    pub fn day(&self) -> String {
        let paid = self.order.paid_at.unwrap_or(crate::order::after(1));
        paid.to_zoned(jiff::tz::TimeZone::get("Europe/Moscow").unwrap()).date().to_string()
    }

    /// What must stay due on a line, in the order's money. A floor of the programme is exact only
    /// in the programme's own currency; in another it may be a unit off for each rounding.
    pub fn floor(&self, line: &Line) -> i64 {
        let digits = self.digits();
        let mut floor = line.floor.map_or(0, |floor| money(floor, line.quantity, digits));
        let day = self.day();
        for listed in &self.program.floors {
            let begun = listed.from.as_ref().is_none_or(|from| *from <= day);
            let lasts = listed.until.as_ref().is_none_or(|until| day <= *until);
            if begun && lasts && holds(&listed.lines, line) == Some(true) {
                let whole = scaled(listed.price, 6) * thousandths(line.quantity);
                let (over, under) = self.rate_of_own();
                let price = round(whole * over, 10i128.pow(9 - digits) * under, Rounding::HalfUp);
                floor = floor.max(price);
            }
        }
        if self.program.allocation.zero_price {
            return floor;
        }
        let begun = (thousandths(line.quantity) + 999) / 1000;
        floor.max(i64::try_from(begun).unwrap())
    }

    /// How much of the order's currency one of the programme's is worth, both in whole units.
    pub fn rate_of_own(&self) -> (i128, i128) {
        match self.order.rate {
            None => (1, 1),
            Some(rate) => (1_000_000_000, scaled(rate, 9)),
        }
    }

    /// The order's smallest units as the programme's, rounded half up.
    pub fn to_own(&self, units: i64) -> i64 {
        let Some(rate) = self.order.rate else { return units };
        let own = u32::from(currency_digits(&self.program.currency).unwrap());
        let product = i128::from(units) * scaled(rate, 9) * 10i128.pow(own);
        round(product, 10i128.pow(9 + self.digits()), Rounding::HalfUp)
    }

    /// The presented cards that can be used, in order.
    pub fn usable(&self) -> Vec<&Issue> {
        let find = |card: &PresentedCard| self.cards.iter().find(|i| i.card == card.number);
        self.order.cards.iter().filter_map(find).collect()
    }

    pub fn kind_of(&self, issue: &Issue) -> &CardKind {
        let fits = |kind: &&CardKind| {
            kind.numbers.iter().any(|range| issue.card.starts_with(&range.prefix))
        };
        self.program.cards.iter().find(fits).unwrap()
    }

    /// The first usable card that holds these points.
    pub fn holder(&self, points: &str) -> Option<&Issue> {
        let held = |card: &&Issue| self.kind_of(card).points.as_deref() == Some(points);
        self.usable().into_iter().find(held)
    }

    pub fn points(&self, id: &str) -> &Points {
        self.program.points.iter().find(|points| points.id == id).unwrap()
    }

    pub fn is_gold(&self, issue: &Issue) -> bool {
        issue.spent.unwrap_or_default() >= Decimal::from(5_000)
    }
}

/// Divides in proportion by largest remainder: ties to the larger part, then to the earlier.
pub fn divide(total: i64, parts: &[i64]) -> Vec<i64> {
    let whole: i128 = parts.iter().map(|&part| i128::from(part)).sum();
    if whole == 0 {
        return vec![0; parts.len()];
    }
    let exact = |part: i64| i128::from(total) * i128::from(part);
    let mut shares: Vec<i64> =
        parts.iter().map(|&part| i64::try_from(exact(part) / whole).unwrap()).collect();
    let left = total - shares.iter().sum::<i64>();
    let mut places: Vec<usize> = (0..parts.len()).collect();
    places.sort_by_key(|&place| {
        (-(exact(parts[place]) % whole), -parts[place], i64::try_from(place).unwrap())
    });
    for &place in places.iter().take(usize::try_from(left).unwrap()) {
        shares[place] += 1;
    }
    shares
}

/// The sum of the discounts of one stage on a line.
pub fn stage_of(line: &LineQuote, stage: Stage) -> i64 {
    let discounts = line.discounts.iter().filter(|discount| discount.stage == stage);
    discounts.map(|discount| discount.amount.units).sum()
}

/// The money that points pay of a line, however it is shown.
pub fn points_money(line: &LineQuote) -> i64 {
    stage_of(line, Stage::Points) + line.counter_provision.units
}

/// The points that each rule gives before `matching`, as `docs/receipt.md` says.
pub fn rules_give(case: &Case, quote: &Quote) -> Vec<Option<i64>> {
    let earning = &case.program.earning;
    let tenders = case.order.tenders.iter();
    let tenders = tenders.filter(|tender| earning.lowered_by_tenders.contains(&tender.kind));
    let paid: i128 = tenders.map(|tender| scaled(tender.amount, case.digits())).sum();
    let dues: Vec<i64> = quote.lines.iter().map(|line| line.due.units.max(0)).collect();
    let payable = quote.lines.iter().map(|line| line.due.units).sum::<i64>().max(0);
    let paid = i64::try_from(paid).unwrap().min(payable);
    let shares = divide(paid, &dues);
    let base_of = |rule: &EarningRule| {
        let mut base = Base::default();
        let mut any = false;
        for ((line, sold), share) in case.live_lines().into_iter().zip(&quote.lines).zip(&shares) {
            let own = rule.lines.as_ref();
            if !case.takes_part(line, Stage::Earning, &earning.kinds, own) {
                continue;
            }
            any = true;
            let mut left = sold.amount.units - share;
            for stage in &earning.lowered_by {
                left -= match stage {
                    Stage::Points => points_money(sold),
                    stage => stage_of(sold, *stage),
                };
            }
            base.money += left.max(0);
            base.quantity += if left > 0 { thousandths(line.quantity) } else { 0 };
        }
        any.then(|| Base { money: case.to_own(base.money), ..base })
    };
    earning.rules.iter().map(|rule| give(case, rule, base_of(rule)?)).collect()
}

/// What a rule earns on: money in the programme's currency, and thousandths of what is paid.
#[derive(Default)]
struct Base {
    money: i64,
    quantity: i128,
}

fn give(case: &Case, rule: &EarningRule, base: Base) -> Option<i64> {
    let Base { money: base, quantity } = base;
    let own = u32::from(currency_digits(&case.program.currency).unwrap());
    let points = case.points(rule.points.as_deref().unwrap());
    let card = case.holder(&points.id)?;
    if rule.when.as_ref().is_some_and(|when| is_met(case, when) != Some(true)) {
        return None;
    }
    if rule.since.as_ref().is_some_and(|since| *since > case.day()) {
        return None;
    }
    if rule.minimum.is_some_and(|minimum| i128::from(base) < scaled(minimum, own)) {
        return None;
    }
    let unit = u32::from(points.digits);
    // Base in whole money over the value of a point, times the percentage.
    let by_percent = |percent: Decimal| {
        let over = i128::from(base) * scaled(percent, 7) * 10i128.pow(unit);
        let under = scaled(points.value, 9) * 10i128.pow(own);
        round(over, under, rule.rounding)
    };
    let units = match &rule.give {
        Give::Percent(percent) => by_percent(*percent),
        Give::PercentByTier(steps) => {
            let tier = if case.is_gold(card) { "gold" } else { "base" };
            let step = steps.iter().find(|step| step.tier == tier);
            by_percent(step.map_or(Decimal::ZERO, |step| step.percent))
        }
        Give::Per(per) => {
            let (amount, each) = (scaled(per.amount, own), scaled(per.points, unit));
            match per.count {
                Count::Whole => i64::try_from(i128::from(base) / amount * each).unwrap(),
                Count::Proportional => round(i128::from(base) * each, amount, rule.rounding),
            }
        }
        Give::PerUnit(points) => round(scaled(*points, unit) * quantity, 1000, rule.rounding),
        Give::PerVisit(points) => i64::try_from(scaled(*points, unit)).unwrap(),
        Give::Multiply(_) => panic!("no programme here multiplies"),
    };
    let cap = rule.cap.map_or(i64::MAX, |cap| i64::try_from(scaled(cap, unit)).unwrap());
    if units > cap && rule.cap_mode == CapMode::Reject {
        return None;
    }
    Some(units.min(cap)).filter(|&units| units > 0)
}

fn is_met(case: &Case, when: &OrderCondition) -> Option<bool> {
    match when {
        OrderCondition::All(parts) => all(parts.iter().map(|part| is_met(case, part))),
        OrderCondition::Any(parts) => any(parts.iter().map(|part| is_met(case, part))),
        OrderCondition::Not(part) => is_met(case, part).map(|met| !met),
        OrderCondition::Amount(between) => {
            let lines = case.live_lines().into_iter();
            let sum: i64 = lines.map(|line| line_amount(line, case.digits())).sum();
            let own = u32::from(currency_digits(&case.program.currency).unwrap());
            let amount = Decimal::new(case.to_own(sum), own);
            Some(between.from.is_none_or(|from| from <= amount))
        }
        OrderCondition::Card(ids) => {
            Some(case.usable().iter().any(|card| ids.contains(&case.kind_of(card).id)))
        }
        OrderCondition::Channel(ids) => {
            case.order.channel.as_ref().map(|channel| ids.contains(channel))
        }
        OrderCondition::Lines(LinesTotal { amount: None, lines, quantity: None }) => {
            any(case.live_lines().into_iter().map(|line| holds(lines, line)))
        }
        OrderCondition::Tender(kinds) => {
            let tenders = &case.order.tenders;
            let known = !tenders.is_empty();
            known.then(|| tenders.iter().any(|tender| kinds.contains(&tender.kind)))
        }
        OrderCondition::Tier(tiers) => case.usable().first().map(|card| {
            tiers.contains(&(if case.is_gold(card) { "gold" } else { "base" }).to_owned())
        }),
        other => panic!("no programme here asks for {other:?}"),
    }
}

/// Which rules count in the end.
pub fn matching(case: &Case, given: &[Option<i64>]) -> Vec<Option<i64>> {
    let rules = &case.program.earning.rules;
    // Points of different kinds are compared by what they are worth.
    let worth = |place: usize| {
        let points = case.points(rules[place].points.as_deref().unwrap());
        let units = i128::from(given[place].unwrap_or(0));
        units * scaled(points.value, 9) * 10i128.pow(6 - u32::from(points.digits))
    };
    let giving: Vec<usize> = (0..given.len()).filter(|&place| given[place].is_some()).collect();
    let kept = match case.program.earning.matching {
        Matching::Sum => return given.to_vec(),
        Matching::First => giving.first().copied(),
        Matching::Best => giving.iter().copied().min_by_key(|&place| (-worth(place), place)),
        // Dates as texts stand in the order of time; `None` is the oldest.
        Matching::Newest => {
            giving.iter().copied().max_by_key(|&place| (&rules[place].since, place))
        }
    };
    let keep = |(place, units): (usize, &Option<i64>)| units.filter(|_| Some(place) == kept);
    given.iter().enumerate().map(keep).collect()
}
