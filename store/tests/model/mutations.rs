//! Each check must be able to fail: a day is played, one thing of it is told otherwise, and the check
//! of that name must see it.

use std::collections::BTreeMap;

use kopilka::upload::{Fork, Merge};
use kopilka::{Opening, Verification};
use kopilka_store::{Change, Store};
use serde_json::{Value, json};

use crate::deeds::{NAMES, PHONES};
use crate::facts::{Fact, Sums, sha256};
use crate::invariants::{self, Check};
use crate::lies::{ADMIT, CONFIRM, LIES, PRESENT, REFUND, RESERVE, SPEND, effect};
use crate::step::{Basket, Deed, Step};
use crate::world::{Asked, BACKEND, Keeping, World};

const NOTHING: Basket = Basket {
    pieces: [0; 4],
    card: None,
    stamps: false,
    code: None,
    spend: 0,
    gift: None,
    gift_amount: None,
    load: None,
    paper: None,
};

/// A day at one till, the one that has the programme: of everything something.
fn day() -> World {
    let mut world = World::new(Keeping::Memory);
    world.begin().unwrap();
    let card = Some(0);
    let deeds = [
        // Points that end sooner than those of the beginning.
        Deed::Grant { card: 0, grant: 0 },
        Deed::Sell(Basket { pieces: [2, 1, 1, 0], card, stamps: true, code: Some(0), ..NOTHING }),
        Deed::Sell(Basket {
            pieces: [1, 1, 0, 0],
            card,
            spend: 100,
            gift: Some(3),
            gift_amount: Some(20),
            ..NOTHING
        }),
        Deed::Refund { sale: usize::MAX, lines: vec![] },
        Deed::Reserve(Basket { pieces: [1, 0, 1, 0], card, spend: 50, ..NOTHING }),
        Deed::Confirm { sale: usize::MAX, points: None },
        Deed::Sell(Basket { load: Some((4, 500)), ..NOTHING }),
        Deed::Admit { card: 6, entries: 1 },
        Deed::Register { guest: 0, card: 0 },
    ];
    for deed in deeds {
        world.take(&Step::Call { at: BACKEND, deed }).unwrap();
    }
    world.take(&Step::Offline { at: BACKEND }).unwrap();
    let deed = Deed::Sell(Basket { pieces: [1, 0, 0, 0], card, spend: 30, ..NOTHING });
    world.take(&Step::Call { at: BACKEND, deed }).unwrap();
    world
}

/// The texts of the day's records in their order.
fn texts(world: &World) -> Vec<String> {
    let facts = world.places[BACKEND].records.values().flatten();
    facts.map(|fact| fact.text.clone()).collect()
}

/// Reads records as the model does, with all that is checked of them.
fn walk(texts: &[String]) -> Check {
    let mut sums = Sums::default();
    let mut last: Option<Fact> = None;
    for text in texts {
        let fact = Fact::read(text, &sha256(text));
        invariants::every_record(&fact)?;
        invariants::in_its_chain(last.as_ref(), &fact)?;
        let before = sums.clone();
        sums.add(&fact);
        invariants::every_decision(&before, &sums, &fact)?;
        last = Some(fact);
    }
    Ok(())
}

#[test]
fn whatever_is_told_otherwise_of_a_record_is_seen_by_its_check() {
    let texts = texts(&day());
    walk(&texts).unwrap();
    for (number, (name, sequence, tell)) in LIES.into_iter().enumerate() {
        let mut record: Value = serde_json::from_str(&texts[sequence - 1]).unwrap();
        tell(&mut record);
        let mut told = texts.clone();
        told[sequence - 1] = record.to_string();
        let seen = walk(&told).expect_err(name);
        assert!(seen.starts_with(name), "lie {number}, {name}: {seen}");
    }
}

