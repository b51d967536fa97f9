//! Calls about cards, tickets and coupons.

use arbitrary::{Result, Unstructured};
use jiff::Timestamp;
use kopilka::{
    Admit, CardAction, CardDemand, CardGuest, CardLink, CardPin, CardUse, Challenge, ChangeCard,
    ChangeCoupon, CloseCard, Command, CouponAction, ExtendCard, GiftCapture, GiftTender, Issue,
    Line, LineKind, MakeBatch, MakePass, NoDetails, PassForm, PassLanguage, Present,
};

use crate::calls::{Session, opening, text};
use crate::{secrets, wild};

/// Kinds that make their numbers.
const MADE: &[&str] = &["made", "made-gift"];

impl Session {
    pub(crate) fn about_cards(
        &self,
        input: &mut Unstructured<'_>,
        at: Timestamp,
    ) -> Result<Command> {
        Ok(match input.int_in_range(0..=9u8)? {
            0..=3 => Command::Card(self.change_card(input)?),
            4 | 5 => Command::Admit(self.admit(input)?),
            6 | 7 => Command::Present(self.present(input, at)?),
            8 if input.arbitrary()? => Command::Coupon(ChangeCoupon {
                action: *wild::pick(input, CouponAction::ALL)?,
                code: self.code(input)?,
                reason: text(input, &["lost"])?,
                store: self.store(input)?,
                ..ChangeCoupon::default()
            }),
            8 => Command::Batch(self.batch(input)?),
            _ => Command::Pass(MakePass {
                card: if input.arbitrary()? { self.card(input)? } else { self.code(input)? },
                form: *wild::pick(input, PassForm::ALL)?,
                language: *wild::pick(input, PassLanguage::ALL)?,
            }),
        })
    }

