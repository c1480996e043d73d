//! Sends lines to a syslog receiver that the user names, and to nobody else: messages of RFC 5424, over TCP with their lengths before
//! them (RFC 6587, 3.4.1), over UDP one per datagram (RFC 5426). Nothing is encrypted.

use crate::host;
use crate::model::Timestamp;
use crate::settings::{Receiver, Transport};
use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

/// How long the receiver may take to answer, and to take a message.
const PATIENCE: Duration = Duration::from_secs(20);
/// The longest content of a UDP datagram over IPv4.
const DATAGRAM: usize = 65_507;
/// Facility 13, log audit, and severity 5, notice: how urgent an event is says the event.
const PRIORITY: u8 = 13 * 8 + 5;

/// A connection to a receiver.
pub(super) struct Syslog {
    socket: Socket,
    /// The part of the header that is the same in every message.
    origin: String,
    /// What was written of a line that has not ended.
    line: Vec<u8>,
}

enum Socket {
    Tcp(TcpStream),
    Udp(UdpSocket),
}

impl Syslog {
    /// Connects. `format`: the id of the format of the lines.
    pub(super) fn connect(receiver: &Receiver, format: &str) -> io::Result<Self> {
        let addresses: Vec<SocketAddr> = receiver.address.to_socket_addrs()?.collect();
        let socket = first_that_works(&addresses, |address| match receiver.transport {
            Transport::Tcp => tcp(address).map(Socket::Tcp),
            Transport::Udp => udp(address).map(Socket::Udp),
        })?;
        let host = host::host_name().unwrap_or_default();
        let origin = format!("{} shellsift {} {} -", name(&host, 255), std::process::id(), name(format, 32));
        Ok(Self { socket, origin, line: Vec::new() })
    }

    /// Waits until the receiver has taken everything. It is gone where it closes the connection by force; that it keeps it open is
    /// its right.
    pub(super) fn close(mut self) -> io::Result<()> {
        if !self.line.is_empty() {
            let rest = std::mem::take(&mut self.line);
            self.send(&rest)?;
        }
        let Socket::Tcp(stream) = &mut self.socket else { return Ok(()) };
        stream.shutdown(Shutdown::Write).map_err(lost)?;
        let mut answer = [0; 512];
        // Receivers do not answer; one that never ends to is not listened to.
        for _ in 0..16 {
            match stream.read(&mut answer) {
                Ok(0) => return Ok(()),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => return Ok(()),
                Err(error) => return Err(lost(error)),
            }
        }
        Ok(())
    }

    fn send(&mut self, line: &[u8]) -> io::Result<()> {
        let now = Timestamp::now().to_string();
        // TIME-SECFRAC has six digits at most.
        let time = now.get(..26).unwrap_or(&now);
        let mut message = format!("<{PRIORITY}>1 {time}Z {} ", self.origin).into_bytes();
        message.extend_from_slice(line);
        match &mut self.socket {
            Socket::Tcp(stream) => {
                let mut frame = format!("{} ", message.len()).into_bytes();
                frame.append(&mut message);
                stream.write_all(&frame).map_err(lost)
            }
            Socket::Udp(_) if message.len() > DATAGRAM => {
                let why = format!("a message of {} bytes does not fit into a UDP datagram; use tcp://", message.len());
                Err(io::Error::new(ErrorKind::InvalidInput, why))
            }
            Socket::Udp(socket) => socket.send(&message).map(|_| ()).map_err(lost),
        }
    }
}

/// Takes lines, and sends each as a message when it has ended.
impl Write for Syslog {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            match part.strip_suffix(b"\n") {
                Some(end) => {
                    let mut line = std::mem::take(&mut self.line);
                    line.extend_from_slice(end);
                    self.send(&line)?;
                }
                None => self.line.extend_from_slice(part),
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The connection to the first address that answers, or why the last one does not.
fn first_that_works<T>(addresses: &[SocketAddr], connect: impl Fn(SocketAddr) -> io::Result<T>) -> io::Result<T> {
    let mut failed = io::Error::new(ErrorKind::NotFound, "no address has this name");
    for address in addresses {
        match connect(*address) {
            Ok(connected) => return Ok(connected),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

fn tcp(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.set_read_timeout(Some(Duration::from_secs(2)))?;
    Ok(stream)
}

fn udp(address: SocketAddr) -> io::Result<UdpSocket> {
    let any: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0_u16; 8], 0).into() };
    let socket = UdpSocket::bind(any)?;
    socket.connect(address)?;
    socket.set_write_timeout(Some(PATIENCE))?;
    Ok(socket)
}

/// The error of a connection. A broken pipe is the end of a reader who has seen enough only where it is one.
fn lost(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::BrokenPipe | ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => {
            io::Error::new(ErrorKind::ConnectionAborted, "the receiver closed the connection")
        }
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            io::Error::new(ErrorKind::TimedOut, "the receiver does not take messages")
        }
        _ => error,
    }
}

