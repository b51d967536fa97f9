//! What a step asks for, as the JSON of a call.

use serde_json::{Value, json};

use crate::programs::document;
use crate::step::{Basket, Deed};
use crate::world::{SaleKnown, World};

pub const CARDS: [&str; 9] = ["11", "12", "13", "31", "32", "41", "51", "52", "61"];
pub const GUESTS: [&str; 3] = ["guest-a", "guest-b", "guest-c"];
pub const NAMES: [&str; 3] = ["Аделаида Крутикова", "Bartholomew Quill", "Вениамин Ощепков"];
pub const PHONES: [&str; 3] = ["+79161230701", "+79161230702", "+79161230703"];
pub const PIN: &str = "80531964";
const CODES: [&str; 3] = ["HALF1", "HALF2", "HALF3"];
const GOODS: [(&str, &str, &str); 4] = [
    ("coffee", "150.00", "coffee"),
    ("cake", "99.99", "cake"),
    ("tea", "45.50", "tea"),
    ("bag", "0.01", "other"),
];

fn decimal(hundredths: i128) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

fn place_of<T>(list: &[T], place: usize) -> Option<&T> {
    // The last ones are counted from the end.
    let back = usize::MAX - place;
    if back < 4 {
        return list.len().checked_sub(1 + back).map(|place| &list[place]).or(list.last());
    }
    (!list.is_empty()).then(|| &list[place % list.len()])
}

fn order(world: &World, at: usize, basket: &Basket) -> Value {
    let mut lines: Vec<Value> = Vec::new();
    for ((id, price, category), pieces) in GOODS.iter().zip(basket.pieces) {
        if pieces > 0 {
            let quantity = pieces.to_string();
            lines.push(
                json!({"id": id, "price": price, "category": category, "quantity": quantity}),
            );
        }
    }
    if let Some((card, roubles)) = basket.load {
        let price = if CARDS[card].starts_with('5') { 200 } else { roubles };
        lines.push(json!({"id": "load", "kind": "stored_value", "card": CARDS[card],
            "price": format!("{price}.00")}));
    }
    if lines.is_empty() {
        lines.push(json!({"id": "coffee", "price": "150.00", "category": "coffee"}));
    }
    let mut cards: Vec<Value> = Vec::new();
    cards.extend(basket.card.map(|card| json!({"number": CARDS[card]})));
    cards.extend(basket.stamps.then(|| json!({"number": "41"})));
    let mut order = json!({"store": world.places[at].store, "lines": lines, "cards": cards,
        "cashier": "cashier-1", "shift": "shift-1"});
    match basket.spend {
        0 => {}
        _ if basket.card.is_none() => {}
        999 => order["spend"] = json!({"mode": "max"}),
        points => order["spend"] = json!({"mode": "exact", "points": points.to_string()}),
    }
    if let Some(code) = basket.code {
        order["codes"] = json!([CODES[code]]);
    }
    if let Some(card) = basket.gift {
        let amount = basket.gift_amount.map(|amount| format!("{amount}.00"));
        order["gift_cards"] = match amount {
            None => json!([{"number": CARDS[card]}]),
            Some(amount) => json!([{"number": CARDS[card], "amount": amount}]),
        };
    }
    order
}

fn sale(world: &World, sale: usize) -> Option<&SaleKnown> {
    place_of(&world.sales, sale)
}

/// Where a deed is done: mostly where it is asked for, but what gives back is done where the sale is
/// known.
pub fn place(world: &World, at: usize, deed: &Deed) -> usize {
    let (Deed::Refund { sale: number, .. }
    | Deed::RefundAmount { sale: number, .. }
    | Deed::Void { sale: number }) = deed
    else {
        return at;
    };
    let Some(known) = sale(world, *number) else { return at };
    if world.places[at].sums.sales.contains_key(&known.id) { at } else { known.at }
}

