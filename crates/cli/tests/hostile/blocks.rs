//! pcapng with absurd lengths, options without end, and everything by the million that may stand beside packets.

use crate::run::{Run, does_not_grow, fed, sized};
use crate::wire::{BEGIN, SERVER, SYN, Segment, client};
use std::io::{self, Write};

const JSON: [&str; 3] = ["-", "--format", "json"];

const INTERFACE: u32 = 1;
const NAMES: u32 = 4;
const PACKET: u32 = 6;
const SECRETS: u32 = 10;

/// A block with its two lengths.
fn block(kind: u32, body: &[u8]) -> Vec<u8> {
    let padded = body.len().next_multiple_of(4);
    let total = u32::try_from(padded + 12).unwrap().to_le_bytes();
    let mut bytes = kind.to_le_bytes().to_vec();
    bytes.extend(total);
    bytes.extend(body);
    bytes.resize(8 + padded, 0);
    bytes.extend(total);
    bytes
}

/// Code, length, value.
fn option(code: u16, value: &[u8]) -> Vec<u8> {
    let mut bytes = code.to_le_bytes().to_vec();
    bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
    bytes.extend(value);
    bytes.resize(bytes.len().next_multiple_of(4), 0);
    bytes
}

fn section() -> Vec<u8> {
    let mut body = 0x1a2b_3c4d_u32.to_le_bytes().to_vec();
    body.extend([1, 0, 0, 0]);
    body.extend([0xff; 8]);
    block(0x0a0d_0d0a, &body)
}

fn interface(link: u16, options: &[u8]) -> Vec<u8> {
    block(INTERFACE, &[&link.to_le_bytes()[..], &[0; 6], options].concat())
}

/// The call of client `index`, on an interface.
fn packet(index: u64, interface: u32, options: &[u8]) -> Vec<u8> {
    let from = client(index);
    let frame = Segment { from, to: SERVER, seq: 7, ack: 0, flags: SYN, payload: b"" }.frame();
    let time = u64::try_from(BEGIN).unwrap() * 1_000_000 + index;
    let [low, high] = [time & 0xffff_ffff, time >> 32].map(|half| u32::try_from(half).unwrap());
    let length = u32::try_from(frame.len()).unwrap();
    let mut body: Vec<u8> =
        [interface, high, low, length, length].into_iter().flat_map(u32::to_le_bytes).collect();
    body.extend(&frame);
    body.resize(body.len().next_multiple_of(4), 0);
    body.extend(options);
    block(PACKET, &body)
}

/// A section with an interface of Ethernet and one call.
fn start() -> Vec<u8> {
    [section(), interface(1, b""), packet(0, 0, b"")].concat()
}

/// A start, `count` blocks, and another call: with a quarter of them and with all, memory stays where it was.
fn grown(name: &str, count: u64, made: fn(u64) -> Vec<u8>) -> Run {
    let with = |count: u64| {
        let run = fed(&format!("{name} ({count})"), &JSON, move |out: &mut dyn Write| {
            out.write_all(&start())?;
            (0..count).try_for_each(|index| out.write_all(&made(index)))?;
            out.write_all(&packet(1, 0, b""))
        });
        assert_eq!(run.held(0, 250).json()["summary"]["connections"], 2);
        run
    };
    let (once, four_times) = (with(count / 4), with(count));
    does_not_grow(&once, &four_times, 8);
    four_times
}

#[test]
fn blocks_of_absurd_lengths() {
    for length in [0_u32, 4, 8, 11, 0x1000_0004, 0x7fff_fffc, 0xffff_fffc, 0xffff_ffff] {
        for kind in [PACKET, INTERFACE, 0x1234_5678] {
            let run = fed(&format!("absurd_block ({kind:#x}, {length:#x})"), &JSON, move |out| {
                out.write_all(&start())?;
                out.write_all(&kind.to_le_bytes())?;
                out.write_all(&length.to_le_bytes())?;
                out.write_all(&vec![0; 100_000])
            });
            assert_eq!(
                run.held(1, 64).json()["summary"]["connections"],
                1,
                "what stands before it is reported"
            );
        }
    }
}

/// The block is whole, and what is in it claims more than it has.
#[test]
fn blocks_whose_insides_lie() {
    let run = fed("lying_insides", &JSON, |out| {
        out.write_all(&start())?;
        let mut lying = packet(1, 0, b"");
        lying[20..24].copy_from_slice(&0xffff_fff0_u32.to_le_bytes());
        out.write_all(&lying)?;
        out.write_all(&packet(2, 77, b""))?;
        out.write_all(&block(PACKET, &[0; 8]))?;
        out.write_all(&block(NAMES, &[1, 0, 0xff, 0xff, 1, 2, 3, 4]))?;
        out.write_all(&block(SECRETS, &[0xff; 8]))?;
        out.write_all(&packet(3, 0, &[1, 0, 0xff, 0xff, b'x']))?;
        out.write_all(&packet(4, 0, b""))
    });
    let report = run.held(1, 64).json();
    assert_eq!(report["summary"]["connections"], 3, "{report}");
}