/// One record done twice under another name: what it took is taken twice.
#[test]
fn what_is_done_twice_is_seen() {
    let texts = texts(&day());
    let twice = |sequence: usize, times: usize| {
        let mut told: Vec<String> = texts[..sequence].to_vec();
        for time in 1..=times {
            let (old, new) = (format!("backend.1.{sequence}"), sequence + time);
            let text = texts[sequence - 1].replace(&old, &format!("backend.1.{new}"));
            let mut record: Value = serde_json::from_str(&text).unwrap();
            record["envelope"]["sequence"] = json!(new);
            record["envelope"]["previous"] = json!(sha256(told.last().unwrap()));
            told.push(record.to_string());
        }
        walk(&told)
    };
    // Of the present 150 points, 100 at a time.
    assert!(twice(SPEND, 1).unwrap_err().starts_with("i04_"));
    // The hold of 50 of the same 150 fits three times.
    assert_eq!(twice(RESERVE, 2), Ok(()));
    assert!(twice(RESERVE, 3).unwrap_err().starts_with("i04_"));
    // What was given back comes back once more, and a hold ends again.
    assert!(twice(REFUND, 1).unwrap_err().starts_with("i16_"));
    assert!(twice(CONFIRM, 1).unwrap_err().starts_with("i22_"));
    // A ticket of two entries: the third takes what is not there.
    assert_eq!(twice(ADMIT, 1), Ok(()));
    assert!(twice(ADMIT, 2).unwrap_err().starts_with("i04_"));
}

#[test]
fn a_secret_a_wrong_hash_another_version_and_an_ended_chain_are_seen() {
    let world = day();
    let texts = texts(&world);
    for secret in [NAMES[0], &PHONES[1][2..]] {
        let mut record: Value = serde_json::from_str(&texts[PRESENT - 1]).unwrap();
        effect(&mut record, "lot_opened")["rule"] = json!(secret);
        let text = record.to_string();
        let seen = invariants::every_record(&Fact::read(&text, &sha256(&text))).unwrap_err();
        assert!(seen.starts_with("i36_"), "{seen}");
    }
    let seen = invariants::every_record(&Fact::read(&texts[0], &sha256("other"))).unwrap_err();
    assert!(seen.starts_with("i24_"), "{seen}");
    let mut record: Value = serde_json::from_str(&texts[0]).unwrap();
    effect(&mut record, "program_installed")["document"]["currency"] = json!("USD");
    let text = record.to_string();
    let seen = invariants::every_record(&Fact::read(&text, &sha256(&text))).unwrap_err();
    assert!(seen.starts_with("i34_a_version"), "{seen}");
    let fact = Fact::read(&texts[SPEND - 1], &sha256(&texts[SPEND - 1]));
    let ended = Sums { chains: [("backend".to_owned(), 2)].into(), ..Sums::default() };
    assert!(invariants::i35_a_chain_ends_where_the_next_begins(&ended, &fact).is_err());
    assert!(invariants::i05_a_planned_window_is_offline(&fact).is_err());
    assert!(invariants::i25_a_record_never_changes(&fact, &texts[0]).is_err());
    assert!(invariants::i25_no_record_is_taken_away(3, 2).is_err());
    let mut nothing = day();
    nothing.places[BACKEND].sums.programs.clear();
    let new: Vec<_> = nothing.places[BACKEND].records.values().flatten().cloned().collect();
    let place = &nothing.places[BACKEND];
    assert!(invariants::i34_every_decision_names_a_programme_that_is_known(place, &new).is_err());
}

/// Sums that are wrong by the least that there is do not agree with what the ledger answers.
#[test]
fn a_sum_that_is_wrong_by_the_least_is_seen() {
    let purse = ("11".to_owned(), "bonus".to_owned());
    let lot = |sums: &mut Sums, units: i128| {
        let lots = sums.lots.get_mut(&("11".to_owned(), "bonus".to_owned())).unwrap();
        lots.values_mut().next().unwrap().remaining += units;
    };
    let mut world = day();
    let now = world.now(BACKEND);
    let place = &mut world.places[BACKEND];
    let balance = invariants::i03_a_balance_is_what_the_records_add_up_to;
    let report = invariants::i03_the_report_is_what_the_records_add_up_to;
    assert_eq!((balance(place, now, "11"), report(place, now)), (Ok(()), Ok(())));
    assert_eq!(invariants::every_answer(place, now), Ok(()));
    lot(&mut place.sums, 1);
    assert!(balance(place, now, "11").is_err());
    let seen = invariants::every_answer(place, now).unwrap_err();
    assert!(seen.starts_with("i07_"), "{seen}");
    place.sums.accounts.insert((purse.1.clone(), "card:11".to_owned()), 0);
    assert!(invariants::every_answer(place, now).unwrap_err().starts_with("i01_"));
    let mut world = day();
    let place = &mut world.places[BACKEND];
    place.sums.debts.insert(purse.clone(), 1);
    assert!(report(place, now).is_err() || balance(place, now, "11").is_err());
    let mut sums = world.places[0].sums.clone();
    assert_eq!(invariants::i11_of_every_lot_no_more_left_than_was_in_it(&sums), Ok(()));
    lot(&mut sums, -1);
    assert!(invariants::i11_of_every_lot_no_more_left_than_was_in_it(&sums).is_err());
}

