//! Lists that take no more room than they need.

use std::mem::take;
use std::ops::{Deref, DerefMut};

/// A list without room to grow: most of what the watch knows are cards with few entries, of which
/// there are many. Changing its length moves it, which costs no more than the search before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exact<T>(Box<[T]>);

impl<T> Default for Exact<T> {
    fn default() -> Self {
        Exact(Box::default())
    }
}

impl<T> Deref for Exact<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T> DerefMut for Exact<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}

impl<T> From<Vec<T>> for Exact<T> {
    fn from(list: Vec<T>) -> Self {
        Exact(list.into_boxed_slice())
    }
}

impl<T> Exact<T> {
    /// Changes it as a vector.
    pub fn change<R>(&mut self, run: impl FnOnce(&mut Vec<T>) -> R) -> R {
        let mut list = take(&mut self.0).into_vec();
        let result = run(&mut list);
        self.0 = list.into_boxed_slice();
        result
    }

    /// Puts one before the one at a place.
    pub fn insert(&mut self, place: usize, one: T) {
        self.change(|list| {
            list.reserve_exact(1);
            list.insert(place, one);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_changed_as_a_vector_is() {
        let mut list = Exact::from(vec![1, 3]);
        list.insert(1, 2);
        list.insert(3, 4);
        assert_eq!(*list, [1, 2, 3, 4]);
        assert_eq!(list.change(|list| list.remove(0)), 1);
        list.change(|list| list.retain(|one| one % 2 == 0));
        assert_eq!(list, Exact::from(vec![2, 4]));
    }
}