/// A million of them in one block, each of length 0.
#[test]
fn options_without_end() {
    let count = usize::try_from(sized(500_000, 10_000_000)).unwrap();
    let run = fed("options", &JSON, move |out| {
        out.write_all(&start())?;
        out.write_all(&packet(1, 0, &option(2988, b"").repeat(count)))?;
        out.write_all(&packet(2, 0, &option(1, b"a comment").repeat(count)))?;
        out.write_all(&interface(1, &option(2, b"eth0").repeat(count)))?;
        out.write_all(&packet(3, 0, b""))
    });
    assert_eq!(run.held(0, sized(64, 500)).json()["summary"]["connections"], 4);
}

#[test]
fn interfaces_by_the_million() {
    let count = sized(200_000, 4_000_000);
    let run = fed("interfaces", &JSON, move |out| {
        out.write_all(&start())?;
        (0..count).try_for_each(|_| out.write_all(&interface(1, &option(2, b"an interface"))))?;
        out.write_all(&packet(1, 0, b""))
    });
    // More than 65,536 in one section are not believed, and that is said.
    let report = run.held(1, 64).json();
    assert_eq!(report["summary"]["connections"], 2);
}

#[test]
fn interfaces_with_long_names() {
    grown("long_interfaces", sized(4000, 60_000), |_| interface(1, &option(2, &vec![b'n'; 60_000])));
}

/// Each packet of another link type than the one before.
#[test]
fn link_types_that_take_turns() {
    let count = sized(200_000, 4_000_000);
    let run = fed("link_types", &JSON, move |out: &mut dyn Write| -> io::Result<()> {
        out.write_all(&start())?;
        for link in 1..60_000_u16 {
            out.write_all(&interface(link, b""))?;
        }
        for index in 0..count {
            let lane = u32::try_from(index % 60_000).unwrap();
            out.write_all(&packet(index % 1000, lane, b""))?;
        }
        Ok(())
    });
    assert_eq!(run.held(0, 64).json()["captures"][0]["packets"], count + 1);
}

#[test]
fn sections_by_the_million() {
    grown("sections", sized(100_000, 4_000_000), |_| [section(), interface(1, b"")].concat());
}

#[test]
fn names_by_the_million() {
    grown("names", sized(8000, 200_000), |index| {
        let [.., a, b, c, d] = index.to_be_bytes();
        let value = [&[a, b, c, d][..], &vec![b'n'; 60_000], &[0]].concat();
        block(NAMES, &[option(1, &value), vec![0; 4]].concat())
    });
}

#[test]
fn comments_by_the_million() {
    grown("comments", sized(8000, 200_000), |index| packet(index % 2, 0, &option(1, &vec![b'c'; 60_000])));
}

/// Each of them empty: what is kept of them has to count them, too.
#[test]
fn secrets_by_the_million() {
    let secrets = |count: u64| {
        let run = fed(&format!("secrets ({count})"), &JSON, move |out| {
            out.write_all(&start())?;
            let empty = block(SECRETS, &[0x4b, 0x53, 0x4c, 0x54, 0, 0, 0, 0]);
            (0..count).try_for_each(|_| out.write_all(&empty))
        });
        assert_eq!(run.json()["summary"]["connections"], 1);
        run
    };
    let count = sized(8_000_000, 32_000_000);
    secrets(count).held(1, 200);
}

/// Nothing is held of what nobody wants, however long it is.
#[test]
fn unknown_blocks_of_any_length() {
    let length = sized(200, 4000) << 20;
    let run = fed("unknown_block", &JSON, move |out| {
        out.write_all(&start())?;
        let total = u32::try_from(length + 12).unwrap().to_le_bytes();
        out.write_all(&0x1234_5678_u32.to_le_bytes())?;
        out.write_all(&total)?;
        let zeros = vec![0; 1 << 20];
        (0..length >> 20).try_for_each(|_| out.write_all(&zeros))?;
        out.write_all(&total)?;
        out.write_all(&packet(1, 0, b""))
    });
    assert!([Some(0), Some(1)].contains(&run.code), "{run:?}");
    let connections = run.held(run.code.unwrap(), 64).json()["summary"]["connections"].as_u64();
    // A stream cannot tell whether more than 256 MiB will come: such a block is refused.
    assert_eq!(connections, Some(if length <= 256 << 20 { 2 } else { 1 }));
}
