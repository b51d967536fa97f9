//! Masks: the form of a scan, character by character.

/// The most characters that a mask may have.
pub(crate) const MASK_MAX: usize = 64;
/// The most digits that a weight or price may have, so that it is a whole number of any door.
pub(crate) const VALUE_DIGITS_MAX: usize = 12;

/// A form of scans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mask(Vec<Place>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Digit,
    LetterOrDigit,
    Item,
    Value,
    Itself(char),
}

/// What stands at the places of a mask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// At `#` and `?`.
    pub places: String,
    /// At `i`.
    pub item: String,
    /// At `w`.
    pub value: String,
}

impl Mask {
    pub fn new(text: &str) -> Mask {
        Mask(text.chars().map(place).collect())
    }

    /// What stands where, if the whole text has this form.
    pub fn parts(&self, text: &str) -> Option<Parts> {
        let mut parts = Parts::default();
        let mut characters = text.chars();
        for place in &self.0 {
            let character = characters.next()?;
            let fits = match place {
                Place::LetterOrDigit => character.is_alphanumeric(),
                Place::Itself(own) => *own == character,
                Place::Digit | Place::Item | Place::Value => character.is_ascii_digit(),
            };
            if !fits {
                return None;
            }
            match place {
                Place::Digit | Place::LetterOrDigit => parts.places.push(character),
                Place::Item => parts.item.push(character),
                Place::Value => parts.value.push(character),
                Place::Itself(_) => {}
            }
        }
        characters.next().is_none().then_some(parts)
    }

    /// The characters that everything of this form begins with.
    pub fn prefix(&self) -> String {
        let own = |place: &Place| match place {
            Place::Itself(own) => Some(*own),
            _ => None,
        };
        self.0.iter().map_while(own).collect()
    }

    pub fn length(&self) -> usize {
        self.0.len()
    }

    /// How many places there are for `#` or `?`, for `i`, and for `w`.
    pub fn counts(&self) -> (usize, usize, usize) {
        let count = |is: fn(&Place) -> bool| self.0.iter().filter(|place| is(place)).count();
        (
            count(|place| matches!(place, Place::Digit | Place::LetterOrDigit)),
            count(|place| *place == Place::Item),
            count(|place| *place == Place::Value),
        )
    }
}

fn place(character: char) -> Place {
    match character {
        '#' => Place::Digit,
        '?' => Place::LetterOrDigit,
        'i' => Place::Item,
        'w' => Place::Value,
        own => Place::Itself(own),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_fits_texts_of_its_form_only() {
        let mask = Mask::new("777-???");
        assert_eq!(mask.parts("777-1A2").unwrap().places, "1A2");
        for text in ["777-12", "777-1234", "7771234", "778-123", "777-1-2", ""] {
            assert_eq!(mask.parts(text), None, "{text}");
        }
        assert_eq!(Mask::new("##").parts("1A"), None);
        assert_eq!(mask.prefix(), "777-");
    }

    #[test]
    fn a_scale_label_has_an_item_and_a_value() {
        let parts = Mask::new("21iiiiiwwwww#").parts("2112345006789").unwrap();
        assert_eq!((parts.item.as_str(), parts.value.as_str()), ("12345", "00678"));
        assert_eq!(parts.places, "9");
        assert_eq!(Mask::new("21iiiiiwwwww#").counts(), (1, 5, 5));
    }
}