    fn change_card(&self, input: &mut Unstructured<'_>) -> Result<ChangeCard> {
        let guest = |input: &mut Unstructured<'_>| {
            Ok(CardGuest { guest: wild::word(input, &["g1", "g2", "g3", "guest"])? })
        };
        let card = self.card(input)?;
        Ok(ChangeCard {
            action: match input.int_in_range(0..=19u8)? {
                0 | 1 => CardAction::Activate(NoDetails::default()),
                2 | 3 => CardAction::Bind(guest(input)?),
                4 => CardAction::Block(NoDetails::default()),
                5 => CardAction::Close(CloseCard { forfeit: input.arbitrary()? }),
                6 => CardAction::Demand(CardDemand {
                    challenge: wild::maybe(input, 2, |i| wild::pick(i, Challenge::ALL).copied())?,
                }),
                7 => {
                    CardAction::Extend(ExtendCard { until: wild::maybe(input, 2, wild::instant)? })
                }
                8 => CardAction::Link(CardLink { to: self.like(input, &card)? }),
                9 => CardAction::PayOut(NoDetails::default()),
                10..=12 => {
                    CardAction::Pin(CardPin { pin: wild::maybe_often(input, secrets::pin)? })
                }
                13 | 14 => CardAction::Replace(CardLink { to: self.fresh(input)? }),
                15 => CardAction::Share(guest(input)?),
                16 => CardAction::Unbind(NoDetails::default()),
                17 => CardAction::Unblock(NoDetails::default()),
                18 if input.arbitrary()? => CardAction::Unlink(NoDetails::default()),
                18 => CardAction::Unlock(NoDetails::default()),
                _ => CardAction::Unshare(guest(input)?),
            },
            card,
            reason: text(input, &["lost"])?,
            store: self.store(input)?,
            ..ChangeCard::default()
        })
    }

    fn admit(&self, input: &mut Unstructured<'_>) -> Result<Admit> {
        let card = self.card_for(input, CardUse::Ticket)?;
        Ok(Admit {
            entries: match input.int_in_range(0..=9u8)? {
                0 => input.arbitrary()?,
                1 | 2 => u32::from(input.arbitrary::<u8>()? % 8),
                _ => 1,
            },
            gate: text(input, &["north"])?,
            presentation: self.presentation(input, &card)?,
            card,
            store: self.store(input)?,
            till: text(input, &["t1", "t9"])?,
            ..Admit::default()
        })
    }

    fn present(&self, input: &mut Unstructured<'_>, at: Timestamp) -> Result<Present> {
        let number = self.card(input)?;
        let scan = match input.int_in_range(0..=9u8)? {
            0..=4 => number,
            5 | 6 => secrets::rotating(input, &number, at)?,
            7 | 8 => secrets::signed(input, &number, at)?,
            _ => {
                let scans = ["", "4111111111111111", "TEAM-12", "kr.1.2", "ks.app.1.1.1.n.AA"];
                (*wild::pick(input, &scans)?).to_owned()
            }
        };
        Ok(Present {
            pin: wild::maybe(input, 2, secrets::pin)?,
            scan: scan.into(),
            secret: wild::maybe_often(input, |_| Ok(secrets::key()))?,
            store: self.store(input)?,
            till: text(input, &["t1", "t9"])?,
            ..Present::default()
        })
    }

    fn batch(&self, input: &mut Unstructured<'_>) -> Result<MakeBatch> {
        let kinds = &self.program.document().coupons;
        Ok(MakeBatch {
            batch: text(input, &["b1"])?,
            card: wild::maybe(input, 4, |input| self.card(input))?,
            codes: if wild::rarely(input, 3)? {
                wild::list(input, 3, |input| {
                    wild::word(input, &["AA1", "AA2", "aa1", "4111111111111111"])
                })?
            } else {
                Vec::new()
            },
            count: match input.int_in_range(0..=11u8)? {
                0 => 0,
                1 => input.arbitrary()?,
                few => u32::from(few % 4),
            },
            coupon: match kinds.is_empty() || wild::rarely(input, 24)? {
                true => "once".into(),
                false => wild::pick(input, kinds)?.id.clone(),
            },
            expires_at: wild::maybe(input, 4, wild::instant)?,
            guest: wild::maybe(input, 4, |input| wild::word(input, &["g1", "g2"]))?,
            opens_at: wild::maybe(input, 6, wild::instant)?,
            store: self.store(input)?,
            uses: wild::maybe(input, 4, |input| Ok(u32::from(input.arbitrary::<u8>()? % 4)))?,
            ..MakeBatch::default()
        })
    }

    /// What an issue of the six kinds may name besides.
    pub(crate) fn issue_further(
        &self,
        input: &mut Unstructured<'_>,
        mut issue: Issue,
    ) -> Result<Issue> {
        if wild::rarely(input, 6)? {
            let kind = wild::word(input, MADE)?;
            (issue.card, issue.kind) = (String::new(), Some(kind));
        }
        let fresh = self.numbers.iter().find(|fresh| fresh.number == issue.card);
        let held = fresh.map(|fresh| self.held_by(&fresh.kind));
        if let (Some(Some(held)), false) = (&held, wild::rarely(input, 8)?) {
            if issue.opening.is_empty() && input.arbitrary()? {
                issue.opening.push(opening(input)?);
            }
            let gift = fresh.is_some_and(|fresh| fresh.usage == CardUse::Gift);
            for lot in &mut issue.opening {
                lot.points = Some(held.clone());
                lot.expires_at = lot.expires_at.filter(|_| !gift);
            }
        } else if held.is_some() {
            issue.opening.clear();
        }
        let pin = fresh.is_some_and(|fresh| fresh.pin);
        issue.expires_at = wild::maybe(input, 10, wild::instant)?;
        issue.guest = wild::maybe(input, 4, |i| wild::word(i, &["g1", "g2", "g3", "guest"]))?;
        issue.pin = wild::maybe(input, if pin { 2 } else { 60 }, secrets::pin)?;
        issue.seat = wild::maybe(input, 60, |input| wild::word(input, &["5-12"]))?;
        Ok(issue)
    }

    /// Gift cards that pay, with what proves them.
    pub(crate) fn gift_cards(&self, input: &mut Unstructured<'_>) -> Result<Vec<GiftTender>> {
        if !wild::rarely(input, 3)? {
            return Ok(Vec::new());
        }
        let tender = |input: &mut Unstructured<'_>| {
            let number = self.card_for(input, CardUse::Gift)?;
            Ok(GiftTender {
                amount: wild::maybe(input, 2, wild::sound)?,
                confirmed: *wild::pick(input, Challenge::ALL)?,
                presentation: self.presentation(input, &number)?,
                number,
            })
        };
        let mut cards = wild::list(input, 3, tender)?;
        if !wild::rarely(input, 24)? {
            cards.sort_by(|one, other| one.number.cmp(&other.number));
            cards.dedup_by(|one, other| one.number == other.number);
        }
        Ok(cards)
    }

    pub(crate) fn captures(
        &self,
        input: &mut Unstructured<'_>,
    ) -> Result<Option<Vec<GiftCapture>>> {
        let capture = |input: &mut Unstructured<'_>| {
            let card = self.card_for(input, CardUse::Gift)?;
            Ok(GiftCapture { amount: wild::sound(input)?, card })
        };
        wild::maybe(input, 4, |input| wild::list(input, 2, capture))
    }

    /// Lines that load cards and sell tickets name one.
    pub(crate) fn load(&self, input: &mut Unstructured<'_>, line: &mut Line) -> Result<()> {
        let wrong = wild::rarely(input, 64)?;
        if (line.kind == LineKind::StoredValue) == wrong {
            return Ok(());
        }
        let wanted = if input.arbitrary()? { CardUse::Gift } else { CardUse::Ticket };
        line.card = Some(if input.arbitrary()? {
            self.card_for(input, wanted)?
        } else {
            let numbers = self.numbers.iter().filter(|fresh| fresh.usage == wanted);
            let numbers: Vec<_> = numbers.collect();
            if numbers.is_empty() {
                self.card(input)?
            } else {
                wild::pick(input, &numbers)?.number.clone()
            }
        });
        if !wild::rarely(input, 8)? {
            line.quantity =
                if wanted == CardUse::Ticket { u8::from(input.ratio(1, 4)?) + 1 } else { 1 }.into();
            line.price = (*wild::pick(input, &[100u16, 250, 10, 5])?).into();
        }
        Ok(())
    }

    /// What cards of a kind hold, if anything.
    pub(crate) fn held_by(&self, kind: &str) -> Option<String> {
        let document = self.program.document();
        let kind = document.cards.iter().find(|one| one.id == kind)?;
        match kind.kind {
            CardUse::Discount => None,
            CardUse::Gift => Some(document.currency.clone()),
            _ => kind.points.clone().or_else(|| Some(document.points.first()?.id.clone())),
        }
    }

    /// A card of one use, or now and then any.
    pub(crate) fn card_for(&self, input: &mut Unstructured<'_>, wanted: CardUse) -> Result<String> {
        let own: Vec<&String> =
            self.uses.iter().filter(|(_, kind)| **kind == wanted).map(|(card, _)| card).collect();
        if own.is_empty() || wild::rarely(input, 16)? {
            return self.card(input);
        }
        Ok((*wild::pick(input, &own)?).clone())
    }

    /// Another card of the same kind of use.
    fn like(&self, input: &mut Unstructured<'_>, card: &str) -> Result<String> {
        match self.uses.get(card) {
            Some(kind) => self.card_for(input, *kind),
            None => self.card(input),
        }
    }

    /// A number that may be new.
    pub(crate) fn fresh(&self, input: &mut Unstructured<'_>) -> Result<String> {
        if self.numbers.is_empty() || wild::rarely(input, 12)? {
            return self.card(input);
        }
        Ok(wild::pick(input, &self.numbers)?.number.clone())
    }

    /// The record of an accepted presentation of the card, if there is one.
    pub(crate) fn presentation(
        &self,
        input: &mut Unstructured<'_>,
        card: &str,
    ) -> Result<Option<String>> {
        let own = self.presentations.iter().rev().find(|(number, _)| number == card);
        match own {
            Some((_, record)) if !wild::rarely(input, 8)? => Ok(Some(record.clone())),
            _ => wild::maybe(input, 16, |input| match &self.presentations[..] {
                [] => wild::word(input, &["t.1.1"]),
                all => Ok(wild::pick(input, all)?.1.clone()),
            }),
        }
    }
}