#[test]
fn a_wrong_answer_of_a_ledger_is_seen() {
    let mut world = day();
    let now = world.now(BACKEND);
    let asked = |answer: &str| Asked {
        at: BACKEND,
        request: json!({}),
        answer: answer.to_owned(),
        record: None,
    };
    let again = |answer: &str| {
        let other = asked(r#"{"sale": {"record": "a"}}"#);
        invariants::i20_one_key_has_one_answer_for_ever(&other, 0, Ok(answer.to_owned()))
    };
    assert!(again(r#"{"sale": {"record": "a"}}"#).is_ok());
    assert!(again(r#"{"sale": {"record": "b"}}"#).is_err());
    assert!(invariants::i21_a_key_with_other_content_is_refused(Ok(String::new())).is_err());
    assert!(invariants::i08_what_cannot_be_counted_is_refused(true).is_err());
    let lost = r#"{"sale": {"record": "backend.1.99"}}"#;
    assert!(invariants::i26_what_was_acknowledged_is_kept(&world.places[BACKEND], lost).is_err());
    let whole = invariants::i27_what_was_cut_off_is_whole_or_absent;
    let request = json!({});
    assert!(whole(&world.places[BACKEND], 1, true, &request).is_ok());
    assert!(whole(&world.places[BACKEND], 2, true, &request).is_err());
    assert!(whole(&world.places[BACKEND], 0, true, &request).is_err());
    let once = invariants::i27_what_was_cut_off_is_done_once;
    assert!(once(1, 0, true).is_ok() && once(1, 1, true).is_err() && once(1, 0, false).is_err());
    let left = invariants::i27_what_was_refused_left_nothing;
    assert!(left(1, true, &request).is_err() && left(0, false, &request).is_err());
    // A hold of half an hour: whoever takes an hour ago for now has it still.
    let reserve =
        Deed::Reserve(Basket { pieces: [1, 0, 0, 0], card: Some(0), spend: 9, ..NOTHING });
    world.take(&Step::Call { at: BACKEND, deed: reserve }).unwrap();
    let place = &mut world.places[BACKEND];
    let extends = invariants::i32_a_clock_that_goes_back_extends_nothing;
    assert_eq!(extends(place, now, "11"), Ok(()));
    place.newest = Some(now + jiff::SignedDuration::from_hours(1));
    assert!(extends(place, now, "11").is_err());
    let opening = Opening { states_rebuilt: true, incarnation: 1, ..Opening::default() };
    assert!(invariants::i33_a_ledger_opens_as_it_was_closed(&opening, place).is_err());
    let opening = Opening { incarnation: 2, ..Opening::default() };
    assert!(invariants::i33_a_ledger_opens_as_it_was_closed(&opening, place).is_err());
}

/// A state that other hands changed in the store.
#[test]
fn a_state_that_the_records_do_not_add_up_to_is_seen() {
    let world = day();
    let place = &world.places[BACKEND];
    assert_eq!(invariants::i30_what_is_made_anew_is_what_was_kept(place), Ok(()));
    let mut states = Vec::new();
    place
        .kept
        .with(|store| {
            store.each_state("card", &mut |(key, text)| {
                states.push((key, text));
                Ok(())
            })
        })
        .unwrap();
    let (key, _) = states.into_iter().next().expect("a card");
    let change = Change { states: vec![(key, None)], ..Change::default() };
    place.kept.clone().commit(&change).unwrap();
    let seen = invariants::i30_what_is_made_anew_is_what_was_kept(place).unwrap_err();
    assert!(seen.contains("i30_"), "{seen}");
}

#[test]
fn a_merge_that_tells_otherwise_is_seen() {
    let fork = Fork { begin: 2, incarnation: 1, sequence: 3, till: "east-1".to_owned() };
    let merge = |accepted, quarantined, forks: &[Fork]| {
        let mut merge = Merge::default();
        (merge.accepted, merge.quarantined) = (accepted, quarantined);
        merge.acknowledgement.forks = forks.to_vec();
        merge
    };
    let says = invariants::i28_a_merge_says_what_it_took_in;
    assert!(says(&merge(2, 0, &[]), 2).is_ok() && says(&merge(3, 0, &[]), 2).is_err());
    assert!(says(&merge(2, 1, &[]), 2).is_err());
    let aside = |first: Merge, second: Merge| {
        invariants::i35_what_a_copy_wrote_second_is_kept_aside(&first, 3, &second, 2)
    };
    let forks = [fork];
    assert!(aside(merge(3, 0, &[]), merge(0, 2, &forks)).is_ok());
    assert!(aside(merge(2, 0, &[]), merge(0, 2, &forks)).is_err());
    assert!(aside(merge(3, 0, &[]), merge(2, 0, &[])).is_err());
    assert!(aside(merge(3, 0, &[]), merge(0, 1, &forks)).is_err());
    let own = invariants::i35_two_copies_go_on_in_chains_of_their_own;
    assert!(own([2, 3]).is_ok() && own([2, 2]).is_err() && own([1, 2]).is_err());
    assert!(invariants::i35_what_was_begun_anew_is_taken_in([1, 0], [1, 1]).is_err());
    let wrong = Verification { found: vec![Default::default()], ..Verification::default() };
    assert!(invariants::i35_a_fork_leaves_every_ledger_whole(&wrong).is_err());
    assert!(invariants::i28_the_order_of_uploads_does_not_matter("a", "b", "").is_err());
    assert!(invariants::i29_the_same_calls_make_the_same_bytes(b"a", b"b", "").is_err());
}

#[test]
fn what_is_personal_and_goes_out_is_seen() {
    let mut world = day();
    world.take(&Step::Call { at: BACKEND, deed: Deed::Erase { guest: 0 } }).unwrap();
    let place = &world.places[BACKEND];
    let upload = world.export(BACKEND, None).unwrap();
    assert_eq!(invariants::i36_an_erased_guest_is_forgotten(place, &upload), Ok(()));
    for secret in [NAMES[0], PHONES[0]] {
        let told = secret.as_bytes();
        assert!(invariants::i36_an_erased_guest_is_forgotten(place, told).is_err());
        assert!(invariants::i36_nothing_personal_goes_out_unasked(told).is_err());
    }
    let kept = place.kept.clone().profile("guest-a").unwrap().unwrap();
    let personal = Some(json!({"name": NAMES[0]}).to_string());
    let told = kopilka_store::StoredProfile { personal, ..kept };
    let change = Change { profiles: vec![told], ..Change::default() };
    place.kept.clone().commit(&change).unwrap();
    assert!(invariants::i36_an_erased_guest_is_forgotten(place, b"").is_err());
}

/// A check that nothing here makes fail is no check.
#[test]
fn every_check_has_something_that_makes_it_fail() {
    let sources = [
        include_str!("invariants/money.rs"),
        include_str!("invariants/order.rs"),
        include_str!("invariants/sales.rs"),
        include_str!("invariants/secrets.rs"),
    ];
    let tried = concat!(include_str!("lies.rs"), include_str!("mutations.rs"));
    let mut left: BTreeMap<&str, bool> = BTreeMap::new();
    for line in sources.iter().flat_map(|source| source.lines()) {
        let Some(name) = line.strip_prefix("pub fn ") else { continue };
        let name = name.split('(').next().unwrap_or_default();
        // A test names a check as a whole, or by the beginning of its name as it is told.
        let ways = (4..=name.len()).filter(|end| tried.contains(&format!("\"{}\"", &name[..*end])));
        left.insert(name, ways.count() > 0 || tried.contains(name));
    }
    let left: Vec<&&str> =
        left.iter().filter(|(_, tried)| !**tried).map(|(name, _)| name).collect();
    assert!(left.is_empty(), "{left:?}");
}
