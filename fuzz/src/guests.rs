//! Calls about guests, and what brings them in by the file.

use arbitrary::{Result, Unstructured};
use kopilka::{
    ChangeGuest, Command, Consent, GuestAction, GuestDetails, Import, ImportRow, MergeGuest,
    NoDetails, Registration, Search,
};

use crate::calls::{Session, text};
use crate::{secrets, wild};

const GUESTS: &[&str] = &["g1", "g2", "g3", "g4", "guest"];

impl Session {
    pub(crate) fn about_guests(&self, input: &mut Unstructured<'_>) -> Result<Command> {
        Ok(match input.int_in_range(0..=9u8)? {
            0..=4 => Command::Guest(self.change_guest(input)?),
            5 | 6 => Command::Search(Search {
                limit: if input.arbitrary()? { 10 } else { u32::from(input.arbitrary::<u8>()?) },
                text: if wild::rarely(input, 3)? {
                    self.card(input)?
                } else {
                    secrets::search(input)?
                },
            }),
            _ => Command::Import(Import {
                rows: wild::list(input, 5, |input| self.row(input))?,
                source: text(input, &["old till"])?,
            }),
        })
    }

    fn guest_id(&self, input: &mut Unstructured<'_>) -> Result<String> {
        if self.guests.is_empty() || wild::rarely(input, 4)? {
            return wild::word(input, GUESTS);
        }
        wild::pick(input, &self.guests).cloned()
    }

    fn change_guest(&self, input: &mut Unstructured<'_>) -> Result<ChangeGuest> {
        let mut guest = Some(self.guest_id(input)?);
        let action = match input.int_in_range(0..=11u8)? {
            0..=4 => {
                guest = wild::maybe_often(input, |input| wild::word(input, GUESTS))?;
                GuestAction::Register(Registration {
                    cards: wild::list(input, 2, |input| self.card(input))?,
                    consents: wild::list(input, 2, consent)?,
                    details: details(input)?,
                })
            }
            5 | 6 => GuestAction::Update(details(input)?),
            7 => GuestAction::Consent(consent(input)?),
            8 | 9 => GuestAction::Merge(MergeGuest { double: self.guest_id(input)? }),
            _ => GuestAction::Erase(NoDetails::default()),
        };
        Ok(ChangeGuest {
            action,
            guest,
            reason: text(input, &["asked"])?,
            store: self.store(input)?,
            ..ChangeGuest::default()
        })
    }

    fn row(&self, input: &mut Unstructured<'_>) -> Result<ImportRow> {
        let document = self.program.document();
        if wild::rarely(input, 5)? {
            let coupon = match &document.coupons[..] {
                [] => "once".into(),
                coupons => wild::pick(input, coupons)?.id.clone(),
            };
            return Ok(ImportRow {
                code: Some(wild::word(input, &["OLD1", "OLD2", "old1", "X"])?),
                coupon: Some(coupon),
                expires_at: wild::maybe(input, 4, wild::instant)?,
                guest: wild::maybe(input, 4, |input| wild::word(input, GUESTS))?,
                opens_at: wild::maybe(input, 6, wild::instant)?,
                used: if input.arbitrary()? { 0 } else { u32::from(input.arbitrary::<u8>()? % 4) },
                ..ImportRow::default()
            });
        }
        let card = wild::maybe_often(input, |input| self.fresh(input))?;
        let fresh =
            card.as_ref().and_then(|card| self.numbers.iter().find(|fresh| fresh.number == *card));
        let held = fresh.and_then(|fresh| self.held_by(&fresh.kind));
        Ok(ImportRow {
            amount: wild::maybe(input, 2, |input| Ok(input.arbitrary::<u8>()?.into()))?,
            blocked: wild::rarely(input, 8)?,
            card,
            expires_at: wild::maybe(input, 4, wild::instant)?,
            guest: wild::maybe(input, 2, |input| wild::word(input, GUESTS))?,
            language: wild::maybe(input, 8, |input| wild::word(input, &["ru", "en"]))?,
            opens_at: wild::maybe(input, 6, wild::instant)?,
            personal: if wild::rarely(input, 3)? {
                secrets::personal(input)?
            } else {
                Default::default()
            },
            points: held.filter(|_| input.arbitrary().unwrap_or(false)),
            purchases: wild::maybe(input, 8, |input| Ok(input.arbitrary::<u8>()?.into()))?,
            spent: wild::maybe(input, 6, wild::sound)?,
            tier: wild::maybe(input, 8, |input| wild::word(input, &["base", "gold"]))?,
            tier_until: wild::maybe(input, 12, wild::instant)?,
            ..ImportRow::default()
        })
    }
}

fn details(input: &mut Unstructured<'_>) -> Result<GuestDetails> {
    Ok(GuestDetails {
        language: wild::maybe(input, 6, |input| wild::word(input, &["ru", "en"]))?,
        personal: secrets::personal(input)?,
        plan: wild::maybe(input, 6, |input| wild::word(input, &["plus", "free"]))?,
        staff: wild::maybe(input, 6, |input| input.arbitrary())?,
        zone: wild::maybe(input, 12, |input| wild::word(input, &["Asia/Tokyo", "Europe/Moscow"]))?,
    })
}

fn consent(input: &mut Unstructured<'_>) -> Result<Consent> {
    Ok(Consent {
        at: wild::maybe(input, 4, wild::instant)?,
        given: !wild::rarely(input, 3)?,
        kind: wild::word(input, &["sms", "personal_data"])?,
        source: text(input, &["till"])?,
    })
}
