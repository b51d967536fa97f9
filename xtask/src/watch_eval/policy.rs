//! The policy that is evaluated, for the world that it is evaluated in.

use anyhow::{Context, Result, anyhow};
use kopilka::json::Node;
use kopilka::watch::{WATCH_BYTES_MAX, Watch};
use shops::{City, Knowledge, Store, World};

/// A policy, and each of its checks alone.
pub struct Policy {
    pub id: String,
    pub watch: Watch,
    /// The policy with every other check off: what one check leads to.
    alone: Vec<(String, Watch)>,
}

impl Policy {
    /// The policy of a document, for the stores of a world.
    pub fn new(text: &str, world: &World) -> Result<Policy> {
        let node = Node::parse(text, WATCH_BYTES_MAX).map_err(|error| anyhow!("{error}"))?;
        let Node::Map(mut keys) = node else { return Err(anyhow!("a policy is an object")) };
        keys.retain(|(key, _)| key != "stores");
        keys.push(("stores".into(), Node::List(world.stores().iter().map(store).collect())));
        let whole = Node::Map(keys);
        let compile = |node: &Node| Watch::from_node(node).map_err(|error| anyhow!("{error}"));
        let watch = compile(&whole)?;
        let names = watch.document().checks.iter().map(|one| one.check.clone());
        let names: Vec<String> = names.collect();
        let alone = names.into_iter().map(|name| {
            let alone = compile(&only(&whole, &name)).context(name.clone())?;
            Ok((name, alone))
        });
        let alone = alone.collect::<Result<_>>()?;
        Ok(Policy { id: watch.id().to_owned(), watch, alone })
    }

    /// The place of a check in the policy, and the policy with it alone.
    pub fn alone(&self, check: &str) -> Option<(u8, &Watch)> {
        let place = self.alone.iter().position(|(name, _)| name == check)?;
        Some((u8::try_from(place).ok()?, &self.alone.get(place)?.1))
    }

    /// What careful frauds know of it: from where its checks speak. Where it has no such limit,
    /// they take the usual one for it.
    pub fn knowledge(&self) -> Knowledge {
        let document = self.watch.document();
        let whole =
            |number: String| number.split('.').next().and_then(|digits| digits.parse::<i64>().ok());
        let limit = |check: &str, name: &str| {
            let entry = document.checks.iter().find(|one| one.check == check)?;
            whole(entry.parameters.0.get(name)?.to_string())
        };
        // A check that speaks above a number speaks at the next.
        let at = |check, name, usual: i64| limit(check, name).unwrap_or(usual).max(2);
        let above =
            |check, name, usual: i64| limit(check, name).map_or(usual, |one| one + 1).max(2);
        let average = whole(document.average_redemption.to_string()).unwrap_or(200);
        let usual = Knowledge::default();
        Knowledge {
            earns_per_30_minutes: above("F03", "per_30_minutes", usual.earns_per_30_minutes),
            earns_per_day: above("F03", "per_day", usual.earns_per_day),
            redemptions_per_15_minutes: at(
                "F13",
                "per_15_minutes",
                usual.redemptions_per_15_minutes,
            ),
            redemptions_per_day: above("F13", "per_day", usual.redemptions_per_day),
            points_spent_per_day: limit("F14", "averages")
                .map_or(usual.points_spent_per_day, |times| times * average),
            receipts_with_cashier_per_shift: at(
                "F48",
                "per_shift",
                usual.receipts_with_cashier_per_shift,
            ),
            receipts_with_cashier_per_30_days: at(
                "F48",
                "per_30_days",
                usual.receipts_with_cashier_per_30_days,
            ),
            voids_after_spend_per_30_days: above(
                "F30",
                "per_30_days",
                usual.voids_after_spend_per_30_days,
            ),
            refunds_per_30_days: at("F34", "returns", usual.refunds_per_30_days),
            wrong_codes_per_10_minutes: at(
                "F37",
                "per_10_minutes",
                usual.wrong_codes_per_10_minutes,
            ),
            late_claims_per_30_days: above("F10", "per_30_days", usual.late_claims_per_30_days),
            grants_per_day: above("F50", "per_day", usual.grants_per_day),
            referees_per_7_days: above("F46", "per_7_days", usual.referees_per_7_days),
            cards_per_device: above("F47", "cards", usual.cards_per_device),
            transfers_in_per_30_days: at("F28", "cards", usual.transfers_in_per_30_days),
            gift_loads_per_day: at("F43", "per_hour", usual.gift_loads_per_day),
            travel_km_per_hour: at("F19", "kmh", usual.travel_km_per_hour),
            ..usual
        }
    }

    /// The checks, in the order of the policy.
    pub fn checks(&self) -> impl Iterator<Item = &str> {
        self.alone.iter().map(|(name, _)| name.as_str())
    }
}

/// The document with every check off but one. Marks that thresholds make stay as they are.
fn only(whole: &Node, check: &str) -> Node {
    let mut whole = whole.clone();
    let Node::Map(keys) = &mut whole else { return whole };
    let checks = keys.iter_mut().find(|(key, _)| key == "checks");
    if let Some((_, Node::List(checks))) = checks {
        for one in checks {
            let named = one.get("check").and_then(Node::text) == Some(check);
            if let Node::Map(keys) = one
                && !named
            {
                keys.retain(|(key, _)| key != "mode");
                keys.push(("mode".into(), Node::Text("off".into())));
            }
        }
    }
    whole
}

/// A store of the world as a policy knows it.
fn store(store: &Store) -> Node {
    let text = |text: String| Node::Text(text);
    let city = match store.city {
        City::Moscow => "moscow",
        City::Kazan => "kazan",
        City::Yekaterinburg => "yekaterinburg",
    };
    let degrees = |millionths: i64| {
        text(format!("{}.{:06}", millionths / 1_000_000, millionths.rem_euclid(1_000_000)))
    };
    let clock = |minutes: i64| text(format!("{:02}:{:02}", minutes / 60, minutes % 60));
    let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
    let hours = days.iter().zip(store.hours).map(|(day, (from, to))| {
        Node::Map(vec![
            ("days".into(), Node::List(vec![text((*day).into())])),
            ("from".into(), clock(from)),
            ("to".into(), clock(to)),
        ])
    });
    Node::Map(vec![
        ("city".into(), text(city.into())),
        ("hours".into(), Node::List(hours.collect())),
        ("id".into(), text(format!("store-{}", store.id))),
        ("latitude".into(), degrees(store.latitude)),
        ("longitude".into(), degrees(store.longitude)),
    ])
}
