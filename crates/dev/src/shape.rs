//! Every way in which the same packets can be stored.

use hangup_capture::{ByteOrder, pcap, pcapng};
use hangup_wire::{LinkType, Side};

use crate::frame::{Frame, Played};

/// A file format, byte order, resolution and link type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// The file format.
    pub format: Format,
    /// Byte order of the file.
    pub order: Order,
    /// Resolution of its clock.
    pub resolution: Resolution,
    /// What stands before the IP packet.
    pub link: Link,
}

/// File formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Classic pcap.
    Pcap,
    /// pcapng.
    Pcapng,
}

/// Byte orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As on x86 and ARM.
    Little,
    /// As on the network.
    Big,
}

/// Resolutions of a capture's clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resolution {
    /// Microseconds.
    Micros,
    /// Nanoseconds.
    Nanos,
}

/// Link types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// Ethernet II.
    Ethernet,
    /// Ethernet with an IEEE 802.1Q tag, VLAN 42.
    Vlan,
    /// Linux "cooked" capture.
    LinuxSll,
    /// Linux "cooked" capture, version 2.
    LinuxSll2,
    /// Nothing: the packet begins with its IP header.
    Raw,
    /// BSD loopback: the address family in the byte order of the file's host.
    Null,
    /// PPP in HDLC-like framing.
    Ppp,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            format: Format::Pcapng,
            order: Order::Little,
            resolution: Resolution::Micros,
            link: Link::Ethernet,
        }
    }
}

impl Shape {
    /// All of them: each link type, and each format in both byte orders and resolutions.
    pub fn all() -> Vec<Self> {
        let mut shapes = Vec::new();
        for format in [Format::Pcap, Format::Pcapng] {
            for order in [Order::Little, Order::Big] {
                for resolution in [Resolution::Micros, Resolution::Nanos] {
                    for link in Link::ALL {
                        shapes.push(Self { format, order, resolution, link });
                    }
                }
            }
        }
        shapes
    }

    /// The capture file.
    ///
    /// # Errors
    /// Where the format cannot hold a packet: a moment before 1970 or after 2106 in a pcap file.
    pub fn pack(self, played: &Played) -> std::io::Result<Vec<u8>> {
        let order = match self.order {
            Order::Little => ByteOrder::Little,
            Order::Big => ByteOrder::Big,
        };
        let link = self.link.number();
        match self.format {
            Format::Pcap => {
                let nanoseconds = self.resolution == Resolution::Nanos;
                let settings = pcap::Settings { order, nanoseconds, link, ..pcap::Settings::default() };
                let mut writer = pcap::Writer::new(Vec::new(), settings)?;
                for frame in &played.frames {
                    let bytes = self.wrap(frame);
                    writer.packet(frame.time, u32::try_from(bytes.len()).unwrap_or(u32::MAX), &bytes)?;
                }
                Ok(writer.into_inner())
            }
            Format::Pcapng => {
                let resolution = if self.resolution == Resolution::Nanos { 9 } else { 6 };
                let mut writer = pcapng::Writer::new(Vec::new(), order)?;
                let interface = writer.interface(link, resolution, 262_144)?;
                for frame in &played.frames {
                    let bytes = self.wrap(frame);
                    let length = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
                    writer.packet(interface, frame.time, length, &bytes, None)?;
                }
                Ok(writer.into_inner())
            }
        }
    }

    /// The packet behind the header of its link.
    fn wrap(self, frame: &Frame) -> Vec<u8> {
        let v6 = frame.packet.first().is_some_and(|first| first >> 4 == 6);
        let ether_type: [u8; 2] = if v6 { [0x86, 0xdd] } else { [0x08, 0x00] };
        // From the client's host: what it sends is outgoing (4), what it gets is for it (0).
        let direction = if frame.from == Some(Side::Client) { 4 } else { 0 };
        let mut bytes = Vec::with_capacity(frame.packet.len() + 20);
        match self.link {
            Link::Ethernet => {
                bytes.extend(frame.destination);
                bytes.extend(frame.source);
                bytes.extend(ether_type);
            }
            Link::Vlan => {
                bytes.extend(frame.destination);
                bytes.extend(frame.source);
                bytes.extend([0x81, 0x00, 0x00, 42]);
                bytes.extend(ether_type);
            }
            Link::LinuxSll => {
                bytes.extend([0, direction, 0, 1, 0, 6]);
                bytes.extend(frame.source);
                bytes.extend([0, 0]);
                bytes.extend(ether_type);
            }
            Link::LinuxSll2 => {
                bytes.extend(ether_type);
                bytes.extend([0, 0, 0, 0, 0, 2, 0, 1, direction, 6]);
                bytes.extend(frame.source);
                bytes.extend([0, 0]);
            }
            Link::Raw => {}
            Link::Null => {
                // AF_INET is 2 everywhere; AF_INET6 is 30 on macOS.
                let family: u32 = if v6 { 30 } else { 2 };
                bytes.extend(match self.order {
                    Order::Little => family.to_le_bytes(),
                    Order::Big => family.to_be_bytes(),
                });
            }
            Link::Ppp => bytes.extend([0xff, 0x03, 0x00, if v6 { 0x57 } else { 0x21 }]),
        }
        bytes.extend_from_slice(&frame.packet);
        bytes
    }
}

impl Link {
    /// All link types that a story can be stored with.
    pub const ALL: [Self; 7] =
        [Self::Ethernet, Self::Vlan, Self::LinuxSll, Self::LinuxSll2, Self::Raw, Self::Null, Self::Ppp];

    /// It says which network card sent a packet.
    pub const fn has_addresses(self) -> bool {
        matches!(self, Self::Ethernet | Self::Vlan | Self::LinuxSll | Self::LinuxSll2)
    }

    /// Its number in the LINKTYPE registry.
    const fn number(self) -> LinkType {
        LinkType(match self {
            Self::Ethernet | Self::Vlan => 1,
            Self::LinuxSll => 113,
            Self::LinuxSll2 => 276,
            Self::Raw => 101,
            Self::Null => 0,
            Self::Ppp => 9,
        })
    }
}
