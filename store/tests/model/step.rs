//! Random steps. Numbers of sales, calls, lines and uploads are taken modulo how many there are, so
//! that any part of a sequence is a sequence: that is what makes failing ones shrink.

use proptest::prelude::*;

use crate::kept::Cut;

/// What is in the basket and how it is paid.
#[derive(Clone, Debug)]
pub struct Basket {
    /// Pieces of coffee, cake and tea, and of what costs a kopeck.
    pub pieces: [u8; 4],
    /// The card that points are earned on and spent from.
    pub card: Option<usize>,
    pub stamps: bool,
    pub code: Option<usize>,
    /// Points wished; the most that can be spent from 900 on.
    pub spend: u16,
    /// Which gift cards pay, and how much; all if nothing is said.
    pub gift: Option<usize>,
    pub gift_amount: Option<u16>,
    /// A ticket or gift card that is sold or loaded, and for how many roubles.
    pub load: Option<(usize, u16)>,
    /// A receipt that was written by hand so many minutes ago, by number.
    pub paper: Option<(u16, u8)>,
}

#[derive(Clone, Debug)]
pub enum Deed {
    Issue {
        card: usize,
        opening: u16,
    },
    Card {
        card: usize,
        action: usize,
    },
    Sell(Basket),
    Reserve(Basket),
    /// The share of the held points that is taken, in thousandths.
    Confirm {
        sale: usize,
        points: Option<u16>,
    },
    Cancel {
        sale: usize,
    },
    /// Lines by place and how many pieces of each; all that is left if there are none.
    Refund {
        sale: usize,
        lines: Vec<(usize, u8)>,
    },
    RefundAmount {
        sale: usize,
        kopecks: u32,
    },
    Void {
        sale: usize,
    },
    /// So many pieces of a line become a bill of their own.
    Split {
        sale: usize,
        line: usize,
        pieces: u8,
    },
    /// The bill of another sale is added.
    Join {
        sale: usize,
        other: usize,
    },
    Grant {
        card: usize,
        grant: usize,
    },
    Transfer {
        from: usize,
        to: usize,
        units: u16,
    },
    Close {
        all: bool,
        card: usize,
    },
    Batch {
        codes: usize,
    },
    Coupon {
        code: usize,
        action: usize,
    },
    Admit {
        card: usize,
        entries: u8,
    },
    Install {
        version: usize,
    },
    Activate {
        version: usize,
        store: Option<usize>,
        hours: i8,
    },
    Register {
        guest: usize,
        card: usize,
    },
    Erase {
        guest: usize,
    },
    Accept,
    Settle,
    /// An order beyond what can be counted.
    TooMuch {
        card: usize,
    },
}

#[derive(Clone, Copy, Debug)]
pub enum How {
    Whole,
    /// Everything from the beginning again.
    FromTheStart,
    /// Cut after so many thousandths of its bytes.
    Cut(u16),
}

#[derive(Clone, Debug)]
pub enum Step {
    Call {
        at: usize,
        deed: Deed,
    },
    /// A call that was answered comes again; somewhere else if that place has the record.
    Retry {
        at: usize,
        call: usize,
    },
    /// Another call under a key that was used.
    Conflict {
        at: usize,
        call: usize,
    },
    Wait {
        minutes: u16,
    },
    /// The clock of a ledger is set so far from the true time, in minutes.
    Skew {
        at: usize,
        minutes: i32,
    },
    Offline {
        at: usize,
    },
    Upload {
        from: usize,
        to: usize,
        how: How,
    },
    /// An upload is written but not delivered yet.
    Write {
        from: usize,
        to: usize,
    },
    /// An upload that was written earlier is delivered, for the first time or again.
    Deliver {
        upload: usize,
    },
    /// Everybody uploads to the backend and hears of the others.
    Meet,
    Reopen {
        at: usize,
    },
    /// The program dies or the power goes in a call.
    Crash {
        at: usize,
        deed: Deed,
        cut: Cut,
    },
    /// The same while an upload is taken in.
    CrashInUpload {
        from: usize,
        to: usize,
        cut: Cut,
    },
    /// A time without a network is planned: in so many minutes, for so many.
    Maintain {
        at: usize,
        after: u16,
        minutes: u16,
    },
    Rebuild {
        at: usize,
    },
}

fn place() -> impl Strategy<Value = usize> {
    prop_oneof![4 => Just(0usize), 3 => Just(1), 2 => Just(2), 1 => Just(3)]
}

fn basket() -> impl Strategy<Value = Basket> {
    let card = prop_oneof![5 => Just(Some(0usize)), 2 => Just(Some(1)), 1 => Just(Some(2)), 1 => Just(None)];
    let gift = (prop::option::weighted(0.4, 3usize..5), prop::option::weighted(0.3, 1u16..400));
    let load = prop::option::weighted(0.2, (3usize..8, 1u16..2_000));
    let paper = prop::option::weighted(0.08, (0u16..2_000, 0u8..4));
    let spend = prop_oneof![1 => Just(0u16), 2 => 1u16..300, 2 => Just(999)];
    (
        (
            [0u8..3, 0u8..3, 0u8..4, 0u8..3],
            card,
            any::<bool>(),
            prop::option::weighted(0.4, 0usize..3),
        ),
        (spend, gift, load, paper),
    )
        .prop_map(
            |((pieces, card, stamps, code), (spend, (gift, gift_amount), load, paper))| Basket {
                pieces,
                card,
                stamps,
                code,
                spend,
                gift,
                gift_amount,
                load,
                paper,
            },
        )
}

