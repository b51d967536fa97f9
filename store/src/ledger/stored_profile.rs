//! What is personal of guests, as it is kept beside the records.

use kopilka::document::{canonical, from_node};
use kopilka::json::Node;
use kopilka::{Personal, Position};

use crate::error::StoreError;
use crate::store::StoredProfile;

/// The most bytes of one guest's personal data.
const PROFILE_BYTES_MAX: usize = 1 << 20;

/// Personal data as they are kept; none once they were erased.
pub(super) fn row_of(
    guest: &str,
    personal: Option<&Personal>,
    position: Position,
) -> StoredProfile {
    StoredProfile {
        guest: guest.to_owned(),
        personal: personal.map(canonical),
        phone: personal.and_then(|personal| personal.phone.clone()),
        position,
    }
}

/// Reads what is kept of a guest.
pub(super) fn personal_of(row: Option<StoredProfile>) -> Result<Option<Personal>, StoreError> {
    let Some((guest, text)) = row.and_then(|row| Some((row.guest, row.personal?))) else {
        return Ok(None);
    };
    let read = Node::parse(&text, PROFILE_BYTES_MAX).and_then(|node| from_node(&node));
    read.map(Some).map_err(|error| {
        StoreError::damaged(format!("what is personal of `{guest}` cannot be read: {error}"))
    })
}
