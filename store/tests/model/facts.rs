//! What records say, read from their JSON alone, and sums over them that hang on no order.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A record as it was exported.
#[derive(Debug)]
pub struct Fact {
    pub id: String,
    pub chain: (String, u64),
    pub sequence: u64,
    pub hash: String,
    pub text: String,
    pub at: Timestamp,
    pub logical: Timestamp,
    pub verb: String,
    pub body: Value,
}

pub fn sha256(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_else(|| panic!("no text `{name}` in {value}"))
}

pub fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().map_or(&[], Vec::as_slice)
}

pub fn instant(value: &Value) -> Option<Timestamp> {
    value.as_str().map(|text| text.parse().unwrap())
}

/// An amount in hundredths, whatever its decimals.
pub fn amount(value: &Value) -> i128 {
    let Some(text) = value.as_str() else { return 0 };
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    assert!(part.len() <= 2, "{text} has more than two decimals");
    let hundredths: i128 = format!("{part:0<2}").parse().unwrap();
    sign * (whole.parse::<i128>().unwrap() * 100 + hundredths)
}

impl Fact {
    pub fn read(text_of: &str, hash: &str) -> Fact {
        let body: Value = serde_json::from_str(text_of).unwrap();
        let envelope = &body["envelope"];
        let (till, incarnation) =
            (text(envelope, "till"), envelope["incarnation"].as_u64().unwrap());
        let sequence = envelope["sequence"].as_u64().unwrap();
        Fact {
            id: format!("{till}.{incarnation}.{sequence}"),
            chain: (till.to_owned(), incarnation),
            sequence,
            hash: hash.to_owned(),
            text: text_of.to_owned(),
            at: instant(&envelope["at"]).unwrap(),
            logical: instant(&envelope["logical_at"]).unwrap(),
            verb: text(envelope, "verb").to_owned(),
            body,
        }
    }

    pub fn envelope(&self) -> &Value {
        &self.body["envelope"]
    }

    /// The facts of the record by name.
    pub fn effects(&self) -> impl Iterator<Item = (&str, &Value)> {
        list(&self.body, "effects").iter().flat_map(|effect| {
            effect.as_object().unwrap().iter().map(|(name, body)| (name.as_str(), body))
        })
    }

    /// The facts of one name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f Value> {
        self.effects().filter(move |(own, _)| *own == name).map(|(_, body)| body)
    }

    /// Whether it completed a sale whose hold had run out, so that what was held may be gone.
    pub fn is_late(&self) -> bool {
        self.all("sale_confirmed").any(|confirmed| confirmed["late"] == true)
    }
}

/// A card and what it holds.
pub type Purse = (String, String);

#[derive(Clone, Debug, Default)]
pub struct Lot {
    pub opened: i128,
    /// Everything that moved since, by why.
    pub moved: BTreeMap<String, i128>,
    pub remaining: i128,
    /// What was written off as it ended, less what was taken back of that.
    pub written_off: i128,
    pub earned: Option<Timestamp>,
    pub opens: Option<Timestamp>,
    pub ends: Option<Timestamp>,
    /// The tills that moved anything of it.
    pub tills: BTreeSet<String>,
}