/// The verb and its input; none where there is nothing to do it with.
pub fn command(world: &World, at: usize, deed: &Deed) -> Option<(&'static str, Value)> {
    let store = world.places[at].store;
    Some(match deed {
        Deed::Issue { card, opening } => {
            let number = CARDS[*card];
            let units = match &number[..1] {
                "4" | "5" => opening % 3,
                _ => *opening,
            };
            let mut issue = json!({"card": number, "store": store});
            if units > 0 {
                issue["opening"] = json!([{"amount": units.to_string()}]);
            }
            if number.starts_with('6') {
                issue["pin"] = json!(PIN);
            }
            ("issue", issue)
        }
        Deed::Card { card, action } => {
            let action = [
                json!({"block": {}}),
                json!({"unblock": {}}),
                json!({"unblock": {}}),
                json!({"close": {}}),
                json!({"close": {"forfeit": true}}),
            ][*action]
                .clone();
            ("card", json!({"card": CARDS[*card], "action": action, "store": store}))
        }
        Deed::Sell(basket) => {
            let mut order = order(world, at, basket);
            if let Some((minutes, number)) = basket.paper {
                let written = world.now(at) - jiff::SignedDuration::from_mins(minutes.into());
                order["paper"] = json!({"at": written.to_string(), "by": "cashier-2", "number": format!("{number}")});
            }
            ("sell", json!({"order": order}))
        }
        Deed::Reserve(basket) => ("reserve", json!({"order": order(world, at, basket)})),
        Deed::Confirm { sale: number, points } => {
            let known = sale(world, *number)?;
            let mut confirm = json!({"token": known.token, "store": store});
            if let Some(share) = points {
                let units = known.held / 100 * i128::from(*share) / 1_000;
                confirm["points"] = json!(units.to_string());
            }
            ("confirm", confirm)
        }
        Deed::Cancel { sale: number } => {
            let token = &sale(world, *number)?.token;
            ("cancel", json!({"token": token, "store": store, "reason": "cashier"}))
        }
        Deed::Refund { sale: number, lines } => {
            let known = sale(world, *number)?;
            let mut named: Vec<Value> = Vec::new();
            for (line, pieces) in lines {
                let id = &known.lines[line % known.lines.len()];
                if named.iter().all(|other| other["line"] != **id) {
                    named.push(json!({"line": id, "quantity": pieces.to_string()}));
                }
            }
            let mut refund = json!({"token": known.token, "store": store});
            if !named.is_empty() {
                refund["lines"] = json!(named);
            }
            ("refund", refund)
        }
        Deed::RefundAmount { sale: number, kopecks } => {
            let token = &sale(world, *number)?.token;
            let amount = decimal(i128::from(*kopecks));
            ("refund", json!({"token": token, "store": store, "amount": amount}))
        }
        Deed::Void { sale: number } => {
            ("void", json!({"token": sale(world, *number)?.token, "store": store}))
        }
        Deed::Split { sale: number, line, pieces } => {
            let known = sale(world, *number)?;
            let line = &known.lines[line % known.lines.len()];
            let part = json!({"lines": [{"line": line, "quantity": pieces.to_string()}]});
            let split = json!({"split": {"parts": [part]}});
            ("bill", json!({"token": known.token, "action": split, "store": store}))
        }
        Deed::Join { sale: number, other } => {
            let (token, other) = (&sale(world, *number)?.token, &sale(world, *other)?.token);
            let join = json!({"join": {"tokens": [other]}});
            ("bill", json!({"token": token, "action": join, "store": store}))
        }
        Deed::Grant { card, grant } => {
            let grant = ["sorry", "start"][*grant];
            ("grant", json!({"card": CARDS[*card], "grant": grant, "store": store}))
        }
        Deed::Transfer { from, to, units } => {
            let mut transfer = json!({"from": CARDS[*from], "to": CARDS[*to], "store": store,
                "amount": units.to_string()});
            if CARDS[*from].starts_with('1') {
                transfer["points"] = json!("bonus");
            }
            ("transfer", transfer)
        }
        Deed::Close { all: true, .. } => ("close_period", json!({"store": store})),
        Deed::Close { card, .. } => {
            ("close_period", json!({"cards": [CARDS[*card]], "store": store}))
        }
        Deed::Batch { codes } => {
            ("batch", json!({"coupon": "half", "codes": CODES[..*codes], "store": store}))
        }
        Deed::Coupon { code, action } => {
            let action = ["block", "unblock", "void"][*action];
            ("coupon", json!({"code": CODES[*code], "action": action, "store": store}))
        }
        Deed::Admit { card, entries } => {
            ("admit", json!({"card": CARDS[*card], "entries": entries, "store": store}))
        }
        Deed::Install { version } => {
            ("program", json!({"install": {"document": document(*version), "store": store}}))
        }
        Deed::Activate { version, store: about, hours } => {
            let known = world.places[at].sums.programs.iter().collect::<Vec<_>>();
            let version = known.get(version % known.len().max(1))?;
            let from = world.now(at) + jiff::SignedDuration::from_hours((*hours).into());
            let stores: Vec<&str> = about.iter().map(|about| ["east", "west"][*about]).collect();
            let activate = json!({"version": version, "from": from.to_string(), "stores": stores,
                "store": store});
            ("program", json!({"activate": activate}))
        }
        Deed::Register { guest, card } => {
            let personal = json!({"name": NAMES[*guest], "phone": PHONES[*guest]});
            let details = json!({"personal": personal, "language": "ru"});
            let register = json!({"cards": [CARDS[*card]], "details": details});
            (
                "guest",
                json!({"guest": GUESTS[*guest], "action": {"register": register}, "store": store}),
            )
        }
        Deed::Erase { guest } => {
            ("guest", json!({"guest": GUESTS[*guest], "action": {"erase": {}}, "store": store}))
        }
        Deed::Accept => ("clock", json!({"action": {"accept": {}}, "store": store})),
        Deed::Settle => ("settle", json!({"store": store})),
        Deed::TooMuch { card } => {
            let line = json!({"id": "1", "price": "8999999999999.99", "quantity": "1000"});
            let order =
                json!({"store": store, "lines": [line], "cards": [{"number": CARDS[*card]}]});
            ("sell", json!({"order": order}))
        }
    })
}