/// A name of a header, which is printable ASCII without blanks, or `-` for none.
fn name(text: &str, most: usize) -> String {
    let name: String = text.chars().filter(char::is_ascii_graphic).take(most).collect();
    if name.is_empty() { "-".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;
    use std::thread;

    fn receiver(transport: Transport, address: SocketAddr) -> Receiver {
        Receiver { transport, address: address.to_string() }
    }

    /// The messages of a stream, by the lengths before them.
    fn unframed(mut bytes: &[u8]) -> Vec<String> {
        let mut messages = Vec::new();
        while !bytes.is_empty() {
            let blank = bytes.iter().position(|byte| *byte == b' ').expect("a length");
            let (length, rest) = bytes.split_at(blank);
            let length: usize = std::str::from_utf8(length).expect("digits").parse().expect("a number");
            let (message, rest) = rest[1..].split_at(length);
            messages.push(String::from_utf8(message.to_vec()).expect("UTF-8"));
            bytes = rest;
        }
        messages
    }

    #[test]
    fn lines_arrive_as_messages_with_their_lengths() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let to = receiver(Transport::Tcp, listener.local_addr().expect("bound"));
        let taken = thread::spawn(move || {
            let mut bytes = Vec::new();
            listener.accept().expect("a connection").0.read_to_end(&mut bytes).expect("all of it");
            bytes
        });
        let mut syslog = Syslog::connect(&to, "cef").expect("a connection");
        syslog.write_all("CEF:0|a|é\nCEF:0|b".as_bytes()).expect("sent");
        syslog.write_all(b"|c\n\nlast").expect("sent");
        syslog.close().expect("taken");
        let messages = unframed(&taken.join().expect("no panic"));
        let contents: Vec<&str> = messages.iter().filter_map(|one| one.splitn(8, ' ').nth(7)).collect();
        assert_eq!(contents, ["CEF:0|a|é", "CEF:0|b|c", "", "last"]);
        for message in &messages {
            let header: Vec<&str> = message.splitn(8, ' ').collect();
            assert_eq!((header[0], header[3]), ("<109>1", "shellsift"), "{message}");
            let id = std::process::id().to_string();
            assert_eq!((header[4], header[5], header[6]), (id.as_str(), "cef", "-"));
            assert!(header[1].len() == 27 && header[1].ends_with('Z'), "{message}");
        }
    }

    #[test]
    fn a_datagram_has_one_message_and_what_does_not_fit_is_an_error() {
        let socket = UdpSocket::bind("127.0.0.1:0").expect("loopback");
        let to = receiver(Transport::Udp, socket.local_addr().expect("bound"));
        let mut syslog = Syslog::connect(&to, "jsonl").expect("an address");
        syslog.write_all(b"{}\n").expect("sent");
        let mut datagram = [0; 512];
        let length = socket.recv(&mut datagram).expect("a datagram");
        let text = String::from_utf8_lossy(&datagram[..length]);
        assert!(text.starts_with("<109>1 ") && text.ends_with(" jsonl - {}"), "{text}");
        let error = syslog.write_all(format!("{}\n", "x".repeat(70_000)).as_bytes()).expect_err("too long");
        assert!(error.to_string().contains("use tcp://"), "{error}");
    }

    #[test]
    fn a_receiver_that_is_gone_is_an_error_and_no_closed_pipe() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback");
        let to = receiver(Transport::Tcp, listener.local_addr().expect("bound"));
        let mut syslog = Syslog::connect(&to, "cef").expect("a connection");
        drop(listener.accept());
        drop(listener);
        let line = format!("{}\n", "x".repeat(1 << 20));
        let sent = (0..50).try_for_each(|_| syslog.write_all(line.as_bytes())).and_then(|()| syslog.close());
        assert_eq!(sent.expect_err("nobody takes it").kind(), ErrorKind::ConnectionAborted);
        assert!(Syslog::connect(&to, "cef").is_err(), "nobody listens");
    }

    #[test]
    fn names_of_the_header_are_plain() {
        assert_eq!((name("", 9), name("a b\u{e9}\nc", 9), name("abc", 2)), ("-".into(), "abc".into(), "ab".into()));
    }
}