impl Lot {
    pub fn is_open(&self, now: Timestamp) -> bool {
        !self.has_ended(now) && self.opens.or(self.earned).is_none_or(|opens| opens <= now)
    }

    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }

    /// What was written off although it was no longer there.
    pub fn excess(&self) -> i128 {
        self.written_off.min(-self.remaining).max(0)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Hold {
    /// By lot.
    pub parts: BTreeMap<String, i128>,
    pub until: Option<Timestamp>,
    pub placed: u32,
    pub ended: u32,
}

impl Hold {
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.placed > self.ended && self.until.is_some_and(|until| until > now)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Sale {
    /// The receipt as it stands.
    pub quote: Arc<Value>,
    pub opened_by: String,
    /// Since when the ledger was offline that opened it.
    pub offline_since: Option<String>,
    pub hold_until: Option<Timestamp>,
    pub confirmed: u32,
    pub cancelled: u32,
    pub voided: u32,
    /// How often it was divided or joined: other sales hold its lines.
    pub regrouped: u32,
    /// The version of the programme under which it began.
    pub version: String,
    /// By line: money in hundredths and quantity in thousandths that came back.
    pub back: BTreeMap<String, (i128, i128)>,
    pub restored: BTreeMap<Purse, i128>,
    /// What gift cards got back.
    pub tendered_back: i128,
    /// The tills that gave anything back.
    pub tills: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Coupon {
    pub uses: i128,
    pub used: i128,
}

/// What a set of records adds up to.
#[derive(Clone, Debug, Default)]
pub struct Sums {
    /// By kind of points and account.
    pub accounts: BTreeMap<(String, String), i128>,
    pub lots: BTreeMap<Purse, BTreeMap<String, Lot>>,
    pub debts: BTreeMap<Purse, i128>,
    /// By sale and purse.
    pub holds: BTreeMap<(String, Purse), Hold>,
    pub sales: BTreeMap<String, Sale>,
    pub coupons: BTreeMap<String, Coupon>,
    /// By limit, subject and period: uses and points.
    pub limits: BTreeMap<(String, String, String), (i128, i128)>,
    /// Entries let in, by card.
    pub admitted: BTreeMap<String, i128>,
    pub programs: BTreeSet<String>,
    pub cards: BTreeSet<String>,
    pub chains: BTreeSet<(String, u64)>,
    /// The latest logical instant.
    pub newest: Option<Timestamp>,
}

fn purse(body: &Value) -> Purse {
    (text(body, "card").to_owned(), text(body, "points").to_owned())
}

impl Sums {
    pub fn posted(&self, purse: &Purse) -> i128 {
        let account = (purse.1.clone(), format!("card:{}", purse.0));
        self.accounts.get(&account).copied().unwrap_or_default()
    }

    pub fn add(&mut self, fact: &Fact) {
        for (name, body) in fact.effects() {
            match name {
                "posted" => {
                    for posting in list(body, "postings") {
                        let account = (text(body, "points"), text(posting, "account"));
                        let account = (account.0.to_owned(), account.1.to_owned());
                        *self.accounts.entry(account).or_default() += amount(&posting["amount"]);
                    }
                }
                "lot_opened" | "lot_moved" => self.add_to_lot(name, body, fact),
                "debt_moved" => {
                    *self.debts.entry(purse(body)).or_default() += amount(&body["amount"]);
                }
                "hold_placed" | "hold_ended" => {
                    let sale = text(body, "sale").to_owned();
                    let hold = self.holds.entry((sale, purse(body))).or_default();
                    if name == "hold_ended" {
                        hold.ended += 1;
                        continue;
                    }
                    hold.placed += 1;
                    hold.until = instant(&body["until"]);
                    for part in list(body, "parts") {
                        let own = hold.parts.entry(text(part, "lot").to_owned()).or_default();
                        *own += amount(&part["amount"]);
                    }
                }
                "limit_counted" => {
                    let named = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
                    let key = (named("limit"), named("subject"), named("period"));
                    let counted = self.limits.entry(key).or_default();
                    counted.0 += i128::from(body["uses"].as_i64().unwrap_or_default());
                    counted.1 += amount(&body["points"]);
                }
                "batch_issued" => {
                    for code in list(body, "codes") {
                        let uses = i128::from(body["uses"].as_u64().unwrap());
                        let coupon = Coupon { uses, used: 0 };
                        self.coupons.insert(code.as_str().unwrap().to_owned(), coupon);
                    }
                }
                "coupon_issued" => {
                    let uses = i128::from(body["uses"].as_u64().unwrap_or(1));
                    let coupon = Coupon { uses, used: 0 };
                    self.coupons.insert(text(body, "code").to_owned(), coupon);
                }
                "coupon_moved" => {
                    let coupon = self.coupons.entry(text(body, "code").to_owned()).or_default();
                    match text(body, "why") {
                        "used" => coupon.used += 1,
                        "given_back" => coupon.used -= 1,
                        _ => {}
                    }
                }
                "ticket_scanned" if body["admitted"] == true => {
                    let entries = i128::from(body["entries"].as_u64().unwrap_or(1));
                    *self.admitted.entry(text(body, "card").to_owned()).or_default() += entries;
                }
                "program_installed" => {
                    self.programs.insert(text(body, "version").to_owned());
                }
                "card_issued" => {
                    self.cards.insert(text(body, "card").to_owned());
                }
                _ => self.add_to_sale(name, body, fact),
            }
        }
        self.chains.insert(fact.chain.clone());
        self.newest = self.newest.max(Some(fact.logical));
    }

    fn add_to_lot(&mut self, name: &str, body: &Value, fact: &Fact) {
        let id = text(&body["lot"], "id").to_owned();
        let lot = self.lots.entry(purse(body)).or_default().entry(id).or_default();
        lot.earned = instant(&body["lot"]["earned_at"]);
        lot.opens = instant(&body["lot"]["opens_at"]);
        lot.ends = instant(&body["lot"]["expires_at"]);
        let units = amount(&body["amount"]);
        lot.remaining += units;
        if name == "lot_opened" {
            lot.opened += units;
            return;
        }
        lot.tills.insert(fact.chain.0.clone());
        let why = text(body, "why");
        *lot.moved.entry(why.to_owned()).or_default() += units;
        if why == "expired" {
            lot.written_off -= units;
        }
    }

    fn add_to_sale(&mut self, name: &str, body: &Value, fact: &Fact) {
        let Some(sale) = body["sale"].as_str() else { return };
        if name == "sale_regrouped" {
            self.hand_on_since(sale, body);
        }
        let sale = self.sales.entry(sale.to_owned()).or_default();
        match name {
            "sale_opened" => {
                // A confirm that came before its sale told the receipt as it is now.
                if sale.quote.is_null() {
                    sale.quote = Arc::new(body["quote"].clone());
                }
                sale.opened_by = fact.chain.0.clone();
                sale.hold_until = instant(&body["hold_until"]);
                sale.version = text(&fact.envelope()["program"], "version").to_owned();
                // What a divided or joined bill holds was held before, online or not.
                if fact.verb != "bill" {
                    let since = fact.envelope()["offline_since"].as_str();
                    sale.offline_since = since.map(str::to_owned);
                }
            }
            "sale_confirmed" => {
                sale.confirmed += 1;
                if body["quote"].is_object() {
                    sale.quote = Arc::new(body["quote"].clone());
                }
            }
            "sale_cancelled" => sale.cancelled += 1,
            "sale_voided" => sale.voided += 1,
            "sale_regrouped" => sale.regrouped += 1,
            "refund_made" => {
                sale.tills.insert(fact.chain.0.clone());
                for line in list(body, "lines") {
                    let back = sale.back.entry(text(line, "line").to_owned()).or_default();
                    back.0 += amount(&line["money"]);
                    back.1 += i128::from(line["quantity"].as_i64().unwrap());
                }
                for points in list(body, "points") {
                    *sale.restored.entry(purse(points)).or_default() += amount(&points["restored"]);
                }
                for tender in list(body, "tenders") {
                    sale.tendered_back += amount(&tender["amount"]);
                }
            }
            _ => {}
        }
    }

    /// What holds the lines of a divided or joined bill counts where that did.
    fn hand_on_since(&mut self, sale: &str, body: &Value) {
        let Some(since) = self.sales.get(sale).and_then(|sale| sale.offline_since.clone()) else {
            return;
        };
        for into in list(body, "into").iter().filter_map(Value::as_str) {
            self.sales.entry(into.to_owned()).or_default().offline_since = Some(since.clone());
        }
    }
}
