//! Blocks: their types and their frame.

use crate::order::ByteOrder;

/// The type of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockType(pub(crate) u32);

impl BlockType {
    /// The same in both byte orders: it is what tells them apart.
    pub(crate) const SECTION: Self = Self(0x0a0d_0d0a);
    pub(crate) const INTERFACE: Self = Self(1);
    pub(crate) const OBSOLETE_PACKET: Self = Self(2);
    pub(crate) const SIMPLE_PACKET: Self = Self(3);
    pub(crate) const NAMES: Self = Self(4);
    pub(crate) const STATISTICS: Self = Self(5);
    pub(crate) const ENHANCED_PACKET: Self = Self(6);
    pub(crate) const SECRETS: Self = Self(10);

    /// Whether Wireshark gives it a frame number although it holds no packet: entries of the systemd journal,
    /// events of sysdig, custom blocks. Seen with Wireshark 4.0.
    pub(crate) fn has_a_number(self) -> bool {
        matches!(self.0, 9 | 0x204 | 0x208 | 0x216 | 0x217 | 0x221 | 0x222 | 0xbad | 0x4000_0bad)
    }

    /// What to call it in a message.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::SECTION => "section header",
            Self::INTERFACE => "interface description",
            Self::OBSOLETE_PACKET | Self::SIMPLE_PACKET | Self::ENHANCED_PACKET => "packet",
            Self::NAMES => "name resolution",
            Self::STATISTICS => "statistics",
            Self::SECRETS => "secrets",
            _ => "other",
        }
    }
}

/// The longest head and tail of a block: type, length; length again.
pub(crate) const FRAME: usize = 12;

const ORDER_MARK: u32 = 0x1a2b_3c4d;

/// Whether a file that begins like this is pcapng.
pub(crate) fn is_pcapng(bytes: &[u8]) -> bool {
    ByteOrder::Little.u32(bytes, 0) == Some(BlockType::SECTION.0)
}

/// The byte order of the section whose header block begins with `block`.
pub(crate) fn order_of(block: &[u8]) -> Option<ByteOrder> {
    [ByteOrder::Little, ByteOrder::Big].into_iter().find(|order| order.u32(block, 8) == Some(ORDER_MARK))
}
