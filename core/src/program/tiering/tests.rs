//! Tiers by hand-worked dates.

use jiff::{SignedDuration, Timestamp};

use super::*;
use crate::document::find_zone;
use crate::history::Moment;
use crate::program::Program;

/// A programme with tiers from 0, 100 and 300 and some settings of `tiering`.
fn program(tiering: &str) -> Program {
    let text = format!(
        r#"{{"id": "t", "currency": "RUB", "zone": "Europe/Moscow", "points": [{{"id": "bonus"}}],
            "tiers": [{{"id": "base", "from": "0"}}, {{"id": "silver", "from": "100"}},
                {{"id": "gold", "from": "300"}}],
            "tiering": {tiering}}}"#
    );
    Program::compile(&text).unwrap()
}

fn noon(day: &str) -> Timestamp {
    format!("{day}T12:00:00+03:00").parse().unwrap()
}

fn midnight(day: &str) -> Timestamp {
    format!("{day}T00:00:00+03:00").parse().unwrap()
}

/// A card and what happens to it.
struct Life {
    program: Program,
    card: CardState,
}

impl Life {
    fn new(tiering: &str) -> Life {
        Life { program: program(tiering), card: CardState::default() }
    }

    /// A sale at noon, which holds a tier as a sale does.
    fn spends(&mut self, day: &str, roubles: i64) -> &mut Self {
        self.counts(noon(day), noon(day), roubles);
        self.holds(noon(day), false)
    }

    /// What comes back of the sale of another day.
    fn gives_back(&mut self, day: &str, of: &str, roubles: i64) -> &mut Self {
        self.counts(noon(day), noon(of), -roubles);
        self
    }

    fn counts(&mut self, known: Timestamp, at: Timestamp, roubles: i64) {
        self.card.spent += roubles * 100;
        self.card.purchases += 1;
        let zone = find_zone("Europe/Moscow").unwrap();
        let of = Moment { at, day: zone.to_datetime(at).date() };
        self.card.spending.add(known, of, roubles * 100);
        self.card.visits.add(known, of, 1);
    }

    fn closes(&mut self, day: &str) -> &mut Self {
        self.holds(noon(day), true)
    }

    fn holds(&mut self, at: Timestamp, closes: bool) -> &mut Self {
        let zone = find_zone("Europe/Moscow").unwrap();
        let held = self.program.rules().tier_to_hold(&self.card, at.into(), &zone, closes);
        self.card.held = held.or(self.card.held.take());
        self
    }

    fn at(&self, at: Timestamp) -> (String, Option<Timestamp>) {
        let zone = find_zone("Europe/Moscow").unwrap();
        let rules = self.program.rules();
        let standing = rules.standing(&self.card, at, &zone, 0);
        (rules.tiers[standing.tier.unwrap()].id.clone(), standing.until)
    }

    fn on(&self, day: &str) -> String {
        self.at(noon(day)).0
    }

    /// The last tier of each day, where it changed.
    fn changes(&self, from: &str, days: i64) -> Vec<(String, String)> {
        let mut changes: Vec<(String, String)> = Vec::new();
        for day in 0..days {
            let at = midnight(from) + SignedDuration::from_hours(24 * day);
            let tier = self.at(at).0;
            if changes.last().is_none_or(|(_, last)| *last != tier) {
                let zone = find_zone("Europe/Moscow").unwrap();
                changes.push((zone.to_datetime(at).date().to_string(), tier));
            }
        }
        changes
    }
}

fn expected(changes: &[(&str, &str)]) -> Vec<(String, String)> {
    changes.iter().map(|(day, tier)| ((*day).to_owned(), (*tier).to_owned())).collect()
}

#[test]
fn spend_over_all_time_gives_the_highest_tier_that_is_reached() {
    let mut life = Life::new("{}");
    life.spends("2026-03-01", 100).spends("2026-03-02", 199);
    assert_eq!(life.on("2026-03-02"), "silver");
    life.spends("2026-03-03", 1);
    assert_eq!(life.on("2030-01-01"), "gold");
    assert_eq!(life.card.held, None);
}

