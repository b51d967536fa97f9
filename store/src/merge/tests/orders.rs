//! Uploads in every order, twice, and cut.

use std::collections::BTreeMap;

use super::*;

/// A server that issued two cards, and three tills that knew of them and no more of each other.
pub(super) struct Shops {
    pub server: Till,
    pub tills: [Till; 3],
}

impl Shops {
    pub fn new() -> Shops {
        let mut server = Till::new("server");
        server.issue(0, "1001");
        server.issue(1, "1002");
        server.grant(2, "1001", "start");
        let mut tills = ["a", "b", "c"].map(Till::new);
        tills.iter_mut().for_each(|till| till.learn(&server));
        Shops { server, tills }
    }

    pub fn entries(&self) -> Vec<Arc<Entry>> {
        let tills = self.tills.iter().chain([&self.server]);
        tills.flat_map(|till| till.entries()).collect()
    }
}

/// Two uploads of each till: what each did reaches into what the others did at the same time.
fn six_uploads() -> (Shops, Vec<Vec<u8>>) {
    let mut shops = Shops::new();
    let [a, b, c] = &mut shops.tills;
    let sold = a.sell(10, "1001", "230.00", "230");
    b.sell(11, "1001", "50.00", "50");
    c.sell(12, "1001", "50.00", "50");
    c.sell(14, "1002", "100.00", "0");
    b.grant(20, "1002", "forty");
    a.call(30, &format!(r#"{{"void":{{"token":"{sold}"}}}}"#));
    a.sell(31, "1001", "400.00", "200");
    b.sell(32, "1002", "90.00", "30");
    c.grant(33, "1001", "forty");
    let split = [1, 2, 2];
    let mut uploads = Vec::new();
    for (till, split) in shops.tills.iter().zip(split) {
        uploads.push(till.upload(0, split));
        uploads.push(till.upload(split, till.book.entries().len()));
    }
    (shops, uploads)
}

#[test]
fn six_uploads_give_one_state_in_all_720_orders_and_twice() {
    let (shops, uploads) = six_uploads();
    let expected = folded(&shops.entries());
    let mut digests = BTreeMap::new();
    for order in orders(&[0, 1, 2, 3, 4, 5]) {
        let mut backend = Backend::new();
        backend.import(&shops.server.upload_all());
        // The second part of a till waits for its first: it comes again.
        for upload in order.iter().chain(&order) {
            backend.import(&uploads[*upload]);
        }
        let again: u64 =
            order.iter().map(|upload| backend.import(&uploads[*upload]).accepted).sum();
        assert_eq!(again, 0);
        let digest = backend.store.state_digest().unwrap();
        digests.entry(digest.to_string()).or_insert_with(|| (order, backend.states()));
    }
    assert_eq!(digests.len(), 1);
    let (_, states) = digests.into_values().next().unwrap();
    assert_eq!(states, expected);
}

#[test]
fn the_balances_after_six_uploads_are_those_of_the_facts() {
    let (shops, uploads) = six_uploads();
    let mut backend = Backend::new();
    backend.import(&shops.server.upload_all());
    uploads.iter().for_each(|upload| drop(backend.import(upload)));
    // 1001: 300 - 230 - 50 - 50 = 30 short; the void gives 230 back: 200; 200 are spent on 400.00,
    // the rest of 200.00 earns 20; a present of 40: 60.
    assert_eq!(backend.points(40, "1001"), ("60".into(), "0".into()));
    // 1002: 100.00 earns 10, a present of 40, 30 are spent, 60.00 earns 6: 26.
    assert_eq!(backend.points(40, "1002"), ("26".into(), "0".into()));
}

#[test]
fn an_upload_that_is_cut_at_any_line_in_any_order_is_completed_by_the_next() {
    let (shops, uploads) = six_uploads();
    let expected = folded(&shops.entries());
    let order = [5, 2, 0, 3, 1, 4];
    let lines = |upload: &[u8]| upload.iter().filter(|byte| **byte == b'\n').count();
    for cut in 0..uploads.iter().map(|upload| lines(upload)).max().unwrap() {
        let mut backend = Backend::new();
        backend.import(&shops.server.upload_all());
        for upload in order {
            let upload = &uploads[upload];
            let end = upload.split_inclusive(|byte| *byte == b'\n').take(cut).map(<[u8]>::len);
            let merge = backend.try_import(&upload[..end.sum()]);
            match merge {
                Err(error) => assert_eq!((cut, error.code().as_str()), (0, "upload.format")),
                Ok(merge) => assert_eq!(merge.cut.is_some(), cut < lines(upload)),
            }
        }
        order.iter().chain(&order).for_each(|upload| drop(backend.import(&uploads[*upload])));
        assert_eq!(backend.states(), expected, "cut after {cut} lines");
    }
}

#[test]
fn a_ledger_that_hands_on_what_it_took_in_gives_the_same_states() {
    let (shops, uploads) = six_uploads();
    let mut first = Backend::new();
    first.import(&shops.server.upload_all());
    uploads.iter().for_each(|upload| drop(first.import(upload)));
    let handed_on = export(&mut first.store, &[], false);
    let mut second = Backend::new();
    let merge = second.import(&handed_on);
    assert_eq!((merge.accepted, merge.cut), (12, None));
    assert_eq!(second.states(), first.states());
    assert_eq!(export(&mut second.store, &[], false), handed_on);
    let more = export(&mut first.store, &merge.acknowledgement.heads, false);
    assert_eq!(second.import(&more).accepted, 0);
    assert_eq!(more.iter().filter(|byte| **byte == b'\n').count(), 2);
}
