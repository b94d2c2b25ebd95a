//! The same packets as a worse capture would hold them.

use crate::frame::Played;

/// What is done to a capture. Indices count packets from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// The capture missed this packet.
    Dropped(usize),
    /// The capture has this packet twice, as a mirror port with two sources does.
    Doubled(usize),
    /// This packet and the next were stored in the wrong order; the moments stay in order.
    Swapped(usize),
    /// The capture ends before this packet.
    Cut(usize),
}

impl Mutation {
    /// The index in it.
    pub const fn at(self) -> usize {
        match self {
            Self::Dropped(at) | Self::Doubled(at) | Self::Swapped(at) | Self::Cut(at) => at,
        }
    }
}

/// Every single mutation of a capture, with the capture that comes of it.
pub fn mutate(played: &Played) -> impl Iterator<Item = (Mutation, Played)> + '_ {
    let count = played.frames.len();
    let kinds = [Mutation::Dropped, Mutation::Doubled, Mutation::Swapped, Mutation::Cut];
    kinds.into_iter().flat_map(move |kind| (0..count).map(kind)).filter_map(|mutation| {
        let mut changed = played.clone();
        let frames = &mut changed.frames;
        match mutation {
            Mutation::Dropped(at) => {
                frames.remove(at);
            }
            Mutation::Doubled(at) => {
                let mut twin = frames.get(at)?.clone();
                twin.time = twin.time.plus(3_000);
                twin.label = None;
                frames.insert(at + 1, twin);
            }
            Mutation::Swapped(at) => {
                let [first, second] = frames.get_mut(at..at + 2)? else { return None };
                std::mem::swap(first, second);
                std::mem::swap(&mut first.time, &mut second.time);
            }
            // Nothing at all is no capture.
            Mutation::Cut(0) => return None,
            Mutation::Cut(at) => frames.truncate(at),
        }
        (!frames.is_empty()).then_some((mutation, changed))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_packet_is_touched_in_every_way() {
        let story = crate::Story::parse("# A\n```ladder\n> SYN\n< SYN ACK\n> ACK\n```\n").unwrap();
        let played = story.play().unwrap();
        let lengths: Vec<(Mutation, usize)> =
            mutate(&played).map(|(mutation, played)| (mutation, played.frames.len())).collect();
        assert_eq!(lengths.len(), 3 + 3 + 2 + 2);
        assert!(lengths.contains(&(Mutation::Dropped(2), 2)));
        assert!(lengths.contains(&(Mutation::Doubled(0), 4)));
        assert!(lengths.contains(&(Mutation::Cut(1), 1)));
        let (_, swapped) = mutate(&played).find(|(mutation, _)| *mutation == Mutation::Swapped(0)).unwrap();
        assert_eq!(swapped.frames[0].packet, played.frames[1].packet);
        assert_eq!(swapped.frames[0].time, played.frames[0].time);
    }
}
