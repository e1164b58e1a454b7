use super::*;
use futures::AsyncReadExt;
use futures::executor::block_on;
use std::io::{Read, Write};

/// Returns data that is partly incompressible.
fn sample(length: usize) -> Vec<u8> {
    let noise = (0_u32..).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8);
    let text = b"{\"id\":\"a\",\"value\":1}\n".iter().cycle().copied();
    noise
        .zip(text)
        .enumerate()
        .map(|(at, (noise, text))| if at % 5000 < 700 { noise } else { text })
        .take(length)
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut options = lzma_rust2::XzOptions::with_preset(1);
    options.set_check_sum_type(lzma_rust2::CheckType::Crc64);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn pack(compression: Compression, bytes: &[u8]) -> Vec<u8> {
    match compression {
        Compression::Gzip => gzip(bytes),
        Compression::Zstd => zstd(bytes),
        Compression::Bzip2 => bzip2(bytes),
        Compression::Xz => xz(bytes),
    }
}

/// Hands out a few bytes at a time, and is sometimes not ready.
struct Slow<'a> {
    bytes: &'a [u8],
    length: usize,
    is_ready: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.is_ready = !self.is_ready;
        if !self.is_ready {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let length = self.length.min(self.bytes.len()).min(into.len());
        into[..length].copy_from_slice(&self.bytes[..length]);
        self.bytes = &self.bytes[length..];
        Ok(length)
    }
}

/// Reads everything in several ways, all of which must return the same.
fn unpack_named(bytes: &[u8], name: &str) -> Result<Vec<u8>, String> {
    let mut results = Vec::new();
    for (length, room) in [(usize::MAX, 1 << 16), (1000, 7), (if bytes.len() > 10_000 { 777 } else { 1 }, 300)] {
        let mut source = Unpacked::new(Slow { bytes, length, is_ready: false }, name);
        let mut all = Vec::new();
        let mut buffer = vec![0; room];
        results.push(loop {
            match source.read(&mut buffer) {
                Ok(0) => break Ok(all),
                Ok(length) => all.extend_from_slice(&buffer[..length]),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => break Err(error.to_string()),
            }
        });
    }
    let mut all = Vec::new();
    let reader = futures::io::AllowStdIo::new(bytes);
    let read = block_on(UnpackedAsync::new(reader, name).read_to_end(&mut all));
    results.push(read.map(|_| all).map_err(|error| error.to_string()));
    assert!(
        results.windows(2).all(|pair| pair[0] == pair[1]),
        "{:?}",
        results.iter().map(|r| r.as_ref().map(Vec::len)).collect::<Vec<_>>()
    );
    results.swap_remove(0)
}

fn unpack(bytes: &[u8]) -> Result<Vec<u8>, String> {
    unpack_named(bytes, "")
}

#[test]
fn what_is_not_compressed_stays_as_it_is() {
    for plain in [
        &b""[..],
        b"\x1f",
        b"\x28\xb5\x2f",
        b"P*M",
        b"BZh9,value\n",
        b"BZh",
        b"\xFD7zXZ",
        b"(",
        b"{}",
        b"id,value\n1,2\n",
    ] {
        assert_eq!(unpack(plain).unwrap(), plain);
    }
    let sample = sample(700_000);
    assert!(unpack(&sample).unwrap() == sample);
}

#[test]
fn all_formats_and_their_members_are_read() {
    let sample = sample(700_000);
    let (one, other) = sample.split_at(400_001);
    for compression in Compression::ALL {
        let pack = |bytes| pack(compression, bytes);
        assert!(unpack(&pack(&sample)).unwrap() == sample, "{compression:?}");
        assert!(unpack(&[pack(one), pack(b""), pack(other)].concat()).unwrap() == sample, "{compression:?}");
        assert_eq!(unpack(&pack(b"")).unwrap(), b"", "{compression:?}");
        assert_eq!(unpack(&pack(b"{")).unwrap(), b"{", "{compression:?}");
    }
}

#[test]
fn zeros_behind_the_data_are_skipped() {
    for compression in [Compression::Gzip, Compression::Bzip2, Compression::Xz] {
        let packed = [pack(compression, b"one"), vec![0; 512], pack(compression, b"two"), vec![0; 4]].concat();
        assert_eq!(unpack(&packed).unwrap(), b"onetwo", "{compression:?}");
    }
}

#[test]
fn skippable_frames_are_skipped() {
    let skippable =
        |length: u32| [b"\x5a\x2a\x4d\x18".to_vec(), length.to_le_bytes().to_vec(), vec![7; length as usize]].concat();
    let packed = [skippable(4), skippable(0), zstd(b"one"), skippable(100_000), zstd(b"two"), skippable(1)].concat();
    assert_eq!(unpack(&packed).unwrap(), b"onetwo");
    assert_eq!(unpack(&skippable(3)).unwrap(), b"");
    assert_eq!(unpack(&skippable(3)[..10]).unwrap_err(), "the zstd data ends too early; the file is not complete");
}

#[test]
fn layers_are_taken_off() {
    assert_eq!(unpack(&gzip(&zstd(&xz(&bzip2(b"content"))))).unwrap(), b"content");
    assert_eq!(unpack(&gzip(&gzip(b"content"))).unwrap(), b"content");
    let error = unpack(&(0..5).fold(b"content".to_vec(), |bytes, _| gzip(&bytes))).unwrap_err();
    assert_eq!(error, "it is compressed more than 4 times over");
}