/// Two cards, mostly of one kind.
fn pair() -> impl Strategy<Value = (usize, usize)> {
    prop_oneof![
        4 => Just((0, 1)),
        3 => Just((1, 0)),
        2 => Just((3, 4)),
        2 => Just((4, 3)),
        1 => (0usize..5, 0usize..5),
    ]
}

fn deed() -> BoxedStrategy<Deed> {
    // Often one of the newest sales.
    let sale =
        || prop_oneof![3 => (0usize..4).prop_map(|back| usize::MAX - back), 2 => 0usize..100];
    let card = || 0usize..9;
    let held = prop::option::weighted(0.3, prop_oneof![3 => 0u16..=1_000, 1 => Just(1_100u16)]);
    let lines = prop::collection::vec((0usize..4, 1u8..4), 0..3);
    let sales = prop_oneof![
        6 => basket().prop_map(Deed::Sell),
        7 => basket().prop_map(Deed::Reserve),
        6 => (sale(), held).prop_map(|(sale, points)| Deed::Confirm { sale, points }),
        2 => sale().prop_map(|sale| Deed::Cancel { sale }),
        5 => (sale(), lines).prop_map(|(sale, lines)| Deed::Refund { sale, lines }),
        2 => (sale(), 1u32..40_000).prop_map(|(sale, kopecks)| Deed::RefundAmount { sale, kopecks }),
        2 => sale().prop_map(|sale| Deed::Void { sale }),
        2 => (sale(), 0usize..4, 1u8..3)
            .prop_map(|(sale, line, pieces)| Deed::Split { sale, line, pieces }),
        1 => (sale(), sale()).prop_map(|(sale, other)| Deed::Join { sale, other }),
    ];
    let cards = prop_oneof![
        2 => (card(), 0u16..800).prop_map(|(card, opening)| Deed::Issue { card, opening }),
        2 => (card(), 0usize..5).prop_map(|(card, action)| Deed::Card { card, action }),
        4 => (0usize..3, 0usize..2).prop_map(|(card, grant)| Deed::Grant { card, grant }),
        2 => (pair(), 1u16..300).prop_map(|((from, to), units)| Deed::Transfer { from, to, units }),
        2 => (any::<bool>(), card()).prop_map(|(all, card)| Deed::Close { all, card }),
        3 => (6usize..8, 1u8..3).prop_map(|(card, entries)| Deed::Admit { card, entries }),
        1 => Just(Deed::TooMuch { card: 0 }),
    ];
    let office = prop_oneof![
        2 => (1usize..4).prop_map(|codes| Deed::Batch { codes }),
        1 => (0usize..3, 0usize..3).prop_map(|(code, action)| Deed::Coupon { code, action }),
        1 => (0usize..2).prop_map(|version| Deed::Install { version }),
        2 => (0usize..2, prop::option::of(0usize..2), -3i8..12)
            .prop_map(|(version, store, hours)| Deed::Activate { version, store, hours }),
        2 => (0usize..3, 0usize..3).prop_map(|(guest, card)| Deed::Register { guest, card }),
        1 => (0usize..3).prop_map(|guest| Deed::Erase { guest }),
        1 => Just(Deed::Accept),
        2 => Just(Deed::Settle),
    ];
    prop_oneof![12 => sales, 5 => cards, 3 => office].boxed()
}

fn step() -> BoxedStrategy<Step> {
    let skew = prop_oneof![
        2 => Just(0),
        2 => -600i32..0,
        1 => 0i32..600,
        1 => -600_000i32..-1_000,
        1 => 2_000i32..2_000_000,
    ];
    let how = prop_oneof![
        3 => Just(How::Whole),
        1 => Just(How::FromTheStart),
        2 => (0u16..1_000).prop_map(How::Cut),
    ];
    let cut = || {
        let after = prop_oneof![3 => 0u8..2, 1 => 2u8..24];
        (after, any::<bool>(), 0u8..4).prop_map(|(after, halfway, loss)| Cut {
            after,
            halfway,
            loss,
        })
    };
    let wait = prop_oneof![5 => 1u16..40, 2 => 40u16..2_000, 1 => 2_000u16..20_000];
    prop_oneof![
        24 => (place(), deed()).prop_map(|(at, deed)| Step::Call { at, deed }),
        2 => (place(), 0usize..100).prop_map(|(at, call)| Step::Retry { at, call }),
        1 => (place(), 0usize..100).prop_map(|(at, call)| Step::Conflict { at, call }),
        5 => wait.prop_map(|minutes| Step::Wait { minutes }),
        1 => (place(), skew).prop_map(|(at, minutes)| Step::Skew { at, minutes }),
        2 => place().prop_map(|at| Step::Offline { at }),
        4 => (place(), place(), how).prop_map(|(from, to, how)| Step::Upload { from, to, how }),
        1 => (place(), place()).prop_map(|(from, to)| Step::Write { from, to }),
        1 => (0usize..10).prop_map(|upload| Step::Deliver { upload }),
        2 => Just(Step::Meet),
        1 => place().prop_map(|at| Step::Reopen { at }),
        3 => (place(), deed(), cut()).prop_map(|(at, deed, cut)| Step::Crash { at, deed, cut }),
        1 => (place(), place(), cut())
            .prop_map(|(from, to, cut)| Step::CrashInUpload { from, to, cut }),
        1 => (place(), 0u16..300, 1u16..3_000)
            .prop_map(|(at, after, minutes)| Step::Maintain { at, after, minutes }),
        1 => place().prop_map(|at| Step::Rebuild { at }),
    ]
    .boxed()
}

pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec(step(), 1..60)
}
