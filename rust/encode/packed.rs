//! The ids of one pretoken in a fixed size, so that handing them on takes no branch.

/// Most ids that are packed.
pub(super) const MAX_IDS: usize = 4;

/// The bits of an id. Three bytes hold any.
pub(super) const ID: u64 = crate::vocab::MAX_IDS as u64 - 1;
const _: () = assert!(ID < 1 << 24 && (ID + 1).is_power_of_two());

/// At most four ids of less than 24 bits, two a word, with their count in the highest byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Packed(pub [u64; 2]);

impl Packed {
    /// These ids, if they fit.
    pub fn new(ids: &[u32]) -> Option<Self> {
        if ids.len() > MAX_IDS {
            return None;
        }
        let id = |at: usize| ids.get(at).map_or(0, |&id| u64::from(id));
        let count = (ids.len() as u64) << 56;
        Some(Packed([id(0) | id(1) << 32, id(2) | id(3) << 32 | count]))
    }

    /// One id.
    #[inline(always)]
    pub fn one(id: u32) -> Self {
        Packed([u64::from(id), 1 << 56])
    }

    /// How many ids are packed.
    #[inline(always)]
    pub fn count(self) -> usize {
        (self.0[1] >> 56) as usize
    }

    /// The packed ids, and zeros up to four.
    #[inline(always)]
    pub fn ids(self) -> [u32; MAX_IDS] {
        let [front, back] = self.0;
        // Masked as a whole, so that it is stored as a whole.
        let back = back & (ID << 32 | u64::from(u32::MAX));
        [
            front as u32,
            (front >> 32) as u32,
            back as u32,
            (back >> 32) as u32,
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_come_back() {
        let ids = [0xFF_FFFF, 1, 0xAB_CDEF, 0xFF_FFFF, 7];
        for count in 0..=MAX_IDS {
            let packed = Packed::new(&ids[..count]).unwrap();
            assert_eq!(packed.count(), count);
            assert_eq!(packed.ids()[..count], ids[..count]);
        }
        assert_eq!(Packed::new(&ids), None);
        assert_eq!(Packed::new(&ids[..1]), Some(Packed::one(ids[0])));
    }
}