#[test]
fn an_end_that_comes_too_early_is_named() {
    let sample = sample(100_000);
    for compression in Compression::ALL {
        let packed = pack(compression, &sample);
        let expected = format!("the {} data ends too early; the file is not complete", compression.name());
        for length in [8, packed.len() / 2, packed.len() - 1] {
            assert_eq!(unpack(&packed[..length]).unwrap_err(), expected, "{length} bytes");
        }
        // Within the second member.
        let length = Compression::MAX_MAGIC_LENGTH.min(packed.len());
        for length in [1, length, packed.len() - 5] {
            let two = [&packed[..], &packed[..length]].concat();
            assert_eq!(unpack(&two).unwrap_err(), expected, "{length} bytes of the second");
        }
    }
}

#[test]
fn damaged_data_is_named() {
    let sample = sample(100_000);
    for compression in Compression::ALL {
        let format = compression.name();
        let mut packed = pack(compression, &sample);
        let at = packed.len() / 2;
        packed[at..at + 50].iter_mut().for_each(|byte| *byte = !*byte);
        let error = unpack(&packed).unwrap_err();
        assert!(error.starts_with(&format!("the {format} data is damaged: ")), "{error}");
        let error = unpack(&[pack(compression, b"x"), b"{}\n".to_vec()].concat()).unwrap_err();
        assert_eq!(error, format!("something that is not {format} follows the {format} data"));
    }
}

#[test]
fn a_name_that_says_it_is_compressed_is_right() {
    for (name, format) in [("x.gz", "gzip"), ("x.ZST", "zstd"), ("x.csv.bz2", "bzip2"), ("x.xz", "xz")] {
        let error = unpack_named(b"{}\n", name).unwrap_err();
        assert_eq!(error, format!("it is not {format} data, though its name says so"));
        assert_eq!(unpack_named(b"", name).unwrap(), b"");
        assert_eq!(unpack_named(&gzip(b"content"), name).unwrap(), b"content");
    }
    assert_eq!(Compression::strip_extensions("a.csv.gz.XZ"), "a.csv");
    assert_eq!(Compression::of_name("gz"), None);
}

/// The portable decoder reads the output of the C library.
#[test]
fn the_portable_decoder_of_zstandard() {
    let decode = |bytes: &[u8]| {
        let mut decoder = zstd_portable::Decoder::new();
        let (mut all, mut output, mut at, mut end) = (Vec::new(), vec![0; 1000], 0, 0);
        loop {
            let progress = decoder.decode(&bytes[at..end], &mut output).map_err(|error| error.to_string())?;
            at += progress.read;
            all.extend_from_slice(&output[..progress.written]);
            if progress.ended {
                decoder.reset().unwrap();
                if at == bytes.len() {
                    return Ok(all);
                }
            } else if progress.read == 0 && progress.written == 0 {
                if end == bytes.len() {
                    return Err("too short".to_owned());
                }
                end = bytes.len().min(end + 100);
            }
        }
    };
    let sample = sample(700_000);
    assert!(decode(&zstd(&sample)) == Ok(sample.clone()));
    assert!(decode(&::zstd::encode_all(&sample[..], 19).unwrap()) == Ok(sample.clone()));
    let several = [zstd(b"one"), b"\x50\x2a\x4d\x18\x01\0\0\0x".to_vec(), zstd(b""), zstd(&vec![7; 300_000])].concat();
    assert!(decode(&several) == Ok([b"one".to_vec(), vec![7; 300_000]].concat()));
    let packed = zstd(&sample);
    assert_eq!(decode(&packed[..packed.len() - 1]), Err("too short".to_owned()));
    let mut wrong = packed.clone();
    *wrong.last_mut().unwrap() ^= 1;
    assert_eq!(decode(&wrong), Err("a checksum doesn't match".to_owned()));
    let long = long_window(28);
    assert_eq!(decode(&long), Err("its window is larger than 128 MiB".to_owned()));
}

/// Returns a frame of one byte that asks for a window of this size, as a power of two.
fn long_window(log: u8) -> Vec<u8> {
    let mut frame = b"\x28\xb5\x2f\xfd\x00".to_vec();
    frame.push((log - 10) << 3);
    // The last block, raw, one byte.
    frame.extend_from_slice(&[1 | 1 << 3, 0, 0, b'x']);
    frame
}

#[test]
fn long_windows_are_read_up_to_a_limit() {
    for log in [10, 27, 30, 31] {
        assert_eq!(unpack(&long_window(log)).unwrap(), b"x", "{log}");
    }
    let error = unpack(&long_window(32)).unwrap_err();
    assert!(error.starts_with("the zstd data takes too much memory to decompress: "), "{error}");
}

#[test]
fn the_beginning_of_what_is_compressed() {
    let sample = sample(700_000);
    for compression in Compression::ALL {
        let packed = pack(compression, &sample);
        assert_eq!(unpacked_start(&packed, true, 1000).unwrap(), (sample[..1000].to_vec(), false));
        assert!(unpacked_start(&packed, true, 1_000_000).unwrap() == (sample.clone(), true));
        let (start, is_whole) = unpacked_start(&packed[..packed.len() - 1], false, 1_000_000).unwrap();
        assert!(sample.starts_with(&start) && !is_whole);
        assert!(unpacked_start(&packed[..packed.len() - 1], true, 1_000_000).is_err());
    }
    assert_eq!(unpacked_start(b"id,value", false, 4).unwrap(), (b"id,v".to_vec(), false));
    assert_eq!(unpacked_start(b"", true, 4).unwrap(), (Vec::new(), true));
}