#[test]
fn a_receipt_may_count_for_its_own_tier() {
    let mut life = Life::new(r#"{"counts": "including"}"#);
    life.spends("2026-03-01", 100);
    let zone = find_zone("Europe/Moscow").unwrap();
    let rules = life.program.rules();
    let with = |more| rules.standing(&life.card, noon("2026-03-02"), &zone, more).tier;
    assert_eq!([with(0), with(19_999), with(20_000)], [Some(1), Some(1), Some(2)]);
}

#[test]
fn visits_are_counted_in_whole_numbers() {
    let text = r#"{"id": "t", "currency": "RUB", "zone": "Europe/Moscow",
        "tiers": [{"id": "base", "from": "0"}, {"id": "silver", "from": "1.5"}],
        "tiering": {"measure": "visits"}}"#;
    let error = Program::compile(text).unwrap_err();
    assert_eq!((error.code(), error.path()), (ErrorCode::AmountDigits, "/tiers/1/from"));
    let mut life = Life::new(r#"{"measure": "visits"}"#);
    life.spends("2026-03-01", 5);
    let zone = find_zone("Europe/Moscow").unwrap();
    let next = life.program.rules().next_tier(&life.card, noon("2026-03-01"), &zone).unwrap();
    assert_eq!((next.tier.as_str(), next.missing.to_string()), ("silver", "99".to_owned()));
}

#[test]
fn what_contradicts_itself_is_refused() {
    for (tiering, path) in [
        (r#"{"measure": "balance", "window": {"calendar": "month"}}"#, "/tiering/window"),
        (r#"{"measure": "earned", "counts": "including"}"#, "/tiering/counts"),
        (r#"{"window": {"rolling": {"days": 0}}}"#, "/tiering/window/rolling/days"),
        (r#"{"grace": {"hours": 0}}"#, "/tiering/grace/hours"),
        (r#"{"measure": "earned", "points": "stars"}"#, "/tiering/points"),
    ] {
        let text = format!(
            r#"{{"id": "t", "currency": "RUB", "zone": "UTC", "points": [{{"id": "bonus"}}],
                "tiering": {tiering}}}"#
        );
        assert_eq!(Program::compile(&text).unwrap_err().path(), path);
    }
}

#[test]
fn a_rolling_window_forgets_the_oldest_day_at_midnight() {
    let mut life = Life::new(r#"{"window": {"rolling": {"days": 30}}}"#);
    life.spends("2026-03-02", 250).spends("2026-03-10", 50);
    // 2 March is the first of the thirty days that end on 31 March.
    let changes = [("2026-03-12", "gold"), ("2026-04-01", "base")];
    assert_eq!(life.changes("2026-03-12", 60), expected(&changes));
}

#[test]
fn a_calendar_window_begins_anew() {
    let mut life = Life::new(r#"{"window": {"calendar": "quarter"}}"#);
    life.spends("2026-01-05", 150).spends("2026-03-31", 150);
    assert_eq!(life.at(midnight("2026-04-01") - SignedDuration::from_secs(1)).0, "gold");
    assert_eq!(life.at(midnight("2026-04-01")).0, "base");
}

#[test]
fn what_comes_back_lowers_the_day_of_its_sale() {
    let mut life = Life::new(r#"{"window": {"rolling": {"days": 10}}}"#);
    life.spends("2026-03-01", 200).spends("2026-03-09", 150);
    life.gives_back("2026-03-12", "2026-03-01", 200);
    // The first sale has left the window already, so that its return takes nothing away.
    assert_eq!(life.on("2026-03-12"), "silver");
}

#[test]
fn a_kept_tier_ends_with_its_term_and_each_deserving_sale_begins_it_anew() {
    let mut life = Life::new(r#"{"window": {"rolling": {"days": 10}}, "kept": {"days": 30}}"#);
    life.spends("2026-03-01", 300);
    assert_eq!(life.at(noon("2026-03-01")), ("gold".into(), Some(midnight("2026-04-01"))));
    // A sale that deserves less changes nothing of what is held.
    life.spends("2026-03-20", 120);
    assert_eq!(life.at(noon("2026-03-20")), ("gold".into(), Some(midnight("2026-04-01"))));
    assert_eq!(life.on("2026-03-31"), "gold");
    // On 1 April the sale of 20 March no longer counts either.
    assert_eq!(life.on("2026-04-01"), "base");
    life.spends("2026-04-05", 100).spends("2026-04-06", 1);
    assert_eq!(life.at(noon("2026-04-06")), ("silver".into(), Some(midnight("2026-05-07"))));
}

#[test]
fn a_tier_kept_to_the_end_of_the_next_year_is_a_status_year() {
    let mut life = Life::new(
        r#"{"window": {"calendar": "year"}, "kept": {"end_of": {"period": "year", "more": 1}}}"#,
    );
    life.spends("2026-06-01", 300);
    let changes = [("2027-12-30", "gold"), ("2028-01-01", "base")];
    assert_eq!(life.changes("2027-12-30", 5), expected(&changes));
}

#[test]
fn a_tier_stays_for_its_grace_after_it_was_lost() {
    let mut life = Life::new(r#"{"window": {"rolling": {"days": 10}}, "grace": {"hours": 48}}"#);
    life.spends("2026-03-01", 300);
    // Lost with the first instant of 11 March.
    let (tier, until) = life.at(noon("2026-03-10"));
    assert_eq!((tier.as_str(), until), ("gold", None));
    assert_eq!(life.at(noon("2026-03-11")), ("gold".into(), Some(midnight("2026-03-13"))));
    assert_eq!(life.at(midnight("2026-03-13")).0, "base");
    // A sale within the grace that deserves it again ends the loss.
    life.spends("2026-03-12", 300);
    assert_eq!(life.at(noon("2026-03-14")), ("gold".into(), None));
}

#[test]
fn the_grace_after_a_refund_is_counted_from_the_refund() {
    let mut life = Life::new(r#"{"grace": {"days": 5}}"#);
    life.spends("2026-03-01", 300).gives_back("2026-03-20", "2026-03-01", 250);
    let changes = [("2026-03-21", "gold"), ("2026-03-26", "base")];
    assert_eq!(life.changes("2026-03-21", 10), expected(&changes));
}

#[test]
fn a_tier_falls_to_what_is_deserved_when_its_grace_ends() {
    let mut life = Life::new(r#"{"window": {"rolling": {"days": 10}}, "grace": {"hours": 72}}"#);
    life.spends("2026-03-01", 200).spends("2026-03-02", 100);
    // Gold is lost on 11 March, silver on 12 March: on 14 March nothing of them is deserved.
    let changes = [("2026-03-10", "gold"), ("2026-03-14", "base")];
    assert_eq!(life.changes("2026-03-10", 10), expected(&changes));
}

#[test]
fn a_kept_tier_may_fall_one_step_at_a_time() {
    let mut life =
        Life::new(r#"{"window": {"rolling": {"days": 10}}, "kept": {"days": 30}, "step": "one"}"#);
    life.spends("2026-03-01", 300);
    // Silver is held from 1 April, to the end of 1 May.
    let changes = [("2026-03-02", "gold"), ("2026-04-01", "silver"), ("2026-05-02", "base")];
    assert_eq!(life.changes("2026-03-02", 100), expected(&changes));
    assert_eq!(life.at(noon("2026-04-10")).1, Some(midnight("2026-05-02")));
}

#[test]
fn a_tier_falls_only_when_a_period_is_closed() {
    let mut life =
        Life::new(r#"{"window": {"rolling": {"days": 10}}, "downgrade": "at_period_end"}"#);
    life.spends("2026-03-01", 300);
    assert_eq!(life.on("2026-05-01"), "gold");
    life.closes("2026-05-01");
    assert_eq!(life.on("2026-05-01"), "base");
    life.spends("2026-05-02", 100).closes("2026-05-03");
    assert_eq!(life.on("2026-06-01"), "silver");
}

#[test]
fn each_close_lowers_a_tier_by_one_step_and_twice_at_once_is_once() {
    let mut life = Life::new(
        r#"{"window": {"rolling": {"days": 10}}, "downgrade": "at_period_end", "step": "one"}"#,
    );
    life.spends("2026-03-01", 300);
    life.closes("2026-04-01").closes("2026-04-01");
    assert_eq!(life.on("2026-04-01"), "silver");
    life.closes("2026-05-01");
    assert_eq!(life.on("2026-05-01"), "base");
}

#[test]
fn a_close_waits_for_the_end_of_what_is_kept() {
    let mut life = Life::new(
        r#"{"window": {"rolling": {"days": 10}}, "kept": {"days": 30}, "downgrade": "at_period_end"}"#,
    );
    life.spends("2026-03-01", 300).closes("2026-03-31");
    assert_eq!(life.on("2026-04-10"), "gold");
    life.closes("2026-04-10");
    assert_eq!(life.at(noon("2026-04-10")), ("base".into(), Some(midnight("2026-05-11"))));
}

#[test]
fn a_card_that_was_never_sold_to_is_in_the_tier_that_it_deserves() {
    let mut life = Life::new(r#"{"kept": {"days": 30}}"#);
    life.counts(noon("2026-03-01"), noon("2026-03-01"), 150);
    assert_eq!(life.at(noon("2026-06-01")), ("silver".into(), None));
}
