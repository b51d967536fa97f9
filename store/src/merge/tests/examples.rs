//! Worked examples: what was given away twice, and what is personal.

use kopilka::Personal;

use super::orders::Shops;
use super::*;

#[test]
fn what_three_tills_gave_away_of_one_balance_is_a_debt_in_all_six_orders() {
    let mut shops = Shops::new();
    let [a, b, c] = &mut shops.tills;
    a.sell(10, "1001", "230.00", "230");
    b.sell(11, "1001", "50.00", "50");
    c.sell(12, "1001", "50.00", "50");
    a.grant(20, "1001", "forty");
    let first = [a.upload(0, 1), b.upload_all(), c.upload_all()];
    for order in orders(&[0, 1, 2]) {
        let mut backend = Backend::new();
        backend.import(&shops.server.upload_all());
        // 230 + 50, 50 + 50 and 230 + 50 are not more than 300: nothing is owed yet.
        for upload in &order[..2] {
            assert_eq!(backend.import(&first[*upload]).debts, []);
        }
        // 300 - 230 - 50 - 50 = -30, whoever comes last.
        let merge = backend.import(&first[order[2]]);
        let debts: Vec<_> =
            merge.debts.iter().map(|owed| (owed.card.as_str(), owed.debt.to_string())).collect();
        assert_eq!(debts, [("1001", "30".to_owned())], "{order:?}");
        assert_eq!(backend.points(15, "1001"), ("0".into(), "30".into()));
        // Later 40: 30 pay the debt, 10 are left.
        let merge = backend.import(&shops.tills[0].upload(1, 2));
        assert_eq!(merge.debts, []);
        assert_eq!(backend.points(25, "1001"), ("10".into(), "0".into()));
    }
}

#[test]
fn a_debt_that_the_same_upload_pays_is_not_told() {
    let mut shops = Shops::new();
    let [a, b, _] = &mut shops.tills;
    a.sell(10, "1001", "300.00", "300");
    b.sell(11, "1001", "20.00", "20");
    b.grant(12, "1001", "forty");
    let mut backend = Backend::new();
    for till in [&shops.server, &shops.tills[0], &shops.tills[1]] {
        assert_eq!(backend.import(&till.upload_all()).debts, []);
    }
    assert_eq!(backend.points(25, "1001"), ("20".into(), "0".into()));
}

#[test]
fn a_refund_at_one_till_of_a_sale_at_another_comes_before_the_sale() {
    let mut shops = Shops::new();
    let [a, b, c] = &mut shops.tills;
    let sold = a.sell(10, "1002", "500.00", "0");
    b.learn(a);
    b.call(20, &format!(r#"{{"refund":{{"token":"{sold}","lines":[{{"line":"1"}}]}}}}"#));
    c.sell(15, "1002", "100.00", "0");
    let expected = folded(&shops.entries());
    for order in orders(&[0, 1, 2]) {
        let mut backend = Backend::new();
        backend.import(&shops.server.upload_all());
        order.iter().for_each(|till| drop(backend.import(&shops.tills[*till].upload_all())));
        assert_eq!(backend.states(), expected, "{order:?}");
        // 50 were earned and taken back, 10 stay.
        assert_eq!(backend.points(30, "1002"), ("10".into(), "0".into()));
    }
}

#[test]
fn a_key_that_two_tills_used_is_answered_by_the_earlier_in_any_order() {
    let mut shops = Shops::new();
    let [a, b, _] = &mut shops.tills;
    let command = r#"{"grant":{"card":"1001","grant":"forty"}}"#;
    a.call_as(12, "the-same", command);
    b.call_as(11, "the-same", command);
    let expected = folded(&shops.entries());
    assert!(expected[&Key::Command("the-same".into())].contains("b.1.1"));
    for order in orders(&[0, 1]) {
        let mut backend = Backend::new();
        backend.import(&shops.server.upload_all());
        order.iter().for_each(|till| drop(backend.import(&shops.tills[*till].upload_all())));
        assert_eq!(backend.states(), expected);
    }
}

fn personal(name: &str) -> Personal {
    Personal { name: Some(name.into()), phone: Some("+79936971005".into()), ..Personal::default() }
}

fn profile(guest: &str, name: &str, entry: &Entry) -> StoredProfile {
    let personal = personal(name);
    StoredProfile {
        guest: guest.into(),
        phone: personal.phone.clone(),
        personal: Some(kopilka::document::canonical(&personal)),
        position: entry.record.envelope.position(),
    }
}

/// A guest who was registered, updated, and erased.
fn one_guest() -> Vec<Arc<Entry>> {
    let mut till = Till::new("a");
    till.call(0, r#"{"guest":{"guest":"anna","action":{"register":{}}}}"#);
    till.call(1, r#"{"guest":{"guest":"anna","action":{"update":{"language":"ru"}}}}"#);
    till.call(2, r#"{"guest":{"guest":"anna","action":{"erase":{}}}}"#);
    till.entries()
}

#[test]
fn the_later_of_two_profiles_counts_whichever_comes_first() {
    let entries = one_guest();
    let earlier = upload_of(&entries[..2], &[profile("anna", "Анна", &entries[0])], 0);
    let later = upload_of(&entries[..2], &[profile("anna", "Анна Ким", &entries[1])], 0);
    for order in orders(&[&earlier, &later]) {
        let mut backend = Backend::new();
        order.iter().for_each(|upload| drop(backend.import(upload)));
        let kept = backend.store.profile("anna").unwrap().unwrap();
        assert_eq!(kept, profile("anna", "Анна Ким", &entries[1]));
    }
}

#[test]
fn what_is_personal_of_an_erased_guest_goes_and_never_comes_back() {
    let entries = one_guest();
    let with = upload_of(&entries[..2], &[profile("anna", "Анна", &entries[1])], 0);
    let mut backend = Backend::new();
    assert_eq!(backend.import(&with).profiles, 1);
    backend.import(&upload_of(&entries, &[], 2));
    assert_eq!(backend.store.profile("anna").unwrap().unwrap().personal, None);
    assert_eq!(backend.import(&with).profiles, 0);
    let forged = upload_of(&entries, &[profile("anna", "Анна", &entries[2])], 0);
    assert_eq!(backend.import(&forged).profiles, 0);
    let kept = backend.store.profile("anna").unwrap().unwrap();
    assert_eq!((kept.personal, kept.phone), (None, None));
}

#[test]
fn a_profile_of_nobody_who_is_known_or_of_no_record_is_left() {
    let entries = one_guest();
    let mut backend = Backend::new();
    let nobody = upload_of(&entries[..1], &[profile("boris", "Борис", &entries[0])], 0);
    assert_eq!(backend.import(&nobody).profiles, 0);
    let mut late = profile("anna", "Анна", &entries[0]);
    late.position.logical_at = at(1_000_000);
    assert_eq!(backend.import(&upload_of(&entries[..1], &[late], 0)).profiles, 0);
    let mut number = profile("anna", "Анна", &entries[0]);
    number.personal = number.personal.map(|text| text.replace("+7993", "8 993"));
    assert_eq!(backend.import(&upload_of(&entries[..1], &[number], 0)).profiles, 0);
}
