//! Tables of millions of rows, by columns: what no row has costs nothing, and what fits into 32 bits costs four bytes.

use super::member::{How, Member, Stamp};
use crate::model::Numbers;

/// One time of each row.
#[derive(Default)]
pub(crate) struct Stamps(Numbers);

impl Stamps {
    /// What [`Stamp::NONE`] is as a number, so that it becomes zero.
    const NONE: u64 = Stamp::NONE.ticks() as u64;

    pub(crate) fn get(&self, row: u32) -> Stamp {
        Stamp::of_ticks((self.0.get(row) ^ Self::NONE) as i64)
    }

    pub(crate) fn set(&mut self, row: u32, time: Stamp) {
        self.0.set(row, time.ticks() as u64 ^ Self::NONE);
    }

    /// Whether no row has one.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// The members of an archive.
#[derive(Default)]
pub(crate) struct Members {
    at: Numbers,
    size: Numbers,
    /// What differs in it from the size: nothing where the member is stored.
    packed: Numbers,
    modified: Stamps,
    /// One more than the sum, zero for none.
    check: Numbers,
    block: Numbers,
    how: Vec<How>,
}

impl Members {
    pub(crate) fn len(&self) -> usize {
        self.how.len()
    }

    pub(crate) fn get(&self, own: u32) -> Option<Member> {
        Some(Member {
            how: *self.how.get(own as usize)?,
            at: self.at.get(own),
            packed: self.packed.get(own) ^ self.size.get(own),
            size: self.size.get(own),
            modified: self.modified.get(own),
            check: self.check.get(own).checked_sub(1).map(|sum| sum as u32),
            block: self.block.get(own) as u32,
        })
    }

    pub(crate) fn push(&mut self, member: Member) {
        let own = self.how.len() as u32; // below 2^32 by the bound of the tree
        self.how.push(member.how);
        self.set(own, member);
    }

    /// Changes one that is there.
    pub(crate) fn set(&mut self, own: u32, member: Member) {
        let Some(how) = self.how.get_mut(own as usize) else { return };
        *how = member.how;
        self.at.set(own, member.at);
        self.packed.set(own, member.packed ^ member.size);
        self.size.set(own, member.size);
        self.modified.set(own, member.modified);
        self.check.set(own, member.check.map_or(0, |sum| u64::from(sum) + 1));
        self.block.set(own, u64::from(member.block));
    }

    /// Changes how one is read.
    pub(crate) fn set_how(&mut self, own: u32, how: How) {
        if let Some(own) = self.how.get_mut(own as usize) {
            *own = how;
        }
    }

    /// How each is read.
    pub(crate) fn hows(&self) -> impl Iterator<Item = How> {
        self.how.iter().copied()
    }

    /// Whether any has a time of its last writing.
    pub(crate) fn have_modified(&self) -> bool {
        !self.modified.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_member_comes_back_as_it_was() {
        let member = |n: u64| Member {
            at: n << 30,
            packed: n,
            size: u64::MAX - n,
            modified: Stamp::of(n as i64 - 1, 100),
            check: Some(u32::MAX - n as u32),
            block: n as u32,
            how: How::Deflated,
        };
        let none = Member { at: 0, packed: 0, size: 0, modified: Stamp::NONE, check: None, block: 0, how: How::Folder };
        let mut members = Members::default();
        for n in 0..5 {
            members.push(member(n));
            members.push(none);
        }
        assert_eq!(members.len(), 10);
        for n in 0..5 {
            assert_eq!(members.get(2 * n), Some(member(u64::from(n))));
            assert_eq!(members.get(2 * n + 1), Some(none));
        }
        members.set(0, none);
        members.set_how(2, How::Link);
        members.set(99, none);
        assert_eq!((members.get(0), members.get(2).map(|member| member.how)), (Some(none), Some(How::Link)));
        assert!(members.get(10).is_none() && members.have_modified());
    }

    #[test]
    fn a_million_members_without_times_cost_less_than_20_bytes_each() {
        assert_eq!(size_of::<How>(), 1);
        let how = How::Stored;
        let stored = Member { at: 1, packed: 1, size: 1, modified: Stamp::NONE, check: Some(1), block: 0, how };
        for (member, expected) in [(stored, 13), (Member { packed: 7, ..stored }, 17)] {
            let mut members = Members::default();
            (0..1000).for_each(|_| members.push(member));
            let numbers =
                [&members.at, &members.packed, &members.size, &members.check, &members.block, &members.modified.0];
            let bytes: usize = numbers.iter().map(|numbers| numbers.bytes()).sum();
            assert_eq!((bytes + members.how.len(), members.get(5)), (expected * 1000, Some(member)));
        }
    }
}
